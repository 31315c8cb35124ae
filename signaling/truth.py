"""What sockets ask of the database and of the domain. Synchronous: runs in the database threads."""

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never
from uuid import UUID

from django.db import connection, transaction

from signaling.effects import RoomLoaded
from signaling.people import Denied
from signaling.protocol import messages as wire
from signaling.protocol.closing import CloseCode
from telehealth.consultations import rules
from telehealth.consultations.access import access_session
from telehealth.consultations.domain import rooms, sessions, upkeep
from telehealth.consultations.enums import Presence
from telehealth.consultations.models import Participant, Session
from telehealth.consultations.principals import Principal, as_participant, key_of

INSIDE = (Presence.ADMITTED, Presence.IN_ROOM, Presence.AWAY)
MAX_MISSED = 500
"""A client that misses more events than this gets a snapshot instead."""


def load_room(who: Principal, *, session_id: UUID, last_seq: int | None) -> RoomLoaded:
    """Return what a client needs to show the room, all as of one moment.

    Raises:
        NotFound: `session.not_found`.
    """
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        session = access_session(who, session_id)
        chat_after = rooms.chat_after(session_id=session_id, who=who)
        snapshot = rooms.snapshot(session=session, chat_after=chat_after)
        missed = None
        if last_seq is not None and last_seq <= snapshot.seq <= last_seq + MAX_MISSED:
            missed = tuple(rooms.events_after(session_id=session_id, seq=last_seq))
        return RoomLoaded(
            participant_id=sessions.participant_id_of(session_id, key_of(who)),
            permissions=wire.Permissions(
                admit=rules.may_admit(who, session.request),
                mark_patient=rules.may_mark_patient(who, session.request),
                remove=rules.may_remove(who, session.request),
                end_call=rules.may_end_call(who, session.request),
            ),
            snapshot=snapshot,
            missed=missed,
            chat_after=chat_after,
        )


def perform(who: Principal, *, session_id: UUID, key: UUID, action: wire.Action, now: datetime) -> int:
    """Do a command; return the room's sequence after it. Raises what the use case raises."""
    match action:
        case wire.Arrive():
            return sessions.arrive(who=who, session_id=session_id, key=key, now=now)
        case wire.Admit(participant_id=whom):
            return sessions.admit(who=who, session_id=session_id, participant_id=whom, key=key, now=now)
        case wire.MarkPatient(present=present):
            return sessions.mark_patient(who=who, session_id=session_id, present=present, key=key, now=now)
        case wire.SetMedia():
            sends = action.model_dump(exclude={"do"})
            return sessions.set_media(who=who, session_id=session_id, **sends, key=key, now=now)
        case wire.PostChat(text=text, document_id=document_id):
            return sessions.post_chat(
                who=who, session_id=session_id, text=text, document_id=document_id, key=key, now=now
            )
        case wire.Leave():
            return sessions.leave(who=who, session_id=session_id, key=key, now=now)
        case wire.Remove(participant_id=whom):
            return sessions.remove(who=who, session_id=session_id, participant_id=whom, key=key, now=now)
        case wire.EndCall(reason=reason):
            return sessions.end_session(who=who, session_id=session_id, reason=reason, key=key, now=now)
        case _:
            assert_never(action)


@dataclass(frozen=True)
class Seat:
    """Where a participant's media belongs, and whether they have been let in. Before that it only stands by."""

    participant_id: UUID
    node: str
    epoch: int
    admitted: bool


def seat_of(who: Principal, *, session_id: UUID) -> Seat:
    """Return the seat of somebody who may be in the room or wait for it.

    Raises:
        NotFound: `session.not_found`; Denied: NOT_ALLOWED, ROOM_OVER.
    """
    session = access_session(who, session_id)
    if session.ended_at is not None:
        raise Denied(CloseCode.ROOM_OVER)
    place = session.participants.filter(**as_participant(who)).first()
    if place is not None and place.was_removed:
        raise Denied(CloseCode.NOT_ALLOWED)
    return Seat(
        participant_id=sessions.participant_id_of(session_id, key_of(who)),
        node=session.media_node,
        epoch=session.media_epoch,
        admitted=place is not None and place.state in INSIDE,
    )


def media_node_of(session_id: UUID) -> str:
    """Return the node a room's media lives on, "" when it has none."""
    return Session.objects.filter(id=session_id).values_list("media_node", flat=True).first() or ""


def lose_line(*, session_id: UUID, participant_id: UUID, last_seen: datetime, now: datetime) -> None:
    """Record that a participant's line broke, unless another socket of theirs has been seen since `last_seen`."""
    if not Participant.objects.filter(id=participant_id, seen_at__gt=last_seen).exists():
        upkeep.lose_line(session_id=session_id, participant_id=participant_id, now=now)
