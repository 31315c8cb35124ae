"""Open time: patterns within hours, with exceptions, leave and holidays; and who is on call."""

from datetime import date, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scheduling.calendars.domain.queries import (
    on_call_now,
    open_windows,
    practitioner_windows,
    sessions_of,
)
from scheduling.calendars.enums import (
    DayKind,
    DutyRank,
    ExceptionKind,
    LeaveKind,
    LeaveState,
    Purpose,
    ResourceKind,
    SessionKind,
)
from scheduling.calendars.models import (
    AvailabilityException,
    Holiday,
    Leave,
    Resource,
    WorkingHours,
)
from scheduling.calendars.patterns import Session
from scheduling.calendars.ranges import range_of
from telehealth.accounts.enums import Role
from tests.factories import NOW, World, make_facility, make_person, make_specialty
from tests.scheduling.factories import (
    MONDAY,
    at,
    make_availability,
    make_hours,
    make_roster,
    make_shift,
    stretch,
)

pytestmark = pytest.mark.django_db
TUESDAY = MONDAY + timedelta(days=1)
SUNDAY = MONDAY - timedelta(days=1)


def test_a_facility_has_its_sessions_on_working_days_only(world: World) -> None:
    make_hours(world.hub)
    assert sessions_of(facility=world.hub, day=MONDAY) == [
        Session(SessionKind.MORNING, stretch(MONDAY, "07:00", "11:30")),
        Session(SessionKind.AFTERNOON, stretch(MONDAY, "13:30", "17:00")),
    ]
    assert sessions_of(facility=world.hub, day=SUNDAY) == []
    assert sessions_of(facility=world.spoke, day=MONDAY) == []


def test_summer_hours_replace_those_of_the_year(world: World) -> None:
    make_hours(world.hub)
    WorkingHours.objects.create(
        facility=world.hub,
        weekday=1,
        session=SessionKind.MORNING,
        opens=time(6, 30),
        closes=time(11, 0),
        valid_from=date(2026, 4, 16),
        valid_to=date(2026, 10, 15),
    )
    summer = date(2026, 6, 1)
    morning = sessions_of(facility=world.hub, day=summer)[0]
    assert morning.interval == stretch(summer, "06:30", "11:00")
    assert sessions_of(facility=world.hub, day=MONDAY)[0].interval == stretch(MONDAY, "07:00", "11:30")


def test_a_facility_may_work_on_a_holiday_of_the_province(world: World) -> None:
    make_hours(world.hub)
    make_hours(world.spoke)
    Holiday.objects.create(day=MONDAY, name="Nghỉ lễ")
    Holiday.objects.create(day=MONDAY, facility=world.hub, kind=DayKind.OPEN, name="Khám cả ngày lễ")
    assert len(sessions_of(facility=world.hub, day=MONDAY)) == 2
    assert sessions_of(facility=world.spoke, day=MONDAY) == []


def test_a_saturday_may_be_worked_as_a_monday(world: World) -> None:
    make_hours(world.hub)
    saturday = MONDAY + timedelta(days=5)
    Holiday.objects.create(day=saturday, kind=DayKind.OPEN, works_as=1, name="Làm bù")
    make_availability(world.specialist.membership, 1, "07:00", "09:00")
    windows = open_windows(practitioner=world.specialist.membership, days=(saturday, saturday))
    assert windows == [stretch(saturday, "07:00", "09:00")]


def test_time_is_open_within_hours_only(world: World) -> None:
    make_hours(world.hub)
    make_availability(world.specialist.membership, 1, "06:00", "14:00")
    make_availability(world.specialist.membership, 7, "08:00", "10:00")
    windows = open_windows(practitioner=world.specialist.membership, days=(SUNDAY, TUESDAY))
    assert windows == [stretch(MONDAY, "07:00", "11:30"), stretch(MONDAY, "13:30", "14:00")]


def test_exceptions_add_time_also_outside_hours_and_take_it_away(world: World) -> None:
    make_hours(world.hub)
    person = world.specialist.membership
    make_availability(person, 1, "07:00", "11:30")
    for kind, during in (
        (ExceptionKind.ADDED, stretch(MONDAY, "19:00", "20:00")),
        (ExceptionKind.REMOVED, stretch(MONDAY, "08:00", "09:00")),
    ):
        AvailabilityException.objects.create(
            membership=person, kind=kind, during=range_of(during), created_at=NOW
        )
    assert open_windows(practitioner=person, days=(MONDAY, MONDAY)) == [
        stretch(MONDAY, "07:00", "08:00"),
        stretch(MONDAY, "09:00", "11:30"),
        stretch(MONDAY, "19:00", "20:00"),
    ]


@pytest.mark.parametrize(("state", "ends"), [(LeaveState.GRANTED, "09:00"), (LeaveState.REQUESTED, "11:30")])
def test_only_granted_leave_closes_time(world: World, state: LeaveState, ends: str) -> None:
    make_hours(world.hub)
    person = world.specialist.membership
    make_availability(person, 1, "07:00", "11:30")
    Leave.objects.create(
        membership=person,
        kind=LeaveKind.ANNUAL,
        during=range_of(stretch(MONDAY, "09:00", "00:00", 3)),
        state=state,
        asked_at=NOW,
    )
    assert open_windows(practitioner=person, days=(MONDAY, MONDAY)) == [stretch(MONDAY, "07:00", ends)]


def test_every_second_week_is_counted_from_the_first(world: World) -> None:
    make_hours(world.hub)
    person = world.specialist.membership
    make_availability(person, 1, "07:00", "08:00", every_weeks=2, valid_from=MONDAY + timedelta(days=2))
    mondays = [MONDAY + timedelta(weeks=n) for n in range(5)]
    windows = open_windows(practitioner=person, days=(mondays[0], mondays[-1]))
    assert windows == [stretch(day, "07:00", "08:00") for day in (mondays[2], mondays[4])]


def test_time_is_kept_for_its_purpose(world: World) -> None:
    make_hours(world.hub)
    person = world.specialist.membership
    make_availability(person, 1, "07:00", "09:00", purposes=[Purpose.REMOTE])
    make_availability(person, 1, "09:00", "11:00")
    days = (MONDAY, MONDAY)
    assert open_windows(practitioner=person, days=days, purpose=Purpose.REMOTE) == [
        stretch(MONDAY, "07:00", "11:00")
    ]
    assert open_windows(practitioner=person, days=days, purpose=Purpose.IN_PERSON) == [
        stretch(MONDAY, "09:00", "11:00")
    ]


def test_duty_at_another_facility_closes_time_here(world: World) -> None:
    make_hours(world.hub)
    person = world.specialist.membership
    make_availability(person, 1, "07:00", "11:30")
    other = make_person(world.spoke, Role.DOCTOR).membership
    other.user = person.user
    other.save()
    make_shift(make_roster(world.spoke), other, stretch(MONDAY, "06:00", "08:00"))
    assert open_windows(practitioner=person, days=(MONDAY, MONDAY)) == [stretch(MONDAY, "08:00", "11:30")]


def test_tet_closes_everything_but_duty(world: World) -> None:
    make_hours(world.hub)
    tet = date(2027, 2, 8)  # a Monday
    person = world.specialist.membership
    make_availability(person, 1, "07:00", "11:30")
    Holiday.objects.create(day=tet, name="Mùng ba Tết")
    make_shift(make_roster(world.hub, world.specialty), person, stretch(tet, "07:00", "07:00", 1))
    assert open_windows(practitioner=person, days=(tet, tet)) == []
    assert on_call_now(facility=world.hub, specialty=world.specialty, now=at(tet, "23:59")) == [person]


def test_a_person_without_the_role_any_more_has_no_time(world: World) -> None:
    make_hours(world.hub)
    person = world.specialist.membership
    make_availability(person, 1, "07:00", "11:30")
    person.is_active = False
    assert open_windows(practitioner=person, days=(MONDAY, MONDAY)) == []


def test_a_room_is_free_in_hours_and_a_cart_always(world: World) -> None:
    make_hours(world.hub)
    room = Resource.objects.create(facility=world.hub, kind=ResourceKind.TELE_ROOM, name="Phòng 1")
    cart = Resource.objects.create(
        facility=world.hub, kind=ResourceKind.ULTRASOUND_CART, name="Xe 1", around_the_clock=True
    )
    AvailabilityException.objects.create(
        resource=cart,
        kind=ExceptionKind.REMOVED,
        during=range_of(stretch(MONDAY, "08:00", "10:00")),
        created_at=NOW,
    )
    assert open_windows(resource=room, days=(SUNDAY, MONDAY)) == [
        stretch(MONDAY, "07:00", "11:30"),
        stretch(MONDAY, "13:30", "17:00"),
    ]
    assert open_windows(resource=cart, days=(MONDAY, MONDAY)) == [
        stretch(MONDAY, "00:00", "08:00"),
        stretch(MONDAY, "10:00", "00:00", 1),
    ]


def test_windows_of_many_cost_as_few_queries_as_of_one(world: World) -> None:
    make_hours(world.hub)
    people = [make_person(world.hub, Role.SPECIALIST).membership for _ in range(5)]
    for person in people:
        make_availability(person, 1, "07:00", "08:00")
    with CaptureQueriesContext(connection) as queries:
        windows = practitioner_windows(practitioners=people, days=(MONDAY, TUESDAY))
    assert set(windows) == {person.id for person in people}
    assert len(queries) == 6


def test_who_is_on_call_comes_by_rank_and_changes_with_the_clock(world: World) -> None:
    roster = make_roster(world.hub, world.specialty)
    first, second = world.specialist.membership, world.second_specialist.membership
    head = world.coordinator.membership
    night, next_night = stretch(MONDAY, "17:00", "07:00", 1), stretch(TUESDAY, "07:00", "07:00", 1)
    make_shift(roster, head, night, DutyRank.HEAD)
    make_shift(roster, second, night, DutyRank.BACKUP)
    make_shift(roster, first, night)
    make_shift(roster, second, next_night)

    def on_call(clock: str, days: int = 0) -> list[object]:
        return list(on_call_now(facility=world.hub, specialty=world.specialty, now=at(MONDAY, clock, days)))

    assert on_call("16:59") == []
    assert on_call("17:00") == [first, second, head]
    assert on_call("06:59", 1) == [first, second, head]
    assert on_call("07:00", 1) == [second]


def test_the_whole_houses_duty_answers_where_the_specialty_has_none(world: World) -> None:
    other = make_specialty("noi-tiet")
    night = stretch(MONDAY, "17:00", "07:00", 1)
    make_shift(make_roster(world.hub), world.coordinator.membership, night)
    make_shift(make_roster(world.hub, world.specialty), world.specialist.membership, night)
    now = at(MONDAY, "22:00")
    assert on_call_now(facility=world.hub, specialty=world.specialty, now=now) == [
        world.specialist.membership
    ]
    assert on_call_now(facility=world.hub, specialty=other, now=now) == [world.coordinator.membership]
    assert on_call_now(facility=make_facility(), specialty=other, now=now) == []
