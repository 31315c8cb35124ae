"""``run.json``: one start per state folder, and nothing left over from a killed one."""

from __future__ import annotations

import stat
import subprocess
from pathlib import Path

import pytest

from devtool.console import Failure
from devtool.processes import start_time
from devtool.statefile import StateFile, only_one


def test_second_start_is_told_where_the_first_one_runs(tmp_path: Path) -> None:
    with only_one(tmp_path) as file:
        file.update(url="http://127.0.0.1:8000")

        with pytest.raises(Failure) as told, only_one(tmp_path):
            pass

    assert (
        str(told.value) == "The platform is already running: http://127.0.0.1:8000 Use it, or stop it first."
    )


def test_folder_is_free_again_after_the_block(tmp_path: Path) -> None:
    with only_one(tmp_path):
        pass
    with only_one(tmp_path) as file:
        assert file.read() == {}


def test_secrets_in_it_are_for_its_owner_only(tmp_path: Path) -> None:
    file = StateFile(tmp_path)
    file.update(environment={"SECRET_KEY": "s"})

    assert file.read() == {"environment": {"SECRET_KEY": "s"}}
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600


def test_leftovers_of_a_killed_start_are_ended(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "600"], process_group=0) as left:
        StateFile(tmp_path).note_pids({"media": left.pid})

        ended = StateFile(tmp_path).end_leftovers()

        assert ended == ["media"]
        assert left.wait() == -9


def test_other_process_with_a_reused_number_is_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "600"], process_group=0) as other:
        started = start_time(other.pid)
        assert started is not None
        StateFile(tmp_path).update(pids={"media": other.pid}, started={"media": started - 1})

        assert StateFile(tmp_path).end_leftovers() == []

        assert other.poll() is None
        other.kill()
