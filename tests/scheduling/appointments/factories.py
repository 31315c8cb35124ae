"""A small hospital that can be booked: two doctors on weekdays, a room, an exam service with a queue, families with phones."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import count

from scheduling.appointments.callers import Visitor
from scheduling.appointments.domain.bookings import ForWhom, Wanted
from scheduling.appointments.domain.contacts import NewBeneficiary, add_beneficiary
from scheduling.appointments.models import Beneficiary, BookingPolicy, Contact, ExamService
from scheduling.calendars.enums import Purpose, ResourceKind, SessionKind
from scheduling.calendars.models import Availability, Resource, WorkingHours
from scheduling.calendars.patterns import LOCAL
from scheduling.calendars.slots import Interval
from scheduling.queues.models import QueueArea, QueueService
from telehealth.accounts.enums import Role
from telehealth.accounts.hat import Hat
from telehealth.facilities.models import Facility
from tests.factories import make_facility, make_person

NOW = datetime(2026, 11, 30, 1, 0, tzinfo=UTC)
"""08:00 of Monday, 30 November 2026 in Việt Nam."""
TODAY = date(2026, 11, 30)
TOMORROW = date(2026, 12, 1)
_phones = count(10_000_000)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), LOCAL)


def slot(day: date, hour: int, minute: int = 0, minutes: int = 15) -> Interval:
    start = at(day, hour, minute)
    return Interval(start, start + timedelta(minutes=minutes))


@dataclass(frozen=True)
class Hospital:
    """Doctors see patients in person and remotely, Monday to Friday, 7:00 to 11:30 and 13:30 to 17:00."""

    facility: Facility
    doctor: Hat
    second_doctor: Hat
    nurse: Hat
    room: Resource
    service: ExamService

    def wanted(
        self,
        interval: Interval,
        *,
        doctor: Hat | None = None,
        room: Resource | None = None,
        purpose: Purpose = Purpose.IN_PERSON,
    ) -> Wanted:
        """One of the first doctor's slots, unless somebody or something else is said."""
        who = doctor or (None if room else self.doctor)
        return Wanted(
            facility=self.facility,
            purpose=purpose,
            interval=interval,
            practitioner=who.membership if who else None,
            resource=room,
        )


def make_hospital(**policy: int) -> Hospital:
    facility = make_facility()
    for weekday in range(1, 6):
        for session, opens, closes in (
            (SessionKind.MORNING, time(7), time(11, 30)),
            (SessionKind.AFTERNOON, time(13, 30), time(17)),
        ):
            WorkingHours.objects.create(
                facility=facility, weekday=weekday, session=session, opens=opens, closes=closes
            )
    doctors = [make_person(facility, Role.DOCTOR) for _n in range(2)]
    for doctor in doctors:
        make_available(doctor)
    if policy:
        BookingPolicy.objects.create(facility=facility, **policy)
    area = QueueArea.objects.create(facility=facility, name="Khu khám bệnh")
    return Hospital(
        facility=facility,
        doctor=doctors[0],
        second_doctor=doctors[1],
        nurse=make_person(facility, Role.NURSE),
        room=Resource.objects.create(facility=facility, kind=ResourceKind.TELE_ROOM, name="Phòng từ xa"),
        service=ExamService.objects.create(
            facility=facility,
            key="kham-noi",
            name_vi="Khám nội",
            name_en="Internal medicine",
            capacity=10,
            queue_service=QueueService.objects.create(area=area, name="Khám nội"),
        ),
    )


def make_available(doctor: Hat) -> None:
    Availability.objects.bulk_create(
        Availability(
            membership=doctor.membership,
            weekday=weekday,
            starts=time(7),
            ends=time(17),
            valid_from=date(2026, 1, 1),
        )
        for weekday in range(1, 6)
    )


def make_contact(now: datetime = NOW) -> Contact:
    phone = f"+849{next(_phones)}"
    return Contact.objects.create(phone=phone, typed=phone, created_at=now, verified_at=now, passes_from=now)


def make_family(*names: str, now: datetime = NOW) -> tuple[Visitor, list[Beneficiary]]:
    """A visitor with a verified phone, and the people it books for (one unless named)."""
    contact = make_contact(now)
    people = [
        add_beneficiary(contact=contact, new=NewBeneficiary(full_name=name, birth_year=1990), now=now)
        for name in names or ("Vừ Thị Mẫu",)
    ]
    return Visitor(holder=f"browser-{contact.phone}", contact=contact), people


def make_visitor() -> tuple[Visitor, ForWhom]:
    """A visitor with a verified phone, who books for themself."""
    visitor, people = make_family()
    return visitor, ForWhom(beneficiary=people[0], reason="Đau đầu hai ngày nay")
