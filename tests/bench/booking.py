"""How fast a whole province books: `python -m tests.bench.booking --json`, or `bin/dev.py bench booking --json`.

A platform of its own, real HTTP to the real web process. Keys of the JSON object:

    machine            cores, model, kernel, load_average_before
    minute             1,000 people on 500 slots of 20 doctors and 500 takers of numbers, all within a minute. A person looks at a doctor's
                       slots, holds one, confirms it, and on "taken" tries the next doctor (six at most); a taker checks in at a kiosk.
                       booked, refused, numbers, unexpected (answers that are neither), latency_ms (over all requests), requests
    rush               the same 1,000 on 500 fresh slots, as fast as they are answered: tries, booked, seconds, tries_per_second
    steady             bookings when there is room for all, as fast as they are answered: booked, seconds, booked_per_second, latency_ms
    double             promises that overlap, in the database, by person or patient; must be 0
    gaps               numbers missing from 1 to the last, by service; must be 0
    lost               bookings that were acknowledged and are not in the database; must be 0
    floor              the bare transaction (BEGIN, one INSERT that an exclusion constraint may refuse, COMMIT) by as many connections as
                       the web process has threads, on the same server: transactions_per_second; and http_per_second: a Daphne
                       that only answers, asked by the same client
    cpu_share          processor time / wall time of web and of this client during `steady`
    durable            whether PostgreSQL waits for the disk (test platforms do not)
    target             minute: p95 ≤ 300 ms; steady: ≥ 500 bookings a second; nothing double, missing or lost
    met                whether it was
"""

import argparse
import asyncio
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from functools import partial
from typing import Any

from tests.bench.floors import bare_bookings, http_floor
from tests.bench.http import Line
from tests.bench.measure import cpu_seconds, limit, machine, show, spread, use_platform
from tests.support.platform import Platform

DOCTORS, SLOTS_EACH, PEOPLE, TAKERS = 20, 25, 1000, 500
KIOSKS = 5
MINUTE = 60.0
LINES = 40
TRIES = 6
STEADY = 2000
STEADY_DAYS = 5
LIMIT_SECONDS = 600
P95_MS, PER_SECOND = 300.0, 500


@dataclass
class Cast:
    """Everybody and everything that takes part, as JSON values and cookies."""

    facility: str = ""
    doctors: list[str] = field(default_factory=list)
    days: list[date] = field(default_factory=list)
    people: list[tuple[str, str]] = field(default_factory=list)  # cookie, person
    takers: list[tuple[str, str, str]] = field(default_factory=list)  # cookie, area, qr


@dataclass
class Seen:
    """What the client saw."""

    latencies: list[float] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    booked: list[str] = field(default_factory=list)

    async def ask(self, line: Line, method: str, path: str, cookie: str, body: Any = None) -> tuple[int, Any]:
        at = time.perf_counter()
        status, answer = await line.ask(method, path, cookie=cookie, body=body)
        self.latencies.append((time.perf_counter() - at) * 1000)
        self.answers[f"{status} {answer.get('code', '') if status >= 400 else ''}".strip()] += 1
        return status, answer


def slots_of(day: date, count: int) -> list[tuple[str, str]]:
    """Return the first slots of a day of seven to half past eleven and half past one to five."""
    from scheduling.calendars.patterns import LOCAL

    starts = [clock_time(7 + n // 4, 15 * (n % 4)) for n in range(18)]
    starts += [clock_time(13 + (n + 2) // 4, 15 * ((n + 2) % 4)) for n in range(14)]
    begins = [datetime.combine(day, start, LOCAL) for start in starts[:count]]
    return [(one.isoformat(), (one + timedelta(minutes=15)).isoformat()) for one in begins]


async def book_once(
    seen: Seen, line: Line, cast: Cast, who: tuple[str, str], what: tuple[str, tuple[str, str]]
) -> int:
    """Book one slot by one request; return the status."""
    (cookie, person), (doctor, slot) = who, what
    body = {
        "facility": cast.facility,
        "kind": "in_person",
        "start": slot[0],
        "end": slot[1],
        "practitioner": doctor,
        "person": person,
        "reason": "Đau đầu hai ngày nay",
    }
    status, answer = await seen.ask(line, "POST", "/api/booking/book/", cookie, body)
    if status == 201:
        seen.booked.append(answer["id"])
    return status


async def person_of_the_minute(
    seen: Seen, line: Line, cast: Cast, who: tuple[str, str], chance: random.Random
) -> None:
    """Look, hold, confirm; when somebody was faster, look at another doctor. Every request on the same line."""
    cookie, person = who
    browser = f"{cookie}; browser=b{person.replace('-', '')}"
    published = {start for start, _end in slots_of(cast.days[0], SLOTS_EACH)}
    for doctor in chance.sample(cast.doctors, TRIES):
        day = cast.days[0].isoformat()
        path = f"/api/booking/slots/?facility={cast.facility}&kind=in_person&from={day}&practitioner={doctor}"
        _status, answer = await seen.ask(line, "GET", path, cookie)
        offered = [slot for slot in answer["slots"] if slot["start"] in published]
        if not offered:
            continue
        slot = chance.choice(offered)
        body = {"facility": cast.facility, "kind": "in_person", **slot}
        status, answer = await seen.ask(line, "POST", "/api/booking/hold/", browser, body)
        if status != 201:
            continue
        told = {"hold": answer["hold"], "person": person, "reason": "Đau đầu hai ngày nay"}
        status, answer = await seen.ask(line, "POST", "/api/booking/confirm/", browser, told)
        if status == 201:
            seen.booked.append(answer["id"])
            return


async def minute(origin: str, cast: Cast) -> dict[str, Any]:
    """Let everybody come at some moment of one minute, each with a connection of their own."""
    seen, chance = Seen(), random.Random(1)
    numbers: list[str] = []
    begin = time.perf_counter()

    async def come(at: float, act: Callable[[Line], Awaitable[Any]]) -> None:
        await asyncio.sleep(max(0.0, begin + at - time.perf_counter()))
        address = f"10.{chance.randrange(256)}.{chance.randrange(256)}.{chance.randrange(1, 255)}"
        async with Line(origin, address=address) as line:
            await act(line)

    async def take(one: tuple[str, str, str], line: Line) -> None:
        cookie, area, qr = one
        body = {"area": area, "qr": qr}
        status, answer = await seen.ask(line, "POST", "/api/booking/checkin/", cookie, body)
        if status == 200:
            numbers.append(answer["number"])

    async def book(who: tuple[str, str], line: Line) -> None:
        await person_of_the_minute(seen, line, cast, who, chance)

    acts = [partial(book, who) for who in cast.people] + [partial(take, one) for one in cast.takers]
    comings = [come(chance.uniform(0, MINUTE), act) for act in acts]
    await asyncio.gather(*comings)
    expected = {"200", "201", "409 slot.taken"}
    return {
        "booked": len(seen.booked),
        "refused": seen.answers["409 slot.taken"],
        "numbers": len(numbers),
        "unexpected": {what: n for what, n in seen.answers.items() if what not in expected},
        "requests": len(seen.latencies),
        "seconds": round(time.perf_counter() - begin, 1),
        "latency_ms": spread(seen.latencies),
        "acknowledged": seen.booked,
    }


async def as_fast_as_answered(origin: str, jobs: Iterable[Callable[[Line], Awaitable[None]]]) -> float:
    """Do jobs on a fixed number of connections; return the seconds it took."""
    waiting = iter(jobs)

    async def worker() -> None:
        async with Line(origin) as line:
            for job in waiting:
                await job(line)

    begin = time.perf_counter()
    await asyncio.gather(*(worker() for _n in range(LINES)))
    return time.perf_counter() - begin


async def rush(origin: str, cast: Cast) -> dict[str, Any]:
    """Everybody wants one of 500 slots at once: six tries each, on slots chosen blindly."""
    seen, chance = Seen(), random.Random(2)
    pairs = [(d, s) for d in cast.doctors for s in slots_of(cast.days[1], SLOTS_EACH)]

    async def want(who: tuple[str, str], line: Line) -> None:
        for what in chance.sample(pairs, TRIES):
            if await book_once(seen, line, cast, who, what) == 201:
                return

    jobs = [partial(want, who) for who in cast.people]
    seconds = await as_fast_as_answered(origin, jobs)
    return {
        "tries": len(seen.latencies),
        "booked": len(seen.booked),
        "slots": len(pairs),
        "seconds": round(seconds, 2),
        "tries_per_second": round(len(seen.latencies) / seconds),
        "latency_ms": spread(seen.latencies),
        "acknowledged": seen.booked,
    }


async def steady(origin: str, cast: Cast, web: int) -> dict[str, Any]:
    """Bookings that all succeed."""
    seen = Seen()
    free = [(d, s) for day in cast.days[2:] for s in slots_of(day, 32) for d in cast.doctors][:STEADY]

    async def want(what: tuple[str, tuple[str, str]], who: tuple[str, str], line: Line) -> None:
        await book_once(seen, line, cast, who, what)

    whose = [cast.people[n % len(cast.people)] for n in range(len(free))]
    jobs = [partial(want, what, who) for what, who in zip(free, whose, strict=True)]
    used = cpu_seconds(web), cpu_seconds(os.getpid())
    seconds = await as_fast_as_answered(origin, jobs)
    return {
        "booked": len(seen.booked),
        "answers": dict(seen.answers),
        "seconds": round(seconds, 2),
        "booked_per_second": round(len(seen.booked) / seconds),
        "latency_ms": spread(seen.latencies),
        "cpu_share": {
            "web": round((cpu_seconds(web) - used[0]) / seconds, 2),
            "client": round((cpu_seconds(os.getpid()) - used[1]) / seconds, 2),
        },
        "acknowledged": seen.booked,
    }


def check(acknowledged: list[str]) -> dict[str, int]:
    """Return what must be nothing: promises that overlap, numbers that are missing, acknowledged bookings that are not there."""
    from django.db import connection

    from scheduling.appointments.models import Appointment

    overlap = """
        SELECT count(*) FROM appointments_appointment a JOIN appointments_appointment b
        ON a.id < b.id AND a.during && b.during AND (a.person_id = b.person_id OR a.beneficiary_id = b.beneficiary_id)
        WHERE a.status IN ('pending', 'booked', 'arrived') AND b.status IN ('pending', 'booked', 'arrived')
    """
    gaps = """
        SELECT coalesce(sum(last - given), 0) FROM (
            SELECT max(number) AS last, count(DISTINCT number) AS given
            FROM queues_ticket GROUP BY service_id, day, series
        ) AS of_service
    """
    with connection.cursor() as cursor:
        cursor.execute(overlap)
        double = int(cursor.fetchone()[0])
        cursor.execute(gaps)
        missing = int(cursor.fetchone()[0])
    kept = Appointment.objects.filter(id__in=acknowledged, status="booked").count()
    return {"double": double, "gaps": missing, "lost": len(acknowledged) - kept}


def run(*, seconds_of_floor: float = 3.0) -> dict[str, Any]:
    """Measure; return the figures of the module's docstring."""
    result: dict[str, Any] = {"machine": machine()}
    with Platform(demonstration=False, environment={"BEHIND_PROXY": "1"}) as platform:
        use_platform(platform)
        from tests.bench.booking_cast import make_cast

        days = 2 + STEADY_DAYS
        cast = Cast(**make_cast(doctors=DOCTORS, people=PEOPLE, takers=TAKERS, kiosks=KIOSKS, days=days))
        web = platform.pids["web"]
        result["minute"] = asyncio.run(minute(platform.url, cast))
        result["rush"] = asyncio.run(rush(platform.url, cast))
        result["steady"] = asyncio.run(steady(platform.url, cast, web))
        parts = [result[name] for name in ("minute", "rush", "steady")]
        result |= check([one for part in parts for one in part.pop("acknowledged")])
        result["cpu_share"] = result["steady"].pop("cpu_share")
        result["floor"] = {
            "transactions_per_second": bare_bookings(seconds_of_floor),
            "http_per_second": asyncio.run(http_floor(LINES, seconds_of_floor)),
        }
        from django.db import connections

        connections.close_all()
    return result | {
        "durable": False,
        "target": {"p95_ms": P95_MS, "booked_per_second": PER_SECOND, "double": 0, "gaps": 0, "lost": 0},
        "met": result["minute"]["latency_ms"]["p95"] <= P95_MS
        and result["steady"]["booked_per_second"] >= PER_SECOND
        and result["minute"]["numbers"] == TAKERS
        and not result["minute"]["unexpected"]
        and not any(result[name] for name in ("double", "gaps", "lost")),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    limit(LIMIT_SECONDS)
    result = run()
    show(result, as_json=options.json)
    return 0 if result["met"] else 1


if __name__ == "__main__":
    sys.exit(main())
