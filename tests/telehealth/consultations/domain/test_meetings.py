"""A time for the people of a case: asked for, answered, agreed, moved; and nobody's time promised twice."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.appointments.enums import Status
from scheduling.appointments.models import Appointment
from telehealth.accounts.hat import Hat
from telehealth.consultations.domain import meeting_states, meetings, sessions
from telehealth.consultations.domain.meeting_sheet import sheet
from telehealth.consultations.domain.meeting_states import TABLE, Event, agreed_time
from telehealth.consultations.domain.queries import Tab, worklist
from telehealth.consultations.enums import MeetingState
from telehealth.consultations.models import Meeting, Request
from telehealth.core.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from tests.factories import NOW, World, make_claimed, make_world

HOURS = [NOW + timedelta(hours=n) for n in range(1, 7)]


@given(st.sampled_from(MeetingState), st.sampled_from(Event))
def test_a_pair_moves_as_the_table_says_or_is_refused(state: MeetingState, event: Event) -> None:
    if (state, event) in TABLE:
        assert meeting_states.transition(state, event) == TABLE[state, event]
    else:
        with pytest.raises(Conflict) as refused:
            meeting_states.transition(state, event)
        assert refused.value.text == str(meeting_states.REFUSALS[event])


@given(
    st.lists(st.sampled_from(HOURS), min_size=1, unique=True),
    st.lists(st.none() | st.sets(st.sampled_from(HOURS)), max_size=5),
)
def test_the_earliest_time_that_suits_everybody_is_agreed_and_no_other(
    times: list[datetime], answers: list[set[datetime] | None]
) -> None:
    agreed = agreed_time(times, answers)
    common = [t for t in times if answers and all(answer is not None and t in answer for answer in answers)]
    assert agreed == (min(common) if common else None)


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def propose(hat: Hat, case: Request, *others: Hat, times: list[datetime] | None = None) -> Meeting:
    return meetings.propose_times(
        hat=hat,
        request_id=case.id,
        times=times or HOURS[:2],
        people=[one.membership.id for one in others],
        minutes=30,
        now=NOW,
    )


def booked() -> set[object]:
    rows = Appointment.objects.filter(kind="consultation", status=Status.BOOKED)
    return set(rows.values_list("person_id", flat=True))


def code_of(deed: Callable[[], object]) -> str:
    with pytest.raises(DomainError) as refused:
        deed()
    return refused.value.code


def test_several_people_agree_on_the_earliest_time_that_suits_them_all(world: World) -> None:
    case = make_claimed(world)
    propose(world.doctor, case, world.specialist, world.second_specialist)
    first = meetings.answer_times(hat=world.specialist, request_id=case.id, accepts=HOURS[:2], now=NOW)
    assert (first.state, booked()) == (MeetingState.PROPOSED, set())
    agreed = meetings.answer_times(
        hat=world.second_specialist, request_id=case.id, accepts=[HOURS[1]], now=NOW
    )
    assert (agreed.state, agreed.starts_at) == (MeetingState.AGREED, HOURS[1])
    assert booked() == {one.user.pk for one in (world.doctor, world.specialist, world.second_specialist)}
    [row] = worklist(world.specialist, Tab.MINE)
    assert row.meets_at == HOURS[1]  # type: ignore[attr-defined]


def test_moving_asks_everybody_anew_and_gives_the_time_back(world: World) -> None:
    case = make_claimed(world)
    propose(world.doctor, case, world.specialist)
    meetings.answer_times(hat=world.specialist, request_id=case.id, accepts=HOURS[:1], now=NOW)
    moved = propose(world.specialist, case, world.doctor, times=HOURS[3:4])
    assert (moved.state, moved.round, moved.starts_at, booked()) == (MeetingState.PROPOSED, 2, None, set())
    agreed = meetings.answer_times(hat=world.doctor, request_id=case.id, accepts=HOURS[3:4], now=NOW)
    assert agreed.starts_at == HOURS[3]


def test_nobodys_time_is_promised_twice(world: World) -> None:
    first, second = make_claimed(world), make_claimed(world)
    propose(world.doctor, first, world.specialist, times=HOURS[:1])
    meetings.answer_times(hat=world.specialist, request_id=first.id, accepts=HOURS[:1], now=NOW)
    propose(world.doctor, second, world.specialist, times=HOURS[:1])
    answer = partial(
        meetings.answer_times, hat=world.specialist, request_id=second.id, accepts=HOURS[:1], now=NOW
    )
    assert code_of(answer) == "meeting.taken"
    assert Meeting.objects.get(request=second).state == MeetingState.PROPOSED


def test_calling_off_gives_the_time_back_and_meeting_ends_the_question(world: World) -> None:
    case = make_claimed(world)
    propose(world.doctor, case, world.specialist, times=HOURS[:1])
    meetings.answer_times(hat=world.specialist, request_id=case.id, accepts=HOURS[:1], now=NOW)
    assert meetings.withdraw_meeting(hat=world.doctor, request_id=case.id, now=NOW).state == "withdrawn"
    assert booked() == set()
    propose(world.doctor, case, world.specialist, times=HOURS[1:2])
    meetings.answer_times(hat=world.specialist, request_id=case.id, accepts=HOURS[1:2], now=NOW)
    sessions.open_session(hat=world.specialist, request_id=case.id, now=NOW)
    assert Meeting.objects.filter(state=MeetingState.HELD).count() == 1


def test_who_has_nothing_to_do_with_the_case_can_do_nothing(world: World) -> None:
    case = make_claimed(world)
    asked = partial(propose, case=case, times=HOURS[:1])
    with pytest.raises(NotAllowed):
        asked(world.nurse)
    with pytest.raises(Invalid):
        propose(world.doctor, case, world.nurse)
    with pytest.raises(Invalid):
        propose(world.doctor, case, world.specialist, times=[NOW - timedelta(hours=1)])
    propose(world.doctor, case, world.specialist)
    with pytest.raises(NotFound):
        meetings.answer_times(hat=world.second_specialist, request_id=case.id, accepts=HOURS[:1], now=NOW)


def test_a_sheet_without_hours_suggests_nothing_and_says_so(world: World) -> None:
    people = meetings.possible_people(make_claimed(world))
    page = sheet(people, minutes=30, now=NOW)
    assert {row.membership.id for row in page.people} == {
        one.membership.id for one in (world.doctor, world.specialist, world.second_specialist)
    }
    assert ([row.has_hours for row in page.people], page.suggested) == ([False] * 3, ())
