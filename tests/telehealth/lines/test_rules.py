"""What figures of a line mean: advice before a call, the verdict of a check, codes for the telephone."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth.lines.enums import CheckKind, Metric, Step, Verdict
from telehealth.lines.rules import (
    ADVICE_WINDOW,
    CODE_ALPHABET,
    Advice,
    Outcome,
    Reading,
    Rung,
    advise,
    clean_code,
    code_prefix,
    judge,
    make_code,
    rung_of,
    unattended_minute,
)

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def every_five_minutes(*up_kbps: float, newest: float = 0) -> list[Reading]:
    """Readings of the upward rate, the newest first and `newest` minutes old."""
    return [Reading(at=ago(newest + 5 * n), up_kbps=rate, down_kbps=8000) for n, rate in enumerate(up_kbps)]


@pytest.mark.parametrize(
    ("metric", "value", "rung"),
    [
        (Metric.UP, 1500, Rung.PICTURE),
        (Metric.UP, 1499, Rung.SMALL_PICTURE),
        (Metric.DOWN, 400, Rung.SOUND),
        (Metric.DOWN, 49, Rung.WRITING),
        (Metric.LOSS, 0.03, Rung.PICTURE),
        (Metric.LOSS, 0.15, Rung.SOUND),
        (Metric.LOSS, 0.31, Rung.WRITING),
        (Metric.RTT, 650, Rung.PICTURE),
        (Metric.RTT, 1500, Rung.SMALL_PICTURE),
        (Metric.RTT, 3001, Rung.WRITING),
        (Metric.GAPS, 2, Rung.PICTURE),
        (Metric.GAPS, 40, Rung.SOUND),
    ],
)
def test_each_figure_has_its_rung(metric: Metric, value: float, rung: Rung) -> None:
    assert rung_of(metric, value) == rung


def test_a_thin_line_is_told_with_its_figure_and_since_when() -> None:
    readings = every_five_minutes(400, 380, 410, 420, 3000, 3100)
    assert advise(readings, now=NOW) == Advice(Rung.SOUND, Metric.UP, 400, ago(15), ago(0))


def test_one_better_reading_does_not_end_a_bad_stretch_but_two_do() -> None:
    one = every_five_minutes(400, 380, 3000, 410, 5000, 5000)
    two = every_five_minutes(400, 380, 3000, 3000, 410, 5000, 5000)
    assert (advise(one, now=NOW).since, advise(two, now=NOW).since) == (ago(15), ago(5))


def test_one_bad_reading_among_good_ones_decides_nothing() -> None:
    assert advise(every_five_minutes(90, 3000, 3000), now=NOW) == Advice(Rung.PICTURE, measured_at=ago(0))


def test_a_line_that_was_always_thin_has_no_beginning() -> None:
    readings = every_five_minutes(*[400] * 72)
    assert advise(readings, now=NOW) == Advice(Rung.SOUND, Metric.UP, 400, None, ago(0))


def test_what_a_call_did_not_measure_does_not_hide_what_was_measured() -> None:
    thin = every_five_minutes(400, 410, 390, newest=20)
    call = [Reading(at=ago(n), rtt_ms=40, loss=0.0) for n in (0, 5, 10)]
    advice = advise([*call, *thin], now=NOW)
    assert (advice.rung, advice.metric, advice.measured_at) == (Rung.SOUND, Metric.UP, ago(0))


def test_without_a_rate_no_full_picture_is_promised() -> None:
    call = [Reading(at=ago(n), rtt_ms=40, loss=0.0) for n in (0, 5, 10)]
    assert advise(call, now=NOW) == Advice(Rung.SMALL_PICTURE, measured_at=ago(0))


def test_a_line_that_breaks_again_and_again_limits_the_call() -> None:
    readings = [Reading(at=ago(10 * n), rtt_ms=40, gaps=2) for n in range(4)]
    assert advise(readings, now=NOW) == Advice(Rung.SOUND, Metric.GAPS, 8.0, None, ago(0))


def test_old_figures_give_no_advice_but_their_time() -> None:
    assert advise(every_five_minutes(400, newest=121), now=NOW) == Advice(measured_at=ago(121))
    assert advise(every_five_minutes(400, newest=361), now=NOW) == Advice()
    assert advise([], now=NOW) == Advice()


figure = st.floats(0, 1e5)
readings = st.lists(
    st.builds(
        Reading,
        at=st.floats(0, 400).map(ago),
        rtt_ms=st.none() | figure,
        loss=st.none() | st.floats(0, 1),
        up_kbps=st.none() | figure,
        down_kbps=st.none() | figure,
        gaps=st.integers(0, 3),
    ),
    max_size=12,
)


@given(readings, st.randoms(use_true_random=False))
def test_advice_does_not_depend_on_the_order_of_readings(
    given_readings: list[Reading], chance: st.DataObject
) -> None:
    distinct = list({reading.at: reading for reading in given_readings}.values())
    shuffled = list(distinct)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert advise(shuffled, now=NOW) == advise(distinct, now=NOW)


@given(readings)
def test_advice_names_a_time_within_what_was_measured(given_readings: list[Reading]) -> None:
    advice = advise(given_readings, now=NOW)
    assert (advice.metric is None) == (advice.value is None)
    if advice.since is not None:
        assert advice.measured_at is not None
        assert NOW - ADVICE_WINDOW <= advice.since <= advice.measured_at <= NOW
    if advice.rung in {None, Rung.PICTURE}:
        assert (advice.metric, advice.since) == (None, None)


@given(st.lists(figure, min_size=1, max_size=12), st.floats(1, 10))
def test_a_faster_line_is_never_advised_worse(rates: list[float], factor: float) -> None:
    slower = advise(every_five_minutes(*rates), now=NOW).rung
    faster = advise(every_five_minutes(*[rate * factor for rate in rates]), now=NOW).rung
    assert slower is not None
    assert faster is not None
    assert faster >= slower


def outcomes(**changed: Outcome) -> dict[CheckKind, Outcome]:
    """A check in which everything is well and no TURN is set up, but for what is given."""
    good = {kind: Outcome(Step.GOOD) for kind in CheckKind}
    good |= {kind: Outcome(Step.NONE, "not_set_up") for kind in CheckKind if kind.startswith("turn")}
    good[CheckKind.RATES] = Outcome(Step.GOOD, figures={"up_kbps": 4000.0, "down_kbps": 9000.0})
    good[CheckKind.LOSS] = Outcome(
        Step.GOOD, figures={"loss_up": 0.0, "loss_down": 0.0, "rtt_ms": 40.0, "jitter_ms": 3.0}
    )
    return good | {CheckKind(name): outcome for name, outcome in changed.items()}


BAD = Outcome(Step.BAD)


@pytest.mark.parametrize(
    ("changed", "verdict"),
    [
        ({}, Verdict.READY),
        ({"browser": BAD, "udp": BAD}, Verdict.BROWSER),
        ({"websocket": BAD, "microphone": BAD}, Verdict.SOCKET),
        ({"udp": BAD}, Verdict.BLOCKED),
        ({"udp": BAD, "turn_tls": Outcome(Step.GOOD)}, Verdict.READY),
        ({"microphone": BAD}, Verdict.MICROPHONE),
        ({"microphone": Outcome(Step.WEAK, "silent")}, Verdict.READY),
        ({"camera": BAD}, Verdict.CAMERA),
        (
            {"camera": BAD, "rates": Outcome(Step.BAD, figures={"up_kbps": 200.0, "down_kbps": 900.0})},
            Verdict.SOUND,
        ),
        ({"rates": Outcome(Step.BAD, figures={"up_kbps": 20.0})}, Verdict.WRITING),
        (
            {"rates": Outcome(Step.WEAK, figures={"up_kbps": 900.0, "down_kbps": 900.0})},
            Verdict.SMALL_PICTURE,
        ),
        ({"loss": Outcome(Step.BAD, figures={"loss_up": 0.0, "loss_down": 0.2})}, Verdict.SOUND),
        ({"rates": BAD, "loss": BAD, "websocket": Outcome(Step.GOOD)}, Verdict.SMALL_PICTURE),
    ],
)
def test_the_verdict_names_what_stands_in_the_way_then_what_the_line_carries(
    changed: dict[str, Outcome], verdict: Verdict
) -> None:
    assert judge(outcomes(**changed)) == verdict


@pytest.mark.parametrize(
    ("name", "prefix"),
    [("TTYT Kỳ Sơn", "KS"), ("HNĐK Nghệ An", "NA"), ("ĐK 115", "D"), ("TYT Đôn Phục", "DP"), ("", "NB")],
)
def test_a_code_begins_with_the_place(name: str, prefix: str) -> None:
    assert code_prefix(name) == prefix


def test_a_code_can_be_read_over_the_telephone() -> None:
    letters = iter("4F7Q")
    assert make_code("TTYT Kỳ Sơn", lambda _alphabet: next(letters)) == "KS-4F7Q"
    assert set(CODE_ALPHABET).isdisjoint("0O1IL5SBPDGVN")


@pytest.mark.parametrize("typed", ["KS-4F7Q", "ks 4f7q", " ks4f7q ", "Ks–4F7q"])
def test_a_code_is_understood_however_it_is_typed(typed: str) -> None:
    assert clean_code(typed) == "KS-4F7Q"


@given(st.uuids())
def test_a_site_measures_itself_away_from_the_full_hour(facility_id: UUID) -> None:
    assert 5 <= unattended_minute(facility_id) < 55
    assert unattended_minute(facility_id) == unattended_minute(UUID(str(facility_id)))
