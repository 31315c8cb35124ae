"""Everything of a run together: the lines, the server, and people in real browsers, each in a namespace of their own.

::

    async with Rig(clients=2) as rig:
        anna = await rig.person(0, "anna")
        await anna.join()
        rig.network.set(0, PROFILES["P4"])
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from playwright.async_api import Browser, Page, Playwright, async_playwright

from devtool import frontend
from devtool.browser import chromium
from devtool.console import Failure
from devtool.paths import FRONTEND, ROOT, VAR
from tests.net import speech, turn
from tests.net.figures import Sample, between, read
from tests.net.network import SERVER, SERVER_ADDRESS, Network
from tests.support.browser import FLAGS

HERE = Path(__file__).parent
SAMPLER = HERE / "sampler.js"
FOLDER = VAR / "net"
START_SECONDS = 30.0
CAMERA = "1280x720"
ADDRESS_PORT = f"http://{SERVER_ADDRESS}:8080"


class Person:
    """Somebody in a room, at their own computer. Their page takes samples all the time."""

    def __init__(self, name: str, client: int, page: Page) -> None:
        self.name = name
        self.client = client
        self.page = page
        self.joined_at = 0.0
        self._samples: list[Sample] = []

    async def join(self) -> None:
        """Begin to connect."""
        self.joined_at = time.time()
        await self.page.evaluate("roomDebug.join()")

    async def leave(self) -> None:
        """Close the connection; the page stays."""
        await self.page.evaluate("roomDebug.leave()")

    async def samples(self) -> list[Sample]:
        """Return everything sampled so far."""
        fresh: list[dict[str, Any]] = await self.page.evaluate(f"sampled.slice({len(self._samples)})")
        self._samples += [read(one) for one in fresh]
        return list(self._samples)

    async def during(self, seconds: float) -> list[Sample]:
        """Let time pass; return what was sampled meanwhile. A share needs a time it is a share of."""
        begin = time.time()
        await asyncio.sleep(seconds)
        return between(await self.samples(), begin, time.time())

    async def status(self) -> list[str]:
        """Return what the media session has said of itself so far: joining, connected, rebuilding, refused."""
        told: list[str] = await self.page.evaluate("roomDebug.status")
        return told

    async def until(
        self, condition: Callable[[Sample], bool], what: str, seconds: float = 30.0, after: float = 0.0
    ) -> Sample:
        """Wait for a sample taken after `after` (Unix seconds) that fits.

        Raises:
            TimeoutError: none came; says what was waited for.
        """
        seen = 0
        deadline = time.monotonic() + seconds
        while True:
            for sample in (samples := await self.samples())[seen:]:
                if sample.at >= after and condition(sample):
                    return sample
            seen = len(samples)
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.name}: {what} not within {seconds:g} s")
            await asyncio.sleep(0.1)


class Rig:
    """A server, its lines and browsers, one browser for each client namespace that has somebody in it."""

    def __init__(self, *, clients: int = 2, seed: int = 1) -> None:
        self.network = Network(clients=clients, seed=seed)
        self.events: list[dict[str, Any]] = []
        """What the relay has told, oldest first."""
        self.relay_pid = 0
        self.has_turn = False
        """Whether coturn is installed."""
        self._stack = contextlib.AsyncExitStack()
        self.people: list[Person] = []
        """Everybody who was in it, the first first."""
        self._browsers: dict[int, Browser] = {}

    async def __aenter__(self) -> Self:
        try:
            page, self._voice = _prepare_page(), prepare_voice()
            self._stack.enter_context(self.network)
            self._scratch = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="net-")))
            self.has_turn = self._stack.enter_context(turn.running(self.network, self._scratch, variables()))
            await self._start_host(page)
            self._playwright: Playwright = await self._stack.enter_async_context(async_playwright())
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for browser in self._browsers.values():
            await browser.close()
        await self._stack.aclose()

    async def person(
        self, client: int, name: str, *, size: str = CAMERA, listen: bool = False, turn: bool = False
    ) -> Person:
        """Open a page for somebody; `listen`: they send nothing; `turn`: they know the TURN server."""
        browser = self._browsers.get(client) or await self._launch(client)
        context = await browser.new_context()
        await context.grant_permissions(["camera", "microphone"], origin=ADDRESS_PORT)
        page = await context.new_page()
        await page.goto(f"{ADDRESS_PORT}/?participant={name}&size={size}{'&listen' * listen}{'&turn' * turn}")
        await page.wait_for_function("document.title === 'ready'")
        await page.evaluate(SAMPLER.read_text())
        self.people.append(person := Person(name, client, page))
        return person

    def loads(self, since: float = 0.0) -> list[dict[str, Any]]:
        """Return the relay's load reports since a time (Unix seconds)."""
        return [one for one in self.events if one["event"] == "Load" and one["at"] >= since]

    async def looks(self) -> float:
        """Return how far apart samples were, seconds (95th percentile over all pages): what pages were let do in time."""
        apart: list[float] = []
        for person in self.people:
            apart += [after.at - before.at for before, after in pairwise(await person.samples())]
        apart.sort()
        return apart[int(len(apart) * 0.95)] if apart else 0.0

    async def _start_host(self, page: Path) -> None:
        process = await asyncio.create_subprocess_exec(
            *self.network.command(SERVER, *first(), sys.executable, "-m", "tests.net.host"),
            *(str(page), SERVER_ADDRESS),
            cwd=ROOT,
            env=variables(),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=1 << 20,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        self._stack.push_async_callback(process.wait)
        self._stack.callback(process.stdin.close)
        stdout = process.stdout
        while True:
            async with asyncio.timeout(START_SECONDS):
                line = await stdout.readline()
            if not line:
                raise Failure("The rig's server did not start; what it said is above.")
            told = json.loads(line)
            if "url" in told:
                self.relay_pid = told["relay"]
                break
            self.events.append(told)
        self._reading = asyncio.create_task(self._read(stdout))
        self._stack.callback(self._reading.cancel)

    async def _read(self, stdout: asyncio.StreamReader) -> None:
        while line := await stdout.readline():
            self.events.append(json.loads(line))

    async def _launch(self, client: int) -> Browser:
        """Start Chromium inside a client's namespace."""
        browser = await self._playwright.chromium.launch(
            executable_path=str(chromium_wrapper(self.network, client, self._scratch)),
            headless=True,
            args=chromium_arguments(ADDRESS_PORT, self._voice),
        )
        self._browsers[client] = browser
        return browser


def chromium_wrapper(network: Network, client: int, folder: Path) -> Path:
    """Write a program that is Chromium in a client's namespace."""
    script = folder / f"chromium-{client}"
    command = " ".join(f"'{part}'" for part in network.command(client, str(chromium())))
    path = variables()["PYTHONPATH"]
    script.write_text(f'#!/bin/sh\ncd "{ROOT}" && PYTHONPATH="{path}" exec {command} "$@"\n')
    script.chmod(0o700)
    return script


def chromium_arguments(origin: str, voice: Path) -> list[str]:
    """Return the arguments of a browser with fake devices that speaks with `voice` and trusts `origin`."""
    return [
        *(flag for flag in FLAGS if flag != "--use-fake-device-for-media-stream"),
        "--use-fake-device-for-media-stream=fps=20",
        f"--use-file-for-fake-audio-capture={voice}",
        f"--unsafely-treat-insecure-origin-as-secure={origin}",
        "--ignore-certificate-errors",  # of the TURN server's over TLS, which is the rig's own
    ]


def first() -> list[str]:
    """Return what puts a server ahead of the browsers, which in a hospital are other machines."""
    return ["nice", "-n", "-10"] if os.geteuid() == 0 else []


def variables() -> dict[str, str]:
    """Return the environment of the processes of a rig."""
    return {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'bin'}"}


def prepare_voice() -> Path:
    """Write the voice of the fake microphones, once."""
    voice = FOLDER / "speech.wav"
    FOLDER.mkdir(parents=True, exist_ok=True)
    if not voice.exists():
        speech.write(voice)
    return voice


def _prepare_page() -> Path:
    """Build the page; return its folder."""
    frontend.ensure_modules()
    page = FOLDER / "page"
    build = ["exec", "--", "vite", "build", "--logLevel", "error"]
    done = subprocess.run(
        [*frontend.node().npm, *build, "--config", str(HERE / "page" / "vite.config.mjs")],
        cwd=FRONTEND,
        env={**frontend.node_environment(), "NET_PAGE": str(page)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise Failure(f"The rig's page could not be built:\n{done.stdout}{done.stderr}")
    return page
