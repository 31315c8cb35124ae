"""Starting a child process so that it never outlives us, and stopping it for certain."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_LONGEST_LOG = 20_000_000  # bytes; then the next start begins a new one and keeps one old
_LIBC = ctypes.CDLL(None, use_errno=True)  # loaded before any fork: dlopen after fork may deadlock


@dataclass(frozen=True)
class Program:
    """How one long-running process is started, recognised as ready and stopped.

    ``ready`` is asked repeatedly until true, at most ``patience`` seconds; ``grace`` is how long it may take
    to stop after ``stop_signal`` before it is killed.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    directory: Path
    ready: Callable[[], bool] = field(default=lambda: True)
    patience: float = 90.0
    stop_signal: signal.Signals = signal.SIGTERM
    grace: float = 10.0


def spawn(program: Program) -> subprocess.Popen[bytes]:
    """Start a program in a process group of its own, tied to the life of the calling thread.

    The kernel sends ``stop_signal`` to the child when the *thread* that started it ends
    (``PR_SET_PDEATHSIG``), so a killed supervisor leaves no orphan. The group keeps a terminal's Ctrl-C away
    from the children: the supervisor stops them in order.
    """
    death_signal = int(program.stop_signal)
    parent = os.getpid()

    def tie_to_parent() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
        if os.getppid() != parent:  # it died between fork and prctl
            os._exit(1)

    program.log.parent.mkdir(parents=True, exist_ok=True)
    if program.log.exists() and program.log.stat().st_size > _LONGEST_LOG:
        program.log.replace(program.log.with_suffix(".old.log"))
    with program.log.open("ab") as log:
        return subprocess.Popen(
            program.command,
            env=dict(program.environment),
            cwd=program.directory,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            process_group=0,
            preexec_fn=tie_to_parent,  # noqa: PLW1509 - one system call, nothing that takes a lock
        )


def signal_group(pid: int, number: signal.Signals) -> None:
    """Send a signal to a child's whole process group; a group that is gone is fine."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def stop(child: subprocess.Popen[bytes], program: Program) -> None:
    """Ask a child to stop, wait its grace, then kill what is left of its group."""
    if child.poll() is None:
        with suppress(ProcessLookupError):
            child.send_signal(program.stop_signal)
        try:
            child.wait(program.grace)
        except subprocess.TimeoutExpired:
            signal_group(child.pid, signal.SIGKILL)
    signal_group(child.pid, signal.SIGKILL)
    child.wait()


def await_ready(child: subprocess.Popen[bytes], program: Program) -> bool:
    """Wait until a started program answers; false when it ended or its patience ran out."""
    deadline = time.monotonic() + program.patience
    while child.poll() is None:
        if program.ready():
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return False


def last_lines(log: Path, count: int = 12) -> str:
    """The end of a log, to show beside a failure."""
    try:
        text = log.read_bytes()[-8000:].decode(errors="replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-count:])


def start_time(pid: int) -> int | None:
    """When a process started, in clock ticks since boot; tells a process from a later one with its number.

    ``None`` when there is no such process, or only the remains its parent has not collected.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] == "Z" else int(fields[19])
