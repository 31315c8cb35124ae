"""Sound that is encrypted end to end goes through a whole relay: every packet, byte for byte."""

import asyncio
import random

from tests.media.rig import Node, joined


async def test_sealed_sound_arrives_whole(node: Node) -> None:
    dice = random.Random(1)
    payloads = [b"\x78" + dice.randbytes(dice.randrange(25, 185)) for _ in range(50)]
    async with joined(node, "binh") as binh, joined(node, "chi") as chi:
        for sequence, payload in enumerate(payloads):
            await binh.send_audio(sequence, payload=payload)
            await asyncio.sleep(0.02)
        await chi.wait_for(lambda chi: len(chi.of("a0")) == len(payloads))
        assert [bytes(packet.payload) for packet in chi.of("a0")] == payloads
