"""Free slots: what is offered is free, and nothing that is free is withheld."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.calendars.patterns import LOCAL
from scheduling.calendars.slots import (
    Interval,
    common,
    free_slots,
    interval_on,
    merged,
    whole_days,
    without,
)
from tests.scheduling.factories import at, stretch

TET = datetime(2027, 2, 4, 20, 0, tzinfo=LOCAL)  # around midnights, the end of a month and Tết
MINUTE = timedelta(minutes=1)


def intervals(most: int = 8) -> st.SearchStrategy[list[Interval]]:
    one = st.tuples(st.integers(-5000, 5000), st.integers(1, 900)).map(
        lambda pair: Interval(TET + pair[0] * MINUTE, TET + (pair[0] + pair[1]) * MINUTE)
    )
    return st.lists(one, max_size=most)


lengths = st.integers(1, 120).map(lambda minutes: minutes * MINUTE)


def minutes_of(stretches: list[Interval]) -> set[int]:
    """The minutes that are covered, counted one by one: the slow truth."""
    covered: set[int] = set()
    for one in stretches:
        first = (one.start - TET) // MINUTE
        covered |= set(range(first, first + one.length // MINUTE))
    return covered


@given(intervals(), intervals())
def test_arithmetic_agrees_with_counting_minutes(some: list[Interval], others: list[Interval]) -> None:
    assert minutes_of(merged(some)) == minutes_of(some)
    assert minutes_of(without(some, others)) == minutes_of(some) - minutes_of(others)
    assert minutes_of(common(some, others)) == minutes_of(some) & minutes_of(others)


@given(intervals(), intervals())
def test_results_are_in_order_and_do_not_touch(some: list[Interval], others: list[Interval]) -> None:
    for result in (merged(some), without(some, others), common(some, others)):
        assert all(a.end < b.start for a, b in pairwise(result))


@given(intervals(), intervals(), lengths, lengths, st.integers(-5000, 5000))
def test_every_slot_is_within_the_windows_and_free(
    windows: list[Interval], taken: list[Interval], length: timedelta, step: timedelta, earliest: int
) -> None:
    not_before = TET + earliest * MINUTE
    slots = free_slots(windows=windows, taken=taken, length=length, step=step, not_before=not_before)
    whole = merged(windows)
    assert all(slot.length == length for slot in slots)
    assert all(slot.start >= not_before for slot in slots)
    assert all(any(window.covers(slot) for window in whole) for slot in slots)
    assert not any(slot.overlaps(busy) for slot in slots for busy in taken)
    assert slots == sorted(set(slots))


@given(intervals(), intervals(), lengths, lengths, st.integers(-5000, 5000))
def test_no_slot_that_could_be_offered_is_missing(
    windows: list[Interval], taken: list[Interval], length: timedelta, step: timedelta, earliest: int
) -> None:
    not_before = TET + earliest * MINUTE
    expected: list[Interval] = []
    for window in merged(windows):
        start = window.start
        while start + length <= window.end:
            slot = Interval(start, start + length)
            if start >= not_before and not any(slot.overlaps(busy) for busy in taken):
                expected.append(slot)
            start += step
    assert (
        free_slots(windows=windows, taken=taken, length=length, step=step, not_before=not_before) == expected
    )


@given(intervals(), intervals(), lengths, st.randoms(use_true_random=False))
def test_the_order_of_what_is_given_does_not_matter(
    windows: list[Interval], taken: list[Interval], length: timedelta, chance: object
) -> None:
    slots = free_slots(windows=windows, taken=taken, length=length)
    chance.shuffle(windows)  # type: ignore[attr-defined]
    chance.shuffle(taken)  # type: ignore[attr-defined]
    assert free_slots(windows=windows, taken=taken, length=length) == slots


@given(intervals(), intervals(), lengths)
def test_taking_a_free_slot_takes_only_what_overlaps_it(
    windows: list[Interval], taken: list[Interval], length: timedelta
) -> None:
    slots = free_slots(windows=windows, taken=taken, length=length)
    for slot in slots[:3]:
        left = free_slots(windows=windows, taken=[*taken, slot], length=length)
        assert left == [one for one in slots if not one.overlaps(slot)]


def test_slots_keep_their_round_times_beside_what_is_taken() -> None:
    day = date(2026, 11, 30)
    slots = free_slots(
        windows=[stretch(day, "07:00", "08:30")],
        taken=[stretch(day, "07:20", "07:35")],
        length=20 * MINUTE,
    )
    assert slots == [
        stretch(day, "07:00", "07:20"),
        stretch(day, "07:40", "08:00"),
        stretch(day, "08:00", "08:20"),
    ]


def test_slots_run_over_midnight_and_the_end_of_a_month() -> None:
    night = interval_on(date(2026, 11, 30), time(23, 0), time(1, 0), LOCAL)
    slots = free_slots(
        windows=[night], taken=[], length=30 * MINUTE, not_before=at(date(2026, 11, 30), "23:40")
    )
    assert [slot.start.isoformat() for slot in slots] == [
        "2026-12-01T00:00:00+07:00",
        "2026-12-01T00:30:00+07:00",
    ]


def test_windows_that_touch_are_one() -> None:
    day = date(2026, 12, 31)
    windows = [stretch(day, "07:00", "07:50"), stretch(day, "07:50", "08:00")]
    assert len(free_slots(windows=windows, taken=[], length=30 * MINUTE)) == 2


def test_an_hour_stays_an_hour_when_clocks_are_changed() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    night = interval_on(date(2026, 10, 25), time(1, 0), time(4, 0), berlin)
    assert night.length == timedelta(hours=4)
    assert len(free_slots(windows=[night], taken=[], length=timedelta(hours=1))) == 4
    assert whole_days(date(2026, 10, 25), date(2026, 10, 25), berlin).length == timedelta(hours=25)


def test_what_is_no_interval_is_refused() -> None:
    moment = datetime(2026, 11, 30, tzinfo=UTC)
    with pytest.raises(ValueError, match="ends after it starts"):
        Interval(moment, moment)
    with pytest.raises(ValueError, match="aware"):
        Interval(datetime(2026, 11, 30), moment)  # noqa: DTZ001
    with pytest.raises(ValueError, match="positive"):
        free_slots(windows=[], taken=[], length=timedelta(0))
