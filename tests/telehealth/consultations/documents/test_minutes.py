"""The minutes as PDF: what is in the data stands on the paper, literally, whatever somebody typed."""

import io
import time
import unicodedata
from datetime import date, datetime, timedelta, timezone
from functools import partial
from typing import Any, cast

import pytest
from pydantic import ValidationError
from pypdf import PdfReader
from pypdf.generic import DictionaryObject, StreamObject

from telehealth.consultations.documents.minutes_data import (
    Amendment,
    Answer,
    Attendance,
    Decision,
    Dissent,
    Interruption,
    Member,
    MinutesData,
    Patient,
    Signature,
    Site,
    Stay,
    Summary,
    VitalSigns,
)
from telehealth.consultations.documents.render import render_minutes
from telehealth.consultations.documents.typesetting import LONGEST_WORD, printable

SPOKE = "Trung tâm Y tế huyện Kỳ Sơn"
HUB = "Bệnh viện Hữu nghị Đa khoa Nghệ An"


def at(hour: int, minute: int, second: int = 0) -> datetime:
    return datetime(2026, 11, 24, hour, minute, second, tzinfo=timezone(timedelta(hours=7)))


def minutes(**changes: Any) -> MinutesData:
    """Complete minutes with every field filled in; `changes` replace top-level fields."""
    fields: dict[str, Any] = {
        "code": "HC-2026-000123",
        "version": 1,
        "prepared_at": at(9, 20),
        "health_department": "Sở Y tế Nghệ An",
        "facility": SPOKE,
        "department": "Khoa Hồi sức cấp cứu",
        "admission_number": "26/01234",
        "archive_number": "LT-0077",
        "patient": Patient(
            name="Lô Văn Minh Họa",
            sex="male",
            born="1959",
            age="67 tuổi",
            ethnicity="Thái",
            address="Bản Na, xã Hữu Kiệm, tỉnh Nghệ An",
            citizen_number="040059999001",
            insurance_number="4099000123",
            record_number="NB-000045",
            language="Tiếng Thái",
            interpreter="Vi Thị Hoa",
        ),
        "admitted_on": date(2026, 11, 23),
        "admission_diagnosis": "Theo dõi nhồi máu cơ tim cấp",
        "channel": "video",
        "urgency": "red",
        "specialty": "Tim mạch",
        "reason": "Vượt khả năng chuyên môn",
        "requested_at": at(7, 40),
        "started_at": at(7, 52),
        "ended_at": at(8, 21),
        "chair": Member(
            name="Nguyễn Đình Khải",
            title="BSCKII.",
            facility=HUB,
            department="Khoa Tim mạch",
            licence="DEMO-000101",
        ),
        "secretary": Member(name="Vi Thị Hoa", title="ĐD.", facility=SPOKE),
        "treating_doctor": Member(name="Lương Văn Thành", title="BS.", facility=SPOKE, licence="DEMO-000201"),
        "members": (Member(name="Trần Thị Hòa", title="ThS.", duty="Bác sĩ hồi sức", facility=HUB),),
        "sites": (
            Site(facility=SPOKE, side="spoke", connected_at=at(7, 50), disconnected_at=at(8, 21)),
            Site(facility=HUB, side="hub", connected_at=at(7, 51), disconnected_at=at(8, 22)),
        ),
        "attendance": (
            Attendance(
                name="Lương Văn Thành",
                title="BS.",
                facility=SPOKE,
                stays=(
                    Stay(entered_at=at(7, 50, 12), left_at=at(8, 2, 5)),
                    Stay(entered_at=at(8, 3, 1), left_at=at(8, 21)),
                ),
            ),
        ),
        "recording_number": "GH-0009",
        "interruptions": (
            Interruption(at=at(8, 2, 5), until=at(8, 3, 1), text="Điểm cầu Kỳ Sơn mất đường truyền."),
        ),
        "consent": "Đã giải thích bằng tiếng Thái.",
        "summary": Summary(
            chief_complaint="Đau ngực trái giờ thứ ba",
            history_of_present_illness="Đau thắt ngực sau xương ức từ 4 giờ 30.",
            past_history="Tăng huyết áp 8 năm.",
            allergies="Dị ứng penicillin.",
            vital_signs=(
                VitalSigns(
                    measured_at=at(7, 15), pulse=96, temperature=36.8, systolic=151, diastolic=91,
                    respiratory_rate=22, spo2=94, glasgow=15, pain=8, weight=56.5, height=162,
                    note="Thở khí trời.",
                ),
            ),
            examination="Da lạnh, vã mồ hôi.",
            investigations="ST chênh lên ở V1–V4; β-hCG < 5; creatinin 88 µmol/L ≥ → °C.",
            provisional_diagnosis="Nhồi máu cơ tim cấp",
            icd10="I21.0",
            management_done="Aspirin 300 mg.",
            clinical_course="Đỡ đau.",
            current_medicines="Amlodipin 5 mg.",
            local_resources="Có alteplase.",
            attachments=("Điện tim 7:18.jpg",),
        ),
        "answers": (
            Answer(
                number=1,
                question="Có chỉ định tiêu sợi huyết không?",
                conclusion="Người bệnh có chỉ định tiêu sợi huyết.",
                further_treatment="Alteplase 15 mg tiêm tĩnh mạch.",
                answered_by="BSCKII. Nguyễn Đình Khải",
            ),
            Answer(number=2, question="Khi nào chuyển?", conclusion="Chuyển ngay sau khi truyền xong."),
        ),
        "dissents": (Dissent(name="ThS. Trần Thị Hòa", text="Nên chuyển trước khi truyền."),),
        "follow_up": "Gọi lại sau 60 phút.",
        "decisions": (
            Decision(
                outcome="changed",
                reason="Giảm liều.",
                decided_by="BS. Lương Văn Thành",
                decided_at=at(8, 25),
            ),
        ),
    }  # fmt: skip
    return MinutesData(**{**fields, **changes})


def signed(data: MinutesData, digest: str | None = None) -> MinutesData:
    chair = data.chair
    signature = Signature(
        role="chair",
        name=chair.name,
        title=chair.title,
        facility=chair.facility,
        signed_at=at(8, 23),
        digest=digest or data.digest,
    )
    return data.model_copy(update={"signatures": (signature,)})


def read(pdf: bytes) -> str:
    """The text of all pages on one line, NFC, without the breaks the layout made."""
    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    return " ".join(unicodedata.normalize("NFC", text).replace("\u200b", "").split())


def squeezed(text: str) -> str:
    return "".join(unicodedata.normalize("NFC", text).replace("\u200b", "").split())


CHOICES = {"channel", "urgency", "care_mode", "sex", "side", "outcome", "role", "method"}


def free_texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [t for key, item in value.items() if key not in CHOICES for t in free_texts(item)]
    if isinstance(value, list | tuple):
        return [t for item in value for t in free_texts(item)]
    return [value] if isinstance(value, str) and value else []


def test_every_text_of_the_data_stands_on_the_paper() -> None:
    data = minutes()
    paper = squeezed(read(render_minutes(signed(data), demonstration=False))).casefold()
    missing = [text for text in free_texts(data.model_dump()) if squeezed(text).casefold() not in paper]
    assert missing == []


@pytest.mark.parametrize(
    "phrase",
    [
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập – Tự do – Hạnh phúc",
        "SỞ Y TẾ NGHỆ AN",
        "BIÊN BẢN HỘI CHẨN",
        "Mẫu số 27/BV2",
        "Số vào viện: 26/01234",
        "LÔ VĂN MINH HỌA",
        "Ngày vào viện: 23/11/2026",
        "Từ 07:52 đến 08:21, ngày 24/11/2026",
        "Báo động đỏ",
        "Hội chẩn từ xa giữa những người hành nghề. Trực tuyến, có hình và tiếng.",
        "07:50:12 – 08:02:05",
        "30 phút",
        "Có, số lưu GH-0009",
        "08:02:05 đến 08:03:01: Điểm cầu Kỳ Sơn mất đường truyền.",
        "151/91",
        "36,8",
        "(ICD-10: I21.0)",
        "Tất cả các kết luận: Thực hiện có thay đổi. Lý do: Giảm liều.",
        "Đã ký xác nhận trên hệ thống lúc 08:23, ngày 24/11/2026",
        "Chưa ký",
        "Trang 1/",
        "HC-2026-000123 · Bản số 1",
    ],
)
def test_the_paper_has_the_parts_of_the_form(phrase: str) -> None:
    assert phrase in read(render_minutes(signed(minutes()), demonstration=False))


def test_times_are_printed_as_the_clock_in_vietnam_shows_them() -> None:
    utc = minutes().model_dump_json().replace("+07:00", "Z")
    assert "Từ 14:52 đến 15:21, ngày 24/11/2026" in read(
        render_minutes(MinutesData.model_validate_json(utc), demonstration=False)
    )


def test_the_digest_of_the_content_is_printed() -> None:
    data = minutes()
    assert data.digest in squeezed(read(render_minutes(data, demonstration=False)))


def test_demonstration_and_draft_are_said_on_every_paper_they_apply_to() -> None:
    demonstration = read(render_minutes(signed(minutes()), demonstration=True))
    draft = read(render_minutes(minutes(), demonstration=False))
    real = read(render_minutes(signed(minutes()), demonstration=False))
    assert ("DỮ LIỆU MINH HỌA" in demonstration, "BẢN DỰ THẢO" in demonstration) == (True, False)
    assert ("DỮ LIỆU MINH HỌA" in draft, "BẢN DỰ THẢO: CHƯA KÝ" in draft) == (False, True)
    assert ("DỮ LIỆU MINH HỌA" in real, "BẢN DỰ THẢO" in real) == (False, False)


def test_a_signature_under_other_content_is_called_out() -> None:
    assert "Chữ ký thuộc nội dung khác" in read(
        render_minutes(signed(minutes(), digest="0" * 64), demonstration=False)
    )


def test_an_amended_version_says_what_it_replaces_and_why() -> None:
    amended = minutes(
        version=2,
        amends=Amendment(replaces_version=1, reason="Sửa liều thuốc.", amended_by="BSCKII. Nguyễn Đình Khải"),
    )
    assert "Bản số 2 thay thế bản số 1. Lý do: Sửa liều thuốc." in read(
        render_minutes(amended, demonstration=False)
    )


def test_empty_parts_are_said_or_left_out() -> None:
    bare = minutes(
        channel="writing", secretary=None, members=(), ended_at=None, attendance=(), recording_number="",
        interruptions=(), consent="", dissents=(), follow_up="", decisions=(), admitted_on=None,
        sites=(Site(facility=SPOKE, side="spoke"), Site(facility=HUB, side="hub")),
        summary=Summary(chief_complaint="Đau bụng"),
    )  # fmt: skip
    text = read(render_minutes(bare, demonstration=False))
    assert "Không có ý kiến khác." in text
    assert "Bác sĩ điều trị chưa ghi quyết định" in text
    assert "Trả lời bằng văn bản, không trực tuyến" in text
    assert "Ghi hình, ghi âm: Không ghi" in text
    assert "None" not in text


HOSTILE = [
    '#import "@preview/x:1.0.0": *',
    '#read("/etc/passwd") #sys.inputs #panic()',
    "*đậm* _nghiêng_ `mã` $x^2$ = tiêu đề",
    "// chú thích /* khối */ \\ @nhãn <nhãn> ~ -- --- ... 'nháy' \"kép\"",
    '{"data": "\\u0000"} \\u{1F600} [nội dung] (1) + - /',
    "-- 1. danh sách\n+ mục\n- mục\n= tiêu đề",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_typst_markup_in_a_text_is_printed_literally(text: str) -> None:
    data = minutes(
        answers=(Answer(number=1, question=text, conclusion=text, further_treatment=text),),
        patient=Patient(name=text.replace("\n", " "), sex="unknown", born="1990", age="36 tuổi"),
    )
    paper = squeezed(read(render_minutes(data, demonstration=False)))
    assert paper.count(squeezed(text)) >= 4


def test_long_words_stay_on_the_paper() -> None:
    word = "".join(chr(ord("a") + i % 26) for i in range(900))
    pdf = render_minutes(
        minutes(
            answers=(Answer(number=1, question=word, conclusion=word),),
            members=(Member(name=word, facility=word, duty=word, licence=word),),
        ),
        demonstration=False,
    )
    for page in PdfReader(io.BytesIO(pdf)).pages:
        starts: list[float] = []

        def visit(
            text: str, _cm: Any, matrix: list[float], _font: Any, _size: float, into: list[float]
        ) -> None:
            if text.strip():
                into.append(matrix[4])

        page.extract_text(visitor_text=partial(visit, into=starts))
        assert max(starts) < float(page.mediabox.width)
    assert squeezed(word) in squeezed(read(pdf))


def test_ten_thousand_characters_run_over_pages_within_a_second() -> None:
    long = "Người bệnh tỉnh, tiếp xúc tốt, da niêm mạc hồng. " * 205
    data = minutes(
        summary=Summary(chief_complaint="Sốt", examination=long),
        answers=tuple(Answer(number=n, question=f"Câu {n}?", conclusion=long) for n in (1, 2, 3)),
    )
    render_minutes(data, demonstration=False)
    started = time.perf_counter()
    pdf = render_minutes(data, demonstration=False)
    elapsed = time.perf_counter() - started
    pages = len(PdfReader(io.BytesIO(pdf)).pages)
    assert pages > 5
    assert f"Trang {pages}/{pages}" in read(pdf)
    assert elapsed < 1


def test_combining_marks_emoji_and_unknown_scripts_are_readable() -> None:
    decomposed = unicodedata.normalize("NFD", "Nhồi máu cơ tim đã ổn định")
    data = minutes(
        answers=(
            Answer(
                number=1,
                question=decomposed,
                conclusion="ổn 😀 🚑 ລາວ 漢 ﷽",
                further_treatment="a\u202eb\x00c",
            ),
        )
    )
    text = read(render_minutes(data, demonstration=False))
    assert "Nhồi máu cơ tim đã ổn định" in text
    assert "ổn 😀 [U+1F691] ລາວ [U+6F22] [U+FDFD]" in text
    assert "abc" in text


def test_the_lines_of_a_text_stay_lines() -> None:
    data = minutes(summary=Summary(chief_complaint="Sốt", management_done="Dòng một\r\nDòng hai"))
    pages = PdfReader(io.BytesIO(render_minutes(data, demonstration=False))).pages
    text = "\n".join(page.extract_text() for page in pages)
    assert "Dòng một\nDòng hai" in unicodedata.normalize("NFC", text)


def test_printable_breaks_only_what_is_too_long() -> None:
    assert printable("Phenoxymethylpenicillin") == "Phenoxymethylpenicillin"
    assert printable("x" * (LONGEST_WORD + 1)) == "x" * LONGEST_WORD + "\u200bx"


def test_metadata_names_title_author_language_and_is_tagged_for_readers() -> None:
    reader = PdfReader(io.BytesIO(render_minutes(minutes(), demonstration=False)))
    assert reader.metadata is not None
    assert (reader.metadata.title, reader.metadata.author) == ("Biên bản hội chẩn HC-2026-000123", SPOKE)
    root = reader.root_object
    assert str(root["/Lang"]).startswith("vi")
    assert str(cast(DictionaryObject, root["/MarkInfo"])["/Marked"]) == "True"
    xmp = cast(StreamObject, root["/Metadata"]).get_data()
    assert b"pdfaid:part" in xmp
    assert b"pdfuaid:part" in xmp


def test_the_same_data_give_the_same_bytes() -> None:
    assert render_minutes(minutes(), demonstration=True) == render_minutes(minutes(), demonstration=True)


def test_stored_json_gives_the_same_data_and_digest_back() -> None:
    data = signed(minutes())
    again = MinutesData.model_validate_json(data.model_dump_json())
    assert again == data
    assert again.digest == data.digest


def test_the_digest_covers_what_is_signed_and_only_that() -> None:
    data = minutes(decisions=())
    decided = minutes(
        version=2, amends=Amendment(replaces_version=1, reason="Bổ sung quyết định.", amended_by="BS. Thành")
    )
    other = minutes(answers=(Answer(number=1, question="Câu hỏi?", conclusion="Khác."),))
    assert decided.digest == data.digest == signed(data).digest
    assert other.digest != data.digest


@pytest.mark.parametrize(
    "changes",
    [
        {"answers": ()},
        {
            "answers": (
                Answer(number=2, question="a", conclusion="b"),
                Answer(number=1, question="a", conclusion="b"),
            )
        },
        {"version": 2},
        {"amends": Amendment(replaces_version=1, reason="a", amended_by="b")},
        {"decisions": (Decision(question=9, outcome="accepted", decided_by="a", decided_at=at(8, 0)),)},
        {"requested_at": datetime(2026, 11, 24, 7, 40)},  # noqa: DTZ001 - a time without a zone is what is refused
        {"surprise": "field"},
    ],
)
def test_minutes_that_do_not_hold_together_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        minutes(**changes)
