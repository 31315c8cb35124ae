"""Puts the demonstration province into the database.

Everything has an id made from its key, so loading again adds what is missing and touches nothing that is there:
what somebody changed in the meantime (a password, a name) stays changed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone
from django.utils.translation import override

from telehealth.accounts.models import License, Membership, User
from telehealth.consultations.enums import RequestState
from telehealth.consultations.models import Request
from telehealth.core.announce import silence
from telehealth.demonstration import sources
from telehealth.demonstration.bookings import load_bookings
from telehealth.demonstration.calendars import load_calendars
from telehealth.demonstration.cases import CASES, OPEN_CASES, Written
from telehealth.demonstration.desk import load_desk
from telehealth.demonstration.ids import demonstration_id
from telehealth.demonstration.lines import load_lines
from telehealth.demonstration.past import local_time, play_case, play_open_case
from telehealth.demonstration.patients import (
    InventedPatient,
    citizen_number,
    insurance_number,
    invent_patients,
    phone_number,
)
from telehealth.demonstration.queues import load_queues
from telehealth.demonstration.visits import load_visits
from telehealth.facilities.models import Commune, Department, Facility, HubLink, HubSpecialty, Specialty
from telehealth.records.enums import DatePrecision, IdentifierKind, Sex
from telehealth.records.models import Patient, PatientIdentifier

PASSWORD = "hoichan-demo-2026"  # noqa: S105 -- printed at the start; refused in production
SEED = 2026
PATIENTS = 300
SOURCE = "minh họa"

# Numbers are dealt out in blocks, so that none is dealt twice.
_CASE_SERIAL = 500
_OPEN_CASE_SERIAL = 600
_STAFF_SERIAL = 900


class NotForProductionError(Exception):
    """Invented patients have no place beside real ones."""


@dataclass(frozen=True)
class Loaded:
    """How many demonstration rows there are after loading."""

    facilities: int
    people: int
    patients: int
    consultations: int
    open_requests: int


def load_demonstration(*, now: datetime) -> Loaded:
    """Load what is missing of the province.

    Raises:
        NotForProductionError: in production, or where demonstration data is switched off; nothing was changed.
    """
    if settings.PRODUCTION or not settings.DEMONSTRATION:
        raise NotForProductionError
    with override("vi"), silence():
        with transaction.atomic():
            _load_lists()
            _load_facilities()
            _load_people(now)
            _load_patients(now)
            load_lines(now=now)
            load_calendars(now=now)
            load_visits(now=now)
            load_desk(now=now)
            load_queues(now=now)
            load_bookings(now=now)
        for case in sorted(CASES, key=lambda case: case.days_ago, reverse=True):
            play_case(case, now=now)
        for request in OPEN_CASES:
            play_open_case(request, now=now)
    requests = Request.objects.filter(patient__is_demonstration=True)
    over = (RequestState.CLOSED, RequestState.CANCELLED)
    return Loaded(
        facilities=Facility.objects.filter(is_demonstration=True).count(),
        people=User.objects.filter(is_demonstration=True).count(),
        patients=Patient.objects.filter(is_demonstration=True).count(),
        consultations=requests.filter(state__in=over).count(),
        open_requests=requests.exclude(state__in=over).count(),
    )


def _load_lists() -> None:
    communes = [Commune(**row.model_dump()) for row in sources.communes()]
    Commune.objects.bulk_create(communes, ignore_conflicts=True)
    specialties = [
        Specialty(key=row.key, name_vi=row.vi, name_en=row.en, position=position)
        for position, row in enumerate(sources.specialties(), start=1)
    ]
    Specialty.objects.bulk_create(specialties, ignore_conflicts=True)


def _load_facilities() -> None:
    rows = sources.facilities()
    facilities = [
        Facility(
            id=demonstration_id("facility", row.key),
            name=row.name,
            short_name=row.short_name,
            aliases=list(row.aliases),
            kind=row.kind,
            level=row.level or "",
            parent_id=demonstration_id("facility", row.parent) if row.parent else None,
            hi_code=row.hi_code or "",
            gln=row.gln or "",
            commune_id=row.commune,
            legacy_address=row.legacy_address or "",
            is_demonstration=True,
        )
        for row in rows
    ]
    Facility.objects.bulk_create(facilities, ignore_conflicts=True)
    known = {row.key: row for row in sources.departments()}
    departments = [
        Department(
            id=demonstration_id("department", f"{row.key}:{key}"),
            facility_id=demonstration_id("facility", row.key),
            code=known[key].code or "",
            name=known[key].name,
        )
        for row in rows
        for key in row.departments
    ]
    Department.objects.bulk_create(departments, ignore_conflicts=True)
    hub_specialties = [
        HubSpecialty(facility_id=demonstration_id("facility", row.key), specialty_id=key)
        for row in rows
        for key in row.hub_specialties
    ]
    HubSpecialty.objects.bulk_create(hub_specialties, ignore_conflicts=True)
    links = [
        HubLink(hub_id=demonstration_id("facility", hub), spoke_id=demonstration_id("facility", row.key))
        for row in rows
        for hub in row.asks
    ]
    HubLink.objects.bulk_create(links, ignore_conflicts=True)


def _load_people(now: datetime) -> None:
    """Accounts, licences and hats. One password hash serves all: hashing forty times would take half a minute."""
    rows = sources.people()
    password = make_password(PASSWORD)
    users = [
        User(
            id=demonstration_id("user", row.username),
            username=row.username,
            password=password,
            full_name=row.full_name,
            title=row.title,
            phone=phone_number(_STAFF_SERIAL + number),
            date_joined=now,
            is_demonstration=True,
        )
        for number, row in enumerate(rows)
    ]
    User.objects.bulk_create(users, ignore_conflicts=True)
    licensed = set(License.objects.filter(user__is_demonstration=True).values_list("user_id", flat=True))
    License.objects.bulk_create(
        License(user=user, number=row.licence, scope=row.scope, issued_on=date(2024, 1, 2))
        for user, row in zip(users, rows, strict=True)
        if row.licence and user.id not in licensed
    )
    hats = [
        (membership_of(row.username, hat.facility, hat.role), hat.specialties)
        for row in rows
        for hat in row.memberships
    ]
    Membership.objects.bulk_create([hat for hat, _ in hats], ignore_conflicts=True)
    chosen = Membership.specialties.through
    chosen.objects.bulk_create(
        [chosen(membership_id=hat.id, specialty_id=key) for hat, keys in hats for key in keys],
        ignore_conflicts=True,
    )


def membership_of(username: str, facility: str, role: str) -> Membership:
    """The hat of the demonstration as an unsaved row; its id is the one in the database."""
    person = next(row for row in sources.people() if row.username == username)
    hat = next(hat for hat in person.memberships if (hat.facility, hat.role) == (facility, role))
    return Membership(
        id=demonstration_id("membership", f"{username}:{facility}:{role}"),
        user_id=demonstration_id("user", username),
        facility_id=demonstration_id("facility", facility),
        department_id=demonstration_id("department", f"{facility}:{hat.department}")
        if hat.department
        else None,
        role=role,
    )


def _load_patients(now: datetime) -> None:
    today = timezone.localdate(now)
    communes = [(row.code, row.former_district) for row in sources.communes()]
    with_account = {row.username: row for row in sources.people() if not row.memberships}
    invented = invent_patients(
        Random(SEED),  # noqa: S311 -- the same people every time, not a secret
        count=PATIENTS - len(CASES) - len(OPEN_CASES) - len(with_account),
        today=date(2026, 11, 1),
        communes=communes,
    )
    pairs = [_of_invented(f"invented-{number}", p) for number, p in enumerate(invented)]
    pairs += [
        _of_case(case, serial, local_time(case, today, 0)) for serial, case in enumerate(CASES, _CASE_SERIAL)
    ]
    pairs += [
        _of_account(row, serial)
        for serial, row in enumerate(with_account.values(), _CASE_SERIAL + len(CASES))
    ]
    pairs += [_of_case(case, serial, now) for serial, case in enumerate(OPEN_CASES, _OPEN_CASE_SERIAL)]
    existing = set(Patient.objects.filter(id__in=[p.id for p, _ in pairs]).values_list("id", flat=True))
    missing = [(patient, numbers) for patient, numbers in pairs if patient.id not in existing]
    for patient, _ in missing:
        patient.created_at = now
        patient.is_demonstration = True
        patient.fill_keys()
    Patient.objects.bulk_create(patient for patient, _ in missing)
    PatientIdentifier.objects.bulk_create(
        PatientIdentifier(patient=patient, kind=kind, value=value, source=SOURCE, created_at=now)
        for patient, numbers in missing
        for kind, value in numbers
        if value
    )


_Numbers = Iterable[tuple[IdentifierKind, str]]


def _of_invented(key: str, p: InventedPatient) -> tuple[Patient, _Numbers]:
    patient = Patient(
        id=demonstration_id("patient", key),
        full_name=p.full_name,
        birth_date=p.birth_date,
        birth_year=p.birth_year,
        birth_precision=p.birth_precision,
        sex=p.sex,
        ethnicity=p.ethnicity,
        language=p.language,
        needs_interpreter=p.needs_interpreter,
        commune_id=p.commune,
        address=p.address,
        phone=p.phone,
        representative=p.representative,
        allergies=p.allergies,
        problems=p.problems,
        home_facility_id=demonstration_id("facility", p.home_facility),
    )
    return patient, (
        (IdentifierKind.CITIZEN, p.citizen_number),
        (IdentifierKind.OLD_IDENTITY, p.old_identity_number),
        (IdentifierKind.INSURANCE, p.insurance_number),
    )


def _of_case(case: Written, serial: int, sent: datetime) -> tuple[Patient, _Numbers]:
    who = case.patient
    # Some months before the birthday's round number of years, so that the age on the day of the case is right.
    born = timezone.localdate(sent) - timedelta(
        days=who.days or round(who.years * 365.25) + 100 * bool(who.years)
    )
    patient = Patient(
        id=demonstration_id("patient", case.key),
        full_name=who.name,
        birth_date=None if who.only_year else born,
        birth_year=timezone.localdate(sent).year - who.years if who.only_year else born.year,
        birth_precision=DatePrecision.YEAR if who.only_year else DatePrecision.DAY,
        sex=who.sex,
        ethnicity=who.ethnicity,
        language=who.language,
        needs_interpreter=who.needs_interpreter,
        commune_id=who.commune,
        address=who.address,
        phone=phone_number(serial),
        representative=who.representative,
        allergies="" if case.allergies.startswith(("Không", "Chưa")) else case.allergies,
        problems=case.past_history,
        home_facility_id=demonstration_id("facility", case.spoke),
    )
    if not who.has_papers:
        return patient, ()
    return patient, (
        (IdentifierKind.CITIZEN, citizen_number(who.sex, patient.birth_year or 0, serial)),
        (IdentifierKind.INSURANCE, insurance_number(serial)),
    )


def _of_account(row: sources.PersonRow, serial: int) -> tuple[Patient, _Numbers]:
    """The record of somebody who can sign in as a patient."""
    is_lo = row.username == "nguoibenh.lo"
    sex, year = (Sex.FEMALE, 1988) if is_lo else (Sex.MALE, 1962)
    patient = Patient(
        id=demonstration_id("patient", row.username),
        account_id=demonstration_id("user", row.username),
        full_name=row.full_name,
        birth_date=date(year, 3, 14),
        sex=sex,
        ethnicity="Thái" if is_lo else "Kinh",
        language="Tiếng Thái" if is_lo else "Tiếng Việt",
        commune_id="16849" if is_lo else "16690",
        address="Bản Na" if is_lo else "Khối 4",
        phone=phone_number(serial),
        problems="Tăng huyết áp, uống amlodipin 5 mg mỗi ngày.",
        home_facility_id=demonstration_id("facility", "kyson" if is_lo else "vinh"),
    )
    return patient, (
        (IdentifierKind.CITIZEN, citizen_number("female" if is_lo else "male", year, serial)),
        (IdentifierKind.INSURANCE, insurance_number(serial)),
    )
