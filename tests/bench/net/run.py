"""What a bar is made of: figures against targets, the conditions of the run, and the samples for the plots."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.net import figures
from tests.net.conditions import PROFILES, Line
from tests.net.figures import Sample
from tests.net.network import Network
from tests.net.rig import CAMERA, Person, Rig
from tests.net.selfcheck import check

SMALL = "640x360"
LATE_SECONDS = 0.015
"""The emulator itself may deliver so late at p99; a machine too busy for that measures itself."""
JOIN_SECONDS = 30.0


class NotRunError(Exception):
    """A precondition does not hold; nothing can be said about the bar."""


@dataclass
class Figure:
    """One figure of a bar. `target` reads like `≤ 0.02`; a figure without one is only told."""

    name: str
    value: float | int | str | None
    target: str = ""
    passed: bool | None = None


@dataclass
class Trace:
    """What one person's page sampled during a run, and what happened when (Unix seconds)."""

    title: str
    samples: list[Sample]
    marks: list[tuple[float, str]]


@dataclass
class Run:
    """One bar being measured. `short`: less time than the bar asks for; said in the result."""

    bar: str
    short: bool
    seed: int
    figures: list[Figure] = field(default_factory=list)
    checks: dict[str, Any] = field(default_factory=dict)
    traces: list[Trace] = field(default_factory=list)
    loads: list[dict[str, Any]] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    """How long the measured stretches were, by what."""
    marks: list[tuple[float, str]] = field(default_factory=list)

    def at_most(self, name: str, value: float | None, limit: float) -> None:
        """Note a figure that must not be above a limit; None (it never happened) fails."""
        passed = value is not None and value <= limit
        self.figures.append(Figure(name, _rounded(value), f"≤ {limit:g}", passed))

    def at_least(self, name: str, value: float | None, limit: float) -> None:
        """Note a figure that must not be below a limit."""
        passed = value is not None and value >= limit
        self.figures.append(Figure(name, _rounded(value), f"≥ {limit:g}", passed))

    def told(self, name: str, value: float | str | None) -> None:
        """Note a figure without a target."""
        self.figures.append(Figure(name, value if isinstance(value, str) else _rounded(value)))

    def length(self, what: str, *, full: float, short: float) -> float:
        """Return how long to measure, and note it."""
        self.seconds[what] = short if self.short else full
        return self.seconds[what]

    def mark(self, what: str) -> float:
        """Note that something happens now; returns the time, Unix seconds."""
        now = time.time()
        self.marks.append((now, what))
        return now

    @asynccontextmanager
    async def rig(self, clients: int = 2) -> AsyncIterator[Rig]:
        """Give a rig with clear lines of 20 ms. Afterwards judge the emulator.

        Raises:
            NotRunError: the emulator was too late for its figures to mean anything.
        """
        self.marks.clear()
        async with Rig(clients=clients, seed=self.seed) as rig:
            for client in range(clients):
                rig.network.set(client, PROFILES["P0"])
            yield rig
            self.loads += rig.loads()
            self.judge(rig.network)

    def judge(self, network: Network) -> None:
        """Judge the emulator after a run.

        Raises:
            NotRunError: it was too late for the figures to mean anything.
        """
        late = network.late()
        self.checks.setdefault("emulator_late_p99_ms", []).append(round(late * 1000, 2))
        if late > LATE_SECONDS:
            raise NotRunError(f"the emulator delivered {late * 1000:.0f} ms late at p99: a busy machine")

    def verify(self, network: Network, client: int, lines: Mapping[str, Line]) -> None:
        """Measure what a client's line will be, before anybody uses it; leave it clear.

        Raises:
            NotRunError: a line is not what it is meant to be.
        """
        for name, line in lines.items():
            self._verify(network, client, line, name)
        network.set(client, PROFILES["P0"])

    def use(self, rig: Rig, client: int, line: Line, name: str) -> float:
        """Set a line from now on; returns the time, Unix seconds."""
        rig.network.set(client, line)
        return self.mark(name)

    def _verify(self, network: Network, client: int, line: Line, name: str) -> None:
        checked = check(network, client, line)
        self.checks[name] = checked.figures
        network.late(forget=True)
        if not checked.ok:
            raise NotRunError(f"self-check of {name}: {'; '.join(checked.wrong)}")

    async def call(self, rig: Rig, *names: str) -> list[Person]:
        """Bring people into the room, one at each client; wait until each sees and hears somebody."""
        people = [
            await rig.person(client, name, size=SMALL if client else CAMERA)
            for client, name in enumerate(names)
        ]
        for person in people:
            await person.join()
        for person in people:
            await in_call(person)
        return people

    async def keep(self, title: str, *people: Person, since: float = 0.0) -> None:
        """Keep what people's pages sampled, for the plots."""
        for person in people:
            samples = [one for one in await person.samples() if one.at >= since]
            self.traces.append(Trace(f"{title}: {person.name}", samples, list(self.marks)))


async def in_call(person: Person, seconds: float = JOIN_SECONDS) -> Sample:
    """Wait until somebody sees and hears."""
    return await person.until(
        lambda sample: figures.pictures(sample) > 0 and figures.heard(sample) > 0,
        "picture and sound",
        seconds,
    )


async def stretch(seconds: float, *people: Person) -> list[list[Sample]]:
    """Let time pass; return what each person's page sampled meanwhile."""
    begin = time.time()
    await asyncio.sleep(seconds)
    end = time.time()
    return [figures.between(await person.samples(), begin, end) for person in people]


def lost_connections(rig: Rig, since: float) -> list[str]:
    """Return why connections ended since a time, other than by leaving or being replaced."""
    return [
        f"{event['participant']}: {event['reason']}"
        for event in rig.events
        if event["event"] == "Disconnected"
        and event["at"] >= since
        and event["reason"] not in ("left", "replaced")
    ]


async def rebuilds(*people: Person) -> int:
    """Return how often the pages gave a connection up by themselves."""
    return sum([(await person.status()).count("rebuilding") for person in people])


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
