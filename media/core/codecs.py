"""The codecs, payload types and header extensions of the one offer: the same numbers for everybody. Pure data.

RED (RFC 2198) would be one more entry here that is stripped or forwarded by `Slot`; it is not offered yet.
"""

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

AUDIO = (OPUS,)
VIDEO = (VP8, H264)
BY_PAYLOAD_TYPE = {codec.payload_type: codec for codec in AUDIO + VIDEO}

AUDIO_LEVEL = 1
ABS_SEND_TIME = 2
TRANSPORT_SEQUENCE = 3
MID = 4
ORIENTATION = 7
EXTENSION_URIS = {
    AUDIO_LEVEL: "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
    ABS_SEND_TIME: "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
    TRANSPORT_SEQUENCE: "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
    MID: "urn:ietf:params:rtp-hdrext:sdes:mid",
    ORIENTATION: "urn:3gpp:video-orientation",
}
FORWARDED_EXTENSION = {False: AUDIO_LEVEL, True: ORIENTATION}
