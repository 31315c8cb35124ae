"""Open time and who is on call, as other packages ask for it. Nothing here is stored as a copy."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar
from uuid import UUID

from django.db.models import Q

from scheduling.calendars.enums import DayKind, ExceptionKind, LeaveState, Purpose
from scheduling.calendars.models import (
    Availability,
    AvailabilityException,
    Holiday,
    Leave,
    OnCallShift,
    Resource,
    WorkingHours,
)
from scheduling.calendars.patterns import (
    LOCAL,
    Session,
    SpecialDay,
    days_between,
    pattern_on,
    sessions_on,
)
from scheduling.calendars.ranges import interval_of, range_of
from scheduling.calendars.slots import Interval, common, merged, whole_days, without
from telehealth.accounts.models import Membership
from telehealth.facilities.models import Facility, Specialty

_Row = TypeVar("_Row", Availability, AvailabilityException)

Days = tuple[date, date]
"""The first day and the last, both included."""


@dataclass(frozen=True)
class FacilityDays:
    """The hours and special days of a facility: everything its days depend on."""

    hours: tuple[WorkingHours, ...]
    specials: Mapping[date, SpecialDay]

    def sessions(self, day: date) -> list[Session]:
        return sessions_on(self.hours, day, self.specials.get(day))

    def open(self, days: Days) -> list[Interval]:
        """Return when the facility works, in as few intervals as possible."""
        return merged(s.interval for day in days_between(*days) for s in self.sessions(day))


def facility_days(facilities: Collection[UUID], days: Days) -> dict[UUID, FacilityDays]:
    """Return hours and special days of facilities. Two queries, whatever their number."""
    hours: defaultdict[UUID, list[WorkingHours]] = defaultdict(list)
    for row in WorkingHours.objects.filter(facility__in=facilities):
        hours[row.facility_id].append(row)
    specials = special_days(facilities, days)
    return {one: FacilityDays(tuple(hours[one]), specials[one]) for one in facilities}


def special_days(facilities: Collection[UUID], days: Days) -> dict[UUID, dict[date, SpecialDay]]:
    """Return the special days of facilities; a facility's own row wins over the province's."""
    rows = list(
        Holiday.objects.filter(Q(facility=None) | Q(facility__in=facilities), day__range=days).order_by("day")
    )
    of_all = {row.day: _special(row) for row in rows if row.facility_id is None}
    result = {facility: dict(of_all) for facility in facilities}
    for row in rows:
        if row.facility_id is not None:
            result[row.facility_id][row.day] = _special(row)
    return result


def sessions_of(*, facility: Facility, day: date) -> list[Session]:
    """Return the sessions (morning, afternoon …) a facility works on a day, in order; none on a holiday."""
    return facility_days([facility.id], (day, day))[facility.id].sessions(day)


def open_windows(
    *,
    practitioner: Membership | None = None,
    resource: Resource | None = None,
    days: Days,
    purpose: Purpose | None = None,
) -> list[Interval]:
    """Return when a person (in one role) or a resource can be booked on some days, merged and in order.

    Weekly availability on days the facility works, within its hours; plus time that was added (wherever it lies), minus time that
    was taken away, granted leave, and duty at another facility (Law 15/2023/QH15, Article 36(1)). What is booked is not looked at.
    """
    if practitioner is not None:
        return practitioner_windows(practitioners=[practitioner], days=days, purpose=purpose)[practitioner.id]
    assert resource is not None, "open windows of whom or what?"
    return resource_windows(resources=[resource], days=days)[resource.id]


def practitioner_windows(
    *, practitioners: Collection[Membership], days: Days, purpose: Purpose | None = None
) -> dict[UUID, list[Interval]]:
    """Return `open_windows` of several people by membership id, in a number of queries that does not depend on how many they are."""
    within = whole_days(*days, LOCAL)
    ids = [one.id for one in practitioners]
    facilities = facility_days({one.facility_id for one in practitioners}, _with_eve(days))
    patterns = _by_owner(Availability.objects.filter(membership__in=ids), "membership_id")
    exceptions = _by_owner(
        AvailabilityException.objects.filter(membership__in=ids, during__overlap=range_of(within)),
        "membership_id",
    )
    leaves: defaultdict[UUID, list[Interval]] = defaultdict(list)
    for leave in Leave.objects.filter(
        membership__in=ids, state=LeaveState.GRANTED, during__overlap=range_of(within)
    ):
        leaves[leave.membership_id].append(interval_of(leave.during))
    duties: defaultdict[UUID, list[OnCallShift]] = defaultdict(list)
    for shift in OnCallShift.objects.filter(
        user__in=[one.user_id for one in practitioners], cancelled_at=None, during__overlap=range_of(within)
    ):
        duties[shift.user_id].append(shift)
    result: dict[UUID, list[Interval]] = {}
    for one in practitioners:
        elsewhere = [
            interval_of(shift.during) for shift in duties[one.user_id] if shift.facility_id != one.facility_id
        ]
        house = facilities[one.facility_id]
        usual = common(_pattern_time(patterns[one.id], house, days, purpose), house.open(days))
        time = _with_exceptions(usual, exceptions[one.id], purpose)
        time = without(time, [*leaves[one.id], *elsewhere])
        result[one.id] = common(time, [within]) if one.is_active else []
    return result


def resource_windows(*, resources: Collection[Resource], days: Days) -> dict[UUID, list[Interval]]:
    """Return `open_windows` of several rooms and machines by id, in a number of queries that does not depend on how many."""
    within = whole_days(*days, LOCAL)
    ids = [one.id for one in resources]
    facilities = facility_days({one.facility_id for one in resources}, _with_eve(days))
    patterns = _by_owner(Availability.objects.filter(resource__in=ids), "resource_id")
    exceptions = _by_owner(
        AvailabilityException.objects.filter(resource__in=ids, during__overlap=range_of(within)),
        "resource_id",
    )
    result: dict[UUID, list[Interval]] = {}
    for one in resources:
        house = facilities[one.facility_id]
        usual = [within] if one.around_the_clock else house.open(days)
        if patterns[one.id]:
            usual = common(usual, _pattern_time(patterns[one.id], house, days, None))
        time = _with_exceptions(usual, exceptions[one.id], None)
        result[one.id] = common(time, [within]) if one.is_active else []
    return result


def on_call_shifts(*, facility: Facility, specialty: Specialty | None, now: datetime) -> list[OnCallShift]:
    """Return the duties that are on now for a specialty, who is called first at the front.

    Where nobody is on call for the specialty itself, those of the whole house. Holidays make no difference.
    """
    shifts = list(
        OnCallShift.objects.filter(
            Q(roster__specialty=specialty) | Q(roster__specialty=None),
            facility=facility,
            roster__is_active=True,
            membership__is_active=True,
            user__is_active=True,
            cancelled_at=None,
            during__contains=now,
        )
        .select_related("membership__user", "membership__facility", "membership__department", "roster")
        .order_by("rank")
    )
    own = [shift for shift in shifts if shift.roster.specialty_id is not None]
    return own or shifts


def on_call_now(*, facility: Facility, specialty: Specialty | None, now: datetime) -> list[Membership]:
    """Return who is on call now, as `on_call_shifts`: the primary, the back-up, the head, each if there is one."""
    return [shift.membership for shift in on_call_shifts(facility=facility, specialty=specialty, now=now)]


def _special(row: Holiday) -> SpecialDay:
    return SpecialDay(DayKind(row.kind), row.works_as, row.name)


def _with_eve(days: Days) -> Days:
    """The days and the one before: a pattern may come over midnight."""
    return days[0] - timedelta(days=1), days[1]


def _by_owner(rows: Iterable[_Row], owner: str) -> defaultdict[UUID, list[_Row]]:
    result: defaultdict[UUID, list[_Row]] = defaultdict(list)
    for row in rows:
        result[getattr(row, owner)].append(row)
    return result


def _serves(row: Availability | AvailabilityException, purpose: Purpose | None) -> bool:
    return purpose is None or not row.purposes or purpose in row.purposes


def _pattern_time(
    patterns: Iterable[Availability], house: FacilityDays, days: Days, purpose: Purpose | None
) -> list[Interval]:
    return [
        interval
        for pattern in patterns
        if _serves(pattern, purpose)
        for day in days_between(*_with_eve(days))
        if (interval := pattern_on(pattern, day, house.specials.get(day))) is not None
    ]


def _with_exceptions(
    usual: Iterable[Interval], exceptions: Iterable[AvailabilityException], purpose: Purpose | None
) -> list[Interval]:
    added = [
        interval_of(row.during)
        for row in exceptions
        if row.kind == ExceptionKind.ADDED and _serves(row, purpose)
    ]
    removed = [
        interval_of(row.during)
        for row in exceptions
        if row.kind == ExceptionKind.REMOVED and _serves(row, purpose)
    ]
    return without([*usual, *added], removed)
