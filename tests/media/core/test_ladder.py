"""The ladder from the full picture to writing."""

import itertools
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.core.ladder import (
    BACK_BITRATE,
    BACK_SECONDS,
    CLIMB_SECONDS,
    FIGURES,
    LEAVE_SECONDS,
    SILENT_SECONDS,
    Ladder,
    Line,
    Reason,
    Rung,
    Standing,
    carried,
    together,
)

FULL = Standing(Rung.FULL, None)


@dataclass
class Watched:
    """A ladder looked at once a second."""

    ladder: Ladder = field(default_factory=Ladder)
    now: float = 1000.0

    def run(self, seconds: int, estimate: float, **line: float) -> Standing:
        silent = line.pop("silent", 0.0)
        for passed in range(seconds):
            self.now += 1.0
            at = silent and silent + passed
            self.ladder.look(
                Line(
                    estimate,
                    at,
                    line.get("loss", 0.0),
                    line.get("delay", 0.0),
                    bool(line.get("camera", True)),
                ),
                self.now,
            )
        return self.ladder.standing


@pytest.mark.parametrize(
    ("estimate", "rung"),
    [
        (3_000_000, Rung.FULL),
        (1_199_999, Rung.HALF),
        (400_000, Rung.HALF),
        (399_999, Rung.QUARTER),
        (180_000, Rung.QUARTER),
        (179_999, Rung.LOW_RATE),
        (120_000, Rung.LOW_RATE),
        (119_999, Rung.STILL),
        (40_000, Rung.STILL),
        (39_999, Rung.SOUND),
        (-1, Rung.SOUND),
    ],
)
def test_every_estimate_has_its_rung(estimate: float, rung: Rung) -> None:
    assert carried(estimate) is rung


def test_every_rung_has_its_figures_and_each_asks_for_no_more_than_the_one_before() -> None:
    assert list(FIGURES) == list(Rung)
    least = [figure.least for figure in FIGURES.values()]
    assert least == sorted(least, reverse=True)


def test_the_picture_follows_a_falling_line_at_once() -> None:
    watched = Watched()
    seen = [watched.run(1, rate) for rate in (2e6, 900_000, 300_000, 150_000)]
    assert seen == [
        FULL,
        Standing(Rung.HALF, Reason.THIN_LINE),
        Standing(Rung.QUARTER, Reason.THIN_LINE),
        Standing(Rung.LOW_RATE, Reason.THIN_LINE),
    ]


def test_the_moving_picture_is_given_up_after_five_seconds_and_comes_back_after_fifteen() -> None:
    watched = Watched()
    assert watched.run(5, 100_000).rung is Rung.LOW_RATE
    assert watched.run(1, 100_000) == Standing(Rung.STILL, Reason.THIN_LINE)
    assert watched.run(60, BACK_BITRATE - 1).rung is Rung.STILL
    assert watched.run(15, 300_000).rung is Rung.STILL
    assert watched.run(1, 300_000) == Standing(Rung.QUARTER, Reason.THIN_LINE)


def test_a_dip_of_four_seconds_costs_no_picture() -> None:
    watched = Watched()
    for _ in range(5):
        watched.run(4, 60_000)
        assert watched.run(1, 130_000).rung is Rung.LOW_RATE


def test_the_still_picture_is_given_up_below_forty_and_comes_back_above_sixty() -> None:
    watched = Watched()
    watched.run(10, 100_000)
    assert watched.run(5, 30_000).rung is Rung.STILL
    assert watched.run(1, 30_000).rung is Rung.SOUND
    assert watched.run(60, 50_000).rung is Rung.SOUND
    assert watched.run(16, 70_000).rung is Rung.STILL


def test_a_sharper_picture_needs_a_margin_for_five_seconds() -> None:
    watched = Watched()
    watched.run(1, 300_000)
    assert watched.run(60, 450_000).rung is Rung.QUARTER
    assert watched.run(5, 470_000).rung is Rung.QUARTER
    assert watched.run(1, 470_000).rung is Rung.HALF


def test_seconds_from_before_a_fall_do_not_count_for_the_climb_after_it() -> None:
    watched = Watched()
    watched.run(1, 500_000)
    assert watched.run(4, 2e6).rung is Rung.HALF
    watched.run(1, 300_000)
    assert watched.run(5, 2e6).rung is Rung.QUARTER
    assert watched.run(1, 2e6) == FULL


def test_seconds_without_a_picture_do_not_count_for_a_sharper_one() -> None:
    watched = Watched()
    watched.run(12, 10_000)
    assert watched.run(16, 300_000).rung is Rung.QUARTER
    assert watched.run(5, 2e6).rung is Rung.QUARTER
    assert watched.run(1, 2e6) == FULL


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ({}, Reason.THIN_LINE),
        ({"loss": 0.2}, Reason.LOSS),
        ({"delay": 0.9}, Reason.DELAY),
        ({"loss": 0.2, "delay": 0.9}, Reason.LOSS),
    ],
)
def test_the_reason_says_what_was_wrong_when_it_went_down(line: dict[str, float], reason: Reason) -> None:
    watched = Watched()
    watched.run(1, 300_000, **line)
    assert watched.run(1, 310_000) == Standing(Rung.QUARTER, reason)


def test_one_touch_keeps_the_sound_alone_until_it_is_taken_back() -> None:
    watched = Watched()
    watched.run(1, 2e6)
    assert watched.ladder.pin() == Standing(Rung.SOUND, Reason.BY_HAND)
    assert watched.run(100, 2e6) == Standing(Rung.SOUND, Reason.BY_HAND)
    assert watched.ladder.unpin() == FULL
    assert watched.ladder.unpin() == FULL


def test_taking_it_back_on_a_bad_line_gives_what_the_line_carries() -> None:
    watched = Watched()
    watched.ladder.pin()
    watched.run(100, 100_000)
    assert watched.ladder.unpin() == Standing(Rung.STILL, Reason.THIN_LINE)
    watched.ladder.pin()
    watched.run(1, 200_000)
    assert watched.ladder.unpin() == Standing(Rung.QUARTER, Reason.THIN_LINE)


def test_a_camera_that_is_off_is_no_fault_of_the_line_and_back_at_once() -> None:
    watched = Watched()
    assert watched.run(100, 2e6, camera=False) == Standing(Rung.SOUND, Reason.CAMERA_OFF)
    assert watched.run(1, 2e6) == FULL


def test_writing_comes_after_fifteen_seconds_of_silence_and_sound_with_the_first_sign_of_life() -> None:
    watched = Watched()
    watched.run(1, 2e6)
    assert watched.run(14, 2e6, silent=1.0) == FULL
    assert watched.run(1, 2e6, silent=SILENT_SECONDS) == Standing(Rung.WRITING, Reason.SILENT)
    watched.ladder.pin()
    assert watched.ladder.unpin() == Standing(Rung.WRITING, Reason.SILENT)
    assert watched.run(1, 2e6) == Standing(Rung.SOUND, Reason.THIN_LINE)
    assert watched.run(15, 2e6).rung is Rung.SOUND
    assert watched.run(1, 2e6) == FULL


@pytest.mark.parametrize(
    ("publisher", "viewer", "seen"),
    [
        (FULL, FULL, FULL),
        (FULL, Standing(Rung.QUARTER, Reason.LOSS), Standing(Rung.QUARTER, Reason.LOSS)),
        (Standing(Rung.STILL, Reason.LOSS), FULL, Standing(Rung.STILL, Reason.FAR_SIDE)),
        (Standing(Rung.SOUND, Reason.BY_HAND), FULL, Standing(Rung.SOUND, Reason.BY_HAND)),
        (Standing(Rung.SOUND, Reason.CAMERA_OFF), FULL, Standing(Rung.SOUND, Reason.CAMERA_OFF)),
        (Standing(Rung.WRITING, Reason.SILENT), FULL, Standing(Rung.WRITING, Reason.SILENT)),
        (
            Standing(Rung.HALF, Reason.LOSS),
            Standing(Rung.SOUND, Reason.BY_HAND),
            Standing(Rung.SOUND, Reason.BY_HAND),
        ),
    ],
)
def test_a_viewer_gets_the_lower_of_both_lines_and_is_told_whose_it_is(
    publisher: Standing, viewer: Standing, seen: Standing
) -> None:
    assert together(publisher, viewer) == seen


estimates = st.sampled_from([0, 30_000, 50_000, 90_000, 130_000, 200_000, 260_000, 500_000, 1_300_000, 2e6])
looks = st.lists(
    st.tuples(st.sampled_from([0.2, 0.5, 1.0, 1.0, 3.0, 16.0]), estimates), min_size=1, max_size=150
)


@settings(max_examples=200, deadline=None)
@given(script=looks)
def test_no_line_makes_it_swing_faster_than_the_holds(script: list[tuple[float, float]]) -> None:
    ladder = Ladder()
    now = 0.0
    changes = [(now, ladder.standing.rung)]
    for pause, estimate in script:
        now += pause
        rung = ladder.look(Line(estimate), now).rung
        assert rung is not Rung.WRITING
        if rung is not changes[-1][1]:
            changes.append((now, rung))
    left = back = -1e9
    for (before_at, before), (at, after) in itertools.pairwise(changes):
        if before <= Rung.LOW_RATE < after:
            assert after is Rung.STILL
            assert at - back >= LEAVE_SECONDS
            left = at
        elif after <= Rung.LOW_RATE < before:
            assert at - left >= BACK_SECONDS
            back = at
        elif after < before:
            assert at - before_at >= (CLIMB_SECONDS if before <= Rung.LOW_RATE else BACK_SECONDS)
        elif before >= Rung.STILL:
            assert at - before_at >= LEAVE_SECONDS


acts = st.lists(
    st.one_of(
        st.tuples(
            st.just("look"), st.sampled_from([0.5, 1.0, 5.0, 16.0]), estimates, st.booleans(), st.booleans()
        ),
        st.tuples(st.sampled_from(["pin", "unpin"])),
    ),
    max_size=100,
)


@settings(max_examples=200, deadline=None)
@given(script=acts)
def test_there_is_always_a_rung_the_hand_beats_the_line_and_only_silence_ends_in_writing(
    script: list[tuple[object, ...]],
) -> None:
    ladder = Ladder()
    now = heard = 0.0
    silent, camera, pinned = 0.0, True, False
    for act in script:
        match act:
            case ("pin",):
                pinned = True
                standing = ladder.pin()
            case ("unpin",):
                pinned = False
                standing = ladder.unpin()
            case (_, float(pause), float() | int() as estimate, bool(alive), bool(camera)):
                now += pause
                heard = now if alive else heard
                silent = now - heard
                standing = ladder.look(Line(estimate, silent=silent, camera=camera), now)
            case _:
                raise AssertionError(act)
        assert standing == ladder.standing
        assert (standing.rung is Rung.WRITING) == (silent >= SILENT_SECONDS)
        assert (standing.reason is Reason.SILENT) == (standing.rung is Rung.WRITING)
        assert (standing.reason is None) == (standing.rung is Rung.FULL)
        if standing.rung is not Rung.WRITING and pinned:
            assert standing == Standing(Rung.SOUND, Reason.BY_HAND)
        elif standing.rung is not Rung.WRITING and not camera:
            assert standing == Standing(Rung.SOUND, Reason.CAMERA_OFF)


@given(script=looks, estimate=st.floats(0, 3e6))
def test_on_a_steady_line_it_comes_to_rest(script: list[tuple[float, float]], estimate: float) -> None:
    watched = Watched()
    for pause, rate in script:
        watched.now += pause
        watched.ladder.look(Line(rate), watched.now)
    settled = watched.run(60, estimate)
    assert watched.run(60, estimate) == settled
    assert settled.rung >= carried(estimate)
