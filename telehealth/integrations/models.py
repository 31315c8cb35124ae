"""Accounts at other systems. Secrets are sealed with this installation's key."""

from django.db import models

from telehealth.accounts.models import Membership
from telehealth.core.models import Entity
from telehealth.facilities.models import Facility


class PortalAccount(Entity):
    """A facility's account at the social insurance portal, and the member of staff in whose name it asks."""

    facility = models.OneToOneField(Facility, on_delete=models.CASCADE, related_name="insurance_account")
    username = models.CharField(max_length=60)
    password = models.TextField()  # sealed; the MD5 the portal wants, never the password itself
    staff_name = models.CharField(max_length=120)
    staff_number = models.TextField()  # sealed; twelve digits
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(Membership, null=True, on_delete=models.PROTECT)

    def __str__(self) -> str:
        return f"portal account {self.id}"
