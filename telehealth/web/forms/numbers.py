"""Reading numbers and moments as people type them."""

import re
from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from telehealth.consultations.vitals import Sign
from telehealth.core.errors import Invalid

_NUMBER = re.compile(r"\d{1,6}([.,]\d{1,3})?")


def read_sign(text: str, sign: Sign) -> Decimal | None:
    """Return a typed vital sign, or None when nothing was typed. Comma and point both part the decimals.

    Raises:
        Invalid: `vitals.not_a_number`, `vitals.impossible`; the text stays on the page.
    """
    text = text.strip()
    if not text:
        return None
    if not _NUMBER.fullmatch(text):
        raise Invalid(
            "vitals.not_a_number",
            _("%(sign)s: “%(text)s” không phải là số. Hãy sửa lại ô này; các ô khác vẫn còn nguyên.")
            % {"sign": sign.label, "text": text[:20]},
            field=sign.name,
        )
    value = round(Decimal(text.replace(",", ".")), sign.decimals)
    if value > sign.most:
        raise Invalid(
            "vitals.impossible",
            _("%(sign)s: %(value)s không thể là số đo thật. Hãy sửa lại ô này; các ô khác vẫn còn nguyên.")
            % {"sign": sign.label, "value": text},
            field=sign.name,
        )
    return value


def number_text(value: Decimal | int | None) -> str:
    """Return a number as it is shown and typed in Vietnam: decimal comma, no thousands mark, no idle zeros."""
    if value is None:
        return ""
    text = str(value)
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace(".", ",")


def read_moment(text: str) -> datetime | None:
    """Return a typed local moment (`2026-11-24T14:03` or `14:03 24/11/2026`), aware.

    Raises:
        Invalid: `moment.unreadable`.
    """
    text = text.strip()
    if not text:
        return None
    for form in ("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%H:%M %d/%m/%Y", "%d/%m/%Y %H:%M"):
        try:
            naive = datetime.strptime(text, form)  # noqa: DTZ007 -- typed as local time, made aware below
        except ValueError:
            continue
        return timezone.make_aware(naive)
    raise Invalid(
        "moment.unreadable",
        _("Không đọc được thời điểm “%(text)s”. Hãy nhập như 24/11/2026 14:03.") % {"text": text[:30]},
        field="measured_at",
    )


def moment_text(at: datetime | None) -> str:
    """Return a moment as `<input type="datetime-local">` takes it."""
    return f"{timezone.localtime(at):%Y-%m-%dT%H:%M}" if at else ""


def read_date(text: str) -> date | None:
    """Return a typed date (`2026-11-24` or `24/11/2026`).

    Raises:
        Invalid: `date.unreadable`.
    """
    text = text.strip()
    if not text:
        return None
    for form in ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 -- a calendar date has no zone
        except ValueError:
            continue
    raise Invalid(
        "date.unreadable",
        _("Không đọc được ngày “%(text)s”. Hãy nhập như 24/11/2026.") % {"text": text[:30]},
        field="admitted_on",
    )
