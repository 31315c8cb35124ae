"""Who waits for a place, and what was offered to them."""

from django.db import models
from django.db.models import F, Q

from scheduling.appointments.codes import LINK_LENGTH
from scheduling.appointments.enums import Answer, WaitingState
from scheduling.appointments.models.appointments import Appointment
from scheduling.appointments.models.people import Beneficiary, Contact
from scheduling.appointments.models.registrations import ExamService, Registration
from scheduling.calendars.enums import Purpose, SessionKind
from telehealth.accounts.models import Membership
from telehealth.core.models import Entity
from telehealth.facilities.models import Facility, Specialty


class WaitingEntry(Entity):
    """A wish for a place that is not there: for a registration when `service` is set, else for an appointment of a `kind`.

    Empty choices mean any. Order: who let fewer offers pass, then who came first.
    """

    facility = models.ForeignKey(Facility, on_delete=models.CASCADE, related_name="waiting_entries")
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="waiting_entries")
    beneficiary = models.ForeignKey(Beneficiary, on_delete=models.PROTECT, related_name="waiting_entries")
    kind = models.CharField(max_length=15, choices=Purpose, blank=True)
    practitioner = models.ForeignKey(
        Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="waiting_entries"
    )
    specialty = models.ForeignKey(Specialty, null=True, blank=True, on_delete=models.PROTECT)
    service = models.ForeignKey(ExamService, null=True, blank=True, on_delete=models.CASCADE)
    session = models.CharField(max_length=10, choices=SessionKind, blank=True)
    insured = models.BooleanField(default=False)
    first_day = models.DateField()
    last_day = models.DateField()
    reason = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=WaitingState, default=WaitingState.WAITING)
    passed = models.PositiveSmallIntegerField(default=0)  # offers let pass without an answer
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(name="waiting_days", condition=Q(last_day__gte=F("first_day"))),
            models.CheckConstraint(
                name="waiting_for_one_thing",
                condition=Q(kind="", service__isnull=False) | (~Q(kind="") & Q(service__isnull=True)),
            ),
        )
        indexes = (
            models.Index(
                fields=["facility", "passed", "created_at"],
                condition=Q(state=WaitingState.WAITING),
                name="waiting_in_order",
            ),
        )

    def __str__(self) -> str:
        return f"waiting entry {self.id}"


class Offer(Entity):
    """A place kept for one person of the waiting list until `deadline`. The place itself is a hold."""

    entry = models.ForeignKey(WaitingEntry, on_delete=models.CASCADE, related_name="offers")
    appointment = models.ForeignKey(
        Appointment, null=True, blank=True, on_delete=models.SET_NULL, related_name="offers"
    )
    registration = models.ForeignKey(
        Registration, null=True, blank=True, on_delete=models.SET_NULL, related_name="offers"
    )
    start = models.DateTimeField()  # of what was offered: one place is not offered twice to the same person
    link = models.CharField(max_length=LINK_LENGTH, unique=True)
    made_at = models.DateTimeField()
    deadline = models.DateTimeField()
    answer = models.CharField(max_length=10, choices=Answer, default=Answer.OPEN)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["entry"], condition=Q(answer=Answer.OPEN), name="offer_one_open_per_entry"
            ),
            models.UniqueConstraint(
                fields=["appointment"], condition=Q(answer=Answer.OPEN), name="offer_one_open_per_appointment"
            ),
            models.UniqueConstraint(
                fields=["registration"],
                condition=Q(answer=Answer.OPEN),
                name="offer_one_open_per_registration",
            ),
        )
        indexes = (
            models.Index(fields=["deadline"], condition=Q(answer=Answer.OPEN), name="offer_by_deadline"),
        )

    def __str__(self) -> str:
        return f"offer {self.id}"
