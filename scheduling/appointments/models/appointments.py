"""A promise of somebody's time, and a hold on it."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import F, Func, Q

from scheduling.appointments.codes import CODE_LENGTH, LINK_LENGTH
from scheduling.appointments.enums import OCCUPYING, OPEN, EndReason, Status
from scheduling.appointments.models.people import Beneficiary, Contact
from scheduling.calendars.enums import Purpose
from scheduling.calendars.models import Resource
from telehealth.accounts.models import Membership, User
from telehealth.core.models import Entity
from telehealth.facilities.models import Facility, Specialty
from telehealth.records.models import Patient


def _not_twice(field: str, *more: str) -> ExclusionConstraint:
    """The rule that makes double booking impossible: no two promises of the same person or thing overlap."""
    return ExclusionConstraint(
        name=f"{field}_not_twice",
        expressions=[
            (field, RangeOperators.EQUAL),
            *((other, RangeOperators.EQUAL) for other in more),
            ("during", RangeOperators.OVERLAPS),
        ],
        condition=Q(status__in=OCCUPYING) & Q(**{f"{field}__isnull": False}),
    )


class Appointment(Entity):
    """FHIR Appointment: what is promised to whom, when. PENDING with `hold_until` is a hold, which may have nobody yet.

    `person` is the practitioner's user: nobody is promised twice, whatever the facility and role (Law 15/2023/QH15, Art. 36).
    `lane` is 0, but for what staff squeeze in beside a booking as far as the facility's policy allows.
    Foreign keys without an index of their own are covered by a constraint's, or never searched by: every index slows a rush.
    A row with `part_of` adds one more practitioner or room to another appointment and has no patient of its own.
    """

    code = models.CharField(max_length=CODE_LENGTH, unique=True)
    link = models.CharField(max_length=LINK_LENGTH, unique=True)
    status = models.CharField(max_length=10, choices=Status)
    kind = models.CharField(max_length=15, choices=Purpose)
    facility = models.ForeignKey(
        Facility, on_delete=models.PROTECT, related_name="appointments", db_index=False
    )
    specialty = models.ForeignKey(Specialty, null=True, blank=True, on_delete=models.PROTECT, db_index=False)
    practitioner = models.ForeignKey(
        Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="appointments"
    )
    person = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="appointments", db_index=False
    )
    resource = models.ForeignKey(
        Resource, null=True, blank=True, on_delete=models.PROTECT, related_name="appointments", db_index=False
    )
    contact = models.ForeignKey(
        Contact, null=True, blank=True, on_delete=models.PROTECT, related_name="appointments"
    )
    beneficiary = models.ForeignKey(
        Beneficiary, null=True, blank=True, on_delete=models.PROTECT, related_name="appointments"
    )
    patient = models.ForeignKey(
        Patient, null=True, blank=True, on_delete=models.PROTECT, related_name="appointments"
    )
    part_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="parts")
    during = DateTimeRangeField()  # [start, end)
    lane = models.PositiveSmallIntegerField(default=0)
    reason = models.TextField(blank=True)  # in the patient's own words
    reference = models.CharField(max_length=60, blank=True)  # what it is about elsewhere: "request:<id>"
    holder = models.CharField(max_length=40, blank=True)  # the browser or membership that holds it
    hold_until = models.DateTimeField(null=True, blank=True)
    answer_by = models.DateTimeField(
        null=True, blank=True
    )  # to be confirmed by then: the rule for missed visits
    answered_at = models.DateTimeField(null=True, blank=True)
    booked_by = models.ForeignKey(
        Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    created_at = models.DateTimeField()
    booked_at = models.DateTimeField(null=True, blank=True)
    moved_at = models.DateTimeField(null=True, blank=True)
    arrived_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)  # fulfilled, cancelled or missed
    end_reason = models.CharField(max_length=12, choices=EndReason, blank=True)
    late_minutes = models.PositiveSmallIntegerField(default=0)  # what the practitioner said of their delay

    class Meta:
        constraints = (
            _not_twice("person", "lane"),
            _not_twice("resource"),
            _not_twice("beneficiary"),
            _not_twice("patient"),
            models.CheckConstraint(
                name="appointment_hold_has_an_end",
                condition=Q(status=Status.PENDING, hold_until__isnull=False)
                | (~Q(status=Status.PENDING) & Q(hold_until__isnull=True)),
            ),
            models.CheckConstraint(
                name="appointment_is_for_somebody",
                condition=Q(status__in=[Status.PENDING, Status.CANCELLED])
                | Q(beneficiary__isnull=False)
                | Q(patient__isnull=False)
                | Q(part_of__isnull=False),
            ),
            models.CheckConstraint(
                name="appointment_practitioner_is_a_person",
                condition=Q(practitioner__isnull=True, person__isnull=True)
                | Q(practitioner__isnull=False, person__isnull=False),
            ),
            models.CheckConstraint(
                name="appointment_has_an_end",
                condition=Q(during__isempty=False, during__lower_inf=False, during__upper_inf=False),
            ),
        )
        indexes = (
            GistIndex(
                fields=["facility", "during"],
                opclasses=["gist_uuid_ops", "range_ops"],
                name="appointment_by_facility",
            ),
            models.Index(fields=["holder"], condition=Q(status=Status.PENDING), name="appointment_by_holder"),
            models.Index(
                Func(F("during"), function="lower"),
                condition=Q(status__in=OPEN),
                name="appointment_by_start",
            ),
            models.Index(fields=["booked_at"], name="appointment_by_booking"),
            models.Index(fields=["reference"], condition=~Q(reference=""), name="appointment_by_reference"),
        )

    def __str__(self) -> str:
        return f"appointment {self.id}"
