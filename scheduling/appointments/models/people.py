"""Phones that were verified, and the people who are booked for with them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from scheduling.appointments.enums import Relation
from scheduling.queues.enums import PriorityReason
from telehealth.accounts.models import Membership
from telehealth.core.models import Entity
from telehealth.records.enums import DatePrecision, Sex
from telehealth.records.models import Patient


class Contact(Entity):
    """A verified phone. It often serves a whole family and may change hands: never an identity."""

    phone = models.CharField(max_length=16, unique=True)  # E.164
    typed = models.CharField(max_length=24)  # as it was typed first, an old 11-digit prefix included
    language = models.CharField(max_length=2, default="vi")
    created_at = models.DateTimeField()
    verified_at = models.DateTimeField()
    passes_from = models.DateTimeField()  # passes given to browsers before that are void
    is_demonstration = models.BooleanField(default=False)

    def __str__(self) -> str:
        # Ends up in logs and error pages: never the number.
        return f"contact {self.id}"


class PhoneCode(Entity):
    """A one-time code sent to a phone. Only its keyed digest is kept, and that for a day."""

    phone = models.CharField(max_length=16)
    address = models.CharField(max_length=45)
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=["phone", "created_at"], name="phone_code_by_phone"),
            models.Index(fields=["address", "created_at"], name="phone_code_by_address"),
        )

    def __str__(self) -> str:
        return f"phone code {self.id}"


class Beneficiary(Entity):
    """The person who is booked for, as the holder of the phone describes them. Staff alone tie them to a record."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="beneficiaries")
    relation = models.CharField(max_length=6, choices=Relation, default=Relation.SELF)
    full_name = models.CharField(max_length=120)
    birth_date = models.DateField(null=True, blank=True)  # None when only the year is known
    birth_year = models.PositiveSmallIntegerField()
    birth_precision = models.CharField(max_length=5, choices=DatePrecision, default=DatePrecision.DAY)
    sex = models.CharField(max_length=7, choices=Sex, default=Sex.UNKNOWN)
    citizen_number = models.CharField(max_length=12, blank=True)
    insurance_number = models.CharField(max_length=15, blank=True)
    priority_reasons = ArrayField(
        models.CharField(max_length=12, choices=PriorityReason), default=list, blank=True
    )  # as told; age is not told but computed
    patient = models.ForeignKey(
        Patient, null=True, blank=True, on_delete=models.SET_NULL, related_name="beneficiaries"
    )
    linked_by = models.ForeignKey(
        Membership, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    linked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("created_at",)

    def __str__(self) -> str:
        return f"beneficiary {self.id}"
