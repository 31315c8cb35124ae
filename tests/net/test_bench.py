"""How the benchmark over these lines chooses, judges and draws; without any line."""

from xml.etree import ElementTree

import pytest

from devtool.console import Failure
from tests.bench.net.__main__ import BARS, choose
from tests.bench.net.bars import sound_back
from tests.bench.net.plot import draw
from tests.bench.net.run import Figure, Run, Trace
from tests.net.figures import Sample


def heard(at: float, *, made_up: bool) -> Sample:
    """A sample `at` seconds after the beginning, in which sound is whole from 2 s on unless `made_up`."""
    missing = at if made_up else min(at, 2.0)
    counters = {
        "packetsReceived": at * 50,
        "totalSamplesReceived": at * 48_000,
        "concealedSamples": missing * 48_000,
    }
    return Sample(at, {"a0": counters}, {}, {}, None)


def series(*, made_up: bool) -> list[Sample]:
    return [heard(index / 5, made_up=made_up) for index in range(26)]


def test_all_bars_are_measured_unless_some_are_named() -> None:
    assert choose("") == list(BARS)
    assert choose("m5,P4") == ["M4", "M5", "M6"]


def test_an_unknown_bar_is_refused() -> None:
    with pytest.raises(Failure, match="no bar or profile M99"):
        choose("M99")


def test_a_figure_that_never_came_is_missed() -> None:
    run = Run("M5", short=True, seed=1)
    run.at_most("down_s", None, 3)
    run.at_most("gap_s", 0.4, 0.5)
    run.at_least("kept", 0.9, 0.95)
    assert run.figures == [
        Figure("down_s", None, "≤ 3", passed=False),
        Figure("gap_s", 0.4, "≤ 0.5", passed=True),
        Figure("kept", 0.9, "≥ 0.95", passed=False),
    ]


def test_how_long_was_measured_is_told() -> None:
    run = Run("M4", short=True, seed=1)
    assert run.length("P4", full=600, short=30) == 30
    assert run.seconds == {"P4": 30}


def test_sound_is_back_when_it_flows_for_a_second() -> None:
    assert sound_back(series(made_up=False), 0.0, 5.0) == pytest.approx(2.0)


def test_sound_that_does_not_come_back_is_silent_for_all_of_the_time() -> None:
    assert sound_back(series(made_up=True), 0.0, 5.0) == 5.0


def test_a_plot_is_an_svg_with_its_curves_and_marks() -> None:
    picture = ElementTree.fromstring(draw(Trace("P4: binh", series(made_up=False), [(1.0, "narrow <")])))
    space = "{http://www.w3.org/2000/svg}"
    texts = [element.text for element in picture.iter(f"{space}text")]
    assert {"P4: binh", "narrow <", "sound made up, %", "picture width, pixels"} <= set(texts)
    assert len(list(picture.iter(f"{space}polyline"))) == 6


def test_a_run_without_samples_draws_empty_axes() -> None:
    assert draw(Trace("nobody", [], [])).startswith("<svg")
