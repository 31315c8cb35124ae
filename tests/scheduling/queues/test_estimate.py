"""An estimate says what it rests on, and promises nothing when nobody calls."""

from datetime import UTC, datetime, timedelta

from scheduling.queues.estimate import Basis, Estimate, Pace, estimate, pace_of

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
USUAL = timedelta(minutes=8)


def minutes(*values: float) -> list[timedelta]:
    return [timedelta(minutes=value) for value in values]


def test_the_day_is_believed_once_three_people_were_seen() -> None:
    assert pace_of(minutes(3, 4), usual=USUAL, rooms=2) == Pace(USUAL, 2, Basis.USUAL)
    assert pace_of(minutes(3, 40, 5), usual=USUAL, rooms=2) == Pace(timedelta(minutes=5), 2, Basis.MEASURED)


def test_only_the_last_people_count_and_a_slip_of_the_finger_does_not() -> None:
    assert pace_of(minutes(*[30] * 20, *[6] * 15), usual=USUAL, rooms=1).each == timedelta(minutes=6)
    assert pace_of(minutes(0, 0, 0), usual=USUAL, rooms=1).each == timedelta(minutes=1)


def test_people_before_me_are_shared_among_the_rooms() -> None:
    pace = Pace(timedelta(minutes=6), 2, Basis.MEASURED)
    found = estimate(ahead=7, pace=pace, due_at=NOW, now=NOW)
    assert found == Estimate(low=15, high=30, basis=Basis.MEASURED, each_minutes=6, rooms=2)


def test_the_next_one_waits_a_few_minutes() -> None:
    found = estimate(ahead=0, pace=Pace(USUAL, 1, Basis.USUAL), due_at=NOW, now=NOW)
    assert (found.low, found.high) == (0, 10)


def test_nobody_is_promised_a_time_before_their_window() -> None:
    pace = Pace(timedelta(minutes=6), 1, Basis.MEASURED)
    found = estimate(ahead=0, pace=pace, due_at=NOW + timedelta(minutes=60), now=NOW)
    assert (found.low, found.high, found.basis) == (60, 70, Basis.WINDOW)


def test_without_a_room_that_calls_nothing_is_promised() -> None:
    found = estimate(ahead=3, pace=Pace(USUAL, 0, Basis.USUAL), due_at=NOW, now=NOW)
    assert found == Estimate(None, None, Basis.NO_ROOM, 8, 0)


def test_before_the_window_begins_that_is_the_reason_even_when_nobody_calls_yet() -> None:
    found = estimate(ahead=0, pace=Pace(USUAL, 0, Basis.USUAL), due_at=NOW + timedelta(minutes=20), now=NOW)
    assert found == Estimate(None, None, Basis.WINDOW, 8, 0)
