"""How long somebody still waits."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth.consultations.domain.waiting_line import LATE_AFTER, Estimate, Place, Standing, estimate

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)


def place(number: int, minutes: int, standing: Standing = "waiting", *, began: int | None = None) -> Place:
    start = NOW + timedelta(minutes=minutes)
    return Place(
        UUID(int=number),
        start,
        start + timedelta(minutes=15),
        standing,
        NOW + timedelta(minutes=began) if began is not None else None,
    )


def told(*places: Place, who: int = 1) -> tuple[int, int, int]:
    """Return how many are ahead and the span, in minutes from now."""
    found = estimate(places, visit_id=UUID(int=who), now=NOW)
    minute = timedelta(minutes=1)
    return found.ahead, (found.from_time - NOW) // minute, (found.to_time - NOW) // minute


def test_alone_one_is_next_at_ones_own_time() -> None:
    assert told(place(1, 20)) == (0, 20, 25)


def test_who_is_in_the_room_and_who_comes_before_takes_their_time_first() -> None:
    assert told(place(1, 0), place(2, -15), place(3, -30, "in_room", began=-10)) == (2, 20, 35)


def test_whoever_overstays_keeps_a_few_minutes() -> None:
    assert told(place(1, 0), place(3, -60, "in_room", began=-40)) == (1, 5, 15)


def test_somebody_who_did_not_come_is_not_waited_for() -> None:
    assert told(place(1, 0), place(2, -15, "expected")) == (0, 0, 5)
    assert told(place(1, 0), place(2, -5, "expected")) == (1, 15, 25)


def test_what_is_over_and_what_comes_later_does_not_count() -> None:
    assert told(place(1, 0), place(2, -15, "over"), place(3, 15)) == (0, 0, 5)


def test_a_visit_of_another_day_has_no_place() -> None:
    with pytest.raises(KeyError):
        estimate([place(1, 0)], visit_id=UUID(int=9), now=NOW)


@given(
    st.lists(
        st.tuples(st.integers(-240, 240), st.sampled_from(["expected", "waiting", "in_room", "over"])),
        min_size=1,
        max_size=20,
    )
)
def test_nobody_is_told_a_time_before_their_own_or_in_the_past(rows: list[tuple[int, Standing]]) -> None:
    places = [place(number, *row) for number, row in enumerate(rows, start=1)]
    for one in places:
        found = estimate(places, visit_id=one.visit_id, now=NOW)
        assert isinstance(found, Estimate)
        assert max(one.starts_at, NOW) <= found.from_time < found.to_time
        assert 0 <= found.ahead < len(places)
        assert found.from_time.minute % 5 == 0


@given(st.permutations([place(n, 15 * n) for n in range(1, 8)]))
def test_places_are_in_the_order_of_times_whatever_the_order_of_rows(places: list[Place]) -> None:
    assert [estimate(places, visit_id=UUID(int=n), now=NOW).ahead for n in range(1, 8)] == list(range(7))


def test_the_grace_for_who_is_late_is_a_promise() -> None:
    assert timedelta(minutes=10) == LATE_AFTER
