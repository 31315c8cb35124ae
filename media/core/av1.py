"""AV1 payloads (RTP Payload Format For AV1, §4.4): find where a decoder can start. Pure."""


def is_keyframe(payload: bytes) -> bool:
    """Whether this packet begins a coded video sequence (the N bit). Garbage is no key frame."""
    return len(payload) > 1 and payload[0] & 0x88 == 0x08
