"""Intervals as the database's ranges (`tstzrange`), and back."""

from datetime import datetime

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from psycopg.types.range import Range

from scheduling.calendars.slots import Interval


def range_of(interval: Interval) -> Range[datetime]:
    """Return the half-open range of an interval, for a field or a filter."""
    made: Range[datetime] = DateTimeTZRange(interval.start, interval.end)
    return made


def interval_of(during: Range[datetime]) -> Interval:
    """Return the interval of a range that has both ends."""
    assert during.lower is not None
    assert during.upper is not None
    return Interval(during.lower, during.upper)
