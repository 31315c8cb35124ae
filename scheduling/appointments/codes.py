"""Codes people read out, links that open one booking, and what a registration's QR says. Chance comes in as an argument.

A code is six characters without those that are mistaken for others (0, O and Q; 1, I and L; 5 and S; 8 and B; U and V).
It names a booking and proves nothing. A link is a secret of 92 bits: whoever has it may confirm or cancel that one booking.
"""

import re
from collections.abc import Callable

ALPHABET = "234679ACDEFGHJKMNPRTWXY"  # 23, a prime: see _check
CODE_LENGTH = 6
LINK_ALPHABET = "23456789abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"
LINK_LENGTH = 16

Choose = Callable[[str], str]
"""Takes one character of a text by chance: `secrets.choice`, or a seeded one in tests."""

_QR = re.compile(r"(?:NADK|nadk):([A-Za-z0-9]{6})([A-Za-z0-9])")


def make_code(choose: Choose) -> str:
    """Return a new code such as "NA7K2P"."""
    return "".join(choose(ALPHABET) for _ in range(CODE_LENGTH))


def make_link(choose: Choose) -> str:
    """Return a new secret for the address of one booking."""
    return "".join(choose(LINK_ALPHABET) for _ in range(LINK_LENGTH))


def clean_code(text: str) -> str | None:
    """Return the code somebody typed or read out, or None when it cannot be one. Case, blanks and dashes do not matter."""
    code = re.sub(r"[\s.\-–]", "", text).upper()
    return code if len(code) == CODE_LENGTH and all(c in ALPHABET for c in code) else None


def qr_text(code: str) -> str:
    """Return what the QR of a registration or booking says: capitals and digits, so that it stays coarse and easy to scan."""
    return f"NADK:{code}{_check(code)}"


def read_qr(text: str) -> str | None:
    """Return the code of a QR of ours, or None when it is something else, cut off or garbled."""
    found = _QR.fullmatch(text.strip())
    if found is None:
        return None
    code = clean_code(found[1])
    return code if code and _check(code) == found[2].upper() else None


def _check(code: str) -> str:
    """One character that gives away any single wrong one and any two exchanged: the weights differ modulo a prime."""
    total = sum((place + 1) * ALPHABET.index(c) for place, c in enumerate(code))
    return ALPHABET[total % len(ALPHABET)]
