"""Whatever strangers send, and whatever a participant sends, calls go on and nobody is answered who must not be."""

import asyncio
import contextlib
import os
import random
import socket
import struct
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from aioice import stun
from aiortc import RTCDtlsTransport

from media import control
from media.core import rtcp, rtp
from media.core.codecs import MID, OPUS
from media.io import transport
from tests.media.rig import Node, grant, joined, settled
from tests.media.synthetic import SyntheticBrowser, up_packet

DTLS_ALERT = struct.pack("!BHHHIH", 21, 0xFEFD, 0, 0, 0, 2) + bytes((2, 40))


@contextlib.contextmanager
def stranger() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.setblocking(False)
        yield sock


@pytest.fixture
async def call(node: Node) -> AsyncIterator[tuple[SyntheticBrowser, SyntheticBrowser]]:
    async with joined(node, "anna") as anna, joined(node, "binh") as binh:
        yield anna, binh


async def assert_alive(anna: SyntheticBrowser, binh: SyntheticBrowser) -> None:
    """Sound still goes from anna to binh."""
    before = len(binh.of("a0"))
    start = 1000 + before * 10
    for sequence in range(start, start + 5):
        await anna.send_audio(sequence)
    await binh.wait_for(lambda b: len(b.of("a0")) >= before + 5)


async def flood(sock: socket.socket, node: Node, datagrams: list[bytes]) -> None:
    """Send everything without overrunning the socket's buffer, and wait until the node has dropped it all."""
    before = node.port.counters.total()
    for index, datagram in enumerate(datagrams):
        sock.sendto(datagram, ("127.0.0.1", node.port.number))
        if index % 50 == 49:
            await asyncio.sleep(0)
    await settled(lambda: node.port.counters.total() >= before + len(datagrams))


def replies(sock: socket.socket) -> list[bytes]:
    found = []
    with contextlib.suppress(BlockingIOError):
        while True:
            found.append(sock.recv(2048))
    return found


async def test_an_empty_datagram_ends_no_call(
    node: Node, call: tuple[SyntheticBrowser, SyntheticBrowser]
) -> None:
    with stranger() as sock:
        await flood(sock, node, [b""] * 10)
        await assert_alive(*call)
    assert node.port.counters["empty"] == 10


async def test_twenty_thousand_random_datagrams_change_nothing_and_get_no_reply(
    node: Node, call: tuple[SyntheticBrowser, SyntheticBrowser]
) -> None:
    chance = random.Random(20)
    sizes = [0, 1, 2, 3, 4, 11, 12, 13, 19, 20, 21, 28, 100, 200, 1200, 1500, 1501, 1600, 2000]
    firsts = [0, 1, 2, 3, 20, 21, 22, 23, 63, 64, 79, 127, 128, 144, 191, 192, 255]
    datagrams = []
    for _ in range(20_000):
        size = chance.choice(sizes)
        datagrams.append((bytes((chance.choice(firsts),)) + chance.randbytes(size))[:size])
    with stranger() as sock:
        await flood(sock, node, datagrams)
        await assert_alive(*call)
        assert replies(sock) == []


async def test_stun_without_a_known_username_and_right_password_gets_no_reply(
    node: Node, call: tuple[SyntheticBrowser, SyntheticBrowser]
) -> None:
    ufrag = call[0].offered.ufrag

    def request(username: str | None, password: bytes | None, priority: bool = True) -> bytes:
        message = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
        if username is not None:
            message.attributes["USERNAME"] = username
        if priority:
            message.attributes["PRIORITY"] = 1
        if password is not None:
            message.add_message_integrity(password)
        return bytes(message)

    malformed = (
        struct.pack("!HHI", 1, 8, 0x2112A442) + os.urandom(12) + struct.pack("!HH", 0x24, 2) + bytes(4)
    )
    with stranger() as sock:
        await flood(
            sock,
            node,
            [
                request(None, None),
                request("nobody:here", b"x" * 22),
                request(f"{ufrag}:x", None),
                request(f"{ufrag}:x", b"x" * 22),
                request(f"{ufrag}:x", call[0].offered.password.encode(), priority=False),
                malformed,
                request(f"{ufrag}:x", None)[:-2],
            ],
        )
        assert replies(sock) == []
    await assert_alive(*call)


async def test_media_and_dtls_from_an_address_that_is_not_the_participants_is_dropped(
    node: Node, call: tuple[SyntheticBrowser, SyntheticBrowser]
) -> None:
    with stranger() as sock:
        await flood(sock, node, [DTLS_ALERT] * 20 + [b"\x80\x6f" + bytes(40)] * 20)
    assert node.port.counters["stray"] == 40
    await assert_alive(*call)


async def test_dtls_alerts_from_elsewhere_during_the_handshake_do_not_end_it(node: Node) -> None:
    with stranger() as sock:
        done = asyncio.Event()

        async def attack() -> None:
            while not done.is_set():
                for _ in range(5):
                    sock.sendto(DTLS_ALERT, ("127.0.0.1", node.port.number))
                await asyncio.sleep(0.001)

        attacker = asyncio.create_task(attack())
        async with joined(node, "anna") as anna, joined(node, "binh") as binh:
            done.set()
            await attacker
            await assert_alive(anna, binh)
    assert node.port.counters["stray"] > 0


CLIENT_HELLO = bytes.fromhex(
    "16fefd0000000000000000002e010000220000000000000022fefd" + "5a" * 32 + "00000002c02b0100"
)


async def test_a_handshake_begun_from_elsewhere_is_not_answered_before_or_after_ours(node: Node) -> None:
    with stranger() as sock:
        await flood(sock, node, [CLIENT_HELLO] * 50)
        async with joined(node, "anna") as anna, joined(node, "binh") as binh:
            await flood(sock, node, [CLIENT_HELLO] * 50)
            await assert_alive(anna, binh)
            assert replies(sock) == []
    assert node.port.counters["stray"] >= 100


async def test_five_thousand_datagrams_a_second_beside_a_call_are_answered_with_nothing(
    node: Node, call: tuple[SyntheticBrowser, SyntheticBrowser], caplog: pytest.LogCaptureFixture
) -> None:
    chance = random.Random(7)
    ufrag = call[0].offered.ufrag
    wrong = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
    wrong.attributes["USERNAME"] = f"{ufrag}:x"
    wrong.add_message_integrity(b"y" * 22)
    kinds = [b"", CLIENT_HELLO, DTLS_ALERT, bytes(wrong), b"\x80\x6f" + bytes(1300), b"\x80\xc8" + bytes(60)]
    anna, binh = call
    with stranger() as sock, caplog.at_level("INFO", logger="media"):
        caplog.clear()
        talking = asyncio.create_task(anna.talk())
        for _ in range(100):
            await flood(sock, node, [chance.choice(kinds) for _ in range(50)])
        talking.cancel()
        await asyncio.gather(talking, return_exceptions=True)
        assert replies(sock) == []
    heard = binh.of("a0")
    ahead = {(packet.sequence - heard[0].sequence) & 0xFFFF for packet in heard}
    assert ahead == set(range(len(ahead)))  # no sound was lost over it
    await assert_alive(anna, binh)
    assert [record for record in caplog.records if record.name.startswith("media")] == []


async def test_a_checks_answer_is_no_larger_than_the_check(
    node: Node, call: tuple[SyntheticBrowser, SyntheticBrowser]
) -> None:
    anna = call[0]
    message = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
    message.attributes["USERNAME"] = f"{anna.offered.ufrag}:{anna.agent.local_username}"
    message.attributes["PRIORITY"] = 1
    message.add_message_integrity(anna.offered.password.encode())
    with stranger() as sock:
        sock.sendto(bytes(message), ("127.0.0.1", node.port.number))
        got: list[bytes] = []

        def answered() -> bool:
            got.extend(replies(sock))
            return any(data[8:20] == message.transaction_id for data in got)

        await settled(answered)
        answers = [data for data in got if data[8:20] == message.transaction_id]
        assert [len(data) <= len(bytes(message)) for data in answers] == [True]


async def test_an_oversized_packet_of_a_participant_is_dropped(
    node: Node, call: tuple[SyntheticBrowser, SyntheticBrowser]
) -> None:
    await call[0].ice._send(b"\x80\x6f" + bytes(1700))
    await assert_alive(*call)
    assert node.port.counters["oversized"] == 1


async def test_many_ssrcs_of_one_participant_are_not_followed(
    node: Node, call: tuple[SyntheticBrowser, SyntheticBrowser]
) -> None:
    anna, binh = call
    await assert_alive(anna, binh)
    peer = node.service.peer("anna-1")
    for index in range(1200):
        await anna.send(up_packet("m", OPUS.payload_type, 1, 1, b"x" * 20, ssrc=0x10000000 + index))
    await settled(lambda: peer.dropped >= 1100)
    assert len(peer.uplink.streams) == 16
    async with joined(node, "chi") as chi:
        for sequence in range(3):
            await binh.send_audio(sequence)
        await chi.wait_for(lambda c: len(c.of("a1")) == 3)


async def test_malformed_packets_of_a_participant_are_dropped_one_by_one(
    node: Node, call: tuple[SyntheticBrowser, SyntheticBrowser]
) -> None:
    anna, binh = call
    await assert_alive(anna, binh)
    head = rtp.HEADER.pack(0x90, OPUS.payload_type, 1, 1, 0x1111)
    remb = struct.pack("!BBHII", 0x8F, 206, 5, 1, 0) + b"REMB" + bytes((5, 0, 0, 0)) + struct.pack("!I", 1)
    chance = random.Random(5)
    for bad in [
        head + struct.pack("!HH", 0xBEDE, 1) + bytes((MID << 4 | 15, 1, 0, 0)) + b"abc",
        rtp.HEADER.pack(0xA0, 96, 1, 1, 0x2222) + bytes((255,)),
        up_packet("c", 96, 1, 1, b"\x90"),
        remb,
        rtcp.build_nack(sender_ssrc=1, media_ssrc=anna.offered.ssrcs["a0"], lost=range(0, 60000, 17))[:1200],
        struct.pack("!BBH", 0x81, 201, 1) + bytes(4),
    ] + [
        b"\x80\xc9" + chance.randbytes(2) + bytes(4) + chance.randbytes(4 * chance.randrange(1, 59))
        for _ in range(200)
    ]:
        await anna.send(bad)
    await assert_alive(anna, binh)
    assert node.port.counters["malformed"] > 100


async def test_candidates_in_an_answer_are_not_contacted(node: Node) -> None:
    with stranger() as bystander:
        address = bystander.getsockname()
        browser = SyntheticBrowser()
        sdp = await browser.answer(await node.nodes.join(node.name, "anna-1", grant("room", "anna")))
        lines = "".join(
            f"a=candidate:{n} 1 udp 2130706431 {address[0]} {address[1]} typ host\r\n" for n in range(50)
        )
        await node.nodes.answer(node.name, "anna-1", sdp + lines)
        await browser.connect()
        await node.event(control.Connected, connection_id="anna-1")
        assert replies(bystander) == []
        await browser.close()


async def test_a_participant_cannot_point_checks_at_ever_more_addresses(node: Node) -> None:
    async with joined(node, "anna") as anna:
        password = anna.offered.password.encode()
        answered = 0
        for _ in range(30):
            with stranger() as sock:
                message = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
                message.attributes["USERNAME"] = f"{anna.offered.ufrag}:{anna.agent.local_username}"
                message.attributes["PRIORITY"] = 1
                message.add_message_integrity(password)
                before = node.port.counters["address_flood"]
                sock.sendto(bytes(message), ("127.0.0.1", node.port.number))
                got: list[bytes] = []

                def decided(sock: socket.socket = sock, got: list[bytes] = got, before: int = before) -> bool:
                    got += replies(sock)
                    return bool(got) or node.port.counters["address_flood"] > before

                await settled(decided)
                answered += bool(got)
        assert answered == transport.MAX_ADDRESSES - 1
        assert node.port.counters["address_flood"] == 30 - answered


async def test_a_hanging_close_is_cut_off(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang(self: RTCDtlsTransport) -> None:
        await asyncio.Event().wait()

    async with joined(node, "anna") as anna, joined(node, "binh") as binh:
        closing = anna.dtls.stop
        with monkeypatch.context() as patched:
            patched.setattr(transport, "CLOSE_SECONDS", 0.05)
            patched.setattr(RTCDtlsTransport, "stop", hang)
            await node.nodes.leave(node.name, "anna-1")
            await settled(lambda: node.port.counters["close_failed"] > 0)
        await closing()
        assert node.service.load_now().connections == 1
        async with joined(node, "chi") as chi:
            await chi.send_audio(1)
            await binh.wait_for(lambda b: len(b.packets) == 1)


async def test_answers_slower_than_the_question_interval_keep_consent(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "CONSENT_INTERVAL", 0.05)
    monkeypatch.setattr(transport, "CONSENT_SECONDS", 1.0)
    async with joined(node, "anna") as anna:
        loop = asyncio.get_running_loop()
        protocol = anna.agent._protocols[0]
        send = protocol.transport.sendto

        class Slow(asyncio.DatagramTransport):
            """A line that holds every datagram for 0.5 s, ten question intervals."""

            def sendto(self, data: Any, addr: Any = None) -> None:
                loop.call_later(0.5, send, data, addr)

            def close(self) -> None:
                line.close()

        line = protocol.transport
        protocol.transport = Slow()
        peer = node.service.peer("anna-1")
        await settled(lambda: 0.4 < peer.stun_rtt < 2)
        done = asyncio.create_task(node.event(control.Disconnected, seconds=1.5, connection_id="anna-1"))
        with pytest.raises(TimeoutError):
            await done


async def test_a_participant_who_falls_silent_is_lost_by_time(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "CONSENT_INTERVAL", 0.05)
    monkeypatch.setattr(transport, "CONSENT_SECONDS", 0.5)
    async with joined(node, "anna") as anna:
        anna.agent._protocols[0].transport.abort()
        over = await node.event(control.Disconnected, connection_id="anna-1")
        assert over.reason == "lost"


async def test_a_certificate_that_is_not_the_answers_is_refused(node: Node) -> None:
    browser, other = SyntheticBrowser(), SyntheticBrowser()
    sdp = await browser.answer(await node.nodes.join(node.name, "anna-1", grant("room", "anna")))
    wrong = next(f.value for f in other.certificate.getFingerprints() if f.algorithm == "sha-256")
    right = next(f.value for f in browser.certificate.getFingerprints() if f.algorithm == "sha-256")
    await node.nodes.answer(node.name, "anna-1", sdp.replace(right, wrong))
    await browser.connect()
    over = await node.event(control.Disconnected, connection_id="anna-1")
    assert over.reason == "failed"
    await browser.close()
