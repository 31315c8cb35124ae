"""Synthetic people without browsers, in the server's namespace: `python -m tests.net.crowd WHAT NUMBER [SECONDS]`.

`join`   NUMBER people enter the room within SECONDS and listen for as long again.
`talk`   NUMBER people send sound and a small picture for SECONDS.
`hear`   NUMBER people do, too, and one of them measures how late packets of all talkers arrive. In a process of its own: what
         the others have to receive would make it late by itself.
`churn`  NUMBER times somebody joins and leaves, in a room of their own.

Prints one JSON object.
"""

from __future__ import annotations

import asyncio
import json
import struct
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from media import control
from media.client import MediaNodes, NodeEvent
from media.core.codecs import OPUS, VP8
from media.probe import Probe, up_packet
from tests.bench.media.load import Counter
from tests.bench.media.relay import SECRET
from tests.net.host import CONTROL_URL, ROOM, grant
from tests.net.network import SERVER_ADDRESS

AUDIO_EVERY, VIDEO_EVERY = 0.02, 0.05
AUDIO_OCTETS, VIDEO_OCTETS = 80, 800
STAMP = struct.Struct("!8sq")
MAGIC = b"stamped:"
SETTLE_SECONDS = 2.0
AT_ONCE = 8
"""Joins under way at the same time: handshakes in Python take their time."""


@dataclass
class Crowd:
    """Connections to the relay of this namespace."""

    nodes: MediaNodes = field(init=False)
    connected: set[str] = field(default_factory=set)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def __aenter__(self) -> Crowd:
        self.nodes = MediaNodes([CONTROL_URL], secret=SECRET.encode(), on_event=self._heard)
        await self.nodes.start(wait_seconds=10)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.nodes.close()

    def _heard(self, node: str, event: NodeEvent) -> None:
        if isinstance(event, control.Connected):
            self.connected.add(event.connection_id)
            self.changed.set()

    async def join(self, name: str, *, publish: bool, room: str = ROOM, decrypt: bool = False) -> Probe:
        """Connect somebody; they forget what they hear unless `decrypt`."""
        identifier = f"{name}-{time.monotonic_ns()}"
        probe = Probe(addresses=(SERVER_ADDRESS,), on_packet=_forget)
        node = self.nodes.up()[0]
        offer = await self.nodes.join(node, identifier, grant(name, room=room, publish=publish))
        await self.nodes.answer(node, identifier, await probe.answer(offer))
        await probe.connect()
        async with asyncio.timeout(10):
            while identifier not in self.connected:
                self.changed.clear()
                await self.changed.wait()
        if not decrypt:
            Counter().watch(probe.agent)
        return probe


async def join(number: int, seconds: float) -> dict[str, Any]:
    """Enter as listeners, evenly within `seconds`."""
    async with Crowd() as crowd, AsyncExitStack() as stack:

        async def one(index: int) -> None:
            await asyncio.sleep(index * seconds / number)
            probe = await crowd.join(f"joiner-{index}", publish=False)
            stack.push_async_callback(probe.close)

        began = time.monotonic()
        await asyncio.gather(*(one(index) for index in range(number)))
        took = time.monotonic() - began
        await asyncio.sleep(seconds)
    return {"joined": number, "seconds": round(took, 2)}


async def talk(number: int, seconds: float, *, look: Callable[[bytes], None] | None = None) -> dict[str, Any]:
    """Send stamped packets; the first of the crowd gives what it receives to `look`."""
    async with Crowd() as crowd, AsyncExitStack() as stack:
        probes = []
        for index in range(number):
            hears = look is not None and index == 0
            name = f"{'hearer' if look else 'talker'}-{index}"
            probes.append(probe := await crowd.join(name, publish=True, decrypt=hears))
            stack.push_async_callback(probe.close)
        sending = [asyncio.create_task(_send(probe, index)) for index, probe in enumerate(probes)]
        await asyncio.sleep(SETTLE_SECONDS)  # slots settle, key frames come
        probes[0].on_packet = look or _forget
        await asyncio.sleep(seconds)
        probes[0].on_packet = _forget
        for task in sending:
            task.cancel()
        await asyncio.gather(*sending, return_exceptions=True)
    return {"talked": number}


async def hear(number: int, seconds: float) -> dict[str, Any]:
    """Talk, and look at the others' stamps: the machine has one monotonic clock."""
    late: list[float] = []
    received: dict[int, list[int]] = {}

    def look(data: bytes) -> None:
        at = data.rfind(MAGIC)
        if at < 0:
            return
        _, sent = STAMP.unpack_from(data, at)
        late.append((time.monotonic_ns() - sent) / 1e6)
        received.setdefault(int.from_bytes(data[8:12], "big"), []).append(int.from_bytes(data[2:4], "big"))

    await talk(number, seconds, look=look)
    late.sort()
    return {
        "packets": len(late),
        "late_p50_ms": round(late[len(late) // 2], 2) if late else None,
        "late_p99_ms": round(late[int(len(late) * 0.99)], 2) if late else None,
        "lost": round(_missing(list(received.values())), 5),
    }


def _forget(_data: bytes) -> None:
    pass


def _missing(streams: Sequence[list[int]]) -> float:
    """Return the share of sequence numbers that never came, of all between the first and the last."""
    expected = came = 0
    for numbers in streams:
        steps = [(b - a) & 0xFFFF for a, b in pairwise(numbers)]
        forward = sum(step for step in steps if step < 0x8000)
        expected += forward
        came += sum(0 < step < 0x8000 for step in steps)
    return 1 - came / expected if expected else 0.0


async def _send(probe: Probe, phase: int) -> None:
    """Send a talker's packets: 50 of sound and 20 pictures of one packet a second, each with the time in its tail."""
    loop = asyncio.get_running_loop()
    began = loop.time() + phase * 0.0023
    sounds = pictures = 0
    while True:
        sound_at, picture_at = began + sounds * AUDIO_EVERY, began + pictures * VIDEO_EVERY
        await asyncio.sleep(max(0.0, min(sound_at, picture_at) - loop.time()))
        stamp = STAMP.pack(MAGIC, time.monotonic_ns())
        if sound_at <= picture_at:
            payload = b"\xfc" + bytes(AUDIO_OCTETS - 17) + stamp
            await probe.send(up_packet("m", OPUS.payload_type, sounds, sounds * 960, payload))
            sounds += 1
        else:
            key = pictures % 40 == 0
            head = bytes((0x90, 0x80, 0x80 | pictures >> 8 & 0x7F, pictures & 0xFF, 0 if key else 1))
            payload = head + bytes(VIDEO_OCTETS - 16) + stamp
            packet = up_packet("c", VP8.payload_type, pictures, pictures * 4500, payload, marker=True)
            await probe.send(packet)
            pictures += 1


async def churn(number: int) -> dict[str, Any]:
    """Join and leave again and again, `AT_ONCE` rooms at a time."""
    async with Crowd() as crowd:
        places = asyncio.Semaphore(AT_ONCE)

        async def one(index: int) -> None:
            async with places:
                name = f"churn-{index}"
                probe = await crowd.join(name, publish=True, room=f"room-{index % AT_ONCE}")
                await probe.send_audio(1)
                await probe.close()

        began = time.monotonic()
        await asyncio.gather(*(one(index) for index in range(number)))
    return {"joins": number, "seconds": round(time.monotonic() - began, 1)}


def main() -> None:
    what, number, *rest = sys.argv[1:]
    seconds = float(rest[0]) if rest else 0.0
    work = {"join": join, "talk": talk, "hear": hear}
    found = asyncio.run(churn(int(number)) if what == "churn" else work[what](int(number), seconds))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
