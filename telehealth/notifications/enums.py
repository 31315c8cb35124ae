"""Ways a message can take, and what may have become of it."""

from django.db import models
from django.utils.translation import pgettext_lazy


class Channel(models.TextChoices):
    IN_APP = "in_app", pgettext_lazy("channel", "Trong hệ thống")
    WEB_PUSH = "web_push", pgettext_lazy("channel", "Trình duyệt (web push)")
    ZALO = "zalo", pgettext_lazy("channel", "Zalo")
    SMS = "sms", pgettext_lazy("channel", "Tin nhắn SMS")
    EMAIL = "email", pgettext_lazy("channel", "Thư điện tử")


class State(models.TextChoices):
    """Where a delivery stands. SENDING and not finished means: nobody knows whether it went out."""

    WAITING = "waiting", pgettext_lazy("delivery", "Đang chờ")
    SENDING = "sending", pgettext_lazy("delivery", "Đang gửi")
    SENT = "sent", pgettext_lazy("delivery", "Đã gửi")
    DELIVERED = "delivered", pgettext_lazy("delivery", "Đã đến máy")
    FAILED = "failed", pgettext_lazy("delivery", "Không gửi được")
    SKIPPED = "skipped", pgettext_lazy("delivery", "Không cần gửi")


class Event(models.TextChoices):
    """What the delivery log says."""

    QUEUED = "queued", pgettext_lazy("delivery", "Xếp hàng gửi")
    HELD = "held", pgettext_lazy("delivery", "Hoãn lại")
    SENDING = "sending", pgettext_lazy("delivery", "Bắt đầu gửi")
    SENT = "sent", pgettext_lazy("delivery", "Đã gửi")
    DELIVERED = "delivered", pgettext_lazy("delivery", "Đã đến máy")
    FAILED = "failed", pgettext_lazy("delivery", "Không gửi được")
    SKIPPED = "skipped", pgettext_lazy("delivery", "Không cần gửi")
    READ = "read", pgettext_lazy("delivery", "Đã đọc")
