"""How long somebody still waits for a practitioner who sees one after the other. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

LATE_AFTER = timedelta(minutes=10)
"""Somebody who has not come this long after their time is not waited for."""
LEAST_LEFT = timedelta(minutes=3)
"""Who is still in the room keeps at least this."""
ROUNDING = timedelta(minutes=5)

Standing = Literal["expected", "waiting", "in_room", "over"]


@dataclass(frozen=True)
class Place:
    """One visit of the day. `began_at` is when its call went live."""

    visit_id: UUID
    starts_at: datetime
    ends_at: datetime
    standing: Standing
    began_at: datetime | None = None


@dataclass(frozen=True)
class Estimate:
    """How many come before, and the time from which one is likely to be let in."""

    ahead: int
    from_time: datetime
    to_time: datetime


def estimate(places: Sequence[Place], *, visit_id: UUID, now: datetime) -> Estimate:
    """Return how one visit stands among a practitioner's visits of the day.

    An hour is promised to nobody: the estimate is a span, and it begins no earlier than one's own time.

    Raises:
        KeyError: the visit is not among the places.
    """
    mine = next((place for place in places if place.visit_id == visit_id), None)
    if mine is None:
        raise KeyError(visit_id)
    before = [
        place
        for place in places
        if place.visit_id != visit_id
        and (place.standing == "in_room" or (_is_waited_for(place, now) and _order(place) < _order(mine)))
    ]
    left = sum((_left(place, now) for place in before), timedelta())
    begin = max(mine.starts_at, now + left)
    return Estimate(len(before), _round(begin), _round(begin + ROUNDING * (1 + len(before))))


def _order(place: Place) -> tuple[datetime, UUID]:
    return place.starts_at, place.visit_id


def _is_waited_for(place: Place, now: datetime) -> bool:
    if place.standing == "expected":
        return now < place.starts_at + LATE_AFTER
    return place.standing == "waiting"


def _left(place: Place, now: datetime) -> timedelta:
    length = place.ends_at - place.starts_at
    if place.standing != "in_room":
        return length
    return max(length - (now - (place.began_at or now)), LEAST_LEFT)


def _round(moment: datetime) -> datetime:
    """Return the moment, up to the next five minutes: nobody is told a minute that was guessed."""
    over = timedelta(minutes=moment.minute % 5, seconds=moment.second, microseconds=moment.microsecond)
    return moment if not over else moment + ROUNDING - over
