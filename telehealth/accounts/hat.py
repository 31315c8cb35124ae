"""The hat: as whom, and where, somebody acts. Every use case gets one."""

from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

from telehealth.accounts.enums import CLINICAL_ROLES, Role
from telehealth.accounts.models import Membership, User
from telehealth.facilities.models import Facility


@dataclass(frozen=True)
class Origin:
    """Where an act came from, for the audit log. `address` is the network address as we see it."""

    address: str = ""
    session: str = ""


@dataclass(frozen=True)
class Hat:
    """A person acting in one of their memberships."""

    membership: Membership
    origin: Origin = field(default_factory=Origin)

    @property
    def user(self) -> User:
        return self.membership.user

    @property
    def facility(self) -> Facility:
        return self.membership.facility

    @property
    def role(self) -> Role:
        return Role(self.membership.role)

    @property
    def is_clinical(self) -> bool:
        return self.role in CLINICAL_ROLES

    @cached_property
    def specialties(self) -> frozenset[str]:
        """Keys of the specialties practised under this hat."""
        return frozenset(self.membership.specialties.values_list("key", flat=True))


def hats_of(user: User) -> list[Membership]:
    """Return the memberships a person can act in, the clinical ones first."""
    memberships = user.memberships.filter(is_active=True).select_related("user", "facility", "department")
    return sorted(memberships, key=lambda m: (m.role not in CLINICAL_ROLES, m.facility.name, m.role))


def choose_hat(user: User, membership_id: UUID | None, *, origin: Origin) -> Hat | None:
    """Return the hat for that membership, or the first one; None when the person has no (active) role."""
    if not user.is_active:
        return None
    memberships = hats_of(user)
    chosen = next((m for m in memberships if m.id == membership_id), None) or next(iter(memberships), None)
    return Hat(chosen, origin) if chosen else None
