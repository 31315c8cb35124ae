"""Who is called next, and why. Pure, whole in this file: values in, values out.

Theory of operation. Everybody who waits for a service stands in one lane, in the order in which they are *due*:

    emergency   C                                never waits, and does not count in anybody's ratio
    back        away when called, or sent for a test and back; due after so many further calls
    priority    U
    walk-in     A, number taken on the spot; due when they took it
    online      A, registered with an arrival window; due when it begins, so that coming early gains nothing.
                Who comes after it has ended stands among the walk-ins from then on.

A call takes the head of a lane: an emergency; else somebody back, but never two of them in a row while others wait; else
priority and ordinary in turn, as many of each as the ratio says while both wait; within ordinary, online and walk-in
alternate while both wait. A lane nobody stands in gives its turn away, and gets it back at once when somebody comes.
Who is not due yet is called only when nobody who is due is left.

So nobody starves: while no emergencies come, every walk-in ahead of you costs at most a fixed number of calls, and nobody
can come to stand ahead of you but those whose promised window began before you came.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from scheduling.calendars.slots import Interval
from scheduling.queues.enums import Series


class Why(StrEnum):
    """Why this number and no other. For staff: the waiting room is never told a reason."""

    EMERGENCY = "emergency"
    BACK = "back"
    PRIORITY = "priority"
    WALK_IN = "walk_in"
    ONLINE = "online"
    EARLY = "early"  # not due yet, but nobody else waits
    CHOSEN = "chosen"  # by hand, out of turn


@dataclass(frozen=True)
class Waiter:
    """Somebody who waits. `back_at`: comes back when the service has made so many calls; `here`: they are known to be back."""

    id: UUID
    series: str
    taken_at: datetime
    window: Interval | None = None
    room: UUID | None = None
    back_at: int | None = None
    here: bool = True

    @property
    def in_window(self) -> bool:
        """They came before their window had ended."""
        return self.window is not None and self.taken_at < self.window.end

    @property
    def due_at(self) -> datetime:
        return self.window.start if self.window is not None and self.in_window else self.taken_at

    @property
    def _rank(self) -> tuple[datetime, datetime, UUID]:
        return self.due_at, self.taken_at, self.id


@dataclass(frozen=True)
class Turn:
    """What earlier calls of the day mean for the next one. `run_length` calls in a row went to `run_series`."""

    calls: int = 0
    run_series: str = ""
    run_length: int = 0
    last_came_back: bool = False
    last_online: bool = False

    def after(self, choice: "Choice") -> "Turn":
        """Return the turn after a call."""
        calls = self.calls + 1
        waiter = choice.waiter
        if choice.why == Why.BACK:
            return replace(self, calls=calls, last_came_back=True)
        if waiter.series == Series.EMERGENCY or choice.why == Why.CHOSEN:
            return replace(self, calls=calls, last_came_back=False)
        same = waiter.series == self.run_series
        return Turn(
            calls=calls,
            run_series=waiter.series,
            run_length=self.run_length + 1 if same else 1,
            last_came_back=False,
            last_online=waiter.in_window if waiter.series == Series.ORDINARY else self.last_online,
        )


@dataclass(frozen=True)
class Policy:
    """While both wait: `priority` calls of U, then `ordinary` of A."""

    priority: int = 1
    ordinary: int = 2


@dataclass(frozen=True)
class Choice:
    waiter: Waiter
    why: Why


class _Lanes:
    """The heads of all lanes. Taking one is a matter of constant time, so that a whole day can be foreseen."""

    def __init__(self, waiters: Iterable[Waiter]) -> None:
        ordered = sorted(waiters, key=lambda waiter: waiter._rank)
        waiting = [waiter for waiter in ordered if waiter.back_at is None]
        self.emergency = deque(w for w in waiting if w.series == Series.EMERGENCY)
        self.priority = deque(w for w in waiting if w.series == Series.PRIORITY)
        self.walk_in = deque(w for w in waiting if w.series == Series.ORDINARY and not w.in_window)
        self.online = deque(w for w in waiting if w.series == Series.ORDINARY and w.in_window)
        self.back = deque(
            sorted((w for w in ordered if w.back_at is not None), key=lambda w: (w.back_at, *w._rank))
        )

    def take(self, turn: Turn, policy: Policy, now: datetime) -> Choice | None:
        """Take the next one out."""
        if self.emergency:
            return Choice(self.emergency.popleft(), Why.EMERGENCY)
        lane = self._lane_in_turn(turn, policy, now)
        back_is_due = bool(self.back) and (self.back[0].back_at or 0) <= turn.calls
        if back_is_due and not (turn.last_came_back and lane is not None):
            return Choice(self.back.popleft(), Why.BACK)
        if lane is not None:
            return Choice(lane.popleft(), self._why(lane))
        return self._take_early()

    def _lane_in_turn(self, turn: Turn, policy: Policy, now: datetime) -> deque[Waiter] | None:
        ordinary = self._ordinary_lane(turn, now)
        if not _is_due(self.priority, now):
            return ordinary
        if ordinary is None or _is_priority_turn(turn, policy):
            return self.priority
        return ordinary

    def _ordinary_lane(self, turn: Turn, now: datetime) -> deque[Waiter] | None:
        online, walk_in = _is_due(self.online, now), _is_due(self.walk_in, now)
        if online and walk_in:
            return self.walk_in if turn.last_online else self.online
        return self.online if online else self.walk_in if walk_in else None

    def _take_early(self) -> Choice | None:
        """Nobody is due: those who are here and whose time has not come."""
        lanes = [lane for lane in (self.priority, self.walk_in, self.online) if lane]
        if lanes:
            return Choice(min(lanes, key=lambda lane: lane[0]._rank).popleft(), Why.EARLY)
        here = next((waiter for waiter in self.back if waiter.here), None)
        if here is None:
            return None
        self.back.remove(here)
        return Choice(here, Why.BACK)

    def _why(self, lane: deque[Waiter]) -> Why:
        if lane is self.priority:
            return Why.PRIORITY
        return Why.ONLINE if lane is self.online else Why.WALK_IN


def _is_due(lane: deque[Waiter], now: datetime) -> bool:
    return bool(lane) and lane[0].due_at <= now


def _is_priority_turn(turn: Turn, policy: Policy) -> bool:
    if turn.run_series == Series.PRIORITY:
        return turn.run_length < policy.priority
    if turn.run_series == Series.ORDINARY:
        return turn.run_length >= policy.ordinary
    return True  # the first call of the day


def next_call(
    waiters: Iterable[Waiter], *, turn: Turn, policy: Policy, now: datetime, room: UUID | None = None
) -> Choice | None:
    """Return who is called next, None when nobody may be. `room`: those kept for other rooms are left to them."""
    mine = [waiter for waiter in waiters if room is None or waiter.room in {None, room}]
    return _Lanes(mine).take(turn, policy, now)


def foresee(
    waiters: Iterable[Waiter], *, turn: Turn, policy: Policy, now: datetime, every: timedelta
) -> Iterator[Choice]:
    """Return who will be called, in order, if nobody else comes and there is a call `every` so often."""
    lanes = _Lanes(waiters)
    while (choice := lanes.take(turn, policy, now)) is not None:
        yield choice
        turn = turn.after(choice)
        now += every
    # Who is away and not due yet comes last: their time is counted in calls nobody has waited for.
    yield from (Choice(waiter, Why.BACK) for waiter in lanes.back)


def choose_among(choices: Iterable[Choice]) -> Choice | None:
    """Return which of several services' next ones a room that calls for all of them calls: emergencies, then the longest due."""
    return min(
        choices,
        key=lambda choice: (choice.why != Why.EMERGENCY, choice.why == Why.EARLY, *choice.waiter._rank),
        default=None,
    )
