"""A real encoder publishes into a room: GStreamer's WebRTC end, seen in Chromium."""

import asyncio
import contextlib
import functools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from media import control
from tests.media.rig import Node, grant, joined, own_address, page_server, running_node, until
from tests.media.test_browser import browser, open_page, statistics

__all__ = ["browser"]  # a fixture

PROGRAM = Path(__file__).with_name("gstreamer_whip.py")
PYTHON = "/usr/bin/python3"  # GStreamer's bindings are the system's
PACKAGES = (
    "python3-gi gir1.2-gst-plugins-bad-1.0 gstreamer1.0-nice gstreamer1.0-plugins-base gstreamer1.0-plugins-good "
    "gstreamer1.0-plugins-bad"
)


@contextlib.asynccontextmanager
async def endpoint(node: Node) -> AsyncIterator[str]:
    """WHIP without its authorisation (which is `signaling.whip`'s): one device, on behalf of anna."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next(
            (line.split(":")[1] for line in head.splitlines() if line.lower().startswith("content-length")),
            "0",
        )
        offer = (await reader.readexactly(int(length))).decode()
        if head.startswith("POST"):
            token = grant("room", "anna", device=True)
            answer = await node.nodes.publish(node.name, "device", token, offer)
            reply = (
                f"HTTP/1.1 201 Created\r\nLocation: /device\r\nContent-Length: {len(answer)}\r\n\r\n{answer}"
            )
        else:
            await node.nodes.leave(node.name, "device")
            reply = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        writer.write(reply.encode())
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


@contextlib.asynccontextmanager
async def encoder(url: str, *options: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """GStreamer, publishing until the end of the block."""
    process = await asyncio.create_subprocess_exec(
        PYTHON, str(PROGRAM), url, *options, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        first = (await process.stdout.readline()).decode()
        assert first.startswith("published "), f"GStreamer is not installed? apt-get install {PACKAGES}"
        yield process
    finally:
        process.stdin.close()
        await asyncio.wait_for(process.wait(), 20)


@pytest.mark.parametrize("options", [("--codec=vp8", "--sound"), ("--codec=h264",)], ids=["vp8", "h264"])
async def test_an_encoder_is_seen_in_a_browser_on_the_screens_slot(
    browser: Browser, options: tuple[str, ...]
) -> None:
    async with (
        running_node(address=own_address()) as node,
        joined(node, "anna"),
        page_server(node) as address,
        endpoint(node) as url,
    ):
        binh = await open_page(browser, address)
        await binh.evaluate("join('binh', 'a', false)")
        async with encoder(url, *options):
            await node.event(control.Connected, connection_id="device")
            look = functools.partial(statistics, binh)
            found = await until(look, lambda f: f["in"].get("v5", {}).get("decoded", 0) >= 40, 30)
            assert (found["in"]["v5"]["width"], found["in"]["v5"]["height"]) == (640, 360)
            assert found["errors"] == []
        over = await node.event(control.Disconnected, connection_id="device")
        assert over.reason == "left"
