"""Roles a person can have at a facility."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    DOCTOR = "doctor", _("Bác sĩ điều trị")
    SPECIALIST = "specialist", _("Bác sĩ chuyên khoa")
    COORDINATOR = "coordinator", _("Điều phối viên")
    NURSE = "nurse", _("Điều dưỡng")
    FACILITY_ADMIN = "facility_admin", _("Quản trị cơ sở")
    PROVINCE_OPERATOR = "province_operator", _("Điều hành tỉnh")
    AUDITOR = "auditor", _("Kiểm tra viên")


CLINICAL_ROLES = frozenset({Role.DOCTOR, Role.SPECIALIST, Role.COORDINATOR, Role.NURSE})
RECEPTION_ROLES = frozenset({Role.NURSE, Role.FACILITY_ADMIN})
"""Who receives patients at the desk: identity, insurance and queue numbers, nothing clinical."""
PHYSICIAN_ROLES = frozenset({Role.DOCTOR, Role.SPECIALIST})
LICENSED_ROLES = frozenset({Role.DOCTOR, Role.SPECIALIST, Role.NURSE})
"""Roles nobody may have without a practising licence (Law 15/2023/QH15, Article 26)."""
