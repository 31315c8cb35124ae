"""Asking about somebody's insurance, and what becomes of the answer. Nothing here waits for a portal, and nothing stops reception."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from telehealth.accounts.hat import Hat
from telehealth.audit.log import record
from telehealth.core.announce import announce_on_commit
from telehealth.core.errors import NotAllowed
from telehealth.records import rules
from telehealth.records.comparison import Difference, Version, differences, version_of_patient
from telehealth.records.domain.identity import open_case
from telehealth.records.enums import IdentifierKind, IdentityCaseKind, InsuranceState
from telehealth.records.models import InsuranceCheck, Patient

FRESH = timedelta(hours=12)
"""How long an answer counts: a session of a day. An older one is asked anew at the next visit."""
FIRST_TRY_WITHIN = timedelta(seconds=60)
"""When the worker's sweep takes up a question whose hint was lost."""
_PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 60, 120, 240, 480))


@dataclass(frozen=True)
class Answer:
    """What a portal said about a card, in our words. `mismatch`: which detail it says is wrong, if it says so itself."""

    state: InsuranceState
    code: str
    reply: Mapping[str, Any]
    version: Version | None = None
    mismatch: IdentityCaseKind | None = None
    card_number: str = ""
    registered_facility: str = ""
    living_area: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    five_years_from: date | None = None


def next_try(*, attempts: int, now: datetime) -> datetime | None:
    """Return when to ask again after that many attempts without an answer; None after the last, about 16 hours on."""
    return now + _PAUSES[attempts - 1] if attempts <= len(_PAUSES) else None


@transaction.atomic
def ask_check(
    *, hat: Hat, patient: Patient, number: str, now: datetime, again: bool = False
) -> InsuranceCheck:
    """Ask about a number, or return the fresh question that is already on its way or answered (unless `again`).

    Raises:
        NotAllowed: `desk.not_allowed`.
    """
    if not rules.may_receive(hat):
        raise NotAllowed("desk.not_allowed", _("Chỉ điều dưỡng và quản trị cơ sở làm việc ở quầy tiếp đón."))
    Patient.objects.select_for_update().get(id=patient.id)
    asked = InsuranceCheck.objects.filter(
        patient=patient, facility=hat.facility, number=number, asked_at__gt=now - FRESH
    )
    if not again and (known := asked.order_by("-asked_at").first()):
        return known
    check = InsuranceCheck.objects.create(
        patient=patient,
        facility=hat.facility,
        number=number,
        asked_by=hat.membership,
        asked_at=now,
        due_at=now + FIRST_TRY_WITHIN,
    )
    record(
        "insurance.asked",
        now=now,
        hat=hat,
        object_type="insurance_check",
        object_id=check.id,
        patient_id=patient.id,
    )
    announce_on_commit("insurance.asked", now=now, check=str(check.id))
    return check


@transaction.atomic
def note_answer(*, check_id: UUID, answer: Answer, now: datetime) -> InsuranceCheck:
    """Write an answer down. Details that contradict the record open an identity case; a silent portal is asked again later."""
    check = InsuranceCheck.objects.select_for_update().select_related("patient", "facility").get(id=check_id)
    check.attempts += 1
    check.code, check.reply, check.checked_at = answer.code, dict(answer.reply), now
    check.card_number, check.registered_facility = answer.card_number, answer.registered_facility
    check.living_area, check.valid_from, check.valid_to = (
        answer.living_area,
        answer.valid_from,
        answer.valid_to,
    )
    check.five_years_from = answer.five_years_from
    state = answer.state
    kind = answer.mismatch
    if state == InsuranceState.VALID and answer.version:
        against = differences(version_of_patient(check.patient), answer.version)
        if against:
            state, kind = InsuranceState.MISMATCH, _kind_of(against)
    check.state = state
    check.due_at = next_try(attempts=check.attempts, now=now) if state == InsuranceState.UNVERIFIED else None
    check.save()
    if kind is not None:
        open_case(
            facility=check.facility,
            patient=check.patient,
            kind=kind,
            identifier_kind=IdentifierKind.CITIZEN if len(check.number) == 12 else IdentifierKind.INSURANCE,
            number=check.number,
            ours=version_of_patient(check.patient, check.number),
            theirs=answer.version or Version("portal", number=check.number),
            check=check,
            by=None,
            now=now,
        )
    record(
        "insurance.answered",
        now=now,
        hat=None,
        object_type="insurance_check",
        object_id=check.id,
        patient_id=check.patient_id,
        state=state.value,
        code=answer.code,
    )
    announce_on_commit("insurance.answered", now=now, check=str(check.id), facility=str(check.facility_id))
    return check


def due_checks(*, now: datetime, limit: int = 50) -> list[UUID]:
    """Return questions that wait for an attempt, the longest waiting first."""
    due = InsuranceCheck.objects.filter(due_at__lte=now).order_by("due_at")
    return list(due.values_list("id", flat=True)[:limit])


@transaction.atomic
def claim_check(*, check_id: UUID, now: datetime, lease: timedelta) -> InsuranceCheck | None:
    """Take a question to ask the portal; None when another worker has it or it is answered. The lease ends by itself."""
    check = (
        InsuranceCheck.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("patient", "facility")
        .filter(id=check_id, due_at__isnull=False)
        .first()
    )
    if check is None or (check.state != InsuranceState.PENDING and check.due_at and check.due_at > now):
        return None
    check.due_at = now + lease
    check.save(update_fields=["due_at"])
    return check


def newest_check(patient: Patient, *, now: datetime) -> InsuranceCheck | None:
    """Return the fresh question about a patient, the newest one."""
    return patient.insurance_checks.filter(asked_at__gt=now - FRESH).order_by("-asked_at").first()


def _kind_of(against: frozenset[Difference]) -> IdentityCaseKind:
    if against == {Difference.NAME}:
        return IdentityCaseKind.PORTAL_NAME
    if against == {Difference.BIRTH}:
        return IdentityCaseKind.PORTAL_BIRTH
    return IdentityCaseKind.DETAILS_DIFFER
