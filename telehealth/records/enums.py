"""Enumerations of the patient record. Codes of other systems are mapped at the edges, not here."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Sex(models.TextChoices):
    MALE = "male", _("Nam")
    FEMALE = "female", _("Nữ")
    UNKNOWN = "unknown", _("Chưa rõ")


class DatePrecision(models.TextChoices):
    DAY = "day", _("Ngày")
    MONTH = "month", _("Tháng")
    YEAR = "year", _("Năm")


class IdentifierKind(models.TextChoices):
    CITIZEN = "citizen", _("Số định danh cá nhân")
    OLD_IDENTITY = "old_identity", _("Số chứng minh nhân dân cũ")
    INSURANCE = "insurance", _("Số bảo hiểm xã hội")
    PASSPORT = "passport", _("Số hộ chiếu")
    RECORD = "record", _("Số hồ sơ của cơ sở")


class DocumentKind(models.TextChoices):
    ATTACHMENT = "attachment", _("Tài liệu đính kèm")
    MINUTES = "minutes", _("Biên bản hội chẩn")
