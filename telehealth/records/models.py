"""Patients, their identifiers, their documents."""

from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Right

from telehealth.accounts.models import Membership, User
from telehealth.core.models import Entity
from telehealth.core.text import fold, given_name_first
from telehealth.facilities.models import Commune, Facility
from telehealth.records.enums import (
    DatePrecision,
    DocumentKind,
    IdentifierKind,
    IdentityCaseKind,
    IdentityOutcome,
    InsuranceState,
    Sex,
)


class Patient(Entity):
    """A patient (người bệnh). The key is ours: no number of any card is stable or always present."""

    full_name = models.CharField(max_length=120)
    name_key = models.CharField(max_length=120, editable=False, db_index=True)
    given_key = models.CharField(max_length=120, editable=False, db_index=True)
    birth_date = models.DateField(null=True, blank=True)
    birth_year = models.PositiveSmallIntegerField(null=True, blank=True, db_index=True)
    birth_precision = models.CharField(max_length=5, choices=DatePrecision, default=DatePrecision.DAY)
    sex = models.CharField(max_length=7, choices=Sex, default=Sex.UNKNOWN)
    ethnicity = models.CharField(max_length=40, blank=True)
    language = models.CharField(max_length=40, blank=True)
    needs_interpreter = models.BooleanField(default=False)
    commune = models.ForeignKey(Commune, null=True, blank=True, on_delete=models.PROTECT)
    address = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    representative = models.CharField(max_length=160, blank=True)
    allergies = models.TextField(blank=True)
    problems = models.TextField(blank=True)
    home_facility = models.ForeignKey(Facility, on_delete=models.PROTECT, related_name="patients")
    account = models.OneToOneField(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="patient"
    )
    created_at = models.DateTimeField()
    is_demonstration = models.BooleanField(default=False)

    class Meta:
        indexes = (GinIndex(fields=["name_key"], opclasses=["gin_trgm_ops"], name="patient_name_trigrams"),)

    def __str__(self) -> str:
        # Ends up in logs and error pages: never the name.
        return f"patient {self.id}"

    def save(self, *args: object, **kwargs: object) -> None:
        self.fill_keys()
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    def fill_keys(self) -> None:
        """Set the derived columns (also for bulk_create, which does not call save)."""
        self.name_key = fold(self.full_name)
        self.given_key = given_name_first(self.full_name)
        if self.birth_date:
            self.birth_year = self.birth_date.year


class PatientIdentifier(Entity):
    """A number that names a patient somewhere: dated, with its source. Never proof of who stands there."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="identifiers")
    kind = models.CharField(max_length=15, choices=IdentifierKind)
    value = models.CharField(max_length=30, db_index=True)
    facility = models.ForeignKey(Facility, null=True, blank=True, on_delete=models.PROTECT)
    source = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(
        null=True, blank=True
    )  # found to be somebody else's; names nobody any more

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["patient", "kind", "value"], name="identifier_once_per_patient"),
        )
        indexes = (
            # The ten digits that stay: a card of ten and a card of fifteen characters name the same person.
            models.Index(
                Right("value", 10),
                condition=Q(kind=IdentifierKind.INSURANCE),
                name="identifier_insurance_tail",
            ),
        )

    def __str__(self) -> str:
        return f"identifier {self.id}"


class Document(Entity):
    """A file in a patient's record. The bytes lie in the upload store under the document's id."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="documents")
    facility = models.ForeignKey(Facility, on_delete=models.PROTECT)
    kind = models.CharField(max_length=12, choices=DocumentKind)
    name = models.CharField(max_length=160)
    content_type = models.CharField(max_length=60)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    created_by = models.ForeignKey(Membership, null=True, on_delete=models.PROTECT)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"document {self.id}"


class InsuranceCheck(Entity):
    """One question to the insurer's portal about one patient, and its answer: kept as evidence (Decree 188/2025, Article 38)."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="insurance_checks")
    facility = models.ForeignKey(Facility, on_delete=models.PROTECT)
    number = models.CharField(max_length=15)  # as asked: ten digits, fifteen characters or a citizen number
    state = models.CharField(max_length=10, choices=InsuranceState, default=InsuranceState.PENDING)
    code = models.CharField(max_length=20, blank=True)  # the portal's, or ours when it gave none
    asked_by = models.ForeignKey(Membership, null=True, on_delete=models.PROTECT)
    asked_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True)  # when to ask (again); None: nothing more to ask
    checked_at = models.DateTimeField(null=True)
    reply: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict, blank=True)
    card_number = models.CharField(max_length=15, blank=True)
    registered_facility = models.CharField(max_length=5, blank=True)
    living_area = models.CharField(max_length=2, blank=True)
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)
    five_years_from = models.DateField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="insurance_check_due"),
            models.Index(fields=["patient", "-asked_at"], name="insurance_check_newest"),
        )

    def __str__(self) -> str:
        return f"insurance check {self.id}"


class IdentityCase(Entity):
    """Two versions of who somebody is, side by side (đối soát danh tính). Never blocks the patient; staff settle it later.

    `ours` and `theirs` hold `full_name`, `born` ("1985-03-02", "1985-03" or "1985"), `sex`, `number`, `source`.
    """

    facility = models.ForeignKey(Facility, on_delete=models.PROTECT)
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="identity_cases")
    other_patient = models.ForeignKey(
        Patient, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    insurance_check = models.ForeignKey(InsuranceCheck, null=True, blank=True, on_delete=models.SET_NULL)
    kind = models.CharField(max_length=15, choices=IdentityCaseKind)
    identifier_kind = models.CharField(max_length=15, choices=IdentifierKind)
    number = models.CharField(max_length=15)
    ours: "models.JSONField[dict[str, str], dict[str, str]]" = models.JSONField(default=dict)
    theirs: "models.JSONField[dict[str, str], dict[str, str]]" = models.JSONField(default=dict)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(
        Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    outcome = models.CharField(max_length=15, choices=IdentityOutcome, blank=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["facility", "patient", "kind", "number"],
                condition=Q(resolved_at__isnull=True),
                name="identity_case_open_once",
            ),
        )
        indexes = (models.Index(fields=["facility", "resolved_at", "opened_at"], name="identity_case_list"),)

    def __str__(self) -> str:
        return f"identity case {self.id}"


class SmartCard(Entity):
    """A smart examination card (thẻ khám thông minh) issued here: finds the record, proves nothing, replaces no legal card."""

    number = models.CharField(max_length=11, unique=True)
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="smart_cards")
    facility = models.ForeignKey(Facility, on_delete=models.PROTECT)
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(Membership, null=True, on_delete=models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(
        Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["patient"], condition=Q(revoked_at__isnull=True), name="smart_card_valid_once"
            ),
        )

    def __str__(self) -> str:
        return f"smart card {self.id}"
