"""What somebody is about to book, as it travels from page to page: in the address, so that Back and reload keep it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from scheduling.appointments import access
from scheduling.appointments.callers import Visitor
from scheduling.appointments.domain.bookings import ForWhom, confirm_hold
from scheduling.appointments.domain.registrations import Wanted as WantedPlace
from scheduling.appointments.domain.registrations import register
from scheduling.appointments.domain.waiting import Wish, join_waiting_list
from scheduling.appointments.models import Appointment, Beneficiary, ExamService
from scheduling.calendars.enums import Purpose, SessionKind
from scheduling.calendars.ranges import interval_of
from telehealth.core.errors import NotFound
from telehealth.facilities.models import Facility, Specialty


@dataclass(frozen=True)
class Typed:
    """What the last form asks besides the person."""

    reason: str = ""
    insured: bool = False


class Choice(Protocol):
    """Something that can be booked for somebody."""

    @property
    def facility(self) -> Facility: ...

    @property
    def title(self) -> str:
        """What it is, in a few words."""

    @property
    def needs_insured(self) -> bool:
        """Whether the form asks if health insurance pays."""

    def finish(self, *, by: Visitor, beneficiary: Beneficiary, typed: Typed, now: datetime) -> str:
        """Book it; return the address of the page that shows it."""

    def elsewhere(self) -> str:
        """Return the address where another time is chosen."""


@dataclass(frozen=True)
class HeldSlot:
    """A slot that is kept for this browser."""

    hold: Appointment

    needs_insured = False

    @property
    def facility(self) -> Facility:
        return self.hold.facility

    @property
    def title(self) -> str:
        return str(self.hold.get_kind_display())

    @property
    def start(self) -> datetime:
        return interval_of(self.hold.during).start

    @property
    def practitioner(self) -> str:
        return self.hold.practitioner.user.display_name if self.hold.practitioner else ""

    def finish(self, *, by: Visitor, beneficiary: Beneficiary, typed: Typed, now: datetime) -> str:
        whom = ForWhom(beneficiary=beneficiary, reason=typed.reason)
        made = confirm_hold(by=by, appointment_id=self.hold.id, whom=whom, now=now)
        return reverse("booking_link", args=[made.link])

    def elsewhere(self) -> str:
        return reverse("booking_times", args=[self.hold.facility_id, self.hold.kind])


@dataclass(frozen=True)
class ExamPlace:
    """A place in a session; which one it is turns out when it is taken."""

    service: ExamService
    day: date
    session: SessionKind

    needs_insured = True

    @property
    def facility(self) -> Facility:
        return self.service.facility

    @property
    def title(self) -> str:
        return self.service.name

    def finish(self, *, by: Visitor, beneficiary: Beneficiary, typed: Typed, now: datetime) -> str:
        wanted = WantedPlace(service=self.service, day=self.day, session=self.session, insured=typed.insured)
        made = register(by=by, wanted=wanted, beneficiary=beneficiary, now=now)
        return reverse("booking_link", args=[made.link])

    def elsewhere(self) -> str:
        return reverse("booking_exam", args=[self.service.facility_id])


@dataclass(frozen=True)
class Waiting:
    """A wish for the waiting list: the first place that becomes free."""

    wish: Wish

    @property
    def facility(self) -> Facility:
        return self.wish.facility

    @property
    def needs_insured(self) -> bool:
        return self.wish.service is not None

    @property
    def title(self) -> str:
        what = self.wish.service.name if self.wish.service else Purpose(self.wish.kind or "").label
        return _("Chờ chỗ: %(what)s") % {"what": what}

    @property
    def days(self) -> tuple[date, date]:
        return self.wish.first_day, self.wish.last_day

    def finish(self, *, by: Visitor, beneficiary: Beneficiary, typed: Typed, now: datetime) -> str:
        wish = Wish(**{**vars(self.wish), "reason": typed.reason, "insured": typed.insured})
        join_waiting_list(by=by, beneficiary=beneficiary, wish=wish, now=now)
        return reverse("booking_mine")

    def elsewhere(self) -> str:
        if self.wish.kind is None:
            return reverse("booking_exam", args=[self.wish.facility.id])
        return reverse("booking_times", args=[self.wish.facility.id, self.wish.kind])


def nothing_chosen() -> NotFound:
    """Return the refusal for an address or a form that is about nothing one can book."""
    return NotFound("booking.nothing_chosen", _("Chưa chọn được lịch nào. Hãy chọn lại cơ sở, ngày và giờ."))


def read_choice(query: Mapping[str, str], by: Visitor) -> Choice:
    """Return what an address is about.

    Raises:
        NotFound: `hold.not_found`, `booking.nothing_chosen`.
    """
    try:
        if "hold" in query:
            return HeldSlot(access.access_hold(by, UUID(query["hold"])))
        if "service" in query and "day" in query:
            service = _service(query)
            return ExamPlace(service, date.fromisoformat(query["day"]), SessionKind(query.get("session", "")))
        if "wait" in query:
            return Waiting(_wish(query))
    except (KeyError, ValueError, ExamService.DoesNotExist, Facility.DoesNotExist):
        pass
    raise nothing_chosen()


def address_of_hold(hold: Appointment) -> str:
    """Return where a hold is filled in."""
    return f"{reverse('booking_details')}?{urlencode({'hold': hold.id})}"


def _service(query: Mapping[str, str]) -> ExamService:
    services = ExamService.objects.select_related("facility").filter(is_active=True)
    return services.get(id=UUID(query["service"]))


def _wish(query: Mapping[str, str]) -> Wish:
    first, last = date.fromisoformat(query["from"]), date.fromisoformat(query["to"])
    if "service" in query:
        service = _service(query)
        return Wish(facility=service.facility, first_day=first, last_day=last, service=service)
    facility = Facility.objects.get(id=UUID(query["facility"]))
    specialty = Specialty.objects.filter(key=query.get("specialty", "")).first()
    return Wish(
        facility=facility,
        first_day=first,
        last_day=last,
        kind=Purpose(query["kind"]),
        specialty_id=specialty.key if specialty else None,
    )
