"""What time itself does to bookings: messages fall due, offers and holds run out, unconfirmed bookings go to others.

Everything here may be late, run twice, run in many workers at once, or not run at all: no place depends on it.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import DateTimeField, Exists, F, Func, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from scheduling.appointments import rules
from scheduling.appointments.domain.bookings import cancel_booking
from scheduling.appointments.domain.lifecycle import WaitingEvent, waiting_transition
from scheduling.appointments.domain.offering import offer_exam_places, offer_slots
from scheduling.appointments.domain.promises import remove_holds
from scheduling.appointments.domain.registrations import cancel_registration, close_day
from scheduling.appointments.domain.telling import Booking, tell
from scheduling.appointments.domain.waiting import lapse_offer
from scheduling.appointments.enums import OPEN, Answer, EndReason, Message, Status, WaitingState
from scheduling.appointments.models import Appointment, Offer, Registration, SentMessage, WaitingEntry
from telehealth.core.errors import Conflict

RECENT = timedelta(hours=6)
"""News that is older is no news: the page has it."""
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
TOO_LATE_FOR_DAY_BEFORE = timedelta(hours=3)
TOO_LATE_FOR_HOUR_BEFORE = timedelta(minutes=10)
KNOWS_ANYWAY = timedelta(hours=1)
"""Who booked or moved so shortly before a reminder needs none."""
BATCH = 500
KEPT_HOLDS = timedelta(hours=1)


def send_due_messages(*, now: datetime) -> int:
    """Tell everybody what they have to be told by now; return how many messages were handed on."""
    told = 0
    for message in _DUE:
        models: tuple[type[Booking], ...] = (Appointment, Registration)
        for model in models[:1] if message == Message.MOVED else models:  # a registration is never moved
            for row_id in _ids(_due_rows(model, message, now)):
                told += _tell_one(model, row_id, message, now=now)
    return told


def lapse_offers(*, now: datetime) -> int:
    """Pass on the offers whose deadline is over, and end wishes whose days are; return how many offers."""
    lapsed = 0
    for offer_id in _ids(Offer.objects.filter(answer=Answer.OPEN, deadline__lte=now).order_by("deadline")):
        lapsed += lapse_offer(offer_id=offer_id, now=now)
    over = WaitingEntry.objects.filter(state=WaitingState.WAITING, last_day__lt=rules.local_day(now))
    for entry_id in _ids(over):
        with transaction.atomic():
            entry = over.select_for_update().filter(id=entry_id).first()
            if entry is not None:
                entry.state = waiting_transition(entry.state, WaitingEvent.GIVE_UP)
                entry.ended_at = now
                entry.save(update_fields=["state", "ended_at"])
    return lapsed


def cancel_unanswered(*, now: datetime) -> int:
    """Give away what had to be confirmed again and was not, if its holder was asked; return how many."""
    given = 0
    unanswered = Q(status=Status.BOOKED, answer_by__lte=now, answered_at=None)
    for row_id in _ids(Appointment.objects.filter(unanswered, messages__message=Message.CONFIRM).distinct()):
        given += _unless_changed(cancel_booking, appointment_id=row_id, now=now)
    for row_id in _ids(Registration.objects.filter(unanswered, messages__message=Message.CONFIRM).distinct()):
        given += _unless_changed(cancel_registration, registration_id=row_id, now=now)
    return given


def clear_up(*, now: datetime) -> None:
    """Remove holds that nobody confirmed or wanted, and close yesterday's registrations. For tidiness only."""
    offered = Offer.objects.filter(appointment=OuterRef("pk"))
    remove_holds(Appointment.objects.filter(hold_until__lte=now - KEPT_HOLDS).exclude(Exists(offered)))
    close_day(day=rules.local_day(now) - DAY, now=now)


def offer_free_places(*, now: datetime) -> int:
    """Offer whatever is free to whoever waits for it: places that no cancellation freed, such as a doctor's added hours."""
    return offer_slots(now=now) + offer_exam_places(now=now)


def _booked(now: datetime) -> Q:
    return Q(status__in=OPEN, booked_at__gt=now - RECENT, booked_at__lte=now)


def _moved(now: datetime) -> Q:
    return Q(status__in=OPEN, moved_at__gt=now - RECENT)


def _cancelled(now: datetime) -> Q:
    by_us = (EndReason.BY_FACILITY, EndReason.UNCONFIRMED)
    return Q(status=Status.CANCELLED, end_reason__in=by_us, ended_at__gt=now - RECENT, start__gt=now)


def _confirm(now: datetime) -> Q:
    return Q(status=Status.BOOKED, answer_by__gt=now, answered_at=None, start__gt=now, start__lte=now + DAY)


def _day_before(now: datetime) -> Q:
    soon = Q(start__gt=now + TOO_LATE_FOR_DAY_BEFORE, start__lte=now + DAY)
    return soon & Q(status=Status.BOOKED, answer_by=None, known_at__lte=now - KNOWS_ANYWAY)


def _hour_before(now: datetime) -> Q:
    soon = Q(start__gt=now + TOO_LATE_FOR_HOUR_BEFORE, start__lte=now + HOUR)
    return soon & Q(status=Status.BOOKED, known_at__lte=now - KNOWS_ANYWAY)


_DUE: Mapping[Message, Callable[[datetime], Q]] = {
    Message.BOOKED: _booked,
    Message.MOVED: _moved,
    Message.CANCELLED: _cancelled,
    Message.CONFIRM: _confirm,
    Message.DAY_BEFORE: _day_before,
    Message.HOUR_BEFORE: _hour_before,
}


def _due_rows(model: type[Booking], message: Message, now: datetime) -> QuerySet[Any]:
    """Return whose message is due and not told yet for the start they have now."""
    rows: QuerySet[Any]
    if model is Appointment:
        start = Func(F("during"), function="lower", output_field=DateTimeField())
        rows = Appointment.objects.filter(part_of=None).annotate(
            start=start, known_at=Coalesce("moved_at", "booked_at")
        )
        if message == Message.BOOKED:  # when it was moved meanwhile, the move is the news
            rows = rows.filter(moved_at=None)
        told = SentMessage.objects.filter(appointment=OuterRef("pk"))
    else:
        rows = Registration.objects.annotate(start=F("arrive_from"), known_at=F("booked_at"))
        told = SentMessage.objects.filter(registration=OuterRef("pk"))
    told = told.filter(message=message, start=OuterRef("start"))
    return rows.filter(_DUE[message](now)).exclude(Exists(told))


def _tell_one(model: type[Booking], row_id: UUID, message: Message, *, now: datetime) -> int:
    """Tell one, if it still is as it was found; whoever is changing it leaves it for the next time."""
    with transaction.atomic():
        rows = _due_rows(model, message, now).select_for_update(skip_locked=True, of=("self",))
        related = ("contact", "patient") if model is Appointment else ("contact",)
        row = rows.filter(id=row_id).select_related(*related).first()
        return int(row is not None and tell(row, message, now=now))


def _unless_changed(cancel: Callable[..., object], **which: object) -> int:
    try:
        cancel(by=None, reason=EndReason.UNCONFIRMED, **which)
    except Conflict:
        return 0
    return 1


def _ids(rows: QuerySet[Any]) -> list[UUID]:
    return list(rows.values_list("id", flat=True)[:BATCH])
