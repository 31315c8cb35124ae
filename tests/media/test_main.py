"""The node as a process: start, refuse to start, drain, stop."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from media import control
from media.client import MediaNodes
from tests.media.rig import SECRET, Journal, grant

ROOT = Path(__file__).parents[2]


def free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@contextlib.asynccontextmanager
async def process(**settings: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    control_port, udp_port = free_port(socket.SOCK_STREAM), free_port(socket.SOCK_DGRAM)
    environ = os.environ | {
        "MEDIA_SECRET": SECRET.decode(),
        "MEDIA_NODE_NAME": "process",
        "MEDIA_CONTROL_LISTEN": f"127.0.0.1:{control_port}",
        "MEDIA_UDP_LISTEN": f"127.0.0.1:{udp_port}",
    }
    running = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "media",
        cwd=ROOT,
        env=environ | settings,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield running, f"ws://127.0.0.1:{control_port}/control"
    finally:
        if running.returncode is None:
            running.kill()
        await running.communicate()


async def test_an_empty_node_stops_at_the_first_signal() -> None:
    async with process() as (running, url):
        journal = Journal()
        nodes = MediaNodes([url], secret=SECRET, on_event=journal.heard)
        await nodes.start(wait_seconds=15)
        assert nodes.up() == ["process"]
        running.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(running.wait(), 3) == 0
        await nodes.close()


async def test_a_busy_node_drains_and_a_second_signal_stops_it_at_once() -> None:
    async with process() as (running, url):
        journal = Journal()
        nodes = MediaNodes([url], secret=SECRET, on_event=journal.heard)
        await nodes.start(wait_seconds=15)
        await nodes.join("process", "anna-1", grant("room", "anna"))
        running.send_signal(signal.SIGTERM)
        await journal.wait_for(
            lambda: any(isinstance(e, control.Load) and e.draining for e in journal.events)
        )
        running.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(running.wait(), 3) == 0
        over = [e.reason for e in journal.events if isinstance(e, control.Disconnected)]
        assert over == ["draining"]
        await nodes.close()


async def test_a_node_that_drains_stops_when_the_last_has_left() -> None:
    async with process() as (running, url):
        journal = Journal()
        nodes = MediaNodes([url], secret=SECRET, on_event=journal.heard)
        await nodes.start(wait_seconds=15)
        for who in ("anna", "binh"):
            await nodes.join("process", f"{who}-1", grant("room", who))
        running.send_signal(signal.SIGTERM)
        await journal.wait_for(
            lambda: any(isinstance(e, control.Load) and e.draining for e in journal.events)
        )
        for who in ("anna", "binh"):
            await nodes.leave("process", f"{who}-1")
        assert await asyncio.wait_for(running.wait(), 5) == 0
        over = [e.reason for e in journal.events if isinstance(e, control.Disconnected)]
        assert over == ["left", "left"]
        await nodes.close()


async def test_a_bad_setting_stops_the_start_with_its_name() -> None:
    async with process(MEDIA_SECRET="") as (running, _):
        _, said = await asyncio.wait_for(running.communicate(), 15)
        assert running.returncode == 2
        assert b"MEDIA_SECRET" in said


async def test_a_port_in_use_stops_the_start_in_one_line() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        async with process(MEDIA_UDP_LISTEN=f"127.0.0.1:{taken.getsockname()[1]}") as (running, _):
            _, said = await asyncio.wait_for(running.communicate(), 15)
            assert running.returncode == 1
            assert b"Is another node running?" in said
            assert said.count(b"\n") == 1
