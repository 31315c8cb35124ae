"""Opening a workbook somebody sent, suspecting everything; giving its rows as plain text and dates. Pure but for openpyxl.

An .xlsx is a zip of XML. What is refused before any of it is parsed: too large, more unpacked than it should be (a zip bomb), macros,
encryption, anything that is no zip. What is refused by the cell: formulas, whose value is whatever they say it is.
"""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from django.utils.translation import gettext as _
from openpyxl import load_workbook

from telehealth.core.errors import Invalid
from telehealth.core.text import clean, fold

MOST_BYTES = 2 * 1024 * 1024
MOST_UNPACKED = 24 * 1024 * 1024
MOST_PARTS = 200
MOST_ROWS = 1000
MOST_COLUMNS = 30
MOST_TEXT = 200

Value = str | int | float | date | datetime | time | None


@dataclass(frozen=True)
class Cell:
    """A cell's value, or what is wrong with it."""

    value: Value
    fault: str = ""

    @property
    def text(self) -> str:
        """The value as somebody would read it."""
        match self.value:
            case None:
                return ""
            case datetime() as moment:
                return f"{moment:%d/%m/%Y %H:%M}" if moment.time() != time() else f"{moment:%d/%m/%Y}"
            case date() as day:
                return f"{day:%d/%m/%Y}"
            case time() as clock:
                return f"{clock:%H:%M}"
            case float() as number if number.is_integer():
                return str(int(number))
            case other:
                return clean(str(other))[:MOST_TEXT]


@dataclass(frozen=True)
class Line:
    """A row below the heading, by column; `number` is Excel's."""

    number: int
    cells: dict[str, Cell]

    def text(self, column: str) -> str:
        return self.cells.get(column, Cell(None)).text

    def value(self, column: str) -> Value:
        return self.cells.get(column, Cell(None)).value


def read_sheets(content: bytes, wanted: dict[str, Sequence[str]]) -> dict[str, list[Line]]:
    """Return the rows of the sheets we know that are there, by the sheet's name; empty rows are left out.

    Args:
        wanted: by sheet the headings of its columns; compared without case and diacritics.

    Raises:
        Invalid: `excel.too_large`, `excel.not_a_workbook`, `excel.macros`, `excel.wrong_sheets`, `excel.wrong_columns`,
        `excel.too_many_rows`.
    """
    _inspect(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
    except Exception as error:  # openpyxl raises whatever the damage makes it stumble over
        raise _not_a_workbook() from error
    try:
        known = {fold(name): name for name in wanted}
        found = {known[fold(sheet.title)]: sheet for sheet in book.worksheets if fold(sheet.title) in known}
        if not found:
            raise Invalid(
                "excel.wrong_sheets",
                _("Tệp không có trang nào tên %(names)s. Chưa nhập gì; hãy dùng tệp mẫu.")
                % {"names": ", ".join(f"“{name}”" for name in wanted)},
                field="file",
            )
        return {name: _lines(name, sheet, wanted[name]) for name, sheet in found.items()}
    except Invalid:
        raise
    except Exception as error:  # sheets are read when they are looked at
        raise _not_a_workbook() from error
    finally:
        book.close()


def _inspect(content: bytes) -> None:
    if len(content) > MOST_BYTES:
        raise Invalid(
            "excel.too_large", _("Tệp lớn hơn 2 MB. Chưa nhập gì; hãy chia thành nhiều tệp."), field="file"
        )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            names = [part.filename.lower() for part in parts]
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise Invalid(
                    "excel.too_large",
                    _("Nội dung bên trong tệp quá lớn. Chưa nhập gì; hãy chép dữ liệu sang tệp mẫu."),
                    field="file",
                )
            if any(part.flag_bits & 1 for part in parts) or "[content_types].xml" not in names:
                raise _not_a_workbook()
            if any("vbaproject" in name for name in names):
                raise Invalid(
                    "excel.macros",
                    _("Tệp có macro nên không nhận. Hãy lưu lại dạng .xlsx rồi gửi."),
                    field="file",
                )
            # The sizes above are what the archive claims; unpacking checks that no part is larger.
            for part in parts:
                _unpack(archive, part)
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise _not_a_workbook() from error


def _unpack(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Read a part through; zipfile stops at its declared size, checks its sum, and refuses what it does not know."""
    with archive.open(part) as stream:
        while stream.read(1 << 16):
            pass


def _not_a_workbook() -> Invalid:
    return Invalid(
        "excel.not_a_workbook",
        _("Không đọc được tệp này. Chưa nhập gì; hãy dùng tệp Excel dạng .xlsx, không đặt mật khẩu."),
        field="file",
    )


def _lines(name: str, sheet: object, columns: Sequence[str]) -> list[Line]:
    rows = sheet.iter_rows(max_row=MOST_ROWS + 2, max_col=MOST_COLUMNS)  # type: ignore[attr-defined]
    heading = [fold(_cell(one).text) for one in next(iter(rows), ())]
    places = {column: heading.index(fold(column)) for column in columns if fold(column) in heading}
    missing = [column for column in columns if column not in places]
    if missing:
        raise Invalid(
            "excel.wrong_columns",
            _("Trang “%(sheet)s” thiếu cột %(columns)s ở dòng đầu. Chưa nhập gì; hãy dùng tệp mẫu.")
            % {"sheet": name, "columns": ", ".join(f"“{column}”" for column in missing)},
            field="file",
        )
    lines: list[Line] = []
    for number, row in enumerate(rows, start=2):
        cells = [_cell(one) for one in row]
        if not any(cell.text for cell in cells):
            continue
        if number > MOST_ROWS + 1:
            raise Invalid(
                "excel.too_many_rows",
                _("Trang “%(sheet)s” dài hơn %(n)s dòng. Chưa nhập gì; hãy chia thành nhiều tệp.")
                % {"sheet": name, "n": MOST_ROWS},
                field="file",
            )
        lines.append(
            Line(
                number,
                {column: cells[place] for column, place in places.items() if place < len(cells)},
            )
        )
    return lines


def _cell(cell: object) -> Cell:
    value = getattr(cell, "value", None)
    if getattr(cell, "data_type", "") == "f" or (isinstance(value, str) and value.startswith("=")):
        return Cell(str(value)[:MOST_TEXT], _("ô có công thức; hãy dán giá trị (Paste Values) rồi gửi lại"))
    if getattr(cell, "data_type", "") == "e":
        return Cell(str(value), _("ô có lỗi của Excel"))
    if value is None or isinstance(value, str | int | float | date | time):
        return Cell(value)
    return Cell(str(value)[:MOST_TEXT])
