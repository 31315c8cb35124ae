"""The supervisor with real processes: what dies comes back, what is stopped is gone, nothing is orphaned."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from devtool.console import Failure
from devtool.processes import Program, start_time
from devtool.supervisor import Supervisor, delay_before_restart

BIN = Path(__file__).resolve().parents[2] / "bin"


def program(folder: Path, code: str, *, name: str = "one", **more: object) -> Program:
    """A Python program that writes ``up`` into a file when it has begun."""
    mark = folder / f"{name}.up"
    start = (
        f"import os, pathlib, signal, time; {code}pathlib.Path({str(mark)!r}).write_text(str(os.getpid())); "
    )
    return Program(
        name,
        [sys.executable, "-c", f"{start}time.sleep(600)"],
        dict(os.environ),
        folder / f"{name}.log",
        folder,
        ready=mark.exists,
        **more,  # type: ignore[arg-type]
    )


def until(condition: Callable[[], bool], *, meanwhile: Callable[[], None] = lambda: None) -> None:
    """Wait for a condition, at most ten seconds."""
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "it did not happen within 10 s"
        meanwhile()
        time.sleep(0.01)


class Watched:
    """A supervisor with what it said."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.heard: list[dict[str, int]] = []
        self.supervisor = Supervisor(self.said.append, self.heard.append)


@pytest.fixture
def watched() -> Iterator[Watched]:
    watched = Watched()
    yield watched
    watched.supervisor.stop_all()


def test_first_restart_is_at_once_and_later_ones_wait_longer_up_to_five_seconds() -> None:
    delays = [delay_before_restart(failures) for failures in range(7)]

    assert delays == [0.0, 0.5, 1.0, 2.0, 4.0, 5.0, 5.0]


def test_killed_process_is_started_again_at_once(watched: Watched, tmp_path: Path) -> None:
    supervisor = watched.supervisor
    supervisor.start(program(tmp_path, ""))
    first = supervisor.pids["one"]

    os.kill(first, signal.SIGKILL)
    until(lambda: supervisor.pids.get("one", first) != first, meanwhile=supervisor.tend)

    second = supervisor.pids["one"]
    assert start_time(first) is None
    assert start_time(second) is not None
    assert watched.heard == [{"one": first}, {"one": second}]
    assert watched.said == [
        f"one was ended by SIGKILL; starting it again at once. Its log: {tmp_path / 'one.log'}"
    ]


def test_second_death_in_a_row_waits(watched: Watched, tmp_path: Path) -> None:
    supervisor = watched.supervisor
    supervisor.start(program(tmp_path, ""))
    first = supervisor.pids["one"]
    os.kill(first, signal.SIGKILL)
    until(lambda: supervisor.pids.get("one", first) != first, meanwhile=supervisor.tend)

    os.kill(supervisor.pids["one"], signal.SIGKILL)
    until(lambda: len(watched.said) == 2, meanwhile=supervisor.tend)

    assert watched.said[1].startswith("one was ended by SIGKILL; starting it again in 0.5 s.")
    assert supervisor.pids == {}


def test_processes_are_stopped_last_started_first(watched: Watched, tmp_path: Path) -> None:
    supervisor = watched.supervisor
    for name in ("first", "second", "third"):
        supervisor.start(program(tmp_path, "", name=name))

    supervisor.stop_all()

    assert [sorted(pids) for pids in watched.heard[-3:]] == [["first", "second"], ["first"], []]


def test_process_that_ignores_the_stop_signal_is_killed_after_its_grace(
    watched: Watched, tmp_path: Path
) -> None:
    deaf = "signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    watched.supervisor.start(program(tmp_path, deaf, grace=0.2))
    pid = watched.supervisor.pids["one"]

    watched.supervisor.stop_all()

    assert start_time(pid) is None


def test_children_of_a_dead_process_are_killed_with_it(watched: Watched, tmp_path: Path) -> None:
    child = tmp_path / "child.pid"
    fork = (
        "pid = os.fork(); "
        f"pid and pathlib.Path({str(child)!r}).write_text(str(pid)); "
        "pid or (time.sleep(600), os._exit(0)); "
    )
    watched.supervisor.start(program(tmp_path, fork))
    grandchild = int(child.read_text())

    watched.supervisor.stop_all()

    until(lambda: start_time(grandchild) is None)


def test_program_that_ends_before_it_is_ready_is_a_failure_with_its_last_words(
    watched: Watched, tmp_path: Path
) -> None:
    words = "print('no such port', flush=True); os._exit(3); "

    with pytest.raises(Failure, match=r"one did not start:\nno such port"):
        watched.supervisor.start(program(tmp_path, words))


def test_killed_supervisor_leaves_no_orphan(tmp_path: Path) -> None:
    mark = tmp_path / "child.up"
    code = f"""
import os, pathlib, sys, time
sys.path.insert(0, {str(BIN)!r})
from devtool.processes import Program
from devtool.supervisor import Supervisor
child = "import os, pathlib, time; pathlib.Path({str(mark)!r}).write_text(str(os.getpid())); time.sleep(600)"
folder = pathlib.Path({str(tmp_path)!r})
mark = pathlib.Path({str(mark)!r})
one = Program("one", [sys.executable, "-c", child], dict(os.environ), folder / "log", folder, ready=mark.exists)
Supervisor(print, lambda pids: None).start(one)
print("up", flush=True)
time.sleep(600)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as supervising:
        assert supervising.stdout is not None
        assert supervising.stdout.readline() == "up\n"
        pid = int(mark.read_text())

        supervising.kill()
        supervising.wait()

    until(lambda: start_time(pid) is None)
