"""What the pages of time show: the week of a facility, the month of a roster. Reads only."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Q

from scheduling.calendars import rules
from scheduling.calendars.access import colleagues
from scheduling.calendars.domain.queries import (
    FacilityDays,
    facility_days,
    on_call_shifts,
    practitioner_windows,
    resource_windows,
)
from scheduling.calendars.duty import duty_of, gaps, required
from scheduling.calendars.enums import DutyRank, LeaveState, RosterCover, SwapState
from scheduling.calendars.models import Leave, OnCallShift, Resource, Roster, ShiftSwap
from scheduling.calendars.patterns import LOCAL, SpecialDay, days_between
from scheduling.calendars.ranges import interval_of, range_of
from scheduling.calendars.slots import Interval, common, whole_days
from telehealth.accounts.hat import Hat
from telehealth.accounts.models import Membership
from telehealth.facilities.models import Facility

## The week of a facility ---


@dataclass(frozen=True)
class Day:
    """A day as the head of a column or row; `special` when it is not as its weekday says."""

    date: date
    special: SpecialDay | None
    is_worked: bool
    is_today: bool


@dataclass
class Cell:
    """One person's (or thing's) day."""

    day: Day
    open: list[Interval] = field(default_factory=list)
    duties: list[OnCallShift] = field(default_factory=list)
    leaves: list[Leave] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.open or self.duties or self.leaves)


@dataclass(frozen=True)
class Row:
    """A person's or a thing's week."""

    membership: Membership | None
    resource: Resource | None
    cells: Sequence[Cell]


@dataclass(frozen=True)
class WeekSheet:
    """A facility's week: people and things by days."""

    days: Sequence[Day]
    people: Sequence[Row]
    resources: Sequence[Row]


def week_sheet(hat: Hat, monday: date, *, now: datetime) -> WeekSheet:
    """Return the week of the hat's facility that begins on a Monday. A number of queries that does not depend on how many work there."""
    days = (monday, monday + timedelta(days=6))
    house = facility_days([hat.facility.id], days)[hat.facility.id]
    heads = [_day(one, house, now) for one in days_between(*days)]
    people = list(colleagues(hat))
    things = list(Resource.objects.filter(facility=hat.facility, is_active=True))
    open_people = practitioner_windows(practitioners=people, days=days)
    open_things = resource_windows(resources=things, days=days)
    within = range_of(whole_days(*days, LOCAL))
    duties: defaultdict[UUID, list[OnCallShift]] = defaultdict(list)
    for shift in OnCallShift.objects.filter(
        facility=hat.facility, cancelled_at=None, during__overlap=within
    ).select_related("roster__specialty"):
        duties[shift.membership_id].append(shift)
    leaves: defaultdict[UUID, list[Leave]] = defaultdict(list)
    for leave in Leave.objects.filter(
        membership__in=people,
        state__in=[LeaveState.GRANTED, LeaveState.REQUESTED],
        during__overlap=within,
    ):
        leaves[leave.membership_id].append(leave)
    return WeekSheet(
        heads,
        [
            Row(
                one,
                None,
                [_cell(day, open_people[one.id], duties[one.id], leaves[one.id]) for day in heads],
            )
            for one in people
        ],
        [Row(None, one, [_cell(day, open_things[one.id], [], []) for day in heads]) for one in things],
    )


def _day(day: date, house: FacilityDays, now: datetime) -> Day:
    return Day(day, house.specials.get(day), bool(house.sessions(day)), day == now.astimezone(LOCAL).date())


def _cell(
    day: Day, windows: Sequence[Interval], duties: Sequence[OnCallShift], leaves: Sequence[Leave]
) -> Cell:
    whole = whole_days(day.date, day.date, LOCAL)
    return Cell(
        day,
        common(windows, [whole]),
        # A duty is shown on the day it begins: nobody looks for last night's under today.
        [shift for shift in duties if whole.holds(interval_of(shift.during).start)],
        [leave for leave in leaves if interval_of(leave.during).overlaps(whole)],
    )


## The month of a roster ---


@dataclass(frozen=True)
class RosterDay:
    """A day of a roster: who is on duty from then by rank, and when nobody is although somebody has to be."""

    day: Day
    by_rank: dict[DutyRank, list[OnCallShift]]
    gaps: list[Interval]
    usual: Interval
    """The duty that is usual on such a day: what the form for another one begins with."""


@dataclass(frozen=True)
class RosterMonth:
    """A month of a roster; `gaps` are those still ahead."""

    roster: Roster
    first: date
    days: Sequence[RosterDay]
    gaps: Sequence[Interval]


def month_ends(first: date) -> tuple[date, date]:
    """Return the first and the last day of the month a day lies in."""
    first = first.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def roster_month(roster: Roster, month: date, *, now: datetime) -> RosterMonth:
    """Return a month of a roster with its gaps."""
    first, last = month_ends(month)
    house = facility_days([roster.facility_id], (first, last + timedelta(days=1)))[roster.facility_id]
    within = whole_days(first, last, LOCAL)
    shifts = list(
        OnCallShift.objects.filter(roster=roster, cancelled_at=None, during__overlap=range_of(within))
        .select_related("membership__user")
        .order_by("during")
    )
    cover = RosterCover(roster.cover)
    primaries = [interval_of(one.during) for one in shifts if one.rank == DutyRank.PRIMARY]
    open_gaps = gaps(required(cover, first, last, house.sessions), primaries)
    days = []
    for day in days_between(first, last):
        whole = whole_days(day, day, LOCAL)
        starting = [one for one in shifts if whole.holds(interval_of(one.during).start)]
        days.append(
            RosterDay(
                day=_day(day, house, now),
                by_rank={rank: [one for one in starting if one.rank == rank] for rank in DutyRank},
                gaps=[gap for gap in open_gaps if whole.holds(gap.start) and gap.end > now],
                usual=duty_of(cover, day, house.sessions),
            )
        )
    return RosterMonth(roster, first, days, [gap for day in days for gap in day.gaps])


def on_call_board(facility: Facility, rosters: Sequence[Roster], *, now: datetime) -> list[OnCallShift]:
    """Return who is on call now at a facility, over all its rosters, each with who is called first in front."""
    return [
        shift
        for roster in rosters
        for shift in on_call_shifts(facility=facility, specialty=roster.specialty, now=now)
        if shift.roster_id == roster.id
    ]


## One's own ---


def coming_duties(hat: Hat, *, now: datetime) -> list[OnCallShift]:
    """Return the person's duties at this facility that are not over, the next first."""
    shifts = OnCallShift.objects.filter(
        user=hat.user, facility=hat.facility, cancelled_at=None, during__endswith__gt=now
    )
    return list(shifts.select_related("roster__specialty", "facility").order_by("during")[:60])


def swaps_of(hat: Hat, *, now: datetime) -> list[ShiftSwap]:
    """Return the proposals the person made or received at this facility, the open ones first, of the last two months."""
    about_me = Q(asked__user=hat.user) | Q(asked_by__user=hat.user)
    swaps = ShiftSwap.objects.filter(
        about_me, shift__facility=hat.facility, proposed_at__gt=now - timedelta(days=60)
    ).select_related(
        "asked__user",
        "asked_by__user",
        "shift__roster__specialty",
        "in_return__roster__specialty",
    )
    return sorted(swaps, key=lambda swap: swap.state != SwapState.PROPOSED)


def swappable(shift: OnCallShift, *, now: datetime) -> list[OnCallShift]:
    """Return colleagues' duties of the same roster that could be taken in return."""
    shifts = OnCallShift.objects.filter(roster=shift.roster, cancelled_at=None, during__startswith__gt=now)
    shifts = shifts.exclude(user=shift.user).select_related("membership__user").order_by("during")
    return list(shifts[:80])


def leaves_to_answer(hat: Hat) -> list[Leave]:
    """Return the leave that waits for an answer at the hat's facility; nothing for who does not answer."""
    if not rules.may_edit(hat):
        return []
    leaves = Leave.objects.filter(membership__facility=hat.facility, state=LeaveState.REQUESTED)
    return list(leaves.select_related("membership__user").order_by("during"))
