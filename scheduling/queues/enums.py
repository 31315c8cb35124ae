"""Words of the queue: who goes first by law, where a number is in its life, what can happen to it."""

from django.db import models
from django.utils.translation import pgettext_lazy


class Series(models.TextChoices):
    """The three series of numbers. The letter stands on the ticket."""

    ORDINARY = "A", pgettext_lazy("queue", "Thường")
    PRIORITY = "U", pgettext_lazy("queue", "Ưu tiên")
    EMERGENCY = "C", pgettext_lazy("queue", "Cấp cứu")


class PriorityReason(models.TextChoices):
    """Who is examined before others: Law 15/2023/QH15, Article 3(2). Never shown or called out in public."""

    EMERGENCY = "emergency", pgettext_lazy("queue", "Cấp cứu")
    UNDER_6 = "under_6", pgettext_lazy("queue", "Trẻ em dưới 6 tuổi")
    PREGNANT = "pregnant", pgettext_lazy("queue", "Phụ nữ có thai")
    DISABILITY = "disability", pgettext_lazy("queue", "Khuyết tật đặc biệt nặng hoặc nặng")
    AGE_75 = "age_75", pgettext_lazy("queue", "Từ đủ 75 tuổi trở lên")
    MERIT = "merit", pgettext_lazy("queue", "Người có công với cách mạng")


class TicketState(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("queue", "Đang chờ")
    CALLED = "called", pgettext_lazy("queue", "Đã gọi")
    SERVING = "serving", pgettext_lazy("queue", "Đang khám")
    DONE = "done", pgettext_lazy("queue", "Đã xong")
    SKIPPED = "skipped", pgettext_lazy("queue", "Vắng khi gọi")
    RETURNED = "returned", pgettext_lazy("queue", "Quay lại chờ")
    MOVED = "moved", pgettext_lazy("queue", "Đã chuyển dịch vụ")
    CANCELLED = "cancelled", pgettext_lazy("queue", "Đã hủy")


LIVE = (
    TicketState.WAITING,
    TicketState.CALLED,
    TicketState.SERVING,
    TicketState.SKIPPED,
    TicketState.RETURNED,
)
"""Somebody still comes, or may come, with this number."""

IN_ROOM = (TicketState.CALLED, TicketState.SERVING)
"""Called by one room, which has not let them go."""


class TicketSource(models.TextChoices):
    KIOSK = "kiosk", pgettext_lazy("queue", "Máy lấy số")
    DESK = "desk", pgettext_lazy("queue", "Quầy tiếp đón")
    ONLINE = "online", pgettext_lazy("queue", "Đăng ký trước")
    TRANSFER = "transfer", pgettext_lazy("queue", "Chuyển từ nơi khác")


class EventKind(models.TextChoices):
    """What happened to a number; a row of the area's log."""

    TAKEN = "taken", pgettext_lazy("queue", "Lấy số")
    CALLED = "called", pgettext_lazy("queue", "Gọi")
    RECALLED = "recalled", pgettext_lazy("queue", "Gọi lại")
    STARTED = "started", pgettext_lazy("queue", "Vào khám")
    SKIPPED = "skipped", pgettext_lazy("queue", "Vắng")
    RETURNED = "returned", pgettext_lazy("queue", "Quay lại")
    SENT = "sent", pgettext_lazy("queue", "Chuyển phòng")
    MOVED = "moved", pgettext_lazy("queue", "Chuyển dịch vụ")
    FINISHED = "finished", pgettext_lazy("queue", "Xong")
    CANCELLED = "cancelled", pgettext_lazy("queue", "Hủy số")
    UNDONE = "undone", pgettext_lazy("queue", "Hoàn tác")


class RoomKind(models.TextChoices):
    ROOM = "room", pgettext_lazy("queue", "Phòng")
    COUNTER = "counter", pgettext_lazy("queue", "Quầy")


class DeviceKind(models.TextChoices):
    DISPLAY = "display", pgettext_lazy("queue", "Bảng gọi số")
    KIOSK = "kiosk", pgettext_lazy("queue", "Máy lấy số")
