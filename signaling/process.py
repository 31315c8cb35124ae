"""What all sockets of one web process share."""

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, ParamSpec, Protocol, TypeVar
from uuid import UUID, uuid4

from asgiref.sync import sync_to_async
from django.db import InterfaceError, OperationalError, close_old_connections
from django.utils import translation

from signaling.effects import Draining, News, Stopping
from signaling.faults import describe
from signaling.feeds import RoomFeed
from signaling.hints import Hints
from signaling.media_rooms import MakeNodes, MediaRooms
from signaling.queue_feed import AreaFeed
from signaling.texts import text_of
from telehealth.core.errors import Unavailable

logger = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Timings:
    """Seconds. Tests shorten them; nothing else does."""

    tick: float = 1.0
    poll: float = 5.0
    grace: float = 3.0
    database: float = 3.0
    beat: float = 2.0
    node_grace: float = 1.5
    settle: float = 0.3


class OpenSocket(Protocol):
    def post(self, news: News) -> None: ...


class Process:
    """One per web process (and per test). Everything but `database`'s functions runs on one event loop."""

    THREADS = 8

    def __init__(self, make_nodes: MakeNodes, *, timings: Timings | None = None) -> None:
        self.id = uuid4().hex
        self.timings = timings or Timings()
        self.draining = False
        self._make_nodes = make_nodes
        self._started = False
        self._executor = ThreadPoolExecutor(self.THREADS, thread_name_prefix="signaling")
        self._feeds: dict[UUID, RoomFeed] = {}
        self._areas: dict[UUID, AreaFeed] = {}
        self._sockets: set[OpenSocket] = set()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._chance = random.SystemRandom()

    async def start(self) -> None:
        """Connect to the channel layer and the media nodes. Called again it does nothing."""
        if self._started:
            return
        self._started = True
        self.hints = Hints(beat_seconds=self.timings.beat)
        self.hints.start()
        self.media = MediaRooms(self._make_nodes, spawn=self.spawn, node_grace=self.timings.node_grace)
        await self.media.start()

    async def close(self) -> None:
        """Stop everything that runs here."""
        if self._started:
            await self.hints.close()
            await self.media.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        # What a thread has begun it finishes, and for that it may need this loop: a commit is followed by a hint.
        ended = asyncio.to_thread(self._executor.shutdown, wait=True, cancel_futures=True)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.timings.database):
                await ended

    async def media_is_ready(self) -> bool:
        """Say whether a media node can be asked."""
        return self._started and bool(self.media.nodes.up())

    # --- sockets -----------------------------------------------------------------------------------------------

    def add(self, socket: OpenSocket) -> None:
        self._sockets.add(socket)

    def discard(self, socket: OpenSocket) -> None:
        self._sockets.discard(socket)

    def tell_all(self, news: News) -> None:
        for socket in list(self._sockets):
            socket.post(news)

    async def drain(self, *, slices: int = 10, seconds: float = 4.0) -> None:
        """Send every client elsewhere: say so, then close in slices, so that they do not all come back at once."""
        self.draining = True
        for socket in list(self._sockets):
            socket.post(Draining(retry_after_ms=self.chance_ms(5000)))
        waiting = list(self._sockets)
        self._chance.shuffle(waiting)
        for number in range(slices):
            for socket in waiting[number::slices]:
                socket.post(Stopping())
            if not self._sockets:
                return
            await asyncio.sleep(seconds / slices)

    def chance_ms(self, most: int, least: int = 0) -> int:
        """Return a random time; what many clients do after one event must not happen at once."""
        return self._chance.randint(least, most)

    def chance_share(self) -> float:
        """Return a random share of a period, 0 to 1, for what many clients do again and again."""
        return self._chance.random()

    # --- rooms -------------------------------------------------------------------------------------------------

    def feed(self, session_id: UUID) -> RoomFeed:
        """Return the room's feed, made when there is none."""
        feed = self._feeds.get(session_id)
        if feed is None:
            feed = self._feeds[session_id] = RoomFeed(self, session_id, poll=self.timings.poll)
        return feed

    def forget_feed(self, feed: RoomFeed) -> None:
        if self._feeds.get(feed.session_id) is feed:
            del self._feeds[feed.session_id]

    # --- queues ------------------------------------------------------------------------------------------------

    def area(self, area_id: UUID) -> AreaFeed:
        """Return the feed of an area's queue, made when there is none."""
        feed = self._areas.get(area_id)
        if feed is None:
            timings = self.timings
            feed = self._areas[area_id] = AreaFeed(self, area_id, poll=timings.poll, settle=timings.settle)
        return feed

    def forget_area(self, feed: AreaFeed) -> None:
        if self._areas.get(feed.area_id) is feed:
            del self._areas[feed.area_id]

    # --- work --------------------------------------------------------------------------------------------------

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run something beside the sockets; whatever it raises is logged."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("a task of signaling failed: %s", describe(error))

    async def database(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a function in one of the database threads, at most a few seconds.

        Raises:
            Unavailable: `unavailable`, when the database cannot be reached or does not answer. What was asked may have
                happened or not; commands carry a key, so asking again is safe.
        """
        return await self.database_in(translation.get_language() or "vi", partial(function, *args, **kwargs))

    async def database_in(self, language: str, job: Callable[[], T]) -> T:
        """As `database`, with the sentences of errors in a language."""

        def run() -> T:
            with translation.override(language):
                close_old_connections()
                try:
                    return job()
                except (OperationalError, InterfaceError) as error:
                    logger.warning("database unavailable: %s", type(error).__name__)
                    raise Unavailable("unavailable", text_of("unavailable")) from error
                finally:
                    # Here, not around the call as Channels does: outside its context the connection is not seen.
                    close_old_connections()

        try:
            async with asyncio.timeout(self.timings.database):
                ask = sync_to_async(run, thread_sensitive=False, executor=self._executor)
                result: T = await ask()
                return result
        except TimeoutError as error:
            logger.warning("database does not answer")
            with translation.override(language):
                raise Unavailable("unavailable", text_of("unavailable")) from error

    @staticmethod
    def clock() -> float:
        """Return the seconds of the steady clock."""
        return time.monotonic()
