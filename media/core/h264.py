"""H.264 payloads (RFC 6184): find where a decoder can start. Pure."""

SPS, IDR, STAP_A, FU_A = 7, 5, 24, 28


def is_keyframe(payload: bytes) -> bool:
    """Whether this packet begins something a decoder can start from: an SPS, or an IDR slice.

    Looks through aggregation (STAP-A) and at the first fragment of a fragmented unit (FU-A). Garbage is no key frame.
    """
    if not payload:
        return False
    kind = payload[0] & 0x1F
    if kind in (SPS, IDR):
        return True
    if kind == FU_A:
        return len(payload) > 1 and payload[1] & 0x80 != 0 and payload[1] & 0x1F in (SPS, IDR)
    if kind == STAP_A:
        position = 1
        while position + 2 < len(payload):
            if payload[position + 2] & 0x1F in (SPS, IDR):
                return True
            position += 2 + int.from_bytes(payload[position : position + 2])
    return False
