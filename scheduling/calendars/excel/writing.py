"""Workbooks we give: the template, and a facility's schedule, which can be sent in again as it is. Pure but for openpyxl."""

import io
from collections.abc import Iterable, Sequence

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.worksheet import Worksheet

from scheduling.calendars.enums import DutyRank, Purpose, Weekday
from scheduling.calendars.excel.rows import AVAILABILITY, COLUMNS, DUTY
from scheduling.calendars.models import Availability, OnCallShift
from scheduling.calendars.patterns import LOCAL
from scheduling.calendars.ranges import interval_of
from telehealth.accounts.models import Membership
from telehealth.facilities.models import Specialty

_WEEKDAYS = {day: f"Thứ {day + 1}" for day in Weekday if day != Weekday.SUNDAY} | {Weekday.SUNDAY: "CN"}
_PURPOSES = {
    Purpose.IN_PERSON: "Khám tại chỗ",
    Purpose.REMOTE: "Khám từ xa",
    Purpose.CONSULTATION: "Hội chẩn",
}
_RANKS = {DutyRank.PRIMARY: "Trực chính", DutyRank.BACKUP: "Trực phụ", DutyRank.HEAD: "Trưởng tua"}
_HELP = (
    "Điền từ dòng 2 của trang “Lịch khám” (giờ hằng tuần) và trang “Lịch trực”. Để nguyên dòng đầu.",
    "Tên đăng nhập: xem trang “Danh mục”. Giờ ghi 07:30; ngày ghi 24/11/2026.",
    "Giờ “Đến” không muộn hơn giờ “Từ” thì hiểu là sang ngày hôm sau.",
    "Thứ: Thứ 2 … Thứ 7, CN. Dùng cho: Khám tại chỗ, Khám từ xa, Hội chẩn, cách nhau bằng dấu phẩy; để trống là mọi việc.",
    "Chuyên khoa của lịch trực: như trang “Danh mục”; để trống là trực toàn viện. Vị trí: Trực chính, Trực phụ, Trưởng tua.",
    "Không dùng công thức. Một dòng sai thì cả tệp chưa được nhập; trang xem trước chỉ rõ từng dòng.",
)


def template(people: Iterable[Membership], specialties: Iterable[Specialty]) -> bytes:
    """Return an empty workbook with the lists it is filled in from."""
    return _book(people, specialties, [], [])


def schedule(
    people: Iterable[Membership],
    specialties: Iterable[Specialty],
    patterns: Iterable[Availability],
    shifts: Iterable[OnCallShift],
) -> bytes:
    """Return a facility's weekly availability and duties in the form of the template."""
    rows = [
        (
            one.membership.user.username,
            _WEEKDAYS[Weekday(one.weekday)],
            f"{one.starts:%H:%M}",
            f"{one.ends:%H:%M}",
            ", ".join(_PURPOSES[Purpose(purpose)] for purpose in one.purposes),
            f"{one.valid_from:%d/%m/%Y}",
            f"{one.valid_to:%d/%m/%Y}" if one.valid_to else "",
        )
        for one in patterns
        if one.membership is not None
    ]
    duties = []
    for shift in shifts:
        during = interval_of(shift.during)
        start, end = during.start.astimezone(LOCAL), during.end.astimezone(LOCAL)
        duties.append(
            (
                shift.user.username,
                shift.roster.specialty.name_vi if shift.roster.specialty else "",
                _RANKS[DutyRank(shift.rank)],
                f"{start:%d/%m/%Y}",
                f"{start:%H:%M}",
                f"{end:%H:%M}",
            )
        )
    return _book(people, specialties, rows, duties)


def _book(
    people: Iterable[Membership],
    specialties: Iterable[Specialty],
    patterns: Iterable[Sequence[str]],
    duties: Iterable[Sequence[str]],
) -> bytes:
    book = Workbook()
    first = book.active
    assert isinstance(first, Worksheet)
    first.title = "Hướng dẫn"
    for number, sentence in enumerate(_HELP, start=1):
        first.cell(number, 1, sentence).alignment = Alignment(wrap_text=True, vertical="top")
    first.column_dimensions["A"].width = 100
    _sheet(book, AVAILABILITY, COLUMNS[AVAILABILITY], patterns)
    _sheet(book, DUTY, COLUMNS[DUTY], duties)
    lists = [
        (one.user.username, one.user.display_name, str(one.get_role_display()), "") for one in people
    ] + [("", "", "", one.name_vi) for one in specialties]
    _sheet(book, "Danh mục", ("Tên đăng nhập", "Họ và tên", "Vai trò", "Chuyên khoa"), lists)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _sheet(book: Workbook, title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    sheet = book.create_sheet(title)
    for number, values in enumerate([columns, *rows], start=1):
        for place, value in enumerate(values, start=1):
            cell = sheet.cell(number, place)
            # A text that begins like a formula stays a text: a name must not compute on somebody else's machine.
            cell.value = value
            cell.data_type = "s"
            cell.number_format = "@"
            if number == 1:
                cell.font = Font(bold=True)
    for place, column in enumerate(columns, start=1):
        sheet.column_dimensions[chr(64 + place)].width = max(14, len(column) + 4)
    sheet.freeze_panes = "A2"
