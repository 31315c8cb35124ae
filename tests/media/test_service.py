"""Rooms, grants and feedback, seen by synthetic browsers."""

import asyncio
import contextlib
import gc
import time
import weakref
from collections.abc import AsyncIterator, Awaitable

import pytest

from media import control, room, service
from media.client import MediaError
from media.core import rtcp
from media.core.codecs import AUDIO_LEVEL, MID, OPUS, VP8
from media.core.rtp import HEADER, build_extension
from media.core.vp8 import describe
from media.grants import Grant, sign_grant
from media.probe import UP_SSRC
from tests.media.rig import Node, grant, joined, settled
from tests.media.synthetic import SyntheticBrowser


async def refusal(command: Awaitable[object]) -> str:
    with pytest.raises(MediaError) as refused:
        await command
    return refused.value.code


async def keep_talking(browser: SyntheticBrowser, start: int) -> None:
    for sequence in range(start, start + 100_000):
        await browser.send_audio(sequence)
        await asyncio.sleep(0.005)


@contextlib.asynccontextmanager
async def talking(browser: SyntheticBrowser, start: int = 0) -> AsyncIterator[None]:
    task = asyncio.create_task(keep_talking(browser, start))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, ConnectionError):
            await task


async def test_each_sees_the_others_in_stable_slots(node: Node) -> None:
    async with joined(node, "anna") as anna, joined(node, "binh") as binh, joined(node, "chi") as chi:
        await anna.send_audio(1)
        await binh.send_audio(1)
        await chi.send_audio(1)
        wanted = (
            control.SlotSource(slot="a0", participant="anna", source="microphone"),
            control.SlotSource(slot="a1", participant="binh", source="microphone"),
        )
        await node.event(control.Slots, connection_id="chi-1", slots=wanted)
        await node.nodes.leave(node.name, "anna-1")
        await node.event(control.Slots, connection_id="chi-1", slots=wanted[1:])


async def test_a_new_connection_takes_over_before_the_old_one_goes(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "OVERLAP_SECONDS", 0.2)
    async with joined(node, "binh") as binh, joined(node, "anna") as anna:
        async with talking(anna):
            await binh.wait_for(lambda b: len(b.of("a0")) > 5)
            async with joined(node, "anna", connection_id="anna-2") as again:
                await binh.wait_for(lambda b: bool(b.of("a0")))
                await again.send_audio(500, payload=b"the new one")
                await binh.wait_for(lambda b: b.of("a0")[-1].payload == b"the new one")
                over = await node.event(control.Disconnected, connection_id="anna-1")
                assert over.reason == "replaced"
                await again.send_audio(501, payload=b"still here")
                await binh.wait_for(lambda b: b.of("a0")[-1].payload == b"still here")
                # binh's picture of the room never flickered
                told = [
                    e.slots
                    for e in node.journal.events
                    if isinstance(e, control.Slots) and e.participant == "binh"
                ]
                assert told == [(), (control.SlotSource(slot="a0", participant="anna", source="microphone"),)]
        numbers = [packet.sequence for packet in binh.of("a0")]
        assert numbers == [(numbers[0] + i) & 0xFFFF for i in range(len(numbers))]


async def test_pictures_change_to_the_new_connection_at_its_key_frame(node: Node) -> None:
    async with joined(node, "binh") as binh, joined(node, "anna") as anna:
        await anna.send_video(1, key=True, picture_id=10)
        await binh.wait_for(lambda b: len(b.of("v0")) == 1)
        async with joined(node, "anna", connection_id="anna-2") as again:
            await again.send_video(100, picture_id=900)
            await again.wait_for(lambda a: any(isinstance(f, rtcp.PictureLoss) for f in a.feedback))
            await anna.send_video(2, picture_id=11)
            await binh.wait_for(lambda b: len(b.of("v0")) == 2)
            await again.send_video(101, key=True, picture_id=901)
            await again.send_video(102, picture_id=902)
            await binh.wait_for(lambda b: len(b.of("v0")) == 4)
        ids = [describe(packet.payload).picture_id or 0 for packet in binh.of("v0")]
        assert ids == [(ids[0] + i) & 0x7FFF for i in range(4)]


async def test_nobody_hears_a_removed_person_and_old_grants_are_refused(node: Node) -> None:
    old = grant("room", "anna")
    async with joined(node, "anna") as anna, joined(node, "binh") as binh, talking(anna):
        await binh.wait_for(lambda b: len(b.of("a0")) > 3)
        async with talking(binh):
            await anna.wait_for(lambda a: len(a.of("a0")) > 3)
            removed_at = time.monotonic()
            await node.nodes.remove(node.name, "room", "anna")
            over = await node.event(control.Disconnected, connection_id="anna-1")
            assert over.reason == "removed"
            to_anna, from_anna = len(anna.packets), len(binh.packets)
            await asyncio.sleep(0.3)
            assert len(anna.packets) == to_anna
            assert len(binh.packets) == from_anna
            assert time.monotonic() - removed_at < 2
        assert await refusal(node.nodes.join(node.name, "anna-2", old)) == "bad_grant"
        assert await node.nodes.join(node.name, "anna-3", grant("room", "anna"))


async def test_an_expired_grant_ends_the_connection_unless_renewed(node: Node) -> None:
    short = grant("room", "anna", seconds=1.2)
    await node.nodes.join(node.name, "anna-1", short)
    await node.nodes.join(node.name, "anna-2", grant("room", "anna", seconds=1.2))
    await node.nodes.renew(node.name, "anna-2", grant("room", "anna"))
    over = await node.event(control.Disconnected)
    assert (over.connection_id, over.reason) == ("anna-1", "expired")
    assert node.service.load_now().connections == 1


async def test_grants_are_checked(node: Node) -> None:
    now = time.time()
    forged = sign_grant(
        Grant(room="room", participant="anna", epoch=1, issued_at=now, expires_at=now + 9, admitted=True),
        key=b"another key",
    )
    join = node.nodes.join
    assert await refusal(join(node.name, "x", forged)) == "bad_grant"
    assert await refusal(join(node.name, "x", "nonsense")) == "bad_grant"
    assert await refusal(join(node.name, "x", grant("room", "anna", seconds=-1))) == "bad_grant"
    await join(node.name, "anna-1", grant("room", "anna"))
    assert await refusal(join(node.name, "anna-1", grant("room", "binh"))) == "bad_grant"
    assert await refusal(node.nodes.renew(node.name, "anna-1", grant("room", "binh"))) == "bad_grant"
    assert await refusal(node.nodes.renew(node.name, "nobody", grant("room", "anna"))) == "unknown_connection"


async def test_a_newer_epoch_voids_the_room_and_an_older_one_is_refused(node: Node) -> None:
    await node.nodes.join(node.name, "anna-1", grant("room", "anna", epoch=2))
    assert await refusal(node.nodes.join(node.name, "binh-1", grant("room", "binh", epoch=1))) == "bad_grant"
    await node.nodes.join(node.name, "binh-2", grant("room", "binh", epoch=3))
    over = await node.event(control.Disconnected, connection_id="anna-1")
    assert over.reason == "room_closed"


async def test_the_seventh_person_finds_the_room_full(node: Node) -> None:
    for index in range(6):
        await node.nodes.join(node.name, f"c{index}", grant("room", f"p{index}"))
    assert await refusal(node.nodes.join(node.name, "c6", grant("room", "p6"))) == "room_full"
    await node.nodes.join(node.name, "again", grant("room", "p0"))


async def test_a_participant_has_few_connections_that_are_not_up(node: Node) -> None:
    for index in range(5):
        await node.nodes.join(node.name, f"c{index}", grant("room", "anna"))
    over = [e.connection_id for e in node.journal.events if isinstance(e, control.Disconnected)]
    assert over == ["c0", "c1", "c2"]


async def test_a_node_that_is_swamped_says_so(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MAX_PENDING_ON_NODE", 2)
    await node.nodes.join(node.name, "c0", grant("one", "anna"))
    await node.nodes.join(node.name, "c1", grant("two", "binh"))
    assert await refusal(node.nodes.join(node.name, "c2", grant("three", "chi"))) == "busy"


async def test_a_draining_node_takes_nobody_in_and_says_so(node: Node) -> None:
    node.service.drain()
    assert await refusal(node.nodes.join(node.name, "c0", grant("room", "anna"))) == "draining"
    load = await node.event(control.Load, draining=True)
    assert load.node == node.name
    await settled(lambda: node.nodes.pick() is None)


async def test_somebody_without_the_right_to_publish_is_not_heard(node: Node) -> None:
    async with joined(node, "anna", publish=False) as anna, joined(node, "binh") as binh:
        await anna.send_audio(1)
        await settled(lambda: node.service.peer("anna-1").dropped == 1)
        await binh.send_audio(1)
        await anna.wait_for(lambda a: len(a.of("a0")) == 1)
        assert binh.packets == []


async def test_rooms_hear_nothing_of_each_other(node: Node) -> None:
    async with joined(node, "anna", room="one") as anna, joined(node, "binh", room="two") as binh:
        async with joined(node, "chi", room="one") as chi:
            await anna.send_audio(1)
            await chi.wait_for(lambda c: len(c.packets) == 1)
        assert binh.packets == []


async def test_a_packet_lost_on_the_way_up_is_asked_for_once_and_fills_its_hole(node: Node) -> None:
    async with joined(node, "anna") as anna, joined(node, "binh") as binh, joined(node, "chi") as chi:
        await anna.send_video(1, key=True)
        await anna.send_video(2, picture_id=1)
        await anna.send_video(4, picture_id=3)
        await anna.wait_for(lambda a: any(isinstance(f, rtcp.Nack) for f in a.feedback))
        await anna.send_video(3, picture_id=2)
        for viewer in (binh, chi):
            await viewer.wait_for(lambda v: len(v.of("v0")) == 4)
            numbers = [packet.sequence for packet in viewer.of("v0")]
            assert [(number - numbers[0]) & 0xFFFF for number in numbers] == [0, 1, 3, 2]
        nacks = [f for f in anna.feedback if isinstance(f, rtcp.Nack)]
        assert [(nack.media_ssrc, nack.lost) for nack in nacks] == [(0x2222, (3,))]


async def test_a_packet_lost_on_the_way_down_is_resent_from_history(node: Node) -> None:
    async with joined(node, "anna") as anna, joined(node, "binh") as binh:
        await anna.send_video(1, key=True)
        await binh.wait_for(lambda b: len(b.of("v0")) == 1)
        lost: list[bytes] = []
        receive = binh.agent.data_received
        vars(binh.agent)["data_received"] = lambda data, component: lost.append(data)
        await anna.send_video(2, picture_id=1)
        await settled(
            lambda: any(data[0] & 0xC0 == 0x80 and data[1] & 0x7F == VP8.payload_type for data in lost)
        )
        vars(binh.agent)["data_received"] = receive
        await anna.send_video(3, picture_id=2)
        await binh.wait_for(lambda b: len(b.of("v0")) == 2)
        slot, first = binh.offered.ssrcs["v0"], binh.of("v0")[0].sequence
        await binh.send(rtcp.build_nack(sender_ssrc=9, media_ssrc=slot, lost=[(first + 1) & 0xFFFF]))
        await binh.wait_for(lambda b: len(b.of("v0")) == 3)
        assert [(p.sequence - first) & 0xFFFF for p in binh.of("v0")] == [0, 2, 1]


async def test_a_viewers_picture_loss_reaches_the_publisher_merged(node: Node) -> None:
    async with joined(node, "anna") as anna, joined(node, "binh") as binh, joined(node, "chi") as chi:
        await anna.send_video(1, key=True)
        for viewer in (binh, chi):
            await viewer.wait_for(lambda v: len(v.of("v0")) == 1)
        asked = len([f for f in anna.feedback if isinstance(f, rtcp.PictureLoss)])
        for viewer in (binh, chi):
            for _ in range(5):
                await viewer.send(
                    rtcp.build_picture_loss(sender_ssrc=9, media_ssrc=viewer.offered.ssrcs["v0"])
                )
        await anna.wait_for(lambda a: sum(isinstance(f, rtcp.PictureLoss) for f in a.feedback) > asked)
        await anna.send_video(2, key=True, picture_id=1)
        await chi.wait_for(lambda c: len(c.of("v0")) == 2)
        assert sum(isinstance(f, rtcp.PictureLoss) for f in anna.feedback) == asked + 1


async def test_the_publisher_is_told_its_rate(node: Node) -> None:
    async with joined(node, "anna") as anna, joined(node, "binh"):
        await anna.send_video(1, key=True)
        await anna.wait_for(lambda a: any(isinstance(f, rtcp.Remb) for f in a.feedback))
        remb = next(f for f in anna.feedback if isinstance(f, rtcp.Remb))
        assert remb.media_ssrcs == (0x2222,)
        assert remb.bitrate > 1_000_000


async def test_a_screen_has_its_own_slot_and_leaves_it_when_it_stops(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "SCREEN_SILENCE_SECONDS", 0.5)
    async with joined(node, "anna") as anna, joined(node, "binh") as binh:
        await anna.send_video(1, key=True, mid="s")
        await binh.wait_for(lambda b: len(b.of("v5")) == 1)
        shown = control.SlotSource(slot="v5", participant="anna", source="screen")
        await node.event(control.Slots, connection_id="binh-1", slots=(shown,))
        await node.journal.wait_for(lambda: _last_slots(node, "binh-1") == ())
        await anna.send_video(2, key=True, mid="s")
        await node.journal.wait_for(lambda: _last_slots(node, "binh-1") == (shown,))


def _last_slots(node: Node, connection_id: str) -> tuple[control.SlotSource, ...] | None:
    tables = [
        e.slots
        for e in node.journal.events
        if isinstance(e, control.Slots) and e.connection_id == connection_id
    ]
    return tables[-1] if tables else None


async def test_a_silent_connection_is_weak_then_lost(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "WEAK_SECONDS", 0.5)
    monkeypatch.setattr(service, "LOST_SECONDS", 1.5)
    async with joined(node, "anna") as anna:
        anna.agent._protocols[0].transport.abort()
        weak = await node.event(control.Weak, connection_id="anna-1")
        assert weak.silent_ms >= 500
        over = await node.event(control.Disconnected, connection_id="anna-1")
        assert over.reason == "lost"


async def test_a_connection_that_says_nothing_but_answers_is_not_weak(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "WEAK_SECONDS", 2.5)
    async with joined(node, "anna"):
        await node.journal.wait_for(lambda: sum(isinstance(e, control.Load) for e in node.journal.events) > 4)
        assert not [e for e in node.journal.events if isinstance(e, control.Weak)]


async def test_a_browser_that_closes_has_left(node: Node) -> None:
    async with joined(node, "anna"):
        pass
    over = await node.event(control.Disconnected, connection_id="anna-1")
    assert over.reason == "left"


async def test_an_answer_that_never_connects_fails_in_time(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("media.io.transport.CONNECT_SECONDS", 0.3)
    browser = SyntheticBrowser()
    await node.nodes.answer(
        node.name,
        "anna-1",
        await browser.answer(await node.nodes.join(node.name, "anna-1", grant("room", "anna"))),
    )
    over = await node.event(control.Disconnected, connection_id="anna-1")
    assert over.reason == "failed"
    assert node.service.empty
    await browser.ice.stop()


async def test_an_offer_nobody_answers_is_withdrawn(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "ANSWER_SECONDS", 0.2)
    monkeypatch.setattr(service, "CONNECT_SECONDS", 0.2)
    await node.nodes.join(node.name, "anna-1", grant("room", "anna"))
    over = await node.event(control.Disconnected, connection_id="anna-1")
    assert over.reason == "failed"


async def test_the_load_counts_rooms_connections_and_packets(node: Node) -> None:
    async with joined(node, "anna") as anna, joined(node, "binh") as binh, talking(anna):
        await binh.wait_for(lambda b: len(b.packets) > 3)
        load = await node.event(control.Load, rooms=1, connections=2)
        busy = await node.journal.wait_for(
            lambda: next(
                (e for e in node.journal.events if isinstance(e, control.Load) and e.packets_per_second > 20),
                None,
            )
        )
        assert busy is not None
        assert (load.node, load.instance, load.draining) == (node.name, node.service.instance, False)


async def test_nothing_is_left_of_connections_that_are_gone(node: Node) -> None:
    async with joined(node, "warm-up"):
        pass
    await settled(lambda: node.service.empty)
    await asyncio.sleep(0)
    tasks = len(asyncio.all_tasks())
    for index in range(10):
        name = f"p{index % 3}"
        async with (
            joined(node, name, connection_id=f"c{index}") as one,
            joined(node, "other", connection_id=f"o{index}"),
        ):
            await one.send_video(1, key=True)
        await node.nodes.join(node.name, f"never-answered-{index}", grant("room", name))
        await node.nodes.leave(node.name, f"never-answered-{index}")
    await settled(lambda: node.service.empty and len(asyncio.all_tasks()) <= tasks)
    assert node.port.idle
    assert node.port.counters["close_failed"] == 0


def sound(sequence: int, level: int) -> bytes:
    """20 ms of Opus with its audio level, 0 (loud) to 127."""
    extension = build_extension([(MID, b"m"), (AUDIO_LEVEL, bytes((level,)))])
    head = HEADER.pack(0x90, OPUS.payload_type, sequence & 0xFFFF, sequence * 960 & 0xFFFFFFFF, UP_SSRC["m"])
    return head + extension + b"sound"


async def test_in_a_large_room_only_the_three_loudest_are_forwarded(node: Node) -> None:
    async with contextlib.AsyncExitStack() as stack:
        people = {name: await stack.enter_async_context(joined(node, name)) for name in "abcdef"}
        levels = {"a": 100, "b": 100, "c": 100, "d": 20, "e": 20, "f": 20}
        for sequence in range(2):  # everybody is known before anybody is loud
            for person in people.values():
                await person.send(sound(sequence, 127))
        await settled(lambda: len(people["f"].packets) > 0)
        listener = people["a"]
        slots = {"b": "a0", "c": "a1", "d": "a2", "e": "a3", "f": "a4"}
        sequence = 2

        async def talk() -> None:
            nonlocal sequence
            for name, person in people.items():
                await person.send(sound(sequence, levels[name]))
            sequence += 1
            await asyncio.sleep(0.02)

        async with asyncio.timeout(20):
            while not all(len(listener.of(slots[name])) > 40 for name in "def"):
                await talk()
        before = {name: len(listener.of(slots[name])) for name in slots}
        async with asyncio.timeout(20):
            while not all(len(listener.of(slots[name])) > before[name] + 20 for name in "def"):
                await talk()
        assert [len(listener.of(slots[name])) - before[name] for name in "bc"] == [0, 0]
        # Somebody else gets loud: heard, with one unbroken row of numbers.
        levels["b"] = 5
        async with asyncio.timeout(20):
            while len(listener.of(slots["b"])) < before["b"] + 20:
                await talk()
    numbers = [packet.sequence for packet in listener.of(slots["b"])]
    assert numbers == [(numbers[0] + index) & 0xFFFF for index in range(len(numbers))]


async def test_closed_connections_are_freed_without_the_collector(node: Node) -> None:
    gc.collect()
    gc.disable()
    try:
        async with joined(node, "anna") as anna, joined(node, "binh") as binh:
            await anna.send_video(1, key=True)
            await binh.wait_for(lambda b: len(b.of("v0")) == 1)
            gone = [weakref.ref(node.service.peer(f"{name}-1")) for name in ("anna", "binh")]
        await settled(lambda: node.service.empty and [peer() for peer in gone] == [None, None])
    finally:
        gc.enable()


async def test_a_bug_in_one_connections_figures_stops_nobody_elses_and_is_told_once(
    node: Node, caplog: pytest.LogCaptureFixture
) -> None:
    async with joined(node, "anna") as anna, joined(node, "binh"), joined(node, "chi") as chi:
        broken = node.service.peer("binh-1")
        vars(broken)["measure"] = vars(broken)["look"] = lambda seconds: 1 / 0
        await anna.send_video(1, key=True)
        start = len(node.journal.events)
        await node.journal.wait_for(
            lambda: sum(isinstance(e, control.Load) for e in node.journal.events[start:]) > 2
        )
        await chi.wait_for(lambda c: any(isinstance(f, rtcp.SenderReport) for f in c.feedback) or c.of("v0"))
        await anna.wait_for(lambda a: any(isinstance(f, rtcp.Remb) for f in a.feedback))
    told = [record for record in caplog.records if record.name == "media.service"]
    assert len(told) == 1
