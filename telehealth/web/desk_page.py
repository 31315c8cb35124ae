"""What the desk's templates draw: rows of people, the insurance line, what somebody is expected for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from scheduling.appointments.domain.desk import expected_today
from scheduling.appointments.models import Registration
from scheduling.appointments.rules import local_day
from scheduling.queues.enums import PriorityReason, TicketState
from scheduling.queues.models import QueueService, Ticket
from scheduling.queues.rules import reasons_by_birth
from telehealth.accounts.hat import Hat
from telehealth.core.errors import NotFound
from telehealth.integrations.insurance.codes import SETTINGS_AT_FAULT, text_of_code
from telehealth.records import rules
from telehealth.records.access import access_patient_at_desk
from telehealth.records.card_words import WARNINGS
from telehealth.records.cards import reader
from telehealth.records.cards.reader import citizen_number_of, insurance_number_of
from telehealth.records.cards.results import PHONE, BareNumber, CardRead, InsuranceCard, Unreadable
from telehealth.records.comparison import Difference
from telehealth.records.domain.identity import visible_cases
from telehealth.records.domain.insurance import newest_check
from telehealth.records.domain.matching import STRONG, By, Candidate, Found, find_by_card
from telehealth.records.enums import IdentifierKind, InsuranceState
from telehealth.records.models import InsuranceCheck, Patient

BY: dict[By, str | Promise] = {
    By.CITIZEN: gettext_lazy("Đúng số định danh cá nhân"),
    By.INSURANCE: gettext_lazy("Đúng số bảo hiểm xã hội"),
    By.SMART_CARD: gettext_lazy("Đúng thẻ khám"),
    By.OLD_IDENTITY: gettext_lazy("Trùng số chứng minh nhân dân cũ"),
    By.PASSPORT: gettext_lazy("Trùng số hộ chiếu"),
    By.PHONE: gettext_lazy("Trùng số điện thoại"),
    By.NAME: gettext_lazy("Trùng tên"),
}
AGAINST: dict[Difference, str | Promise] = {
    Difference.NAME: gettext_lazy("họ tên khác"),
    Difference.BIRTH: gettext_lazy("ngày sinh khác"),
    Difference.SEX: gettext_lazy("giới khác"),
}
TONES = {
    InsuranceState.PENDING: "info",
    InsuranceState.VALID: "good",
    InsuranceState.UNUSABLE: "bad",
    InsuranceState.MISMATCH: "warn",
    InsuranceState.UNVERIFIED: "warn",
}
SOURCES: dict[str, str | Promise] = {
    "record": pgettext_lazy("identity", "Hồ sơ ở cơ sở"),
    "citizen_card": pgettext_lazy("identity", "Thẻ căn cước"),
    "insurance_card": pgettext_lazy("identity", "Thẻ bảo hiểm y tế"),
    "portal": pgettext_lazy("identity", "Cổng BHXH"),
    "typed": pgettext_lazy("identity", "Gõ tay"),
}


@dataclass(frozen=True)
class Row:
    """Somebody it may be. `digit` chooses them."""

    digit: int
    patient: Patient
    by: str
    strong: bool
    against: str


def rows(found: Found) -> list[Row]:
    return [_row(digit, candidate) for digit, candidate in enumerate(found.candidates, start=1)]


def _row(digit: int, candidate: Candidate) -> Row:
    against = ", ".join(
        str(AGAINST[difference]) for difference in Difference if difference in candidate.against
    )
    return Row(digit, candidate.patient, str(BY[candidate.by]), candidate.by in STRONG, against)


def warnings(card: CardRead | None) -> list[str]:
    """Return the sentences about what does not fit on a card."""
    return [str(WARNINGS[warning]) for warning in getattr(card, "warnings", ())]


def numbers_of(card: CardRead | None) -> dict[str, str]:
    """Return the numbers with which a newcomer's form begins when only a number was read."""
    if not isinstance(card, BareNumber):
        return {}
    if PHONE in card.kinds:
        return {"phone": card.value}
    fields = {
        IdentifierKind.CITIZEN: "citizen_number",
        IdentifierKind.INSURANCE: "insurance_number",
        IdentifierKind.OLD_IDENTITY: "old_identity_number",
    }
    return {
        fields[kind]: card.value for kind in card.kinds if isinstance(kind, IdentifierKind) and kind in fields
    }


def patient_at_desk(hat: Hat, patient_id: UUID, text: str, *, now: datetime) -> Patient:
    """Return the patient who is being received; `text` is the card that named them, or a name that was typed.

    Raises:
        NotFound: `patient.not_found`.
    """
    card = reader.read(text) if text else None
    named = False
    if card is not None and rules.may_receive(hat):
        found = find_by_card(hat=hat, card=card, now=now)
        named = any(candidate.patient.id == patient_id for candidate in found.candidates)
    return access_patient_at_desk(hat, patient_id, named=named, now=now)


def check_at_desk(hat: Hat, check_id: UUID) -> InsuranceCheck:
    """Return a question this facility asked.

    Raises:
        NotFound: `insurance.not_found`.
    """
    check = None
    if rules.may_receive(hat):
        check = (
            InsuranceCheck.objects.filter(id=check_id, facility=hat.facility)
            .select_related("patient")
            .first()
        )
    if check is None:
        raise NotFound(
            "insurance.not_found", _("Không có lần kiểm tra này, hoặc không thuộc cơ sở của anh/chị.")
        )
    return check


def number_to_ask(patient: Patient, card: CardRead | None = None) -> str:
    """Return the number with which the portal is asked: the card's, else the record's newest; insurance before citizen."""
    if isinstance(card, InsuranceCard):
        return card.card_number or card.number
    number = insurance_number_of(card) if isinstance(card, BareNumber | Unreadable) else None
    if number and PHONE not in getattr(card, "kinds", ()):
        return number
    held = list(
        patient.identifiers.filter(ended_at=None).order_by("-created_at").values_list("kind", "value")
    )
    for kind in (IdentifierKind.INSURANCE, IdentifierKind.CITIZEN):
        for held_kind, value in held:
            if held_kind == kind:
                return str(value)
    return (citizen_number_of(card) or "") if card else ""


def insurance(check: InsuranceCheck) -> dict[str, Any]:
    """Return what the insurance line shows."""
    state = InsuranceState(check.state)
    return {
        "check": check,
        "state": state.value,
        "label": state.label,
        "tone": TONES[state],
        "sentence": text_of_code(check.code),
        "asking": state == InsuranceState.PENDING,
        "settings_at_fault": check.code in SETTINGS_AT_FAULT,
    }


def reception(hat: Hat, patient: Patient, *, now: datetime) -> dict[str, Any]:
    """Return everything about somebody who is being received."""
    expected = expected_today(hat=hat, patient=patient, now=now)
    check = newest_check(patient, now=now)
    if check is not None and check.facility_id != hat.facility.id:
        check = None
    tickets = Ticket.objects.filter(
        area__facility=hat.facility,
        day=local_day(now),
        reference__in=_references(patient, expected.registrations),
    ).exclude(state=TicketState.CANCELLED)
    return {
        "patient": patient,
        "elsewhere": patient.home_facility_id != hat.facility.id,
        "identifiers": patient.identifiers.filter(ended_at=None).order_by("kind", "-created_at"),
        "cases": visible_cases(hat).filter(patient=patient, resolved_at=None),
        "insurance": insurance(check) if check else None,
        "expected": expected,
        "tickets": tickets.select_related("service", "area").order_by("taken_at"),
        "smart_card": patient.smart_cards.filter(revoked_at=None).first(),
        **number_choices(hat, patient, now=now),
    }


def registration(hat: Hat, found: Registration, *, now: datetime) -> dict[str, Any]:
    """Return what a registration's code shows at the desk."""
    today = local_day(now)
    return {"registration": found, "is_today": found.day == today, "early": now < found.arrive_from}


def number_choices(hat: Hat, patient: Patient | None, *, now: datetime) -> dict[str, Any]:
    """Return the services one can wait for here, and why somebody goes first: what their age gives is already ticked."""
    services = QueueService.objects.filter(area__facility=hat.facility, area__is_active=True, is_active=True)
    by_age: frozenset[PriorityReason] = frozenset()
    if patient is not None:
        day = patient.birth_date if patient.birth_precision == "day" else None
        by_age = reasons_by_birth(birth_date=day, birth_year=patient.birth_year, on=local_day(now))
    return {
        "services": services.select_related("area").order_by(
            "area__position", "area__name", "position", "name"
        ),
        "reasons": [(reason.value, reason.label, reason in by_age) for reason in PriorityReason],
        "key": uuid4(),
    }


def _references(patient: Patient, registrations: tuple[Registration, ...]) -> list[str]:
    return [f"patient:{patient.id}", *(f"registration:{row.id}" for row in registrations)]
