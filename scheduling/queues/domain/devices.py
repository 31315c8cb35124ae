"""Boards and kiosks: adding one gives a key that is told once; taking it away ends it at once."""

import secrets
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from scheduling.queues import rules
from scheduling.queues.access import access_area, hash_of, visible_areas
from scheduling.queues.domain.hints import DEVICE_REVOKED
from scheduling.queues.enums import DeviceKind
from scheduling.queues.models import QueueDevice
from telehealth.accounts.hat import Hat
from telehealth.audit.log import record
from telehealth.core.announce import announce_on_commit
from telehealth.core.errors import Invalid, NotAllowed, NotFound
from telehealth.core.text import clean

KEY_BYTES = 24


@transaction.atomic
def add_device(
    *, hat: Hat, area_id: UUID, kind: DeviceKind, name: str, now: datetime
) -> tuple[QueueDevice, str]:
    """Let a board or kiosk stand in an area; return it and its key, of which only the hash is kept.

    Raises:
        NotFound: `queue.not_found`; NotAllowed: `queue.not_yours_to_set_up`; Invalid: `queue.device_name`.
    """
    area = access_area(hat, area_id)
    _may_set_up(hat)
    name = clean(name)
    if not 0 < len(name) <= 60:
        raise Invalid(
            "queue.device_name",
            _("Hãy đặt tên cho máy, không quá 60 ký tự, ví dụ nơi đặt máy."),
            field="name",
        )
    key = secrets.token_urlsafe(KEY_BYTES)
    device = QueueDevice.objects.create(
        area=area, kind=kind, name=name, key_hash=hash_of(key), added_by=hat.membership, added_at=now
    )
    record("queue.device_added", now=now, hat=hat, object_type="queue", object_id=area.id, kind=str(kind))
    return device, key


@transaction.atomic
def revoke_device(*, hat: Hat, device_id: UUID, now: datetime) -> None:
    """Take a board or kiosk away. Done again it does nothing.

    Raises:
        NotFound: `queue.no_device`; NotAllowed: `queue.not_yours_to_set_up`.
    """
    device = QueueDevice.objects.filter(id=device_id, area__in=visible_areas(hat)).first()
    if device is None:
        raise NotFound("queue.no_device", _("Không có máy này ở cơ sở của anh/chị."))
    _may_set_up(hat)
    if device.revoked_at is not None:
        return
    device.revoked_at = now
    device.save(update_fields=["revoked_at"])
    record(
        "queue.device_revoked",
        now=now,
        hat=hat,
        object_type="queue",
        object_id=device.area_id,
        kind=device.kind,
    )
    announce_on_commit(DEVICE_REVOKED, now=now, area=str(device.area_id), device=str(device.id))


def _may_set_up(hat: Hat) -> None:
    if not rules.may_set_up(hat):
        raise NotAllowed(
            "queue.not_yours_to_set_up", _("Chỉ quản trị cơ sở mới thêm, gỡ bảng gọi số và máy lấy số.")
        )
