"""From weekly patterns and special days to intervals. Pure: rows in, intervals out; the rows of the database fit as they are."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta, tzinfo
from typing import Protocol
from zoneinfo import ZoneInfo

from scheduling.calendars.enums import DayKind, SessionKind
from scheduling.calendars.slots import Interval, interval_on

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
"""The province's clock: hours and holidays are of its days."""


class Hours(Protocol):
    """A session of a weekday, as in `models.WorkingHours`."""

    weekday: int
    session: str
    opens: time
    closes: time
    valid_from: date | None
    valid_to: date | None


class Pattern(Protocol):
    """A weekly availability, as in `models.Availability`."""

    weekday: int
    starts: time
    ends: time
    every_weeks: int
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True)
class SpecialDay:
    """A day that is not as its weekday says, as in `models.Holiday`."""

    kind: DayKind
    works_as: int | None = None
    name: str = ""


@dataclass(frozen=True)
class Session:
    """A session of one day."""

    kind: SessionKind
    interval: Interval


def days_between(first: date, last: date) -> Iterator[date]:
    """Give the days from the first to the last, both included."""
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def weekday_of(day: date, special: SpecialDay | None) -> int | None:
    """Return the weekday whose pattern a day follows (ISO, Monday is 1); None for a day that is closed."""
    if special is None:
        return day.isoweekday()
    if special.kind == DayKind.CLOSED:
        return None
    return special.works_as or day.isoweekday()


def sessions_on(
    hours: Iterable[Hours], day: date, special: SpecialDay | None = None, *, zone: tzinfo = LOCAL
) -> list[Session]:
    """Return the sessions of a day, in order. Of two rows for one session the one that began later holds: summer hours replace
    those of the year.
    """
    weekday = weekday_of(day, special)
    chosen: dict[str, Hours] = {}
    for row in hours:
        if row.weekday != weekday or not _is_valid(row.valid_from, row.valid_to, day):
            continue
        other = chosen.get(row.session)
        if other is None or (row.valid_from or date.min) > (other.valid_from or date.min):
            chosen[row.session] = row
    sessions = [
        Session(SessionKind(name), interval_on(day, row.opens, row.closes, zone))
        for name, row in chosen.items()
    ]
    return sorted(sessions, key=lambda session: session.interval)


def pattern_on(
    pattern: Pattern, day: date, special: SpecialDay | None = None, *, zone: tzinfo = LOCAL
) -> Interval | None:
    """Return when a weekly pattern makes somebody available on a day (into the next, when it goes past midnight), or None."""
    if weekday_of(day, special) != pattern.weekday:
        return None
    if not _is_valid(pattern.valid_from, pattern.valid_to, day):
        return None
    if (_monday(day) - _monday(pattern.valid_from)).days // 7 % pattern.every_weeks:
        return None
    return interval_on(day, pattern.starts, pattern.ends, zone)


def patterns_clash(one: Pattern, other: Pattern) -> bool:
    """Say whether two weekly patterns ever overlap. Every second week is compared as if it were every week: weeks can be moved."""
    last = min(one.valid_to or date.max, other.valid_to or date.max)
    if max(one.valid_from, other.valid_from) > last:
        return False
    week = 7 * 24 * 60
    first, second = _minutes(one), _minutes(other)
    return any(first[0] + shift < second[1] and second[0] < first[1] + shift for shift in (-week, 0, week))


def _minutes(pattern: Pattern) -> tuple[int, int]:
    """Start and end in minutes of the week; the end may lie past it."""
    start = (pattern.weekday - 1) * 24 * 60 + pattern.starts.hour * 60 + pattern.starts.minute
    end = (pattern.weekday - 1) * 24 * 60 + pattern.ends.hour * 60 + pattern.ends.minute
    return start, end if pattern.ends > pattern.starts else end + 24 * 60


def _is_valid(valid_from: date | None, valid_to: date | None, day: date) -> bool:
    return (valid_from is None or valid_from <= day) and (valid_to is None or day <= valid_to)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
