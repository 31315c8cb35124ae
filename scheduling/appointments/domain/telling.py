"""What people are told about a booking, each thing at most once for one start of it.

Nothing is planned in advance: what is due follows from the rows as they are, so a booking that is moved or cancelled needs nothing
to be taken back. `SentMessage` is the reason why a thing is not told twice, by whoever and however often it is looked for.
"""

from datetime import datetime

from django.db import transaction

from scheduling.appointments.domain.inserting import insert_unless_refused
from scheduling.appointments.enums import Message
from scheduling.appointments.models import Appointment, Offer, Registration, SentMessage
from scheduling.appointments.phones import e164
from scheduling.calendars.patterns import LOCAL
from scheduling.calendars.ranges import interval_of
from telehealth.notifications.domain.telling import notify
from telehealth.notifications.kinds import Kind
from telehealth.notifications.recipients import Recipient, ToPhone, ToUser

BOOKING_PATH = "/booking/l/{link}/"
"""The public page of one booking or registration, for whoever has its link: see, confirm, move, cancel, join."""
OFFER_PATH = "/booking/o/{link}/"
"""The public page of one offer of the waiting list: take or decline."""

_KINDS = {
    Message.BOOKED: Kind.BOOKED,
    Message.MOVED: Kind.MOVED,
    Message.CANCELLED: Kind.CANCELLED,
    Message.CONFIRM: Kind.DAY_BEFORE,  # its text asks to confirm or cancel
    Message.DAY_BEFORE: Kind.DAY_BEFORE,
    Message.HOUR_BEFORE: Kind.HOUR_BEFORE,
    Message.LATE: Kind.RUNNING_LATE,
}
_BLANKS = {
    Kind.BOOKED: ("time", "date", "code"),
    Kind.REGISTERED: ("time", "until", "date", "code"),
    Kind.REGISTRATION_CANCELLED: ("date", "code"),
    Kind.MOVED: ("time", "date", "code"),
    Kind.CANCELLED: ("time", "date", "code"),
    Kind.DAY_BEFORE: ("time", "date", "code"),
    Kind.HOUR_BEFORE: ("time", "code"),
    Kind.RUNNING_LATE: ("minutes", "code"),
}

Booking = Appointment | Registration


def start_of(row: Booking) -> datetime:
    """Return when somebody is expected."""
    return interval_of(row.during).start if isinstance(row, Appointment) else row.arrive_from


@transaction.atomic
def tell(row: Booking, message: Message, *, now: datetime) -> bool:
    """Tell whoever booked one thing about a booking; say whether that was done now. Who left no phone is not told."""
    to = _recipient(row)
    if to is None:
        return False
    start = start_of(row)
    appointment = row if isinstance(row, Appointment) else None
    sent = SentMessage(
        appointment=appointment,
        registration=row if isinstance(row, Registration) else None,
        message=message,
        start=start,
        sent_at=now,
    )
    if not insert_unless_refused(sent):
        return False
    kind = _KINDS[message]
    if appointment is None and message in (Message.BOOKED, Message.CANCELLED):
        kind = Kind.REGISTERED if message == Message.BOOKED else Kind.REGISTRATION_CANCELLED
    local = start.astimezone(LOCAL)
    values = {
        "time": f"{local:%H:%M}",
        "date": f"{local:%d/%m/%Y}",
        "code": row.code,
        "until": "" if isinstance(row, Appointment) else f"{row.arrive_to.astimezone(LOCAL):%H:%M}",
        "minutes": str(row.late_minutes) if isinstance(row, Appointment) else "",
    }
    notify(
        kind=kind,
        recipient=to,
        key=f"booking:{row.id}:{message}:{int(start.timestamp())}",
        context={name: values[name] for name in _BLANKS[kind]},
        now=now,
        facility_id=row.facility_id,
        path=BOOKING_PATH.format(link=row.link),
        language=row.contact.language if row.contact else "vi",
    )
    return True


def tell_late(row: Appointment, *, now: datetime) -> int:
    """Tell somebody that their practitioner is late; 1 when that was done now."""
    return int(tell(row, Message.LATE, now=now))


def tell_offer(offer: Offer, *, now: datetime) -> None:
    """Tell somebody on the waiting list what is offered, in the transaction that offers it."""
    local, until = offer.start.astimezone(LOCAL), offer.deadline.astimezone(LOCAL)
    contact = offer.entry.contact
    notify(
        kind=Kind.WAITING_LIST_OFFER,
        recipient=ToPhone(contact.phone),
        key=f"offer:{offer.id}",
        context={"time": f"{local:%H:%M}", "date": f"{local:%d/%m/%Y}", "until": f"{until:%H:%M}"},
        now=now,
        facility_id=offer.entry.facility_id,
        path=OFFER_PATH.format(link=offer.link),
        language=contact.language,
    )


def _recipient(row: Booking) -> Recipient | None:
    if row.contact is not None:
        return ToPhone(row.contact.phone)
    patient = row.patient if isinstance(row, Appointment) else None
    if patient is None:
        return None
    if patient.account_id:
        return ToUser(patient.account_id)
    phone = e164(patient.phone)
    return ToPhone(phone) if phone else None
