"""A connection whose person has not been let in yet: it is up, and it reaches nobody."""

import asyncio
import time
from collections.abc import Awaitable

import pytest

from media import control, service
from media.client import MediaError
from media.core import rtcp
from media.grants import Grant, sign_grant
from tests.media.rig import Node, grant, joined, settled
from tests.media.synthetic import SyntheticBrowser


async def refusal(command: Awaitable[object]) -> str:
    with pytest.raises(MediaError) as refused:
        await command
    return refused.value.code


def tables(node: Node, connection_id: str) -> list[tuple[control.SlotSource, ...]]:
    return [
        event.slots
        for event in node.journal.events
        if isinstance(event, control.Slots) and event.connection_id == connection_id
    ]


def sound_of(participant: str, slot: str = "a0") -> control.SlotSource:
    return control.SlotSource(slot=slot, participant=participant, source="microphone")


async def let_in(node: Node, participant: str) -> None:
    await node.nodes.renew(node.name, f"{participant}-1", grant("room", participant))


async def test_what_somebody_on_standby_sends_reaches_nobody(node: Node) -> None:
    async with (
        joined(node, "binh") as binh,
        joined(node, "chi") as chi,
        joined(node, "anna", admitted=False) as anna,
    ):
        for sequence in range(20):
            await anna.send_audio(sequence)
            await anna.send_video(sequence, key=True, picture_id=sequence)
            await anna.send_video(sequence, key=True, picture_id=sequence, mid="s")
        await settled(lambda: node.service.peer("anna-1").dropped == 60)
        assert node.service.peer("anna-1").uplink.streams == {}
        await binh.send_audio(
            1
        )  # behind it on the way: had anything been forwarded, it would have come before
        await chi.wait_for(lambda c: len(c.of("a0")) == 1)
        assert (len(binh.packets), len(chi.packets)) == (0, 1)
        await node.event(control.Slots, connection_id="chi-1", slots=(sound_of("binh"),))
        assert tables(node, "binh-1") == [()]
        assert tables(node, "chi-1") == [(), (sound_of("binh"),)]


async def test_somebody_on_standby_hears_and_is_told_nothing(node: Node) -> None:
    async with joined(node, "binh") as binh, joined(node, "anna", admitted=False) as anna:
        async with joined(node, "chi") as chi:
            await binh.send_audio(1)
            await binh.send_video(1, key=True)
            await chi.wait_for(lambda c: len(c.packets) == 2)
            await anna.send(rtcp.build_picture_loss(sender_ssrc=9, media_ssrc=anna.offered.ssrcs["v0"]))
            await anna.send(rtcp.build_nack(sender_ssrc=9, media_ssrc=anna.offered.ssrcs["v0"], lost=[1]))
            await binh.send_audio(2)
            await chi.wait_for(lambda c: len(c.packets) == 3)
        assert anna.packets == []
        assert anna.feedback == []
        assert tables(node, "anna-1") == []


async def test_being_let_in_makes_the_connection_live_both_ways_at_once(node: Node) -> None:
    async with joined(node, "binh") as binh, joined(node, "anna", admitted=False) as anna:
        await binh.send_video(1, key=True)
        await binh.send_audio(1)
        await settled(lambda: len(node.service.peer("binh-1").uplink.streams) == 2)
        await let_in(node, "anna")
        both = (sound_of("binh"), control.SlotSource(slot="v0", participant="binh", source="camera"))
        await node.event(control.Slots, connection_id="anna-1", slots=both)
        # Nobody has to wait for the next key frame of the camera: it is asked for one.
        await binh.wait_for(lambda b: any(isinstance(f, rtcp.PictureLoss) for f in b.feedback))
        await binh.send_video(2, key=True, picture_id=1)
        await binh.send_audio(2)
        await anna.wait_for(lambda a: len(a.of("v0")) == 1 and len(a.of("a0")) == 1)
        await anna.send_audio(1)
        await binh.wait_for(lambda b: len(b.of("a0")) == 1)
        await node.event(control.Slots, connection_id="binh-1", slots=(sound_of("anna"),))
        assert tables(node, "binh-1") == [(), (sound_of("anna"),)]
        ups = [e for e in node.journal.events if isinstance(e, control.Connected)]
        assert [e.connection_id for e in ups] == ["binh-1", "anna-1"]


async def test_being_let_in_before_the_connection_is_up_counts_when_it_is(node: Node) -> None:
    async with joined(node, "binh") as binh:
        browser = SyntheticBrowser()
        offer = await node.nodes.join(node.name, "anna-1", grant("room", "anna", admitted=False))
        await let_in(node, "anna")
        await let_in(node, "anna")  # said twice, done once
        await node.nodes.answer(node.name, "anna-1", await browser.answer(offer))
        await browser.connect()
        await node.event(control.Slots, connection_id="anna-1", slots=())
        await browser.send_audio(1)
        await binh.wait_for(lambda b: len(b.of("a0")) == 1)
        await browser.close()


async def test_being_let_in_replaces_the_older_connection_without_a_gap(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "OVERLAP_SECONDS", 0.2)
    async with joined(node, "binh") as binh, joined(node, "anna", connection_id="anna-0") as old:
        await old.send_audio(1)
        await binh.wait_for(lambda b: len(b.of("a0")) == 1)
        async with joined(node, "anna", admitted=False) as anna:
            await old.send_audio(2)
            await binh.wait_for(lambda b: len(b.of("a0")) == 2)  # the one that stands by has replaced nothing
            await let_in(node, "anna")
            await anna.send_audio(1, payload=b"the new one")
            await binh.wait_for(lambda b: b.of("a0")[-1].payload == b"the new one")
            over = await node.event(control.Disconnected, connection_id="anna-0")
            assert over.reason == "replaced"
        assert tables(node, "binh-1")[:2] == [(), (sound_of("anna"),)]  # it never flickered


async def test_an_older_connection_does_not_come_after_a_newer_one_that_is_live(node: Node) -> None:
    async with joined(node, "anna", admitted=False), joined(node, "anna", connection_id="anna-2"):
        await let_in(node, "anna")
        over = await node.event(control.Disconnected)
        assert (over.connection_id, over.reason) == ("anna-1", "replaced")


async def test_of_two_on_standby_the_newer_stays(node: Node) -> None:
    async with (
        joined(node, "anna", admitted=False),
        joined(node, "anna", connection_id="anna-2", admitted=False),
    ):
        over = await node.event(control.Disconnected)
        assert (over.connection_id, over.reason) == ("anna-1", "replaced")


async def test_standing_by_takes_no_place_and_being_let_in_does(node: Node) -> None:
    for index in range(6):
        await node.nodes.join(node.name, f"c{index}", grant("room", f"p{index}"))
    async with joined(node, "anna", admitted=False):
        assert await refusal(node.nodes.renew(node.name, "anna-1", grant("room", "anna"))) == "room_full"
        await node.nodes.leave(node.name, "c0")
        await let_in(node, "anna")
        assert await refusal(node.nodes.join(node.name, "c6", grant("room", "p6"))) == "room_full"


async def test_a_room_has_few_on_standby(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MAX_STANDBY", 2)
    await node.nodes.join(node.name, "c0", grant("room", "anna", admitted=False))
    await node.nodes.join(node.name, "c1", grant("room", "binh", admitted=False))
    late = grant("room", "chi", admitted=False)
    assert await refusal(node.nodes.join(node.name, "c2", late)) == "busy"
    await node.nodes.join(node.name, "c3", grant("room", "dung"))


async def test_only_a_valid_grant_of_the_same_person_room_and_epoch_lets_in(node: Node) -> None:
    now = time.time()
    claims = Grant(room="room", participant="anna", epoch=1, issued_at=now, expires_at=now + 9, admitted=True)
    async with joined(node, "binh") as binh, joined(node, "anna", admitted=False) as anna:
        for token in (
            sign_grant(claims, key=b"another key"),
            grant("room", "anna", seconds=-1),
            grant("room", "binh"),
            grant("other", "anna"),
            grant("room", "anna", epoch=0),
            grant("room", "anna", epoch=2),
        ):
            assert await refusal(node.nodes.renew(node.name, "anna-1", token)) == "bad_grant"
        await anna.send_audio(1)
        await settled(lambda: node.service.peer("anna-1").dropped == 1)
        assert binh.packets == []


async def test_whoever_was_put_out_is_not_let_in_with_an_old_grant(node: Node) -> None:
    old = grant("room", "anna")
    async with joined(node, "anna", admitted=False):
        await node.nodes.remove(node.name, "room", "anna")
        over = await node.event(control.Disconnected, connection_id="anna-1")
        assert over.reason == "removed"
        assert await refusal(node.nodes.renew(node.name, "anna-1", old)) == "bad_grant"


async def test_a_live_connection_is_not_kept_by_the_grant_of_somebody_who_is_outside(node: Node) -> None:
    await node.nodes.join(node.name, "anna-1", grant("room", "anna"))
    outside = grant("room", "anna", admitted=False)
    assert await refusal(node.nodes.renew(node.name, "anna-1", outside)) == "bad_grant"


async def test_waiting_lasts_as_long_as_the_grant_is_renewed(node: Node) -> None:
    await node.nodes.join(node.name, "anna-1", grant("room", "anna", admitted=False, seconds=1.2))
    await node.nodes.join(node.name, "binh-1", grant("room", "binh", admitted=False, seconds=1.2))
    await node.nodes.renew(node.name, "binh-1", grant("room", "binh", admitted=False))
    over = await node.event(control.Disconnected)
    assert (over.connection_id, over.reason) == ("anna-1", "expired")
    assert tables(node, "binh-1") == []


async def test_a_room_that_ends_or_moves_closes_who_stands_by(node: Node) -> None:
    for room in ("ends", "moves"):
        await node.nodes.join(node.name, f"{room}-1", grant(room, "anna", admitted=False))
    await node.nodes.close_room(node.name, "ends")
    await node.nodes.join(node.name, "moves-2", grant("moves", "binh", epoch=2))
    for connection_id in ("ends-1", "moves-1"):
        over = await node.event(control.Disconnected, connection_id=connection_id)
        assert over.reason == "room_closed"


async def test_nothing_is_left_of_rooms_where_everybody_only_waited(node: Node) -> None:
    async with joined(node, "anna", admitted=False), joined(node, "binh", admitted=False):
        assert node.service.load_now().connections == 2
    await settled(lambda: node.service.empty)
    await asyncio.sleep(0)
    assert node.port.idle
    assert not node.service._rooms
