"""Real browsers on a real node: what the whole package is for."""

import functools
import shutil
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, Page, async_playwright

from tests.media.rig import Node, page_server, running_node, until

FLAGS = [
    "--no-sandbox",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-networking",
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
    "--disable-backgrounding-occluded-windows",
]


@pytest.fixture
async def node() -> AsyncIterator[Node]:
    async with running_node() as node:
        yield node


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, headless=True, args=FLAGS)
        yield browser
        await browser.close()


async def open_page(browser: Browser, address: str) -> Page:
    context = await browser.new_context()
    await context.grant_permissions(["camera", "microphone"], origin=address)
    page = await context.new_page()
    await page.goto(address)
    return page


async def statistics(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = await page.evaluate("stats()")
    return found


def seen(found: dict[str, Any], audio: str = "a0", video: str = "v0", frames: int = 20) -> bool:
    inbound: dict[str, dict[str, float]] = found["in"]
    return inbound.get(video, {}).get("decoded", 0) >= frames and inbound.get(audio, {}).get("energy", 0) > 0


async def test_two_browsers_see_and_hear_each_other(node: Node, browser: Browser) -> None:
    async with page_server(node) as address:
        anna, binh = await open_page(browser, address), await open_page(browser, address)
        await anna.evaluate("join('anna')")
        await binh.evaluate("join('binh')")
        for page, other in ((anna, "binh"), (binh, "anna")):
            found = await until(functools.partial(statistics, page), seen)
            assert found["errors"] == []
            assert found["slots"] == [
                {"slot": "a0", "participant": other, "source": "microphone"},
                {"slot": "v0", "participant": other, "source": "camera"},
            ]
            assert found["srtp"] == "SRTP_AEAD_AES_256_GCM"
