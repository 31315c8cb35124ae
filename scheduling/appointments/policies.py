"""A facility's rules for booking, read and changed."""

from datetime import datetime

from scheduling.appointments.models import BookingPolicy
from scheduling.appointments.recent import Recent
from telehealth.facilities.models import Facility

_recent: Recent[BookingPolicy] = Recent()
_recent.follow(BookingPolicy)


def policy_of(facility: Facility, *, now: datetime) -> BookingPolicy:
    """Return a facility's rules, at most some seconds old; the defaults, unsaved, when it has set none. Not to be changed."""
    return _recent.get(
        facility.id,
        now,
        lambda: BookingPolicy.objects.filter(facility=facility).first() or BookingPolicy(facility=facility),
    )
