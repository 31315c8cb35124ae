"""The only door to queues. Same answer for "not there" and "not yours"."""

import hashlib
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from scheduling.queues import rules
from scheduling.queues.enums import DeviceKind, TicketState
from scheduling.queues.models import QueueArea, QueueDevice, QueueRoom, Ticket
from scheduling.queues.rules import local_day
from telehealth.accounts.hat import Hat
from telehealth.core.errors import NotAllowed, NotFound


def visible_areas(hat: Hat) -> QuerySet[QueueArea]:
    """Return the areas of the hat's facility, if its role has to do with queues."""
    if not rules.may_watch(hat):
        return QueueArea.objects.none()
    return QueueArea.objects.filter(facility=hat.facility, is_active=True).select_related("facility")


def access_area(hat: Hat, area_id: UUID) -> QueueArea:
    """Return an area the hat may watch.

    Raises:
        NotFound: `queue.not_found`.
    """
    area = visible_areas(hat).filter(id=area_id).first()
    if area is None:
        raise NotFound(
            "queue.not_found", _("Không có khu vực này, hoặc khu vực không thuộc cơ sở của anh/chị.")
        )
    return area


def access_room(hat: Hat, room_id: UUID) -> QueueRoom:
    """Return a room the hat may call numbers for.

    Raises:
        NotFound: `queue.not_found`; NotAllowed: `queue.not_yours_to_call`.
    """
    room = (
        QueueRoom.objects.filter(id=room_id, is_active=True, area__in=visible_areas(hat))
        .select_related("area__facility")
        .first()
    )
    if room is None:
        raise NotFound("queue.not_found", _("Không có phòng này, hoặc phòng không thuộc cơ sở của anh/chị."))
    if not rules.may_call(hat):
        raise NotAllowed(
            "queue.not_yours_to_call", _("Chỉ bác sĩ, điều dưỡng hoặc điều phối viên mới gọi số được.")
        )
    return room


def access_device(key: str, area_id: UUID, *, kind: DeviceKind) -> QueueDevice:
    """Return the board or kiosk that shows this key, if it may stand in that area.

    Raises:
        NotFound: `queue.no_device`.
    """
    device = (
        QueueDevice.objects.filter(
            key_hash=hash_of(key), area_id=area_id, kind=kind, revoked_at=None, area__is_active=True
        )
        .select_related("area__facility")
        .first()
        if key
        else None
    )
    if device is None:
        raise NotFound(
            "queue.no_device",
            _("Máy này chưa được gắn với khu vực, hoặc đã bị gỡ. Hãy mở lại liên kết do quản trị cơ sở cấp."),
        )
    return device


def access_ticket(token: str, *, now: datetime) -> Ticket:
    """Return the number somebody holds the ticket of: today's, and the one it has become if it was moved on.

    Raises:
        NotFound: `ticket.not_found`.
    """
    tickets = Ticket.objects.filter(day=local_day(now)).select_related("area__facility", "service", "room")
    ticket = tickets.filter(token=token).first()
    while ticket is not None and ticket.state == TicketState.MOVED:
        ticket = tickets.filter(moved_from=ticket).order_by("-taken_at", "-id").first()
    if ticket is not None:
        return ticket
    raise NotFound(
        "ticket.not_found",
        _("Không có số này, hoặc số không phải của hôm nay. Hãy quét lại mã trên phiếu, hoặc lấy số mới."),
    )


def hash_of(key: str) -> str:
    """Return what is kept of a device's key."""
    return hashlib.sha256(key.encode()).hexdigest()
