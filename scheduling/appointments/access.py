"""The only door to bookings, registrations and wishes. Same answer for "not there" and "not yours"."""

from typing import TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from scheduling.appointments import rules
from scheduling.appointments.callers import Caller, Visitor, holder_of
from scheduling.appointments.codes import LINK_LENGTH
from scheduling.appointments.enums import Answer, Status
from scheduling.appointments.models import Appointment, Offer, Registration, WaitingEntry
from telehealth.accounts.hat import Hat
from telehealth.core.errors import NotFound

M = TypeVar("M", bound=Model)

RELATED = ("facility", "practitioner__user", "resource", "beneficiary", "patient", "specialty", "contact")
REGISTRATION_RELATED = ("facility", "exam_session__service", "beneficiary", "contact", "ticket")


def visible_appointments(by: Caller) -> QuerySet[Appointment]:
    """Return the bookings of the hat's facility (and the person's own anywhere), or those made with the visitor's phone."""
    rows = Appointment.objects.all()
    if isinstance(by, Hat):
        own = rows.filter(person=by.user)
        return rows.filter(facility=by.facility) | own if rules.may_book(by) else own
    return rows.filter(contact=by.contact).exclude(status=Status.PENDING) if by.contact else rows.none()


def access_appointment(
    by: Caller, appointment_id: UUID, *, link: str = "", lock: bool = False
) -> Appointment:
    """Return a booking the caller may see and change; whoever has its link may, too.

    Raises:
        NotFound: `booking.not_found`.
    """
    rows = visible_appointments(by)
    if isinstance(by, Visitor) and len(link) == LINK_LENGTH:
        rows |= Appointment.objects.filter(link=link).exclude(status=Status.PENDING)
    return _one(rows.filter(id=appointment_id, part_of=None), RELATED, lock=lock)


def access_hold(by: Caller, appointment_id: UUID, *, lock: bool = False) -> Appointment:
    """Return a hold of this browser or membership.

    Raises:
        NotFound: `hold.not_found`, as well when it expired and somebody else has the slot.
    """
    rows = Appointment.objects.filter(id=appointment_id, holder=holder_of(by)).exclude(holder="")
    found = (rows.select_for_update(of=("self",)) if lock else rows).select_related(*RELATED).first()
    if found is None:
        raise NotFound(
            "hold.not_found",
            _(
                "Chỗ giữ đã hết hạn và có thể đã có người khác đặt. Những gì đã nhập vẫn còn; hãy chọn giờ khác."
            ),
        )
    return found


def appointment_by_link(link: str) -> Appointment:
    """Return the booking a link opens.

    Raises:
        NotFound: `booking.not_found`.
    """
    return _one(Appointment.objects.filter(link=_link(link)).exclude(status=Status.PENDING), RELATED)


def visible_registrations(by: Caller) -> QuerySet[Registration]:
    """Return the registrations at the hat's facility, or those made with the visitor's phone."""
    rows = Registration.objects.all()
    if isinstance(by, Hat):
        return rows.filter(facility=by.facility) if rules.may_book(by) else rows.none()
    return rows.filter(contact=by.contact).exclude(status=Status.PENDING) if by.contact else rows.none()


def access_registration(
    by: Caller, registration_id: UUID, *, link: str = "", lock: bool = False
) -> Registration:
    """Return a registration the caller may see and change; whoever has its link may, too.

    Raises:
        NotFound: `booking.not_found`.
    """
    rows = visible_registrations(by)
    if isinstance(by, Visitor) and len(link) == LINK_LENGTH:
        rows |= Registration.objects.filter(link=link).exclude(status=Status.PENDING)
    return _one(rows.filter(id=registration_id), REGISTRATION_RELATED, lock=lock)


def registration_by_link(link: str) -> Registration:
    """Return the registration a link opens.

    Raises:
        NotFound: `booking.not_found`.
    """
    return _one(
        Registration.objects.filter(link=_link(link)).exclude(status=Status.PENDING), REGISTRATION_RELATED
    )


def registration_at(facility_id: UUID, code: str) -> Registration:
    """Return a registration at a facility by the code somebody shows there, to its kiosk or desk.

    Raises:
        NotFound: `registration.not_found`.
    """
    found = (
        Registration.objects.filter(facility_id=facility_id, code=code)
        .exclude(status=Status.PENDING)
        .select_related(*REGISTRATION_RELATED)
        .first()
    )
    if found is None:
        raise NotFound(
            "registration.not_found",
            _(
                "Không có đăng ký nào mang mã này tại đây. Hãy xem lại mã và tên cơ sở, hoặc hỏi quầy tiếp đón."
            ),
        )
    return found


def access_entry(by: Caller, entry_id: UUID, *, lock: bool = False) -> WaitingEntry:
    """Return a wish of the hat's facility, or of the visitor's phone.

    Raises:
        NotFound: `booking.not_found`.
    """
    rows = WaitingEntry.objects.filter(id=entry_id)
    if isinstance(by, Hat):
        rows = rows.filter(facility=by.facility) if rules.may_book(by) else rows.none()
    else:
        rows = rows.filter(contact=by.contact) if by.contact else rows.none()
    return _one(rows, ("facility", "beneficiary", "practitioner__user", "service", "contact"), lock=lock)


def offer_by_link(link: str) -> Offer:
    """Return the offer a link opens, answered or not.

    Raises:
        NotFound: `booking.not_found`.
    """
    offers = Offer.objects.filter(link=_link(link))
    return _one(offers, ("entry__facility", "entry__beneficiary", "appointment", "registration"))


def has_open_offer(appointment: Appointment) -> bool:
    """Say whether a hold is an offer to somebody on the waiting list, which ends by its deadline and not by its hold."""
    return appointment.offers.filter(answer=Answer.OPEN).exists()


def _link(link: str) -> str:
    return link if len(link) == LINK_LENGTH else ""


def _one(rows: QuerySet[M], related: tuple[str, ...], *, lock: bool = False) -> M:
    rows = rows.select_related(*related)
    found = (rows.select_for_update(of=("self",)) if lock else rows).first()
    if found is None:
        raise NotFound(
            "booking.not_found",
            _("Không có lịch hẹn này, hoặc anh/chị không có quyền xem. Hãy xem lại mã hoặc liên kết."),
        )
    return found
