"""The codecs, payload types and header extensions of the one offer: the same numbers for everybody. Pure data."""

from typing import NamedTuple

AUDIO_RATE = 48_000
VIDEO_RATE = 90_000


class Codec(NamedTuple):
    """A codec as the offer names it."""

    payload_type: int
    name: str
    video: bool
    parameters: str
    """Content of `a=fmtp`, empty for none."""


OPUS = Codec(111, "opus/48000/2", False, "minptime=10;useinbandfec=1;usedtx=1;stereo=0;sprop-stereo=0")
VP8 = Codec(96, "VP8/90000", True, "")
H264 = Codec(
    102, "H264/90000", True, "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"
)  # constrained baseline, the one every browser has

VP9 = Codec(98, "VP9/90000", True, "profile-id=0")
AV1 = Codec(104, "AV1/90000", True, "")
RED = Codec(112, "red/48000/2", False, f"{OPUS.payload_type}/{OPUS.payload_type}")
"""Redundant audio (RFC 2198); offered before Opus, else browsers do not use it."""

AUDIO = (RED, OPUS)
VIDEO = (VP8, H264, VP9, AV1)
BY_PAYLOAD_TYPE = {codec.payload_type: codec for codec in AUDIO + VIDEO}

RETRANSMISSION = {VP8.payload_type: 97, H264.payload_type: 103, VP9.payload_type: 99, AV1.payload_type: 105}
"""Payload type of the copies (RFC 4588) of each."""
RETRANSMITTED = {again: first for first, again in RETRANSMISSION.items()}

AUDIO_LEVEL = 1
ABS_SEND_TIME = 2
TRANSPORT_SEQUENCE = 3
MID = 4
ORIENTATION = 7
RID = 10
REPAIRED_RID = 11
EXTENSION_URIS = {
    AUDIO_LEVEL: "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
    ABS_SEND_TIME: "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
    TRANSPORT_SEQUENCE: "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
    MID: "urn:ietf:params:rtp-hdrext:sdes:mid",
    ORIENTATION: "urn:3gpp:video-orientation",
    RID: "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
    REPAIRED_RID: "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
}
LAYERS = ("q", "h", "f")
"""The rids of a camera's simulcast layers: a quarter, half and all of its height (RFC 8853)."""
FORWARDED_EXTENSION = {False: AUDIO_LEVEL, True: ORIENTATION}
