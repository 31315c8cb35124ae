"""Vietnamese telephone numbers as typed, to E.164. Pure.

Mobile prefixes of eleven digits became ten in September 2018; people and old papers still have the long ones.
"""

import re

_OLD_PREFIXES = {
    **{f"16{n}": f"3{n}" for n in range(2, 10)},  # Viettel
    "120": "70",
    "121": "79",
    "122": "77",
    "126": "76",
    "128": "78",  # MobiFone
    "123": "83",
    "124": "84",
    "125": "85",
    "127": "81",
    "129": "82",  # VinaPhone
    "186": "56",
    "188": "58",  # Vietnamobile
    "199": "59",  # Gmobile
}
_MOBILE = re.compile(r"[35789]\d{8}")


def e164(text: str) -> str | None:
    """Return the mobile number somebody typed as "+84912345678"; None when it is not one that can get a message.

    Blanks, dots, dashes and brackets do not matter; 0, 84, +84 and 0084 in front are the same.
    """
    digits = re.sub(r"[\s.\-–()]", "", text)
    found = re.fullmatch(r"(?:\+84|0084|84|0)(?:0(?=\d))?([1-9]\d{8,9})", digits)
    if found is None:
        return None
    national = found[1]
    if len(national) == 10 and national[:3] in _OLD_PREFIXES:
        national = _OLD_PREFIXES[national[:3]] + national[3:]
    return f"+84{national}" if _MOBILE.fullmatch(national) else None


def national(phone: str) -> str:
    """Return an E.164 number as people here write it: "0912 345 678"."""
    digits = "0" + phone.removeprefix("+84")
    return f"{digits[:4]} {digits[4:7]} {digits[7:]}"


def masked(phone: str) -> str:
    """Return a number of which only the end can be read, for pages others may see: "•••• ••• 678"."""
    return f"•••• ••• {phone[-3:]}"
