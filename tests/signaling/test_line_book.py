"""What of a line's ups and downs people hear, the log keeps, and the diary learns."""

from uuid import UUID

import pytest
from pydantic import ValidationError

from signaling.effects import Effect, KeepSample, NoteLine, TellLine
from signaling.line_book import LineBook, line_of, measured_kbps
from signaling.protocol import messages as wire
from telehealth.consultations.room_events import LineReason, LineRung

ME = UUID(int=2)


def line(
    down: LineRung = "full",
    reason: LineReason | None = None,
    *,
    up: LineRung = "full",
    up_reason: LineReason | None = None,
) -> wire.MediaLine:
    figures = wire.LineFigures(
        down_bitrate=90_000, up_bitrate=1_500_000, down_loss=0.12, up_loss=0.3, rtt_ms=210
    )
    return wire.MediaLine(
        participant_id=ME, down=down, down_reason=reason, up=up, up_reason=up_reason, figures=figures
    )


def live(book: LineBook, reports: dict[int, wire.MediaLine], seconds: int) -> list[tuple[int, Effect]]:
    """Let time pass second by second, with reports at some of them."""
    found: list[tuple[int, Effect]] = []
    for now in range(seconds):
        if now in reports:
            found += [(now, effect) for effect in book.hear(reports[now], now)]
        found += [(now, effect) for effect in book.tick(now)]
    return found


def notes(found: list[tuple[int, Effect]]) -> list[tuple[int, LineRung]]:
    return [(at, effect.down) for at, effect in found if isinstance(effect, NoteLine)]


def test_a_dip_of_four_seconds_is_not_written_down() -> None:
    found = live(LineBook(0.0), {0: line(), 20: line("still", "loss"), 24: line()}, 60)
    assert notes(found) == [(5, "full")]


def test_a_rung_is_written_down_after_five_seconds_and_the_next_a_minute_later_at_the_soonest() -> None:
    reports = {0: line("still", "loss"), 20: line("sound", "loss"), 40: line("quarter", "loss")}
    assert notes(live(LineBook(0.0), reports, 130)) == [(5, "still"), (65, "quarter")]


def test_what_was_refused_is_asked_for_again_after_a_minute() -> None:
    book = LineBook(0.0)
    assert notes(live(book, {0: line("still", "loss")}, 10)) == [(5, "still")]
    book.refused()
    later = [(at, effect) for at in range(10, 80) for effect in book.tick(at)]
    assert notes(later) == [(65, "still")]


def test_half_a_picture_and_a_camera_that_is_off_are_no_trouble() -> None:
    reports = {0: line(), 10: line("half", "thin_line", up="sound", up_reason="camera_off")}
    assert notes(live(LineBook(0.0), reports, 200)) == [(5, "full")]


def test_a_line_that_flaps_is_told_four_times_in_eight_seconds_and_ends_with_the_truth() -> None:
    book = LineBook(0.0)
    flapping = [line("still", "loss") if n % 2 else line() for n in range(20)]
    told = [e for n, each in enumerate(flapping) for e in book.hear(each, n / 20) if isinstance(e, TellLine)]
    told += [e for at in range(1, 10) for e in book.tick(at) if isinstance(e, TellLine)]
    assert (len(told), told[-1]) == (5, TellLine(flapping[-1]))


def test_the_diary_gets_a_sample_every_half_minute_with_the_breaks_in_between() -> None:
    book = LineBook(0.0)
    for silent_ms in (1000, 3000, 4000, 0, 2000, 0):
        book.hear_silence(silent_ms)
    reports = dict.fromkeys(range(0, 70, 10), line("still", "loss"))
    kept = [(at, e) for at, e in live(book, reports, 70) if isinstance(e, KeepSample)]
    first = KeepSample(rtt_ms=210.0, loss=0.3, up_kbps=1500.0, down_kbps=90.0, gaps=1, gap_seconds=4.0)
    then = KeepSample(rtt_ms=210.0, loss=0.3, up_kbps=1500.0, down_kbps=90.0, gaps=0, gap_seconds=0.0)
    assert kept == [(0, first), (30, then), (60, then)]


@pytest.mark.parametrize(
    ("rung", "reason", "bitrate", "kbps"),
    [
        ("full", None, 2_000_000, 2000.0),
        ("half", "thin_line", 700_000, None),  # perhaps only the tile is small
        ("quarter", "thin_line", 300_000, 300.0),
        ("sound", "by_hand", 50_000, None),
        ("sound", "camera_off", 50_000, None),
        ("still", "loss", 60_000, 60.0),
    ],
)
def test_a_rate_counts_as_measured_only_where_the_line_is_what_limits(
    rung: LineRung, reason: LineReason | None, bitrate: int, kbps: float | None
) -> None:
    assert measured_kbps(rung, reason, bitrate) == kbps


def test_a_rung_nobody_knows_is_refused() -> None:
    with pytest.raises(ValidationError):
        line_of(ME, down="flying", down_reason=None, up="full", up_reason=None, figures=line().figures)
