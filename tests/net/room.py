"""The whole platform behind emulated lines, and people of the demonstration province in its real room.

The rest of the rig measures the room's media code by itself, which is quick; what also needs the room's socket and its
reactions (another address, no UDP) is measured here.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from playwright.sync_api import Browser, Playwright, sync_playwright

from devtool.console import Failure
from devtool.paths import ROOT, VAR
from devtool.processes import Program, await_ready, last_lines, spawn, stop
from devtool.statefile import StateFile
from tests.e2e import steps
from tests.net.conditions import PROFILES
from tests.net.figures import Sample, read
from tests.net.network import SERVER, SERVER_ADDRESS, Network
from tests.net.rig import SAMPLER, chromium_arguments, chromium_wrapper, first, prepare_voice, variables
from tests.net.turn import SECRET, running, urls
from tests.support.browser import Person

PORT, MEDIA_PORT = 8000, 7901
URL = f"http://{SERVER_ADDRESS}:{PORT}"
DOCTOR, SPECIALIST = "bs.kyson", "bs.timmach"
START_SECONDS = 300.0


class Room:
    """A doctor (client 0) and a specialist (client 1) in a live consultation, each behind a line of 20 ms."""

    def __init__(self, *, seed: int = 1, patient: str = "Hờ Bá Chìa", only_tls: bool = False) -> None:
        """`only_tls`: of the TURN server nothing but port 443 can be reached."""
        self.network = Network(clients=2, seed=seed)
        self.patient = patient
        self.has_turn = False
        self._only_tls = only_tls
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            stack.enter_context(self.network)
            scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="net-")))
            for client in (0, 1):
                self.network.set(client, PROFILES["P0"])
            self.has_turn = stack.enter_context(
                running(self.network, scratch, variables(), only_tls=self._only_tls)
            )
            self._start_platform(stack)
            playwright = stack.enter_context(sync_playwright())
            browsers = [self._launch(playwright, client, scratch) for client in (0, 1)]
            for browser in browsers:
                stack.callback(browser.close)
            self.doctor = Person(browsers[0], URL, DOCTOR).sign_in()
            self.specialist = Person(browsers[1], URL, SPECIALIST).sign_in()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def meet(self) -> None:
        """Bring both into the call, and begin to take samples in their pages."""
        steps.meet(self.doctor, self.specialist, self.patient)
        for person in (self.doctor, self.specialist):
            self.sample(person)

    @staticmethod
    def sample(person: Person) -> None:
        """Begin to take samples in somebody's page, again after it was loaded anew."""
        person.page.evaluate(SAMPLER.read_text())

    @staticmethod
    def samples(person: Person) -> list[Sample]:
        """Return everything somebody's page has sampled so far."""
        found: list[dict[str, Any]] = person.page.evaluate("sampled")
        return [read(one) for one in found]

    def _start_platform(self, stack: contextlib.ExitStack) -> None:
        state = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="platform-", dir=VAR)))
        file = StateFile(state)
        options = ["--host", SERVER_ADDRESS, "--port", str(PORT), "--media-port", str(MEDIA_PORT)]
        ours = {"DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "TELEHEALTH_ENV"}
        turn = {"TURN_URLS": ",".join(urls(SERVER_ADDRESS)), "TURN_SECRET": SECRET} if self.has_turn else {}
        program = Program(
            name="platform",
            command=self.network.command(
                SERVER,
                *(*first(), sys.executable, str(ROOT / "bin" / "dev.py"), "run", "--test"),
                *("--state", str(state)),
                *options,
            ),
            environment={name: value for name, value in variables().items() if name not in ours} | turn,
            log=state / "log" / "run.log",
            directory=ROOT,
            ready=lambda: file.read().get("phase") == "ready",
            patience=START_SECONDS,
            grace=40.0,
        )
        process = spawn(program)
        stack.callback(stop, process, program)
        if not await_ready(process, program):
            raise Failure(f"The platform did not start:\n{last_lines(program.log, 40)}")

    def _launch(self, playwright: Playwright, client: int, scratch: Path) -> Browser:
        return playwright.chromium.launch(
            executable_path=str(chromium_wrapper(self.network, client, scratch)),
            headless=True,
            args=chromium_arguments(URL, prepare_voice()),
        )
