"""Many rooms on two relays, without browsers: `bench handover` in small. How fast it is does not matter here."""

import json
import os
import subprocess

import pytest

from devtool.paths import ROOT, venv_python

pytestmark = [pytest.mark.kill, pytest.mark.timeout(240)]


def test_every_room_of_a_relay_that_goes_moves_once_and_no_other_does() -> None:
    done = subprocess.run(
        [str(venv_python()), "-m", "tests.bench.handover", "--rooms", "4", "--json"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'bin'}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout, done.stderr
    found = json.loads(done.stdout)
    ends = [*found["drained"], found["killed"]]
    assert [end["needless_moves"] for end in ends] == [0, 0, 0]
    assert [end["rooms_left_there"] for end in ends] == [0, 0, 0]
    assert [end["moved"]["n"] for end in ends] == [2 * found["placed"].get("media-1", 0), 8, 8]
