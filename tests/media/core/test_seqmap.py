"""The sequence map against a model that knows every packet."""

from hypothesis import given
from hypothesis import strategies as st

from media.core.seqmap import SequenceMap

starts = st.integers(0, 0xFFFF)


@given(first=starts, out=starts, kept=st.lists(st.booleans(), min_size=1, max_size=300))
def test_in_order_packets_leave_without_a_gap(first: int, out: int, kept: list[bool]) -> None:
    sequences = SequenceMap(first, out)
    expected = out
    for index, keep in enumerate(kept):
        number = (first + index) & 0xFFFF
        if keep:
            assert sequences.map(number) == expected
            expected = (expected + 1) & 0xFFFF
        else:
            assert sequences.leave_out(number)


@given(
    first=starts,
    out=starts,
    padding=st.sets(st.integers(1, 60), max_size=20),
    order=st.permutations(range(60)),
    reach=st.integers(1, 8),
)
def test_reordered_packets_never_share_a_number_and_keep_their_order(
    first: int, out: int, padding: set[int], order: list[int], reach: int
) -> None:
    # A packet is overtaken by at most `reach` others.
    arrival = sorted(range(60), key=lambda i: i + order[i] % reach)
    sequences = SequenceMap(first, out)
    given_out: dict[int, int] = {}
    for index in arrival:
        number = (first + index) & 0xFFFF
        if index in padding and sequences.leave_out(number):
            continue
        mapped = sequences.map(number)
        if mapped is not None:
            given_out[index] = (mapped - out) & 0xFFFF
    positions = [given_out[index] for index in sorted(given_out)]
    signed = [p - 0x10000 if p > 0x8000 else p for p in positions]
    assert signed == sorted(set(signed))


@given(first=starts, out=starts, lost=st.sets(st.integers(1, 40), max_size=15))
def test_a_lost_packet_keeps_its_number_for_its_return(first: int, out: int, lost: set[int]) -> None:
    sequences = SequenceMap(first, out)
    numbers = {i: sequences.map((first + i) & 0xFFFF) for i in range(42) if i not in lost}
    numbers |= {i: sequences.map((first + i) & 0xFFFF) for i in lost}
    assert numbers == {i: (out + i) & 0xFFFF for i in range(42)}


@given(first=starts, out=starts)
def test_what_is_older_than_the_start_is_dropped(first: int, out: int) -> None:
    sequences = SequenceMap(first, out)
    assert sequences.map(first) == out
    assert sequences.map((first - 1) & 0xFFFF) is None
    assert sequences.map((first - 300) & 0xFFFF) is None


def test_a_packet_that_was_left_out_is_not_sent_later() -> None:
    sequences = SequenceMap(10, 0)
    sequences.map(10)
    assert sequences.leave_out(11)
    assert sequences.map(12) == 1
    assert sequences.map(11) is None


def test_padding_that_is_overtaken_keeps_its_number() -> None:
    sequences = SequenceMap(10, 0)
    sequences.map(10)
    sequences.map(12)
    assert not sequences.leave_out(11)
    assert sequences.map(11) == 1


def test_long_streams_wrap_without_losing_their_place() -> None:
    sequences = SequenceMap(0, 100)
    assert [sequences.map(i & 0xFFFF) for i in range(200_000)] == [(i + 100) & 0xFFFF for i in range(200_000)]
