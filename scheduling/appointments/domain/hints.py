"""Letting open lists look again: a hint after the commit, worth nothing later, so it is not kept for anybody."""

from functools import partial
from uuid import UUID

from django.db import transaction

from telehealth.core.announce import tell_now

TOPIC = "bookings"
"""Announced with `facility` (id as text) and `day` (ISO): something about that day's bookings changed."""


def hint_facility(facility_id: UUID, day: str) -> None:
    """Tell whoever watches this facility's day, once the running transaction has committed."""
    transaction.on_commit(partial(tell_now, TOPIC, facility=str(facility_id), day=day), robust=True)
