"""Places in exam sessions, arrival windows, check-in."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.appointments import rules
from scheduling.appointments.callers import Visitor
from scheduling.appointments.domain.places import open_sessions, set_capacity
from scheduling.appointments.domain.registrations import (
    Wanted,
    cancel_registration,
    check_in,
    close_day,
    excuse_missed,
    register,
)
from scheduling.appointments.enums import EndReason, Status
from scheduling.appointments.models import BookingPolicy, ExamSession, Registration
from scheduling.appointments.models.policy import policy_of
from scheduling.calendars.enums import DayKind, SessionKind
from scheduling.calendars.models import Holiday
from scheduling.queues.enums import Series
from telehealth.core.errors import Conflict, DomainError, Invalid, NotFound, Unavailable
from tests.scheduling.appointments.factories import (
    NOW,
    TODAY,
    TOMORROW,
    Hospital,
    at,
    make_family,
    make_hospital,
)

pytestmark = pytest.mark.django_db


def wanted(hospital: Hospital, day: date = TOMORROW, session: SessionKind = SessionKind.MORNING) -> Wanted:
    return Wanted(service=hospital.service, day=day, session=session, insured=True)


def register_one(hospital: Hospital, day: date = TOMORROW, name: str = "Vừ Thị Mẫu") -> Registration:
    visitor, people = make_family(name)
    return register(by=visitor, wanted=wanted(hospital, day), beneficiary=people[0], now=NOW)


def places(hospital: Hospital) -> list[int]:
    return sorted(
        Registration.objects.filter(exam_session__service=hospital.service)
        .exclude(status=Status.CANCELLED)
        .values_list("place", flat=True)
    )


def test_places_are_given_in_order_and_spread_over_the_session() -> None:
    hospital = make_hospital()
    made = [register_one(hospital) for _n in range(10)]
    assert [row.place for row in made] == list(range(1, 11))
    # 7:00–11:30 are nine windows of half an hour.
    assert [row.arrive_from for row in made] == [
        at(TOMORROW, 7) + timedelta(minutes=30 * n) for n in (0, 0, 1, 2, 3, 4, 5, 6, 7, 8)
    ]
    assert {row.arrive_to - row.arrive_from for row in made} == {timedelta(minutes=30)}
    with pytest.raises(Conflict) as refused:
        register_one(hospital)
    assert refused.value.code == "session.full"
    assert ExamSession.objects.get().issued == 10


def test_a_place_that_is_given_back_is_given_again() -> None:
    hospital = make_hospital()
    made = [register_one(hospital) for _n in range(5)]
    for row in (made[1], made[3], made[4]):
        stranger = Visitor(holder="browser")
        gone = cancel_registration(by=stranger, registration_id=row.id, link=row.link, now=NOW)
        assert (gone.status, gone.end_reason) == (Status.CANCELLED, EndReason.BY_PATIENT)
    session = ExamSession.objects.get()
    assert (session.issued, session.freed) == (3, [2])
    assert [register_one(hospital).place for _n in range(3)] == [2, 4, 5]
    assert places(hospital) == [1, 2, 3, 4, 5]


@settings(deadline=None, max_examples=25)
@given(acts=st.lists(st.one_of(st.none(), st.integers(0, 9)), max_size=40))
def test_whatever_is_taken_and_given_back_places_are_the_lowest_and_none_is_lost(
    acts: list[int | None],
) -> None:
    """The counter row against a plain set: None takes a place, a number gives one of those taken back."""
    from scheduling.appointments.domain.places import give_back_place, open_session, take_place

    hospital = make_hospital()
    row = open_session(
        service=hospital.service,
        day=TOMORROW,
        session=SessionKind.MORNING,
        policy=policy_of(hospital.facility, now=NOW),
    )
    taken: set[int] = set()
    for act in acts:
        if act is not None:
            if taken:
                place = sorted(taken)[act % len(taken)]
                give_back_place(session_id=row.id, place=place)
                taken.remove(place)
        elif len(taken) < row.capacity:
            place, _capacity = take_place(row.id)
            assert place == min(set(range(1, row.capacity + 1)) - taken)
            taken.add(place)
        else:
            with pytest.raises(Conflict):
                take_place(row.id)
        row.refresh_from_db()
        assert set(range(1, row.issued + 1)) - set(row.freed) == taken


@settings(deadline=None)
@given(
    capacity=st.integers(1, 300),
    minutes=st.integers(30, 400),
    length=st.sampled_from([10, 15, 30, 60]),
)
def test_windows_lie_in_the_session_in_the_order_of_places_and_none_is_crowded(
    capacity: int, minutes: int, length: int
) -> None:
    opens = at(TOMORROW, 7)
    closes = opens + timedelta(minutes=minutes)
    windows = [
        rules.arrival_window(
            place=place,
            capacity=capacity,
            opens=opens,
            closes=closes,
            length=timedelta(minutes=length),
        )
        for place in range(1, capacity + 1)
    ]
    assert windows == sorted(windows)
    assert all(opens <= one.start < one.end <= closes for one in windows)
    crowds = [windows.count(one) for one in set(windows)]
    assert max(crowds) - min(crowds) <= 1


def test_somebody_registers_once_for_a_session_and_a_refusal_takes_no_place() -> None:
    hospital = make_hospital()
    visitor, people = make_family()
    register(by=visitor, wanted=wanted(hospital), beneficiary=people[0], now=NOW)
    with pytest.raises(Conflict) as refused:
        register(by=visitor, wanted=wanted(hospital), beneficiary=people[0], now=NOW)
    assert refused.value.code == "registration.twice"
    assert ExamSession.objects.get().issued == 1


def test_a_phone_registers_so_many_people_for_a_session() -> None:
    hospital = make_hospital(per_phone_session=2)
    visitor, people = make_family("Vừ Thị Mẫu", "Vừ A Tủa", "Vừ A Chớ")
    for person in people[:2]:
        register(by=visitor, wanted=wanted(hospital), beneficiary=person, now=NOW)
    with pytest.raises(Conflict) as refused:
        register(by=visitor, wanted=wanted(hospital), beneficiary=people[2], now=NOW)
    assert refused.value.code == "registration.too_many_for_phone"


@pytest.mark.parametrize(
    ("day", "code"),
    [
        (TODAY - timedelta(days=1), "session.days"),
        (TODAY + timedelta(days=31), "session.days"),
        (TODAY + timedelta(days=5), "session.not_open"),  # Saturday
        (TODAY + timedelta(days=2), "session.not_open"),  # a holiday, below
    ],
)
def test_only_a_day_that_is_worked_can_be_registered_for(day: date, code: str) -> None:
    hospital = make_hospital()
    Holiday.objects.create(day=TODAY + timedelta(days=2), kind=DayKind.CLOSED, name="Tết")
    with pytest.raises(DomainError) as refused:
        register_one(hospital, day)
    assert refused.value.code == code


def test_a_session_that_is_over_is_not_listed_and_not_registered_for() -> None:
    hospital = make_hospital()
    visitor, people = make_family()
    policy = policy_of(hospital.facility, now=NOW)
    noon = at(TODAY, 12)
    listed = open_sessions(service=hospital.service, days=(TODAY, TODAY), policy=policy, now=noon)
    assert [(one.session, one.left) for one in listed] == [(SessionKind.AFTERNOON, 10)]
    register(by=visitor, wanted=wanted(hospital, TODAY), beneficiary=people[0], now=NOW)
    other, others = make_family()
    with pytest.raises(Conflict) as refused:
        register(by=other, wanted=wanted(hospital, TODAY), beneficiary=others[0], now=noon)
    assert refused.value.code == "session.not_open"


def test_a_facility_may_count_on_some_who_never_come() -> None:
    hospital = make_hospital(overbook_percent=20)
    made = [register_one(hospital) for _n in range(12)]
    with pytest.raises(Conflict):
        register_one(hospital)
    assert made[-1].arrive_to == at(TOMORROW, 11, 30)


def test_a_capacity_that_is_lowered_takes_no_place_from_anybody() -> None:
    hospital = make_hospital()
    made = [register_one(hospital) for _n in range(3)]
    set_capacity(session_id=made[0].exam_session_id, capacity=2)
    with pytest.raises(Conflict):
        register_one(hospital)
    set_capacity(session_id=made[0].exam_session_id, capacity=4)
    assert register_one(hospital).place == 4


def test_check_in_gives_the_number_once_and_only_on_the_day() -> None:
    hospital = make_hospital()
    visitor, people = make_family("Lò Văn Thành")
    people[0].birth_year = 1950
    people[0].save()
    made = register(by=visitor, wanted=wanted(hospital), beneficiary=people[0], now=NOW)
    with pytest.raises(Conflict) as refused:
        check_in(registration=made, now=NOW)
    assert refused.value.code == "registration.not_today"
    arrived = at(TOMORROW, 7, 5)
    ticket = check_in(registration=made, now=arrived)
    assert (ticket.series, ticket.code, ticket.label) == (Series.PRIORITY, "U001", "L*** V** T**")
    assert (ticket.window_start, ticket.window_end) == (made.arrive_from, made.arrive_to)
    assert check_in(registration=made, now=arrived) == ticket
    made.refresh_from_db()
    assert (made.status, made.arrived_at, made.ticket) == (Status.ARRIVED, arrived, ticket)
    with pytest.raises(Conflict) as refused:
        cancel_registration(by=visitor, registration_id=made.id, now=arrived)
    assert refused.value.code == "registration.has_number"


def test_without_a_queue_check_in_sends_to_the_desk_and_changes_nothing() -> None:
    hospital = make_hospital()
    made = register_one(hospital)
    hospital.service.queue_service = None
    hospital.service.save()
    with pytest.raises(Unavailable):
        check_in(registration=made, now=at(TOMORROW, 7))
    made.refresh_from_db()
    assert made.status == Status.BOOKED


def test_who_never_came_is_noted_when_the_day_is_over_and_can_be_excused() -> None:
    hospital = make_hospital()
    came, stayed_away = register_one(hospital), register_one(hospital)
    check_in(registration=came, now=at(TOMORROW, 7))
    assert close_day(day=TOMORROW, now=at(TOMORROW, 23)) == 1
    assert close_day(day=TOMORROW, now=at(TOMORROW, 23)) == 0
    stayed_away.refresh_from_db()
    assert (stayed_away.status, stayed_away.ended_at) == (Status.NO_SHOW, stayed_away.arrive_to)
    excused = excuse_missed(hat=hospital.nurse, registration_id=stayed_away.id, now=at(TOMORROW, 23))
    assert excused.status == Status.CANCELLED


def test_two_missed_visits_in_ninety_days_ask_for_a_confirmation_and_bar_nobody() -> None:
    hospital = make_hospital()
    visitor, people = make_family()
    for day in (TOMORROW, TOMORROW + timedelta(days=1)):
        register(by=visitor, wanted=wanted(hospital, day), beneficiary=people[0], now=NOW)
        close_day(day=day, now=at(day, 23))
    week = TODAY + timedelta(days=7)
    later = at(TOMORROW + timedelta(days=2), 8)
    made = register(by=visitor, wanted=wanted(hospital, week), beneficiary=people[0], now=later)
    assert made.answer_by == made.arrive_from - timedelta(hours=12)
    BookingPolicy.objects.create(facility=hospital.facility, horizon_days=200)
    long_after = made.arrive_from + timedelta(days=100)
    fresh = register(
        by=visitor,
        wanted=wanted(hospital, rules.local_day(long_after) + timedelta(days=1)),
        beneficiary=people[0],
        now=long_after,
    )
    assert fresh.answer_by is None


def test_what_is_registered_elsewhere_is_not_there() -> None:
    hospital, elsewhere = make_hospital(), make_hospital()
    made = register_one(hospital)
    with pytest.raises(NotFound):
        cancel_registration(by=elsewhere.nurse, registration_id=made.id, now=NOW)
    gone = cancel_registration(by=hospital.nurse, registration_id=made.id, now=NOW)
    assert gone.end_reason == EndReason.BY_FACILITY
    with pytest.raises(Invalid):
        register_one(hospital, TODAY + timedelta(days=60))
