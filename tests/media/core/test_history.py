"""Answering NACKs from what was sent."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.core.history import AUDIO_PACKETS, VIDEO_PACKETS, History


def store(history: History[Any], entry: tuple[int, object]) -> None:
    history.ring[entry[0] & history.mask] = entry


@given(
    start=st.integers(0, 0xFFFF),
    count=st.integers(1, 2000),
    size=st.sampled_from([AUDIO_PACKETS, VIDEO_PACKETS]),
)
def test_the_last_packets_are_found_and_older_ones_are_not(start: int, count: int, size: int) -> None:
    history: History[tuple[int, int]] = History(size)
    for index in range(count):
        store(history, ((start + index) & 0xFFFF, index))
    asked = [(start + index) & 0xFFFF for index in range(count)]
    held = history.answer(asked, now=0.0, rtt=0.0)
    assert held == [((start + i) & 0xFFFF, i) for i in range(max(0, count - size), count)]


@pytest.mark.parametrize(("rtt", "wait"), [(0.01, 0.1), (0.4, 0.4)])
def test_a_repeat_is_ignored_while_the_copy_is_on_its_way(rtt: float, wait: float) -> None:
    history: History[tuple[int, str]] = History(AUDIO_PACKETS)
    store(history, (7, "seven"))
    assert history.answer([7], now=1.0, rtt=rtt) == [(7, "seven")]
    assert history.answer([7, 7], now=1.0 + wait * 0.9, rtt=rtt) == []
    assert history.answer([7, 7], now=1.0 + wait * 1.1, rtt=rtt) == [(7, "seven")]
    assert (history.resent, history.ignored, history.missing) == (2, 3, 0)


def test_what_was_never_sent_is_counted_as_missing() -> None:
    history: History[tuple[int, str]] = History(AUDIO_PACKETS)
    assert history.answer([1, 2], now=0.0, rtt=0.0) == []
    assert history.missing == 2


def test_sizes_hold_what_is_promised() -> None:
    assert VIDEO_PACKETS >= 500
    assert AUDIO_PACKETS >= 200


def test_a_size_that_does_not_wrap_with_the_numbers_is_refused() -> None:
    with pytest.raises(ValueError, match="power of two"):
        History(500)
