"""Keeps the platform's processes up: starts them in order, restarts what dies, stops all in reverse order."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass

from .console import Failure
from .processes import Program, await_ready, last_lines, signal_group, spawn, stop

_FIRST_DELAY = 0.5
_LONGEST_DELAY = 5.0
# After this long a process counts as healthy again: a call must not wait for an old failure.
_STEADY_SECONDS = 5.0


@dataclass
class _Child:
    """One supervised process; ``due`` is when a dead one is started again (monotonic seconds)."""

    program: Program
    process: subprocess.Popen[bytes]
    started: float
    failures: int = 0
    due: float | None = None


def delay_before_restart(failures: int) -> float:
    """Seconds to wait before the n-th restart in a row: none for the first, then 0.5 s doubling up to 5 s."""
    return 0.0 if failures == 0 else min(_LONGEST_DELAY, _FIRST_DELAY * 2.0 ** (failures - 1))


class Supervisor:
    """Owns the child processes. ``changed`` hears the process ids by name after every start.

    All of it runs in one thread, the one that made it: the children are tied to that thread's life.
    """

    def __init__(self, report: Callable[[str], None], changed: Callable[[dict[str, int]], None]) -> None:
        self._children: dict[str, _Child] = {}
        self._report = report
        self._changed = changed

    @property
    def pids(self) -> dict[str, int]:
        """Process ids of what runs now."""
        return {name: child.process.pid for name, child in self._children.items() if child.due is None}

    def launch(self, program: Program) -> None:
        """Start a program without waiting for it."""
        self._children[program.name] = _Child(program, spawn(program), time.monotonic())
        self._changed(self.pids)

    def wait_for(self, name: str) -> None:
        """Wait until a launched program is ready; raises :class:`Failure` with the end of its log."""
        child = self._children[name]
        if not await_ready(child.process, child.program):
            log = child.program.log
            raise Failure(f"{name} did not start:\n{last_lines(log)}\n", f"The whole story is in {log}.")

    def start(self, program: Program) -> None:
        """Start a program and wait until it is ready."""
        self.launch(program)
        self.wait_for(program.name)

    def tend(self) -> None:
        """Look after the children once: note who died, start again who is due."""
        now = time.monotonic()
        for child in self._children.values():
            if child.due is None and child.process.poll() is not None:
                self._note_death(child, now)
            if child.due is not None and now >= child.due:
                child.process, child.started, child.due = spawn(child.program), now, None
                self._changed(self.pids)

    def stop(self, name: str) -> None:
        """Stop one process for good."""
        child = self._children.pop(name)
        stop(child.process, child.program)
        self._changed(self.pids)

    def stop_all(self) -> None:
        """Stop everything, the last started first, so that nobody loses the database while still working."""
        while self._children:
            self.stop(next(reversed(self._children)))

    def _note_death(self, child: _Child, now: float) -> None:
        signal_group(child.process.pid, signal.SIGKILL)  # what it left behind
        if now - child.started > _STEADY_SECONDS:
            child.failures = 0
        delay = delay_before_restart(child.failures)
        child.failures += 1
        child.due = now + delay
        name, status = child.program.name, _in_words(child.process.returncode)
        when = "at once" if delay == 0 else f"in {delay:g} s"
        self._report(f"{name} {status}; starting it again {when}. Its log: {child.program.log}")


def _in_words(returncode: int) -> str:
    if returncode < 0:
        return f"was ended by {signal.Signals(-returncode).name}"
    return f"ended with status {returncode}"
