"""What people are told and when, by a controlled clock: over midnight, the end of a month, Tết. Each thing once."""

from datetime import date, datetime, timedelta

import pytest

from scheduling.appointments.callers import Visitor
from scheduling.appointments.domain.bookings import (
    answer_booking,
    book,
    cancel_booking,
    hold_slot,
    move_booking,
)
from scheduling.appointments.domain.registrations import Wanted, cancel_registration, register
from scheduling.appointments.domain.upkeep import cancel_unanswered, clear_up, send_due_messages
from scheduling.appointments.domain.visits import (
    excuse_no_show,
    mark_arrived,
    mark_fulfilled,
    mark_no_show,
    say_late,
    undo_arrival,
)
from scheduling.appointments.enums import EndReason, Status
from scheduling.appointments.models import Appointment, BookingPolicy
from scheduling.calendars.enums import DayKind, SessionKind
from scheduling.calendars.models import Holiday
from telehealth.core.errors import Conflict, Invalid
from telehealth.notifications.models import Notification
from tests.scheduling.appointments.factories import (
    NOW,
    TODAY,
    TOMORROW,
    Hospital,
    at,
    make_family,
    make_hospital,
    make_visitor,
    slot,
)

pytestmark = pytest.mark.django_db
THURSDAY = TODAY + timedelta(days=3)


def told() -> list[tuple[str, str]]:
    """Return what was told so far: kind, and the time said."""
    return [
        (n.kind, n.values.get("time", ""))
        for n in Notification.objects.exclude(kind="one_time_code").order_by("id")
    ]


def tick(*moments: datetime) -> None:
    """Let the sweep run at each moment, twice: what is told is told once."""
    for moment in moments:
        send_due_messages(now=moment)
        assert send_due_messages(now=moment) == 0


def booked(hospital: Hospital, day: date = THURSDAY, hour: int = 9, now: datetime = NOW) -> Appointment:
    visitor, whom = make_visitor()
    return book(by=visitor, wanted=hospital.wanted(slot(day, hour)), whom=whom, now=now)


def missed_twice(hospital: Hospital) -> Appointment:
    """A booking of somebody who missed two visits."""
    visitor, whom = make_visitor()
    for hour in (9, 10):
        made = book(by=visitor, wanted=hospital.wanted(slot(TODAY, hour)), whom=whom, now=NOW)
        mark_no_show(hat=hospital.nurse, appointment_id=made.id, now=at(TODAY, hour, 30))
    return book(by=visitor, wanted=hospital.wanted(slot(THURSDAY, 9)), whom=whom, now=at(TODAY, 11))


def test_a_booking_is_told_at_once_a_day_before_and_an_hour_before_each_once() -> None:
    made = booked(make_hospital())
    tick(NOW, NOW + timedelta(hours=1), at(THURSDAY - timedelta(days=1), 8, 59))
    assert told() == [("booked", "09:00")]
    tick(at(THURSDAY - timedelta(days=1), 9), at(THURSDAY, 7, 59))
    assert told() == [("booked", "09:00"), ("day_before", "09:00")]
    tick(at(THURSDAY, 8), at(THURSDAY, 8, 30), at(THURSDAY, 9), at(THURSDAY, 12))
    assert told() == [("booked", "09:00"), ("day_before", "09:00"), ("hour_before", "09:00")]
    last = Notification.objects.latest("id")
    assert (last.path, last.facility_id) == (f"/booking/l/{made.link}/", made.facility_id)


def test_a_move_is_told_and_the_reminders_are_planned_anew() -> None:
    hospital = make_hospital()
    made = booked(hospital)
    tick(NOW, at(THURSDAY - timedelta(days=1), 9))
    move_booking(
        by=hospital.nurse,
        appointment_id=made.id,
        interval=slot(THURSDAY + timedelta(days=1), 10),
        now=at(THURSDAY - timedelta(days=1), 10),
    )
    tick(
        at(THURSDAY - timedelta(days=1), 10),
        at(THURSDAY, 8),
        at(THURSDAY, 10),
        at(THURSDAY + timedelta(days=1), 9),
    )
    assert told() == [
        ("booked", "09:00"),
        ("day_before", "09:00"),
        ("moved", "10:00"),
        ("day_before", "10:00"),
        ("hour_before", "10:00"),
    ]


def test_moved_before_anything_was_told_only_the_move_is_news() -> None:
    hospital = make_hospital()
    made = booked(hospital)
    move_booking(by=hospital.nurse, appointment_id=made.id, interval=slot(THURSDAY, 10), now=NOW)
    tick(NOW)
    assert told() == [("moved", "10:00")]


def test_moved_there_and_back_is_told_again_only_as_a_move() -> None:
    hospital = make_hospital()
    made = booked(hospital)
    tick(NOW)
    for hour, minute in ((10, 1), (9, 2)):
        now = NOW + timedelta(minutes=minute)
        move_booking(by=hospital.nurse, appointment_id=made.id, interval=slot(THURSDAY, hour), now=now)
        tick(now)
    assert told() == [("booked", "09:00"), ("moved", "10:00"), ("moved", "09:00")]


def test_who_booked_just_now_needs_no_reminder() -> None:
    hospital = make_hospital()
    booked(hospital, TOMORROW, 7, now=at(TODAY, 11))
    tick(at(TODAY, 11), at(TODAY, 11, 30))
    assert told() == [("booked", "07:00")]
    tick(at(TODAY, 12))
    assert told() == [("booked", "07:00"), ("day_before", "07:00")]


def test_reminders_come_over_midnight_the_end_of_a_month_and_tet() -> None:
    hospital = make_hospital(horizon_days=120)
    Holiday.objects.bulk_create(
        Holiday(day=date(2027, 2, day), kind=DayKind.CLOSED, name="Tết") for day in range(4, 11)
    )
    visitor, whom = make_visitor()
    tet = date(2027, 2, 5)
    with pytest.raises(Conflict) as refused:
        book(by=visitor, wanted=hospital.wanted(slot(tet, 9)), whom=whom, now=NOW)
    assert refused.value.code == "slot.not_open"
    before, after = date(2027, 2, 3), date(2027, 2, 11)
    first_of_month = date(2027, 3, 1)
    for day in (before, after, first_of_month):
        book(by=visitor, wanted=hospital.wanted(slot(day, 7)), whom=whom, now=NOW)
    tick(NOW)
    Notification.objects.all().delete()
    tick(at(date(2027, 2, 2), 7), at(before, 6), at(date(2027, 2, 10), 7), at(after, 6))
    tick(at(date(2027, 2, 28), 6, 59))
    assert told() == [("day_before", "07:00"), ("hour_before", "07:00")] * 2
    tick(at(date(2027, 2, 28), 7), at(first_of_month, 0, 30), at(first_of_month, 6))
    assert told()[4:] == [("day_before", "07:00"), ("hour_before", "07:00")]
    dates = list(
        Notification.objects.filter(kind="day_before").order_by("id").values_list("values", flat=True)
    )
    assert [values["date"] for values in dates] == ["03/02/2027", "11/02/2027", "01/03/2027"]


def test_a_cancelled_booking_is_told_when_it_was_not_the_patient_and_reminded_of_no_more() -> None:
    hospital = make_hospital()
    by_us, by_patient = booked(hospital, hour=9), booked(hospital, hour=10)
    tick(NOW)
    Notification.objects.all().delete()
    cancel_booking(by=hospital.nurse, appointment_id=by_us.id, now=NOW)
    cancel_booking(by=Visitor(holder=""), appointment_id=by_patient.id, link=by_patient.link, now=NOW)
    tick(NOW, at(THURSDAY - timedelta(days=1), 10), at(THURSDAY, 8))
    assert told() == [("cancelled", "09:00")]


def test_a_registration_is_told_with_its_window_and_reminded_of() -> None:
    hospital = make_hospital()
    visitor, people = make_family()
    wanted = Wanted(service=hospital.service, day=THURSDAY, session=SessionKind.MORNING, insured=True)
    made = register(by=visitor, wanted=wanted, beneficiary=people[0], now=NOW)
    tick(NOW, at(THURSDAY - timedelta(days=1), 7), at(THURSDAY, 6))
    assert told() == [("registered", "07:00"), ("day_before", "07:00"), ("hour_before", "07:00")]
    assert Notification.objects.order_by("id")[0].values == {
        "time": "07:00",
        "until": "07:30",
        "date": "03/12/2026",
        "code": made.code,
    }
    cancel_registration(by=hospital.nurse, registration_id=made.id, now=at(THURSDAY, 6, 30))
    tick(at(THURSDAY, 6, 30))
    assert told()[3:] == [("registration_cancelled", "")]


def test_who_missed_two_visits_books_as_everybody_and_is_asked_to_confirm_the_day_before() -> None:
    hospital = make_hospital()
    made = missed_twice(hospital)
    assert (made.status, made.answer_by) == (Status.BOOKED, at(THURSDAY - timedelta(days=1), 21))
    tick(at(TODAY, 11), at(THURSDAY - timedelta(days=1), 9))
    assert told()[-1] == ("day_before", "09:00")
    assert cancel_unanswered(now=at(THURSDAY - timedelta(days=1), 20, 59)) == 0
    assert cancel_unanswered(now=at(THURSDAY - timedelta(days=1), 21)) == 1
    made.refresh_from_db()
    assert (made.status, made.end_reason) == (Status.CANCELLED, EndReason.UNCONFIRMED)
    tick(at(THURSDAY - timedelta(days=1), 21))
    assert told()[-1] == ("cancelled", "09:00")


def test_a_confirmed_booking_stays_and_so_does_one_whose_holder_was_never_asked() -> None:
    hospital = make_hospital()
    confirmed, never_asked = missed_twice(hospital), missed_twice(make_hospital())
    Appointment.objects.filter(id=never_asked.id).update(contact=None)
    tick(at(THURSDAY - timedelta(days=1), 9))
    answer_booking(by=hospital.nurse, appointment_id=confirmed.id, now=at(THURSDAY - timedelta(days=1), 10))
    assert cancel_unanswered(now=at(THURSDAY, 8)) == 0
    assert Appointment.objects.filter(status=Status.BOOKED).count() == 2


def test_a_missed_visit_that_is_excused_does_not_count() -> None:
    hospital = make_hospital()
    visitor, whom = make_visitor()
    rows = []
    for hour in (9, 10):
        made = book(by=visitor, wanted=hospital.wanted(slot(TODAY, hour)), whom=whom, now=NOW)
        rows.append(mark_no_show(hat=hospital.nurse, appointment_id=made.id, now=at(TODAY, hour, 30)))
    excuse_no_show(hat=hospital.nurse, appointment_id=rows[0].id, now=at(TODAY, 11))
    made = book(by=visitor, wanted=hospital.wanted(slot(THURSDAY, 9)), whom=whom, now=at(TODAY, 11))
    assert made.answer_by is None


def test_the_day_itself_arrived_seen_missed_and_what_was_pressed_by_mistake() -> None:
    hospital = make_hospital()
    made = booked(hospital, TODAY, 9)
    with pytest.raises(Invalid) as refused:
        mark_no_show(hat=hospital.nurse, appointment_id=made.id, now=at(TODAY, 8, 59))
    assert refused.value.code == "booking.not_begun"
    mark_no_show(hat=hospital.nurse, appointment_id=made.id, now=at(TODAY, 9, 20))
    late = mark_arrived(by=hospital.nurse, appointment_id=made.id, now=at(TODAY, 9, 25))
    assert (late.status, late.arrived_at, late.ended_at) == (Status.ARRIVED, at(TODAY, 9, 25), None)
    assert undo_arrival(hat=hospital.nurse, appointment_id=made.id, now=NOW).status == Status.BOOKED
    mark_arrived(by=hospital.nurse, appointment_id=made.id, now=at(TODAY, 9, 26))
    done = mark_fulfilled(hat=hospital.doctor, appointment_id=made.id, now=at(TODAY, 9, 40))
    assert (done.status, done.ended_at) == (Status.FULFILLED, at(TODAY, 9, 40))
    with pytest.raises(Conflict):
        mark_no_show(hat=hospital.nurse, appointment_id=made.id, now=at(TODAY, 10))


def test_a_late_doctor_tells_everybody_still_to_come_today_once() -> None:
    hospital = make_hospital()
    booked(hospital, TODAY, 9)
    booked(hospital, TODAY, 10)
    booked(hospital, TOMORROW, 9)
    assert say_late(hat=hospital.doctor, minutes=30, now=at(TODAY, 9, 20)) == 1
    assert say_late(hat=hospital.doctor, minutes=45, now=at(TODAY, 9, 21)) == 0
    assert say_late(hat=hospital.second_doctor, minutes=45, now=NOW) == 0
    assert list(Notification.objects.values_list("kind", "values")) == [
        ("running_late", {"minutes": "30", "code": Appointment.objects.get(late_minutes=45).code})
    ]
    with pytest.raises(Invalid):
        say_late(hat=hospital.doctor, minutes=0, now=NOW)


def test_what_nobody_confirmed_is_cleared_up_and_yesterdays_registrations_are_closed() -> None:
    hospital = make_hospital()
    visitor, people = make_family()
    hold_slot(by=visitor, wanted=hospital.wanted(slot(TOMORROW, 8)), now=NOW)
    wanted = Wanted(service=hospital.service, day=TODAY, session=SessionKind.AFTERNOON, insured=True)
    made = register(by=visitor, wanted=wanted, beneficiary=people[0], now=NOW)
    clear_up(now=at(TODAY, 23, 59))
    made.refresh_from_db()
    assert (Appointment.objects.count(), made.status) == (0, Status.BOOKED)
    clear_up(now=at(TOMORROW, 0))
    made.refresh_from_db()
    assert made.status == Status.NO_SHOW


def test_a_facility_may_be_stricter_or_milder_about_missed_visits() -> None:
    hospital = make_hospital()
    BookingPolicy.objects.create(facility=hospital.facility, no_show_limit=3)
    assert missed_twice(hospital).answer_by is None
