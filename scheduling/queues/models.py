"""Areas, services and rooms of a facility; the day's numbers; the log of what happened to them.

The log (`QueueEvent`) is append-only with a sequence per area that has no gaps; the rows of `Ticket` are what it adds up to.
"""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q

from scheduling.queues.enums import (
    LIVE,
    DeviceKind,
    EventKind,
    PriorityReason,
    RoomKind,
    Series,
    TicketSource,
    TicketState,
)
from telehealth.accounts.models import Membership
from telehealth.core.models import Entity
from telehealth.facilities.models import Facility

AT_LEAST_ONE = MinValueValidator(1)


class QueueArea(Entity):
    """A part of a facility with one display and one waiting crowd ("Khu khám bệnh tầng 1"), and how it calls."""

    facility = models.ForeignKey(Facility, on_delete=models.PROTECT, related_name="queue_areas")
    name = models.CharField(max_length=80)
    place = models.CharField(max_length=120, blank=True)  # "Nhà A, tầng 1"
    emergency_place = models.CharField(max_length=120, blank=True)  # where who cannot wait goes at once
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)
    # While both wait, so many of one series are called, then so many of the other.
    priority_share = models.PositiveSmallIntegerField(default=1, validators=[AT_LEAST_ONE])
    ordinary_share = models.PositiveSmallIntegerField(default=2, validators=[AT_LEAST_ONE])
    # Who was away comes back after so many further calls, so many times without asking.
    back_after = models.PositiveSmallIntegerField(default=3, validators=[AT_LEAST_ONE])
    back_times = models.PositiveSmallIntegerField(default=1)
    near = models.PositiveSmallIntegerField(default=3)  # "your turn is near" from so many before you
    voices = ArrayField(models.CharField(max_length=8), default=list, blank=True)  # [] means Vietnamese

    class Meta:
        ordering = ("position", "name")
        constraints = (
            models.UniqueConstraint(fields=["facility", "name"], name="queue_area_once"),
            models.CheckConstraint(
                condition=Q(priority_share__gte=1, ordinary_share__gte=1, back_after__gte=1),
                name="queue_area_shares",
            ),
        )

    def __str__(self) -> str:
        return self.name


class QueueService(Entity):
    """What one waits for in an area ("Khám nội", "Thu viện phí"). Each has its own numbers, from 1 every day.

    `mark`: a letter that tells its numbers from those of the area's other services ("AX012"); one of them may go without.
    """

    area = models.ForeignKey(QueueArea, on_delete=models.PROTECT, related_name="services")
    name = models.CharField(max_length=80)
    mark = models.CharField(max_length=1, blank=True, validators=[RegexValidator("^[BDEGHKLMNPQRSTVXY]$")])
    minutes = models.PositiveSmallIntegerField(default=8, validators=[AT_LEAST_ONE])
    """How long one person takes, as long as the day itself has not shown it."""
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ("position", "name")
        constraints = (
            models.UniqueConstraint(fields=["area", "name"], name="queue_service_once"),
            models.UniqueConstraint(fields=["area", "mark"], name="queue_service_mark_once"),
        )

    def __str__(self) -> str:
        return self.name


class QueueRoom(Entity):
    """A room or counter that calls numbers of some of its area's services."""

    area = models.ForeignKey(QueueArea, on_delete=models.PROTECT, related_name="rooms")
    kind = models.CharField(max_length=8, choices=RoomKind, default=RoomKind.ROOM)
    name = models.CharField(max_length=60)  # as on the door: "Phòng khám số 3"
    number = models.PositiveSmallIntegerField(null=True)  # what the voice says
    services = models.ManyToManyField(QueueService, related_name="rooms")
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ("position", "name")
        constraints = (models.UniqueConstraint(fields=["area", "name"], name="queue_room_once"),)

    def __str__(self) -> str:
        return self.name


class QueueCounter(models.Model):
    """The last number given of a series of a service on a day. Taken from only by `take_number`'s one statement."""

    service = models.ForeignKey(QueueService, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    series = models.CharField(max_length=1, choices=Series)
    value = models.PositiveIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["service", "day", "series"], name="queue_counter_once"),
        )

    def __str__(self) -> str:
        return f"{self.service_id} {self.day} {self.series}{self.value}"


class AreaLog(models.Model):
    """The sequence of an area's log. Whoever changes an area's numbers locks this row first."""

    area = models.OneToOneField(QueueArea, primary_key=True, on_delete=models.PROTECT, related_name="log")
    seq = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.area_id} {self.seq}"


class ServiceDay(models.Model):
    """Where a service stands in its order on a day: what `order` has to know of the calls made."""

    service = models.ForeignKey(QueueService, on_delete=models.PROTECT, related_name="days")
    day = models.DateField()
    calls = models.PositiveIntegerField(default=0)
    run_series = models.CharField(max_length=1, choices=Series, blank=True)
    run_length = models.PositiveIntegerField(default=0)
    last_came_back = models.BooleanField(default=False)
    last_online = models.BooleanField(default=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["service", "day"], name="service_day_once"),)

    def __str__(self) -> str:
        return f"{self.service_id} {self.day}"


class Ticket(Entity):
    """One number of one day. Of the person it knows a masked name and somebody else's reference, nothing more."""

    service = models.ForeignKey(QueueService, on_delete=models.PROTECT, related_name="tickets")
    area = models.ForeignKey(QueueArea, on_delete=models.PROTECT, related_name="tickets")
    day = models.DateField()
    series = models.CharField(max_length=1, choices=Series)
    number = models.PositiveIntegerField()
    code = models.CharField(max_length=8)
    """As printed, shown and called: series, mark, three or more digits ("A012", "UX003")."""
    state = models.CharField(max_length=10, choices=TicketState, default=TicketState.WAITING)
    label = models.CharField(max_length=60, blank=True)  # masked: "N*** T** L**"
    reference = models.CharField(
        max_length=80, blank=True
    )  # whose it is, to who gave it out: "registration:<id>"
    source = models.CharField(max_length=8, choices=TicketSource)
    priority_reasons = ArrayField(
        models.CharField(max_length=12, choices=PriorityReason), default=list, blank=True
    )
    window_start = models.DateTimeField(null=True)
    window_end = models.DateTimeField(null=True)
    taken_at = models.DateTimeField()
    room = models.ForeignKey(QueueRoom, null=True, on_delete=models.PROTECT, related_name="tickets")
    """Who called; or, while waiting, the only room that may call."""
    called_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    calls = models.PositiveSmallIntegerField(default=0)
    skips = models.PositiveSmallIntegerField(default=0)
    back_at = models.PositiveIntegerField(null=True)
    """Comes back when its service has made so many calls (`ServiceDay.calls`)."""
    moved_from = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="continuations")
    """The number this one continues. A move that was undone leaves a cancelled continuation behind."""
    token = models.CharField(max_length=32, unique=True)  # opens the patient's live place
    key = models.UUIDField(null=True, unique=True)  # of the command that took it: taken twice is taken once

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["service", "day", "series", "number"], name="ticket_number_once"),
            models.UniqueConstraint(fields=["area", "day", "code"], name="ticket_code_once"),
            models.CheckConstraint(
                condition=Q(window_start__isnull=True, window_end__isnull=True)
                | Q(window_end__gt=F("window_start")),
                name="ticket_window",
            ),
        )
        indexes = (
            models.Index(fields=["area", "day", "state"], name="ticket_by_area"),
            models.Index(fields=["service", "day"], name="ticket_live", condition=Q(state__in=LIVE)),
            models.Index(fields=["reference"], name="ticket_by_reference", condition=~Q(reference="")),
        )

    def __str__(self) -> str:
        return self.code


class QueueEvent(models.Model):
    """A row of an area's log: what happened to one number, and what the number was like before. Append-only."""

    area = models.ForeignKey(QueueArea, on_delete=models.PROTECT, related_name="events")
    seq = models.BigIntegerField()
    at = models.DateTimeField()
    day = models.DateField()
    act = models.UUIDField()
    """What one press of a button did has one act: it is repeated once and undone whole."""
    kind = models.CharField(max_length=10, choices=EventKind)
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="events")
    room = models.ForeignKey(QueueRoom, null=True, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(Membership, null=True, on_delete=models.PROTECT, related_name="+")
    body: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField()
    """The number as it is now (`queue_events.TicketInfo`)."""
    before: "models.JSONField[dict[str, Any] | None, dict[str, Any] | None]" = models.JSONField(null=True)
    """What undoing puts back."""

    class Meta:
        constraints = (models.UniqueConstraint(fields=["area", "seq"], name="queue_event_once"),)
        indexes = (
            models.Index(fields=["act"], name="queue_event_by_act"),
            models.Index(fields=["room", "-id"], name="queue_event_by_room"),
        )

    def __str__(self) -> str:
        return f"{self.area_id} {self.seq} {self.kind}"


class QueueDevice(Entity):
    """A board or kiosk that stands in an area without anybody signed in. Of its key only the hash is kept."""

    area = models.ForeignKey(QueueArea, on_delete=models.CASCADE, related_name="devices")
    kind = models.CharField(max_length=8, choices=DeviceKind)
    name = models.CharField(max_length=60)
    key_hash = models.CharField(max_length=64, unique=True)
    added_by = models.ForeignKey(Membership, null=True, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name
