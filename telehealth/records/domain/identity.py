"""Identity cases (đối soát danh tính): two versions of somebody, side by side, until staff say what is right.

Opening one never stops anything; settling one never merges or overwrites anything.
"""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from telehealth.accounts.hat import Hat
from telehealth.accounts.models import Membership
from telehealth.audit.log import record
from telehealth.core.errors import Conflict, Invalid, NotAllowed, NotFound
from telehealth.core.text import clean
from telehealth.facilities.models import Facility
from telehealth.records import rules
from telehealth.records.cards.reader import citizen_number_of, insurance_number_of
from telehealth.records.cards.results import CardRead, CitizenCard, InsuranceCard
from telehealth.records.comparison import Version, differences, version_of_card, version_of_patient
from telehealth.records.domain.matching import holders
from telehealth.records.enums import IdentifierKind, IdentityCaseKind, IdentityOutcome
from telehealth.records.models import IdentityCase, InsuranceCheck, Patient, PatientIdentifier

SOURCE_SCANNED = "scanned"


@transaction.atomic
def add_card(*, hat: Hat, patient: Patient, card: CardRead, now: datetime) -> list[IdentityCase]:
    """Take the numbers of a card into the record of the person who showed it; return the identity cases that are open over it.

    A number somebody else has, a second number of the same kind and details that differ each open a case. The number is kept all
    the same when nobody else has it: the person stands there with the card.

    Raises:
        NotAllowed: `desk.not_allowed`.
    """
    if not rules.may_receive(hat):
        raise NotAllowed("desk.not_allowed", _("Chỉ điều dưỡng và quản trị cơ sở làm việc ở quầy tiếp đón."))
    patient = Patient.objects.select_for_update().get(id=patient.id)
    version = version_of_card(card)
    numbers = _numbers(card)
    cases: list[IdentityCase] = []

    def open_(kind: IdentityCaseKind, of: IdentifierKind, value: str, **more: Patient | None) -> None:
        theirs = version or Version("typed", number=value)
        other = more.get("other")
        cases.append(
            open_case(
                facility=hat.facility,
                patient=patient,
                kind=kind,
                identifier_kind=of,
                number=value,
                ours=version_of_patient(patient),
                theirs=version_of_patient(other, value) if other else theirs,
                other_patient=other,
                by=hat.membership,
                hat=hat,
                now=now,
            )
        )

    added = 0
    for kind, value in numbers:
        own = _own_numbers(patient, kind)
        other = holders(kind, value).exclude(id=patient.id).first()
        if other is not None:
            open_(IdentityCaseKind.NUMBER_SHARED, kind, value, other=other)
            continue
        if any(_same_number(kind, known, value) for known in own):
            continue
        if own and kind in {IdentifierKind.CITIZEN, IdentifierKind.INSURANCE}:
            open_(IdentityCaseKind.TWO_NUMBERS, kind, value)
        # A number that staff took out of the record stays out, however often the wrong card is shown.
        _row, new = PatientIdentifier.objects.get_or_create(
            patient=patient,
            kind=kind,
            value=value,
            defaults={"source": SOURCE_SCANNED, "created_at": now},
        )
        added += new
    if version and numbers and differences(version_of_patient(patient), version):
        kind, value = numbers[0]
        open_(IdentityCaseKind.DETAILS_DIFFER, kind, value)
    record(
        "patient.card_added",
        now=now,
        hat=hat,
        object_type="patient",
        object_id=patient.id,
        patient_id=patient.id,
        added=added,
        cases=len(cases),
    )
    return cases


@transaction.atomic
def open_case(
    *,
    facility: Facility,
    patient: Patient,
    kind: IdentityCaseKind,
    identifier_kind: IdentifierKind,
    number: str,
    ours: Version,
    theirs: Version,
    now: datetime,
    other_patient: Patient | None = None,
    check: InsuranceCheck | None = None,
    by: Membership | None = None,
    hat: Hat | None = None,
) -> IdentityCase:
    """Open an identity case, or return the one that is open over the same thing."""
    same = {"facility": facility, "patient": patient, "kind": kind, "number": number, "resolved_at": None}
    try:
        with transaction.atomic():
            case = IdentityCase.objects.create(
                **same,
                identifier_kind=identifier_kind,
                other_patient=other_patient,
                insurance_check=check,
                ours=ours.as_json(),
                theirs=theirs.as_json(),
                opened_at=now,
                opened_by=by,
            )
    except IntegrityError:
        return IdentityCase.objects.get(**same)
    record(
        "identity.opened",
        now=now,
        hat=hat,
        object_type="identity",
        object_id=case.id,
        patient_id=patient.id,
        facility=str(facility.id),
        kind=kind.value,
    )
    return case


@transaction.atomic
def resolve_case(
    *, hat: Hat, case_id: UUID, outcome: IdentityOutcome, reason: str, now: datetime
) -> IdentityCase:
    """Settle a case with a reason. "Not theirs" ends the number in the patient's record; nothing else is changed.

    Raises:
        NotFound: `identity.not_found`; Conflict: `identity.settled`; Invalid: `identity.reason_missing`.
    """
    case = access_case(hat, case_id, lock=True)
    if case.resolved_at is not None:
        raise Conflict("identity.settled", _("Việc đối soát này đã có người giải quyết."))
    reason = clean(reason)
    if not reason:
        raise Invalid("identity.reason_missing", _("Hãy ghi lý do: người xem sau cần biết căn cứ vào đâu."))
    if len(reason) > 500:
        raise Invalid("identity.reason_missing", _("Lý do dài quá 500 ký tự. Hãy rút gọn."))
    case.outcome, case.reason = outcome, reason
    case.resolved_at, case.resolved_by = now, hat.membership
    case.save(update_fields=["outcome", "reason", "resolved_at", "resolved_by"])
    if outcome == IdentityOutcome.NOT_THEIRS:
        held = case.patient.identifiers.filter(kind=case.identifier_kind, ended_at=None)
        for identifier in held:
            if _same_number(IdentifierKind(case.identifier_kind), identifier.value, case.number):
                identifier.ended_at = now
                identifier.save(update_fields=["ended_at"])
    record(
        "identity.resolved",
        now=now,
        hat=hat,
        object_type="identity",
        object_id=case.id,
        patient_id=case.patient_id,
        outcome=outcome.value,
    )
    return case


def visible_cases(hat: Hat) -> QuerySet[IdentityCase]:
    """Return the cases the hat may settle: its facility's."""
    if not rules.may_receive(hat):
        return IdentityCase.objects.none()
    return IdentityCase.objects.filter(facility=hat.facility).select_related(
        "patient", "other_patient", "opened_by__user", "resolved_by__user", "insurance_check"
    )


def access_case(hat: Hat, case_id: UUID, *, lock: bool = False) -> IdentityCase:
    """Return one case.

    Raises:
        NotFound: `identity.not_found`, whether it does not exist or belongs to others.
    """
    cases = visible_cases(hat)
    case = (cases.select_for_update(of=("self",)) if lock else cases).filter(id=case_id).first()
    if case is None:
        raise NotFound(
            "identity.not_found", _("Không có việc đối soát này, hoặc không thuộc cơ sở của anh/chị.")
        )
    return case


def _numbers(card: CardRead) -> list[tuple[IdentifierKind, str]]:
    """The numbers a card adds to a record. A bare number that may be several things adds nothing but what it surely is."""
    numbers: list[tuple[IdentifierKind, str]] = []
    if citizen := citizen_number_of(card):
        numbers.append((IdentifierKind.CITIZEN, citizen))
    if isinstance(card, InsuranceCard):
        numbers.append((IdentifierKind.INSURANCE, card.card_number or card.number))
    elif (insurance := insurance_number_of(card)) and "phone" not in getattr(card, "kinds", ()):
        numbers.append((IdentifierKind.INSURANCE, insurance))
    if isinstance(card, CitizenCard) and card.old_number:
        numbers.append((IdentifierKind.OLD_IDENTITY, card.old_number))
    return numbers


def _own_numbers(patient: Patient, kind: IdentifierKind) -> list[str]:
    return list(patient.identifiers.filter(kind=kind, ended_at=None).values_list("value", flat=True))


def _same_number(kind: IdentifierKind, one: str, other: str) -> bool:
    return one[-10:] == other[-10:] if kind == IdentifierKind.INSURANCE else one == other
