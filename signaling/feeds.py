"""The log of one room, read once a process and handed to all its sockets there."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, Protocol, TypeVar
from uuid import UUID

from signaling import groups
from signaling.effects import KeyHeard, LineTold, LogRead, News, QualityHeard, SocketOpened, StillTold
from signaling.faults import describe
from signaling.hints import MISSED, Hints, Payload
from signaling.protocol.messages import MediaLine, Quality, StillReady
from telehealth.consultations.domain import rooms
from telehealth.core.errors import DomainError

logger = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")
Post = Callable[[News], None]


class Host(Protocol):
    """What a feed needs of the process it lives in."""

    id: str
    hints: Hints

    def spawn(self, work: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]": ...

    async def database(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T: ...

    def forget_feed(self, feed: "RoomFeed") -> None: ...


class RoomFeed:
    """Reads new rows when a hint says so, and every `poll` seconds without one."""

    def __init__(self, process: Host, session_id: UUID, *, poll: float) -> None:
        self.session_id = session_id
        self._process = process
        self._poll = poll
        self._group = groups.room(session_id)
        self._posts: dict[str, Post] = {}
        self._seq: int | None = None
        self._wanted = 0
        self._missed = False
        self._wake = asyncio.Event()
        self._stop_listening = process.hints.listen(self._group, self._hear)
        self._task = process.spawn(self._run())

    def add(self, socket_id: str, post: Post) -> None:
        self._posts[socket_id] = post

    def discard(self, socket_id: str) -> None:
        self._posts.pop(socket_id, None)
        if not self._posts:
            self._stop_listening()
            self._task.cancel()
            self._process.forget_feed(self)

    async def ready(self) -> None:
        """Wait (not for long) until hints of this room reach us. Only then may a snapshot be taken."""
        await self._process.hints.joined(self._group)

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

    def tell_opened(self, participant_id: UUID, socket_id: str) -> None:
        self._post_all(SocketOpened(participant_id, socket_id))
        self._send({"opened": str(participant_id), "socket": socket_id})

    def tell_quality(self, participant_id: UUID, quality: Quality) -> None:
        self._post_all(QualityHeard(participant_id, quality))
        self._send({"participant": str(participant_id), "quality": quality})

    def tell_key(self, key: KeyHeard) -> None:
        self._post_all(key)
        to = str(key.to) if key.to else ""
        self._send(
            {
                "key_of": str(key.participant_id),
                "public_key": key.public_key,
                "to": to,
                "wrapped": key.wrapped,
            }
        )

    def tell_line(self, line: MediaLine) -> None:
        self._post_all(LineTold(line))
        self._send({"line": line.model_dump(mode="json")})

    def _send(self, payload: Payload) -> None:
        payload["from"] = self._process.id
        self._process.spawn(self._process.hints.send(self._group, payload))

    def _hear(self, payload: Payload) -> None:
        match payload:
            case {"seq": int(seq)}:
                self.hint(seq)
            case {"from": self._process.id}:
                pass  # told here directly
            case {"opened": str(who), "socket": str(socket_id)}:
                self._post_all(SocketOpened(UUID(who), socket_id))
            case {"participant": str(who), "quality": "good" | "weak" | "poor" as quality}:
                self._post_all(QualityHeard(UUID(who), quality))
            case {"key_of": str(who), "public_key": str(key), "to": str(to), "wrapped": str(wrapped)}:
                self._post_all(KeyHeard(UUID(who), key, UUID(to) if to else None, wrapped))
            case {"line": dict(line)}:
                self._post_all(LineTold(MediaLine.model_validate(line)))
            case {"still": dict(still)}:
                self._post_all(StillTold(StillReady.model_validate(still)))
            case _ if payload == MISSED:
                self._missed = True
                self._wake.set()

    def _post_all(self, news: News) -> None:
        for post in list(self._posts.values()):
            post(news)

    async def _run(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._poll):
                    await self._wake.wait()
            hinted = self._wake.is_set() and not self._missed
            self._wake.clear()
            self._missed = False
            if self._seq is None or (hinted and self._wanted <= self._seq):
                continue  # told once more, by the layer or by who wrote it, of what the last read has brought
            await self._read(self._seq)

    async def _read(self, after: int) -> None:
        try:
            events = await self._process.database(rooms.events_after, session_id=self.session_id, seq=after)
        except DomainError:
            return  # the next poll reads it
        except Exception as error:  # our bug: sockets stay, and the next poll may fare better
            logger.error("the log of a room could not be read: %s", describe(error))
            return
        if events:
            self._seq = events[-1].seq
            self._post_all(LogRead(tuple(events)))
