"""Visits: from the booking to the signed summary, and who sees what of them."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from scheduling.appointments.enums import Status
from scheduling.appointments.models import Appointment, Contact
from scheduling.calendars.enums import Purpose
from scheduling.calendars.ranges import range_of
from scheduling.calendars.slots import Interval
from telehealth.accounts.enums import Role
from telehealth.accounts.hat import Hat
from telehealth.audit.models import AuditEntry
from telehealth.consultations import rules
from telehealth.consultations.domain import guests, queries, sessions, summaries, visit_lists, visits
from telehealth.consultations.domain.requests import claim_request
from telehealth.consultations.enums import GuestKind, Mode, RequestState, SessionState
from telehealth.consultations.models import Participant, Request, Session, Visit
from telehealth.core.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from telehealth.records.models import Patient
from tests.factories import (
    NOW,
    World,
    guest_at,
    make_facility,
    make_person,
    make_session,
    make_submitted,
    make_visit,
    make_world,
)

pytestmark = pytest.mark.django_db
WORDS = {
    "findings": "Huyết áp đã ổn.",
    "advice": "Uống thuốc đều.",
    "warning_signs": "Đau ngực",
    "follow_up": "Sau 1 tháng",
}


@pytest.fixture
def world() -> World:
    return make_world()


def call(world: World, visit: Visit) -> Session:
    """Hold the visit's call, as far as both being in."""
    guest = guest_at(visit)
    session = visits.open_visit(who=world.specialist, visit_id=visit.id, now=NOW)
    sessions.arrive(who=world.specialist, session_id=session.id, key=None, now=NOW)
    sessions.arrive(who=guest, session_id=session.id, key=None, now=NOW)
    place = Participant.objects.get(session=session, guest=guest.link)
    sessions.admit(who=world.specialist, session_id=session.id, participant_id=place.id, key=None, now=NOW)
    sessions.enter(who=world.specialist, session_id=session.id, now=NOW)
    sessions.enter(who=guest, session_id=session.id, now=NOW)
    return session


def write(world: World, visit: Visit, **more: str) -> Visit:
    return summaries.save_summary(
        hat=world.specialist, visit_id=visit.id, values=WORDS | more, base_version=visit.version, now=NOW
    )


def test_the_patients_link_is_made_once_and_anew_for_another_phone(world: World) -> None:
    visit = make_visit(world)
    first = guest_at(visit).link
    assert guest_at(visit).link == first
    Contact.objects.filter(appointments=visit.appointment).update(phone="+84999999999")
    second = guest_at(visit).link
    first.refresh_from_db()
    assert (second.phone, first.revoked_at) == ("+84999999999", NOW)


def test_a_hold_and_an_appointment_at_the_desk_are_no_visits(world: World) -> None:
    visit = make_visit(world)
    for change in ({"kind": Purpose.IN_PERSON}, {"status": Status.PENDING, "hold_until": NOW}):
        Appointment.objects.filter(id=visit.id).update(**({"kind": Purpose.REMOTE} | change))
        with pytest.raises(NotFound):
            visits.access_visit(world.specialist, visit.id, now=NOW)


def test_a_booking_touches_nobodys_record_and_opening_makes_one(world: World) -> None:
    before = Patient.objects.count()
    visit = make_visit(world, name="Lầu Y Mới", reason="Ho hai tuần")
    assert (Patient.objects.count(), Request.objects.count()) == (before, 0)
    session = visits.open_visit(who=world.specialist, visit_id=visit.id, now=NOW)
    assert visits.open_visit(who=guest_at(visit), visit_id=visit.id, now=NOW) == session
    request = session.request
    assert (request.mode, request.state, request.owner, request.chief_complaint) == (
        Mode.DIRECT_TO_PATIENT,
        RequestState.IN_SESSION,
        world.specialist.membership,
        "Ho hai tuần",
    )
    assert (request.patient.full_name, request.patient.home_facility) == ("Lầu Y Mới", world.hub)


def test_a_booking_for_a_known_patient_uses_their_record(world: World) -> None:
    visit = make_visit(world, patient=world.patient)
    session = visits.open_visit(who=world.specialist, visit_id=visit.id, now=NOW)
    assert session.request.patient == world.patient


@pytest.mark.parametrize(
    ("after", "code"),
    [
        (-visits.OPENS_BEFORE - timedelta(seconds=1), "visit.too_early"),
        (-visits.OPENS_BEFORE, None),
        (timedelta(minutes=30) + visits.OPEN_AFTER, None),
        (timedelta(minutes=31) + visits.OPEN_AFTER, "visit.over"),
    ],
)
def test_a_patient_opens_the_room_in_its_time_only(world: World, after: timedelta, code: str | None) -> None:
    visit = make_visit(world)
    refused = None
    try:
        visits.open_visit(who=guest_at(visit), visit_id=visit.id, now=NOW + after)
    except DomainError as error:
        refused = error.code
    assert refused == code


def test_nobody_elses_physician_opens_it_and_a_nurse_only_comes_in(world: World) -> None:
    visit = make_visit(world)
    nurse = make_person(world.hub, Role.NURSE)
    for stranger in (world.doctor, world.second_specialist, make_person(make_facility(), Role.COORDINATOR)):
        with pytest.raises(NotFound):
            visits.open_visit(who=stranger, visit_id=visit.id, now=NOW)
    with pytest.raises(NotAllowed):
        visits.open_visit(who=nurse, visit_id=visit.id, now=NOW)
    session = visits.open_visit(who=world.coordinator, visit_id=visit.id, now=NOW)
    assert visits.open_visit(who=nurse, visit_id=visit.id, now=NOW) == session


def test_a_patient_who_comes_has_arrived_for_the_booking_too_and_is_fulfilled_when_signed(
    world: World,
) -> None:
    visit = make_visit(world)
    call(world, visit)
    visits.open_visit(who=guest_at(visit), visit_id=visit.id, now=NOW)
    booking = Appointment.objects.get(id=visit.id)
    assert (booking.status, booking.arrived_at) == (Status.ARRIVED, NOW)
    write(world, visit)
    summaries.sign_summary(hat=world.specialist, visit_id=visit.id, now=NOW)
    booking.refresh_from_db()
    assert booking.status == Status.FULFILLED


def test_a_moved_appointment_keeps_its_link_and_its_time_is_the_bookings(world: World) -> None:
    visit = make_visit(world)
    guest = guest_at(visit)
    later = Interval(NOW + timedelta(days=1), NOW + timedelta(days=1, minutes=30))
    Appointment.objects.filter(id=visit.id).update(during=range_of(later))
    token = guests.token_of(guest.link.id)
    assert guests.ends_at(guests.open_link(token=token, now=NOW)) == later.end + guests.READ_FOR
    with pytest.raises(Conflict) as refused:
        visits.open_visit(who=guest, visit_id=visit.id, now=NOW)
    assert refused.value.code == "visit.too_early"


def test_cancelling_ends_the_call_and_the_request_and_bars_the_door_at_once(world: World) -> None:
    visit = make_visit(world)
    session = call(world, visit)
    guest = guest_at(visit)
    Appointment.objects.filter(id=visit.id).update(status=Status.CANCELLED)
    with pytest.raises(NotFound):
        sessions.set_media(
            who=guest, session_id=session.id, microphone=True, camera=True, screen=False, key=None, now=NOW
        )
    assert visits.close_cancelled(now=NOW) == 1
    assert visits.close_cancelled(now=NOW) == 0
    session.refresh_from_db()
    session.request.refresh_from_db()
    assert (session.state, session.end_reason, session.request.state) == (
        SessionState.ENDED,
        "cancelled",
        RequestState.CANCELLED,
    )
    with pytest.raises(Conflict):
        visits.open_visit(who=world.specialist, visit_id=visit.id, now=NOW)


# --- the summary -----------------------------------------------------------------------------------------------


def test_a_draft_is_seen_by_nobody_and_a_signed_summary_by_the_patient(world: World) -> None:
    visit = make_visit(world)
    call(world, visit)
    guest = guest_at(visit)
    write(world, visit)
    assert summaries.read_summary(guest=guest, now=NOW) is None
    summaries.sign_summary(hat=world.specialist, visit_id=visit.id, now=NOW)
    assert summaries.read_summary(guest=guest, now=NOW) == WORDS
    assert summaries.read_summary(guest=guest_at(visit, kind=GuestKind.RELATIVE), now=NOW) is None
    read = AuditEntry.objects.get(action="visit.summary_read")
    assert (read.detail, read.object_id) == ({"guest": str(guest.link.id)}, str(visit.id))


def test_signing_closes_the_visit_while_the_call_goes_on(world: World) -> None:
    visit = make_visit(world)
    session = call(world, visit)
    write(world, visit)
    summaries.sign_summary(hat=world.specialist, visit_id=visit.id, now=NOW)
    session.refresh_from_db()
    assert (session.state, session.request.state) == (SessionState.LIVE, RequestState.CLOSED)
    sessions.end_session(who=world.specialist, session_id=session.id, reason="finished", key=None, now=NOW)
    with pytest.raises(Conflict) as refused:
        write(world, Visit.objects.get(appointment_id=visit.id))
    assert refused.value.code == "summary.signed"
    with pytest.raises(Conflict):
        visits.open_visit(who=world.specialist, visit_id=visit.id, now=NOW)


def test_a_summary_without_what_to_do_is_not_signed_nor_one_of_a_visit_that_never_began(world: World) -> None:
    visit = make_visit(world)
    write(world, visit)
    with pytest.raises(Conflict) as early:
        summaries.sign_summary(hat=world.specialist, visit_id=visit.id, now=NOW)
    assert early.value.code == "visit.not_begun"
    call(world, visit)
    write(world, Visit.objects.get(appointment_id=visit.id), advice="  ")
    with pytest.raises(Invalid) as refused:
        summaries.sign_summary(hat=world.specialist, visit_id=visit.id, now=NOW)
    assert refused.value.detail["missing"] == ["advice"]


def test_only_the_practitioner_writes_and_two_windows_do_not_overwrite_each_other(world: World) -> None:
    visit = make_visit(world)
    with pytest.raises(NotAllowed):
        summaries.save_summary(
            hat=world.coordinator, visit_id=visit.id, values=WORDS, base_version=0, now=NOW
        )
    with pytest.raises(NotFound):
        summaries.save_summary(hat=world.doctor, visit_id=visit.id, values=WORDS, base_version=0, now=NOW)
    write(world, visit)
    with pytest.raises(Conflict) as refused:
        write(world, visit)
    assert refused.value.code == "draft.changed_elsewhere"


# --- lists -----------------------------------------------------------------------------------------------------


def test_visible_requests_say_what_may_see_says_of_visits_too(world: World) -> None:
    make_session(world)
    visit = make_visit(world)
    visits.open_visit(who=world.specialist, visit_id=visit.id, now=NOW)
    people = [
        world.doctor,
        world.nurse,
        world.specialist,
        world.second_specialist,
        world.coordinator,
        make_person(world.hub, Role.NURSE),
        make_person(world.hub, Role.DOCTOR),
        make_person(world.hub, Role.FACILITY_ADMIN),
        make_person(make_facility(), Role.SPECIALIST, specialty=world.specialty),
    ]
    for hat in people:
        seen = set(queries.visible_requests(hat))
        assert seen == {one for one in Request.objects.all() if rules.may_see(hat, one)}
        assert {one.mode for one in queries.visible_cases(hat)} <= {Mode.TELECONSULT_MDT}


def test_a_visit_cannot_be_answered_like_a_case(world: World) -> None:
    visit = make_visit(world)
    request = visits.open_visit(who=world.specialist, visit_id=visit.id, now=NOW).request
    asked = (rules.may_answer, rules.may_decide, rules.may_edit, rules.may_claim, rules.may_encrypt_room)
    assert [may(world.specialist, request) for may in asked] == [False] * 5
    with pytest.raises(NotAllowed):
        sessions.open_session(hat=world.specialist, request_id=request.id, now=NOW)


def test_the_day_shows_who_waits_and_what_is_left_to_sign(world: World) -> None:
    today = timezone.localtime(NOW).date()
    first, second, third = (make_visit(world, starts_at=NOW + timedelta(minutes=30 * n)) for n in range(3))
    call(world, first)
    waiting = guest_at(second)
    session = visits.open_visit(who=waiting, visit_id=second.id, now=NOW)
    sessions.arrive(who=waiting, session_id=session.id, key=None, now=NOW)

    def states(hat: Hat) -> list[tuple[str, int]]:
        rows = visit_lists.visits_between(hat, days=(today, today), now=NOW)
        return [(row.state, len(row.guests)) for row in rows]

    assert states(world.specialist) == [("in_call", 1), ("waiting", 1), ("planned", 0)]
    assert states(world.coordinator) == states(world.specialist)
    assert states(world.second_specialist) == states(world.doctor) == []
    assert visit_lists.waiting_count(world.specialist) == 1
    line = visit_lists.line_of(third, now=NOW)
    assert (line.ahead, line.from_time) == (2, NOW + timedelta(hours=1))
    room = Session.objects.get(request__visit=first)
    sessions.end_session(who=world.specialist, session_id=room.id, reason="finished", key=None, now=NOW)
    assert states(world.specialist)[0] == ("to_sign", 0)
    write(world, first)
    summaries.sign_summary(hat=world.specialist, visit_id=first.id, now=NOW)
    assert states(world.specialist)[0] == ("done", 0)


def test_a_case_is_no_visit(world: World) -> None:
    case = make_submitted(world)
    claim_request(hat=world.specialist, request_id=case.id, now=NOW)
    assert visit_lists.visit_of_request(case.id) is None
    with pytest.raises(NotFound):
        visits.access_visit(world.specialist, uuid4(), now=NOW)
