"""A line check's room: one's own sound and picture come back, and nobody else's."""

import time

from media import control
from media.core.codecs import VP8
from media.grants import Grant, sign_grant
from tests.media.rig import SECRET, Node, joined
from tests.media.synthetic import SyntheticBrowser


def echo_grant(participant: str) -> str:
    now = time.time()
    claims = Grant(
        room=f"check:{participant}",
        participant=participant,
        epoch=1,
        issued_at=now,
        expires_at=now + 60,
        admitted=True,
        echo=True,
    )
    return sign_grant(claims, key=SECRET)


async def test_what_one_sends_comes_back(node: Node) -> None:
    anna = SyntheticBrowser()
    offer = await node.nodes.join(node.name, "anna-1", echo_grant("anna"))
    await node.nodes.answer(node.name, "anna-1", await anna.answer(offer))
    await anna.connect()
    try:
        await node.event(control.Connected, connection_id="anna-1")
        await anna.send_audio(1, payload=b"is anybody there")
        await anna.send_video(1, key=True, picture_id=10)
        own = tuple(
            control.SlotSource(slot=slot, participant="anna", source=source)
            for slot, source in (("a0", "microphone"), ("v0", "camera"))
        )
        await node.event(control.Slots, connection_id="anna-1", slots=own)
        for sequence in range(2, 6):
            await anna.send_audio(sequence, payload=b"is anybody there")
        await anna.wait_for(lambda a: len(a.of("a0")) >= 4)
        assert {packet.payload for packet in anna.of("a0")} == {b"is anybody there"}
        await anna.wait_for(lambda a: len(a.of("v0")) == 1)
        assert anna.of("v0")[0].payload_type == VP8.payload_type
    finally:
        await anna.close()


async def test_in_any_other_room_nobody_hears_themselves(node: Node) -> None:
    async with joined(node, "anna") as anna, joined(node, "binh") as binh:
        for sequence in range(1, 6):
            await anna.send_audio(sequence)
        await binh.wait_for(lambda b: len(b.of("a0")) >= 4)
        assert anna.packets == []
