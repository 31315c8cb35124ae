"""The call: opening it, coming and going, what is said beside the picture, ending it.

Every use case here is one transaction on the locked session row: guard, write, event rows, audit row, outbox row. All
but opening return the room's sequence number after the act. What nobody commands is in `upkeep`.
"""

from datetime import datetime
from typing import cast
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext as _

from telehealth.accounts.hat import Hat
from telehealth.accounts.models import Membership
from telehealth.consultations import room_events as events
from telehealth.consultations import rules
from telehealth.consultations.access import access_request
from telehealth.consultations.domain.acts import PRESENT, begin, room_command, write_log
from telehealth.consultations.domain.announcements import announce_request, audit_request
from telehealth.consultations.domain.attendance import Move, move
from telehealth.consultations.domain.lifecycle import Event, transition
from telehealth.consultations.domain.meetings import note_held
from telehealth.consultations.enums import GuestKind, Presence, SessionState, Side
from telehealth.consultations.models import Attachment, Participant, Request, Session
from telehealth.consultations.principals import Principal, as_participant, key_of
from telehealth.core.errors import Conflict, Invalid, NotAllowed, NotFound
from telehealth.core.ids import uuid7
from telehealth.core.text import clean
from telehealth.records.models import Document

ROOM_CAPACITY = 6


@transaction.atomic
def open_session(*, hat: Hat, request_id: UUID, now: datetime, encrypted: bool = False) -> Session:
    """Open the room of a claimed request, or return the one already open.

    `encrypted`: sound and picture end to end, so that the relay cannot read them. Physicians choose it, for the whole call; a
    room that is already open stays as it is.

    Raises:
        NotFound; NotAllowed: `room.not_allowed`, `room.not_yours_to_encrypt`; Conflict: `request.wrong_state`.
    """
    request = access_request(hat, request_id, now=now, act=None, lock=True)
    if not rules.may_open_room(hat, request):
        raise NotAllowed("room.not_allowed", _("Chỉ bác sĩ hoặc điều phối viên hai bên mới mở được phòng."))
    if rules.is_visit(request):
        raise NotAllowed("room.not_allowed", _("Phòng của buổi khám từ xa mở từ trang Khám từ xa."))
    session = request.sessions.exclude(state=SessionState.ENDED).first()
    if session is not None:
        return session
    if encrypted and not rules.may_encrypt_room(hat, request):
        raise NotAllowed(
            "room.not_yours_to_encrypt",
            _("Chỉ bác sĩ hai bên mới chọn được mã hóa đầu cuối. Phòng chưa mở; bỏ chọn rồi mở lại."),
        )
    note_held(request, now=now)
    return begin_session(request=request, who=hat, opened_by=hat.membership, encrypted=encrypted, now=now)


def begin_session(
    *, request: Request, who: Principal, opened_by: Membership, encrypted: bool, now: datetime
) -> Session:
    """Open the next room of a request whose row the caller holds locked and which has none that is open.

    Raises:
        Conflict: `request.wrong_state`.
    """
    request.state = transition(request.state, Event.OPEN_SESSION)
    request.save(update_fields=["state"])
    session = Session.objects.create(
        request=request,
        number=request.sessions.count() + 1,
        encrypted=encrypted,
        opened_by=opened_by,
        opened_at=now,
    )
    audit_request(
        "session.opened", request=request, who=who, now=now, session=str(session.id), encrypted=encrypted
    )
    write_log(session, [events.SessionOpened(encrypted=encrypted)], now=now)
    announce_request(request, now=now)
    return session


@room_command
def arrive(*, who: Principal, session_id: UUID, key: UUID | None, now: datetime) -> int:
    """Take a place in the waiting room; the owner of the case, and who was in before, are admitted at once.

    Raises:
        NotFound: `session.not_found`; Conflict: `room.over`, `room.full`; NotAllowed: `room.removed`.
    """
    act = begin(who, session_id, key=key, now=now)
    session, participant = act.session, act.own_or_none()
    if participant is None:
        if session.participants.filter(state__in=PRESENT).count() >= ROOM_CAPACITY:
            raise Conflict("room.full", _("Phòng đã đủ %(n)s người.") % {"n": ROOM_CAPACITY})
        side = rules.side_in_room(who, act.request)
        assert side is not None
        participant = Participant.objects.create(
            id=participant_id_of(session.id, key_of(who)),
            session=session,
            **as_participant(who),
            side=side,
            arrived_at=now,
            seen_at=now,
        )
        act.log.append(events.ParticipantArrived(participant=participant_info(participant)))
    else:
        if participant.was_removed:
            raise NotAllowed("room.removed", _("Anh/chị đã được mời ra khỏi phòng này."))
        if move(participant.state, Move.ARRIVE) is not None:
            participant.state = Presence.WAITING
            act.log.append(events.ParticipantArrived(participant=participant_info(participant)))
    if participant.state == Presence.WAITING and (
        participant.was_admitted or rules.is_admitted_by_arriving(who, act.request)
    ):
        participant.state = Presence.ADMITTED
        participant.was_admitted = True
        act.log.append(events.ParticipantAdmitted(participant_id=participant.id))
    participant.seen_at = now
    participant.save()
    if act.log:
        act.audit("session.arrived", session=str(session.id))
    return act.finish()


@room_command
def admit(*, who: Principal, session_id: UUID, participant_id: UUID, key: UUID | None, now: datetime) -> int:
    """Let a waiting participant into the room.

    Raises:
        NotFound; NotAllowed: `room.not_yours_to_admit`; Conflict: `room.over`, `room.gone`.
    """
    act = begin(who, session_id, key=key, now=now)
    host = act.own_or_none()
    if not rules.may_admit(who, act.request) or host is None or not host.was_admitted:
        raise NotAllowed(
            "room.not_yours_to_admit",
            _("Chỉ bác sĩ chuyên khoa hoặc điều phối viên đang ở trong phòng mới mời được."),
        )
    guest = act.participant(participant_id)
    if move(guest.state, Move.ADMIT) is not None:
        guest.state = Presence.ADMITTED
        guest.was_admitted = True
        guest.save(update_fields=["state", "was_admitted"])
        act.log.append(events.ParticipantAdmitted(participant_id=guest.id, by=host.id))
        act.audit("session.admitted", participant=str(guest.id))
    return act.finish()


@room_command
def enter(*, who: Principal, session_id: UUID, now: datetime) -> int:
    """Record that an admitted participant is in the room. The call goes live when both sides are.

    Raises:
        NotFound; Conflict: `room.over`, `room.not_admitted`.
    """
    act = begin(who, session_id, key=None, now=now)
    session, participant = act.session, act.own()
    if move(participant.state, Move.ENTER) is not None:
        participant.state = Presence.IN_ROOM
        act.log.append(events.ParticipantEntered(participant_id=participant.id))
        act.audit("session.entered", session=str(session.id))
    participant.seen_at = now
    participant.save(update_fields=["state", "seen_at"])
    if session.state == SessionState.WAITING and _both_sides_in(session):
        session.state = SessionState.LIVE
        session.live_since = now
        act.log.append(events.WentLive())
        act.request_changed = True
    return act.finish()


@room_command
def leave(*, who: Principal, session_id: UUID, key: UUID | None, now: datetime) -> int:
    """Leave the room; the call goes on for the others, the request stays as it is."""
    act = begin(who, session_id, key=key, now=now)
    if act.put_out(act.own(), "left"):
        act.audit("session.left", session=str(act.session.id))
    return act.finish()


@room_command
def remove(*, who: Principal, session_id: UUID, participant_id: UUID, key: UUID | None, now: datetime) -> int:
    """Put somebody out of the room for good. Their media stops within two seconds.

    Raises:
        NotFound; NotAllowed: `room.not_yours_to_remove`; Conflict: `room.over`.
    """
    act = begin(who, session_id, key=key, now=now)
    guest = act.participant(participant_id)
    if not rules.may_remove(who, act.request) or guest.id == participant_id_of(act.session.id, key_of(who)):
        raise NotAllowed(
            "room.not_yours_to_remove", _("Chỉ bác sĩ nhận ca mới mời được người khác ra khỏi phòng.")
        )
    act.put_out(guest, "removed")
    Participant.objects.filter(id=guest.id).update(was_removed=True)
    act.audit("session.removed", participant=str(guest.id))
    return act.finish()


@room_command
def mark_patient(*, who: Principal, session_id: UUID, present: bool, key: UUID | None, now: datetime) -> int:
    """Say whether the patient is present at the spoke.

    Raises:
        NotFound; NotAllowed: `room.not_spoke`; Conflict: `room.over`.
    """
    act = begin(who, session_id, key=key, now=now)
    if not rules.may_mark_patient(who, act.request):
        raise NotAllowed(
            "room.not_spoke", _("Chỉ cơ sở đang có người bệnh mới xác nhận được người bệnh có mặt.")
        )
    participant = act.own()
    if act.session.patient_present != present:
        act.session.patient_present = present
        act.log.append(events.PatientPresenceChanged(present=present, by=participant.id))
        act.audit("session.patient_marked", present=present)
    return act.finish()


@room_command
def set_media(
    *,
    who: Principal,
    session_id: UUID,
    microphone: bool,
    camera: bool,
    screen: bool,
    exam: bool = False,
    auscultation: bool = False,
    key: UUID | None,
    now: datetime,
) -> int:
    """Record what a participant sends, for everybody's screen. An exam picture is one on the screen's line."""
    act = begin(who, session_id, key=key, now=now)
    participant = act.own()
    sends = {
        "microphone": microphone,
        "camera": camera,
        "screen": screen,
        "exam": exam and screen,
        "auscultation": auscultation and microphone,
    }
    if any(getattr(participant, name) != value for name, value in sends.items()):
        for name, value in sends.items():
            setattr(participant, name, value)
        participant.save(update_fields=list(sends))
        act.log.append(events.MediaChanged(participant_id=participant.id, **sends))
    return act.finish()


@room_command
def post_chat(
    *, who: Principal, session_id: UUID, text: str, document_id: UUID | None, key: UUID | None, now: datetime
) -> int:
    """Write into the room's chat, with or without a file of this case.

    Raises:
        NotFound: `session.not_found`, `document.not_found`; NotAllowed: `room.not_in`; Invalid: `chat.empty`;
        Conflict: `room.over`.
    """
    act = begin(who, session_id, key=key, now=now)
    participant = act.own()
    if not participant.was_admitted:
        raise NotAllowed("room.not_in", _("Anh/chị chưa được mời vào phòng."))
    text = clean(text)
    document: Document | None = None
    if document_id is not None:
        attachment = (
            Attachment.objects.select_related("document")
            .filter(request=act.request, document_id=document_id)
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
    act.log.append(
        events.ChatPosted(message_id=key or uuid7(), participant_id=participant.id, text=text, document=info)
    )
    return act.finish()


@room_command
def end_session(
    *, who: Principal, session_id: UUID, reason: events.EndReason, key: UUID | None, now: datetime
) -> int:
    """End the call for everybody. An unanswered request goes back to "accepted": it can be called again or answered in writing.

    Raises:
        NotFound; NotAllowed: `room.not_yours_to_end`.
    """
    act = begin(who, session_id, key=key, now=now, allow_ended=True)
    if act.session.state == SessionState.ENDED:
        return act.session.seq
    if not rules.may_end_call(who, act.request):
        raise NotAllowed(
            "room.not_yours_to_end", _("Chỉ bác sĩ hai bên mới kết thúc được cuộc gọi cho mọi người.")
        )
    act.end(reason, by=act.own_or_none())
    act.audit("session.ended", session=str(act.session.id), reason=reason)
    return act.finish()


def participant_id_of(session_id: UUID, principal: UUID) -> UUID:
    """Return who a person (`key_of`) is in a session: known before they arrive, so that a client can tell itself from others."""
    return uuid5(session_id, str(principal))


def participant_info(participant: Participant) -> events.ParticipantInfo:
    """Return who somebody is to the others in the room."""
    membership, guest = participant.membership, participant.guest
    if guest is not None:
        return events.ParticipantInfo(
            participant_id=participant.id,
            name=guest.name,
            title="",
            role="patient" if guest.kind == GuestKind.PATIENT else "relative",
            facility="",
            side="spoke",
        )
    assert membership is not None, "a participant is somebody"
    return events.ParticipantInfo(
        participant_id=participant.id,
        name=membership.user.full_name,
        title=membership.user.title,
        role=cast(events.RoomRole, membership.role),  # others stand on no side
        facility=membership.facility.short_name,
        side="hub" if participant.side == Side.HUB else "spoke",
    )


def _both_sides_in(session: Session) -> bool:
    sides = session.participants.filter(state=Presence.IN_ROOM).values_list("side", flat=True)
    return {Side.HUB, Side.SPOKE} <= set(sides)
