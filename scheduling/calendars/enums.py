"""Kinds of days, sessions, resources, leave and duty."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class SessionKind(models.TextChoices):
    """A session (buổi) of a facility's day."""

    MORNING = "morning", _("Buổi sáng")
    AFTERNOON = "afternoon", _("Buổi chiều")
    EVENING = "evening", _("Buổi tối")


class Weekday(models.IntegerChoices):
    """ISO 8601: Monday is 1."""

    MONDAY = 1, _("Thứ Hai")
    TUESDAY = 2, _("Thứ Ba")
    WEDNESDAY = 3, _("Thứ Tư")
    THURSDAY = 4, _("Thứ Năm")
    FRIDAY = 5, _("Thứ Sáu")
    SATURDAY = 6, _("Thứ Bảy")
    SUNDAY = 7, _("Chủ nhật")


class DayKind(models.TextChoices):
    """What a special day is."""

    CLOSED = "closed", _("Nghỉ")
    OPEN = "open", _("Làm việc")


class Purpose(models.TextChoices):
    """What somebody's time may be booked for."""

    IN_PERSON = "in_person", _("Khám tại chỗ")
    REMOTE = "remote", _("Khám từ xa")
    CONSULTATION = "consultation", _("Hội chẩn")


class ExceptionKind(models.TextChoices):
    """What an exception does to the weekly pattern."""

    ADDED = "added", _("Thêm giờ")
    REMOVED = "removed", _("Bớt giờ")


class LeaveKind(models.TextChoices):
    """Why somebody is away, as far as colleagues need to know. No kind tells of anybody's health."""

    ANNUAL = "annual", _("Nghỉ phép")
    STUDY = "study", _("Học tập, công tác")
    OTHER = "other", pgettext_lazy("leave", "Lý do khác")


class LeaveState(models.TextChoices):
    REQUESTED = "requested", _("Chờ duyệt")
    GRANTED = "granted", _("Đã duyệt")
    REFUSED = "refused", _("Không duyệt")
    WITHDRAWN = "withdrawn", _("Đã rút")


class ResourceKind(models.TextChoices):
    TELE_ROOM = "tele_room", _("Phòng hội chẩn từ xa")
    EXAM_ROOM = "exam_room", _("Phòng khám")
    ULTRASOUND_CART = "ultrasound_cart", _("Xe siêu âm")
    EQUIPMENT = "equipment", _("Thiết bị khác")


class DutyRank(models.IntegerChoices):
    """Who is called first on a roster. The head (trưởng tua trực) decides what the others cannot."""

    PRIMARY = 1, _("Trực chính")
    BACKUP = 2, _("Trực phụ")
    HEAD = 3, _("Trưởng tua")


class RosterCover(models.TextChoices):
    """When somebody has to be on duty; what of it is empty is shown as a gap."""

    ALWAYS = "always", _("Cả ngày đêm")
    OUTSIDE_HOURS = "outside_hours", _("Ngoài giờ làm việc, cuối tuần và ngày lễ")


class SwapState(models.TextChoices):
    PROPOSED = "proposed", _("Chờ trả lời")
    ACCEPTED = "accepted", _("Đã đồng ý")
    DECLINED = "declined", _("Không đồng ý")
    WITHDRAWN = "withdrawn", _("Đã rút")
