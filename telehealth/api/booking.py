"""Booking and registering, for programs and for pages that ask by script. Everything below `/api/booking/`; JSON in, JSON out.

    POST code/      {phone}                                    → 202 {expires_at}
    POST verify/    {phone, code}                              → 200 {people}, and the pass as a cookie
    GET  slots/     ?facility=&kind=&from=&to=[&practitioner=] → 200 {slots: [{start, end, practitioner}]}
    GET  sessions/  ?facility=&service=&from=&to=              → 200 {sessions: [{day, session, opens, closes, left}]}
    POST people/    a person to book for                       → 201 {person}
    POST hold/      {facility, kind, start, end, practitioner} → 201 {hold, until}; before the phone is verified, too
    POST confirm/   {hold, person, reason}                     → 201 a booking
    POST book/      {…as hold, person, reason}                 → 201 a booking, at once
    POST cancel/    {booking}                                  → 200
    POST register/  {facility, service, day, session, insured, person} → 201 a registration, with what its QR says
    POST checkin/   {area, qr}                                 → 200 {number, token}; from a kiosk of that area only

A booking is `{id, code, start, end, link, confirm_by}`.
Errors are `{code, text, …}` with the status of their kind (`core.errors`): 409 when
somebody was faster. Holds belong to the browser (cookie `browser`), everything else to the phone (cookie `phone`, signed).
"""

import secrets
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext as _

from scheduling.appointments import access, rules
from scheduling.appointments.callers import Visitor
from scheduling.appointments.codes import clean_code, qr_text, read_qr
from scheduling.appointments.domain import bookings, contacts, registrations
from scheduling.appointments.domain.contacts import NewBeneficiary, TooOften
from scheduling.appointments.domain.places import open_sessions, service_of
from scheduling.appointments.domain.slots import bookable_slots, practitioners_of
from scheduling.appointments.domain.telling import BOOKING_PATH
from scheduling.appointments.enums import Relation
from scheduling.appointments.models import Appointment, Beneficiary, Contact
from scheduling.appointments.models.policy import policy_of
from scheduling.appointments.recent import Recent
from scheduling.calendars.enums import Purpose, SessionKind
from scheduling.calendars.ranges import interval_of
from scheduling.calendars.slots import Interval
from scheduling.queues.access import access_device
from scheduling.queues.enums import DeviceKind, PriorityReason
from telehealth.accounts.hat import Origin
from telehealth.accounts.models import Membership
from telehealth.api.light import MALFORMED, Ask, Body, Light, Reply
from telehealth.core.errors import Invalid, NotAllowed, NotFound
from telehealth.facilities.models import Facility
from telehealth.records.enums import Sex

PREFIX = "/api/booking/"
BROWSER_COOKIE = "browser"
"""Cookie of the JSON endpoints: a random key of 16 to 40 characters, under which this browser's holds are kept."""
PHONE_COOKIE = "phone"
"""Cookie of the JSON endpoints: a pass of `contacts.give_pass`, kept for `rules.PASS_LIFE`."""
KIOSK_COOKIE = "queue_kiosk"
"""Where a kiosk keeps its key (`web.views.queues`)."""
MOST_DAYS = 14

_facilities: Recent[Facility] = Recent()
_facilities.follow(Facility)
_practitioners: Recent[Membership] = Recent()
_practitioners.follow(Membership)


class Code(Body):
    phone: str


class Verify(Body):
    phone: str
    code: str


class Slot(Body):
    facility: UUID
    kind: Literal[Purpose.IN_PERSON, Purpose.REMOTE]
    start: datetime
    end: datetime
    practitioner: UUID


class Confirm(Body):
    hold: UUID
    person: UUID
    reason: str = ""


class Book(Slot):
    person: UUID
    reason: str = ""


class Cancel(Body):
    booking: UUID


class Register(Body):
    facility: UUID
    service: str
    day: date
    session: SessionKind
    insured: bool
    person: UUID


class CheckIn(Body):
    area: UUID
    qr: str


class Person(Body):
    full_name: str
    birth_date: date | None = None
    birth_year: int | None = None
    sex: Sex = Sex.UNKNOWN
    relation: Relation = Relation.SELF
    citizen_number: str = ""
    insurance_number: str = ""
    priority_reasons: frozenset[PriorityReason] = frozenset()


def code(ask: Ask) -> Reply:
    wanted = ask.read(Code)
    until = contacts.request_code(phone=wanted.phone, origin=_origin(ask), now=ask.now, language=ask.language)
    return Reply({"expires_at": until.isoformat()}, status=202)


def verify(ask: Ask) -> Reply:
    told = ask.read(Verify)
    contact = contacts.verify_code(
        phone=told.phone, code=told.code, origin=_origin(ask), now=ask.now, language=ask.language
    )
    people = [_person(one) for one in contact.beneficiaries.filter(removed_at=None)]
    token = contacts.give_pass(contact, now=ask.now)
    kept = _cookie(PHONE_COOKIE, token, int(rules.PASS_LIFE.total_seconds()))
    return Reply({"people": people}, headers={b"set-cookie": kept})


def slots(ask: Ask) -> Reply:
    facility = _facility(_uuid(ask.one("facility")), ask)
    days = _days(ask)
    wanted = ask.one("practitioner")
    people = [_practitioner(_uuid(wanted), ask)] if wanted else practitioners_of(facility)
    found = bookable_slots(
        policy=policy_of(facility, now=ask.now),
        purpose=_purpose(ask.one("kind", Purpose.IN_PERSON)),
        days=days,
        practitioners=[one for one in people if one.facility_id == facility.id],
        now=ask.now,
    )
    return Reply(
        {
            "slots": [
                {"start": one.start.isoformat(), "end": one.end.isoformat(), "practitioner": one.practitioner}
                for one in found
            ]
        }
    )


def sessions(ask: Ask) -> Reply:
    facility = _facility(_uuid(ask.one("facility")), ask)
    service = service_of(facility.id, ask.one("service"))
    if service is None:
        raise NotFound("service.not_found", _("Cơ sở không có dịch vụ này."))
    policy = policy_of(facility, now=ask.now)
    found = open_sessions(service=service, days=_days(ask), policy=policy, now=ask.now)
    return Reply(
        {
            "sessions": [
                {
                    "day": one.day,
                    "session": one.session,
                    "opens": one.opens.isoformat(),
                    "closes": one.closes.isoformat(),
                    "left": one.left,
                }
                for one in found
            ]
        }
    )


def people(ask: Ask) -> Reply:
    told = ask.read(Person)
    contact = _contact(ask)
    one = contacts.add_beneficiary(contact=contact, new=NewBeneficiary(**dict(told)), now=ask.now)
    return Reply({"person": _person(one)}, status=201)


def hold(ask: Ask) -> Reply:
    wanted = ask.read(Slot)
    _limit_holds(ask)
    browser = ask.cookies.get(BROWSER_COOKIE, "")
    fresh = not 16 <= len(browser) <= 40
    if fresh:
        browser = secrets.token_urlsafe(18)
    visitor = Visitor(holder=browser, origin=_origin(ask))
    made = bookings.hold_slot(by=visitor, wanted=_wanted(wanted, ask), now=ask.now)
    assert made.hold_until is not None
    headers = {b"set-cookie": _cookie(BROWSER_COOKIE, browser, 24 * 3600)} if fresh else {}
    return Reply({"hold": made.id, "until": made.hold_until.isoformat()}, status=201, headers=headers)


def confirm(ask: Ask) -> Reply:
    told = ask.read(Confirm)
    visitor, one = _visitor(ask, told.person)
    made = bookings.confirm_hold(
        by=visitor, appointment_id=told.hold, whom=bookings.ForWhom(one, reason=told.reason), now=ask.now
    )
    return Reply(_booking(made), status=201)


def book(ask: Ask) -> Reply:
    told = ask.read(Book)
    visitor, one = _visitor(ask, told.person)
    whom = bookings.ForWhom(one, reason=told.reason)
    made = bookings.book(by=visitor, wanted=_wanted(told, ask), whom=whom, now=ask.now)
    return Reply(_booking(made), status=201)


def cancel(ask: Ask) -> Reply:
    visitor = Visitor(holder="", contact=_contact(ask), origin=_origin(ask))
    done = bookings.cancel_booking(by=visitor, appointment_id=ask.read(Cancel).booking, now=ask.now)
    return Reply({"status": done.status})


def register(ask: Ask) -> Reply:
    told = ask.read(Register)
    service = service_of(told.facility, told.service)
    if service is None:
        raise NotFound("service.not_found", _("Cơ sở không có dịch vụ này."))
    visitor, one = _visitor(ask, told.person)
    wanted = registrations.Wanted(service=service, day=told.day, session=told.session, insured=told.insured)
    made = registrations.register(by=visitor, wanted=wanted, beneficiary=one, now=ask.now)
    return Reply(
        {
            "id": made.id,
            "code": made.code,
            "qr": qr_text(made.code),
            "place": made.place,
            "arrive_from": made.arrive_from.isoformat(),
            "arrive_to": made.arrive_to.isoformat(),
            "link": BOOKING_PATH.format(link=made.link),
            "confirm_by": made.answer_by.isoformat() if made.answer_by else None,
        },
        status=201,
    )


def check_in(ask: Ask) -> Reply:
    """Whoever stands at the kiosk is there: that is why the kiosk asks, and not the patient's own phone."""
    told = ask.read(CheckIn)
    area = access_device(ask.cookies.get(KIOSK_COOKIE, ""), told.area, kind=DeviceKind.KIOSK).area
    code_read = read_qr(told.qr) or clean_code(told.qr)
    if code_read is None:
        raise Invalid(
            "registration.not_a_code",
            _("Đây không phải mã đăng ký khám. Hãy quét lại mã QR hoặc gõ mã gồm 6 ký tự."),
        )
    ticket = registrations.check_in(
        registration=access.registration_at(area.facility_id, code_read), now=ask.now
    )
    return Reply({"number": ticket.code, "token": ticket.token})


light = Light(
    {
        ("POST", PREFIX + "code/"): code,
        ("POST", PREFIX + "verify/"): verify,
        ("GET", PREFIX + "slots/"): slots,
        ("GET", PREFIX + "sessions/"): sessions,
        ("POST", PREFIX + "people/"): people,
        ("POST", PREFIX + "hold/"): hold,
        ("POST", PREFIX + "confirm/"): confirm,
        ("POST", PREFIX + "book/"): book,
        ("POST", PREFIX + "cancel/"): cancel,
        ("POST", PREFIX + "register/"): register,
        ("POST", PREFIX + "checkin/"): check_in,
    }
)


def _origin(ask: Ask) -> Origin:
    return Origin(address=ask.address)


def _contact(ask: Ask) -> Contact:
    contact = contacts.contact_of_pass(ask.cookies.get(PHONE_COOKIE, ""), now=ask.now)
    return contacts.contact_of(Visitor(holder="", contact=contact))


def _visitor(ask: Ask, person: UUID) -> tuple[Visitor, Beneficiary]:
    """Return who asks, and the person of their list they book for. One query.

    Raises:
        NotAllowed: `contact.not_verified`; NotFound: `beneficiary.not_found`.
    """
    found = contacts.read_pass(ask.cookies.get(PHONE_COOKIE, ""), now=ask.now)
    one = None
    if found is not None:
        one = (
            Beneficiary.objects.select_related("contact")
            .filter(id=person, contact_id=found[0], removed_at=None)
            .first()
        )
    if one is None or found is None or not contacts.still_good(one.contact, since=found[1]):
        contacts.own_beneficiary(_contact(ask), person)  # says which of the two it is
        raise NotAllowed("contact.not_verified", "")
    holder = ask.cookies.get(BROWSER_COOKIE, "")
    return Visitor(holder=holder, contact=one.contact, origin=_origin(ask)), one


def _wanted(told: Slot, ask: Ask) -> bookings.Wanted:
    if told.start.utcoffset() is None or told.end.utcoffset() is None or told.end <= told.start:
        raise Invalid("slot.of_nobody", _("Hãy chọn một giờ trong danh sách."))
    return bookings.Wanted(
        facility=_facility(told.facility, ask),
        purpose=told.kind,
        interval=Interval(told.start, told.end),
        practitioner=_practitioner(told.practitioner, ask),
    )


def _facility(facility_id: UUID, ask: Ask) -> Facility:
    def read() -> Facility:
        found = Facility.objects.filter(id=facility_id).first()
        if found is None:
            raise NotFound("facility.not_found", _("Không có cơ sở này."))
        return found

    return _facilities.get(facility_id, ask.now, read)


def _practitioner(membership_id: UUID, ask: Ask) -> Membership:
    def read() -> Membership:
        found = Membership.objects.filter(id=membership_id, is_active=True).select_related("user").first()
        if found is None:
            raise NotFound("practitioner.not_found", _("Không có bác sĩ này tại cơ sở."))
        return found

    return _practitioners.get(membership_id, ask.now, read)


def _days(ask: Ask) -> tuple[date, date]:
    today = rules.local_day(ask.now)
    try:
        first = date.fromisoformat(ask.one("from", today.isoformat()))
        last = date.fromisoformat(ask.one("to", first.isoformat()))
    except ValueError:
        raise Invalid("request.malformed", MALFORMED, fields=["from", "to"]) from None
    if (last - first).days >= MOST_DAYS:
        raise Invalid("slots.days", _("Mỗi lần xem được nhiều nhất %(n)s ngày.") % {"n": MOST_DAYS})
    return first, last


def _purpose(text: str) -> Purpose:
    if text not in (Purpose.IN_PERSON, Purpose.REMOTE):
        raise Invalid("request.malformed", MALFORMED, fields=["kind"])
    return Purpose(text)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("page.not_found", _("Không có địa chỉ này.")) from None


def _limit_holds(ask: Ask) -> None:
    """A hold needs no phone, so an address may have only so many a minute.

    Raises:
        TooOften: `hold.too_many_here`.
    """
    span, most = rules.HOLDS_PER_ADDRESS
    key = f"holds:{ask.address}:{int(ask.now.timestamp() // span.total_seconds())}"
    cache.add(key, 0, timeout=2 * int(span.total_seconds()))
    if cache.incr(key) > most:
        raise TooOften(
            "hold.too_many_here",
            _("Nơi này đang giữ quá nhiều chỗ cùng lúc. Hãy thử lại sau một phút."),
            retry_after=int(span.total_seconds()),
        )


def _cookie(name: str, value: str, seconds: int) -> bytes:
    secure = "; Secure" if settings.SESSION_COOKIE_SECURE else ""
    return f"{name}={value}; Path={PREFIX}; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}".encode()


def _person(one: Beneficiary) -> dict[str, object]:
    return {"id": one.id, "full_name": one.full_name, "birth_year": one.birth_year, "relation": one.relation}


def _booking(made: Appointment) -> dict[str, object]:
    interval = interval_of(made.during)
    return {
        "id": made.id,
        "code": made.code,
        "start": interval.start.isoformat(),
        "end": interval.end.isoformat(),
        "link": BOOKING_PATH.format(link=made.link),
        "confirm_by": made.answer_by.isoformat() if made.answer_by else None,
    }
