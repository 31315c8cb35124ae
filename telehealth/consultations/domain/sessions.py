"""The call: opening it, coming and going, what is said beside the picture, ending it.

Every use case here is one transaction on the locked session row: guard, write, event rows, audit row, outbox row.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext as _

from telehealth.accounts.hat import Hat
from telehealth.consultations import room_events as events
from telehealth.consultations import rules
from telehealth.consultations.access import access_request
from telehealth.consultations.domain.announcements import announce_request, announce_room, audit_request
from telehealth.consultations.domain.attendance import Move, move
from telehealth.consultations.domain.lifecycle import Event, transition
from telehealth.consultations.enums import Presence, SessionState, Side
from telehealth.consultations.models import (
    Attachment,
    CommandReceipt,
    Participant,
    Request,
    RoomEvent,
    Session,
)
from telehealth.core.errors import Conflict, Invalid, NotAllowed, NotFound
from telehealth.core.ids import uuid7
from telehealth.core.text import clean
from telehealth.records.models import Document

ROOM_CAPACITY = 6
PLACE_KEPT = timedelta(minutes=15)
SILENT_AFTER = timedelta(seconds=25)
ABANDONED_AFTER = timedelta(minutes=30)
PRESENT = (Presence.WAITING, Presence.ADMITTED, Presence.IN_ROOM, Presence.AWAY)


@transaction.atomic
def open_session(*, hat: Hat, request_id: UUID, now: datetime) -> Session:
    """Open the room of a claimed request, or return the one already open.

    Raises:
        NotFound; NotAllowed: `room.not_allowed`; Conflict: `request.wrong_state`.
    """
    request = access_request(hat, request_id, now=now, act=None, lock=True)
    if not rules.may_open_room(hat, request):
        raise NotAllowed("room.not_allowed", _("Chỉ bác sĩ hoặc điều phối viên hai bên mới mở được phòng."))
    session = request.sessions.exclude(state=SessionState.ENDED).first()
    if session is not None:
        return session
    request.state = transition(request.state, Event.OPEN_SESSION)
    request.save(update_fields=["state"])
    session = Session.objects.create(
        request=request, number=request.sessions.count() + 1, opened_by=hat.membership, opened_at=now
    )
    audit_request("session.opened", request=request, hat=hat, now=now, session=str(session.id))
    _log(session, [events.SessionOpened()], now=now)
    announce_request(request, now=now)
    return session


@transaction.atomic
def arrive(*, hat: Hat, session_id: UUID, key: UUID | None, now: datetime) -> int:
    """Take a place in the waiting room; the owner of the case, and who was in before, are admitted at once.

    Returns the room's sequence number after the act, as all room commands here do.

    Raises:
        NotFound: `session.not_found`; Conflict: `room.over`, `room.full`; NotAllowed: `room.removed`.
    """
    session, request, repeated = _begin(hat, session_id, key=key, now=now)
    if repeated is not None:
        return repeated
    participant = session.participants.filter(membership=hat.membership).first()
    log: list[events.RoomEventBody] = []
    if participant is None:
        if session.participants.filter(state__in=PRESENT).count() >= ROOM_CAPACITY:
            raise Conflict("room.full", _("Phòng đã đủ %(n)s người.") % {"n": ROOM_CAPACITY})
        side = rules.side_of(hat, request)
        assert side is not None
        participant = Participant.objects.create(
            id=participant_id_of(session.id, hat.membership.id),
            session=session,
            membership=hat.membership,
            side=side,
            arrived_at=now,
            seen_at=now,
        )
        log.append(events.ParticipantArrived(participant=participant_info(participant)))
    else:
        if participant.was_removed:
            raise NotAllowed("room.removed", _("Anh/chị đã được mời ra khỏi phòng này."))
        if move(participant.state, Move.ARRIVE) is not None:
            participant.state = Presence.WAITING
            log.append(events.ParticipantArrived(participant=participant_info(participant)))
    if participant.state == Presence.WAITING and (participant.was_admitted or rules.is_owner(hat, request)):
        participant.state = Presence.ADMITTED
        participant.was_admitted = True
        log.append(events.ParticipantAdmitted(participant_id=participant.id))
    participant.seen_at = now
    participant.save()
    if log:
        audit_request("session.arrived", request=request, hat=hat, now=now, session=str(session.id))
    return _finish(session, log, hat=hat, key=key, now=now)


@transaction.atomic
def admit(*, hat: Hat, session_id: UUID, participant_id: UUID, key: UUID | None, now: datetime) -> int:
    """Let a waiting participant into the room.

    Raises:
        NotFound; NotAllowed: `room.not_yours_to_admit`; Conflict: `room.over`, `room.gone`.
    """
    session, request, repeated = _begin(hat, session_id, key=key, now=now)
    if repeated is not None:
        return repeated
    host = session.participants.filter(membership=hat.membership).first()
    if not rules.may_admit(hat, request) or host is None or not host.was_admitted:
        raise NotAllowed(
            "room.not_yours_to_admit",
            _("Chỉ bác sĩ chuyên khoa hoặc điều phối viên đang ở trong phòng mới mời được."),
        )
    guest = _participant(session, participant_id)
    log: list[events.RoomEventBody] = []
    if move(guest.state, Move.ADMIT) is not None:
        guest.state = Presence.ADMITTED
        guest.was_admitted = True
        guest.save(update_fields=["state", "was_admitted"])
        log.append(events.ParticipantAdmitted(participant_id=guest.id, by=host.id))
        audit_request("session.admitted", request=request, hat=hat, now=now, participant=str(guest.id))
    return _finish(session, log, hat=hat, key=key, now=now)


@transaction.atomic
def enter(*, hat: Hat, session_id: UUID, now: datetime) -> int:
    """Record that an admitted participant is in the room. The call goes live when both sides are.

    Raises:
        NotFound; Conflict: `room.over`, `room.not_admitted`.
    """
    session, request, _repeated = _begin(hat, session_id, key=None, now=now)
    participant = _own(session, hat)
    log: list[events.RoomEventBody] = []
    if move(participant.state, Move.ENTER) is not None:
        participant.state = Presence.IN_ROOM
        log.append(events.ParticipantEntered(participant_id=participant.id))
        audit_request("session.entered", request=request, hat=hat, now=now, session=str(session.id))
    participant.seen_at = now
    participant.save(update_fields=["state", "seen_at"])
    if session.state == SessionState.WAITING and _both_sides_in(session):
        session.state = SessionState.LIVE
        session.live_since = now
        log.append(events.WentLive())
        announce_request(request, now=now)
    return _finish(session, log, hat=hat, key=None, now=now)


@transaction.atomic
def lose_line(*, session_id: UUID, participant_id: UUID, now: datetime) -> int:
    """Record that a participant's line broke. Their place is kept."""
    session = _locked(session_id)
    participant = _participant(session, participant_id)
    log: list[events.RoomEventBody] = []
    if session.state != SessionState.ENDED and move(participant.state, Move.LOSE_LINE) is not None:
        participant.state = Presence.AWAY
        participant.save(update_fields=["state"])
        log.append(events.ParticipantAway(participant_id=participant.id))
    return _finish(session, log, hat=None, key=None, now=now)


@transaction.atomic
def leave(*, hat: Hat, session_id: UUID, key: UUID | None, now: datetime) -> int:
    """Leave the room; the call goes on for the others, the request stays as it is."""
    session, request, repeated = _begin(hat, session_id, key=key, now=now)
    if repeated is not None:
        return repeated
    participant = _own(session, hat)
    log = _put_out(participant, "left")
    if log:
        audit_request("session.left", request=request, hat=hat, now=now, session=str(session.id))
    return _finish(session, log, hat=hat, key=key, now=now)


@transaction.atomic
def remove(*, hat: Hat, session_id: UUID, participant_id: UUID, key: UUID | None, now: datetime) -> int:
    """Put somebody out of the room for good. Their media stops within two seconds.

    Raises:
        NotFound; NotAllowed: `room.not_yours_to_remove`; Conflict: `room.over`.
    """
    session, request, repeated = _begin(hat, session_id, key=key, now=now)
    if repeated is not None:
        return repeated
    guest = _participant(session, participant_id)
    if not rules.may_remove(hat, request) or guest.membership_id == hat.membership.id:
        raise NotAllowed(
            "room.not_yours_to_remove", _("Chỉ bác sĩ nhận ca mới mời được người khác ra khỏi phòng.")
        )
    log = _put_out(guest, "removed")
    Participant.objects.filter(id=guest.id).update(was_removed=True)
    audit_request("session.removed", request=request, hat=hat, now=now, participant=str(guest.id))
    return _finish(session, log, hat=hat, key=key, now=now)


@transaction.atomic
def mark_patient(*, hat: Hat, session_id: UUID, present: bool, key: UUID | None, now: datetime) -> int:
    """Say whether the patient is present at the spoke.

    Raises:
        NotFound; NotAllowed: `room.not_spoke`; Conflict: `room.over`.
    """
    session, request, repeated = _begin(hat, session_id, key=key, now=now)
    if repeated is not None:
        return repeated
    if not rules.may_mark_patient(hat, request):
        raise NotAllowed(
            "room.not_spoke", _("Chỉ cơ sở đang có người bệnh mới xác nhận được người bệnh có mặt.")
        )
    participant = _own(session, hat)
    log: list[events.RoomEventBody] = []
    if session.patient_present != present:
        session.patient_present = present
        log.append(events.PatientPresenceChanged(present=present, by=participant.id))
        audit_request("session.patient_marked", request=request, hat=hat, now=now, present=present)
    return _finish(session, log, hat=hat, key=key, now=now)


@transaction.atomic
def set_media(
    *,
    hat: Hat,
    session_id: UUID,
    microphone: bool,
    camera: bool,
    screen: bool,
    key: UUID | None,
    now: datetime,
) -> int:
    """Record what a participant sends, for everybody's screen."""
    session, _request, repeated = _begin(hat, session_id, key=key, now=now)
    if repeated is not None:
        return repeated
    participant = _own(session, hat)
    log: list[events.RoomEventBody] = []
    if (participant.microphone, participant.camera, participant.screen) != (microphone, camera, screen):
        participant.microphone, participant.camera, participant.screen = microphone, camera, screen
        participant.save(update_fields=["microphone", "camera", "screen"])
        log.append(
            events.MediaChanged(
                participant_id=participant.id, microphone=microphone, camera=camera, screen=screen
            )
        )
    return _finish(session, log, hat=hat, key=key, now=now)


@transaction.atomic
def post_chat(
    *, hat: Hat, session_id: UUID, text: str, document_id: UUID | None, key: UUID | None, now: datetime
) -> int:
    """Write into the room's chat, with or without a file of this case.

    Raises:
        NotFound: `session.not_found`, `document.not_found`; NotAllowed: `room.not_in`; Invalid: `chat.empty`;
        Conflict: `room.over`.
    """
    session, request, repeated = _begin(hat, session_id, key=key, now=now)
    if repeated is not None:
        return repeated
    participant = _own(session, hat)
    if not participant.was_admitted:
        raise NotAllowed("room.not_in", _("Anh/chị chưa được mời vào phòng."))
    text = clean(text)
    document: Document | None = None
    if document_id is not None:
        attachment = (
            Attachment.objects.select_related("document")
            .filter(request=request, document_id=document_id)
            .first()
        )
        if attachment is None:
            raise NotFound("document.not_found", _("Không có tài liệu này trong ca."))
        document = attachment.document
    if not text and document is None:
        raise Invalid("chat.empty", _("Tin nhắn trống."))
    info = document and events.DocumentInfo(
        document_id=document.id, name=document.name, content_type=document.content_type, size=document.size
    )
    event = events.ChatPosted(
        message_id=key or uuid7(), participant_id=participant.id, text=text, document=info
    )
    return _finish(session, [event], hat=hat, key=key, now=now)


@transaction.atomic
def end_session(
    *, hat: Hat, session_id: UUID, reason: events.EndReason, key: UUID | None, now: datetime
) -> int:
    """End the call for everybody. An unanswered request goes back to "accepted": it can be called again or answered in writing.

    Raises:
        NotFound; NotAllowed: `room.not_yours_to_end`.
    """
    session, request, repeated = _begin(hat, session_id, key=key, now=now, allow_ended=True)
    if repeated is not None:
        return repeated
    if session.state == SessionState.ENDED:
        return session.seq
    if not rules.may_end_call(hat, request):
        raise NotAllowed(
            "room.not_yours_to_end", _("Chỉ bác sĩ hai bên mới kết thúc được cuộc gọi cho mọi người.")
        )
    by = session.participants.filter(membership=hat.membership).first()
    _end(session, request, reason=reason, by=by, now=now)
    audit_request("session.ended", request=request, hat=hat, now=now, session=str(session.id), reason=reason)
    return _finish(session, [], hat=hat, key=key, now=now)


@transaction.atomic
def place_media(*, session_id: UUID, node: str, if_epoch: int, now: datetime) -> tuple[str, int]:
    """Put the room's media on a node, unless somebody was faster; return the node and epoch that hold now.

    A new epoch voids every media connection made before it.
    """
    session = _locked(session_id)
    if session.state == SessionState.ENDED:
        raise Conflict("room.over", _("Cuộc hội chẩn này đã kết thúc."))
    if session.media_epoch == if_epoch:
        session.media_node, session.media_epoch = node, if_epoch + 1
        _finish(session, [events.MediaMoved(epoch=session.media_epoch)], hat=None, key=None, now=now)
    return session.media_node, session.media_epoch


def touch(*, participant_ids: Iterable[UUID], now: datetime) -> None:
    """Record that these participants' sockets are alive. One statement, no log entry."""
    Participant.objects.filter(id__in=list(participant_ids)).update(seen_at=now)


def sweep_rooms(*, now: datetime) -> None:
    """Do what a dead web process could not: mark silent people away, give up kept places, end abandoned calls."""
    for session in Session.objects.exclude(state=SessionState.ENDED):
        with transaction.atomic():
            _sweep(_locked(session.id), now=now)


def participant_id_of(session_id: UUID, membership_id: UUID) -> UUID:
    """Return who a person is in a session: known before they arrive, so that a client can tell itself from others."""
    return uuid5(session_id, str(membership_id))


def participant_info(participant: Participant) -> events.ParticipantInfo:
    """Return who somebody is to the others in the room."""
    membership = participant.membership
    return events.ParticipantInfo(
        participant_id=participant.id,
        name=membership.user.full_name,
        title=membership.user.title,
        role=cast(events.ClinicalRole, membership.role),  # others stand on no side
        facility=membership.facility.short_name,
        side="hub" if participant.side == Side.HUB else "spoke",
    )


def _begin(
    hat: Hat, session_id: UUID, *, key: UUID | None, now: datetime, allow_ended: bool = False
) -> tuple[Session, Request, int | None]:
    """Lock the session, check that the hat may see its request, and find the receipt of a repeated command."""
    session = _locked(session_id)
    request = session.request
    if not rules.may_see(hat, request):
        raise _no_such_session()
    if key is not None:
        receipt = CommandReceipt.objects.filter(session=session, membership=hat.membership, key=key).first()
        if receipt:
            return session, request, receipt.seq
    if session.state == SessionState.ENDED and not allow_ended:
        raise Conflict("room.over", _("Cuộc hội chẩn này đã kết thúc."))
    return session, request, None


def _finish(
    session: Session,
    log: list[events.RoomEventBody],
    *,
    hat: Hat | None,
    key: UUID | None,
    now: datetime,
) -> int:
    _log(session, log, now=now)
    if key is not None and hat is not None:
        CommandReceipt.objects.create(
            session=session, membership=hat.membership, key=key, seq=session.seq, at=now
        )
    return session.seq


def _log(session: Session, log: list[events.RoomEventBody], *, now: datetime) -> None:
    """Append to the event log under the session's row lock, which keeps the sequence free of gaps."""
    if not log:
        return
    RoomEvent.objects.bulk_create(
        RoomEvent(session=session, seq=session.seq + offset, at=now, body=body.model_dump(mode="json"))
        for offset, body in enumerate(log, start=1)
    )
    session.seq += len(log)
    session.save()
    announce_room(session, now=now)


def _locked(session_id: UUID) -> Session:
    # The request row first, always: the order in which every use case locks.
    request = Request.objects.select_for_update(of=("self",)).filter(sessions__id=session_id).first()
    if request is None:
        raise _no_such_session()
    session = Session.objects.select_for_update().get(id=session_id)
    session.request = request  # the locked row; nobody reads it again
    return session


def _no_such_session() -> NotFound:
    return NotFound("session.not_found", _("Không có phòng này, hoặc anh/chị không có quyền vào."))


def _participant(session: Session, participant_id: UUID) -> Participant:
    participant = session.participants.filter(id=participant_id).first()
    if participant is None:
        raise NotFound("room.no_such_participant", _("Không có người này trong phòng."))
    return participant


def _own(session: Session, hat: Hat) -> Participant:
    participant = session.participants.filter(membership=hat.membership).first()
    if participant is None:
        raise Conflict("room.not_arrived", _("Anh/chị chưa vào phòng chờ."))
    return participant


def _put_out(participant: Participant, reason: events.LeaveReason) -> list[events.RoomEventBody]:
    if move(participant.state, Move.LEAVE) is None:
        return []
    participant.state = Presence.LEFT
    participant.microphone = participant.camera = participant.screen = False
    participant.save(update_fields=["state", "microphone", "camera", "screen"])
    return [events.ParticipantLeft(participant_id=participant.id, reason=reason)]


def _both_sides_in(session: Session) -> bool:
    sides = session.participants.filter(state=Presence.IN_ROOM).values_list("side", flat=True)
    return {Side.HUB, Side.SPOKE} <= set(sides)


def _end(
    session: Session, request: Request, *, reason: events.EndReason, by: Participant | None, now: datetime
) -> None:
    log: list[events.RoomEventBody] = []
    for participant in session.participants.filter(state__in=PRESENT):
        log += _put_out(participant, "ended")
    session.state = SessionState.ENDED
    session.ended_at = now
    session.end_reason = reason
    log.append(events.SessionEnded(reason=reason, by=by.id if by else None))
    request.state = transition(request.state, Event.END_SESSION)
    request.save(update_fields=["state"])
    _log(session, log, now=now)
    announce_request(request, now=now)


def _sweep(session: Session, *, now: datetime) -> None:
    if session.state == SessionState.ENDED:
        return
    log: list[events.RoomEventBody] = []
    last_sign = session.opened_at
    for participant in session.participants.filter(state__in=PRESENT):
        last_sign = max(last_sign, participant.seen_at)
        silence = now - participant.seen_at
        if silence > PLACE_KEPT:
            log += _put_out(participant, "lost")
        elif silence > SILENT_AFTER and move(participant.state, Move.LOSE_LINE) is not None:
            participant.state = Presence.AWAY
            participant.save(update_fields=["state"])
            log.append(events.ParticipantAway(participant_id=participant.id))
    for participant in session.participants.filter(state=Presence.LEFT):
        last_sign = max(last_sign, participant.seen_at)
    _log(session, log, now=now)
    if now - last_sign > ABANDONED_AFTER:
        _end(session, session.request, reason="abandoned", by=None, now=now)
        audit_request(
            "session.abandoned", request=session.request, hat=None, now=now, session=str(session.id)
        )
