"""The waiting list: what frees is offered in order, to one at a time, until a deadline."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from scheduling.appointments.domain.bookings import ForWhom, book, cancel_booking, hold_slot, move_booking
from scheduling.appointments.domain.registrations import Wanted, cancel_registration, register
from scheduling.appointments.domain.upkeep import lapse_offers, offer_free_places
from scheduling.appointments.domain.waiting import (
    Wish,
    decline_offer,
    join_waiting_list,
    leave_waiting_list,
    place_in_line,
    take_offer,
)
from scheduling.appointments.enums import Answer, Status, WaitingState
from scheduling.appointments.models import Appointment, ExamSession, Offer, Registration, WaitingEntry
from scheduling.appointments.rules import offer_deadline
from scheduling.calendars.enums import ExceptionKind, Purpose, SessionKind
from scheduling.calendars.models import AvailabilityException
from scheduling.calendars.ranges import range_of
from telehealth.core.errors import Conflict, Invalid, NotAllowed
from telehealth.notifications.kinds import Kind
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


def wish(hospital: Hospital) -> Wish:
    return Wish(facility=hospital.facility, first_day=TODAY, last_day=TOMORROW, kind=Purpose.IN_PERSON)


def wait(hospital: Hospital, *, after: int = 0, wanted: Wish | None = None) -> WaitingEntry:
    visitor, people = make_family()
    return join_waiting_list(
        by=visitor,
        beneficiary=people[0],
        wish=wanted or wish(hospital),
        now=NOW + timedelta(seconds=after),
    )


def booked(hospital: Hospital, hour: int = 9) -> Appointment:
    visitor, whom = make_visitor()
    return book(by=visitor, wanted=hospital.wanted(slot(TOMORROW, hour)), whom=whom, now=NOW)


def give_back(made: Appointment, hospital: Hospital, *, now: datetime = NOW) -> None:
    cancel_booking(by=hospital.nurse, appointment_id=made.id, now=now)


def open_offer() -> Offer:
    return Offer.objects.get(answer=Answer.OPEN)


def states() -> list[str]:
    return list(WaitingEntry.objects.order_by("created_at").values_list("state", flat=True))


def test_what_is_given_back_is_offered_to_the_first_and_taken_by_the_link() -> None:
    hospital = make_hospital()
    made = booked(hospital)
    first, second = wait(hospital), wait(hospital, after=1)
    assert (place_in_line(first), place_in_line(second)) == (1, 2)
    give_back(made, hospital)
    offer = open_offer()
    assert (offer.entry, offer.start, offer.deadline) == (first, at(TOMORROW, 9), NOW + timedelta(minutes=30))
    told = Notification.objects.get(kind=Kind.WAITING_LIST_OFFER)
    assert (told.phone, told.path) == (first.contact.phone, f"/booking/o/{offer.link}/")
    assert told.values == {"time": "09:00", "date": "01/12/2026", "until": "08:30"}
    visitor, _whom = make_visitor()
    with pytest.raises(Conflict):
        hold_slot(by=visitor, wanted=hospital.wanted(slot(TOMORROW, 9)), now=NOW)
    taken = take_offer(link=offer.link, now=NOW + timedelta(minutes=29))
    assert take_offer(link=offer.link, now=NOW + timedelta(minutes=29)).id == taken.id
    assert taken.appointment is not None
    assert (taken.appointment.status, taken.appointment.beneficiary) == (Status.BOOKED, first.beneficiary)
    assert states() == [WaitingState.TAKEN, WaitingState.WAITING]


def test_an_unanswered_offer_goes_to_the_next_and_who_let_it_pass_goes_behind() -> None:
    hospital = make_hospital()
    made, later = booked(hospital, 9), booked(hospital, 10)
    first, second, third = (wait(hospital, after=n) for n in range(3))
    give_back(made, hospital)
    over = NOW + timedelta(minutes=30)
    assert lapse_offers(now=over - timedelta(microseconds=1)) == 0
    assert (lapse_offers(now=over), lapse_offers(now=over)) == (1, 0)
    assert open_offer().entry == second
    with pytest.raises(Conflict) as refused:
        take_offer(link=Offer.objects.get(entry=first).link, now=over)
    assert refused.value.code == "offer.over"
    give_back(later, hospital, now=over)
    assert set(Offer.objects.filter(answer=Answer.OPEN).values_list("entry", flat=True)) == {
        second.id,
        third.id,
    }
    first.refresh_from_db()
    assert (first.state, first.passed) == (WaitingState.WAITING, 1)


def test_an_offer_that_ran_out_passes_on_with_no_worker_when_somebody_wants_the_slot() -> None:
    hospital = make_hospital()
    made = booked(hospital)
    first, second = wait(hospital), wait(hospital, after=1)
    give_back(made, hospital)
    visitor, whom = make_visitor()
    wanted = hospital.wanted(slot(TOMORROW, 9))
    over = NOW + timedelta(minutes=30)
    with pytest.raises(Conflict) as refused:
        book(by=visitor, wanted=wanted, whom=whom, now=over)
    assert (refused.value.code, open_offer().entry) == ("slot.taken", second)
    second_over = over + timedelta(minutes=30)
    made_by_anybody = book(by=visitor, wanted=wanted, whom=whom, now=second_over)
    assert made_by_anybody.status == Status.BOOKED
    first.refresh_from_db()
    assert first.state == WaitingState.WAITING


def test_after_two_unanswered_offers_a_wish_ends() -> None:
    hospital = make_hospital()
    made, later = booked(hospital, 9), booked(hospital, 10)
    entry = wait(hospital)
    give_back(made, hospital)
    over = NOW + timedelta(minutes=30)
    lapse_offers(now=over)
    give_back(later, hospital, now=over)
    lapse_offers(now=over + timedelta(minutes=30))
    entry.refresh_from_db()
    assert (entry.state, entry.passed) == (WaitingState.LAPSED, 2)
    assert Appointment.objects.filter(status=Status.PENDING).count() == 0


def test_saying_no_early_costs_nothing_and_the_same_place_is_not_offered_again() -> None:
    hospital = make_hospital()
    made = booked(hospital)
    first, second = wait(hospital), wait(hospital, after=1)
    give_back(made, hospital)
    decline_offer(link=open_offer().link, now=NOW)
    assert open_offer().entry == second
    decline_offer(link=open_offer().link, now=NOW)
    assert Offer.objects.filter(answer=Answer.OPEN).count() == 0
    first.refresh_from_db()
    assert (first.state, first.passed) == (WaitingState.WAITING, 0)
    visitor, whom = make_visitor()
    book(by=visitor, wanted=hospital.wanted(slot(TOMORROW, 9)), whom=whom, now=NOW)


def test_who_leaves_with_an_offer_open_passes_it_on() -> None:
    hospital = make_hospital()
    made = booked(hospital)
    first, second = wait(hospital), wait(hospital, after=1)
    give_back(made, hospital)
    leave_waiting_list(by=hospital.nurse, entry_id=first.id, now=NOW)
    assert open_offer().entry == second
    assert states() == [WaitingState.LEFT, WaitingState.OFFERED]


def test_only_who_wants_such_a_place_and_is_free_then_is_asked() -> None:
    hospital = make_hospital()
    made = booked(hospital)
    wait(hospital, wanted=replace(wish(hospital), kind=Purpose.REMOTE))
    wait(hospital, wanted=replace(wish(hospital), practitioner=hospital.second_doctor.membership), after=1)
    wait(hospital, wanted=replace(wish(hospital), session=SessionKind.AFTERNOON), after=2)
    wait(hospital, wanted=replace(wish(hospital), last_day=TODAY), after=3)
    visitor, people = make_family()
    busy = hospital.wanted(slot(TOMORROW, 9), doctor=hospital.second_doctor)
    book(by=visitor, wanted=busy, whom=ForWhom(people[0]), now=NOW)
    join_waiting_list(by=visitor, beneficiary=people[0], wish=wish(hospital), now=NOW + timedelta(seconds=4))
    wanted = wait(hospital, wanted=replace(wish(hospital), practitioner=hospital.doctor.membership), after=5)
    give_back(made, hospital)
    assert open_offer().entry == wanted


def test_a_move_frees_its_old_time_for_who_waits() -> None:
    hospital = make_hospital()
    made = booked(hospital)
    entry = wait(hospital)
    move_booking(by=hospital.nurse, appointment_id=made.id, interval=slot(TOMORROW, 11), now=NOW)
    assert (open_offer().entry, open_offer().start) == (entry, at(TOMORROW, 9))


def test_hours_that_are_added_are_offered_by_the_sweep() -> None:
    hospital = make_hospital()
    for doctor in (hospital.doctor, hospital.second_doctor):
        AvailabilityException.objects.create(
            membership=doctor.membership,
            kind=ExceptionKind.REMOVED,
            during=range_of(slot(TODAY, 0, minutes=48 * 60)),
            created_at=NOW,
        )
    first, second = wait(hospital), wait(hospital, after=1)
    assert offer_free_places(now=NOW) == 0
    AvailabilityException.objects.create(
        membership=hospital.doctor.membership,
        kind=ExceptionKind.ADDED,
        during=range_of(slot(TOMORROW, 18)),
        created_at=NOW,
    )
    AvailabilityException.objects.filter(
        membership=hospital.doctor.membership, kind=ExceptionKind.REMOVED
    ).delete()
    AvailabilityException.objects.create(
        membership=hospital.doctor.membership,
        kind=ExceptionKind.REMOVED,
        during=range_of(slot(TODAY, 0, minutes=41 * 60)),
        created_at=NOW,
    )
    assert (offer_free_places(now=NOW), offer_free_places(now=NOW)) == (1, 0)
    assert (open_offer().entry, open_offer().start) == (first, at(TOMORROW, 18))
    second.refresh_from_db()
    assert second.state == WaitingState.WAITING


def test_a_place_of_a_session_goes_to_who_waits_for_it_with_its_window() -> None:
    hospital = make_hospital()
    hospital.service.capacity = 1
    hospital.service.save()
    wanted = Wanted(service=hospital.service, day=TOMORROW, session=SessionKind.MORNING, insured=True)
    visitor, people = make_family()
    made = register(by=visitor, wanted=wanted, beneficiary=people[0], now=NOW)
    for_place = replace(wish(hospital), kind=None, service=hospital.service)
    first, second = wait(hospital, wanted=for_place), wait(hospital, wanted=for_place, after=1)
    cancel_registration(by=visitor, registration_id=made.id, now=NOW)
    offer = open_offer()
    assert offer.registration is not None
    assert (offer.entry, offer.registration.place, offer.start) == (first, 1, made.arrive_from)
    lapse_offers(now=NOW + timedelta(minutes=30))
    taken = take_offer(link=open_offer().link, now=NOW + timedelta(minutes=31))
    assert taken.registration is not None
    assert (taken.entry, taken.registration.status) == (second, Status.BOOKED)
    assert ExamSession.objects.get().issued == 1
    # Nobody else waits (the first let this very place pass): the next who cancels gives it back to everybody.
    cancel_registration(by=hospital.nurse, registration_id=taken.registration.id, now=NOW)
    session = ExamSession.objects.get()
    assert (session.issued, session.freed, Registration.objects.filter(status=Status.PENDING).count()) == (
        0,
        [],
        0,
    )


def test_a_raised_capacity_is_offered_by_the_sweep() -> None:
    hospital = make_hospital()
    for_place = replace(wish(hospital), kind=None, service=hospital.service, session=SessionKind.MORNING)
    entry = wait(hospital, wanted=replace(for_place, first_day=TOMORROW))
    assert (offer_free_places(now=NOW), offer_free_places(now=NOW)) == (1, 0)
    assert open_offer().entry == entry
    assert ExamSession.objects.get(day=TOMORROW, session=SessionKind.MORNING).issued == 1


def test_the_same_wish_is_not_written_twice_and_past_days_are_refused() -> None:
    hospital = make_hospital()
    visitor, people = make_family()
    one = join_waiting_list(by=visitor, beneficiary=people[0], wish=wish(hospital), now=NOW)
    again = join_waiting_list(by=visitor, beneficiary=people[0], wish=wish(hospital), now=NOW)
    assert one == again
    past = replace(wish(hospital), first_day=TODAY - timedelta(days=3), last_day=TODAY - timedelta(days=1))
    with pytest.raises(Invalid) as refused:
        join_waiting_list(by=visitor, beneficiary=people[0], wish=past, now=NOW)
    assert refused.value.code == "waiting.days"
    nothing = replace(wish(hospital), kind=None)
    with pytest.raises(Invalid) as unclear:
        join_waiting_list(by=visitor, beneficiary=people[0], wish=nothing, now=NOW)
    assert unclear.value.code == "waiting.for_nothing"
    elsewhere = make_hospital()
    with pytest.raises(NotAllowed):
        join_waiting_list(by=elsewhere.nurse, beneficiary=people[0], wish=wish(hospital), now=NOW)


def test_a_wish_whose_days_are_over_ends() -> None:
    hospital = make_hospital()
    entry = wait(hospital)
    lapse_offers(now=at(TOMORROW, 23, 59))
    entry.refresh_from_db()
    assert entry.state == WaitingState.WAITING
    lapse_offers(now=at(TOMORROW, 23, 59) + timedelta(minutes=1))
    entry.refresh_from_db()
    assert entry.state == WaitingState.LAPSED


@pytest.mark.parametrize(
    ("now", "start", "deadline"),
    [
        (at(TODAY, 8), at(TOMORROW, 9), at(TODAY, 8, 30)),
        # Offered at night, answered in the morning; over the end of a month, too.
        (at(TODAY, 23), at(TOMORROW, 9), at(TOMORROW, 7)),
        (at(TOMORROW, 3), at(TOMORROW, 9), at(TOMORROW, 7)),
        # Not later than half the lead time before the start.
        (at(TODAY, 8), at(TODAY, 8, 50), at(TODAY, 8, 20)),
        # Too near to be offered to anybody.
        (at(TODAY, 8), at(TODAY, 8, 35), None),
        (at(TODAY, 23), at(TOMORROW, 7), None),
    ],
)
def test_a_deadline_is_fair_at_night_and_never_too_near(
    now: datetime, start: datetime, deadline: datetime | None
) -> None:
    from scheduling.appointments.models import BookingPolicy

    assert offer_deadline(policy=BookingPolicy(), start=start, now=now) == deadline
