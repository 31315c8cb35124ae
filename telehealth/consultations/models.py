"""The request (case), its call sessions, what was answered and what was signed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from scheduling.appointments.enums import Status
from scheduling.appointments.models import Appointment
from scheduling.appointments.phones import e164
from scheduling.calendars.ranges import interval_of
from telehealth.accounts.models import Membership, User
from telehealth.consultations.enums import (
    DecisionOutcome,
    GuestKind,
    MeetingState,
    Mode,
    Presence,
    RequestState,
    SessionState,
    Side,
    Urgency,
)
from telehealth.core.models import Entity
from telehealth.facilities.models import Department, Facility, Specialty
from telehealth.records.models import Document, Patient

SUMMARY_FIELDS = (
    "chief_complaint",
    "history_of_present_illness",
    "past_history",
    "allergies",
    "examination",
    "investigations",
    "provisional_diagnosis",
    "icd10",
    "management_done",
    "clinical_course",
    "current_medicines",
    "local_resources",
    "record_number",
)
"""Text fields of the case summary (tóm tắt bệnh án), in the order a doctor writes them."""


class Request(Entity):
    """A consultation request: the case. It outlives every call made about it."""

    code = models.CharField(max_length=16, unique=True)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="requests")
    state = models.CharField(max_length=12, choices=RequestState, default=RequestState.DRAFT)
    mode = models.CharField(max_length=20, choices=Mode, default=Mode.TELECONSULT_MDT)
    urgency = models.CharField(max_length=10, choices=Urgency, default=Urgency.ROUTINE)
    specialty = models.ForeignKey(Specialty, null=True, blank=True, on_delete=models.PROTECT)
    hub = models.ForeignKey(
        Facility, null=True, blank=True, on_delete=models.PROTECT, related_name="asked_requests"
    )
    facility = models.ForeignKey(Facility, on_delete=models.PROTECT, related_name="own_requests")
    department = models.ForeignKey(Department, null=True, blank=True, on_delete=models.SET_NULL)
    requester = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="requests_made")
    owner = models.ForeignKey(
        Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="requests_owned"
    )

    chief_complaint = models.TextField(blank=True)
    history_of_present_illness = models.TextField(blank=True)
    past_history = models.TextField(blank=True)
    allergies = models.TextField(blank=True)
    examination = models.TextField(blank=True)
    investigations = models.TextField(blank=True)
    provisional_diagnosis = models.TextField(blank=True)
    icd10 = models.CharField(max_length=60, blank=True)
    management_done = models.TextField(blank=True)
    clinical_course = models.TextField(blank=True)
    current_medicines = models.TextField(blank=True)
    local_resources = models.TextField(blank=True)
    record_number = models.CharField(max_length=40, blank=True)
    admitted_on = models.DateField(null=True, blank=True)

    version = models.PositiveIntegerField(default=0)  # grows with every saved draft
    created_at = models.DateTimeField()
    saved_at = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    concluded_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    close_reason = models.TextField(blank=True)

    class Meta:
        indexes = (
            models.Index(fields=["hub", "specialty", "state"]),
            models.Index(fields=["facility", "state"]),
            models.Index(fields=["owner", "state"]),
        )

    def __str__(self) -> str:
        return self.code


class VitalSigns(Entity):
    """One set of vital signs with its time. Units: /min, °C, mmHg, %, kg, cm, points."""

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="vital_signs")
    measured_at = models.DateTimeField(null=True)
    pulse = models.PositiveSmallIntegerField(null=True)
    temperature = models.DecimalField(max_digits=3, decimal_places=1, null=True)
    systolic = models.PositiveSmallIntegerField(null=True)
    diastolic = models.PositiveSmallIntegerField(null=True)
    respiratory_rate = models.PositiveSmallIntegerField(null=True)
    spo2 = models.PositiveSmallIntegerField(null=True)
    glasgow = models.PositiveSmallIntegerField(null=True)
    pain = models.PositiveSmallIntegerField(null=True)
    weight = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    height = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("position",)

    def __str__(self) -> str:
        return f"vital signs {self.id}"


class Question(Entity):
    """A numbered question. Each must get its own answer (TT 49/2017/TT-BYT Art. 7)."""

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="questions")
    number = models.PositiveSmallIntegerField()
    text = models.TextField()

    class Meta:
        ordering = ("number",)
        constraints = (models.UniqueConstraint(fields=["request", "number"], name="question_number_once"),)

    def __str__(self) -> str:
        return f"question {self.number}"


class Answer(Entity):
    """The specialist's conclusion to one question. Invisible to the other side until signed."""

    question = models.OneToOneField(Question, on_delete=models.PROTECT, related_name="answer")
    author = models.ForeignKey(Membership, on_delete=models.PROTECT)
    conclusion = models.TextField(blank=True)
    further_treatment = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"answer {self.id}"


class Decision(Entity):
    """What the treating doctor does with the signed advice."""

    request = models.OneToOneField(Request, on_delete=models.PROTECT, related_name="decision")
    outcome = models.CharField(max_length=10, choices=DecisionOutcome)
    reason = models.TextField(blank=True)
    decided_by = models.ForeignKey(Membership, on_delete=models.PROTECT)
    decided_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"decision {self.outcome}"


class Note(Entity):
    """A person's own working notes on a case. Only theirs."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="notes")
    author = models.ForeignKey(User, on_delete=models.PROTECT)
    text = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["request", "author"], name="note_once_per_author"),)

    def __str__(self) -> str:
        return f"note {self.id}"


class Attachment(models.Model):
    """A document shown with a case."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="attachments")
    document = models.OneToOneField(Document, on_delete=models.PROTECT, related_name="attachment")

    class Meta:
        ordering = ("document__created_at",)

    def __str__(self) -> str:
        return f"attachment {self.document_id}"


class Minutes(Entity):
    """One version of the minutes (biên bản hội chẩn). Never edited: what changes makes the next version."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="minutes")
    version = models.PositiveSmallIntegerField()
    cause = models.CharField(max_length=10)  # "signed" or "decided"
    content: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField()
    document = models.OneToOneField(Document, on_delete=models.PROTECT)
    signed_by = models.ForeignKey(Membership, on_delete=models.PROTECT)
    signed_at = models.DateTimeField()

    class Meta:
        ordering = ("version",)
        constraints = (models.UniqueConstraint(fields=["request", "version"], name="minutes_version_once"),)

    def __str__(self) -> str:
        return f"minutes v{self.version}"


class Session(Entity):
    """A call about a case. `seq` is the number of the last event in its log."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="sessions")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=8, choices=SessionState, default=SessionState.WAITING)
    seq = models.PositiveIntegerField(default=0)
    encrypted = models.BooleanField(default=False)  # end to end; chosen when opened, never changed
    patient_present = models.BooleanField(default=False)
    media_node = models.CharField(max_length=120, blank=True)
    media_epoch = models.PositiveIntegerField(default=0)
    opened_by = models.ForeignKey(Membership, on_delete=models.PROTECT)
    opened_at = models.DateTimeField()
    live_since = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=12, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["request", "number"], name="session_number_once"),
            models.UniqueConstraint(
                fields=["request"], condition=~Q(state="ended"), name="one_open_session_per_request"
            ),
        )

    def __str__(self) -> str:
        return f"session {self.id}"


class Participant(Entity):
    """One person in one session, as they are now. The event log has the history."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="participants")
    membership = models.ForeignKey(Membership, null=True, on_delete=models.PROTECT)
    guest = models.ForeignKey("GuestLink", null=True, on_delete=models.PROTECT)
    side = models.CharField(max_length=5, choices=Side)
    state = models.CharField(max_length=8, choices=Presence, default=Presence.WAITING)
    was_admitted = models.BooleanField(default=False)
    was_removed = models.BooleanField(default=False)
    microphone = models.BooleanField(default=False)
    camera = models.BooleanField(default=False)
    screen = models.BooleanField(default=False)
    exam = models.BooleanField(default=False)
    auscultation = models.BooleanField(default=False)
    arrived_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["session", "membership"], name="participant_once"),
            models.UniqueConstraint(fields=["session", "guest"], name="guest_once"),
            models.CheckConstraint(
                condition=Q(membership__isnull=False) ^ Q(guest__isnull=False), name="participant_is_somebody"
            ),
        )
        ordering = ("arrived_at",)

    def __str__(self) -> str:
        return f"participant {self.id}"

    @property
    def display_name(self) -> str:
        """How they are called in the room."""
        if self.guest is not None:
            return self.guest.name
        return self.membership.user.display_name if self.membership else ""


class RoomEvent(models.Model):
    """One row of a session's event log. The database refuses to change or delete it (migration 0002)."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="events")
    seq = models.PositiveIntegerField()
    at = models.DateTimeField()
    body: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField()

    class Meta:
        ordering = ("seq",)
        constraints = (models.UniqueConstraint(fields=["session", "seq"], name="room_event_seq_once"),)

    def __str__(self) -> str:
        return f"event {self.seq}"


class CommandReceipt(models.Model):
    """A room command that took effect, by the client's idempotency key: a repeat is answered from here."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE)
    principal = models.UUIDField()  # id of the membership or of the guest's link
    key = models.UUIDField()
    seq = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["session", "principal", "key"], name="command_once"),)

    def __str__(self) -> str:
        return f"command {self.key}"


SUMMARY_OF_VISIT = ("findings", "advice", "warning_signs", "follow_up")
"""Text fields of what a patient gets to read after a visit, in the order they are read."""


class Visit(models.Model):
    """What a remote appointment has beyond its booking (khám từ xa; Law 15/2023/QH15, Article 80(1)): its request and summary.

    When, with whom and about whom is the appointment's to say. `request` is made when the room is first opened: until then
    nobody's record is touched.
    """

    appointment = models.OneToOneField(
        Appointment, primary_key=True, on_delete=models.PROTECT, related_name="visit"
    )
    request = models.OneToOneField(Request, null=True, on_delete=models.PROTECT, related_name="visit")
    findings = models.TextField(blank=True)
    advice = models.TextField(blank=True)
    warning_signs = models.TextField(blank=True)
    follow_up = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=0)  # grows with every saved draft of the summary
    saved_at = models.DateTimeField(null=True)
    signed_at = models.DateTimeField(null=True)  # before that the summary is the practitioner's draft

    def __str__(self) -> str:
        # Ends up in logs and error pages: never the name.
        return f"visit {self.pk}"

    @property
    def id(self) -> UUID:
        """The appointment's id, by which pages name it."""
        return self.appointment_id

    @property
    def practitioner(self) -> Membership:
        assert self.appointment.practitioner is not None, "somebody holds the visit"
        return self.appointment.practitioner

    @property
    def starts_at(self) -> datetime:
        return interval_of(self.appointment.during).start

    @property
    def ends_at(self) -> datetime:
        return interval_of(self.appointment.during).end

    @property
    def is_cancelled(self) -> bool:
        return self.appointment.status == Status.CANCELLED

    @property
    def name(self) -> str:
        """Who is seen, as the booking says."""
        about = self.appointment.patient or self.appointment.beneficiary
        return about.full_name if about else ""

    @property
    def phone(self) -> str:
        """Where messages and codes go, E.164; "" when none is known."""
        if self.appointment.contact is not None:
            return self.appointment.contact.phone
        return (e164(self.appointment.patient.phone) or "") if self.appointment.patient else ""

    @property
    def reason(self) -> str:
        """Why, in the patient's own words."""
        return self.appointment.reason


class GuestLink(Entity):
    """Lets one person without an account into one visit: a signed address of which only the digest is kept.

    A link is never changed, only revoked; who needs another gets another. It ends with its visit (`domain.guests.ends_at`).
    """

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="links")
    kind = models.CharField(max_length=8, choices=GuestKind)
    name = models.CharField(max_length=120)
    phone = models.CharField(max_length=20)  # E.164: where the one-time code goes
    digest = models.CharField(max_length=64, unique=True)
    issued_by = models.ForeignKey(Membership, null=True, on_delete=models.PROTECT)
    issued_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["visit"],
                condition=Q(kind=GuestKind.PATIENT, revoked_at__isnull=True),
                name="one_patient_link",
            ),
        )
        ordering = ("issued_at",)

    def __str__(self) -> str:
        return f"guest link {self.id}"


class Meeting(Entity):
    """A time for the people of a case to meet: asked for, agreed, moved. `round` grows with every new set of times."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="meetings")
    state = models.CharField(max_length=9, choices=MeetingState, default=MeetingState.PROPOSED)
    proposed_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    times: "ArrayField[list[datetime], list[datetime]]" = ArrayField(models.DateTimeField())
    minutes = models.PositiveSmallIntegerField(default=30)
    round = models.PositiveSmallIntegerField(default=1)
    starts_at = models.DateTimeField(null=True)  # what was agreed
    changed_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["request"], condition=Q(state__in=["proposed", "agreed"]), name="one_open_meeting"
            ),
            models.CheckConstraint(
                condition=~Q(state="agreed") | Q(starts_at__isnull=False), name="meeting_agreed_on_a_time"
            ),
        )

    def __str__(self) -> str:
        return f"meeting {self.id}"


class Invitee(Entity):
    """One person of a meeting and the times that suit them. None answered: not yet (iCalendar NEEDS-ACTION)."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="invitees")
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    accepts: "ArrayField[list[datetime], list[datetime]]" = ArrayField(models.DateTimeField(), default=list)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["meeting", "membership"], name="invitee_once"),)

    def __str__(self) -> str:
        return f"invitee {self.id}"
