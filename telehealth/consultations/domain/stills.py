"""Still pictures beside the sound, for lines that carry no moving ones: the newest of each participant, for a minute.

They live in the cache, which keeps nothing on a disk, and are gone by themselves. They are seen by whoever is in the room now and
by nobody else, and they are no part of the record: what belongs there is sent as a document.

A room that is encrypted end to end has none: its pictures are not for the server to see.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.cache import cache
from django.db import transaction
from django.utils.translation import gettext as _

from telehealth.consultations.access import access_session
from telehealth.consultations.domain.announcements import audit_request
from telehealth.consultations.enums import Presence, SessionState
from telehealth.consultations.models import Participant
from telehealth.consultations.principals import Principal, as_participant
from telehealth.consultations.stills import BadStill, check_still
from telehealth.core.announce import tell_now
from telehealth.core.errors import Conflict, Invalid, NotFound

KEEP_SECONDS = 60
APART_SECONDS = 2
"""Pages send one every four; sooner than this the next is dropped."""
AUDIT_ONCE_SECONDS = 24 * 3600
"""Longer than any call."""
INSIDE = (Presence.ADMITTED, Presence.IN_ROOM, Presence.AWAY)


@dataclass(frozen=True)
class Still:
    """A picture as it is kept. `seq` grows with time: milliseconds since 1970."""

    seq: int
    taken_at: datetime
    content: bytes


def keep_still(*, who: Principal, session_id: UUID, content: bytes, now: datetime) -> Still:
    """Keep a participant's newest picture and tell the room.

    Raises:
        NotFound: `session.not_found`, also to whoever is not in the room now.
        Invalid: `still.unreadable`; Conflict: `still.too_often`, `still.encrypted`.
    """
    sender = _inside(who, session_id)
    if sender.session.encrypted:
        raise Conflict(
            "still.encrypted",
            _("Phòng này mã hóa đầu cuối nên không gửi ảnh tĩnh qua máy chủ. Tiếng vẫn được giữ."),
        )
    try:
        check_still(content)
    except BadStill:
        raise Invalid(
            "still.unreadable", _("Ảnh tĩnh không hợp lệ nên không được gửi. Cuộc gọi không bị ảnh hưởng.")
        ) from None
    if not cache.add(f"still-pause:{sender.id}", 1, timeout=APART_SECONDS):
        raise Conflict("still.too_often", _("Ảnh tĩnh gửi quá dày. Ảnh sau sẽ được gửi."))
    still = Still(seq=int(now.timestamp() * 1000), taken_at=now, content=content)
    cache.set(_key(session_id, sender.id), still, timeout=KEEP_SECONDS)
    _audit_once("session.still_sent", who=who, viewer=sender, whose=sender, now=now)
    tell_now(
        "still",
        session=str(session_id),
        participant_id=str(sender.id),
        seq=still.seq,
        taken_at=now.isoformat(),
    )
    return still


def show_still(*, who: Principal, session_id: UUID, participant_id: UUID, now: datetime) -> Still:
    """Return the newest picture of somebody in the room, to somebody in the room.

    Raises:
        NotFound: `session.not_found`; `still.none`: there is none, or it is of somebody who is not in the room.
    """
    viewer = _inside(who, session_id)
    whose = Participant.objects.filter(session_id=session_id, id=participant_id, state__in=INSIDE).first()
    still: Still | None = cache.get(_key(session_id, participant_id)) if whose else None
    if whose is None or still is None:
        raise NotFound("still.none", _("Chưa có ảnh tĩnh nào của người này."))
    _audit_once("session.still_viewed", who=who, viewer=viewer, whose=whose, now=now)
    return still


def _inside(who: Principal, session_id: UUID) -> Participant:
    session = access_session(who, session_id)
    found: Participant | None = None
    if session.state != SessionState.ENDED:
        found = session.participants.filter(
            **as_participant(who), state__in=INSIDE, was_removed=False
        ).first()
    if found is None:
        raise NotFound("session.not_found", _("Không có phòng này, hoặc anh/chị không ở trong phòng."))
    return found


def _key(session_id: UUID, participant_id: UUID) -> str:
    return f"still:{session_id}:{participant_id}"


def _audit_once(
    action: str, *, who: Principal, viewer: Participant, whose: Participant, now: datetime
) -> None:
    """Write one audit entry for all the pictures somebody sees of somebody in one call."""
    if not cache.add(f"{action}:{viewer.id}:{whose.id}", 1, timeout=AUDIT_ONCE_SECONDS):
        return
    with transaction.atomic():
        audit_request(action, request=viewer.session.request, who=who, now=now, participant=str(whose.id))
