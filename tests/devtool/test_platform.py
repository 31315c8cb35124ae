"""The whole platform under its supervisor: every part comes back after `kill -9`, and nothing is left at the end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from devtool.paths import ROOT
from devtool.processes import start_time
from tests.support.platform import Platform

pytestmark = pytest.mark.kill
PARTS = ("media", "postgres", "valkey", "web", "worker")


@pytest.fixture(scope="module")
def platform() -> Iterator[Platform]:
    with Platform(demonstration=False) as running:
        yield running


def test_all_parts_run_and_the_platform_says_it_is_ready(platform: Platform) -> None:
    platform.await_serving("/readyz")

    assert tuple(sorted(platform.pids)) == PARTS


def test_second_start_on_the_same_state_is_refused_in_one_line(platform: Platform) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "bin" / "dev.py"), "run", "--no-build", "--state", str(platform.state)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr == f"\nThe platform is already running: {platform.url} Use it, or stop it first.\n"


@pytest.mark.parametrize("part", PARTS)
def test_killed_part_is_back_and_the_platform_is_ready_again(platform: Platform, part: str) -> None:
    before = platform.kill(part)

    after = platform.await_restart(part, after=before)
    platform.await_serving("/readyz")

    assert start_time(before) is None
    assert platform.pids[part] == after


def test_media_relay_is_back_within_a_second(platform: Platform) -> None:
    platform.await_serving("/readyz")
    started = time.monotonic()

    before = platform.kill("media")
    platform.await_restart("media", after=before)

    assert time.monotonic() - started < 1.0


def test_killed_relay_is_back_and_the_other_is_left_alone() -> None:
    with Platform(demonstration=False, media_nodes=2) as platform:
        other = platform.pids["media-2"]

        dead = platform.kill("media-1")
        platform.await_restart("media-1", after=dead)

        assert platform.pids["media-2"] == other
        assert start_time(other) is not None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL], ids=lambda one: one.name)
def test_nothing_is_left_when_the_start_is_ended(number: signal.Signals) -> None:
    with Platform(demonstration=False, media_nodes=2) as platform:
        pids = list(platform.pids.values())
        groups = [os.getpgid(pid) for pid in pids]

        platform.end(number)

        deadline = time.monotonic() + 30
        while left := [pid for pid in pids if start_time(pid) is not None]:
            assert time.monotonic() < deadline, f"still running: {left}"
            time.sleep(0.05)
        # A worker's own children end by themselves when they notice, a moment later.
        while left := [pid for group in groups for pid in members(group)]:
            assert time.monotonic() < deadline, f"still running: {left}"
            time.sleep(0.05)


def members(group: int) -> list[int]:
    """Living processes of a process group."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, pgrp = path.read_text().rpartition(")")[2].split()[:3]
            if int(pgrp) == group and state != "Z":
                found.append(int(path.parent.name))
    return found
