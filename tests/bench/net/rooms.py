"""The bars that need the whole platform: a doctor and a specialist in the real room."""

from __future__ import annotations

import time

from tests.bench.measure import percentile
from tests.bench.net.bars import sound_back
from tests.bench.net.run import NotRunError, Run, Trace
from tests.net import figures
from tests.net.conditions import CLEAR, PROFILES
from tests.net.room import Room
from tests.support.browser import Person
from tests.support.media import expect_media

CLEAR_LINE = PROFILES["P0"]
SETTLE = 8_000
"""Milliseconds in which a call grows to its full picture."""
RETURN_S = 20.0


def m8_udp_blocked(run: Run) -> None:
    """UDP blocked: heard again through TURN ≤ 10 s after joining anew, sound ≤ 3 % made up for 10 minutes."""
    _udp_blocked(run, only_tls=False)


def m8_only_443(run: Run) -> None:
    """Nothing but TCP on 443 let out: heard again through TURN over TLS, as M8."""
    _udp_blocked(run, only_tls=True)


def _udp_blocked(run: Run, *, only_tls: bool) -> None:
    seconds = run.length("call", full=600, short=20)
    with Room(seed=run.seed, only_tls=only_tls) as room:
        if not room.has_turn:
            raise NotRunError("coturn is not installed: apt-get install coturn")
        run.verify(room.network, 1, {"P8": PROFILES["P8"]})
        room.meet()
        room.network.set(1, PROFILES["P8"])
        began = run.mark("P8")
        room.specialist.page.reload()
        room.specialist.page.wait_for_function("window.roomDebug !== undefined")
        try:
            expect_media(room.specialist.page, videos=0, audios=1, seconds=30)
        except AssertionError:
            run.at_most("heard_s", None, 10)
            return
        run.at_most("heard_s", time.time() - began, 10)
        room.sample(room.specialist)
        room.specialist.page.wait_for_timeout(seconds * 1000)
        seen = room.samples(room.specialist)
        run.at_most("concealed", figures.concealment(seen), 0.03)
        run.traces.append(Trace("P8: specialist", seen, run.marks))
        run.judge(room.network)


def address_change(run: Run) -> None:
    """Another address: sound back ≤ 1 s after the line; the other's picture stands still ≤ 150 ms longer than that."""
    changes = int(run.length("changes", full=10, short=3))
    with Room(seed=run.seed) as room:
        room.meet()
        page = room.specialist.page
        page.wait_for_timeout(SETTLE)
        heard: list[float] = []
        seen: list[float] = []
        for number in range(changes):
            moved = run.mark("other address")
            room.network.set(1, CLEAR)
            room.network.move(1, f"10.77.0.{100 + number}")
            room.network.set(1, CLEAR_LINE)
            page.wait_for_timeout(RETURN_S * 1000)
            samples = room.samples(room.specialist)
            whole = sound_back(samples, moved, moved + RETURN_S)
            heard.append(figures.missing(figures.between(samples, moved - 0.3, moved + whole + 1.0)))
            others = figures.between(room.samples(room.doctor), moved - 1, moved + RETURN_S)
            seen.append(figures.total(others, figures.video, "totalFreezesDuration") - heard[-1])
        run.at_most("sound_back_p95_s", percentile(heard, 0.95), 1.0)
        run.told("sound_back_median_s", percentile(heard, 0.5))
        run.at_most("others_frozen_longer_p95_s", percentile(seen, 0.95), 0.15)
        run.judge(room.network)
        _keep(run, room, room.specialist, room.doctor)


def _keep(run: Run, room: Room, *people: Person) -> None:
    for person in people:
        run.traces.append(Trace(f"{run.bar}: {person.username}", room.samples(person), run.marks))


BARS = {"M8": m8_udp_blocked, "M8-443": m8_only_443, "ADDRESS": address_change}
