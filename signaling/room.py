"""The room as its log tells it. Pure: `fold(events) == snapshot` is a tested promise."""

from collections.abc import Iterable
from uuid import UUID

from telehealth.consultations import room_events as events

_SILENT = dict.fromkeys(("microphone", "camera", "screen", "exam", "auscultation"), False)
"""Somebody who sends nothing."""


def empty_room(session_id: UUID) -> events.RoomSnapshot:
    """Return the room before its first event."""
    return events.RoomSnapshot(
        session_id=session_id,
        seq=0,
        state="waiting",
        epoch=0,
        encrypted=False,
        patient_present=False,
        opened_at=None,
        live_since=None,
        ended_at=None,
        end_reason=None,
        participants=(),
        chat=(),
        chat_before=0,
    )


def fold_all(session_id: UUID, log: Iterable[events.LoggedEvent]) -> events.RoomSnapshot:
    """Return the room after all of `log`, which begins with event 1."""
    room = empty_room(session_id)
    for event in log:
        room = fold(room, event)
    return room


def fold(room: events.RoomSnapshot, event: events.LoggedEvent) -> events.RoomSnapshot:
    """Return the room after one more event.

    Raises:
        ValueError: the event does not follow the room's last one.
    """
    if event.seq != room.seq + 1:
        raise ValueError(f"event {event.seq} does not follow {room.seq}")
    return _folded(room, event).model_copy(update={"seq": event.seq})


def _folded(room: events.RoomSnapshot, event: events.LoggedEvent) -> events.RoomSnapshot:
    match event.body:
        case events.SessionOpened(encrypted=encrypted):
            return room.model_copy(update={"opened_at": event.at, "encrypted": encrypted})
        case events.ParticipantArrived(participant=info):
            return _arrived(room, info)
        case events.ParticipantAdmitted(participant_id=who):
            return _changed(room, who, state="admitted")
        case events.ParticipantEntered(participant_id=who):
            return _changed(room, who, state="in_room")
        case events.ParticipantAway(participant_id=who):
            return _changed(room, who, state="away")
        case events.ParticipantLeft(participant_id=who):
            return _changed(room, who, state="left", **_SILENT)
        case events.PatientPresenceChanged(present=present):
            return room.model_copy(update={"patient_present": present})
        case events.WentLive():
            return room.model_copy(update={"state": "live", "live_since": event.at})
        case events.MediaChanged(participant_id=who):
            return _changed(room, who, **{name: getattr(event.body, name) for name in _SILENT})
        case events.LineChanged():
            return room  # for the record; what shows now is told beside the log
        case events.ChatPosted():
            return _said(room, _line(event, event.body))
        case events.Withheld():
            return room  # not for this reader
        case events.MediaMoved(epoch=epoch):
            return room.model_copy(update={"epoch": epoch})
        case events.SessionEnded(reason=reason):
            return room.model_copy(update={"state": "ended", "ended_at": event.at, "end_reason": reason})


def _arrived(room: events.RoomSnapshot, info: events.ParticipantInfo) -> events.RoomSnapshot:
    if any(participant.info.participant_id == info.participant_id for participant in room.participants):
        return _changed(room, info.participant_id, info=info, state="waiting")
    newcomer = events.RoomParticipant(info=info, state="waiting")
    return room.model_copy(update={"participants": (*room.participants, newcomer)})


def _changed(room: events.RoomSnapshot, who: UUID, **changes: object) -> events.RoomSnapshot:
    participants = tuple(
        participant.model_copy(update=changes) if participant.info.participant_id == who else participant
        for participant in room.participants
    )
    return room.model_copy(update={"participants": participants})


def _said(room: events.RoomSnapshot, line: events.ChatLine) -> events.RoomSnapshot:
    chat = (*room.chat, line)[-events.CHAT_SHOWN :]
    before = room.chat_before + len(room.chat) + 1 - len(chat)
    return room.model_copy(update={"chat": chat, "chat_before": before})


def _line(event: events.LoggedEvent, posted: events.ChatPosted) -> events.ChatLine:
    return events.ChatLine(
        message_id=posted.message_id,
        participant_id=posted.participant_id,
        at=event.at,
        text=posted.text,
        document=posted.document,
    )
