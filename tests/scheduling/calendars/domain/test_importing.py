"""A schedule from Excel: row by row, whole or not at all, and no file can do harm."""

import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, time, timedelta

import pytest
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from scheduling.calendars.domain.importing import (
    import_schedule,
    preview_schedule,
    schedule_file,
    template_file,
)
from scheduling.calendars.enums import DutyRank, Purpose
from scheduling.calendars.excel.rows import AVAILABILITY, COLUMNS, DUTY
from scheduling.calendars.models import Availability, OnCallShift, Roster
from scheduling.calendars.ranges import interval_of
from telehealth.accounts.enums import Role
from telehealth.accounts.models import Membership
from telehealth.audit.models import AuditEntry
from telehealth.core.errors import Invalid, NotAllowed
from tests.factories import NOW, World
from tests.scheduling.factories import MONDAY, make_roster, make_shift, stretch

pytestmark = pytest.mark.django_db
Values = Sequence[object]


def book(availability: Sequence[Values] = (), duty: Sequence[Values] = (), **changed: Sequence[str]) -> bytes:
    made = Workbook()
    made.remove(made["Sheet"])
    for title, rows in ((AVAILABILITY, availability), (DUTY, duty)):
        sheet = made.create_sheet(title)
        sheet.append(list(changed.get(title.split()[1], COLUMNS[title])))
        for row in rows:
            sheet.append(list(row))
    return saved(made)


def saved(made: Workbook) -> bytes:
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def faults(world: World, content: bytes) -> list[tuple[str, int, list[str]]]:
    outcome = preview_schedule(hat=world.coordinator, content=content, now=NOW)
    return [(row.sheet, row.number, list(row.faults)) for row in outcome.rows if row.faults]


def audited() -> list[str]:
    return list(AuditEntry.objects.exclude(action="patient.created").values_list("action", flat=True))


def test_a_preview_changes_nothing_and_an_import_takes_all(world: World) -> None:
    who = world.specialist.user.username
    content = book(
        availability=[
            (who, "Thứ 2", "07:00", "11:30", "Khám tại chỗ, Hội chẩn", "01/12/2026", ""),
            (who.upper(), "CN", time(13, 30), 17 / 24, "", date(2026, 12, 1), "31/12/2026"),
        ],
        duty=[(who, world.specialty.name_vi, "trực chính", "30/11/2026", "17h", "7h00")],
    )
    assert preview_schedule(hat=world.coordinator, content=content, now=NOW).faulty == 0
    assert (Availability.objects.count(), Roster.objects.count(), audited()) == (0, 0, [])
    import_schedule(hat=world.coordinator, content=content, now=NOW)
    rows = Availability.objects.values_list("weekday", "starts", "ends", "purposes", "valid_from", "valid_to")
    assert list(rows) == [
        (
            1,
            time(7),
            time(11, 30),
            [Purpose.CONSULTATION, Purpose.IN_PERSON],
            date(2026, 12, 1),
            None,
        ),
        (7, time(13, 30), time(17), [], date(2026, 12, 1), date(2026, 12, 31)),
    ]
    shift = OnCallShift.objects.get()
    assert (shift.membership, shift.rank, shift.roster.specialty, interval_of(shift.during)) == (
        world.specialist.membership,
        DutyRank.PRIMARY,
        world.specialty,
        stretch(MONDAY, "17:00", "07:00", 1),
    )
    assert audited() == ["schedule.imported"]


def test_every_faulty_row_is_named_and_nothing_of_the_file_is_taken(world: World) -> None:
    who = world.specialist.user.username
    second = world.second_specialist.user.username
    elsewhere = Membership.objects.create(
        user=world.second_specialist.user, facility=world.spoke, role=Role.DOCTOR
    )
    make_shift(make_roster(world.spoke), elsewhere, stretch(MONDAY, "20:00", "08:00", 1))
    content = book(
        availability=[
            (who, "Thứ 2", "07:00", "11:30", "", "01/12/2026", ""),
            (who, "Thứ 2", "08:00", "09:00", "", "01/12/2026", ""),
            ("ai.do", "Thứ 9", "25:00", "11:30", "Chơi", "31/02/2026", ""),
            (who, "Thứ 3", "=NOW()", "11:30", "", "01/12/2026", ""),
        ],
        duty=[
            (second, "", "Trực chính", "30/11/2026", "17:00", "07:00"),
            (who, "Khoa không có", "Trực chính", "30/11/2026", "17:00", "07:00"),
            (who, "", "Trực chính", "01/11/2026", "17:00", "07:00"),
        ],
    )
    found = faults(world, content)
    assert [(sheet, number) for sheet, number, _ in found] == [
        (AVAILABILITY, 3),
        (AVAILABILITY, 4),
        (AVAILABILITY, 5),
        (DUTY, 2),
        (DUTY, 3),
        (DUTY, 4),
    ]
    assert [text.split("(Luật")[0].strip() for _, _, texts in found for text in texts] == [
        "Trùng với giờ đã có: Thứ Hai 07:00–11:30. Chưa thêm gì; hãy sửa giờ hoặc bỏ giờ cũ trước.",
        "Từ: không hiểu giờ “25:00”; ghi như 07:30",
        "không hiểu thứ “Thứ 9”; ghi Thứ 2 … Thứ 7 hoặc CN",
        "không hiểu “choi”; ghi Khám tại chỗ, Khám từ xa, Hội chẩn hoặc để trống",
        "Áp dụng từ: không hiểu ngày “31/02/2026”; ghi như 24/11/2026",
        "Từ: ô có công thức; hãy dán giá trị (Paste Values) rồi gửi lại",
        f"{world.second_specialist.user.display_name} đã trực tại {world.spoke.short_name} từ 20:00 30/11/2026 đến"
        " 08:00 01/12/2026. Một người không hành nghề cùng lúc ở hai cơ sở",
        "không có chuyên khoa “Khoa không có”; xem trang Danh mục của tệp mẫu",
        "Ca trực này đã qua. Chưa thêm gì.",
    ]
    assert import_schedule(hat=world.coordinator, content=content, now=NOW).faulty == 6
    assert (Availability.objects.count(), Roster.objects.filter(facility=world.hub).count()) == (0, 0)


def stored() -> list[object]:
    patterns = Availability.objects.values_list("weekday", "starts", "ends", "purposes", "valid_from")
    return [*patterns, *OnCallShift.objects.values_list("user", "rank", "during")]


def test_what_is_exported_is_what_can_be_imported(world: World) -> None:
    who = world.specialist.user.username
    content = book(
        availability=[(who, "Thứ 7", "22:00", "02:00", "Khám từ xa", "01/12/2026", "")],
        duty=[(who, world.specialty.name_vi, "Trực phụ", "30/11/2026", "17:00", "07:00")],
    )
    import_schedule(hat=world.coordinator, content=content, now=NOW)
    before = stored()
    exported = schedule_file(hat=world.coordinator, today=timezone.localdate(NOW), now=NOW)
    Availability.objects.all().delete()
    OnCallShift.objects.all().delete()
    import_schedule(hat=world.coordinator, content=exported, now=NOW)
    assert stored() == before


def test_a_template_has_people_to_choose_from_and_no_formula_in_their_names(world: World) -> None:
    user = world.specialist.user
    user.title, user.full_name = "", '=HYPERLINK("http://x","Bấm")'
    user.save()
    made = load_workbook(io.BytesIO(template_file(hat=world.coordinator)))
    names = {cell.value: cell.data_type for cell in made["Danh mục"]["B"]}
    assert names[user.full_name] == "s"
    assert [cell.value for cell in made[DUTY][1]] == list(COLUMNS[DUTY])
    with pytest.raises(NotAllowed):
        template_file(hat=world.specialist)


def zipped(**parts: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return stream.getvalue()


def with_part(content: bytes, name: str, part: bytes) -> bytes:
    stream = io.BytesIO(content)
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, part)
    return stream.getvalue()


def without_cells() -> bytes:
    made = Workbook()
    made.create_sheet("Bảng lương")
    return saved(made)


def entities() -> bytes:
    """Nested entities in a sheet: unpacked they would be gigabytes."""
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "' + b"x" * 1000 + b'">'
    for number, name in enumerate("bcdefgh"):
        bomb += f'<!ENTITY {name} "{f"&{chr(97 + number)};" * 20}">'.encode()
    bomb += (
        b"]><worksheet><sheetData><row><c t='inlineStr'><is><t>&h;</t></is></c></row></sheetData></worksheet>"
    )
    stream, original = io.BytesIO(), zipfile.ZipFile(io.BytesIO(book()))
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in original.infolist():
            archive.writestr(part, bomb if "sheet1" in part.filename else original.read(part))
    return stream.getvalue()


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "excel.not_a_workbook"),
    "a picture": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(100), "excel.not_a_workbook"),
    "the old format": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "excel.not_a_workbook"),
    "some zip": (lambda: zipped(a=b"x"), "excel.not_a_workbook"),
    "a hollow workbook": (lambda: zipped(**{"[Content_Types].xml": b"<x/>"}), "excel.not_a_workbook"),
    "cut off": (lambda: book()[:-200], "excel.not_a_workbook"),
    "too many bytes": (lambda: bytes(2 * 1024 * 1024 + 1), "excel.too_large"),
    "a zip bomb": (lambda: with_part(book(), "xl/media/x", bytes(30_000_000)), "excel.too_large"),
    "too many parts": (
        lambda: zipped(**{f"p{n}": b"" for n in range(300)}),
        "excel.too_large",
    ),
    "macros": (lambda: with_part(book(), "xl/vbaProject.bin", b"x"), "excel.macros"),
    "entities": (entities, "excel.not_a_workbook"),
    "other sheets": (without_cells, "excel.wrong_sheets"),
    "other columns": (lambda: book(khám=["A", "B"]), "excel.wrong_columns"),
    "no rows": (book, "excel.empty"),
    "too many rows": (
        lambda: book(availability=[("x", "2", "7:00", "8:00", "", "1/1/2027", "")] * 1001),
        "excel.too_many_rows",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_files_that_are_no_schedule_are_refused_in_a_sentence(world: World, name: str) -> None:
    make, code = HOSTILE[name]
    with pytest.raises(Invalid) as refused:
        preview_schedule(hat=world.coordinator, content=make(), now=NOW)
    assert refused.value.code == code


def test_a_file_whose_sizes_lie_is_refused(world: World) -> None:
    content = bytearray(book())
    # The first part's declared size, in its local header and in the directory.
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = bytes(content).index(mark) + offset
        content[place : place + 4] = (5).to_bytes(4, "little")
    with pytest.raises(Invalid) as refused:
        preview_schedule(hat=world.coordinator, content=bytes(content), now=NOW)
    assert refused.value.code == "excel.not_a_workbook"


def test_a_row_that_opens_a_roster_and_is_refused_leaves_no_roster_behind(world: World) -> None:
    who = world.specialist.user.username
    past = MONDAY - timedelta(days=30)
    content = book(
        duty=[
            (who, "", "Trực chính", past, "17:00", "07:00"),
            (who, "", "Trực chính", MONDAY, "17:00", "07:00"),
        ]
    )
    assert [number for _, number, _ in faults(world, content)] == [2]
