"""The state machines: every pair is either in the table or refused with a sentence; no walk ever leaves the table."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.appointments.domain.lifecycle import (
    REFUSALS,
    TABLE,
    WAITING_REFUSALS,
    WAITING_TABLE,
    Event,
    WaitingEvent,
    can,
    transition,
    waiting_transition,
)
from scheduling.appointments.enums import OCCUPYING, Status, WaitingState
from telehealth.core.errors import Conflict


def test_every_event_has_a_refusal_and_every_status_can_be_reached() -> None:
    assert (set(REFUSALS), set(WAITING_REFUSALS)) == (set(Event), set(WaitingEvent))
    assert set(TABLE.values()) | {Status.PENDING} == set(Status)
    assert set(WAITING_TABLE.values()) == set(WaitingState)


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("event", Event)
def test_a_pair_is_in_the_table_or_refused_in_words(status: Status, event: Event) -> None:
    if can(status, event):
        assert transition(status, event) == TABLE[status, event]
    else:
        with pytest.raises(Conflict) as refused:
            transition(status, event)
        assert (refused.value.code, refused.value.text) == ("booking.wrong_state", str(REFUSALS[event]))


@settings(deadline=None)
@given(st.lists(st.sampled_from(Event), max_size=30))
def test_whatever_happens_what_is_over_promises_nothing_unless_somebody_comes_after_all(
    events: list[Event],
) -> None:
    status = Status.PENDING
    for event in events:
        if not can(status, event):
            continue
        after = transition(status, event)
        if status not in OCCUPYING and after in OCCUPYING:
            assert (status, event) == (Status.NO_SHOW, Event.ARRIVE)
        assert status not in (Status.CANCELLED, Status.FULFILLED)
        status = after


@settings(deadline=None)
@given(st.lists(st.sampled_from(WaitingEvent), max_size=30))
def test_a_wish_ends_once(events: list[WaitingEvent]) -> None:
    state = WaitingState.WAITING
    for event in events:
        if (state, event) in WAITING_TABLE:
            assert state in (WaitingState.WAITING, WaitingState.OFFERED)
            state = waiting_transition(state, event)
        else:
            with pytest.raises(Conflict) as refused:
                waiting_transition(state, event)
            assert refused.value.text == str(WAITING_REFUSALS[event])
