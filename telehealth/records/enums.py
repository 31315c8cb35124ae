"""Enumerations of the patient record. Codes of other systems are mapped at the edges, not here."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


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


class InsuranceState(models.TextChoices):
    """What is known about somebody's insurance after asking the insurer's portal. None of them stops reception."""

    PENDING = "pending", _("Đang kiểm tra BHYT")
    VALID = "valid", _("Đã xác minh BHYT")
    UNUSABLE = "unusable", _("Thẻ BHYT chưa dùng được")
    MISMATCH = "mismatch", pgettext_lazy("insurance", "Chưa xác minh BHYT: thông tin không khớp")
    UNVERIFIED = "unverified", _("Chưa xác minh BHYT")
    """The portal gave no answer about the card: away, overloaded, or this facility is not set up. Asked again later."""


class IdentityCaseKind(models.TextChoices):
    PORTAL_NAME = "portal_name", pgettext_lazy("identity", "Cổng BHXH: họ tên không khớp")
    PORTAL_BIRTH = "portal_birth", pgettext_lazy("identity", "Cổng BHXH: ngày sinh không khớp")
    DETAILS_DIFFER = "details_differ", pgettext_lazy("identity", "Thông tin trên hai nguồn khác nhau")
    NUMBER_SHARED = "number_shared", pgettext_lazy("identity", "Một số, hai người bệnh")
    TWO_NUMBERS = "two_numbers", pgettext_lazy("identity", "Một người bệnh, hai số cùng loại")


class IdentityOutcome(models.TextChoices):
    """How staff settled an identity case. None of them merges or overwrites a record by itself."""

    SAME_PERSON = "same_person", pgettext_lazy("identity", "Cùng một người: chỉ khác cách ghi")
    NOT_THEIRS = "not_theirs", pgettext_lazy("identity", "Số này của người khác: gỡ khỏi hồ sơ")
    SOURCE_WRONG = "source_wrong", pgettext_lazy("identity", "Nguồn kia ghi sai: đã hẹn người bệnh đi sửa")
