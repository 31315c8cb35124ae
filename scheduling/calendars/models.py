"""Time of facilities, people and things. Only what people decided is stored; free time is computed (`slots`)."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Deferrable, F, Q

from scheduling.calendars.enums import (
    DayKind,
    DutyRank,
    ExceptionKind,
    LeaveKind,
    LeaveState,
    Purpose,
    ResourceKind,
    RosterCover,
    SessionKind,
    SwapState,
    Weekday,
)
from telehealth.accounts.models import Membership, User
from telehealth.core.models import Entity
from telehealth.facilities.models import Department, Facility, Specialty

_WHOSE = Q(membership__isnull=False, resource__isnull=True) | Q(
    membership__isnull=True, resource__isnull=False
)

## Facilities ---


class WorkingHours(Entity):
    """One session of one weekday of a facility. Hours that change with the season are rows with dates."""

    facility = models.ForeignKey(Facility, on_delete=models.CASCADE, related_name="working_hours")
    weekday = models.PositiveSmallIntegerField(choices=Weekday)
    session = models.CharField(max_length=10, choices=SessionKind)
    opens = models.TimeField()
    closes = models.TimeField()
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)  # the last day

    class Meta:
        ordering = ("facility", "weekday", "opens")
        constraints = (
            models.CheckConstraint(condition=Q(closes__gt=F("opens")), name="hours_close_after_opening"),
            models.UniqueConstraint(
                fields=["facility", "weekday", "session", "valid_from"],
                nulls_distinct=False,
                name="hours_once_per_session",
            ),
        )

    def __str__(self) -> str:
        return f"{self.facility_id} {self.weekday} {self.opens:%H:%M}–{self.closes:%H:%M}"


class Holiday(Entity):
    """A day that is not as its weekday says: of the whole province (`facility` is None) or of one facility, which wins.

    A closed day is a holiday. An open one is a facility that works although the province does not, or a Saturday worked in place of
    a day between two holidays: then `works_as` is the weekday whose hours it has.
    """

    day = models.DateField()
    facility = models.ForeignKey(
        Facility, null=True, blank=True, on_delete=models.CASCADE, related_name="holidays"
    )
    kind = models.CharField(max_length=10, choices=DayKind, default=DayKind.CLOSED)
    works_as = models.PositiveSmallIntegerField(choices=Weekday, null=True, blank=True)
    name = models.CharField(max_length=80)

    class Meta:
        ordering = ("day",)
        constraints = (
            models.UniqueConstraint(fields=["day", "facility"], nulls_distinct=False, name="holiday_once"),
        )

    def __str__(self) -> str:
        return f"{self.day} {self.name}"


class Resource(Entity):
    """A room or a machine that can be booked. It is free in the facility's hours, or always, but for its exceptions.

    With weekly availability of its own it is free only then.
    """

    facility = models.ForeignKey(Facility, on_delete=models.CASCADE, related_name="resources")
    department = models.ForeignKey(Department, null=True, blank=True, on_delete=models.SET_NULL)
    kind = models.CharField(max_length=20, choices=ResourceKind)
    name = models.CharField(max_length=80)
    place = models.CharField(max_length=120, blank=True)
    around_the_clock = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ("kind", "name")
        constraints = (models.UniqueConstraint(fields=["facility", "name"], name="resource_once"),)

    def __str__(self) -> str:
        return self.name


## Availability of people and things ---


class Availability(Entity):
    """A weekly pattern of a person in one role, or of a resource; `ends` not later than `starts` is of the next day.

    `every_weeks` is counted from the week of `valid_from`. Without `purposes` it is good for any.
    """

    membership = models.ForeignKey(
        Membership, null=True, blank=True, on_delete=models.CASCADE, related_name="availability"
    )
    resource = models.ForeignKey(
        Resource, null=True, blank=True, on_delete=models.CASCADE, related_name="availability"
    )
    weekday = models.PositiveSmallIntegerField(choices=Weekday)
    starts = models.TimeField()
    ends = models.TimeField()
    every_weeks = models.PositiveSmallIntegerField(default=1)
    purposes = ArrayField(models.CharField(max_length=15, choices=Purpose), default=list, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)  # the last day

    class Meta:
        ordering = ("weekday", "starts")
        constraints = (
            models.CheckConstraint(condition=_WHOSE, name="availability_of_one"),
            models.CheckConstraint(condition=Q(every_weeks__gte=1), name="availability_every_week_or_rarer"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="availability_ends_after_it_begins",
            ),
        )

    def __str__(self) -> str:
        return f"{self.weekday} {self.starts:%H:%M}–{self.ends:%H:%M}"


class AvailabilityException(Entity):
    """Time added to the pattern (also outside the facility's hours) or taken from it."""

    membership = models.ForeignKey(
        Membership, null=True, blank=True, on_delete=models.CASCADE, related_name="availability_exceptions"
    )
    resource = models.ForeignKey(
        Resource, null=True, blank=True, on_delete=models.CASCADE, related_name="availability_exceptions"
    )
    kind = models.CharField(max_length=10, choices=ExceptionKind)
    during = DateTimeRangeField()
    purposes = ArrayField(models.CharField(max_length=15, choices=Purpose), default=list, blank=True)
    note = models.CharField(max_length=120, blank=True)
    created_by = models.ForeignKey(Membership, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("during",)
        constraints = (
            models.CheckConstraint(condition=_WHOSE, name="availability_exception_of_one"),
            models.CheckConstraint(
                condition=Q(during__isempty=False, during__lower_inf=False, during__upper_inf=False),
                name="availability_exception_has_an_end",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.during}"


class Leave(Entity):
    """Somebody's leave from one facility: asked for, then granted or refused. Granted leave is no time to book."""

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="leaves")
    kind = models.CharField(max_length=10, choices=LeaveKind)
    during = DateTimeRangeField()
    state = models.CharField(max_length=10, choices=LeaveState, default=LeaveState.REQUESTED)
    note = models.CharField(max_length=200, blank=True)
    asked_at = models.DateTimeField()
    answered_by = models.ForeignKey(Membership, null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("during",)
        constraints = (
            models.CheckConstraint(
                condition=Q(during__isempty=False, during__lower_inf=False, during__upper_inf=False),
                name="leave_has_an_end",
            ),
            ExclusionConstraint(
                name="leave_once",
                expressions=[("membership", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                condition=Q(state__in=[LeaveState.REQUESTED, LeaveState.GRANTED]),
            ),
        )

    def __str__(self) -> str:
        return f"leave {self.id}"


## On call ---


class Roster(Entity):
    """Who is on call at a facility for a specialty; without one, for the whole house (trực toàn viện)."""

    facility = models.ForeignKey(Facility, on_delete=models.CASCADE, related_name="rosters")
    specialty = models.ForeignKey(Specialty, null=True, blank=True, on_delete=models.PROTECT)
    cover = models.CharField(max_length=15, choices=RosterCover, default=RosterCover.OUTSIDE_HOURS)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ("facility", "specialty__position")
        constraints = (
            models.UniqueConstraint(
                fields=["facility", "specialty"], nulls_distinct=False, name="roster_once_per_specialty"
            ),
        )

    def __str__(self) -> str:
        return f"{self.facility_id} {self.specialty_id or '-'}"


class OnCallShift(Entity):
    """One person's duty. `user` and `facility` are copies of the membership's, for the database to compare.

    The constraints are checked at the end of each statement, so that one statement can exchange two people.
    """

    roster = models.ForeignKey(Roster, on_delete=models.PROTECT, related_name="shifts")
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="on_call_shifts")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="on_call_shifts")
    facility = models.ForeignKey(Facility, on_delete=models.PROTECT, related_name="+")
    rank = models.PositiveSmallIntegerField(choices=DutyRank)
    during = DateTimeRangeField()
    changed_at = models.DateTimeField()
    sequence = models.PositiveIntegerField(default=0)  # how often it was changed: iCalendar's SEQUENCE
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("during", "rank")
        indexes = (models.Index(fields=["user"], name="shift_by_user"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(during__isempty=False, during__lower_inf=False, during__upper_inf=False),
                name="shift_has_an_end",
            ),
            # Law 15/2023/QH15, Article 36(1): never at two facilities at the same time.
            ExclusionConstraint(
                name="shift_at_one_facility",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                    ("facility", RangeOperators.NOT_EQUAL),
                ],
                condition=Q(cancelled_at=None),
                deferrable=Deferrable.IMMEDIATE,
            ),
            ExclusionConstraint(
                name="shift_one_place_per_person",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    ("roster", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
                condition=Q(cancelled_at=None),
                deferrable=Deferrable.IMMEDIATE,
            ),
            ExclusionConstraint(
                name="shift_one_person_per_place",
                expressions=[
                    ("roster", RangeOperators.EQUAL),
                    ("rank", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
                condition=Q(cancelled_at=None),
                deferrable=Deferrable.IMMEDIATE,
            ),
        )

    def __str__(self) -> str:
        return f"shift {self.id}"


class HandOverNote(Entity):
    """What one duty leaves for the next. The database refuses to change or delete it."""

    shift = models.ForeignKey(OnCallShift, on_delete=models.PROTECT, related_name="notes")
    author = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    written_at = models.DateTimeField()

    class Meta:
        ordering = ("written_at",)

    def __str__(self) -> str:
        return f"hand-over note {self.id}"


class ShiftSwap(Entity):
    """A proposal: `asked` takes `shift` and, unless it is given away, `asked_by` takes `in_return`. Nothing changes without consent."""

    shift = models.ForeignKey(OnCallShift, on_delete=models.PROTECT, related_name="swaps")
    in_return = models.ForeignKey(OnCallShift, null=True, on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="swaps_asked")
    asked = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="swaps_received")
    note = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=SwapState, default=SwapState.PROPOSED)
    proposed_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-proposed_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["shift"], condition=Q(state=SwapState.PROPOSED), name="swap_one_open_per_shift"
            ),
            models.CheckConstraint(condition=~Q(asked=F("asked_by")), name="swap_between_two"),
        )

    def __str__(self) -> str:
        return f"swap {self.id}"


## Calendars people subscribe to ---


class CalendarFeed(Entity):
    """A secret address of somebody's calendar. Of the secret only the digest is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="calendar_feeds")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["user"], condition=Q(revoked_at=None), name="calendar_feed_one_per_person"
            ),
        )

    def __str__(self) -> str:
        return f"calendar feed {self.id}"
