"""The queue's WebSocket: boards, kiosks, those who call, and holders of tickets. It listens, and passes actions on."""

import asyncio
import logging
from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from django.utils import translation
from pydantic import ValidationError

from signaling import effects as fx
from signaling import groups
from signaling.effects import News
from signaling.faults import describe
from signaling.hints import MISSED, Payload
from signaling.limits import TokenBucket
from signaling.origin import Receive, Scope, SendEvent
from signaling.people import Denied, read_cookies
from signaling.process import Process
from signaling.protocol import messages as room_wire
from signaling.protocol import queues as wire
from signaling.protocol.closing import CloseCode
from signaling.queue_feed import AreaFeed, DeviceRevoked, QueueLogRead, QueueNews, QueueSeen
from signaling.queue_truth import AreaNow, Loaded, Visitor, load, perform, place_now, visitor_of
from signaling.session import ACCESS_SECONDS
from signaling.sockets import Socket
from signaling.texts import text_of
from telehealth.core import clock
from telehealth.core.errors import DomainError, NotFound

logger = logging.getLogger(__name__)

T = TypeVar("T")

HELLO_SECONDS = 10.0
DEVICE_COOKIES = {"display": "queue_display", "kiosk": "queue_kiosk"}
"""Where a board or kiosk keeps its key; set by `telehealth.web.views.queues`."""


class QueueConsumer(Socket):
    """One board, kiosk, staff page or telephone."""

    def __init__(self, process: Process, scope: Scope, receive: Receive, send: SendEvent) -> None:
        super().__init__(process, scope, receive, send)
        where = scope["url_route"]["kwargs"]
        self._audience: wire.Audience = where["audience"]
        self._area_id: UUID | None = where.get("area_id")
        self._token: str = where.get("token", "")
        self._device_key = read_cookies(scope).get(DEVICE_COOKIES.get(self._audience, ""), "")
        self._origin = next((v.decode("latin1") for n, v in scope.get("headers", ()) if n == b"origin"), "")
        now = process.clock()
        self._messages = TokenBucket(60, seconds=10, now=now)
        self._hellos = TokenBucket(5, seconds=10, now=now)
        self._actions = TokenBucket(20, seconds=10, now=now)
        self._visitor: Visitor | None = None
        self._feed: AreaFeed | None = None
        self._loading = False
        self._ready = False
        self._seq = 0
        self._seen: AreaNow | None = None
        self._place: wire.Place | None = None
        self._work: asyncio.Queue[wire.Do] = asyncio.Queue()
        self._stop_listening: Callable[[], None] = lambda: None

    # --- the loop's side: nothing here waits -------------------------------------------------------------------

    def opened(self) -> None:
        self.spawn(self._expect_hello())
        self.spawn(self._keep_access())
        self.spawn(self._do_actions())

    def heard_text(self, text: str | None) -> None:
        now = self.process.clock()
        if text is None or not self._messages.take(now):
            self.close(CloseCode.POLICY)
            return
        if len(text.encode()) > wire.MAX_QUEUE_MESSAGE_BYTES:
            self.close(CloseCode.TOO_BIG)
            return
        try:
            message = wire.QUEUE_CLIENT_MESSAGE.validate_json(text)
        except ValidationError:
            if self._visitor is None:
                self.close(CloseCode.HELLO_FIRST)
            else:
                self._complain("bad_message")
            return
        match message:
            case wire.QueueHello():
                self._greet(message, now)
            case room_wire.Ping(n=n):
                self.say(room_wire.Pong(n=n))
            case wire.Do(key=key):
                if not self._ready:
                    self._refuse(key, "not_ready", retry=True)
                elif not self._actions.take(now):
                    self._refuse(key, "limit.commands", retry=True)
                else:
                    self._work.put_nowait(message)

    def heard_news(self, news: News | QueueNews) -> None:
        match news:
            case QueueLogRead(events=events, again=again) if self._ready and self._audience != "ticket":
                if again or (events and events[0].seq > self._seq + 1):
                    self._load(None, "")
                    return
                fresh = tuple(event for event in events if event.seq > self._seq)
                if fresh:
                    self._seq = fresh[-1].seq
                    self.say(wire.QueueEvents(events=fresh))
            case QueueSeen(now=seen) if self._ready:
                self._show(seen)
            case DeviceRevoked(device_id=device_id):
                if self._visitor is not None and str(self._visitor.device_id) == device_id:
                    self.close(CloseCode.NOT_FOUND)
            case fx.AccessLost(code=code):
                self.close(code)
            case fx.Draining(retry_after_ms=retry_after_ms):
                self.say(room_wire.Draining(retry_after_ms=retry_after_ms))
            case fx.Stopping():
                self.close(CloseCode.SERVICE_RESTART)
            case _:
                pass

    def gone(self) -> None:
        self._stop_listening()
        if self._feed is not None:
            self._feed.discard(self.id)

    def _greet(self, hello: wire.QueueHello, now: float) -> None:
        if not self._hellos.take(now):
            self._complain("limit.hello", retry=True)
        elif hello.protocol != wire.QUEUE_PROTOCOL_VERSION:
            self._complain("wrong_version")
            self.close(CloseCode.POLICY)
        else:
            self._load(hello.last_seq, hello.day)

    def _load(self, last_seq: int | None, day: str) -> None:
        if not self._loading:
            self._loading = True
            self.spawn(self._welcome(last_seq, day))

    def _show(self, seen: AreaNow) -> None:
        before, self._seen = self._seen, seen
        if before is not None and (before.day != seen.day or before.area != seen.area):
            self._load(None, "")  # a new day begins, or the rooms are others: everything anew
            return
        match self._audience:
            case "ticket":
                self._show_place(seen)
            case "staff":
                self.say(seen.staff, coalesce="forecast")
            case _:
                self.say(seen.board, coalesce="forecast")

    def _show_place(self, seen: AreaNow) -> None:
        ticket = self._visitor.ticket if self._visitor else None
        place = seen.places.get(ticket.id) if ticket else None
        if place is None:
            self.spawn(self._look_for_place())  # it is done, cancelled, or goes on somewhere else
        elif place != self._place:
            self._place = place
            self.say(place, coalesce="place")

    def _refuse(self, key: UUID, code: str, *, retry: bool = False) -> None:
        with translation.override(self.badge.language):
            self.say(room_wire.Refused(key=key, code=code, text=text_of(code), retry=retry))

    def _complain(self, code: str, *, retry: bool = False) -> None:
        with translation.override(self.badge.language):
            self.say(room_wire.Problem(code=code, text=text_of(code), retry=retry))

    def _put(self, news: QueueNews) -> None:
        self._inbox.put_nowait(news)

    # --- work that waits ---------------------------------------------------------------------------------------

    async def _expect_hello(self) -> None:
        await asyncio.sleep(HELLO_SECONDS)
        if self._visitor is None and not self._loading:
            self.close(CloseCode.HELLO_FIRST)

    async def _welcome(self, last_seq: int | None, day: str) -> None:
        try:
            visitor = await self._ask(self._find_visitor)
            self._listen(visitor)
            feed = self._watch(visitor.area_id)
            await feed.ready()
            seen = await feed.outlook()
            loaded = await self._ask(lambda: load(visitor, last_seq=last_seq, day=day, now=clock.now()))
        except Denied as denied:
            self.post(fx.AccessLost(denied.code))
        except DomainError:
            self.post(fx.AccessLost(CloseCode.TRY_AGAIN_LATER))
        except Exception as error:  # our bug: let the client come back
            logger.error("a queue could not be loaded: %s", describe(error))
            self.post(fx.AccessLost(CloseCode.TRY_AGAIN_LATER))
        else:
            self._say_welcome(visitor, seen, loaded)
            feed.begin_at(loaded.seq)
        finally:
            self._loading = False

    def _say_welcome(self, visitor: Visitor, seen: AreaNow, loaded: Loaded) -> None:
        self._seen, self._seq = seen, loaded.seq
        self.say(
            wire.QueueWelcome(
                audience=self._audience,
                day=loaded.day,
                seq=loaded.seq,
                now=clock.now(),
                area=seen.area,
                permissions=visitor.permissions,
                elsewhere=loaded.elsewhere,
                snapshot=loaded.snapshot,
                events=loaded.missed,
            )
        )
        self._place = None
        self._ready = True
        self._show(seen)

    async def _look_for_place(self) -> None:
        try:
            area_id, ticket_id, place = await self._ask(lambda: place_now(self._token, now=clock.now()))
        except NotFound:
            self.post(fx.AccessLost(CloseCode.NOT_FOUND))
            return
        except DomainError:
            return  # the next look finds it
        visitor = self._visitor
        if visitor and visitor.ticket and visitor.ticket.id != ticket_id:
            self._load(None, "")  # the number has become another: watch its area from now on
            return
        if place != self._place:
            self._place = place
            self.say(place, coalesce="place")
        if area_id != (visitor.area_id if visitor else None):
            self._load(None, "")

    async def _do_actions(self) -> None:
        while True:
            await self._do(await self._work.get())

    async def _do(self, message: wire.Do) -> None:
        key = message.key
        try:
            done = await self._ask(lambda: self._perform(message))
        except Denied as denied:
            self.post(fx.AccessLost(denied.code))
        except DomainError as error:
            with translation.override(self.badge.language):
                self.say(room_wire.Refused(key=key, code=error.code, text=error.text, retry=error.retry))
        except Exception as error:  # our bug: the client learns that nothing is known
            logger.error("an action on a queue failed: %s", describe(error))
            self._refuse(key, "internal", retry=True)
        else:
            self.say(done)
            if self._feed is not None:
                self._feed.hint(done.seq)

    def _perform(self, message: wire.Do) -> wire.Done:
        # Who acts is looked up each time: a role may have been taken away since.
        visitor = self._find_visitor()
        return perform(visitor, key=message.key, action=message.action, origin=self._origin, now=clock.now())

    async def _keep_access(self) -> None:
        await asyncio.sleep(ACCESS_SECONDS * self.process.chance_share())
        while True:
            await self._check_access()
            await asyncio.sleep(ACCESS_SECONDS)

    async def _check_access(self) -> None:
        if self._visitor is None:
            return
        try:
            await self._ask(self._find_visitor)
        except Denied as denied:
            self.post(fx.AccessLost(denied.code))
        except DomainError:
            return  # the database is away: nobody is put out for that

    # --- helpers -----------------------------------------------------------------------------------------------

    def _find_visitor(self) -> Visitor:
        return visitor_of(
            self._audience,
            badge=self.badge,
            device_key=self._device_key,
            area_id=self._area_id,
            token=self._token,
            now=clock.now(),
        )

    def _listen(self, visitor: Visitor) -> None:
        first, self._visitor = self._visitor is None, visitor
        if first and visitor.hat is not None:
            self._stop_listening = self.process.hints.listen(
                groups.access_of(visitor.hat.user.pk), self._access_told
            )

    def _access_told(self, payload: Payload) -> None:
        if payload != MISSED and payload.get("session") == self.badge.session_key:
            self.post(fx.AccessLost(CloseCode.SIGNED_OUT))
        elif payload == MISSED or payload.get("session") == "":
            self.spawn(self._check_access())

    def _watch(self, area_id: UUID) -> AreaFeed:
        feed = self.process.area(area_id)
        if feed is not self._feed:
            if self._feed is not None:
                self._feed.discard(self.id)
            self._feed = feed
            feed.add(self.id, self._put)
        return feed

    async def _ask(self, job: Callable[[], T]) -> T:
        return await self.process.database_in(self.badge.language, job)
