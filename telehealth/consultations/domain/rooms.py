"""Reading a room: its log and its state now."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from telehealth.accounts.hat import Hat
from telehealth.consultations import room_events as events
from telehealth.consultations.access import access_session
from telehealth.consultations.domain.announcements import audit_request
from telehealth.consultations.domain.sessions import participant_id_of, participant_info
from telehealth.consultations.models import RoomEvent, Session
from telehealth.consultations.principals import Principal, key_of


def events_after(*, session_id: UUID, seq: int) -> list[events.LoggedEvent]:
    """Return the log after `seq`, in order."""
    return _logged(RoomEvent.objects.filter(session_id=session_id, seq__gt=seq).order_by("seq"))


def snapshot(*, session: Session, chat_after: int | None = 0) -> events.RoomSnapshot:
    """Return the room as its rows say it is now. Folding the whole log gives the same (a tested promise).

    `chat_after`: without what was written in the chat up to that event; None: without any of it. For guests.
    """
    session = Session.objects.get(id=session.id)
    participants = session.participants.select_related("membership__user", "membership__facility", "guest")
    posted = _posted(session.id, chat_after).count()
    before = max(0, posted - events.CHAT_SHOWN)
    return events.RoomSnapshot(
        session_id=session.id,
        seq=session.seq,
        state=session.state,
        epoch=session.media_epoch,
        encrypted=session.encrypted,
        patient_present=session.patient_present,
        opened_at=session.opened_at,
        live_since=session.live_since,
        ended_at=session.ended_at,
        end_reason=session.end_reason or None,
        participants=tuple(
            events.RoomParticipant(
                info=participant_info(participant),
                state=participant.state,
                microphone=participant.microphone,
                camera=participant.camera,
                screen=participant.screen,
                exam=participant.exam,
                auscultation=participant.auscultation,
            )
            for participant in participants
        ),
        chat=_chat(session.id, chat_after, before, posted),
        chat_before=before,
    )


def chat_page(*, who: Principal, session_id: UUID, before: int, now: datetime) -> events.ChatPage:
    """Return the messages of the chat before place `before`, the newest of them, as many as fit a page.

    A guest's chat begins when they were let in: its places are counted from there.

    Raises:
        NotFound: `session.not_found`.
    """
    session = access_session(who, session_id)
    after = chat_after(session_id=session_id, who=who)
    with transaction.atomic():
        audit_request("request.chat_viewed", request=session.request, who=who, now=now)
    end = min(before, _posted(session_id, after).count())
    first = max(0, end - events.CHAT_SHOWN)
    return events.ChatPage(chat=_chat(session_id, after, first, end), chat_before=first)


def chat_after(*, session_id: UUID, who: Principal) -> int | None:
    """Return the number of the event after which the chat is somebody's to read: 0 for hats, None for a guest not let in yet."""
    if isinstance(who, Hat):
        return 0
    me = participant_id_of(session_id, key_of(who))
    admitted = RoomEvent.objects.filter(
        session_id=session_id, body__kind="participant_admitted", body__participant_id=str(me)
    )
    return admitted.order_by("seq").values_list("seq", flat=True).first()


def documents_shown(*, session_id: UUID, who: Principal) -> set[UUID]:
    """Return the files in the chat as somebody may read it."""
    posted = _posted(session_id, chat_after(session_id=session_id, who=who))
    ids = posted.values_list("body__document__document_id", flat=True)
    return {UUID(str(one)) for one in ids if one}


def _posted(session_id: UUID, after: int | None) -> QuerySet[RoomEvent]:
    if after is None:
        return RoomEvent.objects.none()
    posted = RoomEvent.objects.filter(session_id=session_id, seq__gt=after, body__kind="chat_posted")
    return posted.order_by("seq")


def _chat(session_id: UUID, after: int | None, first: int, end: int) -> tuple[events.ChatLine, ...]:
    return tuple(
        events.ChatLine(
            message_id=e.body.message_id,
            participant_id=e.body.participant_id,
            at=e.at,
            text=e.body.text,
            document=e.body.document,
        )
        for e in _logged(_posted(session_id, after)[first:end])
        if isinstance(e.body, events.ChatPosted)
    )


def _logged(rows: QuerySet[RoomEvent]) -> list[events.LoggedEvent]:
    return [
        events.LoggedEvent(seq=seq, at=at, body=events.ROOM_EVENT_BODY.validate_python(body))
        for seq, at, body in rows.values_list("seq", "at", "body")
    ]
