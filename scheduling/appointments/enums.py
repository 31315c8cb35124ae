"""States and choices of bookings, registrations for examination and the waiting list."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Status(models.TextChoices):
    """FHIR R4 `AppointmentStatus`, those that occur here. PENDING is a hold: a place kept while somebody decides."""

    PENDING = "pending", pgettext_lazy("booking", "Đang giữ chỗ")
    BOOKED = "booked", pgettext_lazy("booking", "Đã đặt")
    ARRIVED = "arrived", pgettext_lazy("booking", "Đã đến")
    FULFILLED = "fulfilled", pgettext_lazy("booking", "Đã khám")
    CANCELLED = "cancelled", pgettext_lazy("booking", "Đã hủy")
    NO_SHOW = "noshow", pgettext_lazy("booking", "Không đến")


OCCUPYING = (Status.PENDING, Status.BOOKED, Status.ARRIVED)
"""Statuses in which time, rooms and places are promised. What is over, or was given back, promises nothing."""

OPEN = (Status.BOOKED, Status.ARRIVED)
"""What is still to come, as people count their bookings."""


class Relation(models.TextChoices):
    """Who is booked for, seen from the person who holds the phone."""

    SELF = "self", _("Bản thân")
    CHILD = "child", _("Con")
    PARENT = "parent", _("Bố, mẹ")
    OTHER = "other", _("Người khác")


class EndReason(models.TextChoices):
    """Why a booking was given up."""

    BY_PATIENT = "by_patient", _("Người bệnh hủy")
    BY_FACILITY = "by_facility", _("Cơ sở hủy")
    UNCONFIRMED = "unconfirmed", _("Không xác nhận lại đúng hạn")


class WaitingState(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("waiting list", "Đang chờ")
    OFFERED = "offered", pgettext_lazy("waiting list", "Đang được mời")
    TAKEN = "taken", pgettext_lazy("waiting list", "Đã nhận chỗ")
    LAPSED = "lapsed", pgettext_lazy("waiting list", "Đã thôi mời")
    LEFT = "left", pgettext_lazy("waiting list", "Đã rút tên")


class Answer(models.TextChoices):
    """What became of an offer."""

    OPEN = "open", pgettext_lazy("offer", "Chờ trả lời")
    TAKEN = "taken", pgettext_lazy("offer", "Nhận")
    DECLINED = "declined", pgettext_lazy("offer", "Không nhận")
    LAPSED = "lapsed", pgettext_lazy("offer", "Quá hạn")


class Message(models.TextChoices):
    """What people are told about a booking, each at most once for one start of it."""

    BOOKED = "booked", _("Đã đặt lịch")
    MOVED = "moved", _("Đã đổi giờ")
    CANCELLED = "cancelled", _("Đã hủy lịch")
    CONFIRM = "confirm", _("Đề nghị xác nhận lại")
    DAY_BEFORE = "day_before", _("Nhắc trước một ngày")
    HOUR_BEFORE = "hour_before", _("Nhắc trước một giờ")
    LATE = "late", _("Bác sĩ đến muộn")
