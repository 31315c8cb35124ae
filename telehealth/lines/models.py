"""Line checks, samples of lines, and what they add up to by the hour."""

from typing import Any

from django.db import models
from django.db.models import F, Q

from telehealth.accounts.models import Membership
from telehealth.core.models import Entity
from telehealth.facilities.models import Facility
from telehealth.lines.enums import Source, Verdict


class LineCheck(Entity):
    """One check somebody made. Of the person it keeps the membership and nothing else; a patient's has not even that."""

    code = models.CharField(max_length=10, unique=True)
    membership = models.ForeignKey(Membership, null=True, on_delete=models.PROTECT, related_name="+")
    facility = models.ForeignKey(Facility, null=True, on_delete=models.PROTECT, related_name="line_checks")
    at = models.DateTimeField(db_index=True)
    verdict = models.CharField(max_length=20, choices=Verdict)
    outcomes: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField()
    """By kind: `{"step", "cause", "figures"}` as in `rules.Outcome`."""

    class Meta:
        indexes = (models.Index(fields=["facility", "-at"], name="line_check_by_facility"),)

    def __str__(self) -> str:
        return self.code


class Station(Entity):
    """A computer that measures its facility's line by itself, day and night, with nobody signed in.

    What it has is a signed token (`domain/stations.py`), which ends when `revoked_at` is set.
    """

    facility = models.ForeignKey(Facility, on_delete=models.PROTECT, related_name="line_stations")
    name = models.CharField(max_length=80)
    registered_at = models.DateTimeField()
    registered_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    seen_at = models.DateTimeField(null=True)
    """Of its last sample."""
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("registered_at",)

    def __str__(self) -> str:
        return self.name


class LinkSample(models.Model):
    """A measurement of a facility's line. Kept some days: long enough to advise, and to add the hours up again."""

    facility = models.ForeignKey(Facility, on_delete=models.CASCADE, related_name="+")
    source = models.CharField(max_length=12, choices=Source)
    at = models.DateTimeField(db_index=True)
    rtt_ms = models.FloatField(null=True)
    loss = models.FloatField(null=True)  # share, 0–1
    jitter_ms = models.FloatField(null=True)
    up_kbps = models.FloatField(null=True)  # what the line could carry, not what was used
    down_kbps = models.FloatField(null=True)
    gaps = models.PositiveSmallIntegerField(default=0)
    gap_seconds = models.FloatField(default=0)

    class Meta:
        indexes = (models.Index(fields=["facility", "at"], name="link_sample_by_facility"),)
        constraints = (
            models.CheckConstraint(condition=Q(loss__gte=0, loss__lte=1), name="link_sample_loss_is_a_share"),
        )

    def __str__(self) -> str:
        return f"{self.facility_id} {self.at:%Y-%m-%d %H:%M:%S}"


class LinkHour(models.Model):
    """An hour of a facility's line. None: not measured in that hour."""

    facility = models.ForeignKey(Facility, on_delete=models.CASCADE, related_name="link_hours")
    hour = models.DateTimeField(db_index=True)
    samples = models.PositiveIntegerField()
    rtt_ms = models.FloatField(null=True)  # median
    rtt_p95_ms = models.FloatField(null=True)
    loss = models.FloatField(null=True)  # mean share
    jitter_ms = models.FloatField(null=True)  # median
    up_kbps = models.FloatField(null=True)  # median
    down_kbps = models.FloatField(null=True)  # median
    gaps = models.PositiveIntegerField(default=0)
    gap_seconds = models.FloatField(default=0)

    class Meta:
        ordering = ("facility", "hour")
        constraints = (
            models.UniqueConstraint(fields=["facility", "hour"], name="link_hour_once"),
            models.CheckConstraint(
                condition=Q(rtt_p95_ms__gte=F("rtt_ms")), name="link_hour_p95_above_median"
            ),
        )

    def __str__(self) -> str:
        return f"{self.facility_id} {self.hour:%Y-%m-%d %H:00}"
