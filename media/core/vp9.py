"""VP9 payloads (RFC 9628 §4.2): find where a decoder can start. Pure."""


def is_keyframe(payload: bytes) -> bool:
    """Whether this packet begins a picture that refers to no other, on the base layer. Garbage is no key frame."""
    if not payload:
        return False
    first = payload[0]
    inter_picture, layered, begins = first & 0x40, first & 0x20, first & 0x08
    if inter_picture or not begins:
        return False
    if not layered:
        return True
    position = 1
    if first & 0x80:  # picture id, 7 or 15 bits
        position = 3 if len(payload) > 1 and payload[1] & 0x80 else 2
    return len(payload) > position and payload[position] & 0x0E == 0
