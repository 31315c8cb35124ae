"""Both sides' availability on one sheet: who is free when, and which times suit everybody. Nothing is stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from uuid import UUID

from scheduling.appointments.enums import OCCUPYING
from scheduling.appointments.models import Appointment
from scheduling.calendars.domain.queries import practitioner_windows
from scheduling.calendars.enums import Purpose
from scheduling.calendars.patterns import LOCAL
from scheduling.calendars.ranges import interval_of, range_of
from scheduling.calendars.slots import Interval, common, free_slots, whole_days, without
from telehealth.accounts.models import Membership

DAYS = 5
STEP = timedelta(minutes=15)
SUGGESTED = 8
SOONEST = timedelta(minutes=30)


@dataclass(frozen=True)
class PersonFree:
    """One person's free time on the days of the sheet. `has_hours` is False where nobody has entered any."""

    membership: Membership
    free: tuple[Interval, ...]

    @property
    def has_hours(self) -> bool:
        return bool(self.free)


@dataclass(frozen=True)
class Sheet:
    people: tuple[PersonFree, ...]
    suggested: tuple[Interval, ...]
    """Times that suit everybody who has entered hours, spread over the days."""


def sheet(people: Sequence[Membership], *, minutes: int, now: datetime) -> Sheet:
    """Return when people are free on the coming days, and times for a meeting of that length. Constant number of queries."""
    first = now.astimezone(LOCAL).date()
    days = (first, first + timedelta(days=DAYS - 1))
    windows = practitioner_windows(practitioners=people, days=days, purpose=Purpose.CONSULTATION)
    taken = _taken(people, days)
    soonest = now + SOONEST
    rows = tuple(
        PersonFree(
            one,
            tuple(
                part for part in without(windows[one.id], taken.get(one.user_id, ())) if part.end > soonest
            ),
        )
        for one in people
    )
    known = [list(row.free) for row in rows if row.free]
    both = reduce(common, known) if known else []
    slots = free_slots(
        windows=both,
        taken=(),
        length=timedelta(minutes=minutes),
        step=max(STEP, timedelta(minutes=minutes)),
        not_before=soonest,
    )
    return Sheet(rows, tuple(_spread(slots)))


def _taken(people: Sequence[Membership], days: tuple[date, date]) -> dict[UUID, list[Interval]]:
    rows = Appointment.objects.filter(
        person__in=[one.user_id for one in people],
        status__in=OCCUPYING,
        during__overlap=range_of(whole_days(*days, LOCAL)),
    )
    taken: dict[UUID, list[Interval]] = {}
    for row in rows:
        if row.person_id is not None:
            taken.setdefault(row.person_id, []).append(interval_of(row.during))
    return taken


def _spread(slots: Sequence[Interval]) -> list[Interval]:
    """Return a few slots, no more than two a day, so that there is a choice of days."""
    shown: list[Interval] = []
    for slot in slots:
        day = slot.start.astimezone(LOCAL).date()
        if sum(one.start.astimezone(LOCAL).date() == day for one in shown) < 2:
            shown.append(slot)
    return shown[:SUGGESTED]
