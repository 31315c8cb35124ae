"""Facilities of the province, what they are called and were called, and who asks whom."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from telehealth.core.models import Entity
from telehealth.core.text import in_page_language
from telehealth.facilities.enums import FacilityKind, Level


class Commune(models.Model):
    """A commune or ward after 1 July 2025 (two-level local government)."""

    code = models.CharField(max_length=5, primary_key=True)
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=10)  # "xã" or "phường"
    former_district = models.CharField(max_length=60)

    def __str__(self) -> str:
        return f"{self.kind.capitalize()} {self.name}"


class Specialty(models.Model):
    """A medical specialty (chuyên khoa)."""

    key = models.SlugField(primary_key=True)
    name_vi = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ("position",)

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the language of the page."""
        return in_page_language(self.name_vi, self.name_en)


class Facility(Entity):
    """A health facility (cơ sở khám bệnh, chữa bệnh)."""

    name = models.CharField(max_length=160)
    short_name = models.CharField(max_length=60)
    aliases = ArrayField(models.CharField(max_length=160), default=list, blank=True)
    kind = models.CharField(max_length=30, choices=FacilityKind)
    level = models.CharField(max_length=10, choices=Level, blank=True)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    hi_code = models.CharField(max_length=5, blank=True)  # health-insurance facility code, QĐ 384/2019
    gln = models.CharField(max_length=13, blank=True)  # QĐ 1551/2026
    commune = models.ForeignKey(Commune, null=True, blank=True, on_delete=models.PROTECT)
    address = models.CharField(max_length=200, blank=True)
    legacy_address = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    is_demonstration = models.BooleanField(default=False)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.short_name


class FacilityName(models.Model):
    """What a facility was called, from when to when, and by which decision."""

    facility = models.ForeignKey(Facility, on_delete=models.CASCADE, related_name="names")
    name = models.CharField(max_length=160)
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)
    decision = models.CharField(max_length=120, blank=True)

    def __str__(self) -> str:
        return self.name


class Department(Entity):
    """A department of a facility, with its code of the health-insurance list (K01 …) where known."""

    facility = models.ForeignKey(Facility, on_delete=models.CASCADE, related_name="departments")
    code = models.CharField(max_length=8, blank=True)
    name = models.CharField(max_length=100)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["facility", "name"], name="department_once_per_facility"),
        )

    def __str__(self) -> str:
        return self.name


class HubSpecialty(models.Model):
    """A facility is a hub (bệnh viện hạt nhân) per specialty, not globally."""

    facility = models.ForeignKey(Facility, on_delete=models.CASCADE, related_name="hub_specialties")
    specialty = models.ForeignKey(Specialty, on_delete=models.CASCADE)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["facility", "specialty"], name="hub_once_per_specialty"),
        )

    def __str__(self) -> str:
        return f"{self.facility} · {self.specialty}"


class HubLink(models.Model):
    """A spoke (bệnh viện vệ tinh) may ask this hub."""

    hub = models.ForeignKey(Facility, on_delete=models.CASCADE, related_name="spoke_links")
    spoke = models.ForeignKey(Facility, on_delete=models.CASCADE, related_name="hub_links")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["hub", "spoke"], name="hub_link_once"),
            models.CheckConstraint(condition=~models.Q(hub=models.F("spoke")), name="hub_link_between_two"),
        )

    def __str__(self) -> str:
        return f"{self.spoke} → {self.hub}"
