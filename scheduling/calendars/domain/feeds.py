"""A person's calendar at a secret address, and what other packages put into it."""

import hashlib
import secrets
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from scheduling.calendars.enums import DutyRank, LeaveState
from scheduling.calendars.ical import Entry, calendar_file
from scheduling.calendars.models import CalendarFeed, Leave, OnCallShift
from scheduling.calendars.patterns import LOCAL
from scheduling.calendars.ranges import interval_of, range_of
from scheduling.calendars.slots import Interval
from telehealth.accounts.models import User
from telehealth.audit.log import record
from telehealth.core.errors import NotFound
from telehealth.facilities.models import Facility

BACK = timedelta(days=30)
AHEAD = timedelta(days=366)

Source = Callable[[User, Interval], Iterable[Entry]]
_sources: list[Source] = []


def add_source(source: Source) -> None:
    """Let `source(user, within)` put entries into everybody's calendar; called by a package when it is ready."""
    if source not in _sources:
        _sources.append(source)


@transaction.atomic
def issue_feed(*, user: User, now: datetime) -> str:
    """Return the secret of a new address of somebody's calendar; the one before stops working. It cannot be shown again."""
    revoke_feed(user=user, now=now)
    secret = secrets.token_urlsafe(32)
    feed = CalendarFeed.objects.create(user=user, digest=_digest(secret), created_at=now)
    record(
        "calendar_feed.issued",
        now=now,
        hat=None,
        user=user,
        object_type="calendar_feed",
        object_id=feed.id,
    )
    return secret


@transaction.atomic
def revoke_feed(*, user: User, now: datetime) -> bool:
    """Make the address of somebody's calendar stop working at once; say whether there was one."""
    feed = CalendarFeed.objects.select_for_update().filter(user=user, revoked_at=None).first()
    if feed is None:
        return False
    feed.revoked_at = now
    feed.save(update_fields=["revoked_at"])
    record(
        "calendar_feed.revoked",
        now=now,
        hat=None,
        user=user,
        object_type="calendar_feed",
        object_id=feed.id,
    )
    return True


def feed_of(user: User) -> CalendarFeed | None:
    """Return the address that works, if there is one; of the secret itself nothing is kept."""
    return CalendarFeed.objects.filter(user=user, revoked_at=None).first()


def read_feed(*, secret: str, now: datetime) -> bytes:
    """Return the calendar at a secret address.

    Raises:
        NotFound: `calendar_feed.not_found`, whether it never was, was revoked, or its person may not sign in any more.
    """
    feed = (
        CalendarFeed.objects.filter(digest=_digest(secret), revoked_at=None, user__is_active=True)
        .select_related("user")
        .first()
    )
    if feed is None:
        raise NotFound("calendar_feed.not_found", _("Địa chỉ lịch này không còn dùng được."))
    # The days that are looked at move once a day, so that the file stays the same between.
    midnight = now.astimezone(LOCAL).replace(hour=0, minute=0, second=0, microsecond=0)
    within = Interval(midnight - BACK, midnight + AHEAD)
    with override("vi"):
        entries = [entry for source in (_duties, _leaves, *_sources) for entry in source(feed.user, within)]
        return calendar_file(entries, name=_("Lịch làm việc"))


def shift_entry(shift: OnCallShift) -> Entry:
    """Return a duty as calendars show it."""
    return Entry(
        uid=str(shift.id),
        what=str(DutyRank(shift.rank).label),
        where=place_of(shift.facility),
        when=interval_of(shift.during),
        changed_at=shift.changed_at,
        sequence=shift.sequence,
        cancelled=shift.cancelled_at is not None,
    )


def place_of(facility: Facility) -> str:
    """Return name and address of a facility as a place."""
    return ", ".join(part for part in (facility.name, facility.address) if part)


def _duties(user: User, within: Interval) -> Iterable[Entry]:
    shifts = OnCallShift.objects.filter(
        user=user, cancelled_at=None, during__overlap=range_of(within), membership__is_active=True
    )
    return [shift_entry(shift) for shift in shifts.select_related("facility")]


def _leaves(user: User, within: Interval) -> Iterable[Entry]:
    leaves = Leave.objects.filter(
        membership__user=user, state=LeaveState.GRANTED, during__overlap=range_of(within)
    )
    for leave in leaves.select_related("membership__facility"):
        yield Entry(
            uid=str(leave.id),
            what=_("Nghỉ"),
            where=str(leave.membership.facility.short_name),
            when=interval_of(leave.during),
            changed_at=leave.answered_at or leave.asked_at,
            busy=False,
        )


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
