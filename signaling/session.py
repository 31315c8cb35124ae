"""One client's conversation with a room, whole in this file. Pure: no clock, no chance, no waiting.

Theory of operation. A session hears the client's messages and the news of `effects`, and answers with effects:

    new ── hello ──▶ loading ── room loaded ──▶ open ── close ──▶ closed

Everything the client sees comes from the room's log. `seq` is the last event it was given; news of the log that does
not continue it is not delivered but read again from there, so a lost, doubled or overtaking hint cannot make a gap.
What happens to the participant is learned from the same events, in `_react`, and from nowhere else.

Media connections are made as soon as the room is open: bringing one up takes longer than all the rest of joining. Until the
log says that the participant has been let in they stand by; from then on `_let_in` makes every one of them live.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from uuid import UUID

from signaling import effects as fx
from signaling.effects import Close, Complain, Effect, News, Refuse, Send
from signaling.limits import Limits
from signaling.line_book import LineBook
from signaling.protocol import messages as wire
from signaling.protocol.closing import CloseCode
from telehealth.consultations import room_events as events

HELLO_SECONDS = 10.0
ACCESS_SECONDS = 30.0
TOUCH_SECONDS = 10.0
RENEW_SECONDS = 120.0
ENTER_AGAIN_SECONDS = 3.0
LAST_ANSWER_SECONDS = 4.0
EVENTS_PER_MESSAGE = 20
MAX_CONNECTIONS = 4
VOID_SECONDS = 12.0

INSIDE = ("admitted", "in_room", "away")
RETRYABLE_ENDS = ("expired", "lost", "failed", "room_closed", "draining")


class Phase(Enum):
    NEW = auto()
    """Waiting for `hello`."""
    LOADING = auto()
    OPEN = auto()
    CLOSED = auto()


@dataclass
class Line:
    """A media connection that has an offer."""

    node: str
    epoch: int
    renewed_at: float
    admitted: bool
    """Live, or asked to be; else it stands by."""
    is_up: bool = False
    void_since: float | None = None
    """Since when the room lives elsewhere. The client keeps the connection until a new one carries everybody."""


class Session:
    """The state of one socket.

    `spread` (0 to 1, by chance) is how far into their periods the timers start: sockets that come together, as after a
    restart, must not look and write together ever after.
    """

    def __init__(self, *, socket_id: str, now: float, spread: float = 0.0) -> None:
        self.phase = Phase.NEW
        self.seq = 0
        self.me: UUID | None = None
        self.state: events.PresenceState | None = None
        """This participant's state as of event `seq`; None before they have arrived."""
        self.left_for_good = False
        """Nobody needs to wait for this client to come back: it left, was put out, or opened the room elsewhere."""
        self._socket_id = socket_id
        self._limits = Limits.starting(now)
        self._opened_at = now
        self._spread = spread
        self._checked_at = now - spread * ACCESS_SECONDS
        self._touched_at = now - spread * TOUCH_SECONDS
        self._outside_since: float | None = None
        self._epoch = 0
        self._ended = False
        self._encrypted = False
        self._chat_after: int | None = 0
        self._heard = 0
        self._reading = False
        self._pending: set[UUID] = set()
        self._closing: tuple[CloseCode, float] | None = None
        self._joining: set[UUID] = set()
        self._lines: dict[UUID, Line] = {}
        self._quality: wire.Quality = "good"
        self._book = LineBook(now)

    def receive(self, heard: wire.ClientMessage | News, now: float) -> list[Effect]:
        """Take in one message of the client or one piece of news; return what is to be done, in order."""
        if self.phase is Phase.CLOSED:
            return []
        result = self._receive(heard, now)
        if self._closing and not (self._pending and now < self._closing[1]):
            # A last command of ours may be under way; its answer goes out first.
            result.append(Close(self._closing[0]))
        for position, effect in enumerate(result):
            if isinstance(effect, Close):
                self.phase = Phase.CLOSED
                return result[: position + 1]
        return result

    def _receive(self, heard: wire.ClientMessage | News, now: float) -> list[Effect]:
        match heard:
            case wire.Message() | fx.Garbled():
                if not self._limits.messages.take(now):
                    return [Close(CloseCode.POLICY)]
                if isinstance(heard, fx.Garbled):
                    return [Complain("bad_message")]
                return self._from_client(heard, now)
            case fx.Oversized():
                return [Close(CloseCode.TOO_BIG)]
            case fx.Ticked():
                return self._tick(now)
            case fx.RoomLoaded():
                return self._loaded(heard)
            case fx.RoomUnavailable():
                # A client that is in already keeps its socket and asks again.
                return [Close(CloseCode.TRY_AGAIN_LATER)] if self.phase is Phase.LOADING else []
            case fx.LogRead():
                return self._log(heard.events, now)
            case fx.ReadFailed():
                self._reading = False
                return []
            case fx.CommandDone(key=key, seq=seq):
                self._pending.discard(key)
                return [Send(wire.Ack(key=key, seq=seq))]
            case fx.CommandRefused(key=key, code=code, text=text, retry=retry):
                self._pending.discard(key)
                return [Send(wire.Refused(key=key, code=code, text=text, retry=retry))]
            case fx.AccessLost(code=code):
                stop: list[Effect] = [fx.RemoveMedia(self.me, 0)] if self.me and self._has_media() else []
                return [*stop, Close(code)]
            case fx.SocketOpened(participant_id=who, socket_id=socket_id):
                if who == self.me and socket_id > self._socket_id:
                    self.left_for_good = True
                    return [Close(CloseCode.SUPERSEDED)]
                return []
            case fx.QualityHeard(participant_id=who, quality=quality):
                if self.phase is not Phase.OPEN:
                    return []
                return [Send(wire.ParticipantQuality(participant_id=who, quality=quality))]
            case fx.KeyHeard():
                return self._key_heard(heard)
            case fx.LineTold(line=line):
                return [Send(line)] if self.state in INSIDE else []
            case fx.StillTold(still=still):
                return [Send(still)] if self.state in INSIDE and still.participant_id != self.me else []
            case fx.LineNotNoted():
                self._book.refused()
                return []
            case fx.Draining(retry_after_ms=retry_after_ms):
                return [Send(wire.Draining(retry_after_ms=retry_after_ms))]
            case fx.Stopping():
                return [Close(CloseCode.SERVICE_RESTART)]
            case _:
                return self._media_news(heard, now)

    # --- the client --------------------------------------------------------------------------------------------

    def _from_client(self, message: wire.ClientMessage, now: float) -> list[Effect]:
        match message:
            case wire.Hello():
                return self._hello(message, now)
            case _ if self.phase is Phase.NEW:
                return [Close(CloseCode.HELLO_FIRST)]
            case wire.Ping(n=n):
                return [Send(wire.Pong(n=n))]
            case wire.Command():
                return self._command(message, now)
            case wire.MediaJoin(connection_id=connection_id):
                return self._join(connection_id, now)
            case wire.MediaAnswer(connection_id=connection_id, sdp=sdp):
                line = self._lines.get(connection_id)
                if line is None:
                    return [_lost(connection_id, "unknown_connection", retry=True)]
                return [fx.AnswerMedia(connection_id, line.node, sdp)]
            case wire.MediaLeave(connection_id=connection_id):
                self._joining.discard(connection_id)
                return self._drop_lines([connection_id])
            case wire.MediaTune():
                return self._tune(message, now)
            case wire.ReportQuality(quality=quality):
                return self._report(quality, now)
            case wire.AnnounceKey() | wire.WrapKey():
                return self._tell_key(message, now)

    def _hello(self, hello: wire.Hello, now: float) -> list[Effect]:
        if hello.protocol != wire.PROTOCOL_VERSION:
            return [Complain("wrong_version"), Close(CloseCode.POLICY)]
        if not self._limits.hellos.take(now):
            return [Complain("limit.hello", retry=True)]
        if self.phase is Phase.LOADING:
            return []
        self.phase = Phase.LOADING if self.phase is Phase.NEW else self.phase
        return [fx.LoadRoom(hello.last_seq)]

    def _command(self, command: wire.Command, now: float) -> list[Effect]:
        if self.phase is not Phase.OPEN:
            return [Refuse(command.key, "not_ready", retry=True)]
        if not self._limits.commands.take(now):
            return [Refuse(command.key, "limit.commands", retry=True)]
        if isinstance(command.action, wire.PostChat) and not self._limits.chat.take(now):
            return [Refuse(command.key, "limit.chat", retry=True)]
        if command.key in self._pending:
            return []
        self._pending.add(command.key)
        return [fx.Perform(command.key, command.action)]

    def _report(self, quality: wire.Quality, now: float) -> list[Effect]:
        if not self.me or self.state not in INSIDE or not self._limits.quality.take(now):
            return []
        self._quality = quality
        return [fx.TellQuality(self.me, quality)]

    def _tell_key(self, key: wire.AnnounceKey | wire.WrapKey, now: float) -> list[Effect]:
        """Keys pass between people who are inside an encrypted room. What gets lost is asked for again by its client."""
        if not self.me or not self._shares_keys() or not self._limits.keys.take(now):
            return []
        if isinstance(key, wire.WrapKey):
            return [fx.TellKey(self.me, key.public_key, key.to, key.wrapped)]
        return [fx.TellKey(self.me, key.public_key)]

    def _key_heard(self, key: fx.KeyHeard) -> list[Effect]:
        if not self._shares_keys() or key.participant_id == self.me or key.to not in {None, self.me}:
            return []
        if key.to is None:
            return [Send(wire.KeyAnnounced(participant_id=key.participant_id, public_key=key.public_key))]
        return [
            Send(
                wire.KeyWrapped(
                    participant_id=key.participant_id, public_key=key.public_key, wrapped=key.wrapped
                )
            )
        ]

    def _shares_keys(self) -> bool:
        return self.phase is Phase.OPEN and self._encrypted and self.state in INSIDE

    # --- the room ----------------------------------------------------------------------------------------------

    def _loaded(self, room: fx.RoomLoaded) -> list[Effect]:
        snapshot = room.snapshot
        first = self.phase is Phase.LOADING
        self.phase = Phase.OPEN
        self.me = room.participant_id
        self.seq = snapshot.seq
        self._epoch = snapshot.epoch
        self._ended = snapshot.state == "ended"
        self._encrypted = snapshot.encrypted
        self._chat_after = room.chat_after
        states = {participant.info.participant_id: participant.state for participant in snapshot.participants}
        self.state = states.get(room.participant_id)
        result: list[Effect] = [
            Send(
                wire.Welcome(
                    participant_id=room.participant_id,
                    permissions=room.permissions,
                    snapshot=snapshot if room.missed is None else None,
                    events=tuple(self._shown(event) for event in room.missed or ()),
                )
            )
        ]
        if self._ended:
            self.left_for_good = True
            return [*result, Close(CloseCode.ROOM_OVER)]
        if first:
            result.append(fx.Announce(room.participant_id))
        result += self._let_in() if self.state in INSIDE else self._put_out()
        if self.state in {"admitted", "away"}:
            result.append(fx.Enter())
        elif self.state in {"waiting", "in_room"}:
            # The socket before this one may be long dead: let nobody take the participant for lost.
            result.append(fx.Touch(room.participant_id))
        if self._heard > self.seq:
            result += self._read()
        return result

    def _log(self, logged: Sequence[events.LoggedEvent], now: float) -> list[Effect]:
        self._reading = False
        if logged:
            self._heard = max(self._heard, logged[-1].seq)
        fresh = [event for event in logged if event.seq > self.seq]
        if self.phase is not Phase.OPEN or not fresh:
            return []
        if fresh[0].seq != self.seq + 1:
            return self._read()
        self.seq = fresh[-1].seq
        shown = [self._shown(event) for event in fresh]
        result: list[Effect] = [
            Send(wire.Events(events=tuple(shown[start : start + EVENTS_PER_MESSAGE])))
            for start in range(0, len(shown), EVENTS_PER_MESSAGE)
        ]
        for event in fresh:
            result += self._react(event, now)
        return result

    def _shown(self, event: events.LoggedEvent) -> events.LoggedEvent:
        """Return the event as this client may see it. What was written before a guest was let in stays among the others."""
        match event.body:
            case events.ParticipantAdmitted(participant_id=who) if (
                who == self.me and self._chat_after is None
            ):
                self._chat_after = event.seq
            case events.ChatPosted() if self._chat_after is None or event.seq <= self._chat_after:
                return event.model_copy(update={"body": events.Withheld()})
            case _:
                pass
        return event

    def _read(self) -> list[Effect]:
        if self._reading:
            return []
        self._reading = True
        return [fx.ReadLog(self.seq)]

    def _react(self, event: events.LoggedEvent, now: float) -> list[Effect]:
        """Do what an event asks of this socket."""
        match event.body:
            case events.ParticipantArrived(participant=participant):
                if participant.participant_id == self.me:
                    self.state = "waiting"
            case events.ParticipantAdmitted(participant_id=who):
                if who == self.me:
                    self.state = "admitted"
                    return [*self._let_in(), fx.Enter()]
            case events.ParticipantEntered(participant_id=who):
                if who != self.me:
                    return self._book.again(now)
                self.state = "in_room"
                return self._let_in()
            case events.ParticipantAway(participant_id=who):
                if who == self.me:
                    # Somebody took us for lost. We are here.
                    self.state = "away"
                    return [*self._let_in(), fx.Enter()]
            case events.ParticipantLeft(participant_id=who, reason=reason):
                return self._somebody_left(who, reason, event.seq, now)
            case events.MediaMoved(epoch=epoch):
                self._epoch = epoch
                for line in self._lines.values():
                    if line.epoch < epoch and line.void_since is None:
                        line.void_since = now
            case events.SessionEnded():
                self._ended = self.left_for_good = True
                self._closing = (CloseCode.ROOM_OVER, now + LAST_ANSWER_SECONDS)
                return [fx.CloseMediaRoom()]
            case _:
                pass
        return []

    def _somebody_left(self, who: UUID, reason: events.LeaveReason, seq: int, now: float) -> list[Effect]:
        gone: list[Effect] = [fx.RemoveMedia(who, seq)] if reason in {"removed", "lost"} else []
        if who != self.me:
            return gone
        self.state = "left"
        self._joining.clear()  # what was asked for then may be live
        if reason == "removed":
            self.left_for_good = True
            self._closing = (CloseCode.NOT_ALLOWED, now + LAST_ANSWER_SECONDS)
            self._lines.clear()
            return gone
        if reason == "left":
            self.left_for_good = True
            self._closing = (CloseCode.NORMAL, now + LAST_ANSWER_SECONDS)
        return self._drop_lines(list(self._lines))

    # --- media -------------------------------------------------------------------------------------------------

    def _join(self, connection_id: UUID, now: float) -> list[Effect]:
        if self.phase is not Phase.OPEN:
            return [_lost(connection_id, "not_ready", retry=True, retry_after_ms=500)]
        if self.left_for_good:
            return [_lost(connection_id, "room.not_admitted", retry=False)]
        if not self._limits.offers.take(now) or len(self._joining) >= MAX_CONNECTIONS:
            wait = int(self._limits.offers.wait() * 1000) + 100
            return [_lost(connection_id, "limit.offers", retry=True, retry_after_ms=wait)]
        self._joining.add(connection_id)
        return [fx.JoinMedia(connection_id)]

    def _tune(self, tune: wire.MediaTune, now: float) -> list[Effect]:
        line = self._lines.get(tune.connection_id)
        # What somebody chose by hand is never dropped; figures come again by themselves.
        if line is None or not (self._limits.tunes.take(now) or tune.sound_only is not None):
            return []
        return [fx.TuneMedia(line.node, tune)]

    def _media_news(self, heard: object, now: float) -> list[Effect]:
        match heard:
            case fx.WantedChanged(connection_id=connection_id, layers=layers, stills=stills):
                if connection_id not in self._lines:
                    return []
                return [Send(wire.MediaWanted(connection_id=connection_id, layers=layers, stills=stills))]
            case fx.LineHeard(connection_id=connection_id, line=told):
                # Of two connections only the newer is the line; and the relay says whose it is, but we know better.
                if connection_id not in self._lines or told.participant_id != self.me:
                    return []
                return self._book.hear(told, now) if self.state in INSIDE else []
            case fx.MediaOffered():
                return self._offered(heard, now)
            case fx.MediaFailed(connection_id=connection_id, code=code, retry=retry, retry_after_ms=wait):
                known = connection_id in self._joining or connection_id in self._lines
                self._joining.discard(connection_id)
                self._lines.pop(connection_id, None)
                return [_lost(connection_id, code, retry=retry, retry_after_ms=wait)] if known else []
            case fx.MediaUp(connection_id=connection_id) if connection_id in self._lines:
                self._lines[connection_id].is_up = True
                enter: list[Effect] = [fx.Enter()] if self.state in {"admitted", "away"} else []
                return [Send(wire.MediaConnected(connection_id=connection_id)), *enter]
            case fx.SlotsChanged(connection_id=connection_id, slots=slots) if connection_id in self._lines:
                return [Send(wire.MediaSlots(connection_id=connection_id, slots=slots))]
            case fx.MediaSilent(connection_id=connection_id, silent_ms=silent_ms):
                if not self.me or connection_id not in self._lines or self.state not in INSIDE:
                    return []
                self._book.hear_silence(silent_ms)
                # Whose line is dead cannot say so.
                return [fx.TellQuality(self.me, "poor" if silent_ms else self._quality)]
            case fx.MediaOver():
                return self._media_over(heard)
            case fx.NodeLost(node=node) | fx.NodeDraining(node=node):
                here = (line for line in self._lines.values() if line.node == node)
                lines = [line for line in here if line.epoch >= self._epoch]  # else the room has left already
                return [fx.MoveMedia(node, lines[-1].epoch)] if lines and not self._ended else []
            case fx.MoveFailed(retry_after_ms=wait):
                lost = list(self._lines)
                self._lines.clear()
                return [_lost(c, "media_unavailable", retry=True, retry_after_ms=wait) for c in lost]
            case _:
                return []

    def _offered(self, offer: fx.MediaOffered, now: float) -> list[Effect]:
        if offer.connection_id not in self._joining or self.left_for_good:
            return [fx.LeaveMedia(offer.connection_id, offer.node)]
        self._joining.discard(offer.connection_id)
        if offer.epoch < self._epoch:
            return [
                fx.LeaveMedia(offer.connection_id, offer.node),
                _lost(offer.connection_id, "media_moved", retry=True),
            ]
        self._lines.pop(offer.connection_id, None)
        self._lines[offer.connection_id] = Line(
            offer.node,
            offer.epoch,
            renewed_at=now - self._spread * RENEW_SECONDS / 2,  # a fresh grant is not renewed at once
            admitted=offer.admitted,
        )
        oldest = list(self._lines)[:-MAX_CONNECTIONS]
        return [
            *self._drop_lines(oldest),
            Send(
                wire.MediaOffer(
                    connection_id=offer.connection_id,
                    epoch=offer.epoch,
                    sdp=offer.sdp,
                    ice_servers=offer.ice_servers,
                )
            ),
            *self._let_in(),  # who was let in while the offer was on its way
        ]

    def _put_out(self) -> list[Effect]:
        """Take every live connection from a participant who is outside."""
        live = [c for c, line in self._lines.items() if line.admitted]
        return [*self._drop_lines(live), *(_lost(c, "room.not_admitted", retry=True) for c in live)]

    def _let_in(self) -> list[Effect]:
        """Make every connection that stands by live, once the participant is inside."""
        if self.state not in INSIDE:
            return []
        waiting = [(c, line) for c, line in self._lines.items() if not line.admitted]
        for _connection_id, line in waiting:
            line.admitted = True
        return [fx.AdmitMedia(connection_id, line.node, line.epoch) for connection_id, line in waiting]

    def _media_over(self, over: fx.MediaOver) -> list[Effect]:
        line = self._lines.pop(over.connection_id, None)
        if line is None or over.reason == "left" or self._ended:
            return []
        if line.epoch < self._epoch:
            return []  # the room has moved on, and the client with it
        if over.reason == "replaced" and self._lines:
            return []  # by a newer connection of this very client
        retry = over.reason in RETRYABLE_ENDS
        wait = over.retry_after_ms if retry else 0
        move: list[Effect] = [fx.MoveMedia(line.node, line.epoch)] if over.reason == "draining" else []
        return [*move, _lost(over.connection_id, over.reason, retry=retry, retry_after_ms=wait)]

    def _drop_lines(self, connection_ids: Sequence[UUID]) -> list[Effect]:
        dropped = [(c, self._lines.pop(c)) for c in connection_ids if c in self._lines]
        return [fx.LeaveMedia(connection_id, line.node) for connection_id, line in dropped]

    def _has_media(self) -> bool:
        return bool(self._lines or self._joining)

    # --- time --------------------------------------------------------------------------------------------------

    def _tick(self, now: float) -> list[Effect]:
        if self.phase is Phase.NEW:
            return [Close(CloseCode.HELLO_FIRST)] if now - self._opened_at >= HELLO_SECONDS else []
        if self.phase is not Phase.OPEN:
            return []
        result: list[Effect] = []
        if now - self._checked_at >= ACCESS_SECONDS:
            self._checked_at = now
            result.append(fx.CheckAccess())
        if self.me and self.state not in {None, "left"} and now - self._touched_at >= TOUCH_SECONDS:
            self._touched_at = now
            result.append(fx.Touch(self.me))
        if self._heard > self.seq:
            result += self._read()
        result += self._enter_again(now)
        voids = {c: line.void_since for c, line in self._lines.items() if line.void_since is not None}
        result += self._drop_lines([c for c, since in voids.items() if now - since >= VOID_SECONDS])
        if self.state in INSIDE:
            result += self._book.tick(now)
        for connection_id, line in self._lines.items():
            if line.is_up and now - line.renewed_at >= RENEW_SECONDS:
                line.renewed_at = now
                result.append(fx.RenewMedia(connection_id, line.node, line.epoch))
        return result

    def _enter_again(self, now: float) -> list[Effect]:
        """Ask again to enter: the first time, the database may have been away."""
        if self.state not in {"admitted", "away"}:
            self._outside_since = None
        elif self._outside_since is None:
            self._outside_since = now
        elif now - self._outside_since >= ENTER_AGAIN_SECONDS:
            self._outside_since = now
            return [fx.Enter()]
        return []


def _lost(connection_id: UUID, code: str, *, retry: bool, retry_after_ms: int = 0) -> Send:
    return Send(
        wire.MediaLost(connection_id=connection_id, code=code, retry=retry, retry_after_ms=retry_after_ms)
    )
