"""Patients, their identifiers, their documents."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models

from telehealth.accounts.models import Membership, User
from telehealth.core.models import Entity
from telehealth.core.text import fold, given_name_first
from telehealth.facilities.models import Commune, Facility
from telehealth.records.enums import DatePrecision, DocumentKind, IdentifierKind, Sex


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

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["patient", "kind", "value"], name="identifier_once_per_patient"),
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
