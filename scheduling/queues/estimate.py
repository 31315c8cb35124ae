"""How long somebody still waits, and what that is known from. Pure."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median

ENOUGH = 3
"""So many people must have been seen today before the day says more than the usual duration."""
SPREAD = 0.3
STEP_MINUTES = 5
SHORTEST, LONGEST = timedelta(minutes=1), timedelta(minutes=60)


class Basis(StrEnum):
    """What an estimate rests on."""

    MEASURED = "measured"  # how long people took today
    USUAL = "usual"  # how long they take as a rule; too few were seen today
    WINDOW = "window"  # the arrival window has not begun
    NO_ROOM = "no_room"  # nobody calls yet: no estimate


@dataclass(frozen=True)
class Pace:
    """One person takes `each`, at `rooms` rooms at once."""

    each: timedelta
    rooms: int
    basis: Basis

    @property
    def between_calls(self) -> timedelta:
        return self.each / max(self.rooms, 1)


@dataclass(frozen=True)
class Estimate:
    """From `low` to `high` minutes, None when nothing can be said; why, and the figures behind it."""

    low: int | None
    high: int | None
    basis: Basis
    each_minutes: int
    rooms: int


def pace_of(durations: Sequence[timedelta], *, usual: timedelta, rooms: int) -> Pace:
    """Return the pace of a service. `durations`: how long the last people of today took, the newest last."""
    if len(durations) < ENOUGH:
        return Pace(usual, rooms, Basis.USUAL)
    measured = timedelta(seconds=median(taken.total_seconds() for taken in durations[-15:]))
    return Pace(min(max(measured, SHORTEST), LONGEST), rooms, Basis.MEASURED)


def estimate(*, ahead: int, pace: Pace, due_at: datetime, now: datetime) -> Estimate:
    """Return how long somebody waits who has `ahead` people before them and is not called before `due_at`."""
    each = max(1, round(pace.each.total_seconds() / 60))
    if pace.rooms < 1:
        basis = Basis.WINDOW if due_at > now else Basis.NO_ROOM
        return Estimate(None, None, basis, each, 0)
    wait = pace.between_calls * (ahead + 0.5)  # whoever is in the room is half done, on average
    low, high = _steps(wait * (1 - SPREAD), math.floor), _steps(wait * (1 + SPREAD), math.ceil)
    basis, until_due = pace.basis, due_at - now
    if until_due > wait:
        low, basis = max(low, _steps(until_due, math.floor)), Basis.WINDOW
        high = max(high, low + 2 * STEP_MINUTES)
    return Estimate(low, max(high, low + STEP_MINUTES), basis, each, pace.rooms)


def _steps(wait: timedelta, rounded: Callable[[float], int]) -> int:
    return rounded(wait.total_seconds() / 60 / STEP_MINUTES) * STEP_MINUTES
