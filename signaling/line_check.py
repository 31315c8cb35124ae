"""The line check's WebSocket: answers pulses, and connects a person to the relay in a room of their own that echoes."""

import logging
import time
from collections.abc import Callable, Coroutine
from typing import Any
from uuid import UUID

from django.conf import settings
from pydantic import ValidationError

from media.client import MediaError
from media.grants import Grant, sign_grant
from signaling import effects as fx
from signaling import groups
from signaling.effects import News
from signaling.hints import MISSED, Payload
from signaling.limits import TokenBucket
from signaling.origin import Receive, Scope, SendEvent
from signaling.people import Denied, user_of
from signaling.process import Process
from signaling.protocol import line_check as told
from signaling.protocol import messages as wire
from signaling.protocol.closing import CloseCode
from signaling.sockets import Socket
from telehealth.core.errors import DomainError

logger = logging.getLogger(__name__)

CHECK_SECONDS = 120
"""A check is over long before; whoever forgets to leave is put out by the relay then."""


class LineCheckConsumer(Socket):
    """One page that checks its line. Any signed-in person; it sees nothing of anybody else."""

    def __init__(self, process: Process, scope: Scope, receive: Receive, send: SendEvent) -> None:
        super().__init__(process, scope, receive, send)
        now = process.clock()
        self._messages = TokenBucket(200, seconds=10, now=now)
        self._joins = TokenBucket(12, seconds=60, now=now)
        self._stop_listening: Callable[[], None] | None = None
        self._echo: tuple[UUID, str] | None = None  # the connection and its node

    def opened(self) -> None:
        self.spawn(self._let_in())

    def heard_text(self, text: str | None) -> None:
        now = self.process.clock()
        if text is None or not self._messages.take(now):
            self.close(CloseCode.POLICY)
            return
        if len(text) > told.MAX_LINE_CHECK_BYTES:
            self.close(CloseCode.TOO_BIG)
            return
        try:
            message = told.LINE_CHECK_CLIENT_MESSAGE.validate_json(text)
        except ValidationError:
            self.close(CloseCode.POLICY)
            return
        if self._stop_listening is None:
            return  # the client waits for `ready`
        match message:
            case wire.Ping(n=n):
                self.say(wire.Pong(n=n))
            case told.EchoJoin(connection_id=connection_id):
                if self._joins.take(now):
                    self._join(connection_id)
                else:
                    self.say(told.EchoLost(connection_id=connection_id, code="too_often"))
            case told.EchoAnswer(connection_id=connection_id, sdp=sdp):
                if self._echo is not None and self._is_mine(connection_id):
                    self.spawn(self._answer(connection_id, self._echo[1], sdp))
            case told.EchoLeave(connection_id=connection_id):
                if self._is_mine(connection_id):
                    self._leave()

    def heard_news(self, news: News) -> None:
        match news:
            case fx.AccessLost(code=code):
                self.close(code)
            case fx.Stopping():
                self.close(CloseCode.SERVICE_RESTART)
            case fx.MediaUp(connection_id=connection_id) if self._is_mine(connection_id):
                self.say(told.EchoUp(connection_id=connection_id))
            case fx.MediaOver(connection_id=connection_id, reason=reason) if self._is_mine(connection_id):
                self._echo = None
                self.say(told.EchoLost(connection_id=connection_id, code=reason))
            case _:
                pass

    def gone(self) -> None:
        self._leave()
        if self._stop_listening is not None:
            self._stop_listening()

    async def _let_in(self) -> None:
        try:
            user, _hat = await self.process.database_in(self.badge.language, lambda: user_of(self.badge))
        except Denied as denied:
            self.post(fx.AccessLost(denied.code))
        except DomainError:
            # Not known yet: begin again. Known before: what could not be looked up now is looked up when told again.
            if self._stop_listening is None:
                self.post(fx.AccessLost(CloseCode.TRY_AGAIN_LATER))
        else:
            if self._stop_listening is None:
                self._stop_listening = self.process.hints.listen(groups.access_of(user.pk), self._access_told)
                self.say(told.Ready())

    def _access_told(self, payload: Payload) -> None:
        if payload != MISSED and payload.get("session") == self.badge.session_key:
            self.post(fx.AccessLost(CloseCode.SIGNED_OUT))
        elif payload == MISSED or payload.get("session") == "":
            self.spawn(self._let_in())

    def _is_mine(self, connection_id: UUID) -> bool:
        return self._echo is not None and self._echo[0] == connection_id

    def _join(self, connection_id: UUID) -> None:
        self._leave()
        node = self.process.media.choose()
        if node is None:
            self.say(told.EchoLost(connection_id=connection_id, code="unavailable"))
            return
        self._echo = (connection_id, node)
        self.process.media.own(connection_id, self.post)
        self.spawn(self._offer(connection_id, node))

    async def _offer(self, connection_id: UUID, node: str) -> None:
        try:
            sdp = await self.process.media.nodes.join(node, str(connection_id), _grant(connection_id))
        except MediaError as error:
            self._lost(connection_id, error)
            return
        if self._is_mine(connection_id):
            self.say(told.EchoOffer(connection_id=connection_id, sdp=sdp))

    async def _answer(self, connection_id: UUID, node: str, sdp: str) -> None:
        try:
            await self.process.media.nodes.answer(node, str(connection_id), sdp)
        except MediaError as error:
            self._lost(connection_id, error)

    def _lost(self, connection_id: UUID, error: MediaError) -> None:
        logger.info("line check: media node says %s", error.code)
        if self._is_mine(connection_id):
            self._leave()
            self.say(told.EchoLost(connection_id=connection_id, code=error.code))

    def _leave(self) -> None:
        if self._echo is None:
            return
        connection_id, node = self._echo
        self._echo = None
        self.process.media.disown(connection_id)
        # Beside this socket, which may be closing: the relay should not have to find out by itself.
        self.process.spawn(_quietly(self.process.media.nodes.leave(node, str(connection_id))))


def _grant(connection_id: UUID) -> str:
    """Return a grant for a room that exists for this one connection, and sends back what it gets."""
    now = time.time()
    grant = Grant(
        room=f"check:{connection_id}",
        participant=str(connection_id),
        epoch=1,
        issued_at=now,
        expires_at=now + CHECK_SECONDS,
        admitted=True,
        echo=True,
    )
    return sign_grant(grant, key=settings.MEDIA_SECRET.encode())


async def _quietly(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except MediaError as error:
        logger.info("line check: media node says %s", error.code)
