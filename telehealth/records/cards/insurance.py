"""QR of the health-insurance card: 15 fields (old) or 17 (since 2021) between `|`, names as hex of UTF-8, `$` at the end."""

import re
import unicodedata

from telehealth.records.cards.numbers import INSURANCE_CARD, insurance_number_warnings, read_date, read_sex
from telehealth.records.cards.results import Fault, InsuranceCard, PartialDate, Unreadable, Warn
from telehealth.records.cards.text import fault_of_address, fault_of_name, fault_of_text
from telehealth.records.enums import Sex

OLD_FIELDS, NEW_FIELDS = 15, 17
_AREAS = frozenset({"K1", "K2", "K3"})


class _BadHexError(Exception):
    """A name or address is no hex of UTF-8. `fault` says whether letters were changed or characters lost."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


def parse_insurance(fields: list[str]) -> InsuranceCard | Unreadable:
    """Read the fields of a code whose first is an insurance number. A code without its final `$` was cut by the reader."""
    first = fields[0].upper()
    fields = _with_end_apart(fields)
    if fields[-1] != "$":
        return Unreadable(Fault.CUT, first)
    if len(fields) not in {OLD_FIELDS, NEW_FIELDS}:
        return Unreadable(Fault.DAMAGED, first)
    card_number = first if INSURANCE_CARD.fullmatch(first) else None
    try:
        name, address, guardian = (_unhex(fields[index]) for index in (1, 4, 10))
    except _BadHexError as error:
        return Unreadable(error.fault, first)
    fault = (
        fault_of_text(name)
        or fault_of_name(name)
        or fault_of_address(address)
        or (fault_of_name(guardian) if guardian else None)
    )
    if fault:
        return Unreadable(fault, first)
    born, born_possible = read_date(_value(fields[2]))
    sex = read_sex(fields[3])
    warnings = insurance_number_warnings(card_number) if card_number else ()
    warnings += (Warn.BIRTH_DATE_IMPOSSIBLE,) if not born_possible else ()
    warnings += (Warn.SEX_UNKNOWN,) if sex == Sex.UNKNOWN else ()
    return InsuranceCard(
        number=first[-10:],
        card_number=card_number,
        full_name=name,
        born=born,
        sex=sex,
        address=address,
        registered_facility=re.sub(r"[\s-]", "", _value(fields[5])).upper()[:5],
        valid_from=_date(fields[6]),
        valid_to=_date(fields[7]),
        five_years_from=_date(fields[12]),
        benefit_level=_level(card_number, fields),
        living_area=fields[11].upper() if fields[11].upper() in _AREAS else "",
        guardian=guardian,
        warnings=warnings,
    )


def _with_end_apart(fields: list[str]) -> list[str]:
    """Some printers leave out the last separator: `…-1234$`."""
    last = fields[-1]
    return [*fields[:-1], last[:-1].strip(), "$"] if len(last) > 1 and last.endswith("$") else fields


def _value(text: str) -> str:
    return "" if text == "-" else text


def _date(text: str) -> PartialDate | None:
    return read_date(_value(text))[0]


def _unhex(text: str) -> str:
    """Return the text behind hex digits in either case; "" for an empty field."""
    text = _value(text)
    if not re.fullmatch(r"[0-9A-Fa-f]*", text):
        # A Vietnamese keyboard makes "đ" of "dd" and "ê" of "ee": in hex only it can have put such a letter there.
        changed = any(unicodedata.category(c).startswith("L") and not c.isascii() for c in text)
        raise _BadHexError(Fault.GARBLED if changed else Fault.DAMAGED)
    try:
        return unicodedata.normalize("NFC", bytes.fromhex(text).decode("utf-8")).strip()
    except ValueError:
        raise _BadHexError(Fault.DAMAGED) from None


def _level(card_number: str | None, fields: list[str]) -> int | None:
    """Benefit level 1 to 5: in the old number, or a field of its own on the new card."""
    text = card_number[2] if card_number else fields[14] if len(fields) == NEW_FIELDS else ""
    return int(text) if text in {"1", "2", "3", "4", "5"} else None
