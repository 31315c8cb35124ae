"""Who asks for a booking: staff in a hat, or somebody from outside with a browser and, after the code, a phone."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from scheduling.appointments.models import Contact
from telehealth.accounts.hat import Hat, Origin


@dataclass(frozen=True)
class Visitor:
    """Somebody from the public pages. `holder` is a random key of their browser; what it holds is theirs.

    Without `contact` they may only look and hold; whoever comes by a booking's link is a visitor without contact, too.
    """

    holder: str
    contact: Contact | None = None
    origin: Origin = field(default_factory=Origin)


Caller = Hat | Visitor


def holder_of(by: Caller) -> str:
    """Return the key under which the caller's holds are kept."""
    return str(by.membership.id) if isinstance(by, Hat) else by.holder


def audited(by: Caller, facility_id: UUID) -> dict[str, Any]:
    """Return who acted, as arguments for `audit.log.record`. A visitor's acts stand in the facility's chain."""
    if isinstance(by, Hat):
        return {"hat": by}
    who = {"contact": str(by.contact.id)} if by.contact else {}
    return {"hat": None, "facility_id": facility_id, "origin": by.origin, **who}
