"""Vietnamese text: cleaning what was typed, folding for search, names in two orders."""

import unicodedata

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from telehealth.core.errors import Invalid

MAX_TEXT = 20_000
"""Characters of one typed field."""


def fold(text: str) -> str:
    """Return `text` without case, diacritics and doubled spaces: "Thái Hoà" and "THÁI HÒA" fold alike.

    NFD does not decompose đ, so it is replaced first.
    """
    text = unicodedata.normalize("NFC", text or "").casefold().replace("đ", "d")
    text = unicodedata.normalize("NFD", text)
    return " ".join("".join(c for c in text if not unicodedata.combining(c)).split())


def clean(text: str) -> str:
    """Return typed text as it is stored: NFC, no control characters but line breaks and tabs, no trailing blanks."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    kept = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs", "Co", "Cn"})
    return "\n".join(line.rstrip() for line in kept.split("\n")).strip()


def clean_limited(text: str, *, field: str) -> str:
    """Return typed text as `clean` does.

    Raises:
        Invalid: `draft.too_long`, of `field`, beyond `MAX_TEXT` characters.
    """
    text = clean(text)
    if len(text) > MAX_TEXT:
        raise Invalid(
            "draft.too_long", _("Ô này dài quá %(n)s ký tự. Hãy rút gọn.") % {"n": MAX_TEXT}, field=field
        )
    return text


def given_name_first(full_name: str) -> str:
    """Return the folded name with the given name (the last word) in front, the order Vietnamese lists sort by."""
    words = fold(full_name).split()
    return " ".join([*words[-1:], *words[:-1]])


def in_page_language(vietnamese: str, english: str) -> str:
    """Return the one of two texts that is in the language of the page."""
    return english if (get_language() or "vi").startswith("en") else vietnamese
