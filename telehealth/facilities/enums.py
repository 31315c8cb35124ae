"""Kinds and levels of health facilities."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Level(models.TextChoices):
    """Technical levels of Law 15/2023/QH15, Article 104. The key stays Vietnamese: it is the legal term."""

    INITIAL = "ban_dau", _("Ban đầu")
    BASIC = "co_ban", _("Cơ bản")
    SPECIALISED = "chuyen_sau", _("Chuyên sâu")


class FacilityKind(models.TextChoices):
    DEPARTMENT_OF_HEALTH = "department_of_health", _("Sở Y tế")
    GENERAL_HOSPITAL = "general_hospital", _("Bệnh viện đa khoa")
    SPECIALISED_HOSPITAL = "specialised_hospital", _("Bệnh viện chuyên khoa")
    MEDICAL_CENTRE = "medical_centre", _("Trung tâm y tế")
    HEALTH_STATION = "health_station", _("Trạm y tế")
