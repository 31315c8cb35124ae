"""Races, with real threads on real connections: whoever is faster, exactly one has it, and nothing is lost."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connections

from scheduling.appointments.callers import Visitor
from scheduling.appointments.domain.bookings import (
    ForWhom,
    book,
    cancel_booking,
    confirm_hold,
    hold_slot,
    move_booking,
)
from scheduling.appointments.domain.registrations import Wanted, cancel_registration, register
from scheduling.appointments.domain.waiting import (
    Wish,
    join_waiting_list,
    lapse_offer,
    leave_waiting_list,
    take_offer,
)
from scheduling.appointments.enums import Answer, Status, WaitingState
from scheduling.appointments.models import Appointment, Beneficiary, Contact, ExamSession, Offer, Registration
from scheduling.calendars.enums import Purpose, SessionKind
from telehealth.core.errors import DomainError
from tests.scheduling.appointments.factories import NOW, TODAY, TOMORROW, Hospital, make_hospital, slot

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 12


def at_once(acts: Sequence[Callable[[], object]]) -> Counter[str]:
    """Do everything as nearly at once as so many threads can; count what came of it: "done", or an error's code."""
    threads = min(THREADS, len(acts))
    gate = Barrier(threads)

    def worker(mine: Sequence[Callable[[], object]]) -> list[str]:
        outcomes = []
        gate.wait()
        try:
            for act in mine:
                try:
                    act()
                    outcomes.append("done")
                except DomainError as error:
                    outcomes.append(error.code)
        finally:
            connections.close_all()
        return outcomes

    with ThreadPoolExecutor(threads) as pool:
        return Counter(
            one for part in pool.map(worker, [acts[n::threads] for n in range(threads)]) for one in part
        )


def people(count: int) -> list[tuple[Visitor, ForWhom]]:
    contacts = [
        Contact(phone=f"+8491{n:07d}", typed="", created_at=NOW, verified_at=NOW, passes_from=NOW)
        for n in range(count)
    ]
    Contact.objects.bulk_create(contacts)
    persons = [
        Beneficiary(contact=contact, full_name=f"Vừ A {n}", birth_year=1990, created_at=NOW)
        for n, contact in enumerate(contacts)
    ]
    Beneficiary.objects.bulk_create(persons)
    return [(Visitor(holder=one.contact.phone, contact=one.contact), ForWhom(one)) for one in persons]


def waiting(hospital: Hospital, who: tuple[Visitor, ForWhom]) -> object:
    visitor, whom = who
    wish = Wish(facility=hospital.facility, first_day=TODAY, last_day=TOMORROW, kind=Purpose.IN_PERSON)
    assert whom.beneficiary is not None
    return join_waiting_list(by=visitor, beneficiary=whom.beneficiary, wish=wish, now=NOW)


def test_of_two_hundred_people_on_one_slot_exactly_one_has_it() -> None:
    hospital = make_hospital()
    wanted = hospital.wanted(slot(TOMORROW, 8))
    acts = [lambda who=who: book(by=who[0], wanted=wanted, whom=who[1], now=NOW) for who in people(200)]
    assert at_once(acts) == {"done": 1, "slot.taken": 199}
    assert Appointment.objects.get().status == Status.BOOKED


def test_a_hold_that_expires_is_confirmed_or_taken_never_both() -> None:
    hospital = make_hospital()
    crowd = people(24)
    over = NOW + timedelta(minutes=5)
    for n in range(8):
        interval = slot(TOMORROW, 7 + n // 4, 15 * (n % 4))
        (holder, his), *others = crowd[3 * n : 3 * n + 3]
        hold = hold_slot(by=holder, wanted=hospital.wanted(interval), now=NOW)
        acts = [
            lambda hold=hold, by=holder, whom=his: confirm_hold(  # type: ignore[misc]
                by=by, appointment_id=hold.id, whom=whom, now=over
            ),
            *(
                lambda who=who, interval=interval: book(
                    by=who[0], wanted=hospital.wanted(interval), whom=who[1], now=over
                )
                for who in others
            ),
        ]
        outcome = at_once(acts)
        assert outcome["done"] == 1, outcome
        assert outcome.keys() <= {"done", "slot.taken", "slot.busy", "hold.not_found"}
    assert Appointment.objects.filter(status=Status.BOOKED).count() == 8
    assert Appointment.objects.filter(status=Status.PENDING).count() == 0


def test_two_who_move_into_each_others_slot_do_not_wait_for_ever_and_lose_nothing() -> None:
    hospital = make_hospital()
    (one, his), (other, hers) = people(2)
    mine = book(by=one, wanted=hospital.wanted(slot(TOMORROW, 8)), whom=his, now=NOW)
    theirs = book(by=other, wanted=hospital.wanted(slot(TOMORROW, 9)), whom=hers, now=NOW)
    outcome = at_once(
        [
            lambda: move_booking(by=one, appointment_id=mine.id, interval=slot(TOMORROW, 9), now=NOW),
            lambda: move_booking(by=other, appointment_id=theirs.id, interval=slot(TOMORROW, 8), now=NOW),
        ]
    )
    assert outcome.keys() <= {"slot.taken", "slot.busy"}
    assert Appointment.objects.filter(status=Status.BOOKED).count() == 2


def test_an_offer_is_taken_or_passed_on_never_both() -> None:
    hospital = make_hospital()
    first, second, third = people(3)
    made = book(by=third[0], wanted=hospital.wanted(slot(TOMORROW, 8)), whom=third[1], now=NOW)
    waiting(hospital, first)
    waiting(hospital, second)
    cancel_booking(by=third[0], appointment_id=made.id, now=NOW)
    offer = Offer.objects.get()
    just_before, over = offer.deadline - timedelta(seconds=1), offer.deadline
    outcome = at_once(
        [lambda: take_offer(link=offer.link, now=just_before)]
        + [lambda: lapse_offer(offer_id=offer.id, now=over) for _n in range(5)]
    )
    taken = Appointment.objects.filter(status=Status.BOOKED).count()
    passed_on = Offer.objects.filter(answer=Answer.OPEN).count()
    assert (taken, passed_on) in {(1, 0), (0, 1)}
    assert outcome["done"] == 5 + taken


def test_leaving_and_taking_at_once_end_in_one_of_them() -> None:
    hospital = make_hospital()
    (first, his), (other, hers) = people(2)
    made = book(by=other, wanted=hospital.wanted(slot(TOMORROW, 8)), whom=hers, now=NOW)
    waiting(hospital, (first, his))
    cancel_booking(by=other, appointment_id=made.id, now=NOW)
    offer = Offer.objects.select_related("entry").get()
    at_once(
        [
            lambda: take_offer(link=offer.link, now=NOW),
            lambda: leave_waiting_list(by=first, entry_id=offer.entry_id, now=NOW),
        ]
    )
    offer.entry.refresh_from_db()
    booked = Appointment.objects.filter(status=Status.BOOKED).count()
    assert (offer.entry.state, booked) in {(WaitingState.TAKEN, 1), (WaitingState.LEFT, 0)}


def test_many_who_register_get_each_place_once_and_cancelling_meanwhile_leaves_no_gap() -> None:
    hospital = make_hospital(overbook_percent=100)
    wanted = Wanted(service=hospital.service, day=TOMORROW, session=SessionKind.MORNING, insured=True)
    crowd = people(45)
    early = [
        register(by=visitor, wanted=wanted, beneficiary=whom.beneficiary, now=NOW)  # type: ignore[arg-type]
        for visitor, whom in crowd[:5]
    ]
    acts: list[Callable[[], object]] = [
        lambda who=who: register(by=who[0], wanted=wanted, beneficiary=who[1].beneficiary, now=NOW)  # type: ignore[misc]
        for who in crowd[5:]
    ]
    acts[3:3] = [
        lambda row=row, by=who[0]: cancel_registration(by=by, registration_id=row.id, now=NOW)  # type: ignore[misc]
        for row, who in zip(early, crowd[:5], strict=True)
    ]
    outcome = at_once(acts)
    places = Registration.objects.exclude(status=Status.CANCELLED).values_list("place", flat=True)
    row = ExamSession.objects.get()
    assert outcome.keys() <= {"done", "session.full"}
    assert sorted(places) == sorted(set(range(1, row.issued + 1)) - set(row.freed))
    assert len(places) == outcome["done"] - 5
    assert len(places) <= row.capacity == 20
