"""Remote appointments of the demonstration: a cardiologist's day, so that joining by link can be tried at once."""

from datetime import datetime, timedelta

from scheduling.appointments.enums import Relation, Status
from scheduling.appointments.models import Appointment, Beneficiary, Contact
from scheduling.calendars.enums import Purpose
from scheduling.calendars.ranges import range_of
from scheduling.calendars.slots import Interval
from telehealth.consultations.domain.guests import patient_link
from telehealth.demonstration.ids import demonstration_id
from telehealth.demonstration.patients import phone_number
from telehealth.facilities.models import Facility
from telehealth.records.enums import DatePrecision, Sex

_HUB, _DOCTOR = "hndk", "bs.timmach"
_SERIAL = 950
_LENGTH = timedelta(minutes=20)
# Name, year of birth, sex, and why, in their own words.
_BOOKED = (
    (
        "Lô Thị Thoa",
        1961,
        Sex.FEMALE,
        "Huyết áp đo ở nhà 160, hay nhức đầu buổi sáng. Xin bác sĩ xem lại thuốc.",
    ),
    ("Nguyễn Văn Hiền", 1955, Sex.MALE, "Tái khám sau đặt stent ba tháng, đi bộ nhanh hơi mệt."),
    ("Vi Thị Nga", 1972, Sex.FEMALE, "Hồi hộp, tim đập nhanh về đêm hai tuần nay."),
)


def load_visits(*, now: datetime) -> None:
    """Book what is missing: the first begins a few minutes after loading."""
    hub = Facility.objects.get(id=demonstration_id("facility", _HUB))
    begin = now.replace(minute=now.minute // 10 * 10, second=0, microsecond=0) + timedelta(minutes=10)
    for place, (name, year, sex, reason) in enumerate(_BOOKED):
        key = f"visit-{place}"
        appointment_id = demonstration_id("appointment", key)
        if Appointment.objects.filter(id=appointment_id).exists():
            continue
        start = begin + place * _LENGTH
        contact, _made = Contact.objects.get_or_create(
            phone=phone_number(_SERIAL + place),
            defaults={
                "typed": phone_number(_SERIAL + place),
                "created_at": now,
                "verified_at": now,
                "passes_from": now,
                "is_demonstration": True,
            },
        )
        about = Beneficiary.objects.create(
            id=demonstration_id("beneficiary", key),
            contact=contact,
            relation=Relation.SELF,
            full_name=name,
            birth_year=year,
            birth_precision=DatePrecision.YEAR,
            sex=sex,
            created_at=now,
        )
        appointment = Appointment.objects.create(
            id=appointment_id,
            code=f"KXTX{place + 2}A",
            link=f"demonstrationV{place + 2}a",
            status=Status.BOOKED,
            kind=Purpose.REMOTE,
            facility=hub,
            specialty_id="cardiology",
            practitioner_id=demonstration_id("membership", f"{_DOCTOR}:{_HUB}:specialist"),
            person_id=demonstration_id("user", _DOCTOR),
            contact=contact,
            beneficiary=about,
            during=range_of(Interval(start, start + _LENGTH)),
            reason=reason,
            created_at=now,
            booked_at=now,
        )
        patient_link(appointment=appointment, now=now)
