"""Holding a slot, booking it, moving and giving it back.

Locks are taken in one order: contact, appointment, wish on the waiting list (never waited for), audit chain.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from scheduling.appointments import access, rules
from scheduling.appointments.callers import Caller, holder_of
from scheduling.appointments.codes import Choose
from scheduling.appointments.domain.lifecycle import Event, transition
from scheduling.appointments.domain.promises import (
    ForWhom,
    Wanted,
    check_wanted,
    fill,
    free_lane,
    freed,
    insert,
    new_appointment,
    note,
    passing_on_offers,
    place_of,
    refusals,
    remove_holds,
)
from scheduling.appointments.domain.slots import check_bookable
from scheduling.appointments.enums import OCCUPYING, EndReason, Status
from scheduling.appointments.models import Appointment
from scheduling.appointments.models.policy import policy_of
from scheduling.calendars.enums import Purpose
from scheduling.calendars.models import Resource
from scheduling.calendars.ranges import interval_of, range_of
from scheduling.calendars.slots import Interval
from telehealth.accounts.hat import Hat
from telehealth.accounts.models import Membership

__all__ = [
    "ForWhom",
    "Wanted",
    "answer_booking",
    "book",
    "book_together",
    "cancel_booking",
    "confirm_hold",
    "hold_slot",
    "move_booking",
    "release_holds",
]


@passing_on_offers
@transaction.atomic
def hold_slot(*, by: Caller, wanted: Wanted, now: datetime, choose: Choose = secrets.choice) -> Appointment:
    """Keep a slot for a few minutes while a form is filled in. A caller's earlier hold is released.

    Raises:
        as `check_bookable`; Conflict: `slot.taken`; NotAllowed: `booking.not_staff`.
    """
    policy = check_wanted(by, wanted, now=now)
    release_holds(by=by)
    hold = new_appointment(by, wanted, Status.PENDING, choose, now=now)
    hold.hold_until = now + timedelta(minutes=policy.hold_minutes)
    insert(hold, choose, now=now)
    return hold


def release_holds(*, by: Caller) -> None:
    """Give back what this browser or membership holds. Offers of the waiting list are not held by browsers."""
    holder = holder_of(by)
    if holder:
        remove_holds(Appointment.objects.filter(holder=holder))


@passing_on_offers
@transaction.atomic
def confirm_hold(*, by: Caller, appointment_id: UUID, whom: ForWhom, now: datetime) -> Appointment:
    """Make a hold a booking. A hold that expired can still be confirmed as long as nobody else wanted the slot.

    Raises:
        NotFound: `hold.not_found`; Conflict: `booking.wrong_state`, `beneficiary.busy`, `booking.too_many…`;
        NotAllowed: `contact.not_verified`, `booking.not_staff`; Invalid: `booking.for_nobody`.
    """
    hold = access.access_hold(by, appointment_id, lock=True)
    hold.status = transition(hold.status, Event.CONFIRM)
    fill(hold, by, whom, policy_of(hold.facility, now=now), now=now)
    with refusals(hold, now=now):
        hold.save()
    note("appointment.booked", hold, by, now=now)
    return hold


@passing_on_offers
@transaction.atomic
def book(
    *,
    by: Caller,
    wanted: Wanted,
    whom: ForWhom,
    now: datetime,
    squeeze: bool = False,
    choose: Choose = secrets.choice,
) -> Appointment:
    """Book a slot at once.

    Args:
        squeeze: staff put it beside another booking of the same practitioner, as far as the facility's policy allows.

    Raises:
        as `hold_slot` and `confirm_hold`; NotAllowed: `booking.no_squeezing`.
    """
    made = _book(by=by, wanted=wanted, whom=whom, now=now, squeeze=squeeze, choose=choose)
    note("appointment.booked", made, by, now=now, lane=made.lane)
    return made


def _book(
    *, by: Caller, wanted: Wanted, whom: ForWhom, now: datetime, squeeze: bool, choose: Choose
) -> Appointment:
    policy = check_wanted(by, wanted, now=now)
    made = new_appointment(by, wanted, Status.BOOKED, choose, now=now)
    fill(made, by, whom, policy, now=now)
    if squeeze:
        made.lane = free_lane(by, wanted, policy)
    insert(made, choose, now=now)
    return made


@passing_on_offers
@transaction.atomic
def book_together(
    *,
    hat: Hat,
    wanted: Sequence[Wanted],
    whom: ForWhom,
    now: datetime,
    choose: Choose = secrets.choice,
) -> Appointment:
    """Book several people and rooms for one meeting: all or none. The first is the appointment, the others its parts.

    Raises:
        as `book`.
    """
    first, *others = wanted
    made = _book(by=hat, wanted=first, whom=whom, now=now, squeeze=False, choose=choose)
    for one in others:
        check_wanted(hat, one, now=now, at=first.facility)
        part = new_appointment(hat, one, Status.BOOKED, choose, now=now)
        part.part_of, part.booked_by, part.booked_at, part.reference = (
            made,
            hat.membership,
            now,
            whom.reference,
        )
        insert(part, choose, now=now)
    note("appointment.booked", made, hat, now=now, parts=len(others))
    return made


@passing_on_offers
@transaction.atomic
def move_booking(
    *,
    by: Caller,
    appointment_id: UUID,
    interval: Interval,
    now: datetime,
    practitioner: Membership | None = None,
    resource: Resource | None = None,
    link: str = "",
) -> Appointment:
    """Move a booking to another time (and practitioner or room, when given). The old slot is given back only with the new one had.

    Raises:
        NotFound: `booking.not_found`; Conflict: `booking.wrong_state`, `slot.taken`, `beneficiary.busy`; as `check_bookable`.
    """
    moved = access.access_appointment(by, appointment_id, link=link, lock=True)
    transition(moved.status, Event.MOVE)
    policy = policy_of(moved.facility, now=now)
    staff = isinstance(by, Hat)
    before = place_of(moved)
    shift = interval.start - before.interval.start
    moved.practitioner = practitioner or moved.practitioner
    moved.person = moved.practitioner.user if moved.practitioner else None
    moved.resource = resource or moved.resource
    check_bookable(
        policy=policy,
        purpose=Purpose(moved.kind),
        interval=interval,
        practitioner=moved.practitioner,
        resource=moved.resource,
        now=now,
        for_staff=staff,
    )
    moved.during = range_of(interval)
    moved.moved_at, moved.answered_at, moved.late_minutes = now, None, 0
    if moved.answer_by is not None:
        moved.answer_by = rules.answer_deadline(
            missed=policy.no_show_limit, policy=policy, start=interval.start, now=now
        )
    with refusals(moved, now=now):
        moved.save()
    for part in moved.parts.select_for_update().filter(status__in=OCCUPYING):
        old = interval_of(part.during)
        part.during = range_of(Interval(old.start + shift, old.end + shift))
        with refusals(part, now=now):
            part.save(update_fields=["during"])
    freed(before, now=now)
    note("appointment.moved", moved, by, now=now, minutes=round(shift.total_seconds() / 60))
    return moved


@transaction.atomic
def cancel_booking(
    *,
    by: Caller | None,
    appointment_id: UUID,
    now: datetime,
    link: str = "",
    reason: EndReason | None = None,
) -> Appointment:
    """Give a booking back; whoever waits for such a place is offered it in the same transaction.

    Args:
        by: None for the platform itself, with a `reason`.

    Raises:
        NotFound: `booking.not_found`; Conflict: `booking.wrong_state`.
    """
    if by is None:
        rows = Appointment.objects.select_for_update(of=("self",)).select_related("facility", "practitioner")
        given_up = rows.get(id=appointment_id)
    else:
        given_up = access.access_appointment(by, appointment_id, link=link, lock=True)
    given_up.status = transition(given_up.status, Event.CANCEL)
    given_up.ended_at = now
    given_up.end_reason = reason or (EndReason.BY_FACILITY if isinstance(by, Hat) else EndReason.BY_PATIENT)
    given_up.save(update_fields=["status", "ended_at", "end_reason"])
    given_up.parts.filter(status__in=OCCUPYING).update(
        status=Status.CANCELLED, ended_at=now, end_reason=given_up.end_reason
    )
    freed(place_of(given_up), now=now)
    note("appointment.cancelled", given_up, by, now=now, reason=given_up.end_reason)
    return given_up


@transaction.atomic
def answer_booking(*, by: Caller, appointment_id: UUID, now: datetime, link: str = "") -> Appointment:
    """Confirm again that somebody comes. Done twice it is done once.

    Raises:
        NotFound: `booking.not_found`; Conflict: `booking.wrong_state`.
    """
    answered = access.access_appointment(by, appointment_id, link=link, lock=True)
    transition(answered.status, Event.ANSWER)
    if answered.answered_at is None:
        answered.answered_at = now
        answered.save(update_fields=["answered_at"])
        note("appointment.answered", answered, by, now=now)
    return answered
