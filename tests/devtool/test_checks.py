"""The list of steps behind ``dev.py test``: every one runs, one failure fails the whole."""

from __future__ import annotations

import pytest

from devtool.checks import Check, run_all
from devtool.console import Failure


def broken() -> None:
    raise Failure("Three texts have no English.")


def table(output: str) -> list[list[str]]:
    """Verdict and name of each line of the table at the end."""
    lines = [line.split() for line in output.splitlines()]
    return [words[:2] for words in lines if words and words[0] in {"ok", "FAILED"}]


def test_every_step_runs_and_one_failure_fails_the_whole(capsys: pytest.CaptureFixture[str]) -> None:
    ran: list[str] = []
    steps = [
        Check("first", "", lambda: ran.append("first")),
        Check("broken", "", broken),
        Check("last", "", lambda: ran.append("last")),
    ]

    status = run_all(steps)

    printed = capsys.readouterr()
    assert status == 1
    assert ran == ["first", "last"]
    assert table(printed.out) == [["ok", "first"], ["FAILED", "broken"], ["ok", "last"]]
    assert printed.out.endswith("2 of 3 steps passed.\n")
    assert printed.err == "Three texts have no English.\n"


def test_chosen_steps_only(capsys: pytest.CaptureFixture[str]) -> None:
    steps = [Check("good", "", lambda: None), Check("broken", "", broken)]

    assert run_all(steps, ["good"]) == 0
    assert table(capsys.readouterr().out) == [["ok", "good"]]


def test_unknown_step_is_refused() -> None:
    with pytest.raises(Failure, match=r"There is no step called x\. Steps: good\."):
        run_all([Check("good", "", lambda: None)], ["x"])
