"""Putting several clocks onto one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.core.capture import CaptureTime, SenderClock
from media.core.rtcp import ntp_from_unix


@given(
    skew=st.floats(-86400, 86400),
    rtp=st.integers(0, 0xFFFFFFFF),
    seconds=st.floats(-60, 60),
    delay=st.floats(0, 0.5),
)
def test_a_timestamp_is_placed_on_our_clock(skew: float, rtp: int, seconds: float, delay: float) -> None:
    now = 1_700_000_000.0
    clock = SenderClock()
    capture = CaptureTime(clock, 90000)
    ntp = ntp_from_unix(now + skew)
    clock.report(ntp, now + delay)
    capture.report(ntp, rtp)
    captured = capture.unix_of((rtp + int(seconds * 90000)) & 0xFFFFFFFF)
    assert captured == pytest.approx(now + delay + seconds, abs=1e-4)
    later = capture.timestamp_at(now + delay + seconds)
    assert later is not None
    difference = (later - rtp - int(seconds * 90000) + 0x80000000) % 2**32 - 0x80000000
    assert abs(difference) <= 5


def test_two_streams_of_one_clock_stay_together() -> None:
    clock = SenderClock()
    sound, picture = CaptureTime(clock, 48000), CaptureTime(clock, 90000)
    sound.report(ntp_from_unix(100.0), 48000)
    picture.report(ntp_from_unix(101.0), 90000)
    for delay in (0.3, 0.05, 0.2):
        clock.report(ntp_from_unix(100.0), 100.0 + delay)
    assert sound.unix_of(96000) == pytest.approx(picture.unix_of(90000), abs=1e-4)


def test_before_the_first_report_nothing_is_known() -> None:
    capture = CaptureTime(SenderClock(), 48000)
    assert capture.unix_of(1) is None
    assert capture.timestamp_at(1.0) is None


def test_a_clock_that_is_set_anew_is_believed_in_the_end() -> None:
    clock = SenderClock()
    clock.report(ntp_from_unix(100.0), 100.0)
    for index in range(40):
        clock.report(ntp_from_unix(50.0 + index), 110.0 + index)
    assert clock.offset == pytest.approx(60.0, abs=1e-4)
