"""What may stand in a message's blanks: times, numbers, codes. There is no blank for words, so no name can slip into one."""

import re
from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext as _

from telehealth.core.errors import Invalid

BLANKS: Final[Mapping[str, re.Pattern[str]]] = {
    "time": re.compile(r"[0-2]\d:[0-5]\d"),
    "until": re.compile(r"[0-2]\d:[0-5]\d"),
    "date": re.compile(r"[0-3]\d/[01]\d/\d{4}"),
    "code": re.compile(r"[A-Z0-9]{4,12}(-[A-Z0-9]{2,8})?"),
    "number": re.compile(r"[A-Z]?\d{1,4}"),
    "minutes": re.compile(r"\d{1,3}"),
    "ahead": re.compile(r"\d{1,3}"),
}
"""Every blank a template may have, but for `link`, which the package fills in itself."""

LONGEST: Final[Mapping[str, str]] = {
    "time": "00:00",
    "until": "00:00",
    "date": "00/00/0000",
    "code": "ABCDEFGHJKLM",
    "number": "A0000",
    "minutes": "000",
    "ahead": "000",
}
"""The longest value a template is laid out for (a code is shorter than its pattern allows)."""


def check_values(blanks: frozenset[str], values: Mapping[str, str]) -> dict[str, str]:
    """Return the values of a message's blanks.

    Raises:
        Invalid: `notification.values`, when one is missing, unknown or not of its form.
    """
    wrong = sorted(
        name
        for name in blanks | values.keys()
        if name not in blanks or name not in values or not BLANKS[name].fullmatch(str(values[name]))
    )
    if wrong:
        raise Invalid(
            "notification.values",
            _("Không gửi được thông báo này: dữ liệu điền vào mẫu tin không đúng dạng. Chưa có gì được gửi."),
            blanks=wrong,
        )
    return {name: str(values[name]) for name in sorted(blanks)}
