"""What is fuzzed: everything that reads bytes of somebody else. Each target takes bytes and raises when a promise is broken.

Several datagrams in a row are one input: `split` cuts it, so that a crash is one file whatever the target.
"""

import contextlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from pydantic import ValidationError

from media import control
from media.core import av1, codecs, h264, red, rtcp, rtp, stun, twcc, vp8, vp9
from media.core.downlink import Downlink
from media.core.estimator import CEILING, FLOOR
from media.core.feed import Feed
from media.core.inbound import InboundStream
from media.core.publication import make_answer, read_publication
from media.core.rooms import SLOTS, VIDEO_SLOTS
from media.core.sdp import BadSdp, Candidate, LocalParameters, read_answer
from media.core.slot import Sent, Slot
from media.core.uplink import MAX_SSRCS, RTCP_SSRC, Uplink
from tests.fuzz import samples

STEP = 0.02  # seconds between two datagrams of one input
SEPARATOR = b"\xfe\xed\xfa\xce"
LOCAL = LocalParameters("abcd", "p" * 24, ":".join(["CD"] * 32), (Candidate("1", 1, "192.0.2.1", 7901),))


@dataclass(frozen=True)
class Target:
    """A function to fuzz, and valid inputs to start from."""

    check: Callable[[bytes], None]
    seeds: Sequence[bytes]


def split(data: bytes) -> list[bytes]:
    """Return the datagrams of an input, at most as long as the port takes them."""
    return [part[:1500] for part in data.split(SEPARATOR)]


def join(parts: Sequence[bytes]) -> bytes:
    return SEPARATOR.join(parts)


def check_rtp(data: bytes) -> None:
    """A packet is read whole or refused."""
    with contextlib.suppress(rtp.BadPacket):
        packet = rtp.parse(data)
        assert packet.size == len(packet.payload) <= len(data) - 12
        for identifier, value in packet.extensions().items():
            assert 0 < identifier < 256
            assert len(value) < 256


def check_payload(data: bytes) -> None:
    """Payload readers refuse, or find what is there."""
    for begins in (h264.is_keyframe, vp9.is_keyframe, av1.is_keyframe):
        assert begins(data) in (True, False)
    with contextlib.suppress(vp8.BadDescriptor):
        picture = vp8.describe(data)
        assert 0 <= picture.rest <= picture.size <= len(data)
        assert 0 <= vp8.height(data[picture.size :]) < 1 << 14


def check_red(data: bytes) -> None:
    """Both readers agree; what viewers get of it can be read again."""
    history = red.RedHistory(111)
    for number, part in enumerate(split(data)):
        timestamp = number * 960
        try:
            primary = history.learn(timestamp, part)
        except red.BadRedundancy:
            primary = None
        stripped: bytes | None = None
        with contextlib.suppress(red.BadRedundancy):
            stripped = red.strip(part)
        assert stripped == primary
        for copies in (0, 1, 2):
            wrapped = history.wrap(timestamp, primary or b"x", copies)
            assert red.strip(wrapped) == (primary or b"x")
            assert len(wrapped) <= max(red.MAX_PAYLOAD, 1 + len(primary or b"x"))


def check_rtcp(data: bytes) -> None:
    """Feedback is read or refused, and never speaks of more than a line carries."""
    with contextlib.suppress(rtp.BadPacket):
        for packet in rtcp.parse(data):
            match packet:
                case rtcp.Nack():
                    assert len(packet.lost) <= rtcp.MAX_NACKED
                case twcc.TransportFeedback():
                    assert len(packet.deltas) <= twcc.MAX_STATUSES
                case rtcp.Remb():
                    assert 0 <= packet.bitrate <= 1 << 40
                case _:
                    pass


def check_twcc(data: bytes) -> None:
    """What is read is written again; any numbers make feedback that can be read and fits into a datagram."""
    with contextlib.suppress(rtp.BadPacket):
        feedback = twcc.parse(data)
        assert rtcp.parse(twcc.build(feedback)) == [feedback]
    recorder = twcc.ArrivalRecorder(sender_ssrc=RTCP_SSRC)
    for at in range(0, len(data) - 1, 2):
        recorder.arrived(data[at] << 8 | data[at + 1], at * 0.0001)
        if data[at] == 0x55:
            for packet in recorder.build(at * 0.0001):
                assert len(packet) <= 1200
                rtcp.parse(packet)
    for packet in recorder.build(1.0):
        assert len(packet) <= 1200
        rtcp.parse(packet)


def check_uplink(data: bytes) -> None:
    """Whatever a participant sends, their viewers get well-formed packets and the clocks go on."""
    asked: list[int] = []
    appeared: list[InboundStream] = []
    uplink = Uplink(
        "anna",
        appeared=appeared.append,
        keyframe_wanted=lambda ssrc, due: asked.append(ssrc) if due else None,
    )
    viewer = _slots()
    into = bytearray(2048)
    now = 100.0
    for number, part in enumerate(split(data)):
        now += STEP
        with contextlib.suppress(ValueError):
            found = uplink.receive(part, now)
            if found is not None:
                for slot in viewer:
                    _forward(slot, *found, now, into)
        if number % 8 == 7:
            _take_stock(uplink, now)
    _take_stock(uplink, now)
    assert len(uplink.streams) <= MAX_SSRCS
    assert len(appeared) >= len(uplink.streams)


def _slots() -> list[Slot]:
    every = frozenset(range(128))
    found = []
    for index, name in enumerate(("a0", "v0")):
        slot = Slot(
            name=name, ssrc=500 + index, video=name == "v0", copy_ssrc=600, sequence=65_530, timestamp=1
        )
        slot.accepts = every
        slot.copies = 2
        slot.thin(1)
        found.append(slot)
    return found


def _forward(slot: Slot, stream: InboundStream, packet: rtp.Packet, now: float, into: bytearray) -> None:
    if slot.video != stream.video:
        return
    slot.point(stream)
    sent = slot.take(stream, packet, now)
    if sent is None:
        return
    _assert_well_formed(slot, into[: slot.write(sent, 7, into)])
    _assert_well_formed(slot, into[: slot.write_again(sent, 8, into)])
    size = slot.write_padding(255, 9, into)
    if size:
        _assert_well_formed(slot, into[:size])
    slot.sender_report(1_700_000_000.0)


def _assert_well_formed(slot: Slot, written: bytearray) -> None:
    packet = rtp.parse(bytes(written))
    packet.extensions()
    assert packet.ssrc in (slot.ssrc, slot.copy_ssrc)
    assert len(written) <= 1600


def _take_stock(uplink: Uplink, now: float) -> None:
    uplink.measure(0.5)
    uplink.look(now, silent=0.0)
    for packet in [*uplink.missing(now, 0.1)[0], *uplink.arrivals.build(now)]:
        assert len(packet) <= 1200
        rtcp.parse(packet)
    limit = uplink.limit(0.5, now, [])
    if limit is not None:
        rtcp.parse(limit)
    rtcp.build_receiver_report(ssrc=1, blocks=uplink.report_blocks(now, downstream_loss=0.5))
    for feed in uplink.feeds.values():
        feed.offer(now)
    assert math.isfinite(uplink.estimate(now))
    assert 0 <= uplink.loss <= 1


def check_downlink(data: bytes) -> None:
    """Whatever a viewer reports, the estimate stays a number between floor and ceiling, and sending goes on."""
    line = Downlink(now=100.0, bits=Random(4).getrandbits)
    uplink = Uplink("anna", appeared=lambda stream: None, keyframe_wanted=lambda ssrc, due: None)
    _feed(uplink, line)
    now = 100.0
    for index, part in enumerate(split(data)):
        for _ in range(4):
            now += STEP / 4
            line.ring.sent(line.number, 1000, now)
            line.number = (line.number + 1) & 0xFFFF
        with contextlib.suppress(rtp.BadPacket):
            for packet in rtcp.parse(part):
                _hear(line, uplink, packet, now)
        if index % 5 == 4:
            now += 0.3
            line.look(now, 0.5, silent=0.0)
            line.probe(now)
        assert FLOOR <= line.estimator.target <= CEILING
        assert 0 <= line.worst_loss <= 1
        assert math.isfinite(line.pacer.rate)
        assert math.isfinite(line.estimator.queue_delay)
    line.look(now + 0.5, 0.5, silent=20.0)
    for name in SLOTS:
        line.slots[name].sender_report(1_700_000_000.0)


def _feed(uplink: Uplink, line: Downlink) -> None:
    for part in samples.media():
        with contextlib.suppress(ValueError):
            uplink.receive(part, 100.0)
    uplink.measure(0.5)
    feeds: dict[str, Feed] = {"a0": uplink.feeds["microphone"], "v0": uplink.feeds["camera"]}
    for name, feed in feeds.items():
        line.show(name, feed)
        line.slots[name].accepts = frozenset(range(128))


def _hear(line: Downlink, uplink: Uplink, packet: rtcp.Feedback, now: float) -> None:
    match packet:
        case twcc.TransportFeedback():
            line.heard_arrivals(packet, now, line.report_rtt or 0.1)
        case rtcp.SenderReport():
            uplink.hear(packet, now=now, now_unix=1_700_000_000.0 + now)
            for block in packet.reports:
                line.heard_report(block, rtcp.ntp_from_unix(1_700_000_000.0 + now))
        case rtcp.ReceiverReport():
            for block in packet.reports:
                ours = block.__class__(line.slots["v0"].ssrc, *_fields(block)[1:])
                line.heard_report(ours, rtcp.ntp_from_unix(1_700_000_000.0 + now))
        case rtcp.Remb():
            line.heard_limit(packet.bitrate, now)
        case rtcp.Nack():
            resent: list[Sent] = []
            for name in VIDEO_SLOTS:
                resent += line.slots[name].resend(packet.lost, now=now, rtt=line.report_rtt or 0.1)
        case rtcp.Goodbye():
            uplink.end(packet.sources, now)
        case _:
            pass


def _fields(block: rtcp.ReportBlock) -> tuple[int, ...]:
    return (
        block.ssrc,
        block.fraction_lost,
        block.lost,
        block.highest_sequence,
        block.jitter,
        block.last_sender_report,
        block.delay,
    )


def check_sdp(data: bytes) -> None:
    """An answer is read or refused with a reason that does not quote it."""
    text = data.decode("utf-8", "surrogateescape")
    reason = ""
    try:
        answer = read_answer(text)
    except BadSdp as error:
        reason = str(error)
    else:
        assert answer.accepted
        assert answer.ufrag.isascii()
        assert answer.password.isascii()
    _assert_a_reason(reason)


def _assert_a_reason(reason: str) -> None:
    assert not reason or (reason.startswith(("answer ", "offer ", "description ")) and len(reason) < 100)


def check_offer(data: bytes) -> None:
    """A device's offer is refused, or answered in lines of SDP, whatever was smuggled into its own."""
    text = data.decode("utf-8", "surrogateescape")
    reason = ""
    try:
        publication = read_publication(text)
    except BadSdp as error:
        reason = str(error)
    else:
        answer = make_answer(publication, session_id=1, local=LOCAL)
        lines = answer.removesuffix("\r\n").split("\r\n")
        assert len(lines) < 80
        assert all(line.isascii() and line.isprintable() and line[1] == "=" for line in lines)
        assert sum(line.startswith("m=") for line in lines) == len(publication.lines)
        for packet in samples.media():
            with contextlib.suppress(rtp.BadPacket):
                assert publication.numbering.parse(packet).extensions()[codecs.MID] == b"s"
    _assert_a_reason(reason)


def check_control(data: bytes) -> None:
    """A control message is one of the protocol, or refused; what is read is written and read again."""
    for kinds in (control.COMMANDS, control.EVENTS):
        with contextlib.suppress(ValidationError):
            message = kinds.validate_json(data)
            assert kinds.validate_json(message.model_dump_json()) == message


def check_stun(data: bytes) -> None:
    """A STUN message is looked at or refused."""
    with contextlib.suppress(rtp.BadPacket):
        _, transaction, username = stun.peek(data)
        assert len(transaction) == 12
        assert username is None or username.isascii()


def _stun_seeds() -> list[bytes]:
    head = b"\x21\x12\xa4\x42" + bytes(range(12))
    named = b"\x00\x06\x00\x05ab:cd\x00\x00\x00" + b"\x00\x24\x00\x04\x00\x00\x00\x01"
    return [b"\x00\x01\x00\x14" + head + named, b"\x01\x01\x00\x00" + head, b"\x01\x11\x00\x00" + head]


TARGETS = {
    "rtp": Target(check_rtp, samples.media()),
    "payload": Target(
        check_payload,
        [samples.VP8_KEY, samples.VP8_SHORT_ID, samples.VP9_KEY, samples.H264_KEY, samples.AV1_KEY],
    ),
    "red": Target(check_red, [samples.RED, join([samples.RED] * 3), b"\x6f" + b"sound"]),
    "rtcp": Target(check_rtcp, samples.feedback()),
    "twcc": Target(
        check_twcc, [packet[4:] for packet in samples.feedback()[7:9]] + [bytes(range(64)), b"\xff\xfe\0\1"]
    ),
    "uplink": Target(check_uplink, [join(samples.media()), join(samples.media() * 3)]),
    "downlink": Target(check_downlink, [join(samples.feedback()), join(samples.feedback() * 3)]),
    "sdp": Target(check_sdp, [samples.answer().encode()]),
    "offer": Target(check_offer, [samples.offer().encode()]),
    "control": Target(check_control, [message.encode() for message in samples.messages()]),
    "stun": Target(check_stun, _stun_seeds()),
}
