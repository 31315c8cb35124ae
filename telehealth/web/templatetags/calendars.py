"""How stretches of time are written on pages."""

from datetime import datetime

from django import template
from psycopg.types.range import Range

from scheduling.calendars.enums import Purpose
from scheduling.calendars.patterns import LOCAL
from scheduling.calendars.ranges import interval_of
from scheduling.calendars.slots import Interval
from scheduling.calendars.words import stretch_text

register = template.Library()


def _interval(when: Interval | Range[datetime]) -> Interval:
    return when if isinstance(when, Interval) else interval_of(when)


@register.filter
def stretch(when: Interval | Range[datetime]) -> str:
    """Return "từ 17:00 24/11/2026 đến 07:00 25/11/2026"."""
    return stretch_text(_interval(when))


@register.filter
def hours(when: Interval | Range[datetime]) -> str:
    """Return "07:00–11:30" on the province's clock, for a place where the day is known."""
    one = _interval(when)
    return f"{one.start.astimezone(LOCAL):%H:%M}–{one.end.astimezone(LOCAL):%H:%M}"


@register.filter
def days(when: Interval | Range[datetime]) -> str:
    """Return "24/11/2026" or "24/11/2026–26/11/2026" of whole days; with their hours when they are not whole."""
    one = _interval(when)
    start, end = one.start.astimezone(LOCAL), one.end.astimezone(LOCAL)
    if (start.hour, start.minute, end.hour, end.minute) != (0, 0, 0, 0):
        return stretch_text(one)
    first, last = start.date(), end.fromtimestamp(end.timestamp() - 1, LOCAL).date()
    return f"{first:%d/%m/%Y}" if first == last else f"{first:%d/%m/%Y}–{last:%d/%m/%Y}"


@register.filter
def purpose_name(purpose: str) -> str:
    """Return what time is kept for, in words."""
    return str(Purpose(purpose).label).lower()


@register.filter
def begins(when: Interval | Range[datetime]) -> datetime:
    """Return the start, on the province's clock."""
    return _interval(when).start.astimezone(LOCAL)


@register.filter
def ends(when: Interval | Range[datetime]) -> datetime:
    """Return the end, on the province's clock."""
    return _interval(when).end.astimezone(LOCAL)
