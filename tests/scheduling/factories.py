"""Small true calendars for tests."""

from datetime import date, datetime, time, timedelta

from scheduling.calendars.enums import DutyRank, RosterCover, SessionKind
from scheduling.calendars.models import Availability, OnCallShift, Roster, WorkingHours
from scheduling.calendars.patterns import LOCAL
from scheduling.calendars.ranges import range_of
from scheduling.calendars.slots import Interval
from telehealth.accounts.models import Membership
from telehealth.facilities.models import Facility, Specialty
from tests.factories import NOW

MONDAY = date(2026, 11, 30)
MORNING = (time(7, 0), time(11, 30))
AFTERNOON = (time(13, 30), time(17, 0))


def at(day: date, clock: str, zone_day: int = 0) -> datetime:
    """Return a moment of the province's clock: `at(day, "07:30")`; `zone_day` days later."""
    return datetime.combine(day + timedelta(days=zone_day), time.fromisoformat(clock), LOCAL)


def stretch(day: date, starts: str, ends: str, days: int = 0) -> Interval:
    """Return an interval of a day, its end `days` later."""
    return Interval(at(day, starts), at(day, ends, days))


def make_hours(facility: Facility, weekdays: tuple[int, ...] = (1, 2, 3, 4, 5)) -> None:
    for weekday in weekdays:
        for session, (opens, closes) in (
            (SessionKind.MORNING, MORNING),
            (SessionKind.AFTERNOON, AFTERNOON),
        ):
            WorkingHours.objects.create(
                facility=facility, weekday=weekday, session=session, opens=opens, closes=closes
            )


def make_availability(
    membership: Membership, weekday: int, starts: str, ends: str, **more: object
) -> Availability:
    values: dict[str, object] = {"valid_from": date(2026, 1, 1), **more}
    return Availability.objects.create(
        membership=membership,
        weekday=weekday,
        starts=time.fromisoformat(starts),
        ends=time.fromisoformat(ends),
        **values,
    )


def make_roster(
    facility: Facility, specialty: Specialty | None = None, cover: RosterCover = RosterCover.ALWAYS
) -> Roster:
    return Roster.objects.create(facility=facility, specialty=specialty, cover=cover)


def make_shift(
    roster: Roster, membership: Membership, during: Interval, rank: DutyRank = DutyRank.PRIMARY
) -> OnCallShift:
    return OnCallShift.objects.create(
        roster=roster,
        membership=membership,
        user=membership.user,
        facility=roster.facility,
        rank=rank,
        during=range_of(during),
        changed_at=NOW,
    )
