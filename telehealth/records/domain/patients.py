"""Finding and creating patients."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from telehealth.accounts.hat import Hat
from telehealth.audit.log import record
from telehealth.core.errors import Invalid, NotAllowed
from telehealth.core.text import clean, fold
from telehealth.facilities.models import Commune
from telehealth.records import rules
from telehealth.records.enums import DatePrecision, IdentifierKind, Sex
from telehealth.records.models import Patient, PatientIdentifier

SEARCH_LIMIT = 20
_IDENTIFIER_FORMS = {
    IdentifierKind.CITIZEN: r"\d{12}",
    IdentifierKind.OLD_IDENTITY: r"\d{9}",
    IdentifierKind.INSURANCE: r"\d{10}|[A-Z]{2}[1-5]\d{12}",
}


@dataclass(frozen=True)
class NewPatient:
    """What is known about a patient at registration. `birth_date` or `birth_year` may be missing.

    `source` says where the numbers come from: "typed", "scanned".
    """

    full_name: str
    birth_date: date | None = None
    birth_year: int | None = None
    birth_month: int | None = None
    sex: Sex = Sex.UNKNOWN
    ethnicity: str = ""
    language: str = ""
    needs_interpreter: bool = False
    commune_code: str = ""
    address: str = ""
    phone: str = ""
    representative: str = ""
    allergies: str = ""
    citizen_number: str = ""
    insurance_number: str = ""
    old_identity_number: str = ""
    source: str = "typed"


@transaction.atomic
def create_patient(*, hat: Hat, new: NewPatient, now: datetime) -> Patient:
    """Register a patient at the hat's facility.

    Raises:
        NotAllowed: `patient.not_clinical`.
        Invalid: `patient.name_missing`, `patient.birth_impossible`, `patient.bad_identifier`.
    """
    if not rules.may_register(hat):
        raise NotAllowed(
            "patient.not_clinical", _("Chỉ nhân viên y tế của cơ sở mới tạo được hồ sơ người bệnh.")
        )
    name = clean(new.full_name)
    if not name:
        raise Invalid("patient.name_missing", _("Hãy nhập họ và tên người bệnh."), field="full_name")
    year = new.birth_date.year if new.birth_date else new.birth_year
    month = new.birth_month if new.birth_date is None else None
    if (new.birth_date and new.birth_date > now.date()) or (year and not 1890 <= year <= now.year):
        raise Invalid(
            "patient.birth_impossible",
            _("Ngày sinh không hợp lý. Hãy kiểm tra lại; nếu chỉ biết năm sinh, hãy để trống ngày và tháng."),
            field="birth_date",
        )
    identifiers = [
        (kind, re.sub(r"[\s.-]", "", value).upper())
        for kind, value in (
            (IdentifierKind.CITIZEN, new.citizen_number),
            (IdentifierKind.INSURANCE, new.insurance_number),
            (IdentifierKind.OLD_IDENTITY, new.old_identity_number),
        )
        if value.strip()
    ]
    for kind, value in identifiers:
        if not re.fullmatch(_IDENTIFIER_FORMS[kind], value):
            raise Invalid("patient.bad_identifier", bad_identifier_text(kind), field=f"{kind}_number")
    patient = Patient.objects.create(
        full_name=name,
        birth_date=date(year, month, 1) if year and month else new.birth_date,
        birth_year=year,
        birth_precision=_precision(new),
        sex=new.sex,
        ethnicity=clean(new.ethnicity),
        language=clean(new.language),
        needs_interpreter=new.needs_interpreter,
        commune=Commune.objects.filter(code=new.commune_code).first(),
        address=clean(new.address),
        phone=clean(new.phone),
        representative=clean(new.representative),
        allergies=clean(new.allergies),
        home_facility=hat.facility,
        created_at=now,
        is_demonstration=hat.facility.is_demonstration,
    )
    PatientIdentifier.objects.bulk_create(
        PatientIdentifier(patient=patient, kind=kind, value=value, source=new.source, created_at=now)
        for kind, value in identifiers
    )
    record(
        "patient.created",
        now=now,
        hat=hat,
        object_type="patient",
        object_id=patient.id,
        patient_id=patient.id,
    )
    return patient


def _precision(new: NewPatient) -> DatePrecision:
    if new.birth_date:
        return DatePrecision.DAY
    return DatePrecision.MONTH if new.birth_year and new.birth_month else DatePrecision.YEAR


def bad_identifier_text(kind: IdentifierKind) -> str:
    if kind == IdentifierKind.CITIZEN:
        return _("Số định danh cá nhân gồm đúng 12 chữ số. Hãy xem lại mặt trước của thẻ.")
    if kind == IdentifierKind.OLD_IDENTITY:
        return _("Số chứng minh nhân dân cũ gồm đúng 9 chữ số. Hãy xem lại thẻ.")
    return _("Số bảo hiểm xã hội gồm 10 chữ số, hoặc mã thẻ bảo hiểm y tế đủ 15 ký tự. Hãy xem lại thẻ.")


@transaction.atomic
def search_patients(*, hat: Hat, text: str, now: datetime) -> list[Patient]:
    """Find patients of the hat's facility by name (any diacritics, any word order, birth year), or by a whole number.

    A whole citizen or insurance number also finds a patient of another facility, so that nobody is registered twice.
    The search is audited without its text. Returns at most 20, best first.
    """
    if not hat.is_clinical:
        raise NotAllowed(
            "patient.not_clinical", _("Chỉ nhân viên y tế của cơ sở mới tra cứu được người bệnh.")
        )
    words = fold(text).split()
    digits = re.sub(r"[\s.-]", "", text)
    found: list[Patient] = []
    own = Patient.objects.filter(Q(home_facility=hat.facility) | Q(requests__facility=hat.facility))
    if re.fullmatch(r"\d{9,15}|[A-Za-z]{2}\d{13}", digits):
        numbers = Q(identifiers__value=digits.upper(), identifiers__ended_at=None)
        found = list(
            Patient.objects.filter(numbers | (Q(phone=digits) & Q(home_facility=hat.facility)))
            .select_related("commune", "home_facility")
            .distinct()[:SEARCH_LIMIT]
        )
    elif words:
        years = [int(word) for word in words if re.fullmatch(r"(18|19|20)\d\d", word)]
        names = (
            [word for word in words if int(word) not in years]
            if all(word.isdigit() for word in words)
            else [word for word in words if not (word.isdigit() and int(word) in years)]
        )
        matches = own
        for word in names:
            matches = matches.filter(name_key__contains=word)
        if years:
            matches = matches.filter(birth_year__in=years)
        candidates = matches.select_related("commune", "home_facility").distinct().order_by("given_key")[:200]
        found = sorted(candidates, key=lambda patient: _rank(patient, text, names))[:SEARCH_LIMIT]
    record(
        "patient.searched",
        now=now,
        hat=hat,
        object_type="facility",
        object_id=hat.facility.id,
        found=len(found),
    )
    return found


def _rank(patient: Patient, text: str, words: list[str]) -> tuple[int, str]:
    """Exact with diacritics before whole words before prefixes before the rest; then by given name."""
    name_words = patient.name_key.split()
    if " ".join(text.split()).casefold() in patient.full_name.casefold():
        return 0, patient.given_key
    if all(word in name_words for word in words):
        return 1, patient.given_key
    if all(any(name.startswith(word) for name in name_words) for word in words):
        return 2, patient.given_key
    return 3, patient.given_key
