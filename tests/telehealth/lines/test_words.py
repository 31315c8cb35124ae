"""What people are told about lines."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from telehealth.lines.domain.checks import outcomes_of, save_line_check
from telehealth.lines.enums import CheckKind, Metric, Step, Verdict
from telehealth.lines.report import report_text
from telehealth.lines.results import Figures
from telehealth.lines.rules import Advice, Outcome, Rung
from telehealth.lines.words import FIGURES, VERDICT_ABOUT, WHAT_TO_DO, advice_text, figures_text, rate
from tests.factories import World

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)  # 15:00 in Việt Nam


@pytest.mark.parametrize(
    ("advice", "vi", "en"),
    [
        (
            Advice(Rung.SOUND, Metric.UP, 400, NOW - timedelta(minutes=50), NOW),
            "Kỳ Sơn: lên 0,4 Mbit/s từ 14:10, nên dùng âm thanh",
            "Kỳ Sơn: 0.4 Mbit/s up since 14:10, better use sound only",
        ),
        (
            Advice(Rung.PICTURE, measured_at=NOW),
            "Kỳ Sơn: đủ cho hình và tiếng",
            "Kỳ Sơn: enough for picture and sound",
        ),
        (
            Advice(Rung.SMALL_PICTURE, measured_at=NOW),
            "Kỳ Sơn: chưa đo tốc độ, nên bắt đầu với hình nhỏ",
            "Kỳ Sơn: rate not measured, better begin with a small picture",
        ),
        (
            Advice(Rung.SMALL_PICTURE, Metric.LOSS, 0.08, None, NOW),
            "Kỳ Sơn: mất 8 % gói, nên dùng hình nhỏ",
            "Kỳ Sơn: 8% of packets lost, better use a small picture",
        ),
        (
            Advice(Rung.WRITING, Metric.RTT, 4200, NOW - timedelta(hours=16), NOW),
            "Kỳ Sơn: tiếng trễ 4,2 giây từ 23:00 ngày 23/11, nên viết hoặc gọi điện thoại",
            "Kỳ Sơn: sound 4.2 s late since 23:00 on 23/11, better write or telephone",
        ),
        (
            Advice(measured_at=NOW - timedelta(hours=3)),
            "Kỳ Sơn: chưa có số đo mới, lần cuối 12:00",
            "Kỳ Sơn: no new measurement, the last at 12:00",
        ),
        (
            Advice(),
            "Kỳ Sơn: chưa có số đo đường truyền trong sáu giờ qua",
            "Kỳ Sơn: the line was not measured in the last six hours",
        ),
    ],
)
def test_advice_is_one_sentence(advice: Advice, vi: str, en: str) -> None:
    assert advice_text("Kỳ Sơn", advice, now=NOW) == vi
    with translation.override("en"):
        assert advice_text("Kỳ Sơn", advice, now=NOW) == en


@pytest.mark.parametrize(("kbps", "text"), [(42, "0,04"), (400, "0,4"), (1950, "1,9"), (12_400, "12")])
def test_a_rate_has_the_digits_it_is_worth(kbps: float, text: str) -> None:
    assert rate(kbps) == text


def test_figures_stand_in_one_order_with_their_units() -> None:
    figures: dict[str, float | str] = {
        "loss_down": 0.013,
        "rtt_ms": 38.4,
        "browser": "Chromium 156",
        "up_kbps": 412.0,
        "level": 0.5,
    }
    assert figures_text(figures) == (
        "Chromium 156 · mức tiếng 50 % · đi và về 38 ms · lên 0,41 Mbit/s · mất lúc nhận 1,3 %"
    )


def test_every_figure_a_browser_may_report_has_words() -> None:
    assert set(FIGURES) == set(Figures.model_fields)


def test_every_verdict_says_what_to_do_and_every_cause_belongs_to_a_check() -> None:
    assert set(VERDICT_ABOUT) == set(Verdict)
    assert {key.split(".")[0] for key in WHAT_TO_DO} <= set(CheckKind)


@pytest.mark.django_db
def test_the_report_says_everything_and_names_nobody(world: World) -> None:
    outcomes = {
        CheckKind.UDP: Outcome(Step.BAD, "blocked"),
        CheckKind.RATES: Outcome(Step.WEAK, "thin", {"up_kbps": 410.0, "down_kbps": 900.0}),
    }
    check = save_line_check(hat=world.doctor, outcomes=outcomes, now=NOW)
    text = report_text(check, outcomes_of(check))
    assert text.startswith("\ufeff")
    lines = text[1:].split("\r\n")
    assert lines[2:7] == [
        f"Mã: {check.code}",
        "Lúc: 15:00 24/11/2026 (giờ Việt Nam)",
        f"Nơi: {world.spoke.name}",
        "",
        "Kết luận: Mạng chặn đường hình và tiếng",
    ]
    assert " 5. Đường hình và tiếng (UDP): Không được" in lines
    assert "    lên 0,41 Mbit/s · xuống 0,9 Mbit/s" in lines
    assert sum(line[:3].strip(" .").isdigit() for line in lines) == 12
    assert world.doctor.user.full_name not in text
