"""The rate of batches."""

import pytest

from media.core.throughput import Throughput


def test_a_steady_rate_is_found() -> None:
    throughput = Throughput()
    for i in range(50):
        throughput.add(i * 0.1 + 0.01, i * 0.1 + 0.1, 12_500)
    assert throughput.rate == pytest.approx(1e6)


def test_there_is_none_before_a_tenth_of_a_second() -> None:
    throughput = Throughput()
    assert throughput.rate is None
    throughput.add(0.0, 0.05, 1000)
    assert throughput.rate is None
    throughput.add(0.06, 0.15, 1000)
    assert throughput.rate == pytest.approx(8 * 2000 / 0.15)


def test_a_fast_line_is_seen_within_half_a_second_a_slow_one_within_one() -> None:
    fast, slow = Throughput(), Throughput()
    for i in range(20):
        fast.add(i * 0.1 + 0.01, i * 0.1 + 0.1, 25_000)
        slow.add(i * 0.1 + 0.01, i * 0.1 + 0.1, 1250)
    for i in range(20, 26):
        fast.add(i * 0.1 + 0.01, i * 0.1 + 0.1, 5000)
        slow.add(i * 0.1 + 0.01, i * 0.1 + 0.1, 250)
    assert fast.rate == pytest.approx(400e3)
    assert slow.rate == pytest.approx(8 * (6 * 250 + 4 * 1250))


def test_a_pause_starts_over_and_leaves_out_what_was_before_it() -> None:
    throughput = Throughput()
    throughput.add(0.0, 0.5, 50_000)
    throughput.add(5.0, 5.5, 10_000, before=1_000_000)
    assert throughput.rate == pytest.approx(160e3)


def test_what_lies_between_two_batches_counts() -> None:
    throughput = Throughput()
    throughput.add(0.0, 0.1, 10_000)
    throughput.add(0.2, 0.3, 10_000, before=10_000)
    assert throughput.rate == pytest.approx(800e3)


def test_a_clock_standing_still_or_running_back_fills_no_memory() -> None:
    throughput = Throughput()
    for i in range(1000):
        throughput.add(1.0 - 0.0001 * i, 1.0, 100)
    assert len(throughput._batches) <= Throughput.BATCHES
    throughput.add(-500.0, -499.5, 10_000)
    assert throughput.rate == pytest.approx(160e3)
