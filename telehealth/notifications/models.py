"""Who is told what, how each message travels, and what became of it."""

from django.db import models
from django.db.models import Q

from telehealth.accounts.models import User
from telehealth.core.models import Entity
from telehealth.facilities.models import Facility
from telehealth.notifications.enums import Channel, Event, State
from telehealth.notifications.kinds import Kind

KINDS = [(kind.value, kind.value) for kind in Kind]


class Notification(models.Model):
    """One thing one recipient is told. `address` is the recipient as text (`recipients.Recipient.address`)."""

    id = models.BigAutoField(primary_key=True)  # short, for the signed link
    kind = models.CharField(max_length=40, choices=KINDS)
    key = models.CharField(max_length=120)
    address = models.CharField(max_length=260)
    user = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.CASCADE, related_name="notifications"
    )
    phone = models.CharField(max_length=16, blank=True)  # E.164
    email = models.EmailField(blank=True)
    facility = models.ForeignKey(Facility, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    values: "models.JSONField[dict[str, str], dict[str, str]]" = models.JSONField(default=dict)
    path = models.CharField(max_length=200, blank=True)  # the page it is about, on our own site
    language = models.CharField(max_length=2, default="vi")
    red = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    not_before = models.DateTimeField()
    expires_at = models.DateTimeField()
    shown_at = models.DateTimeField(null=True, blank=True)  # since when it is under the bell
    read_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)  # nobody needs to be told any more
    answer = models.CharField(max_length=20, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["kind", "key", "address"], name="notification_once"),
            models.CheckConstraint(
                condition=Q(user__isnull=False, phone="", email="")
                | (Q(user__isnull=True, email="") & ~Q(phone=""))
                | (Q(user__isnull=True, phone="") & ~Q(email="")),
                name="notification_one_recipient",
            ),
        )
        indexes = (
            models.Index(
                fields=["user", "-shown_at"],
                condition=Q(shown_at__isnull=False),
                name="notification_bell",
            ),
            models.Index(fields=["key"], name="notification_by_key"),
            models.Index(fields=["facility", "-created_at"], name="notification_by_facility"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class Delivery(Entity):
    """A message's way by one channel. Once it is SENDING it is never begun again: a message twice is worse than none."""

    notification = models.ForeignKey(Notification, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.CharField(max_length=10, choices=Channel)
    step = models.PositiveSmallIntegerField()  # 0: at once; then one after the other
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    due_at = models.DateTimeField(null=True, blank=True)  # None: only when the channel before fails
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_at = models.DateTimeField(null=True, blank=True)
    reference = models.CharField(max_length=80, blank=True)  # the provider's number
    code = models.CharField(max_length=40, blank=True)  # why it failed, was held or skipped

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["notification", "channel"], name="delivery_once_per_channel"),
        )
        indexes = (
            models.Index(fields=["due_at"], condition=Q(state="waiting"), name="delivery_due"),
            models.Index(fields=["claimed_at"], condition=Q(state="sending"), name="delivery_claimed"),
            models.Index(fields=["reference"], condition=~Q(reference=""), name="delivery_by_reference"),
        )

    def __str__(self) -> str:
        return f"{self.channel} {self.state} {self.id}"


class DeliveryLogEntry(models.Model):
    """What happened to a delivery, when. Append-only: the database refuses changes."""

    delivery_id = models.UUIDField(db_index=True)
    at = models.DateTimeField()
    event = models.CharField(max_length=10, choices=Event)
    code = models.CharField(max_length=40, blank=True)

    def __str__(self) -> str:
        return f"{self.delivery_id} {self.event}"


class Preference(models.Model):
    """Whether a person wants a kind by a channel: everywhere, or about one facility only."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notification_preferences")
    kind = models.CharField(max_length=40, choices=KINDS)
    channel = models.CharField(max_length=10, choices=Channel)
    facility = models.ForeignKey(Facility, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    wanted = models.BooleanField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["user", "kind", "channel", "facility"],
                nulls_distinct=False,
                name="preference_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.channel} {self.wanted}"


class QuietHours(models.Model):
    """Hours of the day (local time) in which a person is not to be disturbed. `begins` may be after `ends`: over midnight."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="quiet_hours")
    begins = models.TimeField()
    ends = models.TimeField()

    def __str__(self) -> str:
        return f"{self.begins:%H:%M}–{self.ends:%H:%M}"


class PushSubscription(Entity):
    """A browser that takes web push (RFC 8030): where to send, and its keys (RFC 8291), base64url."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="push_subscriptions")
    endpoint = models.URLField(max_length=600, unique=True)
    p256dh = models.CharField(max_length=100)
    auth = models.CharField(max_length=40)
    label = models.CharField(max_length=80, blank=True)  # "Chrome · Android"
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.id)
