"""Valid messages of every kind: what the fuzzers start from and bend out of shape."""

import struct
from collections.abc import Sequence

from media import control
from media.core import codecs, rtcp, rtp, twcc
from media.core.red import build as build_red
from media.core.rooms import SLOTS

SSRC = {"m": 0x1111, "c": 0x2222, "s": 0x3333, "q": 0x2001, "h": 0x2002, "f": 0x2003, "rtx": 0x2222F}
SLOT_SSRC = 1_000_000
"""Of the first slot; the others follow."""

VP8_KEY = b"\x90\xe0\x80\x01\x05\x20" + b"\x10\x02\x00\x9d\x01\x2a\x40\x01\xb4\x00" + bytes(30)
VP8_DELTA = b"\x80\xe0\x80\x02\x05\x60" + b"\x01" + bytes(30)
VP8_SHORT_ID = b"\x90\x80\x07" + b"\x00" + bytes(20)
VP9_KEY = b"\x8c\x80\x01" + bytes(20)
H264_KEY = b"\x65" + bytes(20)
AV1_KEY = b"\x18\x0a" + bytes(20)
RED = build_red(b"now", [(1920, b"before that"), (960, b"before")], payload_type=codecs.OPUS.payload_type)


def packet(
    payload_type: int,
    payload: bytes,
    *,
    ssrc: int,
    sequence: int = 1,
    timestamp: int = 1,
    elements: Sequence[tuple[int, bytes]] = (),
    padding: int = 0,
) -> bytes:
    """Return an RTP packet."""
    extension = rtp.build_extension(elements)
    first = 0x80 | (0x10 if extension else 0) | (0x20 if padding else 0)
    head = rtp.HEADER.pack(first, payload_type, sequence & 0xFFFF, timestamp & 0xFFFFFFFF, ssrc)
    return head + extension + payload + (bytes(padding - 1) + bytes((padding,)) if padding else b"")


def named(
    mid: str, *, rid: str = "", repaired: str = "", number: int | None = None
) -> list[tuple[int, bytes]]:
    """Return the header extension elements that name an m-line and a layer."""
    elements = [(codecs.MID, mid.encode())]
    if number is not None:
        elements.append((codecs.TRANSPORT_SEQUENCE, struct.pack("!H", number & 0xFFFF)))
    if rid:
        elements.append((codecs.RID, rid.encode()))
    if repaired:
        elements.append((codecs.REPAIRED_RID, repaired.encode()))
    return elements


def media() -> list[bytes]:
    """Return RTP packets of every shape that a browser sends."""
    opus, red, vp8, vp9 = (c.payload_type for c in (codecs.OPUS, codecs.RED, codecs.VP8, codecs.VP9))
    h264, av1 = codecs.H264.payload_type, codecs.AV1.payload_type
    again = codecs.RETRANSMISSION[vp8]
    level = [(codecs.AUDIO_LEVEL, b"\x95")]
    return [
        packet(opus, b"sound", ssrc=SSRC["m"], elements=[*named("m", number=1), *level]),
        packet(red, RED, ssrc=SSRC["m"], sequence=2, timestamp=961, elements=named("m", number=2)),
        packet(opus, b"", ssrc=SSRC["m"], sequence=3, padding=9),
        packet(vp8, VP8_KEY, ssrc=SSRC["c"], elements=named("c", number=3)),
        packet(vp8, VP8_DELTA, ssrc=SSRC["c"], sequence=2, timestamp=3001),
        packet(vp8, VP8_SHORT_ID, ssrc=SSRC["s"], elements=named("s")),
        *(packet(vp8, VP8_KEY, ssrc=SSRC[rid], elements=named("c", rid=rid, number=4)) for rid in "qhf"),
        packet(again, b"\0\1" + VP8_KEY, ssrc=SSRC["rtx"], elements=named("c", repaired="q")),
        packet(again, b"", ssrc=SSRC["rtx"], sequence=2, padding=200, elements=named("c", repaired="q")),
        packet(vp9, VP9_KEY, ssrc=SSRC["c"], elements=named("c")),
        packet(h264, H264_KEY, ssrc=SSRC["c"], sequence=5),
        packet(av1, AV1_KEY, ssrc=SSRC["c"], sequence=6),
    ]


def feedback() -> list[bytes]:
    """Return RTCP datagrams of every kind."""
    block = rtcp.ReportBlock(SLOT_SSRC, 25, 100, 70_000, 90, 0x1234, 6553)
    arrivals = twcc.TransportFeedback(1, SLOT_SSRC, 0, 100, 0, (0, 4, None, 300, -20, 1))
    lost = twcc.TransportFeedback(1, SLOT_SSRC, 0, 100, 1, (None,) * 200 + (1,))
    parts = [
        rtcp.build_sender_report(ssrc=SSRC["m"], ntp=0xE000000000000000, rtp=960, packets=5, octets=100),
        rtcp.build_receiver_report(ssrc=1, blocks=[block, block]),
        rtcp.build_source_description(ssrc=1, name="somebody"),
        rtcp.build_nack(sender_ssrc=1, media_ssrc=SLOT_SSRC + len(SLOTS) - 1, lost=[1, 2, 5, 40]),
        rtcp.build_picture_loss(sender_ssrc=1, media_ssrc=SLOT_SSRC),
        rtcp.build_full_intra_request(sender_ssrc=1, media_ssrc=SLOT_SSRC, command=3),
        rtcp.build_remb(sender_ssrc=1, bitrate=700_000, media_ssrcs=[SLOT_SSRC]),
        twcc.build(arrivals),
        twcc.build(lost),
        rtcp.build_goodbye(ssrcs=[SSRC["m"], SSRC["c"]]),
    ]
    return [*parts, b"".join(parts)]


def answer() -> str:
    """Return an SDP answer."""
    lines = ["v=0", "o=- 1 1 IN IP4 0.0.0.0", "s=-", "t=0 0", "a=group:BUNDLE m c a0 v0"]
    for mid, kind, numbers in (("m", "audio", "112 111"), ("c", "video", "96 97"), ("v0", "video", "96 97")):
        lines += [
            f"m={kind} 9 UDP/TLS/RTP/SAVPF {numbers}",
            f"a=mid:{mid}",
            "a=ice-ufrag:abcd",
            "a=ice-pwd:abcdefghijklmnopqrstuvwx",
            "a=fingerprint:sha-256 " + ":".join(["AB"] * 32),
            "a=setup:active",
        ]
    return "\r\n".join(lines) + "\r\n"


def offer() -> str:
    """Return the SDP offer of a device that publishes a picture."""
    lines = ["v=0", "o=- 1 1 IN IP4 0.0.0.0", "s=-", "t=0 0", "a=group:BUNDLE audio0 video1"]
    for kind, mid, numbers in (("audio", "audio0", "97"), ("video", "video1", "96 98 100")):
        lines += [
            f"m={kind} 9 UDP/TLS/RTP/SAVPF {numbers}",
            f"a=mid:{mid}",
            "a=ice-ufrag:abcd",
            "a=ice-pwd:abcdefghijklmnopqrstuvwx",
            "a=fingerprint:sha-256 " + ":".join(["AB"] * 32),
            "a=setup:actpass",
            "a=rtcp-mux",
            "a=sendonly",
        ]
    lines += [
        "a=rtpmap:96 VP8/90000",
        "a=rtcp-fb:96 nack pli",
        "a=rtpmap:98 rtx/90000",
        "a=fmtp:98 apt=96",
        "a=rtpmap:100 H264/90000",
        "a=fmtp:100 packetization-mode=1;profile-level-id=42e01f",
        f"a=extmap:5 {codecs.EXTENSION_URIS[codecs.TRANSPORT_SEQUENCE]}",
    ]
    return "\r\n".join(lines) + "\r\n"


def messages() -> list[str]:
    """Return control messages of both directions."""
    common = {"room": "room", "participant": "anna", "connection_id": "anna-1"}
    made: list[control.ControlMessage] = [
        control.Join(request_id="1", connection_id="anna-1", grant="a.b"),
        control.Answer(request_id="2", connection_id="anna-1", sdp=answer()),
        control.Renew(request_id="3", connection_id="anna-1", grant="a.b"),
        control.Tune(request_id="4", connection_id="anna-1", sound_only=True, uplink=5, heights={"v0": 180}),
        control.Leave(request_id="5", connection_id="anna-1"),
        control.Remove(request_id="6", room="room", participant="anna"),
        control.CloseRoom(request_id="7", room="room"),
        control.Slots(**common, slots=(control.SlotSource(slot="a0", participant="binh", source="camera"),)),
        control.Wanted(**common, layers=("q",), stills=False),
    ]
    return [message.model_dump_json() for message in made]
