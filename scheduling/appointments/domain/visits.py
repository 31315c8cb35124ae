"""The day itself: somebody came, was seen, did not come. What the desk and the practitioner's page press."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from scheduling.appointments import access, rules
from scheduling.appointments.callers import Caller
from scheduling.appointments.domain.lifecycle import Event, transition
from scheduling.appointments.domain.promises import note
from scheduling.appointments.domain.telling import tell_late
from scheduling.appointments.enums import EndReason, Status
from scheduling.appointments.models import Appointment
from scheduling.calendars.ranges import interval_of
from telehealth.accounts.hat import Hat
from telehealth.core.errors import Invalid, NotAllowed

MOST_LATE = 240


@transaction.atomic
def mark_arrived(*, by: Caller, appointment_id: UUID, now: datetime, link: str = "") -> Appointment:
    """Record that the patient is there: at the desk, or in the waiting room of a remote visit (by its link).

    Raises:
        NotFound: `booking.not_found`; Conflict: `booking.wrong_state`.
    """
    row = access.access_appointment(by, appointment_id, link=link, lock=True)
    if row.status == Status.ARRIVED:
        return row
    row.status = transition(row.status, Event.ARRIVE)
    row.arrived_at, row.ended_at = now, None
    row.save(update_fields=["status", "arrived_at", "ended_at"])
    note("appointment.arrived", row, by, now=now)
    return row


@transaction.atomic
def undo_arrival(*, hat: Hat, appointment_id: UUID, now: datetime) -> Appointment:
    """Take back an arrival that was recorded by mistake.

    Raises:
        NotFound: `booking.not_found`; NotAllowed: `booking.not_staff`; Conflict: `booking.wrong_state`.
    """
    row = _staffed(hat, appointment_id)
    row.status = transition(row.status, Event.UNARRIVE)
    row.arrived_at = None
    row.save(update_fields=["status", "arrived_at"])
    note("appointment.arrival_undone", row, hat, now=now)
    return row


@transaction.atomic
def mark_fulfilled(*, hat: Hat, appointment_id: UUID, now: datetime) -> Appointment:
    """Record that the visit took place. What is left of its time is free again.

    Raises:
        as `undo_arrival`.
    """
    row = _staffed(hat, appointment_id)
    row.status = transition(row.status, Event.FULFIL)
    row.ended_at = now
    row.save(update_fields=["status", "ended_at"])
    row.parts.filter(status=Status.BOOKED).update(status=Status.FULFILLED, ended_at=now)
    note("appointment.fulfilled", row, hat, now=now)
    return row


@transaction.atomic
def mark_no_show(*, hat: Hat, appointment_id: UUID, now: datetime) -> Appointment:
    """Record that nobody came. Not before the start: whoever cancels a minute before has cancelled.

    Raises:
        Invalid: `booking.not_begun`; as `undo_arrival`.
    """
    row = _staffed(hat, appointment_id)
    if now < interval_of(row.during).start:
        raise Invalid(
            "booking.not_begun",
            _("Chưa đến giờ hẹn, chưa thể ghi là không đến. Nếu người bệnh báo hủy, hãy hủy lịch."),
        )
    row.status = transition(row.status, Event.MISS)
    row.ended_at = now
    row.save(update_fields=["status", "ended_at"])
    row.parts.filter(status=Status.BOOKED).update(status=Status.NO_SHOW, ended_at=now)
    note("appointment.missed", row, hat, now=now)
    return row


@transaction.atomic
def excuse_no_show(*, hat: Hat, appointment_id: UUID, now: datetime) -> Appointment:
    """Let a missed visit not count: the road was flooded, the reminder never came, it was our mistake.

    Raises:
        as `undo_arrival`.
    """
    row = _staffed(hat, appointment_id)
    row.status = transition(row.status, Event.EXCUSE)
    row.end_reason = EndReason.BY_FACILITY
    row.save(update_fields=["status", "end_reason"])
    note("appointment.excused", row, hat, now=now)
    return row


@transaction.atomic
def say_late(*, hat: Hat, minutes: int, now: datetime) -> int:
    """Tell everybody whom the hat's person still sees today, at this facility, that it gets later; return how many were told.

    Raises:
        Invalid: `late.minutes`.
    """
    if not 1 <= minutes <= MOST_LATE:
        raise Invalid("late.minutes", _("Hãy nhập số phút muộn từ 1 đến %(n)s.") % {"n": MOST_LATE})
    today = rules.local_day(now)
    told = 0
    rows = Appointment.objects.select_for_update().filter(
        practitioner=hat.membership,
        status__in=(Status.BOOKED, Status.ARRIVED),
        part_of=None,
        during__endswith__gt=now,
    )
    for row in rows.order_by("during"):
        if rules.local_day(interval_of(row.during).start) == today:
            row.late_minutes = minutes
            row.save(update_fields=["late_minutes"])
            told += tell_late(row, now=now)
    return told


def _staffed(hat: Hat, appointment_id: UUID) -> Appointment:
    row = access.access_appointment(hat, appointment_id, lock=True)
    if not rules.may_book(hat):
        raise NotAllowed("booking.not_staff", _("Chỉ nhân viên y tế của cơ sở mới ghi được việc này."))
    return row
