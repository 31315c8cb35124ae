"""Just enough STUN (RFC 8489) to tell whose a datagram is before anything expensive looks at it. Pure."""

from media.core.rtp import BadPacket

MAGIC_COOKIE = b"\x21\x12\xa4\x42"
BINDING_REQUEST = 0x0001
BINDING_RESPONSE = 0x0101
BINDING_ERROR = 0x0111
USERNAME = 0x0006
MAX_SIZE = 1024


def peek(data: bytes) -> tuple[int, bytes, str | None]:
    """Return message type, transaction id and USERNAME (None when absent).

    Raises:
        BadPacket: it is not STUN.
    """
    size = len(data)
    if not 20 <= size <= MAX_SIZE or data[4:8] != MAGIC_COOKIE:
        raise BadPacket("not a STUN message")
    if int.from_bytes(data[2:4]) != size - 20 or size % 4:
        raise BadPacket("STUN length does not fit")
    position = 20
    while position + 4 <= size:
        length = int.from_bytes(data[position + 2 : position + 4])
        stop = position + 4 + length
        if stop > size:
            raise BadPacket("STUN attribute is cut off")
        if int.from_bytes(data[position : position + 2]) == USERNAME:
            try:
                return int.from_bytes(data[0:2]), data[8:20], data[position + 4 : stop].decode("ascii")
            except UnicodeDecodeError as error:
                raise BadPacket("STUN username is no text") from error
        position = stop + -length % 4
    return int.from_bytes(data[0:2]), data[8:20], None
