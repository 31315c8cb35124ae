"""Availability, hours and special days: who may change them, and what is refused."""

from collections.abc import Callable
from datetime import date, time

import pytest

from scheduling.calendars.domain.availability import (
    PatternEntry,
    add_availability,
    add_exception,
    end_availability,
    remove_exception,
)
from scheduling.calendars.domain.hours import (
    USUAL_HOURS,
    HoursEntry,
    SpecialDayEntry,
    propose_holidays,
    remove_special_day,
    set_hours,
    set_special_day,
)
from scheduling.calendars.domain.queries import open_windows, sessions_of
from scheduling.calendars.domain.resources import ResourceEntry, save_resource
from scheduling.calendars.enums import (
    DayKind,
    ExceptionKind,
    ResourceKind,
    SessionKind,
    Weekday,
)
from scheduling.calendars.models import Availability, Holiday, WorkingHours
from telehealth.accounts.enums import Role
from telehealth.accounts.hat import Hat
from telehealth.accounts.models import Membership
from telehealth.core.errors import Conflict, DomainError, NotAllowed
from tests.factories import NOW, World, make_person
from tests.scheduling.factories import MONDAY, stretch

pytestmark = pytest.mark.django_db
FROM = date(2026, 11, 1)


def code_of(act: Callable[[], object]) -> str:
    with pytest.raises(DomainError) as refused:
        act()
    return refused.value.code


def entry(starts: str = "07:00", ends: str = "09:00", weekday: Weekday = Weekday.MONDAY) -> PatternEntry:
    return PatternEntry(weekday, time.fromisoformat(starts), time.fromisoformat(ends), FROM)


def test_usual_hours_are_two_sessions_on_five_days(world: World) -> None:
    set_hours(hat=world.coordinator, entries=USUAL_HOURS, now=NOW)
    set_hours(hat=world.coordinator, entries=USUAL_HOURS, now=NOW)
    assert WorkingHours.objects.filter(facility=world.hub).count() == 10


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        ([(SessionKind.MORNING, 7, 7)], "hours.order"),
        ([(SessionKind.MORNING, 7, 9), (SessionKind.MORNING, 10, 11)], "hours.twice"),
        ([(SessionKind.MORNING, 7, 12), (SessionKind.AFTERNOON, 11, 17)], "hours.overlap"),
    ],
)
def test_hours_that_cannot_be_are_refused_and_change_nothing(
    world: World, entries: list[tuple[SessionKind, int, int]], code: str
) -> None:
    set_hours(hat=world.coordinator, entries=USUAL_HOURS, now=NOW)
    wrong = [HoursEntry(Weekday.MONDAY, kind, time(opens), time(closes)) for kind, opens, closes in entries]
    assert code_of(lambda: set_hours(hat=world.coordinator, entries=wrong, now=NOW)) == code
    assert len(sessions_of(facility=world.hub, day=MONDAY)) == 2


def test_a_proposal_of_holidays_keeps_what_was_edited(world: World) -> None:
    operator = make_person(world.hub, Role.PROVINCE_OPERATOR, licensed=False)
    edited = SpecialDayEntry(date(2027, 2, 8), "Mùng ba Tết")
    set_special_day(hat=operator, entry=edited, now=NOW)
    added = propose_holidays(hat=operator, year=2027, now=NOW)
    again = propose_holidays(hat=operator, year=2027, now=NOW)
    assert (added, again) == (14, 0)
    assert Holiday.objects.get(day=edited.day).name == "Mùng ba Tết"
    assert Holiday.objects.get(day=date(2027, 4, 16)).name == "Giỗ Tổ Hùng Vương"


def test_the_provinces_days_are_its_operators_and_a_facilitys_its_editors(world: World) -> None:
    operator = make_person(world.hub, Role.PROVINCE_OPERATOR, licensed=False)
    of_all = set_special_day(hat=operator, entry=SpecialDayEntry(MONDAY, "Nghỉ"), now=NOW)
    own = set_special_day(
        hat=world.coordinator, entry=SpecialDayEntry(MONDAY, "Khám cả ngày lễ", DayKind.OPEN), now=NOW
    )
    assert (of_all.facility, own.facility) == (None, world.hub)
    assert code_of(lambda: propose_holidays(hat=world.coordinator, year=2027, now=NOW)) == "holiday.not_yours"
    assert (
        code_of(lambda: remove_special_day(hat=world.coordinator, holiday_id=of_all.id, now=NOW))
        == "holiday.not_found"
    )
    remove_special_day(hat=world.coordinator, holiday_id=own.id, now=NOW)
    assert list(Holiday.objects.all()) == [of_all]


def test_a_person_is_not_planned_at_two_facilities_at_once(world: World) -> None:
    elsewhere = Membership.objects.create(user=world.specialist.user, facility=world.spoke, role=Role.DOCTOR)
    spokes = make_person(world.spoke, Role.COORDINATOR)
    add_availability(hat=spokes, membership=elsewhere, entry=entry(), now=NOW)
    with pytest.raises(Conflict) as refused:
        add_availability(
            hat=world.coordinator,
            membership=world.specialist.membership,
            entry=entry("08:30", "10:00"),
            now=NOW,
        )
    assert refused.value.code == "availability.elsewhere"
    assert f"tại {world.spoke.short_name} vào Thứ Hai 07:00–09:00" in refused.value.text
    add_availability(
        hat=world.coordinator, membership=world.specialist.membership, entry=entry("09:00", "10:00"), now=NOW
    )


def test_a_pattern_over_sunday_midnight_clashes_with_monday(world: World) -> None:
    person = world.specialist.membership
    add_availability(
        hat=world.coordinator, membership=person, entry=entry("22:00", "02:00", Weekday.SUNDAY), now=NOW
    )
    early = entry("01:00", "03:00")
    assert (
        code_of(lambda: add_availability(hat=world.coordinator, membership=person, entry=early, now=NOW))
        == "availability.twice"
    )


def test_everybody_excepts_their_own_time_and_only_editors_that_of_others(world: World) -> None:
    set_hours(hat=world.coordinator, entries=USUAL_HOURS, now=NOW)
    person = world.specialist.membership
    row = add_availability(hat=world.coordinator, membership=person, entry=entry(), now=NOW)
    busy = stretch(MONDAY, "08:00", "09:00")

    def except_time(hat: Hat) -> object:
        return add_exception(hat=hat, membership=person, kind=ExceptionKind.REMOVED, during=busy, now=NOW)

    assert code_of(lambda: except_time(world.second_specialist)) == "schedule.not_editor"
    except_time(world.specialist)
    assert open_windows(practitioner=person, days=(MONDAY, MONDAY)) == [stretch(MONDAY, "07:00", "08:00")]
    exception = person.availability_exceptions.get()
    assert (
        code_of(lambda: remove_exception(hat=world.second_specialist, exception_id=exception.id, now=NOW))
        == "exception.not_found"
    )
    remove_exception(hat=world.specialist, exception_id=exception.id, now=NOW)
    with pytest.raises(NotAllowed):
        end_availability(hat=world.specialist, availability_id=row.id, now=NOW)
    end_availability(hat=world.coordinator, availability_id=row.id, now=NOW)
    assert not Availability.objects.exists()


def test_a_room_is_added_once_and_kept_when_it_is_given_up(world: World) -> None:
    room = ResourceEntry(ResourceKind.TELE_ROOM, "Phòng hội chẩn 1")
    made = save_resource(hat=world.coordinator, entry=room, now=NOW)
    assert code_of(lambda: save_resource(hat=world.coordinator, entry=room, now=NOW)) == "resource.twice"
    gone = ResourceEntry(ResourceKind.TELE_ROOM, "Phòng hội chẩn 1", is_active=False)
    save_resource(hat=world.coordinator, resource_id=made.id, entry=gone, now=NOW)
    made.refresh_from_db()
    set_hours(hat=world.coordinator, entries=USUAL_HOURS, now=NOW)
    assert open_windows(resource=made, days=(MONDAY, MONDAY)) == []
    assert code_of(lambda: save_resource(hat=world.doctor, entry=room, now=NOW)) == "schedule.not_editor"
