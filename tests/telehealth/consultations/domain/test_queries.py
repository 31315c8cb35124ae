"""Lists and cases: what is visible, in what order, in how many queries."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest

from telehealth.accounts.enums import Role
from telehealth.consultations import rules
from telehealth.consultations.domain.queries import (
    Tab,
    case_page,
    counts_of,
    facility_loads,
    recently_taken,
    tabs_of,
    visible_requests,
    worklist,
)
from telehealth.consultations.domain.requests import cancel_request, save_draft
from telehealth.consultations.models import Request
from tests import factories
from tests.factories import (
    NOW,
    World,
    answer_all,
    complete_content,
    make_claimed,
    make_draft,
    make_facility,
    make_person,
    make_session,
    make_specialty,
    make_submitted,
)

CountQueries = Callable[[int], AbstractContextManager[object]]


def test_the_list_and_the_rule_agree_for_everybody_and_every_state(world: World) -> None:
    make_draft(world)
    dropped = make_draft(world)
    save_draft(
        hat=world.doctor, request_id=dropped.id, content=complete_content(world), base_version=0, now=NOW
    )
    cancel_request(hat=world.doctor, request_id=dropped.id, reason="", now=NOW)
    make_submitted(world)
    make_claimed(world)
    make_session(world)
    cancel_request(hat=world.doctor, request_id=make_submitted(world).id, reason="Nhầm", now=NOW)
    people = [
        world.doctor,
        world.nurse,
        world.specialist,
        world.coordinator,
        make_person(world.hub, Role.NURSE),
        make_person(world.hub, Role.DOCTOR),
        make_person(world.hub, Role.SPECIALIST, specialty=make_specialty("da-lieu")),
        make_person(world.hub, Role.FACILITY_ADMIN),
        make_person(world.spoke, Role.AUDITOR),
        make_person(make_facility(), Role.DOCTOR),
    ]
    everything = list(Request.objects.all())
    for hat in people:
        listed = set(visible_requests(hat))
        ruled = {request for request in everything if rules.may_see(hat, request)}
        assert listed == ruled, hat.membership


def test_urgent_before_routine_and_long_waiting_before_new(world: World) -> None:
    routine, first, second = make_submitted(world), make_submitted(world), make_submitted(world)
    Request.objects.filter(id=routine.id).update(urgency="routine")
    assert list(worklist(world.specialist, Tab.WAITING)) == [first, second, routine]


def test_each_side_has_its_own_lists(world: World) -> None:
    assert tabs_of(world.doctor) == (Tab.DRAFTS, Tab.WAITING, Tab.MINE, Tab.LIVE, Tab.DECISION, Tab.DONE)
    assert tabs_of(world.specialist) == (Tab.WAITING, Tab.MINE, Tab.LIVE, Tab.DECISION, Tab.DONE)
    assert tabs_of(world.coordinator) == tabs_of(world.specialist)
    make_draft(world)
    make_submitted(world)
    make_claimed(world)
    make_session(world)
    assert counts_of(world.doctor, tabs_of(world.doctor)) == {
        Tab.DRAFTS: 1,
        Tab.WAITING: 1,
        Tab.MINE: 2,
        Tab.LIVE: 1,
        Tab.DECISION: 0,
        Tab.DONE: 0,
    }
    counts = counts_of(world.second_specialist, tabs_of(world.second_specialist))
    assert (counts[Tab.WAITING], counts[Tab.MINE], counts[Tab.LIVE]) == (1, 0, 1)


@pytest.mark.parametrize("cases", [1, 3])
def test_a_list_costs_the_same_whatever_its_length(
    cases: int, world: World, django_assert_num_queries: CountQueries
) -> None:
    for _ in range(cases):
        make_session(world)
    hat = world.specialist
    assert hat.specialties
    with django_assert_num_queries(1):
        rows = list(worklist(hat, Tab.MINE))
        shown = [
            (row.patient.full_name, row.facility.name, row.hub, row.owner, row.specialty) for row in rows
        ]
    assert len(shown) == cases


@pytest.mark.parametrize("calls", [1, 3])
def test_a_case_costs_the_same_whatever_hangs_on_it(
    calls: int, world: World, django_assert_num_queries: CountQueries
) -> None:
    from telehealth.consultations.access import access_request
    from telehealth.consultations.domain.requests import attach_document
    from telehealth.consultations.domain.sessions import arrive, end_session, open_session

    case = make_claimed(world)
    for number in range(calls):
        session = open_session(hat=world.doctor, request_id=case.id, now=NOW)
        arrive(who=world.doctor, session_id=session.id, key=None, now=NOW)
        end_session(who=world.doctor, session_id=session.id, reason="interrupted", key=None, now=NOW)
        attach_document(
            hat=world.doctor, request_id=case.id, name=f"{number}.pdf", content=b"%PDF-\n%%EOF\n", now=NOW
        )
    answer_all(world, case.id)
    hat = world.doctor
    row = access_request(hat, case.id, now=NOW, act=None)
    assert hat.specialties == frozenset()
    with django_assert_num_queries(8):
        page = case_page(hat, row)
        people = [p.display_name for s in page.sessions for p in s.participants.all()]
        files = [attachment.document.name for attachment in page.attachments]
    assert (len(people), len(files)) == (calls, calls)


def test_facility_loads_are_numbers_by_place(world: World) -> None:
    make_submitted(world)
    make_claimed(world)
    loads = facility_loads()
    assert (loads[world.hub.id].waiting_here, loads[world.hub.id].under_way) == (1, 0)
    assert (loads[world.spoke.id].waiting_for_others, loads[world.spoke.id].under_way) == (1, 1)


def test_colleagues_see_who_took_what_for_a_while(world: World) -> None:
    request = factories.make_claimed(world)
    at = NOW + timedelta(minutes=1)
    assert list(recently_taken(world.second_specialist, now=at)) == [request]
    assert list(recently_taken(world.coordinator, now=at)) == [request]
    assert list(recently_taken(world.specialist, now=at)) == []
    assert list(recently_taken(world.doctor, now=at)) == []
    assert list(recently_taken(world.second_specialist, now=NOW + timedelta(hours=1))) == []
