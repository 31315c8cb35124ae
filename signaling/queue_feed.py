"""One area's log and its outlook, read once a process and handed to all its sockets there."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, ParamSpec, Protocol, TypeVar
from uuid import UUID

from scheduling.queues.domain import queries
from scheduling.queues.queue_events import LoggedQueueEvent
from signaling import groups
from signaling.faults import describe
from signaling.hints import MISSED, Hints, Payload
from signaling.queue_truth import AreaNow, look
from signaling.texts import text_of
from telehealth.core import clock
from telehealth.core.errors import DomainError, Unavailable

logger = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

OUTLOOK_SECONDS = 20.0
"""Waits grow shorter by themselves; so often everybody is told anew without an event."""
FIRST_LOOK_SECONDS = 5.0
READ_AT_MOST = 500


@dataclass(frozen=True, slots=True)
class QueueLogRead:
    """The log has grown. `again`: it has grown by more than is handed on; whoever hears this loads anew."""

    events: tuple[LoggedQueueEvent, ...]
    again: bool = False


@dataclass(frozen=True, slots=True)
class QueueSeen:
    """What the area looks like now."""

    now: AreaNow


@dataclass(frozen=True, slots=True)
class DeviceRevoked:
    device_id: str


QueueNews = QueueLogRead | QueueSeen | DeviceRevoked
Post = Callable[[QueueNews], None]


class Host(Protocol):
    """What a feed needs of the process it lives in."""

    hints: Hints

    def spawn(self, work: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]": ...

    async def database(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T: ...

    def forget_area(self, feed: "AreaFeed") -> None: ...


class AreaFeed:
    """Reads new rows when a hint says so, and every `poll` seconds without one; looks at the area after that."""

    def __init__(self, process: Host, area_id: UUID, *, poll: float, settle: float) -> None:
        self.area_id = area_id
        self._process = process
        self._poll = poll
        self._settle = settle
        self._group = groups.queue_area(area_id)
        self._posts: dict[str, Post] = {}
        self._seq: int | None = None
        self._wanted = 0
        self._missed = False
        self._now: AreaNow | None = None
        self._looked = asyncio.Event()
        self._wake = asyncio.Event()
        self._stale = asyncio.Event()
        self._stop_listening = process.hints.listen(self._group, self._hear)
        self._tasks = [process.spawn(self._read_log()), process.spawn(self._keep_looking())]

    def add(self, socket_id: str, post: Post) -> None:
        self._posts[socket_id] = post

    def discard(self, socket_id: str) -> None:
        self._posts.pop(socket_id, None)
        if not self._posts:
            self._stop_listening()
            for task in self._tasks:
                task.cancel()
            self._process.forget_area(self)

    async def ready(self) -> None:
        """Wait (not for long) until hints of this area reach us. Only then may a snapshot be taken."""
        await self._process.hints.joined(self._group)

    async def outlook(self) -> AreaNow:
        """Return what the area looked like a moment ago, the same for everybody who comes; look when nobody has.

        Raises:
            Unavailable: `unavailable`.
        """
        if self._now is None:
            self._stale.set()
            try:
                async with asyncio.timeout(FIRST_LOOK_SECONDS):
                    await self._looked.wait()
            except TimeoutError:
                pass
        if self._now is None:
            raise Unavailable("unavailable", text_of("unavailable"))
        return self._now

    def begin_at(self, seq: int) -> None:
        """A socket has been brought up to `seq`: what follows is read from there on."""
        if self._seq is None:
            self._seq = seq
        self.hint(0)

    def hint(self, seq: int) -> None:
        """The log has grown to `seq`."""
        self._wanted = max(self._wanted, seq)
        if self._seq is not None and self._wanted > self._seq:
            self._wake.set()

    def _hear(self, payload: Payload) -> None:
        match payload:
            case {"seq": int(seq)}:
                self.hint(seq)
            case {"revoked": str(device_id)}:
                self._post_all(DeviceRevoked(device_id))
            case _ if payload == MISSED:
                self._missed = True
                self._wake.set()

    def _post_all(self, news: QueueNews) -> None:
        for post in list(self._posts.values()):
            post(news)

    async def _read_log(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._poll):
                    await self._wake.wait()
            hinted = self._wake.is_set() and not self._missed
            self._wake.clear()
            self._missed = False
            if self._seq is None or (hinted and self._wanted <= self._seq):
                continue
            events = await self._ask(
                queries.events_after, area_id=self.area_id, seq=self._seq, limit=READ_AT_MOST
            )
            if events:
                self._seq = events[-1].seq
                self._post_all(QueueLogRead(tuple(events), again=len(events) == READ_AT_MOST))
                self._stale.set()
                if len(events) == READ_AT_MOST:
                    self._wake.set()

    async def _keep_looking(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(OUTLOOK_SECONDS):
                    await self._stale.wait()
            # Many take numbers at once at seven in the morning; one look tells of all of them.
            if self._now is not None:
                await asyncio.sleep(self._settle)
            self._stale.clear()
            seen = await self._ask(look, self.area_id, now=clock.now())
            if seen is not None:
                self._now = seen
                self._looked.set()
                self._post_all(QueueSeen(seen))

    async def _ask(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T | None:
        try:
            return await self._process.database(function, *args, **kwargs)
        except DomainError:
            return None  # the next poll reads it
        except Exception as error:  # our bug: sockets stay, and the next poll may fare better
            logger.error("an area's queue could not be read: %s", describe(error))
            return None
