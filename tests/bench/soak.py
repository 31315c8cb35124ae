"""`python -m tests.bench.soak [--joins N] [--json]`: people come and go by the thousand; what is left of them?

A real node in its own process; synthetic participants, eight at a time, join rooms, send sound and a picture, see each
other, and leave: by closing, by `Leave`, or by falling silent for good. Before and after, when nobody is there, the node's memory,
descriptors, threads, tasks and every dictionary that knows connections are looked at.

Passes when descriptors, threads and tasks are back (±2), no dictionary knows anybody, and memory has grown by at most
2 MiB, and 1 MiB more for each thousand joins, after the first few hundred, which fill what the allocator keeps. How late
the node's event loop was is told as well: the worst of each second, as the load reports say it.
"""

import argparse
import asyncio
import contextlib
import gc
import json
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvloop

from media import control
from media.__main__ import run
from media.client import MediaNodes, NodeEvent
from media.config import read_config
from media.grants import Grant, sign_grant
from media.io.port import MediaPort
from media.probe import Probe
from media.service import Service
from tests.bench.measure import limit, machine, rss_mib, show, spread

SECRET = "a secret of the soak benchmark"
AT_ONCE = 8
LIMIT_SECONDS = 1800
MEMORY_MIB = 1.0  # per thousand joins
SLACK_MIB = 2.0  # what an allocator keeps or gives back as it likes
BACK = 2  # descriptors, threads and tasks
ROOT = Path(__file__).parents[2]


# --- the node's process -----------------------------------------------------------------------------------------


def serve() -> None:
    """Be the node; on SIGUSR1 print what it remembers, as one line of JSON."""

    async def node() -> None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, _tell)
        await run(read_config())

    uvloop.run(node())


def _tell() -> None:
    garbage = gc.collect()
    known: dict[str, int] = {}
    for thing in gc.get_objects():
        if isinstance(thing, Service | MediaPort):
            known |= _sizes(thing)
    state = {
        "tasks": len(asyncio.all_tasks()),
        "garbage": garbage,
        "objects": len(gc.get_objects()),
        "known": sum(size for name, size in known.items() if name != "counters"),
    }
    print(json.dumps(state), flush=True)


def _sizes(thing: object) -> dict[str, int]:
    """Return the size of everything an object keeps by name."""
    found = {name: len(kept) for name, kept in vars(thing).items() if isinstance(kept, dict | set)}
    lines = vars(thing).get("_lines")
    return found | (_sizes(lines) if lines is not None else {})


# --- the people -------------------------------------------------------------------------------------------------


@dataclass
class Soak:
    """A node and the connection to it."""

    process: asyncio.subprocess.Process
    nodes: MediaNodes = field(init=False)
    connected: set[str] = field(default_factory=set)
    loads: list[control.Load] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    failures: list[str] = field(default_factory=list)

    def heard(self, node: str, event: NodeEvent) -> None:
        """Take an event of the node."""
        match event:
            case control.Connected():
                self.connected.add(event.connection_id)
            case control.Disconnected():
                self.connected.discard(event.connection_id)
            case control.Load():
                self.loads.append(event)
            case _:
                return
        self.changed.set()

    async def until(self, done: Any, seconds: float = 30) -> None:
        """Wait until an event makes `done` true.

        Raises:
            TimeoutError
        """
        async with asyncio.timeout(seconds):
            while not done():
                self.changed.clear()
                await self.changed.wait()

    async def join(self, index: int) -> None:
        """Come, be seen and heard, and leave in one of three ways."""
        pair = index % 2
        name = f"join-{index}"
        now = time.time()
        grant = Grant(
            room=f"room-{index % AT_ONCE // 2}",
            participant=f"person-{pair}",
            epoch=1,
            issued_at=now,
            expires_at=now + 600,
            admitted=True,
        )
        probe = Probe(addresses=("127.0.0.1",))
        try:
            offer = await self.nodes.join("soak", name, sign_grant(grant, key=SECRET.encode()))
            await self.nodes.answer("soak", name, await probe.answer(offer))
            await probe.connect(20)
            for number in range(10):
                await probe.send_audio(number)
                await probe.send_video(number, key=number == 0, picture_id=number)
                await asyncio.sleep(0.005)
            if index % 3 == 0:
                await self.nodes.leave("soak", name)
        except Exception as error:
            self.failures.append(f"{type(error).__name__}: {error}")
        finally:
            await probe.close()

    async def joins(self, first: int, count: int) -> None:
        """Let so many come and go, `AT_ONCE` at a time, and wait until all have gone."""
        places = asyncio.Semaphore(AT_ONCE)

        async def one(index: int) -> None:
            async with places:
                await self.join(index)

        await asyncio.gather(*(one(first + index) for index in range(count)))
        told = len(self.loads)
        await self.until(lambda: any(load.connections == 0 for load in self.loads[told:]), 60)

    async def state(self) -> dict[str, float]:
        """Ask the node what it remembers."""
        assert self.process.stdout is not None
        self.process.send_signal(signal.SIGUSR1)
        told: dict[str, float] = json.loads(await asyncio.wait_for(self.process.stdout.readline(), 30))
        folder = Path(f"/proc/{self.process.pid}")
        return told | {
            "memory_mib": rss_mib(self.process.pid),
            "descriptors": len(list((folder / "fd").iterdir())),
            "threads": len(list((folder / "task").iterdir())),
        }


@contextlib.asynccontextmanager
async def soaking(control_port: int, udp_port: int) -> AsyncIterator[Soak]:
    """Run a node of our own."""
    variables = {
        **os.environ,
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'bin'}",
        "MEDIA_SECRET": SECRET,
        "MEDIA_NODE_NAME": "soak",
        "MEDIA_CONTROL_LISTEN": f"127.0.0.1:{control_port}",
        "MEDIA_UDP_LISTEN": f"127.0.0.1:{udp_port}",
        "MEDIA_ANNOUNCE": "127.0.0.1",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.bench.soak",
        "--node",
        cwd=ROOT,
        env=variables,
        stdout=asyncio.subprocess.PIPE,
    )
    soak = Soak(process)
    url = f"ws://127.0.0.1:{control_port}/control"
    soak.nodes = MediaNodes([url], secret=SECRET.encode(), on_event=soak.heard)
    try:
        await soak.nodes.start(wait_seconds=15)
        await soak.until(lambda: len(soak.loads) > 1)
        yield soak
    finally:
        await soak.nodes.close()
        if process.returncode is None:
            process.terminate()
            await process.wait()


def _free_port(kind: socket.SocketKind) -> int:
    with socket.socket(type=kind) as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


async def measure(joins: int, *, warm_up: int) -> dict[str, Any]:
    """Let people come and go; return what was before and after, and the verdict."""
    async with soaking(_free_port(socket.SOCK_STREAM), _free_port(socket.SOCK_DGRAM)) as soak:
        await soak.joins(0, warm_up)
        before = await soak.state()
        seen = len(soak.loads)
        began = time.monotonic()
        await soak.joins(warm_up, joins)
        seconds = time.monotonic() - began
        after = await soak.state()
        lag = [load.loop_lag_ms for load in soak.loads[seen:]]
    grown = after["memory_mib"] - before["memory_mib"]
    back = {name: abs(after[name] - before[name]) <= BACK for name in ("descriptors", "threads", "tasks")} | {
        "known": after["known"] == 0,
        "failures": not soak.failures,
    }
    return {
        "joins": joins,
        "seconds": round(seconds, 1),
        "before": before,
        "after": after,
        "memory_mib_more": round(grown, 2),
        "worst_loop_lag_ms_each_second": spread(lag, digits=1),
        "failed_joins": soak.failures[:5],
        "passed": back | {"memory": grown <= SLACK_MIB + MEMORY_MIB * joins / 1000},
        "machine": machine(),
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.soak")
    parser.add_argument("--joins", type=int, default=2000)
    parser.add_argument("--warm-up", type=int, default=400)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--node", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.node:
        serve()
        return 0
    logging.getLogger("media.client").setLevel(logging.ERROR)  # the node takes a moment to listen
    limit(LIMIT_SECONDS)
    result = asyncio.run(measure(options.joins, warm_up=options.warm_up))
    show(result, as_json=options.json)
    return 0 if all(result["passed"].values()) else 1


if __name__ == "__main__":
    sys.exit(main())
