"""Rooms and machines that can be booked."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from scheduling.calendars.access import access_resource, require_editor
from scheduling.calendars.enums import ResourceKind
from scheduling.calendars.models import Resource
from telehealth.accounts.hat import Hat
from telehealth.audit.log import record
from telehealth.core.announce import announce_on_commit
from telehealth.core.errors import Conflict, Invalid
from telehealth.core.text import clean
from telehealth.facilities.models import Department


@dataclass(frozen=True)
class ResourceEntry:
    """A resource as typed."""

    kind: ResourceKind
    name: str
    place: str = ""
    department_id: UUID | None = None
    around_the_clock: bool = False
    is_active: bool = True


@transaction.atomic
def save_resource(
    *, hat: Hat, entry: ResourceEntry, resource_id: UUID | None = None, now: datetime
) -> Resource:
    """Add a resource to the hat's facility, or change one. One that is not used any more stays, inactive: it may be booked.

    Raises:
        NotAllowed: `schedule.not_editor`; NotFound: `resource.not_found`; Invalid: `resource.name_missing`,
        `resource.department`; Conflict: `resource.twice`.
    """
    require_editor(hat)
    name = clean(entry.name)[:80]
    if not name:
        raise Invalid("resource.name_missing", _("Hãy đặt tên, như “Phòng hội chẩn 1”."), field="name")
    department = None
    if entry.department_id is not None:
        department = Department.objects.filter(id=entry.department_id, facility=hat.facility).first()
        if department is None:
            raise Invalid("resource.department", _("Không có khoa này ở cơ sở."), field="department")
    row = access_resource(hat, resource_id) if resource_id else Resource(facility=hat.facility)
    row.kind, row.name, row.place = entry.kind, name, clean(entry.place)[:120]
    row.department, row.around_the_clock, row.is_active = department, entry.around_the_clock, entry.is_active
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise Conflict(
            "resource.twice", _("Cơ sở đã có phòng hoặc thiết bị tên này. Chưa lưu."), field="name"
        ) from error
    _recorded("resource.changed" if resource_id else "resource.added", hat, row, now)
    return row


def _recorded(action: str, hat: Hat, row: Resource, now: datetime) -> None:
    record(action, now=now, hat=hat, object_type="resource", object_id=row.id)
    announce_on_commit("calendar.changed", now=now, facility=str(hat.facility.id))
