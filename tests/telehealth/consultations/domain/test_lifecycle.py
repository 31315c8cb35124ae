"""The request's state machine."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth.consultations.domain.lifecycle import REFUSALS, TABLE, Event, can, transition
from telehealth.consultations.enums import RequestState
from telehealth.core.errors import Conflict

ENDS = {RequestState.CLOSED, RequestState.CANCELLED}


@given(st.sampled_from(RequestState), st.sampled_from(Event))
def test_a_pair_moves_as_the_table_says_or_is_refused_with_a_sentence(
    state: RequestState, event: Event
) -> None:
    if (state, event) in TABLE:
        assert transition(state, event) == TABLE[state, event]
        assert can(state, event)
    else:
        assert not can(state, event)
        with pytest.raises(Conflict) as refused:
            transition(state, event)
        assert refused.value.code == "request.wrong_state"
        assert refused.value.text == str(REFUSALS[event])


@given(st.lists(st.sampled_from(Event), max_size=30))
def test_no_walk_leaves_an_end_or_reaches_a_conclusion_unclaimed(events: list[Event]) -> None:
    state, claimed = RequestState.DRAFT, False
    for event in events:
        if not can(state, event):
            continue
        before, state = state, transition(state, event)
        claimed |= event in {Event.CLAIM, Event.ARRANGE}
        if before in ENDS:
            assert state == before
        if state == RequestState.CONCLUDED:
            assert claimed


def test_every_state_but_the_ends_has_a_way_out() -> None:
    assert {state for state, _event in TABLE} >= set(RequestState) - ENDS
