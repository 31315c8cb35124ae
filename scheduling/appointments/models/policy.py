"""What a facility allows."""

from datetime import datetime

from django.db import models

from scheduling.appointments.recent import Recent
from telehealth.facilities.models import Facility


class BookingPolicy(models.Model):
    """A facility's rules for bookings and registrations. One without a row has the defaults below."""

    facility = models.OneToOneField(
        Facility, primary_key=True, on_delete=models.CASCADE, related_name="booking_policy"
    )
    slot_minutes = models.PositiveSmallIntegerField(default=15)
    horizon_days = models.PositiveSmallIntegerField(default=30)  # bookable until so many days ahead
    lead_minutes = models.PositiveSmallIntegerField(default=60)  # and not later than this before the start
    hold_minutes = models.PositiveSmallIntegerField(default=5)
    offer_minutes = models.PositiveSmallIntegerField(default=30)  # to answer an offer of the waiting list
    per_person = models.PositiveSmallIntegerField(default=3)  # open bookings here for one person
    per_phone = models.PositiveSmallIntegerField(default=6)  # open bookings here made with one phone
    per_phone_session = models.PositiveSmallIntegerField(
        default=4
    )  # registrations of one phone in one session
    arrival_minutes = models.PositiveSmallIntegerField(default=30)  # length of a window to arrive in
    overbook_percent = models.PositiveSmallIntegerField(
        default=0
    )  # registrations beyond a session's capacity
    overbook_lanes = models.PositiveSmallIntegerField(default=0)  # bookings staff may squeeze in beside one
    no_show_limit = models.PositiveSmallIntegerField(default=2)  # missed visits …
    no_show_days = models.PositiveSmallIntegerField(
        default=90
    )  # … within so many days: bookings are confirmed again

    def __str__(self) -> str:
        return f"booking policy of {self.facility_id}"


_recent: Recent[BookingPolicy] = Recent()
_recent.follow(BookingPolicy)


def policy_of(facility: Facility, *, now: datetime | None = None) -> BookingPolicy:
    """Return a facility's rules; the defaults, unsaved, when it has set none.

    Args:
        now: when they may be some seconds old, as in a rush. Such a row is shared: not to be changed.
    """

    def read() -> BookingPolicy:
        return BookingPolicy.objects.filter(facility=facility).first() or BookingPolicy(facility=facility)

    return read() if now is None else _recent.get(facility.id, now, read)
