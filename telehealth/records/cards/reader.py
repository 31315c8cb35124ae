"""The door: any text from a reader, a camera or a hand → what it is."""

import re

from telehealth.core.text import fold
from telehealth.records.cards.citizen import parse_citizen
from telehealth.records.cards.insurance import parse_insurance
from telehealth.records.cards.numbers import (
    INSURANCE_CARD,
    citizen_number_warnings,
    insurance_number_warnings,
)
from telehealth.records.cards.own import is_card_number, parse_own
from telehealth.records.cards.results import (
    PHONE,
    SMART_CARD,
    BareNumber,
    CardRead,
    CitizenCard,
    Fault,
    InsuranceCard,
    SmartCardCode,
    Unreadable,
)
from telehealth.records.cards.text import MAX_LENGTH, clean, fault_of_text, is_digits
from telehealth.records.enums import IdentifierKind, Sex

_PHONE = re.compile(r"0[35789][0-9]{8}|84[35789][0-9]{8}|02[0-9]{9}")
_PASSPORT = re.compile(r"[A-Z]{1,2}[0-9]{6,8}")


def read(raw: str) -> CardRead:
    """Say what a scanned or typed text is. Never raises; never keeps the text anywhere.

    A typed name is `Unreadable(OPAQUE)` here: whoever calls decides whether it is worth a search.
    """
    if len(raw) > MAX_LENGTH + 50:  # what `clean` may take away; longer is not looked at
        return Unreadable(Fault.TOO_LONG)
    text = clean(raw)
    fault = fault_of_text(text)
    if fault:
        return Unreadable(fault)
    own = parse_own(text)
    if own:
        return own
    if "|" in text:
        return _fields(text)
    if re.match(r"https?://|www\.", text, re.IGNORECASE):
        return Unreadable(Fault.LINK)
    if text.startswith("000201"):
        return Unreadable(Fault.PAYMENT)
    return _bare(text)


def _fields(text: str) -> CardRead:
    fields = [field.strip() for field in text.split("|")]
    first = re.sub(r"[\s.-]", "", fields[0]).upper()
    if is_digits(first, 12):
        return parse_citizen([first, *fields[1:]])
    if is_digits(first, 10) or INSURANCE_CARD.fullmatch(first):
        return parse_insurance([first, *fields[1:]])
    # A card's code whose beginning was lost or changed, or something else that uses the same separator.
    rest = {fold(field) for field in fields[1:]}
    like_a_card = rest & {"nam", "nu", "$"} or re.fullmatch(r"[0-9]{5,}|[A-Z]{2}[0-9]{6,}", first)
    return Unreadable(Fault.DAMAGED if like_a_card else Fault.OPAQUE)


def _bare(text: str) -> CardRead:
    value = re.sub(r"[\s.-]", "", text).upper().removeprefix("+")
    if is_digits(value, 12):
        return BareNumber(
            value, (IdentifierKind.CITIZEN,), warnings=citizen_number_warnings(value, None, Sex.UNKNOWN)
        )
    if INSURANCE_CARD.fullmatch(value):
        return BareNumber(
            value, (IdentifierKind.INSURANCE,), int(value[2]), warnings=insurance_number_warnings(value)
        )
    if is_digits(value, 9):
        return BareNumber(value, (IdentifierKind.OLD_IDENTITY,))
    if is_digits(value, 10):
        # An insurance number begins with its province: 02 and 08 are both that and the beginning of telephone numbers.
        insurance: tuple[IdentifierKind | str, ...] = (IdentifierKind.INSURANCE,)
        return BareNumber(value, (PHONE, *insurance) if _PHONE.fullmatch(value) else insurance)
    if _PHONE.fullmatch(value):
        return BareNumber(value, (PHONE,))
    if is_card_number(value):
        return BareNumber(value, (SMART_CARD,))
    if _PASSPORT.fullmatch(value):
        return BareNumber(value, (IdentifierKind.PASSPORT,))
    if value and all(character in "0123456789" for character in value):
        return Unreadable(Fault.CHECK_DIGIT_WRONG if len(value) == 11 and value[0] == "1" else Fault.DAMAGED)
    return Unreadable(Fault.OPAQUE)


def citizen_number_of(card: CardRead) -> str | None:
    """Return the citizen number a read carries."""
    match card:
        case CitizenCard(number=number):
            return number
        case BareNumber(value=value, kinds=(IdentifierKind.CITIZEN,)):
            return value
        case Unreadable(number=number) if is_digits(number, 12):
            return number
        case _:
            return None


def insurance_number_of(card: CardRead) -> str | None:
    """Return the ten lasting digits of an insurance number a read carries."""
    match card:
        case InsuranceCard(number=number):
            return number
        case BareNumber() as bare:
            return bare.insurance_number
        case Unreadable(number=number) if number and not is_digits(number, 12):
            return number[-10:]
        case _:
            return None


def smart_number_of(card: CardRead) -> str | None:
    """Return the number of a smart card, scanned or typed."""
    match card:
        case SmartCardCode(number=number):
            return number
        case BareNumber(value=value, kinds=(kind,)) if kind == SMART_CARD:
            return value
        case _:
            return None
