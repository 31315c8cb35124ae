"""Receiver statistics after RFC 3550."""

from hypothesis import given
from hypothesis import strategies as st

from media.core.stats import DUPLICATE, IN_ORDER, LATE, RESTART, ReceiverStatistics


def feed(statistics: ReceiverStatistics, numbers: list[int], *, start: float = 0.0) -> list[int]:
    return [
        statistics.update(number & 0xFFFF, number * 960 & 0xFFFFFFFF, start + index * 0.02)
        for index, number in enumerate(numbers)
    ]


@given(first=st.integers(0, 0xFFFF), lost=st.sets(st.integers(1, 198), max_size=60))
def test_losses_are_counted_over_the_wrap(first: int, lost: set[int]) -> None:
    statistics = ReceiverStatistics(48000)
    feed(statistics, [first + i for i in range(200) if i not in lost])
    assert (statistics.received, statistics.lost) == (200 - len(lost), len(lost))
    assert statistics.highest_sequence == first + 199
    block = statistics.report(ssrc=1, last_sender_report=0, delay=0.0)
    assert (block.lost, block.fraction_lost) == (len(lost), (len(lost) << 8) // 200)


def test_the_fraction_is_of_the_last_interval_only() -> None:
    statistics = ReceiverStatistics(48000)
    feed(statistics, [0, 1, 4, 5])
    assert statistics.report(ssrc=1, last_sender_report=0, delay=0).fraction_lost == (2 << 8) // 6
    feed(statistics, [6, 7, 8, 9])
    assert statistics.report(ssrc=1, last_sender_report=0, delay=0).fraction_lost == 0
    assert statistics.lost == 2


def test_the_share_lost_is_taken_once() -> None:
    statistics = ReceiverStatistics(48000)
    feed(statistics, [0, 1, 4, 5])
    assert statistics.take_loss() == 2 / 6
    assert statistics.take_loss() == 0.0
    feed(statistics, [6, 7, 2, 3])  # two come late after all
    assert statistics.take_loss() == 0.0


def test_late_and_doubled_packets_are_told_apart() -> None:
    statistics = ReceiverStatistics(48000)
    assert feed(statistics, [10, 13, 11, 11, 13, 12]) == [IN_ORDER, 2, LATE, DUPLICATE, DUPLICATE, LATE]
    assert (statistics.received, statistics.lost) == (4, 0)


def test_a_jump_starts_the_source_over() -> None:
    statistics = ReceiverStatistics(48000)
    assert feed(statistics, [10, 11, 20000, 20001]) == [IN_ORDER, IN_ORDER, RESTART, IN_ORDER]
    assert (statistics.received, statistics.lost, statistics.highest_sequence) == (2, 0, 20001)


def test_steady_packets_have_no_jitter_and_late_ones_have() -> None:
    statistics = ReceiverStatistics(48000)
    feed(statistics, list(range(50)))
    assert statistics.jitter < 1e-3
    statistics.update(50, 50 * 960, 50 * 0.02 + 0.1)
    assert round(statistics.jitter) == round(0.1 * 48000 / 16)


def test_a_wrapping_timestamp_is_no_jitter() -> None:
    statistics = ReceiverStatistics(90000)
    for index in range(10):
        statistics.update(index, (0xFFFFFFFF - 9000 + index * 3000) & 0xFFFFFFFF, index / 30)
    assert statistics.jitter < 1


def test_the_shortest_transit_is_kept() -> None:
    statistics = ReceiverStatistics(48000)
    for index, delay in enumerate([0.05, 0.02, 0.09]):
        statistics.update(index, index * 960, index * 0.02 + delay)
    assert statistics.shortest_transit is not None
    assert round(statistics.shortest_transit, 6) == 0.02


def test_the_block_says_how_old_the_sender_report_is() -> None:
    statistics = ReceiverStatistics(48000)
    feed(statistics, [1, 2])
    block = statistics.report(ssrc=9, last_sender_report=0xABCD, delay=1.5)
    assert (block.ssrc, block.last_sender_report, block.delay) == (9, 0xABCD, int(1.5 * 65536))


@given(st.lists(st.tuples(st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF)), max_size=100))
def test_any_numbers_give_a_block_that_fits_its_fields(packets: list[tuple[int, int]]) -> None:
    statistics = ReceiverStatistics(90000)
    for index, (sequence, timestamp) in enumerate(packets):
        statistics.update(sequence, timestamp, index * 0.01)
    block = statistics.report(ssrc=1, last_sender_report=1, delay=0.0)
    assert 0 <= block.fraction_lost <= 255
    assert 0 <= block.highest_sequence <= 0xFFFFFFFF
    assert block.jitter >= 0
