"""Devices that publish into a room by WHIP, on a real node."""

from collections.abc import Awaitable

import pytest

from media import control, service
from media.client import MediaError
from tests.media.rig import Node, grant, joined, publishing
from tests.media.synthetic import SyntheticBrowser, SyntheticDevice

SHOWN = control.SlotSource(slot="v5", participant="anna", source="screen")


async def refusal(command: Awaitable[object]) -> str:
    with pytest.raises(MediaError) as refused:
        await command
    return refused.value.code


async def test_a_devices_picture_is_a_screen_of_its_participant_beside_their_own_connection(
    node: Node,
) -> None:
    async with joined(node, "anna") as anna, joined(node, "binh") as binh, publishing(node, "anna") as device:
        await anna.send_audio(1)
        await device.send_picture(1)
        heard = control.SlotSource(slot="a0", participant="anna", source="microphone")
        await node.event(control.Slots, connection_id="binh-1", slots=(heard, SHOWN))
        await device.send_picture(2)
        await binh.wait_for(lambda b: b.of("v5"))
        assert binh.of("v5")[0].payload_type == 96
        assert node.events(control.Disconnected) == []
        assert [
            told for told in node.events(control.Slots) if told.participant == "anna" and told.slots
        ] == []


async def test_a_key_frame_is_asked_of_a_device_when_somebody_comes(node: Node) -> None:
    async with joined(node, "anna"), publishing(node, "anna") as device:
        await device.send_picture(1)
        async with joined(node, "binh"):
            await device.wait_for(lambda d: d.feedback)


async def test_a_participants_own_screen_is_seen_again_when_their_device_has_ended(node: Node) -> None:
    async with joined(node, "anna") as anna, joined(node, "binh") as binh, publishing(node, "anna") as device:
        await anna.send_video(1, key=True, mid="s")
        await node.event(control.Slots, connection_id="binh-1", slots=(SHOWN,))
        await device.send_picture(1)
        await device.send_picture(2)
        await binh.wait_for(lambda b: _examinations(b)[-1:] == [True])
        await node.nodes.leave(node.name, "anna-device")
        await node.event(control.Disconnected, connection_id="anna-device")
        await anna.send_video(2, key=True, mid="s")
        await binh.wait_for(lambda b: _examinations(b)[-1:] == [False])


def _examinations(viewer: SyntheticBrowser) -> list[bool]:
    """Return, for every picture on the screen's slot, whether it was a device's."""
    return [packet.payload.endswith(b"an examination") for packet in viewer.of("v5") if packet.size]


async def test_a_second_device_replaces_the_first_and_no_person(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "OVERLAP_SECONDS", 0.1)
    async with (
        joined(node, "anna"),
        publishing(node, "anna"),
        publishing(node, "anna", connection_id="second"),
    ):
        over = await node.event(control.Disconnected)
        assert (over.connection_id, over.reason) == ("anna-device", "replaced")


async def test_putting_a_participant_out_closes_their_device_and_refuses_another(node: Node) -> None:
    async with joined(node, "anna"), publishing(node, "anna"):
        late = grant("room", "anna", device=True)
        await node.nodes.remove(node.name, "room", "anna")
        over = await node.event(control.Disconnected, connection_id="anna-device")
        assert over.reason == "removed"
        offer = await SyntheticDevice().make_offer()
        assert await refusal(node.nodes.publish(node.name, "again", late, offer)) == "bad_grant"


async def test_a_device_ends_with_the_room(node: Node) -> None:
    async with joined(node, "anna"), publishing(node, "anna"):
        await node.nodes.close_room(node.name, "room")
        over = await node.event(control.Disconnected, connection_id="anna-device")
        assert over.reason == "room_closed"


async def test_a_device_may_stay_as_long_as_its_participant(node: Node) -> None:
    async with joined(node, "anna"), publishing(node, "anna"):
        longer = grant("room", "anna", seconds=5000)
        await node.nodes.renew(node.name, "anna-1", longer)
        peers = {name: node.service.peer(name).expires_at for name in ("anna-1", "anna-device")}
        assert peers["anna-1"] == peers["anna-device"]


async def test_the_same_offer_twice_has_one_answer_and_another_is_refused(node: Node) -> None:
    token = grant("room", "anna", device=True)
    offer = await SyntheticDevice().make_offer()
    first = await node.nodes.publish(node.name, "d", token, offer)
    assert await node.nodes.publish(node.name, "d", token, offer) == first
    other = await SyntheticDevice().make_offer()
    assert await refusal(node.nodes.publish(node.name, "d", token, other)) == "bad_sdp"


async def test_grants_of_people_and_devices_are_not_the_same(node: Node) -> None:
    offer = await SyntheticDevice().make_offer()
    publish, join = node.nodes.publish, node.nodes.join
    assert await refusal(publish(node.name, "d", grant("room", "anna"), offer)) == "bad_grant"
    outside = grant("room", "anna", device=True, admitted=False)
    assert await refusal(publish(node.name, "d", outside, offer)) == "bad_grant"
    assert await refusal(join(node.name, "d", grant("room", "anna", device=True))) == "bad_grant"
    await publish(node.name, "d", grant("room", "anna", device=True), offer)
    assert await refusal(node.nodes.renew(node.name, "d", grant("room", "anna"))) == "bad_grant"


@pytest.mark.parametrize("offer", ["", "v=0\r\n", "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n", "x" * 40_000])
async def test_an_offer_that_cannot_be_taken_is_refused_and_leaves_nothing(node: Node, offer: str) -> None:
    token = grant("room", "anna", device=True)
    assert await refusal(node.nodes.publish(node.name, "d", token, offer)) == "bad_sdp"
    assert node.service.empty
