"""A person's socket to a room: sends commands, keeps every message, checks that the log has no gap."""

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from types import TracebackType
from typing import Self, TypeVar
from urllib.parse import urlunsplit
from uuid import UUID, uuid4

from django.utils.translation import gettext as _
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from signaling.protocol import messages as wire
from telehealth.consultations import room_events as events
from telehealth.selftest.report import Trouble
from telehealth.selftest.visitor import Visitor, unreachable

M = TypeVar("M", bound=wire.Message)
E = TypeVar("E", bound=events.EventModel)
T = TypeVar("T")

OPEN_SECONDS = 8.0
ANSWER_SECONDS = 5.0
PING_SECONDS = 5.0
MAX_BYTES = 4 * 1024 * 1024


class RoomSocket:
    """One socket; use as an async context manager, then `hello`.

    Raises (all methods): Trouble: `room.*`.
    """

    def __init__(self, visitor: Visitor, path: str) -> None:
        self._visitor = visitor
        self._path = path
        self._socket: ClientConnection | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._changed = asyncio.Event()
        self._closed: ConnectionClosed | None = None
        self._gap = ""
        self.messages: list[wire.ServerMessage] = []
        self.events: list[events.LoggedEvent] = []
        self.participant_id = UUID(int=0)
        self.seq = 0

    async def __aenter__(self) -> Self:
        address = self._visitor.address
        past_proxy = address.at.netloc != address.public.netloc
        secure = address.at.scheme == "https"
        uri = urlunsplit(("wss" if secure else "ws", address.public.netloc, self._path, "", ""))
        headers = {"Cookie": self._visitor.cookie_header}
        if past_proxy:
            headers["X-Forwarded-Proto"] = address.public.scheme
        try:
            self._socket = await connect(
                uri,
                host=address.at.hostname,
                port=address.at.port or (443 if secure else 80),
                ssl=ssl.create_default_context() if secure else None,
                origin=address.origin,  # type: ignore[arg-type]
                additional_headers=headers,
                proxy=None,
                open_timeout=OPEN_SECONDS,
                max_size=MAX_BYTES,
                compression=None,
            )
        except InvalidStatus as error:
            raise _refused(self._path, error.response.status_code) from error
        except (OSError, TimeoutError, WebSocketException) as error:
            raise unreachable(address.url, error) from error
        self._tasks = [asyncio.create_task(self._read(self._socket)), asyncio.create_task(self._ping())]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._socket is not None:
            with contextlib.suppress(WebSocketException, OSError, TimeoutError):
                async with asyncio.timeout(2):
                    await self._socket.close()

    async def hello(self) -> wire.Welcome:
        """Say hello and return the welcome."""
        await self.send(wire.Hello())
        welcome = await self.message(wire.Welcome)
        self.participant_id = welcome.participant_id
        return welcome

    async def send(self, message: wire.Message) -> None:
        """Send one message."""
        assert self._socket is not None
        try:
            await self._socket.send(message.model_dump_json())
        except ConnectionClosed as closed:
            raise _lost(closed) from closed

    async def command(self, action: wire.Action) -> int:
        """Have something done; return the room's sequence after it."""
        key = uuid4()
        await self.send(wire.Command(key=key, action=action))

        def find() -> wire.Ack | wire.Refused | None:
            return next(
                (m for m in self.messages if isinstance(m, wire.Ack | wire.Refused) and m.key == key), None
            )

        answer: wire.Ack | wire.Refused = await self._wait(find, action.do)
        if isinstance(answer, wire.Refused):
            raise Trouble(answer.code, answer.text, _("Xem log của web."))
        return answer.seq

    async def message(
        self, kind: type[M], fits: Callable[[M], bool] = lambda m: True, seconds: float = ANSWER_SECONDS
    ) -> M:
        """Wait for a message; one that came before counts."""

        def find() -> M | None:
            return next((m for m in self.messages if isinstance(m, kind) and fits(m)), None)

        return await self._wait(find, kind.__name__, seconds)

    async def event(
        self, kind: type[E], fits: Callable[[E], bool] = lambda e: True, seconds: float = ANSWER_SECONDS
    ) -> E:
        """Wait for something to happen in the room; what happened since `hello` counts."""

        def find() -> E | None:
            return next((e.body for e in self.events if isinstance(e.body, kind) and fits(e.body)), None)

        return await self._wait(find, kind.__name__, seconds)

    async def offer(self, connection_id: UUID) -> wire.MediaOffer | wire.MediaLost | wire.Problem:
        """Ask for a media connection and return the answer, be it an offer or not."""
        seen = len(self.messages)
        await self.send(wire.MediaJoin(connection_id=connection_id))

        def find() -> wire.MediaOffer | wire.MediaLost | wire.Problem | None:
            answers = (wire.MediaOffer, wire.MediaLost, wire.Problem)
            return next((m for m in self.messages[seen:] if isinstance(m, answers)), None)

        return await self._wait(find, "MediaOffer", OPEN_SECONDS)

    async def _wait(self, find: Callable[[], T | None], what: str, seconds: float = ANSWER_SECONDS) -> T:
        try:
            async with asyncio.timeout(seconds):
                while (found := find()) is None:
                    if self._gap:
                        cure = _("Báo lỗi này cho người phát triển kèm log của web.")
                        raise Trouble("room.gap", self._gap, cure)
                    if self._closed is not None:
                        raise _lost(self._closed)
                    self._changed.clear()
                    await self._changed.wait()
                return found
        except TimeoutError:
            raise Trouble(
                "room.silent",
                _("Máy chủ không báo %(what)s trong %(n)g giây.") % {"what": what, "n": seconds},
                _("Xem log của web và worker; kiểm tra Valkey (REDIS_URL) có chạy không."),
            ) from None

    async def _read(self, socket: ClientConnection) -> None:
        try:
            async for text in socket:
                self._take(wire.SERVER_MESSAGE.validate_json(text))
                self._changed.set()
            self._closed = ConnectionClosed(socket.protocol.close_rcvd, socket.protocol.close_sent)
        except ConnectionClosed as closed:
            self._closed = closed
        finally:
            self._changed.set()

    def _take(self, message: wire.ServerMessage) -> None:
        self.messages.append(message)
        match message:
            case wire.Welcome(snapshot=snapshot, events=logged):
                if snapshot is not None:
                    self.seq = snapshot.seq
                self._log(logged)
            case wire.Events(events=logged):
                self._log(logged)

    def _log(self, logged: tuple[events.LoggedEvent, ...]) -> None:
        for event in logged:
            if event.seq != self.seq + 1:
                self._gap = _("Sự kiện %(got)s đến sau sự kiện %(last)s: có sự kiện mất hoặc lặp.") % {
                    "got": event.seq, "last": self.seq,
                }  # fmt: skip
            self.seq = event.seq
            self.events.append(event)

    async def _ping(self) -> None:
        n = 0
        with contextlib.suppress(Trouble):
            while True:
                await asyncio.sleep(PING_SECONDS)
                n += 1
                await self.send(wire.Ping(n=n))


def _refused(path: str, status: int) -> Trouble:
    cure = (
        _("Thêm địa chỉ này (cả giao thức và cổng) vào ALLOWED_ORIGINS.")
        if status == 403
        else _("Máy chủ trung gian (proxy) phải chuyển tiếp WebSocket (Upgrade) cho /ws/.")
    )
    text = _("WebSocket %(path)s bị từ chối: HTTP %(status)s.") % {"path": path, "status": status}
    return Trouble("room.refused", text, cure)


def _lost(closed: ConnectionClosed) -> Trouble:
    code = closed.rcvd.code if closed.rcvd else 1006
    return Trouble(
        "room.closed",
        _("WebSocket của phòng bị đóng giữa chừng (mã %(code)s).") % {"code": code},
        _("Xem log của web; máy chủ trung gian (proxy) không được ngắt kết nối dưới 60 giây im lặng."),
    )
