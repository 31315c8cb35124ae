"""When somebody has to be on call, and where nobody is. Pure."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta, tzinfo

from scheduling.calendars.enums import RosterCover
from scheduling.calendars.patterns import LOCAL, Session, days_between
from scheduling.calendars.slots import Interval, whole_days, without

CHANGE_OF_DUTY = time(7, 0)
"""When one duty hands over to the next on a day that is not worked."""

SessionsOf = Callable[[date], list[Session]]


def working_span(sessions: Iterable[Session]) -> Interval | None:
    """Return a day from its first opening to its last closing, the noon between included; None when it is not worked."""
    spans = [session.interval for session in sessions]
    if not spans:
        return None
    return Interval(min(one.start for one in spans), max(one.end for one in spans))


def required(cover: RosterCover, first: date, last: date, sessions: SessionsOf) -> list[Interval]:
    """Return when somebody has to be on call in some days, both included. A holiday is not worked, so it is all duty."""
    everything = [whole_days(first, last, LOCAL)]
    if cover == RosterCover.ALWAYS:
        return everything
    worked = [span for day in days_between(first, last) if (span := working_span(sessions(day))) is not None]
    return without(everything, worked)


def duty_of(cover: RosterCover, day: date, sessions: SessionsOf, *, zone: tzinfo = LOCAL) -> Interval:
    """Return the usual duty of a day: from its last closing to the next day's first opening, or from seven to seven."""
    today, tomorrow = working_span(sessions(day)), working_span(sessions(day + timedelta(days=1)))
    if cover == RosterCover.ALWAYS:
        today = tomorrow = None
    start = today.end if today else datetime.combine(day, CHANGE_OF_DUTY, zone)
    end = tomorrow.start if tomorrow else datetime.combine(day + timedelta(days=1), CHANGE_OF_DUTY, zone)
    return Interval(start, end)


def gaps(wanted: Iterable[Interval], primaries: Iterable[Interval]) -> list[Interval]:
    """Return when nobody is the primary although somebody has to be."""
    return without(wanted, primaries)
