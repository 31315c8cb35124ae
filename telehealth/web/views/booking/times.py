"""Choosing when: a strip of days, then a time of day or a session."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from scheduling.appointments import rules
from scheduling.appointments.access import appointment_by_link
from scheduling.appointments.callers import Visitor
from scheduling.appointments.domain.bookings import Wanted, hold_slot, move_booking
from scheduling.appointments.domain.places import open_sessions
from scheduling.appointments.domain.slots import Slot, bookable_slots, practitioners_of
from scheduling.appointments.models import BookingPolicy, ExamService
from scheduling.appointments.models.policy import policy_of
from scheduling.calendars.enums import Purpose
from scheduling.calendars.patterns import LOCAL
from scheduling.calendars.slots import Interval
from telehealth.accounts.models import Membership
from telehealth.core import clock
from telehealth.core.errors import DomainError
from telehealth.facilities.models import Facility
from telehealth.web.views.booking.choices import address_of_hold, nothing_chosen
from telehealth.web.views.booking.visitor import for_visitors

DAYS = 14  # in the strip; the next ones are a link away
NOON = 12


@dataclass(frozen=True)
class Day:
    """A day of the strip, with how many slots or places it has left."""

    day: date
    left: int
    chosen: bool


@dataclass(frozen=True)
class Time:
    """A time one can choose, with the practitioner who is free then."""

    start: datetime
    end: datetime
    practitioner: UUID
    name: str

    @property
    def value(self) -> str:
        """What the button sends: seconds of the epoch and whose time it is. One form for all of a day keeps the page light."""
        return f"{int(self.start.timestamp())}-{int(self.end.timestamp())}-{self.practitioner.hex}"


@require_GET
@for_visitors
def times(request: HttpRequest, by: Visitor, facility_id: UUID, kind: str) -> HttpResponseBase:
    """Show free times of a facility's doctors, day by day. With `move`, the link of a booking, to move that one."""
    facility, purpose = _facility(facility_id), _purpose(kind)
    now = clock.now()
    policy = policy_of(facility)
    specialty = request.GET.get("specialty", "")
    doctors = practitioners_of(facility, specialty=specialty)
    chosen_doctor = request.GET.get("doctor", "")
    asked = [one for one in doctors if str(one.id) == chosen_doctor] or doctors
    first = _first_day(request, policy, now)
    days = (first, first + timedelta(days=DAYS - 1))
    slots = bookable_slots(policy=policy, purpose=purpose, days=days, practitioners=asked, now=now)
    left = Counter(rules.local_day(slot.start) for slot in slots)
    day = _chosen_day(request, days, left)
    move = request.GET.get("move", "")
    context = {
        "facility": facility,
        "kind": purpose.value,
        "kind_text": purpose.label,
        "remote": purpose == Purpose.REMOTE,
        "doctors": [(str(one.id), one.user.display_name) for one in doctors],
        "doctor": chosen_doctor,
        "specialty": specialty,
        "strip": _strip(days, left, day),
        "day": day,
        "sessions": _by_half_day([slot for slot in slots if rules.local_day(slot.start) == day], asked),
        "move": move,
        "moving": appointment_by_link(move) if move else None,
        **_turning(request, days, policy, now),
        "wait": _wait_address(facility=str(facility.id), kind=purpose.value, specialty=specialty, days=days),
    }
    return render(request, "booking/times.html", context)


@require_POST
@for_visitors
def take_time(request: HttpRequest, by: Visitor) -> HttpResponseBase:
    """Keep the time that was pressed, or move a booking to it. Who was too late sees what is free now."""
    posted = request.POST
    facility, purpose = _facility_of(posted.get("facility", "")), _purpose(posted.get("kind", ""))
    try:
        start, end, whose = posted.get("slot", "").split("-")
        interval = Interval(*(datetime.fromtimestamp(int(at), UTC) for at in (start, end)))
        doctor = Membership.objects.select_related("user", "facility").get(
            id=UUID(whose), facility=facility, is_active=True
        )
    except (ValueError, TypeError, OverflowError, OSError, Membership.DoesNotExist):
        raise nothing_chosen() from None
    now = clock.now()
    move = posted.get("move", "")
    back = urlencode({"day": rules.local_day(interval.start).isoformat(), **({"move": move} if move else {})})
    try:
        if move:
            booked = appointment_by_link(move)
            moved = move_booking(
                by=by, appointment_id=booked.id, interval=interval, practitioner=doctor, link=move, now=now
            )
            messages.success(request, _("Đã đổi giờ. Tin nhắn xác nhận giờ mới đang được gửi."))
            return redirect("booking_link", link=moved.link)
        specialty = posted.get("specialty", "")
        offered = doctor.specialties.filter(key=specialty).first() if specialty else None
        wanted = Wanted(
            facility=facility,
            purpose=purpose,
            interval=interval,
            practitioner=doctor,
            specialty_id=offered.key if offered else None,
        )
        hold = hold_slot(by=by, wanted=wanted, now=now)
    except DomainError as error:
        messages.error(request, error.text)
        return redirect(f"{reverse('booking_times', args=[facility.id, purpose.value])}?{back}")
    return redirect(address_of_hold(hold))


@require_GET
@for_visitors
def exam(request: HttpRequest, by: Visitor, facility_id: UUID) -> HttpResponseBase:
    """Show the sessions of a facility's services with the places left."""
    facility = _facility(facility_id)
    services: QuerySet[ExamService] = facility.exam_services.filter(is_active=True)
    now = clock.now()
    policy = policy_of(facility)
    chosen = request.GET.get("service", "")
    service = next((one for one in services if str(one.id) == chosen), None)
    context: dict[str, Any] = {
        "facility": facility,
        "services": [(str(one.id), one.name) for one in services],
        "service": service,
        "service_text": service.name if service else "",
    }
    if service is not None:
        first = _first_day(request, policy, now)
        days = (first, first + timedelta(days=DAYS - 1))
        sessions = open_sessions(service=service, days=days, policy=policy, now=now)
        left: Counter[date] = Counter()
        for one in sessions:
            left[one.day] += one.left
        day = _chosen_day(request, days, left)
        context |= {
            "strip": _strip(days, left, day),
            "day": day,
            "sessions": [one for one in sessions if one.day == day],
            **_turning(request, days, policy, now),
            "wait": _wait_address(service=str(service.id), days=days),
        }
    return render(request, "booking/exam.html", context)


def _facility(facility_id: UUID) -> Facility:
    facility = Facility.objects.select_related("commune").filter(id=facility_id).first()
    if facility is None:
        raise nothing_chosen()
    return facility


def _facility_of(text: str) -> Facility:
    try:
        return _facility(UUID(text))
    except ValueError:
        raise nothing_chosen() from None


def _purpose(kind: str) -> Purpose:
    if kind not in (Purpose.IN_PERSON, Purpose.REMOTE):
        raise nothing_chosen()
    return Purpose(kind)


def _first_day(request: HttpRequest, policy: BookingPolicy, now: datetime) -> date:
    """Return the first day of the strip: of the address when it is one that can be booked, else today."""
    first, last = rules.bookable_days(policy, now=now)
    try:
        asked = date.fromisoformat(request.GET.get("from", ""))
    except ValueError:
        asked = first
    return min(max(asked, first), last)


def _chosen_day(request: HttpRequest, days: tuple[date, date], left: Counter[date]) -> date:
    try:
        asked = date.fromisoformat(request.GET.get("day", ""))
        if days[0] <= asked <= days[1]:
            return asked
    except ValueError:
        pass
    return min((day for day, count in left.items() if count), default=days[0])


def _strip(days: tuple[date, date], left: Counter[date], chosen: date) -> list[Day]:
    count = (days[1] - days[0]).days + 1
    every = [days[0] + timedelta(days=n) for n in range(count)]
    return [Day(day, left[day], day == chosen) for day in every]


def _turning(
    request: HttpRequest, days: tuple[date, date], policy: BookingPolicy, now: datetime
) -> dict[str, str]:
    """Return where earlier and later days are, empty where there are none."""
    first, last = rules.bookable_days(policy, now=now)
    kept = {key: value for key, value in request.GET.items() if key not in ("from", "day")}

    def leading_to(day: date) -> str:
        return "?" + urlencode({**kept, "from": day.isoformat()})

    return {
        "kept": urlencode(kept),
        "earlier": leading_to(max(first, days[0] - timedelta(days=DAYS))) if days[0] > first else "",
        "later": leading_to(days[1] + timedelta(days=1)) if days[1] < last else "",
    }


def _by_half_day(slots: list[Slot], doctors: list[Membership]) -> list[tuple[str, list[Time]]]:
    """Return one time for each start, with whoever is free then, before and after noon."""
    names = {one.id: one.user.display_name for one in doctors}
    seen: dict[datetime, Time] = {}
    for slot in slots:
        if slot.practitioner is not None:
            seen.setdefault(
                slot.start, Time(slot.start, slot.end, slot.practitioner, names[slot.practitioner])
            )
    morning = [one for one in seen.values() if one.start.astimezone(LOCAL).hour < NOON]
    afternoon = [one for one in seen.values() if one.start.astimezone(LOCAL).hour >= NOON]
    return [
        (title, found) for title, found in ((_("Buổi sáng"), morning), (_("Buổi chiều"), afternoon)) if found
    ]


def _wait_address(*, days: tuple[date, date], **what: str) -> str:
    query = {"wait": "1", "from": days[0].isoformat(), "to": days[1].isoformat(), **what}
    return f"{reverse('booking_details')}?{urlencode(query)}"
