"""What the operator reads, and what a program reads."""

import pytest
from django.utils import translation

from telehealth.selftest.report import Outcome, Report, Verdict


def walked(*outcomes: Outcome) -> tuple[Report, list[str]]:
    lines: list[str] = []
    report = Report("https://hoichan.example.vn", lines.append)
    report.begin()
    for outcome in outcomes:
        report.add(outcome)
    report.end(3.21)
    return report, lines


def test_tells_every_step_and_the_verdict() -> None:
    report, lines = walked(Outcome("sign_in", "Hai người đăng nhập", Verdict.PASSED, 0.5))
    assert report.passed
    assert lines == [
        "Tự kiểm tra https://hoichan.example.vn",
        f"  đạt     {'Hai người đăng nhập':<58}  0.50 s",
        "Đạt: mọi bước chạy tốt trong 3.2 s.",
    ]


def test_tells_what_failed_and_what_to_do() -> None:
    report, lines = walked(
        Outcome(
            "media", "Tiếng và hình", Verdict.FAILED, 8.0, "media.no_path", "Không tới được.", "Mở tường lửa."
        ),
        Outcome("chat", "Tin nhắn", Verdict.NOT_RUN),
    )
    assert not report.passed
    assert lines[1:] == [
        f"  LỖI     {'Tiếng và hình':<58}  8.00 s",
        "          Không tới được.",
        "          Cách xử lý: Mở tường lửa.",
        "  bỏ qua  Tin nhắn",
        "Không đạt: xem bước có chữ LỖI ở trên.",
    ]


def test_is_an_object_for_programs() -> None:
    report, _lines = walked(Outcome("sign_in", "Hai người đăng nhập", Verdict.PASSED, 0.51234))
    assert report.as_json(3.21) == {
        "verdict": "passed",
        "url": "https://hoichan.example.vn",
        "seconds": 3.21,
        "steps": [
            {
                "name": "sign_in",
                "title": "Hai người đăng nhập",
                "verdict": "passed",
                "seconds": 0.512,
                "code": "",
                "text": "",
                "cure": "",
            }
        ],
    }


def test_nothing_done_is_not_passed() -> None:
    assert not Report("https://hoichan.example.vn").passed


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_language_has_the_verdicts(language: str) -> None:
    with translation.override(language):
        _report, lines = walked(Outcome("chat", "x", Verdict.PASSED, 0.1))
    assert len(lines) == 3
