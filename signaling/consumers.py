"""The room's WebSocket: decode, ask the session, perform its effects. It decides nothing."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from django.utils import translation
from pydantic import ValidationError

from media.client import MediaError
from signaling import effects as fx
from signaling import groups, truth
from signaling.effects import Effect, News
from signaling.faults import describe
from signaling.hints import MISSED, Payload
from signaling.origin import Receive, Scope, SendEvent
from signaling.people import Authority, Denied, GuestAuthority
from signaling.places import join_media, keep_place, move_media, sign
from signaling.process import Process
from signaling.protocol import messages as wire
from signaling.protocol.closing import CloseCode
from signaling.session import Session
from signaling.sockets import Socket
from signaling.texts import text_of
from telehealth.consultations import room_events as events
from telehealth.consultations.domain import rooms, sessions, upkeep
from telehealth.consultations.principals import Guest, Principal, revocation_key
from telehealth.core import clock
from telehealth.core.errors import DomainError, NotFound
from telehealth.lines.domain.samples import record_link_sample
from telehealth.lines.enums import Source

logger = logging.getLogger(__name__)

T = TypeVar("T")


class RoomConsumer(Socket):
    """One client in one room."""

    authority_type: ClassVar[type[Authority] | type[GuestAuthority]] = Authority

    def __init__(self, process: Process, scope: Scope, receive: Receive, send: SendEvent) -> None:
        super().__init__(process, scope, receive, send)
        self.session_id = UUID(str(scope["url_route"]["kwargs"]["session_id"]))
        self.session = Session(socket_id=self.id, now=process.clock(), spread=process.chance_share())
        self.authority = self.authority_type(self.badge, self.session_id)
        self._commands: asyncio.Queue[Callable[[], Any]] = asyncio.Queue()
        self._last_seen: datetime | None = None
        self._stop_listening: Callable[[], None] = lambda: None

    def opened(self) -> None:
        self.feed = self.process.feed(self.session_id)
        self.feed.add(self.id, self.post)
        self.process.media.add(self.id, self.post)
        self.spawn(self._tick())
        self.spawn(self._do_commands())

    def heard_text(self, text: str | None) -> None:
        self._perform_all(self.session.receive(decode(text), self.process.clock()))

    def heard_news(self, news: News) -> None:
        self._perform_all(self.session.receive(news, self.process.clock()))

    def gone(self) -> None:
        self._stop_listening()
        self.process.media.discard(self.id)
        session = self.session
        waits = session.me and session.state in {"admitted", "in_room"} and not session.left_for_good
        if waits and session.me and not self.process.draining:
            self.process.spawn(
                keep_place(self.process, self.feed, session.me, socket_id=self.id, last_seen=self._last_seen)
            )
        else:
            self.feed.discard(self.id)

    # --- effects -----------------------------------------------------------------------------------------------

    def _perform_all(self, effects: list[Effect]) -> None:
        for effect in effects:
            self._perform(effect)

    def _perform(self, effect: Effect) -> None:
        match effect:
            case fx.Send(message=message):
                self._say(message)
            case fx.Refuse(key=key, code=code, retry=retry):
                with translation.override(self.badge.language):
                    self.say(wire.Refused(key=key, code=code, text=text_of(code), retry=retry))
            case fx.Complain(code=code, retry=retry):
                with translation.override(self.badge.language):
                    self.say(wire.Problem(code=code, text=text_of(code), retry=retry))
            case fx.Close(code=code):
                self.close(code)
            case fx.LoadRoom(last_seq=last_seq):
                self._begin(self._load(last_seq), fx.RoomUnavailable())
            case fx.ReadLog(after=after):
                self._begin(self._read_log(after), fx.ReadFailed())
            case fx.Announce(participant_id=participant_id):
                self.feed.tell_opened(participant_id, self.id)
            case fx.Perform(key=key, action=action):
                self._commands.put_nowait(partial(self._command, key, action))
            case fx.Enter():
                self._commands.put_nowait(self._enter)
            case fx.Touch(participant_id=participant_id):
                self.spawn(self._touch(participant_id))
            case fx.CheckAccess():
                self.spawn(self._check_access())
            case fx.TellQuality(participant_id=participant_id, quality=quality):
                self.feed.tell_quality(participant_id, quality)
            case fx.TellKey(participant_id=participant_id, public_key=public_key, to=to, wrapped=wrapped):
                self.feed.tell_key(fx.KeyHeard(participant_id, public_key, to, wrapped))
            case fx.TellLine(line=line):
                self.feed.tell_line(line)
            case fx.NoteLine():
                self._begin(self._note_line(effect), fx.LineNotNoted())
            case fx.KeepSample():
                self.spawn(self._keep_sample(effect))
            case _:
                self._perform_media(effect)

    def _perform_media(self, effect: Effect) -> None:
        media, room = self.process.media, str(self.session_id)
        match effect:
            case fx.JoinMedia(connection_id=connection_id):
                media.own(connection_id, self.post)
                self._begin(self._join_media(connection_id), self._media_failed(connection_id))
            case fx.AnswerMedia(connection_id=connection_id, node=node, sdp=sdp):
                failed = self._media_failed(connection_id)
                self._begin(self._answer_media(connection_id, node, sdp), failed)
            case fx.AdmitMedia(connection_id=connection_id, node=node, epoch=epoch):
                # In the order of commands: the look at the database comes before what is written about entering.
                self._commands.put_nowait(partial(self._admit_media, connection_id, node, epoch))
            case fx.RenewMedia(connection_id=connection_id, node=node, epoch=epoch):
                self.spawn(self._renew_media(connection_id, node, epoch))
            case fx.TuneMedia(node=node, tune=tune):
                self.spawn(_quietly(media.nodes.tune(node, str(tune.connection_id), **_tuning(tune))))
            case fx.LeaveMedia(connection_id=connection_id, node=node):
                media.disown(connection_id)
                self.process.spawn(_quietly(media.nodes.leave(node, str(connection_id))))
            case fx.MoveMedia(node=node, if_epoch=epoch):
                failed_move = fx.MoveFailed(self.process.chance_ms(1500, 500))
                self._begin(self._move_media(node, epoch), failed_move)
            case fx.RemoveMedia(participant_id=participant_id, seq=seq):
                if not seq or media.first_time((room, participant_id, seq)):
                    who = str(participant_id)
                    self.process.spawn(media.everywhere(lambda node: media.nodes.remove(node, room, who)))
            case fx.CloseMediaRoom():
                if media.first_time((room, "close")):
                    self.process.spawn(media.everywhere(lambda node: media.nodes.close_room(node, room)))

    def _say(self, message: wire.ServerMessage) -> None:
        coalesce = None
        if isinstance(message, wire.ParticipantQuality):
            coalesce = f"quality:{message.participant_id}"
        elif isinstance(message, wire.MediaLine):
            coalesce = f"line:{message.participant_id}"
        elif isinstance(message, wire.StillReady):
            coalesce = f"still:{message.participant_id}"
        self.say(message, coalesce=coalesce)

    def _begin(self, work: Coroutine[Any, Any, None], otherwise: News) -> None:
        """Run something whose result the session waits for; when it fails by a bug of ours, the session hears that."""

        async def run() -> None:
            try:
                await work
            except Exception as error:
                logger.error("a task of a socket failed: %s", describe(error))
                self.post(otherwise)

        self.spawn(run())

    def _media_failed(self, connection_id: UUID) -> News:
        return fx.MediaFailed(
            connection_id, "internal", retry=True, retry_after_ms=self.process.chance_ms(3000, 1000)
        )

    # --- the database ------------------------------------------------------------------------------------------

    async def _ask(self, function: Callable[..., T], /, **arguments: Any) -> T:
        """Call a function with whoever is here: their hat, or the guest they are.

        Raises:
            Denied; Unavailable; what the function raises.
        """

        def job() -> T:
            return function(self.authority.principal(self.process.clock()), **arguments)

        return await self.process.database_in(self.badge.language, job)

    async def _load(self, last_seq: int | None) -> None:
        # Joined first, read second: what happens in between is heard twice rather than never.
        await self.feed.ready()
        self.authority.forget()
        try:
            room = await self._ask(truth.load_room, session_id=self.session_id, last_seq=last_seq)
            who = self.authority.principal(self.process.clock())
        except Denied as denied:
            self.post(fx.AccessLost(denied.code))
        except NotFound:
            self.post(fx.AccessLost(CloseCode.NOT_FOUND))
        except DomainError:
            self.post(fx.RoomUnavailable())
        else:
            self._stop_listening()
            self._stop_listening = self.process.hints.listen(
                groups.access_of(revocation_key(who)), self._access_told
            )
            self.post(room)
            self.feed.begin_at(room.snapshot.seq)

    async def _read_log(self, after: int) -> None:
        try:
            events = await self.process.database(rooms.events_after, session_id=self.session_id, seq=after)
        except DomainError:
            self.post(fx.ReadFailed())
        else:
            self.post(fx.LogRead(tuple(events)))

    async def _do_commands(self) -> None:
        while True:
            job = await self._commands.get()
            try:
                await job()
            except Exception as error:  # our bug must not stop the commands after it
                logger.error("a task of a socket failed: %s", describe(error))

    async def _command(self, key: UUID, action: wire.Action) -> None:
        now = self._seen_now()
        try:
            seq = await self._ask(truth.perform, session_id=self.session_id, key=key, action=action, now=now)
        except Denied as denied:
            self.post(fx.AccessLost(denied.code))
        except DomainError as error:
            with translation.override(self.badge.language):
                self.post(fx.CommandRefused(key, error.code, error.text, error.retry))
        except (
            Exception
        ) as error:  # our bug: the client gets a code, the log a place in the code and no content
            logger.error("command %s failed: %s", action.do, describe(error))
            with translation.override(self.badge.language):
                self.post(fx.CommandRefused(key, "internal", text_of("internal"), retry=True))
        else:
            self.post(fx.CommandDone(key, seq))
            self.feed.hint(seq)

    async def _enter(self) -> None:
        now = self._seen_now()
        try:
            seq = await self._ask(_enter, session_id=self.session_id, now=now)
        except Denied as denied:
            self.post(fx.AccessLost(denied.code))
        except DomainError as error:
            logger.info("not entered: %s", error.code)
        else:
            self.feed.hint(seq)

    def _seen_now(self) -> datetime:
        """Return the time, and remember it as the latest that this socket may have written as `seen_at`."""
        self._last_seen = clock.now()
        return self._last_seen

    async def _touch(self, participant_id: UUID) -> None:
        now = self._seen_now()
        with contextlib.suppress(DomainError):
            await self.process.database(upkeep.touch, participant_ids=[participant_id], now=now)

    async def _note_line(self, note: fx.NoteLine) -> None:
        try:
            seq = await self.process.database(
                upkeep.note_line,
                session_id=self.session_id,
                change=events.LineChanged(
                    participant_id=note.participant_id,
                    down=note.down,
                    down_reason=note.down_reason,
                    up=note.up,
                    up_reason=note.up_reason,
                ),
                now=clock.now(),
            )
        except DomainError:
            seq = None
        if seq is None:
            self.post(fx.LineNotNoted())
        else:
            self.feed.hint(seq)

    async def _keep_sample(self, sample: fx.KeepSample) -> None:
        """The diary is beside the call: whatever fails here, the call goes on and the next sample comes."""
        try:
            await self._ask(_keep_sample, at=clock.now(), **asdict(sample))
        except (Denied, DomainError) as error:
            logger.info("a sample of a line was not kept: %s", type(error).__name__)
        except Exception as error:
            logger.error("a sample of a line was not kept: %s", describe(error))

    async def _check_access(self) -> None:
        self.authority.forget()
        try:
            await self._ask(lambda who: who)
        except Denied as denied:
            self.post(fx.AccessLost(denied.code))
        except DomainError:
            pass  # asked again soon; with the database away nobody's access can have changed

    def _access_told(self, payload: Payload) -> None:
        if payload != MISSED and payload.get("session") == self.badge.session_key:
            self.post(fx.AccessLost(CloseCode.SIGNED_OUT))
        elif payload == MISSED or payload.get("session") == "":
            self.spawn(self._check_access())

    # --- media -------------------------------------------------------------------------------------------------

    async def _join_media(self, connection_id: UUID) -> None:
        try:
            seat = await self._ask(truth.seat_of, session_id=self.session_id)
            self.post(await join_media(self.process, self.session_id, seat, connection_id))
        except Denied as denied:
            self.post(fx.MediaFailed(connection_id, "room.not_admitted", retry=False, retry_after_ms=0))
            if denied.code is not CloseCode.NOT_ALLOWED:
                self.post(fx.AccessLost(denied.code))
        except DomainError as error:
            wait = self.process.chance_ms(2000, 1000)
            self.post(fx.MediaFailed(connection_id, error.code, retry=error.retry, retry_after_ms=wait))

    async def _answer_media(self, connection_id: UUID, node: str, sdp: str) -> None:
        try:
            await self.process.media.nodes.answer(node, str(connection_id), sdp)
        except MediaError as error:
            retry = error.code != "bad_sdp"
            wait = self.process.chance_ms(1000)
            self.post(fx.MediaFailed(connection_id, error.code, retry=retry, retry_after_ms=wait))

    async def _admit_media(self, connection_id: UUID, node: str, epoch: int) -> None:
        try:
            seat = await self._ask(truth.seat_of, session_id=self.session_id)
        except Denied as denied:
            self.post(fx.AccessLost(denied.code))
        except DomainError as error:
            wait = self.process.chance_ms(500)
            self.post(fx.MediaFailed(connection_id, error.code, retry=True, retry_after_ms=wait))
        else:
            if seat.admitted:  # else they have left since, and the log says so
                grant = sign(self.session_id, seat, epoch)
                self._begin(self._go_live(connection_id, node, grant), self._media_failed(connection_id))

    async def _go_live(self, connection_id: UUID, node: str, grant: str) -> None:
        try:
            await self.process.media.nodes.renew(node, str(connection_id), grant)
        except MediaError as error:
            wait = self.process.chance_ms(500)
            self.post(fx.MediaFailed(connection_id, error.code, retry=True, retry_after_ms=wait))

    async def _renew_media(self, connection_id: UUID, node: str, epoch: int) -> None:
        try:
            seat = await self._ask(truth.seat_of, session_id=self.session_id)
            grant = sign(self.session_id, seat, epoch)
            await self.process.media.nodes.renew(node, str(connection_id), grant)
        except Denied as denied:
            self.post(fx.AccessLost(denied.code))
        except (DomainError, MediaError) as error:
            logger.info("media grant not renewed: %s", error.code)  # it has eight minutes left

    async def _move_media(self, node: str, epoch: int) -> None:
        try:
            seq = await move_media(self.process, self.session_id, node=node, if_epoch=epoch)
        except DomainError:
            # A node that drains forwards on, and will say again that it does.
            seq = 0 if self.process.media.is_draining(node) else None
        if seq is None:
            self.post(fx.MoveFailed(self.process.chance_ms(1500, 500)))
        else:
            self.feed.hint(seq)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(self.process.timings.tick)
            self.post(fx.Ticked())


class GuestRoomConsumer(RoomConsumer):
    """A guest's client in a room: the same room, another door."""

    authority_type = GuestAuthority


def decode(text: str | None) -> wire.ClientMessage | News:
    """Return the message a client sent. None stands for a binary one."""
    if text is None:
        return fx.Garbled()
    # A character is at most four bytes; only long ones need counting.
    if len(text) > wire.MAX_MESSAGE_BYTES or len(text.encode(errors="replace")) > wire.MAX_MESSAGE_BYTES:
        return fx.Oversized()
    try:
        return wire.CLIENT_MESSAGE.validate_json(text)
    except ValidationError:
        return fx.Garbled()


def _enter(who: Principal, *, session_id: UUID, now: datetime) -> int:
    return sessions.enter(who=who, session_id=session_id, now=now)


def _keep_sample(who: Principal, **figures: Any) -> None:
    if isinstance(who, Guest):
        return  # the diary is of sites; a patient's own line is nobody's to look after
    record_link_sample(facility=who.facility, source=Source.CALL, **figures)


def _tuning(tune: wire.MediaTune) -> dict[str, Any]:
    heights = tune.heights
    return {
        "sound_only": tune.sound_only,
        "uplink": tune.uplink_bitrate,
        "heights": None if heights is None else {one.slot: one.height for one in heights},
    }


async def _quietly(work: Any) -> None:
    try:
        await work
    except MediaError as error:
        logger.info("media node: %s", error.code)
