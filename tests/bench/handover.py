"""How rooms are handed over between relays: `python -m tests.bench.handover --json`, or `bin/dev.py bench handover --json`.

A platform of its own with several relays, many rooms of two people each, spread over them; people without a browser, who send and
take real packets and change connections as the room's page does. One relay after the other is told to stop (SIGTERM), as for a new
version; then one is killed. Keys of the JSON object, times in seconds:

    machine     cores, model, kernel, load_average_before
    nodes, rooms
    placed      how many rooms each relay had at first
    drained     for every relay told to stop: how long until it had ended, and the longest silence of each person while it did, of
                those whose room was there (`moved`) and of the others (`stayed`); how many rooms moved more often than needed
    killed      the same for a relay that is killed
    target      drained: no silence over 1 s; killed: none over 6 s for moved, over 1 s for stayed; no needless move
    met         whether it was
"""

import argparse
import asyncio
import contextlib
import json
import signal
import sys
import time
from collections import Counter
from typing import Any
from uuid import uuid4

from websockets.asyncio.client import ClientConnection

from media.probe import AUDIO_SECONDS, Probe
from tests.bench.measure import limit, machine, show, spread, use_platform
from tests.bench.signaling import Seat, connect_seat, make_seats
from tests.support.platform import Platform

ROOMS, NODES = 12, 2
LIMIT_SECONDS = 300
MOST_DRAINED_S, MOST_KILLED_S = 1.0, 6.0
ON_BOTH_S = 5.0
PATIENCE_S = 30.0
HEALTHY_S = 6.0


class Connection:
    """One media connection of a person."""

    def __init__(self, epoch: int) -> None:
        self.id = str(uuid4())
        self.epoch = epoch
        self.probe = Probe()
        self.up = asyncio.Event()
        self.sources: set[tuple[str, str]] = set()


class Person:
    """Somebody in a room: `current` is the connection that counts, `previous` the one of before the room moved."""

    def __init__(self, seat: Seat) -> None:
        self.seat = seat
        self.epoch = 0
        self.current: Connection | None = None
        self.previous: Connection | None = None
        self._next: Connection | None = None
        self._heard_at = 0.0
        self._longest = 0.0
        self._tasks: set[asyncio.Task[None]] = set()

    async def enter(self, url: str) -> None:
        """Connect, and stay in the room until `leave`."""
        await connect_seat(url, self.seat)
        self._spawn(self._read(self._line))
        self._spawn(self._talk())
        await self.seat.send(type="hello", protocol=1, last_seq=None)
        await self.seat.until("a welcome", lambda: self.seat.welcome)
        self._spawn(self._build())
        await self.until(lambda: self.current is not None)

    async def leave(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for connection in (self.previous, self.current, self._next):
            if connection is not None:
                await connection.probe.close()
        await self._line.close()

    def listen(self) -> None:
        """Begin to measure."""
        self._heard_at, self._longest = time.monotonic(), 0.0

    @property
    def silence(self) -> float:
        """The longest time in which no sound came, since `listen`."""
        return round(max(self._longest, time.monotonic() - self._heard_at), 3)

    async def until(self, condition: Any) -> None:
        """Wait for something that has no event of its own."""
        async with asyncio.timeout(PATIENCE_S):
            while not condition():  # noqa: ASYNC110  it has no event
                await asyncio.sleep(0.01)

    @property
    def _line(self) -> ClientConnection:
        assert self.seat.line is not None
        return self.seat.line

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _read(self, line: ClientConnection) -> None:
        async for text in line:
            self.seat.take(text, time.perf_counter())
            message = json.loads(text)
            match message["type"]:
                case "welcome" | "events":
                    if snapshot := message.get("snapshot"):
                        self._moved(snapshot["epoch"])
                    for event in message["events"]:
                        if event["body"]["kind"] == "media_moved":
                            self._moved(event["body"]["epoch"])
                case "media_offer" if self._next is not None and message["connection_id"] == self._next.id:
                    self._next.epoch = message["epoch"]
                    self._spawn(self._answer(self._next, message["sdp"]))
                case "media_slots":
                    for one in (self.previous, self.current, self._next):
                        if one is not None and one.id == message["connection_id"]:
                            one.sources = {(s["participant"], s["source"]) for s in message["slots"]}
                            self._let_go()
                case "media_lost" if self._next is not None and message["connection_id"] == self._next.id:
                    self._next = None
                    self._spawn(self._build(message["retry_after_ms"] / 1000 + 0.1))

    def _moved(self, epoch: int) -> None:
        self.epoch = max(self.epoch, epoch)
        if self.current is not None and self.current.epoch < epoch and self._next is None:
            self._spawn(self._build())

    async def _build(self, wait: float = 0.0) -> None:
        await asyncio.sleep(wait)
        if self._next is None:
            self._next = Connection(self.epoch)
            await self.seat.send(type="media_join", connection_id=self._next.id)

    async def _answer(self, connection: Connection, offer: str) -> None:
        probe = connection.probe
        answer = await probe.answer(offer)
        probe.on_packet = self._hear
        await self.seat.send(type="media_answer", connection_id=connection.id, sdp=answer)
        await probe.connect()
        if self._next is not connection:
            await probe.close()
            return
        await self._close(self.previous)
        self.previous, self.current, self._next = self.current, connection, None
        self._let_go()
        self._spawn(self._forget_after(self.previous))

    async def _forget_after(self, connection: Connection | None) -> None:
        await asyncio.sleep(ON_BOTH_S)
        if connection is not None and connection is self.previous:
            self.previous = None
            await self._close(connection)

    def _let_go(self) -> None:
        old, new = self.previous, self.current
        if old is not None and new is not None and old.sources <= new.sources:
            self.previous = None
            self._spawn(self._close(old))

    async def _close(self, connection: Connection | None) -> None:
        if connection is not None:
            await self.seat.send(type="media_leave", connection_id=connection.id)
            await connection.probe.close()

    def _hear(self, _data: bytes) -> None:
        now = time.monotonic()
        self._longest = max(self._longest, now - self._heard_at)
        self._heard_at = now

    async def _talk(self) -> None:
        sequence = 0
        while True:
            for one in (self.previous, self.current):
                if one is not None:
                    with contextlib.suppress(ConnectionError):
                        await one.probe.send_audio(sequence)
            sequence += 1
            await asyncio.sleep(AUDIO_SECONDS)


def homes(rooms: list[str]) -> dict[str, tuple[str, int]]:
    """Return the relay and the epoch of each room."""
    from telehealth.consultations.models import Session

    rows = Session.objects.filter(id__in=rooms).values_list("id", "media_node", "media_epoch")
    return {str(room): (node, epoch) for room, node, epoch in rows}


async def lose(platform: Platform, people: list[Person], node: str, number: signal.Signals) -> dict[str, Any]:
    """End a relay under its calls; return how long it took and who heard nothing for how long."""
    rooms = sorted({person.seat.room for person in people})
    before = homes(rooms)
    for person in people:
        person.listen()
    began = time.monotonic()
    dead = platform.kill(node, number)
    await asyncio.to_thread(platform.await_restart, node, after=dead)
    ended = round(time.monotonic() - began, 2)
    for person in people:
        wanted = before[person.seat.room][1] + (before[person.seat.room][0] == node)
        await person.until(lambda person=person, wanted=wanted: person.epoch >= wanted)
        await person.until(
            lambda person=person: (
                person.current.epoch == person.epoch
                and person.previous is None
                and person.current.sources
                and time.monotonic() - person._heard_at < 0.2
            )
        )
    silences = {person: person.silence for person in people}
    after = homes(rooms)
    moved = {room for room in rooms if before[room][0] == node}
    return {
        "node": node,
        "ended_after": ended,
        "moved": spread([s for person, s in silences.items() if person.seat.room in moved]),
        "stayed": spread([s for person, s in silences.items() if person.seat.room not in moved]),
        "needless_moves": sum(after[room][1] - before[room][1] - (room in moved) for room in rooms),
        "rooms_left_there": sum(after[room][0] == node for room in moved),
    }


async def play(platform: Platform, seats: list[Seat]) -> dict[str, Any]:
    people = [Person(seat) for seat in seats]
    for person in people:
        await person.enter(platform.url)
    for person in people:
        await person.until(lambda person=person: person.current.sources)
    rooms = sorted({seat.room for seat in seats})
    placed = Counter(node for node, _epoch in homes(rooms).values())
    nodes = [f"media-{number}" for number in range(1, platform.media_nodes + 1)]
    drained = []
    for node in nodes:
        drained.append(await lose(platform, people, node, signal.SIGTERM))
        await asyncio.to_thread(platform.await_media, node)  # as the runbook says, and no longer
    await asyncio.sleep(HEALTHY_S)  # a death out of good health
    crowded = Counter(node for node, _epoch in homes(rooms).values()).most_common(1)[0][0]
    killed = await lose(platform, people, crowded, signal.SIGKILL)
    for person in people:
        await person.leave()
    return {"placed": dict(placed), "drained": drained, "killed": killed}


def measure(rooms: int, nodes: int) -> dict[str, Any]:
    """Measure; return the figures of the module's docstring."""
    result: dict[str, Any] = {"machine": machine(), "nodes": nodes, "rooms": rooms}
    with Platform(demonstration=False, media_nodes=nodes) as platform:
        use_platform(platform)
        seats = make_seats(rooms, people=2)
        result |= asyncio.run(play(platform, seats))
        from django.db import connections

        connections.close_all()
    ends = [*result["drained"], result["killed"]]
    most = [worst(end["moved"]) for end in result["drained"]] + [worst(end["stayed"]) for end in ends]
    result["target"] = {"drained_max": MOST_DRAINED_S, "killed_max": MOST_KILLED_S, "needless_moves": 0}
    result["met"] = (
        max(most) <= MOST_DRAINED_S
        and worst(result["killed"]["moved"]) <= MOST_KILLED_S
        and not any(end["needless_moves"] for end in ends)
    )
    return result


def worst(figures: dict[str, Any]) -> float:
    return float(figures.get("max", 0.0))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rooms", type=int, default=ROOMS)
    parser.add_argument("--nodes", type=int, default=NODES)
    options = parser.parse_args()
    limit(LIMIT_SECONDS)
    result = measure(options.rooms, options.nodes)
    show(result, as_json=options.json)
    return 0 if result["met"] else 1


if __name__ == "__main__":
    sys.exit(main())
