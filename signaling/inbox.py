"""The inbox WebSocket of every signed-in page: what changed, and the ring of a new case."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from signaling import effects as fx
from signaling import groups
from signaling.effects import News
from signaling.hints import MISSED, Payload
from signaling.limits import TokenBucket
from signaling.origin import Receive, Scope, SendEvent
from signaling.people import Denied, hat_of
from signaling.process import Process
from signaling.protocol.closing import CloseCode
from signaling.protocol.inbox import Changed, Ring
from signaling.protocol.messages import Draining
from signaling.session import ACCESS_SECONDS
from signaling.sockets import Socket
from telehealth.accounts.enums import Role
from telehealth.accounts.hat import Hat
from telehealth.consultations.enums import Urgency
from telehealth.core.errors import DomainError
from telehealth.facilities.models import Specialty

logger = logging.getLogger(__name__)


class InboxConsumer(Socket):
    """One page's ear. It listens; what it is sent is only counted."""

    def __init__(self, process: Process, scope: Scope, receive: Receive, send: SendEvent) -> None:
        super().__init__(process, scope, receive, send)
        self._limit = TokenBucket(20, seconds=10, now=process.clock())
        self._hat: Hat | None = None
        self._specialties: dict[str, Specialty] = {}
        self._stops: list[Callable[[], None]] = []

    def opened(self) -> None:
        self.spawn(self._watch_access())

    def heard_text(self, text: str | None) -> None:
        if not self._limit.take(self.process.clock()):
            self.close(CloseCode.POLICY)

    def heard_news(self, news: News) -> None:
        match news:
            case fx.AccessLost(code=code):
                self.close(code)
            case fx.Draining(retry_after_ms=retry_after_ms):
                self.say(Draining(retry_after_ms=retry_after_ms))
            case fx.Stopping():
                self.close(CloseCode.SERVICE_RESTART)
            case _:
                pass

    def gone(self) -> None:
        for stop in self._stops:
            stop()

    async def _watch_access(self) -> None:
        await self._check_access()
        # Pages that come together, as after a restart, must not look together ever after.
        await asyncio.sleep(ACCESS_SECONDS * self.process.chance_share())
        while True:
            await self._check_access()
            await asyncio.sleep(ACCESS_SECONDS)

    async def _check_access(self) -> None:
        try:
            hat, specialties = await self.process.database_in(self.badge.language, self._look)
        except Denied as denied:
            self.post(fx.AccessLost(denied.code))
            return
        except DomainError:
            if self._hat is None:
                self.post(fx.AccessLost(CloseCode.TRY_AGAIN_LATER))
            return
        self._specialties = specialties
        if self._hat is None or hat.membership.id != self._hat.membership.id:
            self._listen(hat)
        self._hat = hat

    def _look(self) -> tuple[Hat, dict[str, Specialty]]:
        hat = hat_of(self.badge)
        return hat, {specialty.key: specialty for specialty in hat.membership.specialties.all()}

    def _listen(self, hat: Hat) -> None:
        for stop in self._stops:
            stop()
        listen = self.process.hints.listen
        self._stops = [
            listen(groups.inbox_of_facility(hat.facility.id), self._hint),
            listen(groups.inbox_of_user(hat.user.pk), self._hint),
            listen(groups.access_of(hat.user.pk), self._access_told),
        ]
        # Whatever happened before we listened: the page looks once more.
        self.say(Changed(topics=("worklist",)))

    def _hint(self, payload: Payload) -> None:
        if payload == MISSED:
            self.say(Changed(topics=("worklist",)), coalesce="worklist")
        else:
            self.say(Changed(topics=tuple(payload["topics"]), ring=self._ring(payload.get("ring"))))

    def _ring(self, bell: dict[str, Any] | None) -> Ring | None:
        """Return the ring if it is for this person: a specialist of the specialty asked for."""
        if bell is None or self._hat is None or self._hat.role != Role.SPECIALIST:
            return None
        specialty = self._specialties.get(bell["specialty"])
        if specialty is None:
            return None
        with translation.override(self.badge.language):
            text = _("Ca mới: %(urgency)s · %(specialty)s") % {
                "urgency": Urgency(bell["urgency"]).label,
                "specialty": specialty.name,
            }
        return Ring(request_id=bell["request"], urgency=bell["urgency"], text=text)

    def _access_told(self, payload: Payload) -> None:
        if payload != MISSED and payload.get("session") == self.badge.session_key:
            self.post(fx.AccessLost(CloseCode.SIGNED_OUT))
        elif payload == MISSED or payload.get("session") == "":
            self.spawn(self._check_access())
