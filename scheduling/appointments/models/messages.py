"""What was told about which booking: the reason why nothing is told twice."""

from django.db import models
from django.db.models import Q

from scheduling.appointments.enums import Message
from scheduling.appointments.models.appointments import Appointment
from scheduling.appointments.models.registrations import Registration


class SentMessage(models.Model):
    """A message handed to the notifications, for one start of one booking. A booking that is moved is told anew."""

    appointment = models.ForeignKey(
        Appointment, null=True, blank=True, on_delete=models.CASCADE, related_name="messages"
    )
    registration = models.ForeignKey(
        Registration, null=True, blank=True, on_delete=models.CASCADE, related_name="messages"
    )
    message = models.CharField(max_length=12, choices=Message)
    start = models.DateTimeField()
    sent_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["appointment", "message", "start"], name="appointment_told_once"),
            models.UniqueConstraint(
                fields=["registration", "message", "start"], name="registration_told_once"
            ),
            models.CheckConstraint(
                name="message_about_one",
                condition=Q(appointment__isnull=False, registration__isnull=True)
                | Q(appointment__isnull=True, registration__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.message} {self.appointment_id or self.registration_id}"
