"""Bookings in the demonstration province: what can be registered for, families with phones, a full week, and some who wait."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

from scheduling.appointments import rules
from scheduling.appointments.codes import make_code, make_link
from scheduling.appointments.domain.registrations import reasons_of
from scheduling.appointments.enums import Relation, Status
from scheduling.appointments.models import (
    Appointment,
    Beneficiary,
    BookingPolicy,
    Contact,
    ExamService,
    ExamSession,
    Registration,
    WaitingEntry,
)
from scheduling.appointments.phones import e164
from scheduling.calendars.domain.queries import facility_days, practitioner_windows
from scheduling.calendars.enums import Purpose
from scheduling.calendars.patterns import days_between
from scheduling.calendars.ranges import range_of
from scheduling.calendars.slots import Interval, free_slots
from scheduling.queues.models import QueueService
from telehealth.accounts.models import Membership
from telehealth.demonstration import sources
from telehealth.demonstration.ids import demonstration_id
from telehealth.demonstration.patients import phone_number
from telehealth.facilities.enums import FacilityKind
from telehealth.facilities.models import Facility
from telehealth.records.enums import DatePrecision, Sex

DAYS = 5
_SERIAL = 700  # of the phones
_SLOT, _WINDOW = timedelta(minutes=15), timedelta(minutes=30)

# Whose week is shown, and what for.
_DOCTORS = (
    ("bs.kyson", "kyson", "doctor", Purpose.IN_PERSON),
    ("bs.tieuhoa", "hndk", "specialist", Purpose.REMOTE),
    ("bs.nhi", "sannhi", "specialist", Purpose.IN_PERSON),
)
_EVERY = 4  # each fourth slot is booked
_REGISTERED = ("kyson", "hndk")

_SERVICES = (("kham-benh", "Khám bệnh", "General examination"),)
_HUB_SERVICES = (
    *_SERVICES,
    ("kham-tim-mach", "Khám tim mạch", "Cardiology"),
    ("kham-noi-tiet", "Khám nội tiết", "Endocrinology"),
)
_REASONS = (
    "Tái khám, xin xem lại đơn thuốc",
    "Ho kéo dài hai tuần",
    "Đau khớp gối khi lên dốc",
    "Khám sức khỏe cho bé",
)

# Who holds a phone, and whom they book for: relation, name, year of birth, sex.
_FAMILIES = (
    (("self", "Moong Thị Xuân", 1988, "female"), ("child", "Moong Văn Khăm", 2021, "male")),
    (("self", "Lữ Văn Đức", 1979, "male"), ("parent", "Lữ Thị Hoa", 1948, "female")),
    (("self", "Vi Thị Ngân", 1994, "female"),),
    (("self", "Nguyễn Văn Bình", 1966, "male"),),
    (("self", "Cụt Thị Mai", 2000, "female"), ("child", "Cụt Văn Sơn", 2025, "male")),
    (("self", "Trần Thị Thu", 1971, "female"), ("other", "Trần Văn Lộc", 1950, "male")),
)


def load_bookings(*, now: datetime) -> None:
    """Add what is missing of today and the coming days. What somebody changed in the meantime stays changed."""
    _load_services()
    people = _load_families(now)
    today = rules.local_day(now)
    days = today, today + timedelta(days=DAYS)
    _load_appointments(people, days, now)
    for number, key in enumerate(_REGISTERED):
        # Two facilities share the families: nobody is registered twice for one session.
        _load_registrations(key, people[number :: len(_REGISTERED)], days, now)
    _load_waiting(people, days, now)


def _load_services() -> None:
    rows = [row for row in sources.facilities() if row.role != "authority"]
    ExamService.objects.bulk_create(
        [
            ExamService(
                id=demonstration_id("exam_service", f"{row.key}:{key}"),
                facility_id=demonstration_id("facility", row.key),
                key=key,
                name_vi=vi,
                name_en=en,
                capacity=20 if row.kind == FacilityKind.HEALTH_STATION else 60,
                position=position,
            )
            for row in rows
            for position, (key, vi, en) in enumerate(_HUB_SERVICES if row.key == "hndk" else _SERVICES)
        ],
        ignore_conflicts=True,
    )
    queues: dict[UUID, QueueService] = {}
    for queue in QueueService.objects.select_related("area").order_by("-position"):
        queues[queue.area.facility_id] = queue
    without = ExamService.objects.filter(
        queue_service=None, facility__in=queues, facility__is_demonstration=True
    )
    for service in without:
        service.queue_service = queues[service.facility_id]
        service.save(update_fields=["queue_service"])
    BookingPolicy.objects.bulk_create(
        [
            BookingPolicy(
                facility_id=demonstration_id("facility", key), overbook_lanes=1, overbook_percent=10
            )
            for key in _REGISTERED
        ],
        ignore_conflicts=True,
    )


def _load_families(now: datetime) -> list[Beneficiary]:
    contacts, people = [], []
    for number, family in enumerate(_FAMILIES):
        typed = phone_number(_SERIAL + number)
        contact = Contact(
            id=demonstration_id("contact", str(number)),
            phone=e164(typed) or typed,
            typed=typed,
            created_at=now,
            verified_at=now,
            passes_from=now,
            is_demonstration=True,
        )
        contacts.append(contact)
        people += [
            Beneficiary(
                id=demonstration_id("beneficiary", f"{number}:{name}"),
                contact=contact,
                relation=Relation(relation),
                full_name=name,
                birth_year=year,
                birth_precision=DatePrecision.YEAR,
                sex=Sex(sex),
                created_at=now,
            )
            for relation, name, year, sex in family
        ]
    Contact.objects.bulk_create(contacts, ignore_conflicts=True)
    Beneficiary.objects.bulk_create(people, ignore_conflicts=True)
    return people


def _load_appointments(people: list[Beneficiary], days: tuple[date, date], now: datetime) -> None:
    members = Membership.objects.in_bulk(
        [demonstration_id("membership", f"{name}:{place}:{role}") for name, place, role, _kind in _DOCTORS]
    )
    windows = practitioner_windows(practitioners=list(members.values()), days=days)
    made: list[Appointment] = []
    for name, place, role, kind in _DOCTORS:
        member = members[demonstration_id("membership", f"{name}:{place}:{role}")]
        slots = free_slots(windows=windows[member.id], taken=[], length=_SLOT)
        for number, slot in enumerate(slots[::_EVERY]):
            made.append(
                _appointment(
                    name,
                    member=member,
                    kind=kind,
                    slot=slot,
                    who=people[number % len(people)],
                    number=number,
                    now=now,
                )
            )
    _insert_new(made)


def _appointment(
    name: str,
    *,
    member: Membership,
    kind: Purpose,
    slot: Interval,
    who: Beneficiary,
    number: int,
    now: datetime,
) -> Appointment:
    key = f"{name}:{slot.start.isoformat()}"
    chance = Random(key)  # noqa: S311 -- the same codes every time, not a secret
    over = slot.end <= now
    status = (Status.NO_SHOW if number % 7 == 3 else Status.FULFILLED) if over else Status.BOOKED
    if not over and slot.start <= now + timedelta(minutes=30):
        status = Status.ARRIVED
    booked = slot.start - timedelta(days=3)
    return Appointment(
        id=demonstration_id("appointment", key),
        code=make_code(chance.choice),
        link=make_link(chance.choice),
        status=status,
        kind=kind,
        facility_id=member.facility_id,
        practitioner=member,
        person_id=member.user_id,
        contact_id=who.contact_id,
        beneficiary=who,
        during=range_of(slot),
        reason=_REASONS[number % len(_REASONS)],
        created_at=booked,
        booked_at=booked,
        arrived_at=slot.start if status in (Status.ARRIVED, Status.FULFILLED) else None,
        ended_at=slot.end if over else None,
    )


def _insert_new(made: Iterable[Appointment]) -> None:
    """Insert what is not there; what somebody else has booked meanwhile stands."""
    rows = {row.id: row for row in made}
    known = set(Appointment.objects.filter(id__in=rows).values_list("id", flat=True))
    Appointment.objects.bulk_create(
        [row for key, row in rows.items() if key not in known], ignore_conflicts=True
    )


def _load_registrations(key: str, people: list[Beneficiary], days: tuple[date, date], now: datetime) -> None:
    facility_id = demonstration_id("facility", key)
    service_id = demonstration_id("exam_service", f"{key}:kham-benh")
    house = facility_days([facility_id], days)[facility_id]
    capacity = rules.with_overbooking(60, BookingPolicy(overbook_percent=10))
    for day in days_between(days[0], days[0] + timedelta(days=1)):
        for session in house.sessions(day):
            row, new = ExamSession.objects.get_or_create(
                service_id=service_id,
                day=day,
                session=session.kind,
                defaults={
                    "capacity": capacity,
                    "opens": session.interval.start,
                    "closes": session.interval.end,
                    "issued": len(people),
                    "last": len(people),
                },
            )
            if new:
                Registration.objects.bulk_create(_registrations(row, facility_id, people, now))


def _registrations(
    row: ExamSession, facility_id: UUID, people: list[Beneficiary], now: datetime
) -> Iterator[Registration]:
    for place, who in enumerate(people, start=1):
        key = f"{facility_id}:{row.day}:{row.session}:{place}"
        chance = Random(key)  # noqa: S311 -- the same codes every time, not a secret
        window = rules.arrival_window(
            place=place, capacity=row.capacity, opens=row.opens, closes=row.closes, length=_WINDOW
        )
        over = row.closes <= now
        yield Registration(
            id=demonstration_id("registration", key),
            code=make_code(chance.choice),
            link=make_link(chance.choice),
            status=Status.NO_SHOW if over else Status.BOOKED,
            exam_session=row,
            facility_id=facility_id,
            day=row.day,
            session=row.session,
            place=place,
            arrive_from=window.start,
            arrive_to=window.end,
            contact_id=who.contact_id,
            beneficiary=who,
            insured=place % 3 != 0,
            priority_reasons=reasons_of(who, on=row.day),
            created_at=window.start - timedelta(days=3),
            booked_at=window.start - timedelta(days=3),
            ended_at=window.end if over else None,
        )


def _load_waiting(people: list[Beneficiary], days: tuple[date, date], now: datetime) -> None:
    """Two who wait for the cardiologist, whose week they would take any slot of in the afternoon."""
    facility = Facility.objects.get(id=demonstration_id("facility", "hndk"))
    doctor = demonstration_id("membership", "bs.timmach:hndk:specialist")
    for number, who in enumerate(people[2:4]):
        WaitingEntry.objects.get_or_create(
            id=demonstration_id("waiting", str(number)),
            defaults={
                "facility": facility,
                "contact_id": who.contact_id,
                "beneficiary": who,
                "kind": Purpose.IN_PERSON,
                "practitioner_id": doctor,
                "first_day": days[0],
                "last_day": days[1],
                "reason": _REASONS[number],
                "created_at": now,
            },
        )
