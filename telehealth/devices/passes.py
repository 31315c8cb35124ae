"""Passes for machines: an ultrasound box or an encoder shows its picture in a room on behalf of somebody who is in it.

A pass is a token that works once, within a quarter of an hour, while its participant is in the room. Whoever has it can send
one picture and do nothing else: a machine sees and hears nobody.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from telehealth.accounts.hat import Hat, Origin
from telehealth.audit.log import record
from telehealth.consultations.domain.acts import begin
from telehealth.consultations.enums import Presence
from telehealth.consultations.models import Participant
from telehealth.core.errors import Conflict, DomainError, NotAllowed
from telehealth.devices.models import DevicePass

PASS_LIFE = timedelta(minutes=15)
INSIDE = (Presence.ADMITTED, Presence.IN_ROOM, Presence.AWAY)


class NotAuthorised(DomainError):
    """No pass, or one nobody has issued (HTTP 401)."""

    status = 401


@dataclass(frozen=True)
class DeviceSeat:
    """Where a machine's picture belongs, as of event `seq` of the room."""

    session_id: UUID
    participant_id: UUID
    node: str
    epoch: int
    seq: int


@transaction.atomic
def issue_pass(*, hat: Hat, session_id: UUID, now: datetime) -> str:
    """Return the token of a new pass. An older one that was not used ends.

    Raises:
        NotFound: `session.not_found`; Conflict: `room.over`, `room.not_arrived`, `device.room_encrypted`;
        NotAllowed: `room.not_in`.
    """
    act = begin(hat, session_id, key=None, now=now)
    participant = act.own()
    if act.session.encrypted:
        raise Conflict(
            "device.room_encrypted",
            _(
                "Phòng này mã hoá đầu cuối nên không nối được máy. Hãy chia sẻ màn hình hoặc dùng camera thứ hai."
            ),
        )
    if participant.state not in INSIDE:
        raise NotAllowed("room.not_in", _("Anh/chị chưa được mời vào phòng."))
    DevicePass.objects.filter(participant=participant, used_at=None).delete()
    token = secrets.token_urlsafe(24)
    issued = DevicePass.objects.create(
        participant=participant, digest=_digest(token), issued_at=now, expires_at=now + PASS_LIFE
    )
    act.audit("device.pass_issued", session=str(session_id), device=str(issued.id))
    return token


@transaction.atomic
def redeem_pass(*, token: str, connection_id: UUID, now: datetime, origin: Origin) -> DeviceSeat:
    """Use a pass up; return what it was for.

    Raises:
        NotAuthorised: `device.pass_unknown`; NotAllowed: `device.pass_used`, `device.pass_expired`, `room.not_in`;
        Conflict: `room.over`.
    """
    known = DevicePass.objects.select_for_update().filter(digest=_digest(token)).first()
    if known is None:
        raise NotAuthorised(
            "device.pass_unknown", _("Mã kết nối máy không đúng. Hãy lấy mã mới trong phòng.")
        )
    if known.used_at is not None:
        raise NotAllowed("device.pass_used", _("Mã kết nối máy đã dùng rồi. Hãy lấy mã mới trong phòng."))
    if known.expires_at <= now:
        raise NotAllowed("device.pass_expired", _("Mã kết nối máy đã hết hạn. Hãy lấy mã mới trong phòng."))
    participant = Participant.objects.select_related("session__request", "membership__user").get(
        id=known.participant_id
    )
    session = participant.session
    assert participant.membership is not None, "a pass is issued to a hat"
    if session.ended_at is not None:
        raise Conflict("room.over", _("Cuộc hội chẩn này đã kết thúc."))
    if participant.state not in INSIDE:
        raise NotAllowed("room.not_in", _("Người lấy mã này không còn ở trong phòng."))
    known.used_at, known.connection_id = now, connection_id
    known.save(update_fields=["used_at", "connection_id"])
    record(
        "device.published",
        now=now,
        hat=Hat(participant.membership, origin),
        object_type="request",
        object_id=session.request_id,
        patient_id=session.request.patient_id,
        session=str(session.id),
        device=str(known.id),
    )
    return DeviceSeat(session.id, participant.id, session.media_node, session.media_epoch, session.seq)


def give_back_pass(*, connection_id: UUID) -> None:
    """Let a pass be used again whose picture never reached the room: the offer or the relay was at fault, not its holder."""
    DevicePass.objects.filter(connection_id=connection_id).update(used_at=None, connection_id=None)


def may_stay(*, participant_id: UUID) -> bool:
    """Whether a participant's machine may go on showing its picture."""
    return Participant.objects.filter(id=participant_id, state__in=INSIDE, session__ended_at=None).exists()


def node_of_device(*, connection_id: UUID) -> str | None:
    """Return the media node a machine's picture comes in on; None for one that never was."""
    return (
        DevicePass.objects.filter(connection_id=connection_id)
        .values_list("participant__session__media_node", flat=True)
        .first()
    )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
