"""The only door to the time of facilities and people. Same answer for "not there" and "not yours"."""

from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from scheduling.calendars import rules
from scheduling.calendars.models import Leave, OnCallShift, Resource, Roster, ShiftSwap
from telehealth.accounts.enums import CLINICAL_ROLES
from telehealth.accounts.hat import Hat
from telehealth.accounts.models import Membership
from telehealth.core.errors import NotAllowed, NotFound
from telehealth.facilities.models import Facility


def require_editor(hat: Hat) -> None:
    """Raises: NotAllowed: `schedule.not_editor`."""
    if not rules.may_edit(hat):
        raise NotAllowed(
            "schedule.not_editor",
            _("Chỉ điều phối viên hoặc quản trị của cơ sở sửa được lịch. Chưa có gì thay đổi."),
        )


def colleagues(hat: Hat) -> QuerySet[Membership]:
    """Return the roles with planned time at the hat's facility, in the order of names."""
    return (
        Membership.objects.filter(
            facility=hat.facility, is_active=True, user__is_active=True, role__in=CLINICAL_ROLES
        )
        .select_related("user", "facility", "department")
        .order_by("user__full_name", "role")
    )


def access_colleague(hat: Hat, membership_id: UUID) -> Membership:
    """Return a role whose time the hat may look at: one's own, and for colleagues those of the facility.

    Raises:
        NotFound: `schedule.person_not_found`.
    """
    found = colleagues(hat).filter(id=membership_id).first() if hat.role in rules.SCHEDULE_ROLES else None
    if found is None:
        raise NotFound(
            "schedule.person_not_found", _("Không có người này ở cơ sở, hoặc anh/chị không có quyền xem.")
        )
    return found


def access_resource(hat: Hat, resource_id: UUID) -> Resource:
    """Return a resource of the hat's facility.

    Raises:
        NotFound: `resource.not_found`.
    """
    found = Resource.objects.filter(id=resource_id, facility=hat.facility).first()
    if found is None or hat.role not in rules.SCHEDULE_ROLES:
        raise NotFound(
            "resource.not_found", _("Không có phòng hoặc thiết bị này, hoặc anh/chị không có quyền xem.")
        )
    return found


def access_leave(hat: Hat, leave_id: UUID) -> Leave:
    """Return a leave of one's own, or of a colleague for who answers it.

    Raises:
        NotFound: `leave.not_found`.
    """
    found = (
        Leave.objects.select_for_update(of=("self",))
        .filter(id=leave_id, membership__facility=hat.facility)
        .select_related("membership__user", "membership__facility")
        .first()
    )
    if found is None or not (rules.may_edit(hat) or found.membership.user_id == hat.user.pk):
        raise NotFound("leave.not_found", _("Không có đơn nghỉ này, hoặc anh/chị không có quyền xem."))
    return found


def visible_rosters(hat: Hat) -> QuerySet[Roster]:
    """Return the rosters a hat may read: those of its facility and, for who treats, of the hubs it may ask."""
    if hat.role not in rules.SCHEDULE_ROLES:
        return Roster.objects.none()
    seen = Q(facility=hat.facility)
    if hat.is_clinical:
        seen |= Q(facility__in=Facility.objects.filter(spoke_links__spoke=hat.facility))
    return (
        Roster.objects.filter(seen, is_active=True)
        .select_related("facility", "specialty")
        .order_by("facility__short_name", "specialty__position")
    )


def access_roster(hat: Hat, roster_id: UUID) -> Roster:
    """Return a roster the hat may read.

    Raises:
        NotFound: `roster.not_found`.
    """
    found = visible_rosters(hat).filter(id=roster_id).first()
    if found is None:
        raise NotFound("roster.not_found", _("Không có lịch trực này, hoặc anh/chị không có quyền xem."))
    return found


def access_own_roster(hat: Hat, roster_id: UUID) -> Roster:
    """Return a roster of the hat's own facility, for who edits it.

    Raises:
        NotAllowed: `schedule.not_editor`; NotFound: `roster.not_found`.
    """
    require_editor(hat)
    roster = access_roster(hat, roster_id)
    if roster.facility_id != hat.facility.id:
        raise NotFound("roster.not_found", _("Không có lịch trực này, hoặc anh/chị không có quyền xem."))
    return roster


def access_shift(hat: Hat, shift_id: UUID, *, lock: bool = False) -> OnCallShift:
    """Return a duty at the hat's own facility that is not cancelled; notes and swaps are its staff's business.

    Raises:
        NotFound: `shift.not_found`.
    """
    shifts = OnCallShift.objects.filter(id=shift_id, facility=hat.facility, cancelled_at=None)
    if lock:
        shifts = shifts.select_for_update(of=("self",))
    found = shifts.select_related(
        "roster__facility", "roster__specialty", "membership__user", "membership__facility"
    ).first()
    if found is None or hat.role not in rules.SCHEDULE_ROLES:
        raise NotFound("shift.not_found", _("Không có ca trực này, hoặc anh/chị không có quyền xem."))
    return found


def access_swap(hat: Hat, swap_id: UUID) -> ShiftSwap:
    """Return a proposal the person made or received at this facility, locked.

    Raises:
        NotFound: `swap.not_found`.
    """
    found = (
        ShiftSwap.objects.select_for_update(of=("self",))
        .filter(
            Q(asked__user=hat.user) | Q(asked_by__user=hat.user), id=swap_id, shift__facility=hat.facility
        )
        .select_related("asked__user", "asked_by__user", "shift", "in_return")
        .first()
    )
    if found is None:
        raise NotFound("swap.not_found", _("Không có đề nghị đổi trực này, hoặc không phải của anh/chị."))
    return found
