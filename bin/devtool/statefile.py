"""``run.json`` in a state folder: what runs there, for tests, for the next start and for ``reset``."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .console import Failure
from .processes import signal_group, start_time


class StateFile:
    """Written whole and atomically at every change; readable by its owner only, for it holds the secrets."""

    def __init__(self, state: Path) -> None:
        self.path = state / "run.json"
        self._content: dict[str, Any] = {}

    def update(self, **values: object) -> None:
        """Change some entries: ``phase`` (starting, ready, stopping), ``url``, ``environment``."""
        self._content.update(values)
        temporary = self.path.with_suffix(".new")
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(self._content, file, indent=1)
        temporary.replace(self.path)

    def note_pids(self, pids: Mapping[str, int]) -> None:
        """Write which processes run, with their start times, so that a later one is not mistaken for them."""
        self.update(pids=dict(pids), started={name: start_time(pid) for name, pid in pids.items()})

    def read(self) -> dict[str, Any]:
        """What is written; empty when nothing is."""
        try:
            content: dict[str, Any] = json.loads(self.path.read_text())
        except (OSError, ValueError):
            return {}
        return content

    def end_leftovers(self) -> list[str]:
        """Kill what a killed supervisor may have left, newest first. Gives the names."""
        written = self.read()
        ended = []
        for name, pid in reversed(written.get("pids", {}).items()):
            if start_time(pid) == written["started"].get(name) is not None:
                signal_group(pid, signal.SIGINT if name == "postgres" else signal.SIGKILL)
                ended.append(name)
                _await_end(pid, written["started"][name])
        self.path.unlink(missing_ok=True)
        return ended


@contextmanager
def only_one(state: Path) -> Iterator[StateFile]:
    """Hold a state folder for ourselves; raises :class:`Failure` when another start holds it."""
    state.mkdir(parents=True, exist_ok=True)
    file = StateFile(state)
    with (state / "run.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            where = file.read().get("url", f"with its state in {state}")
            raise Failure(f"The platform is already running: {where}", "Use it, or stop it first.") from None
        file.end_leftovers()
        try:
            yield file
        finally:
            file.path.unlink(missing_ok=True)


def _await_end(pid: int, started: int) -> None:
    deadline = time.monotonic() + 15
    while start_time(pid) == started:
        if time.monotonic() > deadline:
            signal_group(pid, signal.SIGKILL)
            return
        time.sleep(0.02)
