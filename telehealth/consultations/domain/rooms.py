"""Reading a room: its log and its state now."""

from uuid import UUID

from django.db.models import QuerySet

from telehealth.consultations import room_events as events
from telehealth.consultations.domain.sessions import participant_info
from telehealth.consultations.models import RoomEvent, Session


def events_after(*, session_id: UUID, seq: int) -> list[events.LoggedEvent]:
    """Return the log after `seq`, in order."""
    return _logged(RoomEvent.objects.filter(session_id=session_id, seq__gt=seq))


def snapshot(*, session: Session) -> events.RoomSnapshot:
    """Return the room as its rows say it is now. Folding the whole log gives the same (a tested promise)."""
    session = Session.objects.get(id=session.id)
    participants = session.participants.select_related("membership__user", "membership__facility")
    chat = _logged(RoomEvent.objects.filter(session_id=session.id, body__kind="chat_posted"))
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
        chat=tuple(
            events.ChatLine(
                message_id=e.body.message_id,
                participant_id=e.body.participant_id,
                at=e.at,
                text=e.body.text,
                document=e.body.document,
            )
            for e in chat
            if isinstance(e.body, events.ChatPosted)
        ),
    )


def _logged(rows: QuerySet[RoomEvent]) -> list[events.LoggedEvent]:
    return [
        events.LoggedEvent(seq=seq, at=at, body=events.ROOM_EVENT_BODY.validate_python(body))
        for seq, at, body in rows.order_by("seq").values_list("seq", "at", "body")
    ]
