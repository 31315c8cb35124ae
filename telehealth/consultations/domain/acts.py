"""The frame of everything that changes a room: its rows locked, a repeated command found, its events written.

::

    @room_command
    def leave(*, who: Principal, session_id: UUID, key: UUID | None, now: datetime) -> int:
        act = begin(who, session_id, key=key, now=now)
        act.put_out(act.own(), "left")
        return act.finish()
"""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, ParamSpec
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from telehealth.consultations import room_events as events
from telehealth.consultations import rules
from telehealth.consultations.domain.announcements import announce_request, announce_room, audit_request
from telehealth.consultations.domain.attendance import Move, move
from telehealth.consultations.domain.lifecycle import Event, transition
from telehealth.consultations.enums import Presence, SessionState
from telehealth.consultations.models import (
    SUMMARY_FIELDS,
    CommandReceipt,
    Participant,
    Request,
    RoomEvent,
    Session,
)
from telehealth.consultations.principals import Principal, as_participant, key_of
from telehealth.core.errors import Conflict, NotFound

P = ParamSpec("P")

_PRESENCE = (
    events.ParticipantArrived,
    events.ParticipantEntered,
    events.ParticipantAway,
    events.ParticipantLeft,
)

PRESENT = (Presence.WAITING, Presence.ADMITTED, Presence.IN_ROOM, Presence.AWAY)
_CHANGING = (
    "state",
    "seq",
    "patient_present",
    "media_node",
    "media_epoch",
    "live_since",
    "ended_at",
    "end_reason",
)
# The request row first, always: the order in which every use case locks, and PostgreSQL locks in the order named.
# Built once, for it is asked at every step of every call, and without the case's long texts, which no step is about.
_LOCKED = (
    Session.objects.select_for_update(of=("request", "self"))
    .select_related("request")
    .defer(*(f"request__{name}" for name in SUMMARY_FIELDS))
)


class Repeated(Exception):
    """This command took effect before; `seq` is what it was answered then."""

    def __init__(self, seq: int) -> None:
        super().__init__(seq)
        self.seq = seq


def room_command(use_case: Callable[P, int]) -> Callable[P, int]:
    """Make a use case one transaction; a command that took effect before gets its first answer and no second effect."""

    @wraps(use_case)
    def run(*args: P.args, **kwargs: P.kwargs) -> int:
        try:
            with transaction.atomic():
                return use_case(*args, **kwargs)
        except Repeated as repeated:
            return repeated.seq

    return run


class Act:
    """One change of a room in the making. What is in `log` becomes its next events when it is finished."""

    def __init__(
        self, session: Session, *, now: datetime, who: Principal | None = None, key: UUID | None = None
    ) -> None:
        self.session = session
        self.request: Request = session.request
        self.log: list[events.RoomEventBody] = []
        self.request_changed = False
        """Whether lists of requests have to be told."""
        self._now = now
        self._who = who
        self._key = key

    def participant(self, participant_id: UUID) -> Participant:
        """Return somebody in the room.

        Raises:
            NotFound: `room.no_such_participant`.
        """
        participant = self.session.participants.filter(id=participant_id).first()
        if participant is None:
            raise NotFound("room.no_such_participant", _("Không có người này trong phòng."))
        return participant

    def own_or_none(self) -> Participant | None:
        """Return whoever acts, None before they have arrived."""
        if self._who is None:
            return None
        return self.session.participants.filter(**as_participant(self._who)).first()

    def own(self) -> Participant:
        """Return whoever acts.

        Raises:
            Conflict: `room.not_arrived`.
        """
        participant = self.own_or_none()
        if participant is None:
            raise Conflict("room.not_arrived", _("Anh/chị chưa vào phòng chờ."))
        return participant

    def put_out(self, participant: Participant, reason: events.LeaveReason) -> bool:
        """Take somebody's place away; False when they had none."""
        if move(participant.state, Move.LEAVE) is None:
            return False
        participant.state = Presence.LEFT
        participant.microphone = participant.camera = participant.screen = False
        participant.exam = participant.auscultation = False
        participant.save(update_fields=["state", "microphone", "camera", "screen", "exam", "auscultation"])
        self.log.append(events.ParticipantLeft(participant_id=participant.id, reason=reason))
        return True

    def lose_line(self, participant: Participant) -> None:
        """Show somebody as away; their place is kept."""
        if move(participant.state, Move.LOSE_LINE) is not None:
            participant.state = Presence.AWAY
            participant.save(update_fields=["state"])
            self.log.append(events.ParticipantAway(participant_id=participant.id))

    def end(self, reason: events.EndReason, *, by: Participant | None) -> None:
        """End the call: everybody is out, an unanswered request is open for another."""
        for participant in self.session.participants.filter(state__in=PRESENT):
            self.put_out(participant, "ended")
        self.session.state = SessionState.ENDED
        self.session.ended_at = self._now
        self.session.end_reason = reason
        self.log.append(events.SessionEnded(reason=reason, by=by.id if by else None))
        self.request.state = transition(self.request.state, Event.END_SESSION)
        self.request.save(update_fields=["state"])
        self.request_changed = True

    def audit(self, action: str, **detail: Any) -> None:
        """Write an audit entry about the request, its patient and this act."""
        audit_request(action, request=self.request, who=self._who, now=self._now, **detail)

    def finish(self) -> int:
        """Write the events and the command's receipt; return the room's sequence number."""
        write_log(self.session, self.log, now=self._now)
        # Who waits is shown on the practitioner's list of visits.
        presence_changed = any(isinstance(body, _PRESENCE) for body in self.log)
        if self.request_changed or (presence_changed and rules.is_visit(self.request)):
            announce_request(self.request, now=self._now)
        if self._key is not None and self._who is not None:
            CommandReceipt.objects.create(
                session=self.session,
                principal=key_of(self._who),
                key=self._key,
                seq=self.session.seq,
                at=self._now,
            )
        return self.session.seq


def begin(
    who: Principal, session_id: UUID, *, key: UUID | None, now: datetime, allow_ended: bool = False
) -> Act:
    """Start what somebody does in a room, in a `room_command`.

    Raises:
        NotFound: `session.not_found`, also for a room that is not theirs to come into; Conflict: `room.over`; Repeated.
    """
    session = _locked(session_id)
    if rules.side_in_room(who, session.request) is None:
        raise _no_such_session()
    if key is not None:
        receipts = CommandReceipt.objects.filter(session=session, principal=key_of(who), key=key)
        seq = receipts.values_list("seq", flat=True).first()
        if seq is not None:
            raise Repeated(seq)
    if session.state == SessionState.ENDED and not allow_ended:
        raise Conflict("room.over", _("Cuộc hội chẩn này đã kết thúc."))
    return Act(session, now=now, who=who, key=key)


def begin_unattended(session_id: UUID, *, now: datetime) -> Act:
    """Start what nobody in particular does, in a transaction. The session may have ended.

    Raises:
        NotFound: `session.not_found`.
    """
    return Act(_locked(session_id), now=now)


def write_log(session: Session, log: list[events.RoomEventBody], *, now: datetime) -> None:
    """Append to the event log under the session's row lock, which keeps the sequence free of gaps."""
    if not log:
        return
    RoomEvent.objects.bulk_create(
        RoomEvent(session=session, seq=session.seq + offset, at=now, body=body.model_dump(mode="json"))
        for offset, body in enumerate(log, start=1)
    )
    session.seq += len(log)
    session.save(update_fields=_CHANGING)
    announce_room(session, now=now)


def _locked(session_id: UUID) -> Session:
    session = _LOCKED.filter(id=session_id).first()
    if session is None:
        raise _no_such_session()
    return session


def _no_such_session() -> NotFound:
    return NotFound("session.not_found", _("Không có phòng này, hoặc anh/chị không có quyền vào."))
