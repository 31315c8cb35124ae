"""Who acts in a room: somebody with a hat, or a guest who came by a link. Everything outside rooms is for hats only."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from telehealth.accounts.hat import Hat, Origin
from telehealth.consultations.models import GuestLink


@dataclass(frozen=True)
class Guest:
    """A person without an account, in the one visit their link is for."""

    link: GuestLink
    origin: Origin = field(default_factory=Origin)


Principal = Hat | Guest


def key_of(who: Principal) -> UUID:
    """Return the id by which somebody is known in rooms: of their membership, or of their link."""
    return who.membership.id if isinstance(who, Hat) else who.link.id


def revocation_key(who: Principal) -> UUID:
    """Return under which id the loss of access is told (`access.revoked`): of the person, or of the link."""
    return who.user.pk if isinstance(who, Hat) else who.link.id


def as_participant(who: Principal) -> dict[str, Any]:
    """Return which participant somebody is, as a filter and as columns of a new one."""
    return {"membership": who.membership} if isinstance(who, Hat) else {"guest": who.link}
