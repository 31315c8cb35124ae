"""RTP packets (RFC 3550 §5.1) and their header extensions (RFC 8285). Pure.

A packet is parsed once on arrival and rewritten once per viewer, so `Packet` keeps what both need and nothing is
decoded. Sequence numbers and timestamps are plain integers modulo 2**16 and 2**32.
"""

from collections.abc import Iterable
from struct import Struct
from typing import TYPE_CHECKING

from media.core.vp8 import Picture

if TYPE_CHECKING:
    from media.core.red import RedHistory

HEADER = Struct("!BBHII")
EXTENSION_HEADER = Struct("!HH")
ONE_BYTE_PROFILE = 0xBEDE
TWO_BYTE_PROFILE = 0x1000
MASK16 = 0xFFFF
MASK32 = 0xFFFFFFFF


class BadPacket(ValueError):
    """The bytes are not what the protocol says they are."""


class Packet:
    """One RTP packet, made by `parse`.

    `marker` is 0x80 or 0. `extension` is the raw block behind the extension header; `payload` is without padding, `size`
    bytes long. Preparing it for viewers sets the rest: `element` is the one header extension element they get besides their
    own (id, length and a byte of value; 0 for none), `layout` how they get it (`media.core.packing`), for sound `red` the
    memory copies come from. For VP8 `picture`, `keyframe` and `lead` (the first two payload bytes) are set, and `payload` is
    cut to what is the same for every viewer: it is kept in histories, so it is kept once.
    """

    __slots__ = (
        "_elements",
        "element",
        "extension",
        "keyframe",
        "layout",
        "lead",
        "marker",
        "payload",
        "payload_type",
        "picture",
        "profile",
        "red",
        "sequence",
        "size",
        "ssrc",
        "timestamp",
    )

    _elements: dict[int, bytes] | None
    element: int
    extension: bytes
    keyframe: bool
    layout: Struct
    lead: int
    marker: int
    payload: bytes
    payload_type: int
    picture: Picture | None
    profile: int
    red: "RedHistory | None"
    sequence: int
    size: int
    ssrc: int
    timestamp: int

    def extensions(self) -> dict[int, bytes]:
        """Return the header extension elements by id.

        Raises:
            BadPacket: an element runs over the end of the block.
        """
        if self._elements is None:
            self._elements = parse_elements(self.profile, self.extension)
        return self._elements

    def replace_extensions(self, elements: dict[int, bytes]) -> None:
        """Let these be the header extension elements, whatever stands in `extension`."""
        self._elements = elements


def parse(data: bytes) -> Packet:
    """Parse one RTP packet.

    Raises:
        BadPacket: it is not one.
    """
    size = len(data)
    if size < 12:
        raise BadPacket("RTP packet shorter than its header")
    packet = Packet()
    b0, b1, packet.sequence, packet.timestamp, packet.ssrc = HEADER.unpack_from(data)
    if b0 & 0xC0 != 0x80:
        raise BadPacket("not RTP version 2")
    offset = 12 + 4 * (b0 & 0x0F)
    if b0 & 0x10:
        if offset + 4 > size:
            raise BadPacket("RTP extension header is cut off")
        packet.profile, words = EXTENSION_HEADER.unpack_from(data, offset)
        start = offset + 4
        offset = start + 4 * words
        packet.extension = data[start:offset]
    else:
        packet.profile = 0
        packet.extension = b""
    if b0 & 0x20:
        padding = data[-1]
        if padding == 0:
            raise BadPacket("RTP padding of length zero")
        size -= padding
    if offset > size:
        raise BadPacket("RTP header runs over the end of the packet")
    packet.payload_type = b1 & 0x7F
    packet.marker = b1 & 0x80
    packet.payload = data[offset:size]
    packet.size = size - offset
    packet._elements = None
    packet.element = 0
    packet.red = None
    packet.picture = None
    packet.keyframe = False
    packet.lead = 0
    return packet


def blank(packet: Packet) -> Packet:
    """Return a packet like `packet` without its payload: padding that only fills a sequence number."""
    filler = Packet()
    for name in Packet.__slots__:
        setattr(filler, name, getattr(packet, name, None))
    filler.payload, filler.size, filler.picture, filler.keyframe = b"", 0, None, False
    return filler


def parse_elements(profile: int, block: bytes) -> dict[int, bytes]:
    """Return header extension elements by id; an unknown profile has none.

    Raises:
        BadPacket: an element runs over the end of the block.
    """
    if profile == ONE_BYTE_PROFILE:
        return _one_byte_elements(block)
    if profile & 0xFFF0 == TWO_BYTE_PROFILE:
        return _two_byte_elements(block)
    return {}


def _one_byte_elements(block: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    position, end = 0, len(block)
    while position < end:
        byte = block[position]
        if byte == 0:  # padding
            position += 1
            continue
        if byte >> 4 in (0, 15):  # RFC 8285 §4.2: stop here
            break
        stop = position + 2 + (byte & 0x0F)
        if stop > end:
            raise BadPacket("header extension element is cut off")
        found[byte >> 4] = block[position + 1 : stop]
        position = stop
    return found


def _two_byte_elements(block: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    position, end = 0, len(block)
    while position < end:
        if block[position] == 0:
            position += 1
            continue
        if position + 2 > end:
            raise BadPacket("header extension element is cut off")
        stop = position + 2 + block[position + 1]
        if stop > end:
            raise BadPacket("header extension element is cut off")
        found[block[position]] = block[position + 2 : stop]
        position = stop
    return found


def build_extension(elements: Iterable[tuple[int, bytes]]) -> bytes:
    """Return a one-byte-header extension block with its 4-byte header, or nothing for no elements.

    Ids are 1–14, values 1–16 bytes long.
    """
    body = b"".join(bytes((identifier << 4 | len(value) - 1,)) + value for identifier, value in elements)
    if not body:
        return b""
    body += b"\0" * (-len(body) % 4)
    return EXTENSION_HEADER.pack(ONE_BYTE_PROFILE, len(body) // 4) + body


def padding_packet(*, payload_type: int, sequence: int, timestamp: int, ssrc: int) -> bytes:
    """Return a packet without payload: it only fills a sequence number."""
    return HEADER.pack(0xA0, payload_type, sequence, timestamp, ssrc) + b"\1"


def is_rtcp(second_byte: int) -> bool:
    """Tell RTCP from RTP on one port (RFC 5761 §4)."""
    return 192 <= second_byte <= 223


def newer(a: int, b: int) -> bool:
    """Whether sequence number `a` comes after `b` (RFC 1982 with 16 bits)."""
    return 0 < (a - b) & MASK16 < 0x8000
