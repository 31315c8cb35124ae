"""Free time, computed: intervals, their arithmetic, and the slots that fit. Pure: values in, values out, no clock, no database.

Intervals are half open, [start, end), so that one may begin where another ends. All arithmetic is done in UTC: where clocks are
put forward or back, an hour stays an hour.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo


@dataclass(frozen=True, order=True)
class Interval:
    """A stretch of time, [start, end), both aware.

    Raises:
        ValueError: a naive moment, or an end that is not after the start.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.utcoffset() is None or self.end.utcoffset() is None:
            raise ValueError("an interval needs aware moments")
        if self.end.astimezone(UTC) <= self.start.astimezone(UTC):
            raise ValueError("an interval ends after it starts")

    @property
    def length(self) -> timedelta:
        return self.end.astimezone(UTC) - self.start.astimezone(UTC)

    def overlaps(self, other: "Interval") -> bool:
        return self.start < other.end and other.start < self.end

    def covers(self, other: "Interval") -> bool:
        return self.start <= other.start and other.end <= self.end

    def holds(self, moment: datetime) -> bool:
        return self.start <= moment < self.end


def interval_on(day: date, starts: time, ends: time, zone: tzinfo) -> Interval:
    """Return the interval from one wall-clock time of a day to another; not later than the first, it is of the next day."""
    last = day if ends > starts else day + timedelta(days=1)
    return Interval(datetime.combine(day, starts, zone), datetime.combine(last, ends, zone))


def whole_days(first: date, last: date, zone: tzinfo) -> Interval:
    """Return the interval of calendar days, both included."""
    return Interval(
        datetime.combine(first, time.min, zone), datetime.combine(last + timedelta(days=1), time.min, zone)
    )


def merged(intervals: Iterable[Interval]) -> list[Interval]:
    """Return the same time in as few intervals as possible, in order; what touches becomes one."""
    result: list[Interval] = []
    for one in sorted(intervals):
        if result and one.start <= result[-1].end:
            result[-1] = Interval(result[-1].start, max(result[-1].end, one.end))
        else:
            result.append(one)
    return result


def without(intervals: Iterable[Interval], taken: Iterable[Interval]) -> list[Interval]:
    """Return the time of `intervals` that is in none of `taken`, merged and in order."""
    left = merged(intervals)
    for away in merged(taken):
        pieces: list[Interval] = []
        for one in left:
            if not one.overlaps(away):
                pieces.append(one)
                continue
            if one.start < away.start:
                pieces.append(Interval(one.start, away.start))
            if away.end < one.end:
                pieces.append(Interval(away.end, one.end))
        left = pieces
    return left


def common(first: Iterable[Interval], second: Iterable[Interval]) -> list[Interval]:
    """Return the time that is in both, merged and in order."""
    ours, theirs = merged(first), merged(second)
    result: list[Interval] = []
    i = j = 0
    while i < len(ours) and j < len(theirs):
        start, end = max(ours[i].start, theirs[j].start), min(ours[i].end, theirs[j].end)
        if start < end:
            result.append(Interval(start, end))
        if ours[i].end <= theirs[j].end:
            i += 1
        else:
            j += 1
    return result


def free_slots(
    *,
    windows: Iterable[Interval],
    taken: Iterable[Interval],
    length: timedelta,
    step: timedelta | None = None,
    not_before: datetime | None = None,
) -> list[Interval]:
    """Return every slot that can still be offered, in order.

    Args:
        windows: when there is somebody (or something) to book; overlapping ones count once.
        taken: what is booked, held or blocked.
        length: of a slot.
        step: from one possible start to the next, counted from the start of each window, so that slots keep their round times
            whatever is taken; the length when not given. Shorter than the length, slots overlap: they are alternatives.
        not_before: the earliest start.

    Raises:
        ValueError: `length` or `step` is not positive.
    """
    step = step or length
    if length <= timedelta(0) or step <= timedelta(0):
        raise ValueError("slots need a positive length and step")
    busy = merged(taken)
    slots: list[Interval] = []
    for window in merged(windows):
        zone = window.start.tzinfo
        end = window.end.astimezone(UTC)
        start = window.start.astimezone(UTC)
        if not_before is not None and start < not_before:
            start += step * -((start - not_before) // step)
        at = 0
        while start + length <= end:
            slot = Interval(start, start + length)
            while at < len(busy) and busy[at].end <= slot.start:
                at += 1
            if at == len(busy) or not busy[at].overlaps(slot):
                slots.append(Interval(slot.start.astimezone(zone), slot.end.astimezone(zone)))
            start += step
    return slots
