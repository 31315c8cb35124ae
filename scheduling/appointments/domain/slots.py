"""Which slots can be booked: open time of people and rooms, cut into slots, less what is promised. Never stored as a copy."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from scheduling.appointments import rules
from scheduling.appointments.enums import OCCUPYING, Status
from scheduling.appointments.models import Appointment, BookingPolicy
from scheduling.appointments.recent import Recent
from scheduling.calendars import models as calendars
from scheduling.calendars.domain.queries import open_windows, practitioner_windows, resource_windows
from scheduling.calendars.enums import Purpose
from scheduling.calendars.patterns import LOCAL
from scheduling.calendars.ranges import interval_of, range_of
from scheduling.calendars.slots import Interval, free_slots, whole_days
from telehealth.accounts.enums import PHYSICIAN_ROLES
from telehealth.accounts.models import Membership
from telehealth.core.errors import Conflict, Invalid
from telehealth.facilities.models import Facility


@dataclass(frozen=True, order=True)
class Slot:
    """A slot somebody can book: with a practitioner (a membership's id), in a room or on a machine, or both."""

    start: datetime
    end: datetime
    practitioner: UUID | None = None
    resource: UUID | None = None

    @property
    def interval(self) -> Interval:
        return Interval(self.start, self.end)


def practitioners_of(facility: Facility, *, specialty: str = "") -> list[Membership]:
    """Return who sees patients at a facility, of one specialty when asked."""
    found = Membership.objects.filter(facility=facility, is_active=True, role__in=PHYSICIAN_ROLES)
    if specialty:
        found = found.filter(specialties=specialty)
    return list(found.select_related("user", "facility").order_by("user__full_name"))


def bookable_slots(
    *,
    policy: BookingPolicy,
    purpose: Purpose,
    days: tuple[date, date],
    practitioners: Collection[Membership] = (),
    resources: Collection[calendars.Resource] = (),
    now: datetime,
    for_staff: bool = False,
) -> list[Slot]:
    """Return the slots of these people or rooms that can be booked, in order of time.

    Args:
        policy: of the facility: how long slots are, how early and how late they can be booked.
        days: first and last; cut to the booking horizon.
        for_staff: up to the minute, and beyond the horizon.
    """
    first, last = days
    if not for_staff:
        horizon = rules.bookable_days(policy, now=now)
        first, last = max(first, horizon[0]), min(last, horizon[1])
    if first > last:
        return []
    not_before = now if for_staff else rules.earliest_start(policy, now=now)
    length = timedelta(minutes=policy.slot_minutes)
    within = whole_days(first, last, LOCAL)
    slots: list[Slot] = []
    if practitioners:
        windows = practitioner_windows(practitioners=practitioners, days=(first, last), purpose=purpose)
        users = {one.user_id for one in practitioners}
        taken = taken_times(Q(person__in=users), "person_id", within, now=now)
        for one in practitioners:
            for free in free_slots(
                windows=windows[one.id], taken=taken[one.user_id], length=length, not_before=not_before
            ):
                slots.append(Slot(free.start, free.end, practitioner=one.id))
    if resources:
        windows = resource_windows(resources=resources, days=(first, last))
        taken = taken_times(Q(resource__in=[one.id for one in resources]), "resource_id", within, now=now)
        for thing in resources:
            for free in free_slots(
                windows=windows[thing.id], taken=taken[thing.id], length=length, not_before=not_before
            ):
                slots.append(Slot(free.start, free.end, resource=thing.id))
    return sorted(slots, key=lambda slot: (slot.start, str(slot.practitioner or slot.resource)))


def taken_times(
    whose: Q, owner: str, within: Interval, *, now: datetime
) -> "defaultdict[UUID, list[Interval]]":
    """Return what is promised, by owner. An expired hold promises nothing, whether or not somebody has removed it."""
    rows = (
        Appointment.objects.filter(whose, status__in=OCCUPYING, during__overlap=range_of(within))
        .exclude(status=Status.PENDING, hold_until__lte=now)
        .values_list(owner, "during")
    )
    taken: defaultdict[UUID, list[Interval]] = defaultdict(list)
    for key, during in rows:
        taken[key].append(interval_of(during))
    return taken


def check_bookable(
    *,
    policy: BookingPolicy,
    purpose: Purpose,
    interval: Interval,
    practitioner: Membership | None,
    resource: calendars.Resource | None,
    now: datetime,
    for_staff: bool = False,
) -> None:
    """Make sure that an interval is one of the slots that are offered, taken or not. Whether it is taken says the constraint.

    Staff may book any part of open time, to the minute.

    Raises:
        Invalid: `slot.of_nobody`, `slot.too_soon`, `slot.too_far`; Conflict: `slot.not_open`.
    """
    if practitioner is None and resource is None:
        raise Invalid("slot.of_nobody", _("Hãy chọn bác sĩ hoặc phòng."))
    day = rules.local_day(interval.start)
    if interval.start < (now if for_staff else rules.earliest_start(policy, now=now)):
        raise Invalid(
            "slot.too_soon", _("Giờ này đã qua hoặc quá gần, không kịp đặt. Hãy chọn giờ muộn hơn.")
        )
    if not for_staff and day > rules.bookable_days(policy, now=now)[1]:
        raise Invalid(
            "slot.too_far",
            _("Chỉ đặt trước được trong %(n)s ngày tới. Hãy chọn ngày gần hơn.") % {"n": policy.horizon_days},
        )
    length = timedelta(minutes=policy.slot_minutes)
    for owner in (practitioner, resource):
        if owner is None:
            continue
        windows, offered = _open(owner, purpose, day, length, now=now)
        any_part = for_staff or owner is not (
            practitioner or resource
        )  # a room goes with its practitioner's slot
        if not (any(window.covers(interval) for window in windows) if any_part else interval in offered):
            raise Conflict(
                "slot.not_open",
                _("Lịch làm việc vừa thay đổi, giờ này không còn nhận đặt. Hãy chọn giờ khác."),
            )


_Open = tuple[list[Interval], frozenset[Interval]]
"""Open windows of a day, and the slots they are cut into."""


_recent: Recent[_Open] = Recent()
_recent.follow(
    calendars.WorkingHours,
    calendars.Holiday,
    calendars.Availability,
    calendars.AvailabilityException,
    calendars.Leave,
    calendars.OnCallShift,
    calendars.Resource,
)


def _open(
    owner: Membership | calendars.Resource, purpose: Purpose, day: date, length: timedelta, *, now: datetime
) -> _Open:
    def read() -> _Open:
        windows = (
            open_windows(practitioner=owner, days=(day, day), purpose=purpose)
            if isinstance(owner, Membership)
            else open_windows(resource=owner, days=(day, day))
        )
        return windows, frozenset(free_slots(windows=windows, taken=[], length=length))

    return _recent.get((owner.id, purpose, day, length), now, read)
