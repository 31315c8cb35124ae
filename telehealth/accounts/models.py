"""People, their licences, and the hats they wear: a role at a facility."""

from datetime import date
from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q

from telehealth.accounts.enums import Role
from telehealth.core.ids import uuid7
from telehealth.core.models import Entity
from telehealth.facilities.models import Department, Facility, Specialty


class User(AbstractUser):
    """Somebody who can sign in. Names are stored whole: Vietnamese names have no reliable parts."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    full_name = models.CharField(max_length=120)
    title = models.CharField(max_length=30, blank=True)  # "BS.", "ThS.BS.", "ĐD."
    phone = models.CharField(max_length=20, blank=True)
    is_demonstration = models.BooleanField(default=False)

    REQUIRED_FIELDS: ClassVar[list[str]] = ["full_name"]

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        """Title before the full name: "BSCKI. Lô Văn Thành"."""
        return f"{self.title} {self.full_name}".strip()

    def get_full_name(self) -> str:
        return self.full_name

    def get_short_name(self) -> str:
        return self.full_name.split()[-1] if self.full_name else self.username


class License(models.Model):
    """A practising licence (giấy phép hành nghề, Law 15/2023 Art. 27) and its scope of practice."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="licenses")
    number = models.CharField(max_length=40)
    scope = models.CharField(max_length=200)
    issued_on = models.DateField(null=True)
    valid_to = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return self.number


class Membership(Entity):
    """One person's role at one facility. A person may have several and wears one at a time."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    facility = models.ForeignKey(Facility, on_delete=models.PROTECT, related_name="memberships")
    department = models.ForeignKey(Department, null=True, blank=True, on_delete=models.SET_NULL)
    role = models.CharField(max_length=20, choices=Role)
    specialties = models.ManyToManyField(Specialty, blank=True)
    is_active = models.BooleanField(default=True)
    given_at = models.DateTimeField(
        null=True
    )  # None: from the beginning, before roles were given in the pages

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["user", "facility", "role"], condition=Q(is_active=True), name="membership_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()} · {self.facility}"


def has_valid_license(user: User, *, on: date) -> bool:
    """Say whether the person may practise on that day."""
    return user.licenses.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=on)).exists()
