"""One direction of an emulated line, packet by packet. Pure: time and chance come in as arguments."""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass, field

from tests.net.conditions import Way

UDP = 17
WINDOW = 1.0
"""Seconds over which `Link.offered` looks back."""


@dataclass(slots=True)
class Count:
    """What became of the packets. Every one offered is delivered or in one of the other counts."""

    offered: int = 0
    delivered: int = 0
    duplicated: int = 0
    lost: int = 0
    tail: int = 0
    """Dropped because the queue was full."""
    dark: int = 0
    blocked: int = 0
    octets: int = 0
    """Delivered octets of IP packets."""


@dataclass
class Link:
    """A direction under changing conditions. Feed it packets in order of time with :meth:`send`."""

    chance: random.Random
    way: Way = field(default_factory=Way)
    since: float = 0.0
    count: Count = field(default_factory=Count)
    _bad: bool = False
    _backlog: float = 0.0  # bits ahead of the next packet, at `_at`
    _at: float = 0.0
    _last: float = 0.0
    _recent: deque[tuple[float, int]] = field(default_factory=deque)

    def change(self, way: Way, now: float) -> None:
        """Set other conditions from `now` on. What is under way arrives as it would have."""
        self._drain(now)
        self.way = way
        self.since = now
        self._bad = False

    def send(self, size: int, protocol: int, now: float) -> tuple[float, ...]:
        """Take a packet of `size` octets; return when it is to be delivered: never, once, or twice."""
        way, count = self.way, self.count
        count.offered += 1
        self._recent.append((now, size))
        while self._recent[0][0] < now - WINDOW:
            self._recent.popleft()
        if way.dark or (way.flap is not None and way.flap.dark(now - self.since)):
            count.dark += 1
            return ()
        if not way.udp and protocol == UDP:
            count.blocked += 1
            return ()
        if self._loses():
            count.lost += 1
            return ()
        at = now
        if way.rate:
            self._drain(now)
            if self._backlog > way.queue * way.rate:
                count.tail += 1
                return ()
            self._backlog += size * 8
            at += self._backlog / way.rate
        at += way.delay
        if way.jitter:
            at += self.chance.uniform(-way.jitter, way.jitter)
        at = max(at, now)
        if way.reorder and self.chance.random() < way.reorder:
            at = max(at, self._last) + way.late
        else:
            at = self._last = max(at, self._last)
        count.delivered += 1
        count.octets += size
        if way.duplicate and self.chance.random() < way.duplicate:
            count.duplicated += 1
            return (at, at)
        return (at,)

    def waiting(self, now: float) -> float:
        """Return how long the next packet would stand in the queue, seconds."""
        self._drain(now)
        return self._backlog / self.way.rate if self.way.rate else 0.0

    def offered(self, now: float) -> float:
        """Return the rate the last second asked for, bit/s, whether it got through or not."""
        return sum(size for at, size in self._recent if at >= now - WINDOW) * 8 / WINDOW

    def _loses(self) -> bool:
        way = self.way
        if not way.loss:
            return False
        if way.burst <= 1:
            return self.chance.random() < way.loss
        leave = 1 / way.burst
        enter = leave * way.loss / (1 - way.loss)
        self._bad = self.chance.random() >= leave if self._bad else self.chance.random() < enter
        return self._bad

    def _drain(self, now: float) -> None:
        self._backlog = max(0.0, self._backlog - self.way.rate * (now - self._at)) if self.way.rate else 0.0
        self._at = now
