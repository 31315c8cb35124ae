"""What reader and cable do to a text, undone or named."""

import re
import unicodedata

from telehealth.records.cards.results import Fault

MAX_LENGTH = 1000
"""Characters. The longest real code has under 400."""

# Every letter of a Vietnamese name. f, j, w and z stand in names of ethnic groups and of naturalised citizens.
_VOWELS = "aăâeêioôơuưy"
LETTERS = frozenset(
    letter
    for base in "abcdefghijklmnopqrstuvwxyzđ" + _VOWELS
    for tone in ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
    if not tone or base in _VOWELS
    for composed in (unicodedata.normalize("NFC", base + tone),)
    for letter in (composed, composed.upper())
)
_NAME_SIGNS = frozenset(" '’-.")
# Letters of Western European code pages that no Vietnamese text has: UTF-8 read as Windows-1252, or the fonts of the nineties.
_WRONG_PAGE = re.compile(
    "[\u00a1-\u00bf\u00d7\u00f7äåæçëîïñöøûüßÿœšžƒˆ˜–—“”†‡•…‰‹›€™ºª]|[ÃÂÄÅÆá][\u0080-\u00bf]", re.IGNORECASE
)
_HIDDEN = frozenset("\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u3164\uffa0")

_AIM = re.compile(r"^\][A-Za-z][0-9A-Za-z]")
"""Symbology identifier that readers can be set to send first (ISO/IEC 15424)."""
_ECI = re.compile(r"\\0000(26|03|04)")
"""Extended channel interpretation in the text itself, as readers of the ECI protocol write it."""


def clean(raw: str) -> str:
    """Return the text without what readers add around it: NUL, byte order mark, line ends, tabs, prefixes. NFC."""
    text = raw.replace("\x00", "").replace("\ufeff", "").strip("\r\n\t ")
    text = _ECI.sub("", _AIM.sub("", text))
    return unicodedata.normalize("NFC", text).strip("\r\n\t ")


def fault_of_text(text: str) -> Fault | None:
    """Return what makes a cleaned text unusable whatever it is meant to be."""
    if not text:
        return Fault.EMPTY
    if len(text) > MAX_LENGTH:
        return Fault.TOO_LONG
    for character in text:
        category = unicodedata.category(character)
        # C1 controls are how bytes of UTF-8 look in Latin-1: a wrong code page, not a sent control.
        if category == "Cs" or (category == "Cc" and character < "\x80"):
            return Fault.CONTROL_CHARACTERS
        if category in {"Cf", "Zl", "Zp"} or character in _HIDDEN:
            return Fault.HIDDEN_CHARACTERS
    return None


def fault_of_name(name: str) -> Fault | None:
    """Return why this cannot be the name on a card; None when it can."""
    if not name:
        return Fault.DAMAGED
    if (
        "\ufffd" in name
        or "?" in name
        or any("\x80" <= c <= "\x9f" for c in name)
        or _WRONG_PAGE.search(name)
    ):
        return Fault.GARBLED
    if any(character not in LETTERS and character not in _NAME_SIGNS for character in name):
        return Fault.STRANGE_CHARACTERS
    return None if any(character in LETTERS for character in name) else Fault.DAMAGED


def fault_of_address(address: str) -> Fault | None:
    """Return why this cannot be an address on a card. Digits and marks may stand in one, markup may not."""
    if "\ufffd" in address or any("\x80" <= c <= "\x9f" for c in address) or re.search(r"\w\?\w", address):
        return Fault.GARBLED
    if re.search("[ÃÂÄÅÆ][\u0080-\u00bf]|á[º»]|Æ[°¡]", address):
        return Fault.GARBLED
    for character in address:
        if character in "<>{}\\`":
            return Fault.STRANGE_CHARACTERS
        if (
            character not in LETTERS
            and unicodedata.category(character)[0] not in "NPZ"
            and character not in "+°º"
        ):
            return Fault.STRANGE_CHARACTERS
    return None


def is_digits(text: str, length: int) -> bool:
    """Whether it is that many of the ten digits; `str.isdigit` also takes those of other scripts."""
    return len(text) == length and all(character in "0123456789" for character in text)
