"""What the desk asks about today: is this person expected, and whose is this code?"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduling.appointments import rules
from scheduling.appointments.access import REGISTRATION_RELATED, visible_appointments, visible_registrations
from scheduling.appointments.codes import clean_code, read_qr
from scheduling.appointments.enums import OPEN, Status
from scheduling.appointments.models import Appointment, Beneficiary, Registration
from scheduling.calendars.patterns import LOCAL
from scheduling.calendars.ranges import range_of
from scheduling.calendars.slots import Interval
from telehealth.accounts.hat import Hat
from telehealth.core.text import fold
from telehealth.records.enums import IdentifierKind
from telehealth.records.models import Patient


@dataclass(frozen=True)
class Expected:
    """What somebody is expected for at the hat's facility today."""

    registrations: tuple[Registration, ...] = ()
    appointments: tuple[Appointment, ...] = ()


def expected_today(*, hat: Hat, patient: Patient, now: datetime) -> Expected:
    """Return today's registrations and appointments of a patient.

    Who registered by telephone is tied to no record yet: they are recognised by a number they gave, or by name and year of birth, and
    the desk asks.
    """
    today = rules.local_day(now)
    rows = visible_registrations(hat).filter(day=today, status__in=OPEN)
    theirs = [row for row in rows.select_related(*REGISTRATION_RELATED) if _is(row.beneficiary, patient)]
    appointments = visible_appointments(hat).filter(
        facility=hat.facility, part_of=None, status__in=OPEN, during__overlap=range_of(_day(now))
    )
    booked = [
        row
        for row in appointments.select_related("practitioner__user", "resource", "beneficiary", "specialty")
        if row.patient_id == patient.id or (row.beneficiary is not None and _is(row.beneficiary, patient))
    ]
    return Expected(
        tuple(sorted(theirs, key=lambda row: row.arrive_from)),
        tuple(sorted(booked, key=lambda row: str(row.during.lower))),
    )


def registration_of(*, hat: Hat, text: str) -> Registration | None:
    """Return the registration at the hat's facility that a QR or a typed code names; None when there is none."""
    code = read_qr(text) or clean_code(text)
    if code is None:
        return None
    rows = visible_registrations(hat).exclude(status=Status.PENDING).select_related(*REGISTRATION_RELATED)
    return rows.filter(code=code).first()


def _is(beneficiary: Beneficiary, patient: Patient) -> bool:
    if beneficiary.patient_id is not None:
        return beneficiary.patient_id == patient.id
    held = _numbers(patient)
    if beneficiary.citizen_number:
        known = {value for kind, value in held if kind == IdentifierKind.CITIZEN}
        if known:
            return beneficiary.citizen_number in known
    if beneficiary.insurance_number:
        tails = {value[-10:] for kind, value in held if kind == IdentifierKind.INSURANCE}
        if tails:
            return beneficiary.insurance_number[-10:] in tails
    return fold(beneficiary.full_name) == patient.name_key and beneficiary.birth_year == patient.birth_year


def _numbers(patient: Patient) -> list[tuple[str, str]]:
    """The numbers of a record, read once however many registrations they are held against."""
    known: list[tuple[str, str]] | None = getattr(patient, "_desk_numbers", None)
    if known is None:
        known = list(patient.identifiers.filter(ended_at=None).values_list("kind", "value"))
        patient._desk_numbers = known  # type: ignore[attr-defined]
    return known


def _day(now: datetime) -> Interval:
    start = now.astimezone(LOCAL).replace(hour=0, minute=0, second=0, microsecond=0)
    return Interval(start, start + timedelta(days=1))
