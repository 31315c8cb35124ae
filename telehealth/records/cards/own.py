"""Our own codes: the smart examination card and the registration for examination.

Both are capitals and digits behind a prefix, which keeps their QR coarse. A card is digits only after it: a Vietnamese keyboard method
that is left on changes letters ("dd", "aa", "w"), never a row of digits.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable

from telehealth.records.cards.numbers import check_digit
from telehealth.records.cards.results import Fault, RegistrationCode, SmartCardCode, Unreadable
from telehealth.records.cards.text import is_digits

NUMBER_LENGTH = 11
_SIGNATURE_BITS = 96
_SIGNATURE_LENGTH = 29
"""Decimal digits of 96 bits."""
_CARD = re.compile(r"TK([0-9]+):(.*)")
_REGISTRATION = re.compile(r"NADK:[A-Z0-9]{7}")


def card_number(serial: int) -> str:
    """Return the number of a card: ten digits and a check digit.

    A one stands first: a telephone number (0…, 84…) can never be taken for it.

    Raises:
        ValueError: `serial` is not in 0 … 999 999 999.
    """
    if not 0 <= serial < 10**9:
        raise ValueError("serial out of range")
    digits = f"1{serial:09d}"
    return digits + check_digit(digits)


def is_card_number(text: str) -> bool:
    """Whether a number may be a smart card's: length, first digit and check digit fit."""
    return is_digits(text, NUMBER_LENGTH) and text[0] == "1" and check_digit(text[:-1]) == text[-1]


def card_text(number: str, key: bytes) -> str:
    """Return what a card's QR says: version, number, signature. No name, no date: a lost card tells nobody anything."""
    return f"TK1:{number}:{_sign(number, key)}"


def signed_by(code: SmartCardCode, keys: Iterable[bytes]) -> bool:
    """Whether one of the installation's keys signed the code. The newest key signs; older ones still open."""
    return any(hmac.compare_digest(code.signature, _sign(code.number, key)) for key in keys)


def parse_own(text: str) -> SmartCardCode | RegistrationCode | Unreadable | None:
    """Read one of our codes; None when it is none."""
    text = text.upper()
    if text.startswith("NADK:"):
        # Bookings know their own check character; here it is enough that nothing is missing.
        return RegistrationCode(text) if _REGISTRATION.fullmatch(text) else Unreadable(Fault.DAMAGED)
    if not (card := _CARD.fullmatch(text)):
        return None
    if card[1] != "1":
        return Unreadable(Fault.CARD_VERSION_UNKNOWN)
    number, _, signature = card[2].partition(":")
    if len(number) < NUMBER_LENGTH or len(signature) < _SIGNATURE_LENGTH:
        return Unreadable(Fault.CUT)
    if not is_digits(number, NUMBER_LENGTH) or not is_digits(signature, _SIGNATURE_LENGTH):
        return Unreadable(Fault.DAMAGED)
    if not is_card_number(number):
        return Unreadable(Fault.CHECK_DIGIT_WRONG)
    return SmartCardCode(number, signature)


def _sign(number: str, key: bytes) -> str:
    digest = hmac.new(key, f"smart-card:1:{number}".encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(digest[: _SIGNATURE_BITS // 8], 'big'):0{_SIGNATURE_LENGTH}d}"
