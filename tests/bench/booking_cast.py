"""Who and what the booking benchmark needs, straight into the database: doctors with hours, people with phones, kiosks with keys."""

import secrets
from datetime import date, time, timedelta
from typing import Any

from scheduling.appointments.callers import Visitor
from scheduling.appointments.codes import qr_text
from scheduling.appointments.domain import registrations
from scheduling.appointments.domain.contacts import give_pass
from scheduling.appointments.models import Beneficiary, BookingPolicy, Contact, ExamService
from scheduling.appointments.rules import local_day
from scheduling.calendars.enums import SessionKind
from scheduling.calendars.models import Availability, WorkingHours
from scheduling.queues.domain.devices import add_device
from scheduling.queues.enums import DeviceKind
from scheduling.queues.models import QueueArea, QueueService
from telehealth.accounts.enums import Role
from telehealth.api.booking import KIOSK_COOKIE, PHONE_COOKIE
from telehealth.core import clock
from telehealth.core.announce import silence
from tests.factories import make_facility, make_person

SESSIONS = ((SessionKind.MORNING, time(7), time(11, 30)), (SessionKind.AFTERNOON, time(13, 30), time(17)))
ALL_DAY = (SessionKind.MORNING, time(0), time(23, 59))


def make_cast(*, doctors: int, people: int, takers: int, kiosks: int, days: int) -> dict[str, Any]:
    """Make a hospital whose doctors can be booked on some coming days, people with passes, and people registered for today."""
    now = clock.now()
    facility = make_facility()
    BookingPolicy.objects.create(facility=facility, per_person=50, per_phone=50)
    for weekday in range(1, 8):
        for session, opens, closes in SESSIONS:
            WorkingHours.objects.create(
                facility=facility, weekday=weekday, session=session, opens=opens, closes=closes
            )
    seeing = [make_person(facility, Role.DOCTOR) for _n in range(doctors)]
    Availability.objects.bulk_create(
        Availability(
            membership=doctor.membership,
            weekday=weekday,
            starts=time(7),
            ends=time(17),
            valid_from=date(2026, 1, 1),
        )
        for doctor in seeing
        for weekday in range(1, 8)
    )
    contacts = [
        Contact(
            phone=f"+8490{n:07d}",
            typed="",
            created_at=now,
            verified_at=now,
            passes_from=now - timedelta(seconds=1),
        )
        for n in range(people + takers)
    ]
    Contact.objects.bulk_create(contacts)
    persons = [
        Beneficiary(contact=contact, full_name=f"Vừ Thị {n}", birth_year=1990, created_at=now)
        for n, contact in enumerate(contacts)
    ]
    Beneficiary.objects.bulk_create(persons)
    today = local_day(now)
    return {
        "facility": str(facility.id),
        "doctors": [str(doctor.membership.id) for doctor in seeing],
        "days": [today + timedelta(days=n) for n in range(1, days + 1)],
        "people": [
            (f"{PHONE_COOKIE}={give_pass(one.contact, now=now)}", str(one.id)) for one in persons[:people]
        ],
        "takers": _takers(persons[people:], kiosks),
    }


def _takers(persons: list[Beneficiary], kiosks: int) -> list[tuple[str, str, str]]:
    """Register people for a session that is open now, at several facilities; return what their kiosks and they show."""
    found = []
    for number in range(kiosks):
        service, area, cookie = _kiosk()
        with silence():
            for one in persons[number::kiosks]:
                made = registrations.register(
                    by=Visitor(holder="", contact=one.contact),
                    wanted=registrations.Wanted(
                        service=service,
                        day=local_day(clock.now()),
                        session=SessionKind.MORNING,
                        insured=True,
                    ),
                    beneficiary=one,
                    now=clock.now(),
                )
                found.append((cookie, str(area.id), qr_text(made.code)))
    return found


def _kiosk() -> tuple[ExamService, QueueArea, str]:
    facility = make_facility()
    session, opens, closes = ALL_DAY
    for weekday in range(1, 8):
        WorkingHours.objects.create(
            facility=facility, weekday=weekday, session=session, opens=opens, closes=closes
        )
    area = QueueArea.objects.create(facility=facility, name="Khu khám bệnh")
    service = ExamService.objects.create(
        facility=facility,
        key="kham",
        name_vi="Khám bệnh",
        name_en="Examination",
        capacity=1000,
        queue_service=QueueService.objects.create(area=area, name=f"Khám {secrets.token_hex(2)}"),
    )
    admin = make_person(facility, Role.FACILITY_ADMIN, licensed=False)
    _device, key = add_device(
        hat=admin, area_id=area.id, kind=DeviceKind.KIOSK, name="Máy lấy số", now=clock.now()
    )
    return service, area, f"{KIOSK_COOKIE}={key}"
