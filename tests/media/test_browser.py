"""Real browsers on a real node: what the whole package is for."""

import functools
import os
import random
import shutil
from collections.abc import AsyncIterator
from typing import Any

import ifaddr
import pytest
from playwright.async_api import Browser, Page, async_playwright

from media import control
from media.io.transport import PeerTransport
from tests.media.rig import Node, page_server, running_node, until
from tests.support.firefox import Firefox

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
    "--ignore-certificate-errors",  # of a TURN server's over TLS, which is the test's own
]


@pytest.fixture
async def node() -> AsyncIterator[Node]:
    async with running_node() as node:
        yield node


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    executable = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
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


async def test_firefox_and_chromium_see_and_hear_each_other(browser: Browser) -> None:
    executable = os.environ.get("FIREFOX") or shutil.which("firefox-esr") or shutil.which("firefox")
    assert executable is not None, "Firefox is not installed: apt-get install firefox-esr"
    # Firefox does not talk to a relay on loopback.
    address = next(
        str(ip.ip)
        for adapter in ifaddr.get_adapters()
        for ip in adapter.ips
        if ip.is_IPv4 and not str(ip.ip).startswith("127.")
    )
    async with (
        running_node(address=address) as node,
        page_server(node) as url,
        Firefox(executable) as firefox,
    ):
        page = await open_page(browser, url)
        await page.evaluate("join('anna')")
        await firefox.goto(url)
        await firefox.evaluate("join('binh').then(() => true)")
        for probe in (functools.partial(statistics, page), lambda: firefox.evaluate("stats()")):
            found = await until(probe, seen)
            assert found["errors"] == []


async def test_a_new_connection_of_the_same_person_replaces_the_old_one_unseen(
    node: Node, browser: Browser
) -> None:
    async with page_server(node) as address:
        anna, binh = await open_page(browser, address), await open_page(browser, address)
        await anna.evaluate("join('anna', 'first')")
        await binh.evaluate("join('binh')")
        before = await until(functools.partial(statistics, binh), seen)
        await anna.evaluate("join('anna', 'second')")
        over = await node.event(control.Disconnected, participant="anna")
        assert over.reason == "replaced"
        wanted = functools.partial(seen, frames=int(before["in"]["v0"]["decoded"]) + 40)
        after = await until(functools.partial(statistics, binh), wanted)
        assert after["slots"] == before["slots"]
        assert (
            after["in"]["v0"]["freezes"] - before["in"]["v0"]["freezes"] <= 1
        )  # a busy machine stutters by itself
        assert after["in"]["a0"]["energy"] > before["in"]["a0"]["energy"]
        own = await until(lambda: anna.evaluate("stats('second')"), seen)
        assert own["errors"] == []


async def test_a_screen_is_shown_on_its_own_slot_without_renegotiation(node: Node, browser: Browser) -> None:
    async with page_server(node) as address:
        anna, binh = await open_page(browser, address), await open_page(browser, address)
        await anna.evaluate("join('anna')")
        await binh.evaluate("join('binh', 'a', false)")
        await until(functools.partial(statistics, binh), seen)
        await anna.evaluate("share(true)")
        found = await until(
            functools.partial(statistics, binh), functools.partial(seen, video="v5", frames=10)
        )
        assert {"slot": "v5", "participant": "anna", "source": "screen"} in found["slots"]
        assert await anna.evaluate("stats().then(s => s.slots)") == []


async def test_lost_packets_are_repaired_on_both_ways(node: Node, browser: Browser) -> None:
    """Every twentieth datagram of media is lost, up and down."""
    chance = random.Random(5)
    receive, send = PeerTransport.srtp_received, PeerTransport.send_rtp

    def lossy_receive(self: PeerTransport, size: int, now: float) -> None:
        if size < 300 or chance.random() > 0.05:
            receive(self, size, now)

    def lossy_send(self: PeerTransport, size: int) -> None:
        if chance.random() > 0.05:
            send(self, size)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(PeerTransport, "srtp_received", lossy_receive)
        patched.setattr(PeerTransport, "send_rtp", lossy_send)
        async with page_server(node) as address:
            anna, binh = await open_page(browser, address), await open_page(browser, address)
            await anna.evaluate("join('anna')")
            await binh.evaluate("join('binh')")
            await until(
                functools.partial(statistics, binh),
                lambda found: seen(found, frames=100) and found["in"]["v0"]["repaired"] >= 5,
                seconds=60,  # a machine busy with other tests looks like a thin line
            )
            await until(
                functools.partial(statistics, anna),
                lambda found: sum(line["nack"] for mid, line in found["out"].items() if mid[0] == "c") > 0,
                seconds=60,
            )


async def test_a_viewer_climbs_to_the_full_layer_and_comes_down_with_their_line(
    node: Node, browser: Browser
) -> None:
    """The viewer's line is cut to 300 kbit/s by dropping what is beyond; the sound must not stop."""
    bucket = {"rate": float("inf"), "at": 0.0}
    send = PeerTransport.send_rtp
    thin: list[PeerTransport] = []

    def thinned(self: PeerTransport, size: int) -> None:
        if self in thin:
            now = node.port.loop.time()
            ahead = max(bucket["at"] - now, 0.0)
            if ahead > 0.2:
                return
            bucket["at"] = now + ahead + size * 8 / bucket["rate"]
        send(self, size)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(PeerTransport, "send_rtp", thinned)
        async with page_server(node) as address:
            anna = await open_page(browser, f"{address}/?width=1280")
            binh = await open_page(browser, address)
            await anna.evaluate("join('anna')")
            await binh.evaluate("join('binh', 'a', false)")
            look = functools.partial(statistics, binh)
            full = await until(look, lambda found: found["in"].get("v0", {}).get("height") == 720, 40)
            thin.append(node.service.peer("page-2")._transport)
            bucket["rate"] = 300_000.0
            down = await until(look, lambda found: found["in"]["v0"]["height"] < 720, 10)
            later = await until(look, lambda f: f["in"]["a0"]["packets"] > down["in"]["a0"]["packets"] + 150)
            bucket["rate"] = float("inf")
            await until(look, lambda found: found["in"]["v0"]["height"] == 720, 60)
    assert full["errors"] == []
    assert later["in"]["v0"]["decoded"] > down["in"]["v0"]["decoded"]
