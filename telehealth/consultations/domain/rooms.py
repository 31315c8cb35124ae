"""Reading a room: its log and its state now."""

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from telehealth.accounts.hat import Hat
from telehealth.consultations import room_events as events
from telehealth.consultations.access import access_request, access_session
from telehealth.consultations.domain.sessions import participant_info
from telehealth.consultations.models import RoomEvent, Session


def events_after(*, session_id: UUID, seq: int) -> list[events.LoggedEvent]:
    """Return the log after `seq`, in order."""
    return _logged(RoomEvent.objects.filter(session_id=session_id, seq__gt=seq).order_by("seq"))


def snapshot(*, session: Session) -> events.RoomSnapshot:
    """Return the room as its rows say it is now. Folding the whole log gives the same (a tested promise)."""
    session = Session.objects.get(id=session.id)
    participants = session.participants.select_related("membership__user", "membership__facility")
    posted = _posted(session.id).count()
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
        chat=_chat(session.id, before, posted),
        chat_before=before,
    )


def chat_page(*, hat: Hat, session_id: UUID, before: int, now: datetime) -> events.ChatPage:
    """Return the messages of the chat before place `before`, the newest of them, as many as fit a page.

    Raises:
        NotFound: `session.not_found`.
    """
    session = access_session(hat, session_id)
    access_request(hat, session.request_id, now=now, act="chat_viewed")
    end = min(before, _posted(session_id).count())
    first = max(0, end - events.CHAT_SHOWN)
    return events.ChatPage(chat=_chat(session_id, first, end), chat_before=first)


def _posted(session_id: UUID) -> QuerySet[RoomEvent]:
    return RoomEvent.objects.filter(session_id=session_id, body__kind="chat_posted").order_by("seq")


def _chat(session_id: UUID, first: int, end: int) -> tuple[events.ChatLine, ...]:
    return tuple(
        events.ChatLine(
            message_id=e.body.message_id,
            participant_id=e.body.participant_id,
            at=e.at,
            text=e.body.text,
            document=e.body.document,
        )
        for e in _logged(_posted(session_id)[first:end])
        if isinstance(e.body, events.ChatPosted)
    )


def _logged(rows: QuerySet[RoomEvent]) -> list[events.LoggedEvent]:
    return [
        events.LoggedEvent(seq=seq, at=at, body=events.ROOM_EVENT_BODY.validate_python(body))
        for seq, at, body in rows.values_list("seq", "at", "body")
    ]
