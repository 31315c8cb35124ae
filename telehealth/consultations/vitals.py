"""Vital signs: units, what can be typed, what is plausible, and what is out of the ordinary for an adult.

Warnings never block: a strange number may be the patient's, and then it is the most important one on the page.
"""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ADULT_YEARS = 16  # NEWS2 (Royal College of Physicians, 2017) is not for children below 16


@dataclass(frozen=True)
class Sign:
    """One vital sign.

    Attributes:
        most: the largest number its column holds; beyond it the typing is refused, with the number kept on the page.
        plausible: outside of it a living person is very unlikely: "check once more".
        usual: reference range of resting adults.
        alarming: outside of it an adult is in danger: a NEWS2 score of 3, and for high blood pressure 180/120 mmHg.
    """

    name: str
    label: str | Promise
    unit: str | Promise
    most: Decimal
    decimals: int
    plausible: tuple[Decimal, Decimal]
    usual: tuple[Decimal, Decimal] | None = None
    alarming: tuple[Decimal, Decimal] | None = None


def _range(low: str, high: str) -> tuple[Decimal, Decimal]:
    return Decimal(low), Decimal(high)


_BEATS = _("lần/phút")

SIGNS: tuple[Sign, ...] = (
    Sign(
        "pulse",
        _("Mạch"),
        _BEATS,
        Decimal(999),
        0,
        _range("20", "250"),
        _range("60", "100"),
        _range("41", "130"),
    ),
    Sign(
        "temperature",
        _("Nhiệt độ"),
        "°C",
        Decimal("99.9"),
        1,
        _range("30", "43"),
        _range("36.1", "38"),
        _range("35.1", "40"),
    ),
    Sign(
        "systolic",
        _("Huyết áp tâm thu"),
        "mmHg",
        Decimal(999),
        0,
        _range("40", "260"),
        _range("100", "139"),
        _range("91", "179"),
    ),
    Sign(
        "diastolic",
        _("Huyết áp tâm trương"),
        "mmHg",
        Decimal(999),
        0,
        _range("20", "160"),
        _range("50", "89"),
        _range("30", "119"),
    ),
    Sign(
        "respiratory_rate",
        _("Nhịp thở"),
        _BEATS,
        Decimal(999),
        0,
        _range("5", "80"),
        _range("12", "20"),
        _range("9", "24"),
    ),
    Sign("spo2", "SpO₂", "%", Decimal(999), 0, _range("40", "100"), _range("95", "100"), _range("92", "100")),
    Sign(
        "glasgow",
        "Glasgow",
        _("điểm"),
        Decimal(99),
        0,
        _range("3", "15"),
        _range("15", "15"),
        _range("15", "15"),
    ),
    Sign("pain", _("Đau"), "/10", Decimal(99), 0, _range("0", "10")),
    Sign("weight", _("Cân nặng"), "kg", Decimal("999.9"), 1, _range("0.4", "250")),
    Sign("height", _("Chiều cao"), "cm", Decimal("999.9"), 1, _range("25", "230")),
)
SIGN_BY_NAME = {sign.name: sign for sign in SIGNS}


def is_plausible(sign: Sign, value: Decimal | int) -> bool:
    low, high = sign.plausible
    return low <= value <= high


def grade(sign: Sign, value: Decimal | int, *, age: int | None) -> str:
    """Return "critical", "abnormal" or "" for an adult's value. Children and unknown ages are not graded."""
    if age is None or age < ADULT_YEARS or sign.usual is None or sign.alarming is None:
        return ""
    if not sign.alarming[0] <= value <= sign.alarming[1]:
        return "critical"
    return "" if sign.usual[0] <= value <= sign.usual[1] else "abnormal"
