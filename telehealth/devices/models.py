"""Permissions for machines that show an examination in a room."""

from django.db import models

from telehealth.consultations.models import Participant
from telehealth.core.models import Entity


class DevicePass(Entity):
    """Lets one machine send one picture into a room on a participant's behalf, once. Of the token only the digest is kept."""

    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="device_passes")
    digest = models.CharField(max_length=64, unique=True)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    connection_id = models.UUIDField(null=True, unique=True)

    def __str__(self) -> str:
        return f"device pass {self.id}"
