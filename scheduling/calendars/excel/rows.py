"""What a row of the workbook says: names of columns, and their values as hours, days and people. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time

from django.utils.translation import gettext as _

from scheduling.calendars.enums import DutyRank, Purpose, Weekday
from scheduling.calendars.excel.reading import Cell, Line
from telehealth.core.text import fold

AVAILABILITY, DUTY = "Lịch khám", "Lịch trực"
"""The two sheets. Their names and columns are Vietnamese in both languages: they are the file's, not the page's."""

PERSON = "Tên đăng nhập"
COLUMNS: Mapping[str, tuple[str, ...]] = {
    AVAILABILITY: (PERSON, "Thứ", "Từ", "Đến", "Dùng cho", "Áp dụng từ", "Đến hết ngày"),
    DUTY: (PERSON, "Chuyên khoa", "Vị trí", "Ngày", "Từ", "Đến"),
}
_WEEKDAYS = {"2": 1, "3": 2, "4": 3, "5": 4, "6": 5, "7": 6, "cn": 7, "8": 7} | {
    "hai": 1,
    "ba": 2,
    "tu": 3,
    "nam": 4,
    "sau": 5,
    "bay": 6,
    "chu nhat": 7,
}
PURPOSES = {
    "kham tai cho": Purpose.IN_PERSON,
    "kham tu xa": Purpose.REMOTE,
    "hoi chan": Purpose.CONSULTATION,
}
RANKS = {
    "truc chinh": DutyRank.PRIMARY,
    "truc phu": DutyRank.BACKUP,
    "truong tua": DutyRank.HEAD,
}
_CLOCK = re.compile(r"(\d{1,2})\s*(?:(?:[:h.]|gio)\s*(\d{1,2})?)?\s*(?:phut|p)?")
_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})|(\d{4})-(\d{2})-(\d{2})")


@dataclass
class Wanted:
    """A row as understood; `faults` says in words what is not."""

    line: Line
    username: str = ""
    weekday: Weekday | None = None
    starts: time | None = None
    ends: time | None = None
    purposes: frozenset[Purpose] = frozenset()
    valid_from: date | None = None
    valid_to: date | None = None
    specialty: str = ""
    rank: DutyRank | None = None
    day: date | None = None
    faults: list[str] = field(default_factory=list)


def understand(sheet: str, line: Line) -> Wanted:
    """Return what a row says. Whatever cannot be read is a fault of the row; nothing is guessed."""
    wanted = Wanted(line)
    for column, cell in line.cells.items():
        if cell.fault:
            wanted.faults.append(f"{column}: {cell.fault}")
    if wanted.faults:
        return wanted
    wanted.username = line.text(PERSON).lower()
    if not wanted.username:
        wanted.faults.append(_("thiếu tên đăng nhập"))
    wanted.starts, wanted.ends = _clock(wanted, "Từ"), _clock(wanted, "Đến")
    if sheet == AVAILABILITY:
        _availability(wanted)
    else:
        _duty(wanted)
    return wanted


def _availability(wanted: Wanted) -> None:
    line = wanted.line
    text = fold(line.text("Thứ")).removeprefix("thu ").strip()
    number = _WEEKDAYS.get(text)
    if number is None:
        wanted.faults.append(
            _("không hiểu thứ “%(text)s”; ghi Thứ 2 … Thứ 7 hoặc CN") % {"text": line.text("Thứ")}
        )
    else:
        wanted.weekday = Weekday(number)
    names = [fold(one) for one in re.split(r"[,;]", line.text("Dùng cho")) if one.strip()]
    unknown = [one for one in names if one not in PURPOSES]
    if unknown:
        wanted.faults.append(
            _("không hiểu “%(text)s”; ghi Khám tại chỗ, Khám từ xa, Hội chẩn hoặc để trống")
            % {"text": ", ".join(unknown)}
        )
    wanted.purposes = frozenset(PURPOSES[one] for one in names if one in PURPOSES)
    wanted.valid_from = _day(wanted, "Áp dụng từ")
    wanted.valid_to = _day(wanted, "Đến hết ngày", may_be_empty=True)


def _duty(wanted: Wanted) -> None:
    line = wanted.line
    wanted.specialty = line.text("Chuyên khoa")
    wanted.rank = RANKS.get(fold(line.text("Vị trí")))
    if wanted.rank is None:
        wanted.faults.append(
            _("không hiểu vị trí “%(text)s”; ghi Trực chính, Trực phụ hoặc Trưởng tua")
            % {"text": line.text("Vị trí")}
        )
    wanted.day = _day(wanted, "Ngày")


def _clock(wanted: Wanted, column: str) -> time | None:
    value = wanted.line.value(column)
    if isinstance(value, datetime):
        return value.time().replace(second=0, microsecond=0)
    if isinstance(value, time):
        return value.replace(second=0, microsecond=0)
    if isinstance(value, float) and 0 <= value < 1:  # a share of the day, from a cell without a time format
        minutes = round(value * 24 * 60)
        return time(minutes // 60 % 24, minutes % 60)
    match = _CLOCK.fullmatch(fold(wanted.line.text(column)))
    hour, minute = (int(match[1]), int(match[2] or 0)) if match else (99, 0)
    if match and hour == 24 and minute == 0:
        return time(0, 0)
    if hour > 23 or minute > 59:
        wanted.faults.append(
            _("%(column)s: không hiểu giờ “%(text)s”; ghi như 07:30")
            % {"column": column, "text": wanted.line.text(column)}
        )
        return None
    return time(hour, minute)


def _day(wanted: Wanted, column: str, *, may_be_empty: bool = False) -> date | None:
    cell = wanted.line.cells.get(column, Cell(None))
    if isinstance(cell.value, datetime):
        return cell.value.date()
    if isinstance(cell.value, date):
        return cell.value
    if not cell.text and may_be_empty:
        return None
    match = _DAY.fullmatch(cell.text)
    try:
        if match and match[1]:
            return date(int(match[3]), int(match[2]), int(match[1]))
        if match:
            return date(int(match[4]), int(match[5]), int(match[6]))
    except ValueError:
        pass
    wanted.faults.append(
        _("%(column)s: không hiểu ngày “%(text)s”; ghi như 24/11/2026")
        % {"column": column, "text": cell.text}
    )
    return None
