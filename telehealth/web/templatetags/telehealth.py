"""How people, ages and moments are written on pages."""

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scheduling.appointments.phones import masked
from telehealth.consultations.domain.minutes import born_text
from telehealth.core import clock
from telehealth.records.enums import Sex
from telehealth.records.models import Patient

register = template.Library()


@register.filter
def age(patient: Patient) -> str:
    """Return the age: years, below 72 months in months, of a newborn in days."""
    today = timezone.localdate(clock.now())
    born = patient.birth_date
    if born is None:
        return _years(today.year - patient.birth_year) if patient.birth_year else _("chưa rõ tuổi")
    months = (today.year - born.year) * 12 + today.month - born.month - (today.day < born.day)
    if months < 1:
        days = (today - born).days
        return ngettext("%(n)d ngày tuổi", "%(n)d ngày tuổi", days) % {"n": days}
    if months < 72:
        return ngettext("%(n)d tháng tuổi", "%(n)d tháng tuổi", months) % {"n": months}
    return _years(months // 12)


def _years(years: int) -> str:
    return ngettext("%(n)d tuổi", "%(n)d tuổi", years) % {"n": years}


@register.filter
def sex_age(patient: Patient) -> str:
    """Return "Nam, 67 tuổi", as rows and banners say it."""
    if patient.sex == Sex.UNKNOWN:
        return age(patient)
    return f"{patient.get_sex_display()}, {age(patient)}"


@register.filter
def short_name(patient: Patient) -> str:
    """Return initials and the given name ("N. T. L. Anh"): enough to recognise, too little for a passer-by."""
    words = patient.full_name.split()
    return " ".join([*(f"{word[0]}." for word in words[:-1]), *words[-1:]])


@register.filter
def born(patient: Patient) -> str:
    """Return the date of birth as far as it is known."""
    return born_text(patient)


@register.filter
def moment(at: datetime | None) -> SafeString:
    """Return the moment as `<time>`, hour first, day/month/year; "" for None."""
    return _time(at, SafeString(""))


@register.filter
def since(at: datetime | None) -> SafeString:
    """Return the moment as `<time data-relative>`: the page says "5 phút trước" while it is under an hour."""
    return _time(at, SafeString(" data-relative"))


def _time(at: datetime | None, attributes: SafeString) -> SafeString:
    if at is None:
        return SafeString("")
    local = timezone.localtime(at)
    return format_html(
        '<time datetime="{}"{}>{}</time>',
        local.isoformat(timespec="seconds"),
        attributes,
        f"{local:%H:%M %d/%m/%Y}",
    )


@register.filter
def size_text(size: int) -> str:
    """Return a file's size for people."""
    if size < 1024 * 1024:
        return f"{max(1, round(size / 1024))} kB"
    return f"{size / 1024 / 1024:.1f} MB".replace(".", ",")


@register.filter
def phone_end(phone: str) -> str:
    """Return a number of which only the end can be read: enough for its owner, too little for a passer-by."""
    return masked(phone)
