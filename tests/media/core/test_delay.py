"""A queue that grows, and one that stands."""

from random import Random

import pytest

from media.core.delay import NORMAL, OVER, UNDER, DelayTrend, StandingQueue
from media.core.twcc import Acknowledged


def packets(count: int, *, growth: float, start: float = 10.0, queue: float = 0.0) -> list[Acknowledged]:
    """Return packets sent every 10 ms; each waits `growth` seconds longer than the one before."""
    return [
        (start + 0.01 * i, 500.0 + start + 0.01 * i + 0.05 + max(queue + growth * i, 0.0), 1200)
        for i in range(count)
    ]


def test_a_steady_way_is_normal() -> None:
    trend = DelayTrend()
    trend.take(packets(100, growth=0.0))
    assert trend.state == NORMAL


def test_a_growing_queue_is_over_use_within_a_window() -> None:
    trend = DelayTrend()
    trend.take(packets(50, growth=0.0))
    trend.take(packets(22, growth=0.002, start=10.5))
    assert trend.state == OVER


def test_a_draining_queue_is_under_use() -> None:
    trend = DelayTrend()
    trend.take(packets(50, growth=0.0, queue=0.3))
    trend.take(packets(40, growth=-0.003, start=10.5, queue=0.3))
    assert trend.state == UNDER


@pytest.mark.parametrize("batch", [1, 7, 400])
def test_it_does_not_matter_how_feedback_is_cut(batch: int) -> None:
    """The sums carried on agree with sums made anew, batch by batch."""
    random = Random(3)
    sent = [
        (at, came + random.random() * 0.004, size) for at, came, size in packets(400, growth=0.0001) if came
    ]
    whole, cut = DelayTrend(), DelayTrend()
    whole.take(sent)
    for i in range(0, len(sent), batch):
        cut.take(sent[i : i + batch])
    assert [getattr(whole, name) for name in DelayTrend.__slots__] == [
        getattr(cut, name) for name in DelayTrend.__slots__
    ]


def test_the_line_fitted_is_the_least_squares_line() -> None:
    trend = DelayTrend()
    trend.take(packets(3000, growth=0.0004))
    assert trend._slope == pytest.approx(0.0004 / (0.01 + 0.0004), rel=1e-6)


def test_jitter_is_no_queue() -> None:
    random = Random(1)
    trend = DelayTrend()
    states = []
    for second in range(60):
        trend.take(
            [
                (at, came + random.random() * 0.02, size)
                for at, came, size in packets(100, growth=0.0, start=10.0 + second)
                if came is not None
            ]
        )
        states.append(trend.state)
    assert states[5:].count(OVER) <= 2


def test_a_radio_that_holds_packets_up_and_lets_them_go_is_no_queue() -> None:
    trend = DelayTrend()
    states = []
    for burst in range(200):
        start = 10.0 + 0.06 * burst
        trend.take([(start + 0.01 * i, start + 0.11 + 0.0005 * i, 1200) for i in range(6)])
        states.append(trend.state)
    assert OVER not in states


def test_silence_and_a_clock_set_anew_start_over() -> None:
    for start, shift in ((20.0, 0.5), (10.6, 100.0), (10.6, -100.0)):
        trend = DelayTrend()
        trend.take(packets(50, growth=0.0))
        trend.take(
            [(at, (came or 0) + shift, size) for at, came, size in packets(50, growth=0.0, start=start)]
        )
        assert trend.state == NORMAL


def test_what_is_lost_says_nothing() -> None:
    trend = DelayTrend()
    trend.take([(10.0 + i, None, 1200) for i in range(50)])
    assert trend.state == NORMAL


def test_a_standing_queue_is_the_transit_above_the_shortest_of_a_minute() -> None:
    queue = StandingQueue()
    delays = []
    for second in range(140):
        queue.take(-400.0 + (0.2 if second >= 10 else 0.0), float(second))
        delays.append(queue.delay)
    assert delays[:10] == [0.0] * 10
    assert delays[10:65] == pytest.approx([0.2] * 55)
    assert delays[-1] == 0.0


def test_clocks_drifting_apart_are_no_queue() -> None:
    queue = StandingQueue()
    for tick in range(10_000):
        queue.take(3.0 + tick * 0.1 * 100e-6, tick * 0.1)
        assert queue.delay < 0.01


def test_a_way_taken_for_empty_is_empty() -> None:
    queue = StandingQueue()
    queue.take(1.0, 0.0)
    queue.take(1.5, 1.0)
    queue.forget()
    queue.take(1.5, 1.1)
    assert queue.delay == 0.0
    queue.take(1.2, 1.2)
    assert queue.delay == 0.0
