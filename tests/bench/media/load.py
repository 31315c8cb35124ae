"""The load of the benchmark: what a publisher sends, and a viewer that counts cheaply.

One publisher is a 720p30 VP8 camera of about 1.3 Mbit/s with Opus: some 200 packets a second. The bytes are random; no
relay looks further than the descriptor.
"""

import asyncio
import functools
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import aioice

from media.core import rtp, twcc
from media.core.codecs import MID, TRANSPORT_SEQUENCE

FRAMES_PER_SECOND = 30
AUDIO_PER_SECOND = 50
PACKET = 1100
DELTA_BYTES = 5200
KEY_BYTES = 30_000
KEY_EVERY = 300
FEEDBACK_SECONDS = 0.1
BURST = 4  # packets a browser's pacer lets out at once
BURST_PAUSE = 0.004


@dataclass
class Camera:
    """Produces the packets of one publisher. `send` takes a plain RTP packet."""

    send: Callable[[bytes], Awaitable[None]]
    audio: tuple[int, int]
    """Payload type and SSRC."""
    video: tuple[int, int]
    name_lines: bool
    """Whether to name the m-line in a header extension, as our offer asks for."""
    numbered: bool = False
    """Whether to number all packets transport-wide, as our offer asks for, too."""
    sent: int = 0
    frame: int = 0
    _sequences: list[int] = field(default_factory=lambda: [100, 200])
    _audio_time: int = 0
    _chance: random.Random = field(default_factory=lambda: random.Random(7))

    async def run(self, seconds: float, phase: float = 0.0) -> None:
        """Send for a while, in real time."""
        loop = asyncio.get_running_loop()
        start = loop.time() + phase
        pictures = sounds = 0
        while True:
            picture_at, sound_at = start + pictures / FRAMES_PER_SECOND, start + sounds / AUDIO_PER_SECOND
            due = min(picture_at, sound_at)
            if due >= start + seconds:
                return
            if due > loop.time():
                await asyncio.sleep(due - loop.time())
            if sound_at <= picture_at:
                await self._sound()
                sounds += 1
            else:
                await self._picture()
                pictures += 1

    async def _sound(self) -> None:
        self._audio_time += 960
        await self._packet(
            0, self.audio, "m", self._audio_time, b"\xfc" + self._chance.randbytes(79), marker=False
        )

    async def _picture(self) -> None:
        key = self.frame % KEY_EVERY == 0
        left = KEY_BYTES if key else int(self._chance.gauss(DELTA_BYTES, 1200))
        left = max(left, 400)
        first = True
        count = 0
        while left > 0:
            size = min(left, PACKET)
            left -= size
            head = bytes((0x90 if first else 0x80, 0x80, 0x80 | self.frame >> 8 & 0x7F, self.frame & 0xFF))
            body = bytes((0x00 if key else 0x01,)) + self._chance.randbytes(size - 1)
            await self._packet(1, self.video, "c", self.frame * 3000, head + body, marker=left <= 0)
            first = False
            count += 1
            if count % BURST == 0 and left > 0:
                await asyncio.sleep(BURST_PAUSE)
        self.frame += 1

    async def _packet(
        self, line: int, codec: tuple[int, int], mid: str, timestamp: int, payload: bytes, *, marker: bool
    ) -> None:
        sequence = self._sequences[line] = (self._sequences[line] + 1) & 0xFFFF
        elements = []
        if self.name_lines:
            # Like a browser: the m-line in the first packets, the transport-wide number in all.
            elements = [(MID, mid.encode())] if self.sent < 40 else []
        if self.numbered:
            elements.append((TRANSPORT_SEQUENCE, (self.sent & 0xFFFF).to_bytes(2)))
        extension = rtp.build_extension(elements)
        first = 0x90 if extension else 0x80
        head = rtp.HEADER.pack(first, marker << 7 | codec[0], sequence, timestamp & 0xFFFFFFFF, codec[1])
        await self.send(head + extension + payload)
        self.sent += 1


@dataclass
class Counter:
    """Counts the media datagrams of all viewers of one server, still encrypted: decrypting would load the client."""

    packets: int = 0

    def watch(self, agent: aioice.Connection, arrivals: "Arrivals | None" = None) -> None:
        """Count what comes to an ICE agent and hand on only the rest. Call it when DTLS is up."""
        for protocol in agent._protocols:
            vars(protocol)["datagram_received"] = functools.partial(
                self._received, protocol.datagram_received, arrivals
            )

    def _received(
        self, rest: Callable[[bytes, Any], None], arrivals: "Arrivals | None", data: bytes, address: Any
    ) -> None:
        if len(data) > 1 and 127 < data[0] < 192:
            if not rtp.is_rtcp(data[1]):
                self.packets += 1
                if arrivals is not None:
                    arrivals.came()
        else:
            rest(data, address)


@dataclass
class Arrivals:
    """A viewer's transport-wide feedback, ten times a second like a browser's.

    The relay numbers what it sends on a connection from 0 on and nothing is lost on loopback, so counting is enough: the
    packets need not be decrypted for their numbers.
    """

    send: Callable[[bytes], Awaitable[None]]
    media_ssrc: int
    recorder: twcc.ArrivalRecorder = field(default_factory=lambda: twcc.ArrivalRecorder(sender_ssrc=2))
    number: int = 0

    def came(self) -> None:
        """Note a packet."""
        self.recorder.arrived(self.number & 0xFFFF, asyncio.get_running_loop().time())
        self.number += 1

    async def tell(self) -> None:
        """Send feedback until cancelled."""
        self.recorder.media_ssrc = self.media_ssrc
        while True:
            await asyncio.sleep(FEEDBACK_SECONDS)
            for packet in self.recorder.build(asyncio.get_running_loop().time()):
                await self.send(packet)
