"""A whole platform of its own for a test: database, Valkey, web, media relay and worker, on free ports.

It is started by ``bin/dev.py run``, the very command people use, so what these tests prove is what ships:
a process killed here is started again by the same supervisor.

::

    with Platform() as platform:
        page.goto(platform.url)
        platform.kill("media")
        platform.await_restart("media", after=...)
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from devtool.paths import ROOT, VAR, venv_python
from devtool.processes import Program, last_lines, spawn, stop
from devtool.statefile import StateFile

_START_SECONDS = 300.0


class Platform:
    """A running platform; ``pids`` has web, media, worker, postgres and valkey, with the demonstration stand-ins, too.

    ``environment`` overrides variables of the platform's processes. With ``demonstration`` the demonstration
    province is loaded (taken from a prepared database after the first time for the same code). With several
    ``media_nodes`` their processes are ``media-1``, ``media-2`` and so on.
    """

    def __init__(
        self,
        *,
        demonstration: bool = True,
        environment: Mapping[str, str] | None = None,
        media_nodes: int = 1,
    ) -> None:
        self.demonstration = demonstration
        self.media_nodes = media_nodes
        self._overrides = dict(environment or {})
        self._process: subprocess.Popen[bytes] | None = None
        self._program: Program | None = None
        self.state = Path()
        self.url = ""
        self._file = StateFile(self.state)

    def start(self) -> Self:
        """Start and wait until it serves. Raises ``RuntimeError`` with what the start printed."""
        VAR.mkdir(exist_ok=True)
        self.state = Path(tempfile.mkdtemp(prefix="platform-", dir=VAR))
        self._file = StateFile(self.state)
        port, media_port = _free_ports(self.media_nodes)
        self.url = f"http://127.0.0.1:{port}"
        command = [
            sys.executable, str(ROOT / "bin" / "dev.py"), "run", "--test", "--state", str(self.state),
            "--port", str(port), "--media-port", str(media_port), "--media-nodes", str(self.media_nodes),
            *([] if self.demonstration else ["--no-demonstration"]),
        ]  # fmt: skip
        self._program = Program(
            name="platform",
            command=command,
            environment=self._environment(),
            log=self.state / "log" / "run.log",
            directory=ROOT,
            ready=lambda: self._file.read().get("phase") == "ready",
            patience=_START_SECONDS,
            grace=40.0,
        )
        self._process = spawn(self._program)
        deadline = time.monotonic() + _START_SECONDS
        while not self._program.ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                told = last_lines(self._program.log, 40)
                self.stop()
                raise RuntimeError(f"The platform did not start:\n{told}")
            time.sleep(0.05)
        return self

    def stop(self) -> None:
        """Stop everything and remove its folder; what it logged is kept in ``var/log`` when it went wrong."""
        if self._process and self._program:
            stop(self._process, self._program)
            self._process = None
        shutil.rmtree(self.state, ignore_errors=True)

    def end(self, number: signal.Signals) -> None:
        """Send a signal to the supervisor itself and wait until it has ended."""
        assert self._process
        self._process.send_signal(number)
        self._process.wait(60)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            kept = VAR / "log" / self.state.name
            shutil.copytree(self.state / "log", kept, dirs_exist_ok=True)
        self.stop()

    @property
    def pids(self) -> dict[str, int]:
        """Process ids by name, as of now (they change when a process is started again)."""
        pids: dict[str, int] = self._file.read().get("pids", {})
        return pids

    @property
    def environment(self) -> dict[str, str]:
        """The variables its processes run with: ``DATABASE_URL``, ``REDIS_URL``, ``MEDIA_NODES`` and more."""
        variables: dict[str, str] = self._file.read()["environment"]
        return variables

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> int:
        """Send a signal to one process. Gives its id, for :meth:`await_restart`."""
        pid = self.pids[name]
        os.kill(pid, number)
        return pid

    def await_restart(self, name: str, *, after: int, seconds: float = 30.0) -> int:
        """Wait until ``name`` runs under another process id than ``after``; gives the new one."""
        deadline = time.monotonic() + seconds
        while (pid := self.pids.get(name, after)) == after:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{name} was not started again within {seconds} s")
            time.sleep(0.02)
        return pid

    def await_serving(self, path: str = "/readyz", *, seconds: float = 30.0) -> None:
        """Wait until a page of the platform answers 200; raises ``TimeoutError``."""
        self._await_page(f"{self.url}{path}", seconds)

    @staticmethod
    def _await_page(address: str, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while True:
            try:
                with urllib.request.urlopen(address, timeout=2) as answer:
                    if answer.status == 200:
                        return
            except (OSError, urllib.error.URLError):
                pass
            if time.monotonic() > deadline:
                raise TimeoutError(f"{address} did not answer within {seconds} s")
            time.sleep(0.05)

    def await_media(self, name: str, *, seconds: float = 30.0) -> None:
        """Wait until a media relay answers on its control port, as its health check asks; raises ``TimeoutError``."""
        number = int(name.removeprefix("media").removeprefix("-") or 1)
        control = self.environment["MEDIA_NODES"].split(",")[number - 1]
        self._await_page(control.replace("ws://", "http://").replace("/control", "/healthz"), seconds)

    def log(self, name: str) -> str:
        """Everything a process has printed so far; ``run`` is the supervisor."""
        return (self.state / "log" / f"{name}.log").read_text(errors="replace")

    def manage(self, *arguments: str) -> str:
        """Run ``python -m telehealth …`` against this platform and give its output."""
        done = subprocess.run(
            [str(venv_python()), "-m", "telehealth", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def _environment(self) -> dict[str, str]:
        """Ours without what belongs to the test run: the platform has its own database and settings."""
        ours = {"DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "TELEHEALTH_ENV"}
        inherited = {name: value for name, value in os.environ.items() if name not in ours}
        return {**inherited, **self._overrides}


def _free_ports(relays: int) -> tuple[int, int]:
    """A TCP port for the pages; the first of the relays' UDP ports, two apart, each with its lower neighbour free for TCP.

    The TCP port after them, for the stand-ins, is free, too.

    Below the range from which the kernel deals ports to outgoing connections: one of those would be free now and
    taken when the relay starts.
    """
    while True:
        first = random.randrange(20_000, 32_000, 3 + 2 * relays)
        wanted = [(socket.SOCK_STREAM, "127.0.0.1", first)]
        for relay in range(relays):
            wanted.append((socket.SOCK_STREAM, "127.0.0.1", first + 1 + 2 * relay))
            wanted.append((socket.SOCK_DGRAM, "0.0.0.0", first + 2 + 2 * relay))
        wanted.append((socket.SOCK_STREAM, "127.0.0.1", first + 1 + 2 * relays))
        with ExitStack() as stack:
            try:
                for kind, host, port in wanted:
                    stack.enter_context(socket.socket(type=kind)).bind((host, port))
            except OSError:
                continue
            return first, first + 2
