"""What was booked: seen and changed by the link in a message, or by the phone it was booked with."""

from datetime import datetime
from typing import Any
from uuid import UUID

import segno
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from scheduling.appointments import access
from scheduling.appointments.callers import Visitor
from scheduling.appointments.codes import qr_text
from scheduling.appointments.domain.bookings import answer_booking, cancel_booking
from scheduling.appointments.domain.lifecycle import Event, can
from scheduling.appointments.domain.registrations import answer_registration, cancel_registration
from scheduling.appointments.domain.telling import start_of
from scheduling.appointments.domain.waiting import (
    decline_offer,
    leave_waiting_list,
    place_in_line,
    take_offer,
)
from scheduling.appointments.enums import OPEN, Answer, Status, WaitingState
from scheduling.appointments.models import Appointment, Offer, Registration, WaitingEntry
from scheduling.calendars.enums import Purpose
from scheduling.calendars.ical import Entry, calendar_file
from scheduling.calendars.ranges import interval_of
from scheduling.calendars.slots import Interval
from telehealth.consultations.domain.guests import patient_link, token_of
from telehealth.core import clock
from telehealth.core.errors import DomainError, NotFound
from telehealth.web.views.booking.visitor import for_visitors, with_phone

PAST_SHOWN = 20
JOINED = (*OPEN, Status.FULFILLED)
"""When a remote appointment has a page of its own: to join it, or to read its summary."""
Booking = Appointment | Registration


@require_GET
@for_visitors
def booking(request: HttpRequest, by: Visitor, link: str) -> HttpResponseBase:
    """Show a booking to whoever has its link: code, QR, where and when, and what can be done with it."""
    row = _by_link(link)
    context = _shown(row, now=clock.now()) | {"qr": _qr(row), "link": link}
    return render(request, "booking/booking.html", context)


@require_POST
@for_visitors
def cancel(request: HttpRequest, by: Visitor, link: str) -> HttpResponseBase:
    """Give a booking back."""
    row = _by_link(link)

    def give_back(now: datetime) -> None:
        if isinstance(row, Appointment):
            cancel_booking(by=by, appointment_id=row.id, link=link, now=now)
        else:
            cancel_registration(by=by, registration_id=row.id, link=link, now=now)

    return _change(
        request, link, give_back, _("Đã hủy. Cảm ơn anh/chị đã báo: chỗ này được nhường cho người khác.")
    )


@require_POST
@for_visitors
def confirm(request: HttpRequest, by: Visitor, link: str) -> HttpResponseBase:
    """Say again that one comes."""
    row = _by_link(link)

    def answer(now: datetime) -> None:
        if isinstance(row, Appointment):
            answer_booking(by=by, appointment_id=row.id, link=link, now=now)
        else:
            answer_registration(by=by, registration_id=row.id, link=link, now=now)

    return _change(request, link, answer, _("Đã xác nhận. Hẹn gặp anh/chị."))


@require_POST
@for_visitors
def join(request: HttpRequest, by: Visitor, link: str) -> HttpResponseBase:
    """Lead to the remote appointment's own page: the waiting room, and afterwards the summary."""
    guest = patient_link(appointment=access.appointment_by_link(link), now=clock.now())
    if guest is None:
        messages.error(
            request,
            _("Lịch hẹn này chưa có số điện thoại để nhận mã. Hãy gọi cơ sở y tế để được gửi liên kết."),
        )
        return redirect("booking_link", link=link)
    return redirect("join", token=token_of(guest.id))


@require_GET
@for_visitors
def calendar(request: HttpRequest, by: Visitor, link: str) -> HttpResponseBase:
    """Give a booking as a file for the phone's calendar. It says where and when, not what for."""
    row = _by_link(link)
    when = (
        interval_of(row.during) if isinstance(row, Appointment) else Interval(row.arrive_from, row.arrive_to)
    )
    entry = Entry(
        uid=f"{row.id}@booking",
        what=_("Lịch hẹn tại %(place)s") % {"place": row.facility.short_name},
        when=when,
        changed_at=row.booked_at or row.created_at,
        where=row.facility.address or row.facility.name,
    )
    body = calendar_file([entry], name=_("Lịch hẹn"))
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{row.code}.ics"'
    return response


@require_GET
@with_phone
def mine(request: HttpRequest, by: Visitor) -> HttpResponseBase:
    """List what this phone has booked, what it waits for and what it is offered."""
    now = clock.now()
    contact = by.contact
    assert contact is not None  # with_phone
    appointments = list(access.visible_appointments(by).select_related(*access.RELATED))
    registrations = list(access.visible_registrations(by).select_related(*access.REGISTRATION_RELATED))
    rows: list[Booking] = [*appointments, *registrations]
    coming = sorted((row for row in rows if row.status in OPEN and _end_of(row) > now), key=start_of)
    past = sorted((row for row in rows if row not in coming), key=start_of, reverse=True)
    entries = WaitingEntry.objects.filter(
        contact=contact, state__in=(WaitingState.WAITING, WaitingState.OFFERED)
    ).select_related("facility", "beneficiary", "service")
    offers = Offer.objects.filter(entry__contact=contact, answer=Answer.OPEN, deadline__gt=now)
    context = {
        "contact": contact,
        "coming": [_shown(row, now=now) for row in coming],
        "past": [_shown(row, now=now) for row in past[:PAST_SHOWN]],
        "waiting": [
            {
                "entry": entry,
                "what": entry.service.name if entry.service else Purpose(entry.kind).label,
                "place": place_in_line(entry),
            }
            for entry in entries
        ],
        "offers": offers.select_related("entry__facility"),
        "now": now,
    }
    return render(request, "booking/mine.html", context)


@require_POST
@with_phone
def leave(request: HttpRequest, by: Visitor, entry_id: UUID) -> HttpResponseBase:
    """Take a wish off the waiting list."""
    try:
        leave_waiting_list(by=by, entry_id=entry_id, now=clock.now())
    except DomainError as error:
        messages.error(request, error.text)
    else:
        messages.success(request, _("Đã rút tên khỏi danh sách chờ."))
    return redirect("booking_mine")


@require_GET
@for_visitors
def offer(request: HttpRequest, by: Visitor, link: str) -> HttpResponseBase:
    """Show a place somebody on the waiting list is offered. Looking takes nothing: messages are looked at by machines, too."""
    found = access.offer_by_link(link)
    entry = found.entry
    context = {
        "offer": found,
        "facility": entry.facility,
        "person": entry.beneficiary.full_name,
        "what": entry.service.name if entry.service else Purpose(entry.kind).label,
        "open": found.answer == Answer.OPEN and found.deadline > clock.now(),
    }
    return render(request, "booking/offer.html", context)


@require_POST
@for_visitors
def answer_offer(request: HttpRequest, by: Visitor, link: str) -> HttpResponseBase:
    """Take an offer, or let it go to the next."""
    now = clock.now()
    try:
        if request.POST.get("answer") == "take":
            taken = take_offer(link=link, now=now)
            row = taken.appointment or taken.registration
            assert row is not None  # a taken offer keeps its booking
            messages.success(request, _("Đã nhận chỗ này."))
            return redirect("booking_link", link=row.link)
        decline_offer(link=link, now=now)
        messages.success(
            request, _("Đã nhường chỗ này cho người kế tiếp. Tên anh/chị vẫn trong danh sách chờ.")
        )
    except DomainError as error:
        messages.error(request, error.text)
    return redirect("booking_offer", link=link)


def _by_link(link: str) -> Booking:
    try:
        return access.appointment_by_link(link)
    except NotFound:
        return access.registration_by_link(link)


def _change(request: HttpRequest, link: str, change: Any, said: str) -> HttpResponseBase:
    try:
        change(clock.now())
    except DomainError as error:
        messages.error(request, error.text)
    else:
        messages.success(request, said)
    return redirect("booking_link", link=link)


def _end_of(row: Booking) -> datetime:
    return interval_of(row.during).end if isinstance(row, Appointment) else row.exam_session.closes


def _shown(row: Booking, *, now: datetime) -> dict[str, Any]:
    """Return a booking as its pages show it."""
    appointment = row if isinstance(row, Appointment) else None
    registration = row if isinstance(row, Registration) else None
    coming = row.status in OPEN and _end_of(row) > now
    what = appointment.get_kind_display() if appointment else row.exam_session.service.name  # type: ignore[union-attr]
    person = (
        row.beneficiary.full_name
        if row.beneficiary
        else (appointment and appointment.patient and appointment.patient.full_name) or ""
    )
    move = ""
    if appointment and coming and can(row.status, Event.MOVE) and appointment.practitioner_id:
        address = reverse("booking_times", args=[row.facility_id, appointment.kind])
        move = f"{address}?move={row.link}&doctor={appointment.practitioner_id}"
    return {
        "row": row,
        "facility": row.facility,
        "what": what,
        "person": person,
        "start": start_of(row),
        "until": registration.arrive_to if registration else None,
        "doctor": appointment.practitioner.user.display_name
        if appointment and appointment.practitioner
        else "",
        "remote": bool(appointment and appointment.kind == Purpose.REMOTE),
        "may_join": bool(appointment and appointment.kind == Purpose.REMOTE and row.status in JOINED),
        "registration": registration,
        "ticket": registration.ticket if registration else None,
        "coming": coming,
        "may_cancel": coming
        and can(row.status, Event.CANCEL)
        and not (registration and registration.ticket_id),
        "asks": coming and row.answer_by is not None and row.answered_at is None,
        "move": move,
        "address": reverse("booking_link", args=[row.link]),
    }


def _qr(row: Booking) -> str:
    """Return the QR the desk scans, as SVG markup."""
    code = segno.make(qr_text(row.code), error="m", micro=False)
    return str(
        code.svg_inline(
            omitsize=True, border=4, dark="#000", light="#fff", title=row.code, svgclass="qr", lineclass=None
        )
    )
