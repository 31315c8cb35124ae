"""Our own node under load: `python -m tests.bench.media.relay` is the server process, `Relay` its client side."""

import asyncio
import os
import sys
import time
from dataclasses import dataclass, field

import uvloop

from media import control
from media.__main__ import run
from media.client import MediaNodes, NodeEvent
from media.config import read_config
from media.core.codecs import OPUS, VP8
from media.grants import Grant, sign_grant
from media.probe import UP_SSRC, Probe
from tests.bench.media.load import Arrivals, Camera, Counter

SECRET = "a secret of the benchmark"
ROOM_SIZE = 10


@dataclass
class Relay:
    """Rooms on our node, each with one publisher."""

    counter: Counter
    cameras: list[Camera]
    probes: list[Probe]
    nodes: MediaNodes
    telling: list[asyncio.Task[None]] = field(default_factory=list)

    @classmethod
    async def connect(cls, url: str, *, rooms: int, viewers: int, feedback: bool) -> "Relay":
        """Set up `rooms` with one publisher and `viewers` each. `feedback`: transport-wide, both ways."""
        connected: set[str] = set()
        changed = asyncio.Event()

        def heard(node: str, event: NodeEvent) -> None:
            if isinstance(event, control.Connected):
                connected.add(event.connection_id)
                changed.set()

        nodes = MediaNodes([url], secret=SECRET.encode(), on_event=heard)
        await nodes.start(wait_seconds=15)
        relay = cls(Counter(), [], [], nodes)
        for room in range(rooms):
            for person in range(viewers + 1):
                name = f"{room}-{person}-{time.time_ns()}"
                probe = Probe(addresses=("127.0.0.1",), on_packet=lambda data: None)
                now = time.time()
                grant = Grant(
                    room=f"room-{room}",
                    participant=str(person),
                    epoch=1,
                    issued_at=now,
                    expires_at=now + 600,
                    admitted=True,
                    publish=person == 0,
                )
                offer = await nodes.join("bench", name, sign_grant(grant, key=SECRET.encode()))
                await nodes.answer("bench", name, await probe.answer(offer))
                await probe.connect()
                while name not in connected:
                    changed.clear()
                    await changed.wait()
                relay.probes.append(probe)
                if person == 0:
                    relay.cameras.append(
                        Camera(
                            probe.send,
                            audio=(OPUS.payload_type, UP_SSRC["m"]),
                            video=(VP8.payload_type, UP_SSRC["c"]),
                            name_lines=True,
                            numbered=feedback,
                        )
                    )
                else:
                    arrivals = Arrivals(probe.send, probe.offered.ssrcs["v0"]) if feedback else None
                    relay.counter.watch(probe.agent, arrivals)
                    if arrivals is not None:
                        relay.telling.append(asyncio.create_task(arrivals.tell()))
        return relay

    async def close(self) -> None:
        for task in self.telling:
            task.cancel()
        await asyncio.gather(*(probe.close() for probe in self.probes), return_exceptions=True)
        await self.nodes.close()


def environment(control_port: int, udp_port: int) -> dict[str, str]:
    """Return what the server process needs."""
    return os.environ | {
        "MEDIA_SECRET": SECRET,
        "MEDIA_NODE_NAME": "bench",
        "MEDIA_CONTROL_LISTEN": f"127.0.0.1:{control_port}",
        "MEDIA_UDP_LISTEN": f"127.0.0.1:{udp_port}",
        "MEDIA_ANNOUNCE": "127.0.0.1",
    }


if __name__ == "__main__":
    sys.exit(uvloop.run(run(read_config(), room_size=ROOM_SIZE)))
