"""The numbers on Vietnamese cards: what their digits mean, and the dates beside them."""

import re
from datetime import date

from telehealth.core.text import fold
from telehealth.records.cards.results import PartialDate, Warn
from telehealth.records.enums import Sex

INSURANCE_CARD = re.compile(r"[A-Z]{2}[1-5][0-9]{12}")
"""Fifteen characters: object group, benefit level, province, and the ten digits that stay."""

# Codes of provinces (1 to 96) and, for those born abroad, of countries and regions stand in the first three digits.
# Those of merged provinces stay valid in existing numbers.
_LAST_PROVINCE = 96
_GROUP_CODES = (
    "DN HX CH NN TK HC XK HT TB NO CT XB TN CS QN CA CY CC CK CB KC HD TE BT HN DT DK XD CN HS SV GB GD TS TC TQ "
    "TA TY HG LS PV TU TG TV XV CG"
)
_GROUPS = frozenset(_GROUP_CODES.split())
_EARLIEST_YEAR = 1850


def citizen_number_warnings(number: str, born: PartialDate | None, sex: Sex) -> tuple[Warn, ...]:
    """Compare the twelve digits with what the card says. Digit 4 is century and sex, digits 5 and 6 the year.

    The number keeps what was believed when it was given: a difference is worth a look, not a refusal.
    """
    warnings = []
    century_and_sex = int(number[3])
    if born and (born.year // 100 != 19 + century_and_sex // 2 or born.year % 100 != int(number[4:6])):
        warnings.append(Warn.BIRTH_YEAR_DIFFERS)
    if sex != Sex.UNKNOWN and (century_and_sex % 2 == 1) != (sex == Sex.FEMALE):
        warnings.append(Warn.SEX_DIFFERS)
    if number.startswith("000"):
        warnings.append(Warn.PROVINCE_UNKNOWN)
    return tuple(warnings)


def insurance_number_warnings(card_number: str) -> tuple[Warn, ...]:
    """Look at group and province of a fifteen-character number. Lists of both change by decree, so this only warns."""
    warnings = []
    if card_number[:2] not in _GROUPS:
        warnings.append(Warn.GROUP_UNKNOWN)
    if not 1 <= int(card_number[3:5]) <= _LAST_PROVINCE and card_number[3:5] not in {"97", "98", "99"}:
        warnings.append(Warn.PROVINCE_UNKNOWN)
    return tuple(warnings)


def read_date(text: str) -> tuple[PartialDate | None, bool]:
    """Read `ddMMyyyy`, `dd/MM/yyyy`, `MM/yyyy` or `yyyy`; zeros stand for what nobody knows.

    Returns the date, as far as it is known, and whether it was possible: of "31/02/1985" the year is kept and False said.
    """
    digits = re.sub(r"[/\s.-]", "", text)
    if not re.fullmatch(r"[0-9]{4}|[0-9]{6}|[0-9]{8}", digits):
        return None, not digits
    year = int(digits[-4:])
    if year < _EARLIEST_YEAR:
        return None, False
    month = int(digits[-6:-4] or 0)
    day = int(digits[-8:-6] or 0)
    if month == 0:
        return PartialDate(year), day == 0
    try:
        date(year, month, day or 1)
    except ValueError:
        return PartialDate(year), False
    return PartialDate(year, month, day or None), True


def read_sex(text: str) -> Sex:
    """Read `Nam`/`Nữ` of the citizen card and 1/2 of the insurance card."""
    match fold(text):
        case "nam" | "1":
            return Sex.MALE
        case "nu" | "2":
            return Sex.FEMALE
        case _:
            return Sex.UNKNOWN


def check_digit(digits: str) -> str:
    """Return the check digit by ISO/IEC 7064 MOD 11,10: it finds every single wrong digit and nearly every swap."""
    product = 10
    for digit in digits:
        total = (product + int(digit)) % 10 or 10
        product = total * 2 % 11
    return str((11 - product) % 10)
