"""What an authenticated participant sends on purpose costs them their own call at most: memory, time and everybody else's
consultation stay within bounds.
"""

import asyncio
import contextlib
import logging
import random
import struct
from collections.abc import AsyncIterator, Iterable
from functools import partial

import pylibsrtp
import pytest
from aiortc import RTCDtlsTransport
from pylibsrtp._binding import lib

from media import control
from media.core import codecs, rtcp, rtp, twcc
from media.core.codecs import OPUS, RED, VP8
from media.core.estimator import FLOOR
from media.io import peer as peer_module
from media.io import transport
from tests.fuzz import samples
from tests.media.rig import Node, grant, joined, settled
from tests.media.synthetic import SyntheticBrowser, up_packet

AGAIN = codecs.RETRANSMISSION[VP8.payload_type]


@pytest.fixture
async def call(node: Node) -> AsyncIterator[tuple[SyntheticBrowser, SyntheticBrowser, SyntheticBrowser]]:
    """Mallory, who misbehaves, and two people in a call with them."""
    async with (
        joined(node, "mallory") as mallory,
        joined(node, "anna") as anna,
        joined(node, "binh") as binh,
    ):
        yield mallory, anna, binh


async def assert_alive(node: Node, anna: SyntheticBrowser, binh: SyntheticBrowser) -> None:
    """Sound goes both ways between two people, whatever places they have at each other, and nobody was cut off."""
    for speaker, listener in ((anna, binh), (binh, anna)):
        start = 1000 + len(listener.packets) * 10
        words = b"word %d" % start

        def heard(listener: SyntheticBrowser = listener, words: bytes = words) -> bool:
            return sum(words in packet.payload for packet in listener.packets[-200:]) >= 3

        async with asyncio.timeout(10):
            while not heard():  # a flood of somebody else's may have filled the listener's own socket
                await speaker.send_audio(start, payload=words)
                start += 1
                await asyncio.sleep(0.01)
    assert not [e for e in node.journal.events if isinstance(e, control.Disconnected)]


async def send_all(browser: SyntheticBrowser, packets: Iterable[bytes]) -> int:
    """Send without overrunning the socket's buffer; leave out what not even libsrtp sends. Return how many were sent."""
    count = 0
    for packet in packets:
        with contextlib.suppress(pylibsrtp.Error):
            await browser.send(packet)
            count += 1
        if count % 50 == 0:
            await asyncio.sleep(0.002)
    return count


def as_rtcp(kind: int, count: int, body: bytes) -> bytes:
    body += bytes(-len(body) % 4)
    return struct.pack("!BBH", 0x80 | count, kind, len(body) // 4) + body


async def test_twenty_thousand_ssrcs_do_not_make_packets_dearer(
    node: Node, call: tuple[SyntheticBrowser, SyntheticBrowser, SyntheticBrowser]
) -> None:
    mallory, anna, binh = call
    peer = node.service.peer("mallory-1")
    removed = 0
    remove = lib.srtp_remove_stream

    flood = (
        up_packet("m", OPUS.payload_type, 1, 1, b"x" * 20, ssrc=0x10000000 + index) for index in range(20_000)
    )
    await send_all(mallory, flood)
    await settled(lambda: peer.dropped >= 10_000)
    assert len(peer.uplink.streams) <= 16
    known = {ssrc.to_bytes(4) for ssrc in peer.uplink.streams} | peer._transport._ignored
    assert len(known) <= 16 + transport.MAX_IGNORED
    # None of the others has a state left: libsrtp says so when asked to remove it.
    for index in range(19_000, 20_000):
        ssrc = (0x10000000 + index).to_bytes(4)
        removed += ssrc not in known and not remove(peer._transport._inbound, _as_network(ssrc))
    assert removed == 0
    await assert_alive(node, anna, binh)


def _as_network(ssrc: bytes) -> int:
    return int(struct.unpack("=I", ssrc)[0])


async def test_reports_under_ever_more_ssrcs_are_not_followed(
    node: Node, call: tuple[SyntheticBrowser, SyntheticBrowser, SyntheticBrowser]
) -> None:
    mallory, anna, binh = call
    await send_all(mallory, [rtcp.build_receiver_report(ssrc=0x20000000 + i, blocks=[]) for i in range(1000)])
    await settled(lambda: node.port.counters["source_flood"] >= 1000 - transport.MAX_REPORTERS)
    await assert_alive(node, anna, binh)


async def test_more_packets_than_a_camera_sends_are_dropped(
    node: Node, call: tuple[SyntheticBrowser, SyntheticBrowser, SyntheticBrowser]
) -> None:
    mallory, anna, binh = call
    peer = node.service.peer("mallory-1")
    flood = (up_packet("m", OPUS.payload_type, i, i * 960, b"x" * 60) for i in range(6000))
    await send_all(mallory, flood)
    await settled(lambda: peer.dropped > 0)
    await assert_alive(node, anna, binh)


async def test_a_few_bytes_of_feedback_on_ever_so_many_packets_are_not_worked_through(
    node: Node, call: tuple[SyntheticBrowser, SyntheticBrowser, SyntheticBrowser]
) -> None:
    mallory, anna, binh = call
    claim = struct.pack("!IIHHI", 1, 2, 0, twcc.MAX_STATUSES, 0) + b"\x1f\xff\0\1"
    with pytest.raises(rtp.BadPacket):
        rtcp.parse(as_rtcp(205, 15, claim) * 40)
    before = node.port.counters["malformed"]
    await send_all(mallory, [as_rtcp(205, 15, claim) * 40] * 20)
    await settled(lambda: node.port.counters["malformed"] >= before + 20)
    peer = node.service.peer("mallory-1")
    await send_all(mallory, [as_rtcp(205, 15, claim)] * 300)
    await settled(lambda: peer.dropped >= 250)
    await assert_alive(node, anna, binh)


async def test_feedback_beyond_what_a_browser_sends_is_not_read(
    node: Node, call: tuple[SyntheticBrowser, SyntheticBrowser, SyntheticBrowser]
) -> None:
    mallory, anna, binh = call
    peer = node.service.peer("mallory-1")
    slot = mallory.offered.ssrcs["v0"]
    for _ in range(4):
        await send_all(mallory, [rtcp.build_nack(sender_ssrc=1, media_ssrc=slot, lost=range(500))] * 1000)
    await settled(lambda: peer.dropped > 1000)
    await assert_alive(node, anna, binh)


async def test_nacks_cannot_ask_for_more_than_a_line_carries(
    node: Node,
    call: tuple[SyntheticBrowser, SyntheticBrowser, SyntheticBrowser],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(peer_module, "MAX_RESENT", 5_000)
    mallory, anna, binh = call
    for number in range(60):
        key = samples.VP8_KEY if number == 0 else samples.VP8_DELTA
        await anna.send(up_packet("c", VP8.payload_type, number, number * 3000, key + bytes(900)))
    slot = "v0"
    await mallory.wait_for(lambda m: len(m.of(slot)) == 60)
    peer = node.service.peer("mallory-1")
    peer.downlink.slots[slot].accepts |= {AGAIN}
    peer.measure(0.5)
    numbers = [packet.sequence for packet in mallory.of(slot)]
    await mallory.send(rtcp.build_nack(sender_ssrc=1, media_ssrc=mallory.offered.ssrcs[slot], lost=numbers))
    await assert_alive(node, anna, binh)
    again = [packet for packet in mallory.packets if packet.payload_type == AGAIN]
    assert 0 < len(again) <= 5_000 // 900


GARBAGE = {
    "header extensions that run over their end": [
        struct.pack("!BBHII", 0x90, 111, 1, 1, 7) + struct.pack("!HH", profile, words) + bytes((byte,)) * 8
        for profile in (0xBEDE, 0x1000, 0x100F, 0)
        for words in (0, 1, 2, 3, 0xFFFF)
        for byte in (0x00, 0x0F, 0x1F, 0x43, 0xA0, 0xF0, 0xFF)
    ],
    "wrong payload types": [
        up_packet("m", number, 1, 1, b"x" * 20) for number in range(128) if not 64 <= number < 96
    ]
    + [up_packet("c", number, 1, 1, b"x" * 20) for number in range(128) if not 64 <= number < 96],
    "copies of nothing": [
        samples.packet(
            AGAIN, b"\x12\x34" + samples.VP8_KEY, ssrc=99, elements=samples.named("c", repaired="q")
        ),
        samples.packet(AGAIN, b"\x12\x34" + samples.VP8_KEY, ssrc=98, elements=samples.named("s")),
        samples.packet(AGAIN, b"", ssrc=97, elements=samples.named("c", repaired="q")),
        samples.packet(AGAIN, b"\0", ssrc=96),
    ]
    * 20,
    "redundancy that unfolds": [
        up_packet("m", RED.payload_type, number, number * 960, bomb)
        for number, bomb in enumerate(
            [
                bytes((0xEF, 0, 4, 0)) * 300 + b"\x6f",
                bytes((0xEF, 0xFF, 0xFF, 0xFF)) * 31 + b"\x6f" + bytes(1000),
                bytes((0xEF, 0, 4, 1)) * 31 + b"\x6f" + bytes(40),
                bytes((0xEF,)) * 1200,
                b"",
            ]
            * 10
        )
    ],
    "layers without end": [
        samples.packet(
            VP8.payload_type,
            samples.VP8_KEY,
            ssrc=0x5000 + number,
            elements=samples.named(line, rid=rid),
        )
        for number, (line, rid) in enumerate(
            [(line, rid) for line in "mcs" for rid in ("q", "h", "f", "x", "q" * 16, "\x00", "", "~")] * 20
        )
    ],
    "picture numbers that leap": [
        up_packet(
            "c",
            VP8.payload_type,
            number,
            number * 3000,
            bytes((0x90, 0xF0, 0x80 | at >> 8 & 0x7F, at & 0xFF, at & 0xFF, at << 6 & 0xE0))
            + bytes((number % 3 != 0,))
            + bytes(20),
        )
        for number, at in enumerate([0, 0x7FFF, 1, 0x4000, 0x3FFF, 64, 0, 63, 0x7FC0] * 10)
    ],
    "sequence numbers that leap": [
        up_packet("m", OPUS.payload_type, at, at, b"x")
        for at in [0, 0x8000, 1, 0xFFFF, 0x7FFF, 3000, 6001, 0x4000, 0xC000] * 10
    ],
    "transport numbers that leap": [
        samples.packet(OPUS.payload_type, b"x", ssrc=7, sequence=at, elements=samples.named("m", number=at))
        for at in [0, 0x8000, 1, 0xFFFF, 0x7FFF, 3000, 6001, 0x4000, 0xC000] * 20
    ],
    "feedback cut short": [part[:size] for part in samples.feedback() for size in range(8, len(part), 3)],
    "reports of impossible lines": [
        rtcp.build_receiver_report(
            ssrc=1, blocks=[rtcp.ReportBlock(ssrc, 255, -0x800000, 0xFFFFFFFF, 0xFFFFFFFF, lsr, delay)]
        )
        for ssrc in (0, 1, 0xFFFFFFFF)
        for lsr in (0, 1, 0xFFFFFFFF)
        for delay in (0, 0xFFFFFFFF)
    ]
    + [rtcp.build_remb(sender_ssrc=1, bitrate=rate, media_ssrcs=[]) for rate in (0, 1, 1 << 60)]
    + [
        rtcp.build_sender_report(ssrc=0x1111, ntp=ntp, rtp=0xFFFFFFFF, packets=0, octets=0)
        for ntp in (0, 1, (1 << 64) - 1)
    ],
    "goodbyes and names": [
        rtcp.build_goodbye(ssrcs=[0x1111, 0x2222]),
        as_rtcp(202, 31, b"\xff" * 20),
        as_rtcp(202, 1, struct.pack("!IBB", 1, 1, 255) + b"x" * 20),
        as_rtcp(203, 31, b"\xff" * 8),
        as_rtcp(204, 0, b"\xff" * 8),
        as_rtcp(206, 4, b"\xff" * 13),
    ],
}


@pytest.mark.parametrize("kind", GARBAGE)
async def test_garbage_of_a_participant_ends_no_call_and_fills_no_log(
    node: Node,
    call: tuple[SyntheticBrowser, SyntheticBrowser, SyntheticBrowser],
    kind: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    mallory, anna, binh = call
    await mallory.send_audio(1)
    await mallory.send_video(1, key=True)
    await anna.wait_for(lambda a: len(a.packets) >= 2)
    peer = node.service.peer("mallory-1")
    with caplog.at_level(logging.INFO, logger="media"), caplog.at_level(logging.WARNING):
        caplog.clear()
        before = node.port.counters.total() + peer.dropped + peer.forwarded
        await send_all(mallory, GARBAGE[kind])
        heard = peer._transport.last_heard
        await mallory.send_audio(9)
        await settled(lambda: peer._transport.last_heard > heard)
        for _ in range(2):
            peer.measure(0.5)
            peer.look(0.5)
            peer.send_reports(asyncio.get_running_loop().time(), downstream_loss=0.5)
        await assert_alive(node, anna, binh)
        assert node.port.counters.total() + peer.dropped + peer.forwarded >= before
    logged = [
        record.getMessage() for record in caplog.records if record.name.startswith(("media", "asyncio"))
    ]
    assert logged == []


async def test_a_participant_is_heard_again_after_saying_goodbye(
    node: Node, call: tuple[SyntheticBrowser, SyntheticBrowser, SyntheticBrowser]
) -> None:
    mallory, anna, binh = call
    await mallory.send_audio(1, payload=b"before")
    await anna.wait_for(lambda a: any(p.payload == b"before" for p in a.packets))
    await mallory.send(rtcp.build_goodbye(ssrcs=[0x1111]))
    await mallory.send_audio(2, payload=b"after")
    await anna.wait_for(lambda a: any(p.payload == b"after" for p in a.packets))
    await assert_alive(node, anna, binh)


async def test_random_packets_of_a_participant_end_no_call(
    node: Node, call: tuple[SyntheticBrowser, SyntheticBrowser, SyntheticBrowser]
) -> None:
    mallory, anna, binh = call
    chance = random.Random(9)
    seeds = samples.media() + samples.feedback()
    packets = []
    for _ in range(3000):
        data = bytearray(chance.choice(seeds))
        for _ in range(chance.randrange(1, 6)):
            data[chance.randrange(2, len(data))] = chance.randrange(256)
        packets.append(bytes(data))
    await send_all(mallory, packets)
    await assert_alive(node, anna, binh)


async def test_a_feed_changes_to_layers_and_back_under_new_ssrcs(node: Node) -> None:
    async with joined(node, "mallory") as mallory, joined(node, "binh") as binh:
        for number in range(8):
            rid = ("", "q")[number % 2]
            await mallory.send(
                samples.packet(
                    VP8.payload_type,
                    samples.VP8_KEY + bytes((number,)),
                    ssrc=0x700 + number,
                    elements=samples.named("c", rid=rid),
                )
            )
            await settled(partial(_shows, binh, number))
        peer = node.service.peer("mallory-1")
        assert [s.ssrc for s in peer.uplink.streams.values() if s.active] == [0x707]
        assert set(peer.uplink.feeds["camera"].layers) == {"q"}


async def test_handshakes_that_stall_keep_nobody_else_out(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "TURN_SECONDS", 0.2)
    stalled = [SyntheticBrowser() for _ in range(9)]
    try:
        for number, browser in enumerate(stalled):
            name = f"stalled-{number}"
            offer = await node.nodes.join(node.name, name, grant(f"room-{number}", name))
            await node.nodes.answer(node.name, name, await browser.answer(offer))
            with monkeypatch.context() as patched:
                patched.setattr(RTCDtlsTransport, "start", _never)
                connecting = asyncio.create_task(browser.connect())
                await settled(partial(_is_there, browser))
                connecting.cancel()
        async with joined(node, "anna") as anna, joined(node, "binh") as binh:
            await assert_alive(node, anna, binh)
    finally:
        for browser in stalled:
            await browser.close()


def _shows(viewer: SyntheticBrowser, number: int) -> bool:
    return any(packet.payload[-1] == number for packet in viewer.of("v0"))


def _is_there(browser: SyntheticBrowser) -> bool:
    return bool(browser.ice.state == "completed")


async def _never(self: RTCDtlsTransport, parameters: object) -> None:
    await asyncio.Event().wait()


async def test_a_close_on_which_everything_hangs_takes_its_deadline_once(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[float] = []
    wait_for = asyncio.wait_for

    async def watched(work: object, timeout: float) -> None:  # noqa: ASYNC109 -- the name asyncio gives it
        asked.append(timeout)
        await wait_for(work, timeout)  # type: ignore[arg-type]

    async with joined(node, "anna"):
        monkeypatch.setattr(asyncio, "wait_for", watched)
        await node.service.peer("anna-1").close()
        monkeypatch.undo()
    assert sum(asked[:2]) <= transport.CLOSE_SECONDS == 3.0


async def test_pictures_a_thin_line_never_gets_are_not_kept_until_a_key_frame_comes(node: Node) -> None:
    async with joined(node, "anna") as anna, joined(node, "binh") as binh:
        await anna.send_video(1, key=True)
        await binh.wait_for(lambda b: len(b.of("v0")) == 1)
        asked = sum(isinstance(f, rtcp.PictureLoss) for f in anna.feedback)
        line = node.service.peer("binh-1").downlink
        line._heard = line.paced = True
        line.estimator.target = FLOOR
        line.pacer.set_rate(FLOOR, 0.0)
        for number in range(2, 400):
            delta = samples.VP8_DELTA + bytes(900)
            await anna.send(up_packet("c", VP8.payload_type, number, number * 3000, delta))
            if number % 20 == 0:
                await asyncio.sleep(0.001)
        await settled(lambda: node.service.peer("anna-1").uplink.streams[0x2222].statistics.received == 399)
        assert line.pacer.take_dropped() == []
        await anna.wait_for(lambda a: sum(isinstance(f, rtcp.PictureLoss) for f in a.feedback) > asked)
        kept = [entry for entry in line.slots["v0"]._history.ring if entry is not None]
        assert len(kept) < 60
