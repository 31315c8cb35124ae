"""What happens to a room without anybody's command: broken lines, signs of life, the sweep, where its media lives."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from telehealth.consultations import room_events as events
from telehealth.consultations.domain.acts import PRESENT, Act, begin_unattended
from telehealth.consultations.enums import Presence, SessionState
from telehealth.consultations.models import Participant, RoomEvent, Session
from telehealth.core.errors import Conflict

PLACE_KEPT = timedelta(minutes=15)
SILENT_AFTER = timedelta(seconds=25)
ABANDONED_AFTER = timedelta(minutes=30)
LINE_NOTES_APART = timedelta(seconds=55)
"""A little less than the minute sockets keep between two notes, so that their clock and ours need not agree."""


@transaction.atomic
def lose_line(*, session_id: UUID, participant_id: UUID, now: datetime) -> int:
    """Record that a participant's line broke. Their place is kept. Returns the room's sequence number."""
    act = begin_unattended(session_id, now=now)
    participant = act.participant(participant_id)
    if act.session.state != SessionState.ENDED:
        act.lose_line(participant)
    return act.finish()


@transaction.atomic
def note_line(*, session_id: UUID, change: events.LineChanged, now: datetime) -> int | None:
    """Write down how a participant's line has come to stand, unless the log says so already.

    Returns the room's sequence number; None when the last such note of theirs is younger than `LINE_NOTES_APART`.

    Raises:
        NotFound: `session.not_found`, `room.no_such_participant`.
    """
    act = begin_unattended(session_id, now=now)
    act.participant(change.participant_id)
    last = (
        RoomEvent.objects.filter(
            session_id=session_id,
            body__kind="line_changed",
            body__participant_id=str(change.participant_id),
        )
        .order_by("-seq")
        .first()
    )
    before = events.LineChanged.model_validate(last.body) if last else whole_line(change.participant_id)
    if before != change and act.session.state != SessionState.ENDED:
        if last is not None and now - last.at < LINE_NOTES_APART:
            return None
        act.log.append(change)
    return act.finish()


def whole_line(participant_id: UUID) -> events.LineChanged:
    """Return how a line stands of which nothing was written down."""
    return events.LineChanged(
        participant_id=participant_id, down="full", down_reason=None, up="full", up_reason=None
    )


def touch(*, participant_ids: Iterable[UUID], now: datetime) -> None:
    """Record that these participants' sockets are alive. One statement, no log entry."""
    Participant.objects.filter(id__in=list(participant_ids)).update(seen_at=now)


@transaction.atomic
def place_media(*, session_id: UUID, node: str, if_epoch: int, now: datetime) -> tuple[str, int]:
    """Put the room's media on a node, unless somebody was faster; return the node and epoch that hold now.

    A new epoch voids every media connection made before it.

    Raises:
        NotFound: `session.not_found`; Conflict: `room.over`.
    """
    act = begin_unattended(session_id, now=now)
    session = act.session
    if session.state == SessionState.ENDED:
        raise Conflict("room.over", _("Cuộc hội chẩn này đã kết thúc."))
    if session.media_epoch == if_epoch:
        session.media_node, session.media_epoch = node, if_epoch + 1
        act.log.append(events.MediaMoved(epoch=session.media_epoch))
    act.finish()
    return session.media_node, session.media_epoch


def sweep_rooms(*, now: datetime) -> None:
    """Do what a dead web process could not: mark silent people away, give up kept places, end abandoned calls."""
    for session_id in Session.objects.exclude(state=SessionState.ENDED).values_list("id", flat=True):
        with transaction.atomic():
            _sweep(begin_unattended(session_id, now=now), now=now)


def _sweep(act: Act, *, now: datetime) -> None:
    session = act.session
    if session.state == SessionState.ENDED:
        return
    last_sign = session.opened_at
    for participant in session.participants.filter(state__in=(*PRESENT, Presence.LEFT)):
        last_sign = max(last_sign, participant.seen_at)
        silence = now - participant.seen_at
        if silence > PLACE_KEPT:
            act.put_out(participant, "lost")
        elif silence > SILENT_AFTER:
            act.lose_line(participant)
    if now - last_sign > ABANDONED_AFTER:
        act.end("abandoned", by=None)
        act.audit("session.abandoned", session=str(session.id))
    act.finish()
