"""One WebSocket: an inbox, a loop that owns all its state, a bounded outbox with a writer.

This is a plain ASGI application and not Channels' consumer base, for three reasons: that base cannot open a socket while the
channel layer is down, it hands a consumer one message at a time (a handler that waits for the database would stop the
heartbeat), and it goes through one thread of the process for every message.
"""

import asyncio
import contextlib
import logging
from abc import ABC, abstractmethod
from collections.abc import Coroutine
from typing import Any, ClassVar

from pydantic import BaseModel

from signaling.effects import News
from signaling.faults import describe
from signaling.origin import Application, Receive, Scope, SendEvent
from signaling.outbox import Outbox
from signaling.people import Badge, read_badge
from signaling.process import Process
from signaling.protocol.closing import CloseCode
from telehealth.core.ids import uuid7

logger = logging.getLogger(__name__)


FLUSH_SECONDS = 2.0


class Gone:
    """In the inbox: the client has closed, or its line broke."""


class Wake:
    """In the inbox: look at `closing`."""


class Socket(ABC):
    """Base of the consumers. `heard` is called for every item of the inbox, one after the other, and must not wait."""

    outbox_type: ClassVar[type[Outbox]] = Outbox

    def __init__(self, process: Process, scope: Scope, receive: Receive, send: SendEvent) -> None:
        self.process = process
        self.id = uuid7().hex  # grows with time: of two sockets of one person the newer one stays
        self.badge: Badge = read_badge(scope)
        self.closing: CloseCode | None = None
        self._receive = receive
        self._send = send
        self._inbox: asyncio.Queue[object] = asyncio.Queue()
        self._outbox = self.outbox_type()
        self._writable = asyncio.Event()
        self._tasks: set[asyncio.Task[Any]] = set()

    @classmethod
    def as_asgi(cls, process: Process) -> Application:
        async def application(scope: Scope, receive: Receive, send: SendEvent) -> None:
            await process.start()
            await cls(process, scope, receive, send).run()

        return application

    # --- for subclasses ----------------------------------------------------------------------------------------

    @abstractmethod
    def opened(self) -> None:
        """The socket has been accepted."""

    @abstractmethod
    def heard_text(self, text: str | None) -> None:
        """The client has sent a message; None when it was binary."""

    @abstractmethod
    def heard_news(self, news: News) -> None:
        """Something was posted."""

    @abstractmethod
    def gone(self) -> None:
        """The socket is closed, by whichever side."""

    def post(self, news: News) -> None:
        """Put news into the inbox."""
        self._inbox.put_nowait(news)

    def say(self, message: BaseModel, *, coalesce: str | None = None) -> None:
        """Send a message; close when the client reads too slowly."""
        if self.closing is None and not self._outbox.put(message.model_dump_json(), coalesce=coalesce):
            logger.info("a client reads too slowly; it is closed and will resume")
            self._outbox = self.outbox_type()
            self.close(CloseCode.TRY_AGAIN_LATER)
        self._writable.set()

    def close(self, code: CloseCode) -> None:
        """Close after what was said before."""
        if self.closing is None:
            self.closing = code
            self._inbox.put_nowait(Wake())

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run something that ends with this socket."""
        task = self.process.spawn(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    # --- the loop ----------------------------------------------------------------------------------------------

    async def run(self) -> None:
        await self._receive()  # websocket.connect
        await self._send({"type": "websocket.accept"})
        self.process.add(self)
        self.spawn(self._read())
        writer = self.spawn(self._write())
        # Whatever stops the writer, a socket that cannot speak must not stay.
        writer.add_done_callback(lambda _done: self.close(CloseCode.TRY_AGAIN_LATER))
        connected = True
        if self.process.draining:
            self.close(CloseCode.SERVICE_RESTART)
        try:
            self.opened()
            while self.closing is None:
                item = await self._inbox.get()
                if isinstance(item, Gone):
                    connected = False
                    break
                self._take(item)
            if connected:
                await self._flush(writer)
        finally:
            self.process.discard(self)
            self.gone()
            for task in list(self._tasks):
                task.cancel()

    def _take(self, item: object) -> None:
        try:
            if isinstance(item, Wake):
                return
            if item is None or isinstance(item, str):
                self.heard_text(item)
            else:
                self.heard_news(item)  # type: ignore[arg-type]  # only News is posted
        except Exception as error:  # our bug: let the client come back and resume
            logger.error("a socket failed: %s", describe(error))
            self.close(CloseCode.TRY_AGAIN_LATER)

    async def _read(self) -> None:
        while True:
            event = await self._receive()
            if event["type"] == "websocket.receive":
                self._inbox.put_nowait(event.get("text"))
            elif event["type"] == "websocket.disconnect":
                self._inbox.put_nowait(Gone())
                return

    async def _write(self) -> None:
        while True:
            await self._writable.wait()
            self._writable.clear()
            while (text := self._outbox.take()) is not None:
                await self._send({"type": "websocket.send", "text": text})
            if self.closing is not None:
                return

    async def _flush(self, writer: "asyncio.Task[Any]") -> None:
        self._writable.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FLUSH_SECONDS):
                await asyncio.wait([writer])
        writer.cancel()
        await self._send({"type": "websocket.close", "code": int(self.closing or CloseCode.NORMAL)})
