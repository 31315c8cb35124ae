"""Who may see and change time. Predicates only; `access` enforces them."""

from datetime import timedelta

from telehealth.accounts.enums import CLINICAL_ROLES, Role
from telehealth.accounts.hat import Hat
from telehealth.accounts.models import Membership

EDITOR_ROLES = frozenset({Role.FACILITY_ADMIN, Role.COORDINATOR})
SCHEDULE_ROLES = frozenset({*CLINICAL_ROLES, Role.FACILITY_ADMIN})
"""Roles that work at a facility and so have to do with its time."""

LONGEST_SHIFT = timedelta(hours=48)
LONGEST_LEAVE = timedelta(days=366)
LONGEST_EXCEPTION = timedelta(days=31)


def may_edit(hat: Hat) -> bool:
    """Hours, availability, resources and rosters of a facility are its coordinators' and its administrator's business."""
    return hat.role in EDITOR_ROLES


def may_edit_province(hat: Hat) -> bool:
    """Holidays of everybody are the province's business."""
    return hat.role == Role.PROVINCE_OPERATOR


def may_edit_exceptions_of(hat: Hat, membership: Membership) -> bool:
    """Everybody says themselves when they are busy or have time to spare; editors for all."""
    return may_edit(hat) or (membership.user_id == hat.user.pk and membership.facility_id == hat.facility.id)


def has_schedule(role: str) -> bool:
    """Say whether a role has time that is planned: everybody who treats or advises."""
    return role in CLINICAL_ROLES
