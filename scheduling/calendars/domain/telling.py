"""Telling people that their duty or their leave has changed: a date and a link, never more."""

from datetime import datetime, timedelta

from scheduling.calendars.models import Leave, OnCallShift, ShiftSwap
from scheduling.calendars.patterns import LOCAL
from scheduling.calendars.ranges import interval_of, range_of
from scheduling.calendars.slots import Interval
from scheduling.calendars.words import day_text
from telehealth.accounts.models import User
from telehealth.notifications.domain.telling import notify, settle
from telehealth.notifications.kinds import Kind
from telehealth.notifications.recipients import ToUser

SOON = timedelta(minutes=60)
NEAR = timedelta(days=7)
"""A duty further away is told by the roster itself; a month that is planned must not ring thirty times."""


def tell_swap_asked(swap: ShiftSwap, now: datetime) -> None:
    _tell_of_swap(Kind.ROSTER_SWAP_ASKED, swap, swap.asked.user, now)


def tell_swap_answered(swap: ShiftSwap, *, agreed: bool, now: datetime) -> None:
    settle(key=_swap_key(swap), kinds=[Kind.ROSTER_SWAP_ASKED], now=now)
    kind = Kind.ROSTER_SWAP_AGREED if agreed else Kind.ROSTER_SWAP_REFUSED
    _tell_of_swap(kind, swap, swap.asked_by.user, now)


def tell_swap_over(swap: ShiftSwap, now: datetime) -> None:
    """Take a question back that nobody needs to answer any more."""
    settle(key=_swap_key(swap), kinds=[Kind.ROSTER_SWAP_ASKED], now=now)


def tell_duty_changed(shift: OnCallShift, user: User, now: datetime) -> None:
    """Tell somebody who gets or loses a duty that is near."""
    start = interval_of(shift.during).start
    if start <= now + NEAR:
        notify(
            kind=Kind.ROSTER_CHANGED,
            recipient=ToUser(user.pk),
            key=f"shift:{shift.id}:{shift.sequence}:{user.pk}",
            context={"date": day_text(start.astimezone(LOCAL).date())},
            facility_id=shift.facility_id,
            path="/on-call/",
            now=now,
        )


def tell_leave_answered(leave: Leave, now: datetime) -> None:
    day = interval_of(leave.during).start.astimezone(LOCAL).date()
    notify(
        kind=Kind.LEAVE_ANSWERED,
        recipient=ToUser(leave.membership.user_id),
        key=f"leave:{leave.id}",
        context={"date": day_text(day)},
        facility_id=leave.membership.facility_id,
        path="/schedule/mine/",
        now=now,
    )


def remind_of_duty(*, now: datetime) -> int:
    """Tell everybody whose duty begins within the hour; each duty once, whoever has it then. Return how many there are."""
    begins = Interval(now, now + SOON)
    shifts = OnCallShift.objects.filter(
        cancelled_at=None,
        membership__is_active=True,
        during__overlap=range_of(begins),
        during__startswith__gt=now,
    )
    for shift in shifts:
        start = interval_of(shift.during).start.astimezone(LOCAL)
        notify(
            kind=Kind.ON_CALL_SOON,
            recipient=ToUser(shift.user_id),
            key=f"shift:{shift.id}:{shift.user_id}",
            context={"time": f"{start:%H:%M}", "date": day_text(start.date())},
            facility_id=shift.facility_id,
            path=f"/on-call/shifts/{shift.id}/",
            now=now,
        )
    return len(shifts)


def _tell_of_swap(kind: Kind, swap: ShiftSwap, user: User, now: datetime) -> None:
    start = interval_of(swap.shift.during).start.astimezone(LOCAL)
    notify(
        kind=kind,
        recipient=ToUser(user.pk),
        key=_swap_key(swap),
        context={"date": day_text(start.date())},
        facility_id=swap.shift.facility_id,
        path="/on-call/swaps/",
        now=now,
    )


def _swap_key(swap: ShiftSwap) -> str:
    return f"swap:{swap.id}"
