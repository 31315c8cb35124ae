"""A room's log read once for all sockets of a process."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any, ParamSpec, TypeVar, cast
from uuid import UUID

from signaling.effects import LogRead, News
from signaling.feeds import RoomFeed
from signaling.hints import Hints
from telehealth.consultations.room_events import LoggedEvent, SessionOpened

P = ParamSpec("P")
T = TypeVar("T")
AT = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)


class Shelf:
    """A host whose database has one more event whenever it is asked, once it may answer."""

    def __init__(self) -> None:
        self.id = "here"
        self.hints = Hints()
        self.asked: asyncio.Queue[int] = asyncio.Queue()
        self.answers = asyncio.Semaphore(0)
        self.tasks: set[asyncio.Task[Any]] = set()

    def spawn(self, work: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
        task = asyncio.create_task(work)
        self.tasks.add(task)
        return task

    async def database(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        after = cast(int, kwargs["seq"])
        self.asked.put_nowait(after)
        await self.answers.acquire()
        return cast(T, [LoggedEvent(seq=after + 1, at=AT, body=SessionOpened())])

    def forget_feed(self, feed: RoomFeed) -> None:
        self.tasks.clear()


async def test_log_is_read_once_however_often_an_event_is_hinted_at() -> None:
    shelf = Shelf()
    feed = RoomFeed(shelf, UUID(int=1), poll=3600)
    heard: asyncio.Queue[tuple[str, News]] = asyncio.Queue()
    feed.add("a", lambda news: heard.put_nowait(("a", news)))
    feed.add("b", lambda news: heard.put_nowait(("b", news)))
    feed.begin_at(1)

    feed.hint(2)
    assert await shelf.asked.get() == 1
    feed.hint(2)  # from the channel layer, while the read that the writer's own hint began is under way
    shelf.answers.release()
    second = LogRead((LoggedEvent(seq=2, at=AT, body=SessionOpened()),))
    assert [await heard.get(), await heard.get()] == [("a", second), ("b", second)]
    feed.hint(2)
    feed.hint(3)

    assert await shelf.asked.get() == 2
    shelf.answers.release()
    await heard.get()
    assert shelf.asked.empty()
    feed.discard("a")
    feed.discard("b")
