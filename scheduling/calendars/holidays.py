"""Public holidays of Vietnam under names of our own: a first proposal of a year, to be edited.

The days come from the `holidays` package (Labour Code 2019, Article 112, and each year's decisions on days in lieu). Its names change
between versions; ours do not.
"""

from datetime import date

import holidays

_NAMES = {
    "01-01": "Tết Dương lịch",
    "04-30": "Ngày Chiến thắng",
    "05-01": "Ngày Quốc tế Lao động",
    "09-02": "Quốc khánh",
    "11-24": "Ngày Văn hóa Việt Nam",
}
_IN_LIEU = ("bù", "thay cho")


def public_holidays(year: int) -> dict[date, str]:
    """Return the public holidays of a year by day, in order, with Vietnamese names."""
    found = holidays.country_holidays("VN", years=year, language="vi")
    return {day: _name(day, found[day]) for day in sorted(found) if day.year == year}


def _name(day: date, theirs: str) -> str:
    lower = theirs.casefold()
    if any(word in lower for word in _IN_LIEU):
        return "Nghỉ bù"
    fixed = _NAMES.get(f"{day:%m-%d}")
    if fixed:
        return fixed
    if "hùng vương" in lower:
        return "Giỗ Tổ Hùng Vương"
    if "quốc khánh" in lower:
        return "Quốc khánh (ngày liền kề)"
    if day.month in {1, 2} and ("tết" in lower or "giao thừa" in lower or "mùng" in lower):
        return "Tết Nguyên đán"
    return theirs[:80]
