"""Holding, booking, moving, giving back."""

from datetime import timedelta

import pytest

from scheduling.appointments.callers import Visitor
from scheduling.appointments.domain.bookings import (
    ForWhom,
    answer_booking,
    book,
    book_together,
    cancel_booking,
    confirm_hold,
    hold_slot,
    move_booking,
    release_holds,
)
from scheduling.appointments.enums import EndReason, Status
from scheduling.appointments.models import Appointment
from scheduling.calendars.enums import ExceptionKind
from scheduling.calendars.models import AvailabilityException
from scheduling.calendars.ranges import interval_of, range_of
from telehealth.audit.models import AuditEntry
from telehealth.core.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from tests.factories import make_patient
from tests.scheduling.appointments.factories import (
    NOW,
    TODAY,
    TOMORROW,
    at,
    make_family,
    make_hospital,
    make_visitor,
    slot,
)

pytestmark = pytest.mark.django_db


def code_of(error: pytest.ExceptionInfo[DomainError]) -> str:
    return error.value.code


def test_a_hold_becomes_a_booking_with_its_code_and_reason() -> None:
    hospital = make_hospital()
    visitor, whom = make_visitor()
    hold = hold_slot(by=visitor, wanted=hospital.wanted(slot(TOMORROW, 8)), now=NOW)
    assert (hold.status, hold.hold_until) == (Status.PENDING, NOW + timedelta(minutes=5))
    booked = confirm_hold(by=visitor, appointment_id=hold.id, whom=whom, now=NOW + timedelta(minutes=3))
    booked.refresh_from_db()
    assert (booked.status, booked.hold_until, booked.reason, booked.contact, booked.beneficiary) == (
        Status.BOOKED,
        None,
        "Đau đầu hai ngày nay",
        visitor.contact,
        whom.beneficiary,
    )
    assert (booked.code, booked.answer_by, booked.person) == (hold.code, None, hospital.doctor.user)
    entry = AuditEntry.objects.filter(action="appointment.booked").get()
    assert (entry.chain, entry.object_id) == (str(hospital.facility.id), str(booked.id))


def test_a_hold_may_be_had_before_the_phone_is_verified_but_not_booked() -> None:
    hospital = make_hospital()
    nobody = Visitor(holder="browser")
    hold = hold_slot(by=nobody, wanted=hospital.wanted(slot(TOMORROW, 8)), now=NOW)
    verified, whom = make_visitor()
    with pytest.raises(NotAllowed) as refused:
        confirm_hold(by=nobody, appointment_id=hold.id, whom=whom, now=NOW)
    assert code_of(refused) == "contact.not_verified"
    same_browser = Visitor(holder="browser", contact=verified.contact)
    assert confirm_hold(by=same_browser, appointment_id=hold.id, whom=whom, now=NOW).status == Status.BOOKED


def test_what_another_browser_holds_is_not_there() -> None:
    hospital = make_hospital()
    one, _whom = make_visitor()
    other, whom = make_visitor()
    hold = hold_slot(by=one, wanted=hospital.wanted(slot(TOMORROW, 8)), now=NOW)
    with pytest.raises(NotFound) as refused:
        confirm_hold(by=other, appointment_id=hold.id, whom=whom, now=NOW)
    assert code_of(refused) == "hold.not_found"


def test_a_second_hold_of_a_browser_gives_back_the_first() -> None:
    hospital = make_hospital()
    visitor, _whom = make_visitor()
    other, _other_whom = make_visitor()
    hold_slot(by=visitor, wanted=hospital.wanted(slot(TOMORROW, 8)), now=NOW)
    hold_slot(by=visitor, wanted=hospital.wanted(slot(TOMORROW, 9)), now=NOW)
    hold_slot(by=other, wanted=hospital.wanted(slot(TOMORROW, 8)), now=NOW)
    release_holds(by=visitor)
    assert list(Appointment.objects.values_list("holder", flat=True)) == [other.holder]


def test_a_taken_slot_is_refused_until_its_hold_expires_even_with_no_worker() -> None:
    hospital = make_hospital()
    one, whom_one = make_visitor()
    other, whom = make_visitor()
    wanted = hospital.wanted(slot(TOMORROW, 8))
    hold = hold_slot(by=one, wanted=wanted, now=NOW)
    just_before = NOW + timedelta(minutes=5) - timedelta(microseconds=1)
    with pytest.raises(Conflict) as refused:
        book(by=other, wanted=wanted, whom=whom, now=just_before)
    assert code_of(refused) == "slot.taken"
    book(by=other, wanted=wanted, whom=whom, now=NOW + timedelta(minutes=5))
    with pytest.raises(NotFound):
        confirm_hold(by=one, appointment_id=hold.id, whom=whom_one, now=NOW + timedelta(minutes=5))


def test_an_expired_hold_nobody_else_wanted_is_still_good() -> None:
    hospital = make_hospital()
    visitor, whom = make_visitor()
    hold = hold_slot(by=visitor, wanted=hospital.wanted(slot(TOMORROW, 8)), now=NOW)
    late = confirm_hold(by=visitor, appointment_id=hold.id, whom=whom, now=NOW + timedelta(minutes=20))
    assert late.status == Status.BOOKED


@pytest.mark.parametrize(
    ("interval", "code"),
    [
        (slot(TODAY, 8, 45), "slot.too_soon"),
        (slot(TODAY, 7), "slot.too_soon"),
        (slot(TOMORROW, 8, 5), "slot.not_open"),
        (slot(TOMORROW, 8, minutes=30), "slot.not_open"),
        (slot(TOMORROW, 11, 30), "slot.not_open"),
        (slot(TODAY + timedelta(days=5), 8), "slot.not_open"),  # Saturday
        (slot(TODAY + timedelta(days=31), 8), "slot.too_far"),
    ],
)
def test_only_what_is_offered_can_be_booked(interval: object, code: str) -> None:
    hospital = make_hospital()
    visitor, whom = make_visitor()
    with pytest.raises(DomainError) as refused:
        book(by=visitor, wanted=hospital.wanted(interval), whom=whom, now=NOW)  # type: ignore[arg-type]
    assert code_of(refused) == code


def test_a_calendar_that_changed_is_seen_at_once() -> None:
    hospital = make_hospital()
    visitor, whom = make_visitor()
    hold_slot(by=visitor, wanted=hospital.wanted(slot(TOMORROW, 8)), now=NOW)
    AvailabilityException.objects.create(
        membership=hospital.doctor.membership,
        kind=ExceptionKind.REMOVED,
        during=range_of(slot(TOMORROW, 9, minutes=60)),
        created_at=NOW,
    )
    with pytest.raises(Conflict) as refused:
        book(by=visitor, wanted=hospital.wanted(slot(TOMORROW, 9)), whom=whom, now=NOW)
    assert code_of(refused) == "slot.not_open"


def test_nobody_is_in_two_places_at_once() -> None:
    hospital = make_hospital()
    visitor, whom = make_visitor()
    book(by=visitor, wanted=hospital.wanted(slot(TOMORROW, 8)), whom=whom, now=NOW)
    with pytest.raises(Conflict) as refused:
        book(
            by=visitor,
            wanted=hospital.wanted(slot(TOMORROW, 8), doctor=hospital.second_doctor),
            whom=whom,
            now=NOW,
        )
    assert code_of(refused) == "beneficiary.busy"


def test_somebody_elses_child_is_not_booked_for() -> None:
    hospital = make_hospital()
    visitor, _whom = make_visitor()
    _other, whom = make_visitor()
    with pytest.raises(NotAllowed) as refused:
        book(by=visitor, wanted=hospital.wanted(slot(TOMORROW, 8)), whom=whom, now=NOW)
    assert code_of(refused) == "booking.not_yours"


def test_a_person_and_a_phone_have_so_many_open_bookings() -> None:
    hospital = make_hospital(per_person=2, per_phone=3)
    visitor, (mother, child) = make_family("Vừ Thị Mẫu", "Vừ A Tủa")
    for hour in (7, 8):
        book(by=visitor, wanted=hospital.wanted(slot(TOMORROW, hour)), whom=ForWhom(mother), now=NOW)
    with pytest.raises(Conflict) as refused:
        book(by=visitor, wanted=hospital.wanted(slot(TOMORROW, 9)), whom=ForWhom(mother), now=NOW)
    assert code_of(refused) == "booking.too_many_for_person"
    book(by=visitor, wanted=hospital.wanted(slot(TOMORROW, 9)), whom=ForWhom(child), now=NOW)
    with pytest.raises(Conflict) as refused:
        book(by=visitor, wanted=hospital.wanted(slot(TOMORROW, 10)), whom=ForWhom(child), now=NOW)
    assert code_of(refused) == "booking.too_many_for_phone"


def test_a_move_has_the_new_time_before_the_old_is_given_back() -> None:
    hospital = make_hospital()
    visitor, whom = make_visitor()
    other, other_whom = make_visitor()
    mine = book(by=visitor, wanted=hospital.wanted(slot(TOMORROW, 8)), whom=whom, now=NOW)
    book(by=other, wanted=hospital.wanted(slot(TOMORROW, 9)), whom=other_whom, now=NOW)
    with pytest.raises(Conflict) as refused:
        move_booking(by=visitor, appointment_id=mine.id, interval=slot(TOMORROW, 9), now=NOW)
    mine.refresh_from_db()
    assert (code_of(refused), interval_of(mine.during)) == ("slot.taken", slot(TOMORROW, 8))
    moved = move_booking(by=visitor, appointment_id=mine.id, interval=slot(TOMORROW, 10), now=NOW)
    moved.refresh_from_db()
    assert (interval_of(moved.during), moved.code, moved.moved_at) == (slot(TOMORROW, 10), mine.code, NOW)
    third, third_whom = make_visitor()
    book(by=third, wanted=hospital.wanted(slot(TOMORROW, 8)), whom=third_whom, now=NOW)


def test_a_booking_is_moved_cancelled_and_confirmed_by_its_link_alone() -> None:
    hospital = make_hospital()
    visitor, whom = make_visitor()
    made = book(by=visitor, wanted=hospital.wanted(slot(TOMORROW, 8)), whom=whom, now=NOW)
    stranger = Visitor(holder="other browser")
    with pytest.raises(NotFound):
        cancel_booking(by=stranger, appointment_id=made.id, now=NOW)
    with pytest.raises(NotFound):
        cancel_booking(by=stranger, appointment_id=made.id, link="x" * 16, now=NOW)
    answered = answer_booking(by=stranger, appointment_id=made.id, link=made.link, now=NOW)
    again = answer_booking(
        by=stranger, appointment_id=made.id, link=made.link, now=NOW + timedelta(minutes=1)
    )
    assert (answered.answered_at, again.answered_at) == (NOW, NOW)
    moved = move_booking(
        by=stranger, appointment_id=made.id, link=made.link, interval=slot(TOMORROW, 9), now=NOW
    )
    assert moved.answered_at is None
    gone = cancel_booking(by=stranger, appointment_id=made.id, link=made.link, now=NOW)
    assert (gone.status, gone.end_reason, gone.ended_at) == (Status.CANCELLED, EndReason.BY_PATIENT, NOW)
    with pytest.raises(Conflict) as refused:
        cancel_booking(by=stranger, appointment_id=made.id, link=made.link, now=NOW)
    assert code_of(refused) == "booking.wrong_state"


def test_staff_book_for_a_patient_to_the_minute_and_squeeze_in_only_as_far_as_the_facility_allows() -> None:
    hospital = make_hospital(overbook_lanes=1)
    patients = [make_patient(hospital.nurse) for _n in range(3)]
    wanted = hospital.wanted(slot(TODAY, 8, 5))
    book(by=hospital.nurse, wanted=wanted, whom=ForWhom(patient=patients[0]), now=NOW)
    with pytest.raises(Conflict):
        book(by=hospital.nurse, wanted=wanted, whom=ForWhom(patient=patients[1]), now=NOW)
    beside = book(by=hospital.nurse, wanted=wanted, whom=ForWhom(patient=patients[1]), now=NOW, squeeze=True)
    with pytest.raises(Conflict) as refused:
        book(by=hospital.nurse, wanted=wanted, whom=ForWhom(patient=patients[2]), now=NOW, squeeze=True)
    assert (beside.lane, code_of(refused)) == (1, "slot.taken")
    strict = make_hospital()
    with pytest.raises(NotAllowed) as refused_here:
        book(
            by=strict.nurse,
            wanted=strict.wanted(slot(TODAY, 9)),
            whom=ForWhom(patient=make_patient(strict.nurse)),
            now=NOW,
            squeeze=True,
        )
    assert code_of(refused_here) == "booking.no_squeezing"


def test_staff_of_another_facility_book_nothing_here() -> None:
    hospital, elsewhere = make_hospital(), make_hospital()
    with pytest.raises(NotAllowed) as refused:
        book(
            by=elsewhere.nurse,
            wanted=hospital.wanted(slot(TOMORROW, 8)),
            whom=ForWhom(patient=make_patient(elsewhere.nurse)),
            now=NOW,
        )
    assert code_of(refused) == "booking.not_staff"
    with pytest.raises(Invalid) as wrong:
        book(
            by=hospital.nurse,
            wanted=hospital.wanted(slot(TOMORROW, 8), doctor=elsewhere.doctor),
            whom=ForWhom(patient=make_patient(hospital.nurse)),
            now=NOW,
        )
    assert code_of(wrong) == "slot.elsewhere"


def test_a_meeting_of_several_is_booked_moved_and_cancelled_whole() -> None:
    hospital = make_hospital()
    patient = make_patient(hospital.nurse)
    whom = ForWhom(patient=patient, reference="request:1")
    together = [
        hospital.wanted(slot(TOMORROW, 8)),
        hospital.wanted(slot(TOMORROW, 8), doctor=hospital.second_doctor),
        hospital.wanted(slot(TOMORROW, 8), room=hospital.room),
    ]
    made = book_together(hat=hospital.nurse, wanted=together, whom=whom, now=NOW)
    assert made.parts.count() == 2
    move_booking(by=hospital.nurse, appointment_id=made.id, interval=slot(TOMORROW, 9), now=NOW)
    assert {interval_of(part.during) for part in made.parts.all()} == {slot(TOMORROW, 9)}
    visitor, someone = make_visitor()
    with pytest.raises(Conflict):
        book(
            by=visitor,
            wanted=hospital.wanted(slot(TOMORROW, 9), doctor=hospital.second_doctor),
            whom=someone,
            now=NOW,
        )
    cancel_booking(by=hospital.nurse, appointment_id=made.id, now=NOW)
    assert set(Appointment.objects.values_list("status", flat=True)) == {Status.CANCELLED}
    book_together(hat=hospital.nurse, wanted=together, whom=whom, now=NOW)


def test_a_meeting_is_booked_whole_or_not_at_all() -> None:
    hospital = make_hospital()
    visitor, someone = make_visitor()
    book(
        by=visitor,
        wanted=hospital.wanted(slot(TOMORROW, 8), doctor=hospital.second_doctor),
        whom=someone,
        now=NOW,
    )
    with pytest.raises(Conflict):
        book_together(
            hat=hospital.nurse,
            wanted=[
                hospital.wanted(slot(TOMORROW, 8)),
                hospital.wanted(slot(TOMORROW, 8), doctor=hospital.second_doctor),
            ],
            whom=ForWhom(patient=make_patient(hospital.nurse)),
            now=NOW,
        )
    assert Appointment.objects.count() == 1


def test_a_day_of_the_province_begins_at_its_midnight() -> None:
    hospital = make_hospital(horizon_days=1)
    visitor, whom = make_visitor()
    wanted = hospital.wanted(slot(TOMORROW + timedelta(days=1), 8))
    with pytest.raises(Invalid) as refused:
        book(by=visitor, wanted=wanted, whom=whom, now=at(TOMORROW, 0) - timedelta(seconds=1))
    assert code_of(refused) == "slot.too_far"
    book(by=visitor, wanted=wanted, whom=whom, now=at(TOMORROW, 0))
