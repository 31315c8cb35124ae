"""Names as a whole waiting room may read them."""

import unicodedata


def mask_name(name: str) -> str:
    """Return a name of which only initials are left: "Nguyễn Thị Lan" is "N*** T** L**".

    How many letters were there is not told. Masking twice changes nothing.
    """
    words = unicodedata.normalize("NFC", name).split()
    initials = [letter for word in words if (letter := next((c for c in word if c.isalpha()), ""))]
    return " ".join(f"{letter.upper()}{'***' if n == 0 else '**'}" for n, letter in enumerate(initials[:6]))
