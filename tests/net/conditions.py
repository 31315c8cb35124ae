"""What a line is like: one way, both ways, and the profiles P0 to P8 the bars are stated for. Pure values.

Times are seconds, rates bit/s of IP packets, shares 0 to 1. A profile's round trip is split evenly on its two ways.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

QUEUE = 0.3
"""Seconds of drop-tail queue ahead of a limited rate, where a profile names none."""


@dataclass(frozen=True, slots=True)
class Flap:
    """The line is dark for `lasts` at the beginning of every `every`, counted from when the conditions were set."""

    every: float
    lasts: float

    def dark(self, elapsed: float) -> bool:
        """Whether nothing passes `elapsed` seconds after the beginning."""
        return elapsed % self.every < self.lasts


@dataclass(frozen=True, slots=True)
class Way:
    """One direction of a line.

    A packet meets, in this order: darkness, the UDP block, loss, the queue of the limited rate, delay. Jitter keeps the
    order, as queues do; only `reorder` changes it. With `burst` above 1, losses come in runs of that mean length
    (Gilbert–Elliott with nothing lost in the good state and everything in the bad one), else independently.
    """

    delay: float = 0.0
    jitter: float = 0.0
    """Each packet takes up to this much more or less."""
    loss: float = 0.0
    burst: float = 0.0
    rate: float = 0.0
    """0: no limit."""
    queue: float = QUEUE
    reorder: float = 0.0
    """Share of packets that come `late` and are overtaken."""
    late: float = 0.03
    duplicate: float = 0.0
    flap: Flap | None = None
    udp: bool = True
    dark: bool = False
    """Nothing passes."""


@dataclass(frozen=True, slots=True)
class Line:
    """Both directions of a client's line, seen from the client."""

    up: Way = Way()
    down: Way = Way()

    def dark(self) -> Line:
        """Return the same line, cut."""
        return Line(up=replace(self.up, dark=True), down=replace(self.down, dark=True))

    @property
    def round_trip(self) -> float:
        """Round trip of an empty line, seconds."""
        return self.up.delay + self.down.delay


def both(way: Way) -> Line:
    """Return a line that is alike in both directions."""
    return Line(up=way, down=way)


CLEAR = both(Way())
"""A line without conditions."""

PROFILES = {
    "P0": both(Way(delay=0.010)),
    "P1": Line(
        up=Way(delay=0.075, jitter=0.015, loss=0.01, rate=384_000),
        down=Way(delay=0.075, jitter=0.015, loss=0.01, rate=1_000_000),
    ),
    "P2": both(Way(delay=0.060, loss=0.10)),
    "P3": both(Way(delay=0.060, loss=0.05, burst=5)),
    "P4": both(Way(delay=0.100, loss=0.02, rate=128_000)),
    "P5": both(Way(delay=0.325, loss=0.01, rate=512_000)),
    "P6": both(Way(delay=0.020, rate=256_000, queue=2.0)),
    "P7": both(Way(delay=0.010, flap=Flap(every=30, lasts=5))),
    "P8": both(Way(delay=0.010, udp=False)),
}

SAYS = {
    "P0": "20 ms, nothing lost",
    "P1": "3G: 150 ms ± 30, 1 % lost, 1 Mbit/s down, 384 kbit/s up",
    "P2": "lossy: 120 ms, 10 % lost at random",
    "P3": "bursty: 120 ms, 5 % lost in bursts of 5",
    "P4": "thin: 200 ms, 2 % lost, 128 kbit/s both ways",
    "P5": "satellite: 650 ms, 1 % lost, 512 kbit/s",
    "P6": "bufferbloat: 40 ms, 256 kbit/s behind a queue of 2 s",
    "P7": "flap: dark for 5 s in every 30 s",
    "P8": "UDP blocked",
}


def lossy(share: float, round_trip: float = 0.12) -> Line:
    """Return P2 with another share of losses."""
    return both(Way(delay=round_trip / 2, loss=share))


def far(round_trip: float) -> Line:
    """Return a line that is only far away."""
    return both(Way(delay=round_trip / 2))
