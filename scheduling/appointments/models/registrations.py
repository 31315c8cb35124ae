"""Registration for examination: a place in a session, with a window to arrive in; the number comes at the day."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Coalesce

from scheduling.appointments.codes import CODE_LENGTH, LINK_LENGTH
from scheduling.appointments.enums import OCCUPYING, EndReason, Status
from scheduling.appointments.models.people import Beneficiary, Contact
from scheduling.calendars.enums import SessionKind, Weekday
from scheduling.queues.enums import PriorityReason
from scheduling.queues.models import QueueService, Ticket
from telehealth.accounts.models import Membership
from telehealth.core.models import Entity
from telehealth.core.text import in_page_language
from telehealth.facilities.models import Facility


class ExamService(Entity):
    """What one can register for at a facility ("Khám nội"), and how many a session takes."""

    facility = models.ForeignKey(Facility, on_delete=models.CASCADE, related_name="exam_services")
    key = models.SlugField(max_length=40)
    name_vi = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)
    queue_service = models.ForeignKey(
        QueueService, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )  # where check-in takes the number
    capacity = models.PositiveSmallIntegerField(default=40)  # a session
    sessions = ArrayField(models.CharField(max_length=10, choices=SessionKind), default=list, blank=True)
    weekdays = ArrayField(
        models.PositiveSmallIntegerField(choices=Weekday), default=list, blank=True
    )  # empty: each that the facility works
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ("position", "name_vi")
        constraints = (
            models.UniqueConstraint(fields=["facility", "key"], name="exam_service_once_per_facility"),
        )

    def __str__(self) -> str:
        return self.name_vi

    @property
    def name(self) -> str:
        """The name in the language of the page."""
        return in_page_language(self.name_vi, self.name_en)


class ExamSession(models.Model):
    """The places of one service in one session of a day: the counter row that registrations take from.

    Places are 1, 2, … without gaps. `issued` is the highest place ever given, `freed` the ones given back below it, lowest
    first; what is taken is `issued` less the freed ones. One statement takes a place (`domain/registrations.py`).
    """

    service = models.ForeignKey(ExamService, on_delete=models.CASCADE, related_name="days")
    day = models.DateField()
    session = models.CharField(max_length=10, choices=SessionKind)
    capacity = models.PositiveSmallIntegerField()  # with overbooking
    opens = models.DateTimeField()
    closes = models.DateTimeField()
    issued = models.PositiveSmallIntegerField(default=0)
    freed: "ArrayField[list[int], list[int]]" = ArrayField(models.PositiveSmallIntegerField(), default=list)
    last = models.PositiveSmallIntegerField(default=0)  # the place given last

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["service", "day", "session"], name="exam_session_once"),
            models.CheckConstraint(name="exam_session_closes", condition=Q(closes__gt=F("opens"))),
            models.CheckConstraint(
                name="exam_session_frees_what_was_issued",
                condition=Q(
                    issued__gte=Coalesce(
                        Func(F("freed"), 1, function="array_length", output_field=models.IntegerField()), 0
                    )
                ),
            ),
        )

    def __str__(self) -> str:
        return f"{self.service_id} {self.day} {self.session}"


class Registration(Entity):
    """Somebody's place in an exam session. PENDING is a place offered to the waiting list. It never holds a number."""

    code = models.CharField(max_length=CODE_LENGTH, unique=True)
    link = models.CharField(max_length=LINK_LENGTH, unique=True)
    status = models.CharField(max_length=10, choices=Status)
    exam_session = models.ForeignKey(ExamSession, on_delete=models.PROTECT, related_name="registrations")
    facility = models.ForeignKey(
        Facility, on_delete=models.PROTECT, related_name="registrations", db_index=False
    )
    day = models.DateField()
    session = models.CharField(max_length=10, choices=SessionKind)
    place = models.PositiveSmallIntegerField()
    arrive_from = models.DateTimeField()
    arrive_to = models.DateTimeField()
    contact = models.ForeignKey(
        Contact, null=True, blank=True, on_delete=models.PROTECT, related_name="registrations"
    )
    beneficiary = models.ForeignKey(Beneficiary, on_delete=models.PROTECT, related_name="registrations")
    insured = models.BooleanField()
    priority_reasons = ArrayField(
        models.CharField(max_length=12, choices=PriorityReason), default=list, blank=True
    )
    hold_until = models.DateTimeField(null=True, blank=True)
    answer_by = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    booked_by = models.ForeignKey(
        Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    created_at = models.DateTimeField()
    booked_at = models.DateTimeField(null=True, blank=True)
    arrived_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=12, choices=EndReason, blank=True)
    ticket = models.OneToOneField(
        Ticket, null=True, blank=True, on_delete=models.PROTECT, related_name="registration"
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["exam_session", "place"],
                condition=~Q(status=Status.CANCELLED),
                name="registration_place_once",
            ),
            models.UniqueConstraint(
                fields=["beneficiary", "day", "session"],
                condition=Q(status__in=OCCUPYING),
                name="registration_once_per_session",
            ),
            models.CheckConstraint(
                name="registration_hold_has_an_end",
                condition=Q(status=Status.PENDING, hold_until__isnull=False)
                | (~Q(status=Status.PENDING) & Q(hold_until__isnull=True)),
            ),
        )
        indexes = (models.Index(fields=["facility", "day", "session"], name="registration_by_session"),)

    def __str__(self) -> str:
        return f"registration {self.id}"
