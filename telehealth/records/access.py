"""The door to patients. Same answer for "not there" and "not yours"."""

from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from telehealth.accounts.hat import Hat
from telehealth.audit.log import record
from telehealth.core.errors import NotFound
from telehealth.records import rules
from telehealth.records.models import Patient, PatientIdentifier


def access_patient(hat: Hat, patient_id: UUID, *, now: datetime, act: str = "viewed") -> Patient:
    """Return a patient the hat's facility treats, and audit the look.

    Raises:
        NotFound: `patient.not_found`, whether it does not exist or belongs to others.
    """
    patient = None
    if hat.is_clinical:
        patient = (
            Patient.objects.filter(id=patient_id)
            .filter(Q(home_facility=hat.facility) | Q(requests__facility=hat.facility))
            .select_related("commune", "home_facility")
            .distinct()
            .first()
        )
    if patient is None:
        raise NotFound(
            "patient.not_found", _("Không có hồ sơ này, hoặc hồ sơ không thuộc cơ sở của anh/chị.")
        )
    record(
        f"patient.{act}", now=now, hat=hat, object_type="patient", object_id=patient.id, patient_id=patient.id
    )
    return patient


def access_patient_by_number(hat: Hat, patient_id: UUID, number: str, *, now: datetime) -> Patient:
    """Return a patient of another facility who was found by a whole number read from their own card.

    Raises:
        NotFound: `patient.not_found`.
    """
    patient = None
    if hat.is_clinical and number:
        holds = PatientIdentifier.objects.filter(patient=OuterRef("pk"), value=number.upper(), ended_at=None)
        patient = Patient.objects.filter(Exists(holds), id=patient_id).select_related("commune").first()
    if patient is None:
        raise NotFound(
            "patient.not_found", _("Không có hồ sơ này, hoặc hồ sơ không thuộc cơ sở của anh/chị.")
        )
    record(
        "patient.opened_by_number",
        now=now,
        hat=hat,
        object_type="patient",
        object_id=patient.id,
        patient_id=patient.id,
    )
    return patient


def access_patient_at_desk(hat: Hat, patient_id: UUID, *, named: bool, now: datetime) -> Patient:
    """Return a patient who is being received: one of the hat's facility, or one whom their own card named (`named`).

    Raises:
        NotFound: `patient.not_found`.
    """
    patient = None
    if rules.may_receive(hat):
        own = Q(home_facility=hat.facility) | Q(requests__facility=hat.facility)
        found = Patient.objects.filter(id=patient_id)
        found = found if named else found.filter(own)
        patient = found.select_related("commune", "home_facility").distinct().first()
    if patient is None:
        raise NotFound(
            "patient.not_found", _("Không có hồ sơ này, hoặc hồ sơ không thuộc cơ sở của anh/chị.")
        )
    record(
        "patient.received_at_desk",
        now=now,
        hat=hat,
        object_type="patient",
        object_id=patient.id,
        patient_id=patient.id,
    )
    return patient
