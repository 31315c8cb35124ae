"""The people of a facility, as its administrator sees them."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from telehealth.accounts.access import deactivate_membership
from telehealth.accounts.enums import Role
from telehealth.accounts.hat import Hat
from telehealth.accounts.models import Membership
from telehealth.audit.log import record
from telehealth.core.errors import Conflict, NotAllowed, NotFound


def people_of(hat: Hat) -> QuerySet[Membership]:
    """Return the memberships of the administrator's facility, active ones first.

    Raises:
        NotAllowed: `people.not_administrator`.
    """
    require_administrator(hat)
    return (
        Membership.objects.filter(facility=hat.facility)
        .select_related("user", "department")
        .prefetch_related("user__licenses", "specialties")
        .order_by("-is_active", "role", "user__full_name")
    )


@transaction.atomic
def end_membership(*, hat: Hat, membership_id: UUID, now: datetime) -> Membership:
    """Take a role at the administrator's facility away from somebody.

    Raises:
        NotAllowed: `people.not_administrator`; NotFound: `people.not_found`; Conflict: `people.yourself`.
    """
    require_administrator(hat)
    membership = (
        Membership.objects.select_for_update(of=("self",))
        .select_related("user")
        .filter(id=membership_id, facility=hat.facility)
        .first()
    )
    if membership is None:
        raise not_found()
    if membership.user_id == hat.user.pk:
        raise Conflict(
            "people.yourself", _("Không tự ngừng vai trò của chính mình được. Hãy nhờ một quản trị khác.")
        )
    if membership.is_active:
        deactivate_membership(membership=membership, now=now)
        record(
            "membership.ended",
            now=now,
            hat=hat,
            object_type="membership",
            object_id=membership.id,
            role=membership.role,
        )
    return membership


def not_found() -> NotFound:
    """Return the one answer for "not there" and "not at your facility"."""
    return NotFound("people.not_found", _("Không có người này tại cơ sở của anh/chị."))


def require_administrator(hat: Hat) -> None:
    """Raise NotAllowed: `people.not_administrator` unless the hat is an administrator's."""
    if hat.role != Role.FACILITY_ADMIN:
        raise NotAllowed("people.not_administrator", _("Chỉ quản trị cơ sở mới xem được trang này."))
