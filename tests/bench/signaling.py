"""How fast the rooms' signaling is: `python -m tests.bench.signaling --json`, or `bin/dev.py bench signaling --json`.

A platform of its own, 50 rooms of 4 people, 200 real WebSockets, one command per second and room (chat and microphone in
turn). Keys of the JSON object:

    machine            cores, model, kernel, load_average_before
    rooms, people, seconds, commands
    latency_ms         command sent → its event received, over all (command, client) pairs
    latency_all_ms     command sent → its event received by the last of the room's clients, over all commands
    ack_ms             command sent → its acknowledgement received by the sender
    lost, duplicated, reordered
                       events missing, repeated or out of order at any client, by sequence number; each must be 0
    log_matches        every client's events are word for word the rows of the log in PostgreSQL
    refused, closed    commands refused, sockets closed by the server; each must be 0
    memory_mib         web and media: before (started), connected (200 sockets), after (under load), closed
    cpu_share          web and media: processor time / wall time under load
    floor              the same run without us: websocket_echo_ms (200 sockets and the same pace through a bare Daphne),
                       postgresql_commit_ms (one row inserted and committed on the same server)
    durable            whether PostgreSQL waits for the disk (test platforms do not)
    target             p99 of latency_all_ms ≤ 250 ms and p50 ≤ 40 ms, nothing lost, duplicated or reordered
    met                whether it was
"""

import argparse
import asyncio
import contextlib
import json
import sys
import time
import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.bench.floors import commit_floor, echo_floor
from tests.bench.measure import cpu_seconds, limit, machine, rss_mib, show, spread, use_platform
from tests.support.platform import Platform

ROOMS = 50
PEOPLE = 4
SECONDS = 20
PING_SECONDS = 5.0
ARRIVING_AT_ONCE = 10
SETTLE_SECONDS = 60.0
LIMIT_SECONDS = 300
PROCESSES = ("web", "media")
P50_MS, P99_MS = 40.0, 250.0


@dataclass
class Seat:
    """One person's socket in one room."""

    room: str
    cookie: str
    line: ClientConnection | None = None
    first: int = 0
    last: int = 0
    duplicated: int = 0
    reordered: int = 0
    closed: int = 0
    refused: int = 0
    entered: int = 0
    welcome: bool = False
    events: dict[int, Any] = field(default_factory=dict)
    heard: dict[int, float] = field(default_factory=dict)
    acks: dict[str, tuple[int, float]] = field(default_factory=dict)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, text: str | bytes, at: float) -> None:
        """Note one message of the server."""
        message = json.loads(text)
        match message["type"]:
            case "welcome":
                self.welcome = True
                snapshot = message["snapshot"]
                if snapshot is not None:
                    self.first = self.last = snapshot["seq"]
                    self.entered = sum(p["state"] == "in_room" for p in snapshot["participants"])
                self._log(message["events"], at)
            case "events":
                self._log(message["events"], at)
            case "ack":
                self.acks[message["key"]] = (message["seq"], at)
            case "refused":
                self.refused += 1
        self.changed.set()

    def _log(self, events: Iterable[dict[str, Any]], at: float) -> None:
        for event in events:
            seq = event["seq"]
            if seq in self.events or seq <= self.first:
                self.duplicated += 1
            elif seq != self.last + 1:
                self.reordered += 1
            self.last = max(self.last, seq)
            self.events[seq] = event["body"]
            self.heard[seq] = at
            self.entered += event["body"]["kind"] == "participant_entered"

    async def read(self) -> None:
        """Take every message until the socket closes."""
        assert self.line is not None
        try:
            async for text in self.line:
                self.take(text, time.perf_counter())
        except ConnectionClosed:
            pass
        self.closed += 1
        self.changed.set()

    async def send(self, **message: Any) -> None:
        assert self.line is not None
        await self.line.send(json.dumps(message))

    async def until(self, what: str, condition: Any) -> None:
        """Wait for something that a message makes true."""
        try:
            async with asyncio.timeout(SETTLE_SECONDS):
                while not condition():
                    if self.closed:
                        raise RuntimeError(f"socket closed while waiting for {what}")
                    self.changed.clear()
                    await self.changed.wait()
        except TimeoutError:
            raise RuntimeError(f"{what} did not come; have {self.last} events, {self.entered} in") from None


@dataclass(frozen=True)
class Sent:
    """A command on its way."""

    seat: Seat
    key: str
    at: float


async def play(origin: str, seats: list[Seat], pids: dict[str, int]) -> dict[str, Any]:
    """Connect everybody, send for `SECONDS`, return the raw figures."""
    memory = {name: {"before": rss_mib(pids[name])} for name in PROCESSES}
    readers = []
    for start in range(0, len(seats), ARRIVING_AT_ONCE):  # as people come, not all in one instant
        group = seats[start : start + ARRIVING_AT_ONCE]
        await asyncio.gather(*(connect_seat(origin, seat) for seat in group))
        readers += [asyncio.create_task(seat.read()) for seat in group]
        await asyncio.gather(*(seat.send(type="hello", protocol=1, last_seq=None) for seat in group))
        await asyncio.gather(*(seat.until("a welcome", lambda seat=seat: seat.welcome) for seat in group))
    for seat in seats:
        await seat.until("everybody's entry", lambda seat=seat: seat.entered >= PEOPLE)
    for name in PROCESSES:
        memory[name]["connected"] = rss_mib(pids[name])
    pingers = [asyncio.create_task(_ping(seat)) for seat in seats]
    used = {name: cpu_seconds(pids[name]) for name in PROCESSES}
    began = time.perf_counter()
    rooms: dict[str, list[Seat]] = defaultdict(list)
    for seat in seats:
        rooms[seat.room].append(seat)
    per_room = await asyncio.gather(
        *(_talk(members, began + number / ROOMS) for number, members in enumerate(rooms.values()))
    )
    wall = time.perf_counter() - began
    cpu = {name: round((cpu_seconds(pids[name]) - used[name]) / wall, 3) for name in PROCESSES}
    sent = [one for commands in per_room for one in commands]
    await _settle(sent, rooms)
    for name in PROCESSES:
        memory[name]["after"] = rss_mib(pids[name])
    closed = sum(seat.closed for seat in seats)
    for task in pingers:
        task.cancel()
    await asyncio.gather(*(seat.line.close() for seat in seats if seat.line), return_exceptions=True)
    await asyncio.gather(*readers, *pingers, return_exceptions=True)
    for name in PROCESSES:
        memory[name]["closed"] = rss_mib(pids[name])
    return {"sent": sent, "rooms": rooms, "memory_mib": memory, "cpu_share": cpu, "closed": closed}


async def connect_seat(origin: str, seat: Seat) -> None:
    """Open a person's socket."""
    seat.line = await connect(
        f"ws{origin.removeprefix('http')}/ws/rooms/{seat.room}/",
        origin=origin,  # type: ignore[arg-type]
        additional_headers={"Cookie": f"sessionid={seat.cookie}; language=vi"},
        proxy=None,
        compression=None,
        open_timeout=30,
        max_size=None,
    )


async def _ping(seat: Seat) -> None:
    n = 0
    while True:
        await asyncio.sleep(PING_SECONDS)
        n += 1
        await seat.send(type="ping", n=n)


async def _talk(members: list[Seat], start: float) -> list[Sent]:
    """Let a room's people take turns, one command each second."""
    sent = []
    for turn in range(SECONDS):
        await asyncio.sleep(max(0.0, start + turn - time.perf_counter()))
        seat = members[turn % PEOPLE]
        key = str(uuid.uuid4())
        action: dict[str, Any] = {"do": "post_chat", "text": f"Tin {turn}", "document_id": None}
        if turn // PEOPLE % 2:  # every person chats in one round and switches the microphone in the next
            on = turn // PEOPLE // 2 % 2 == 0
            action = {"do": "set_media", "microphone": on, "camera": False, "screen": False}
        sent.append(Sent(seat, key, time.perf_counter()))
        await seat.send(type="command", key=key, action=action)
    return sent


async def _settle(sent: list[Sent], rooms: dict[str, list[Seat]]) -> None:
    """Wait until every command is answered and every event is everywhere, or long enough to call it lost."""

    async def arrived(one: Sent) -> None:
        await one.seat.until("an answer", lambda: one.key in one.seat.acks)
        seq, _at = one.seat.acks[one.key]
        for other in rooms[one.seat.room]:
            await other.until("an event", lambda other=other: seq in other.heard)

    with contextlib.suppress(TimeoutError, RuntimeError):
        async with asyncio.timeout(10):
            for one in sent:
                await arrived(one)


def figures(raw: dict[str, Any], log: dict[str, dict[int, Any]]) -> dict[str, Any]:
    """Return the published figures. `log` has each room's events as PostgreSQL holds them."""
    sent, rooms = raw.pop("sent"), raw.pop("rooms")
    each, everybody, acks = [], [], []
    for one in sent:
        if one.key not in one.seat.acks:
            continue
        seq, at = one.seat.acks[one.key]
        acks.append((at - one.at) * 1000)
        times = [(other.heard[seq] - one.at) * 1000 for other in rooms[one.seat.room] if seq in other.heard]
        each += times
        if len(times) == PEOPLE:
            everybody.append(max(times))
    seats = [seat for members in rooms.values() for seat in members]
    wanted = [{seq: body for seq, body in log[seat.room].items() if seq > seat.first} for seat in seats]
    return {
        "commands": len(sent),
        "latency_ms": spread(each),
        "latency_all_ms": spread(everybody),
        "ack_ms": spread(acks),
        "lost": sum(len(rows.keys() - seat.events.keys()) for seat, rows in zip(seats, wanted, strict=True)),
        "duplicated": sum(seat.duplicated for seat in seats),
        "reordered": sum(seat.reordered for seat in seats),
        "log_matches": all(rows == seat.events for seat, rows in zip(seats, wanted, strict=True)),
        "refused": sum(seat.refused for seat in seats),
        **raw,
    }


def make_seats(rooms: int, people: int = PEOPLE) -> list[Seat]:
    """Make rooms with everybody (at most four) admitted, straight through the domain, and sign everybody in on the server's side."""
    from telehealth.consultations.domain import sessions
    from telehealth.core import clock
    from tests.bench.people import cookie_of
    from tests.factories import make_session, make_world

    seats = []
    for _ in range(rooms):
        world = make_world()
        session = make_session(world, now=clock.now())
        for hat in (world.specialist, world.doctor, world.second_specialist, world.nurse)[:people]:
            now = clock.now()
            sessions.arrive(who=hat, session_id=session.id, key=None, now=now)
            guest = sessions.participant_id_of(session.id, hat.membership.id)
            sessions.admit(
                who=world.specialist, session_id=session.id, participant_id=guest, key=None, now=now
            )
            seats.append(Seat(room=str(session.id), cookie=cookie_of(hat)))
    return seats


def read_log(rooms: Iterable[str]) -> dict[str, dict[int, Any]]:
    """Return each room's event log as PostgreSQL holds it."""
    from telehealth.consultations.models import RoomEvent

    log: dict[str, dict[int, Any]] = {room: {} for room in rooms}
    for row in RoomEvent.objects.filter(session_id__in=list(log)):
        log[str(row.session_id)][row.seq] = row.body
    return log


def run(rooms: int = ROOMS) -> dict[str, Any]:
    """Measure; return the figures of the module's docstring."""
    result: dict[str, Any] = {"machine": machine()}
    with Platform(demonstration=False) as platform:
        use_platform(platform)
        seats = make_seats(rooms)
        raw = asyncio.run(play(platform.url, seats, platform.pids))
        result |= {"rooms": rooms, "people": len(seats), "seconds": SECONDS}
        result |= figures(raw, read_log({seat.room for seat in seats}))
        result["floor"] = {
            "websocket_echo_ms": asyncio.run(echo_floor(len(seats))),
            "postgresql_commit_ms": commit_floor(),
        }
        from django.db import connections

        connections.close_all()
    latency = result["latency_all_ms"]
    faults = ("lost", "duplicated", "reordered", "refused", "closed")
    return result | {
        "durable": False,
        "target": {"p50_ms": P50_MS, "p99_ms": P99_MS, "faults": 0},
        "met": latency.get("p50", P50_MS + 1) <= P50_MS
        and latency["p99"] <= P99_MS
        and result["log_matches"]
        and not any(result[name] for name in faults),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rooms", type=int, default=ROOMS)
    options = parser.parse_args()
    limit(LIMIT_SECONDS)
    result = run(options.rooms)
    show(result, as_json=options.json)
    return 0 if result["met"] else 1


if __name__ == "__main__":
    sys.exit(main())
