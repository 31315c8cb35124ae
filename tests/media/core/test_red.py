"""Redundant audio: read, taken off, put on."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.core.red import (
    MAX_BLOCKS,
    MAX_OFFSET,
    MAX_PAYLOAD,
    BadRedundancy,
    Block,
    Copies,
    RedHistory,
    affordable,
    build,
    parse,
    redundancy,
    strip,
)

OPUS = 111
FRAME = 960  # ticks of 20 ms

copies_of = st.sampled_from([0, 1, 2])
blocks = st.lists(st.tuples(st.integers(1, MAX_OFFSET), st.binary(max_size=300)), max_size=4)


@given(primary=st.binary(max_size=300), redundant=blocks)
def test_what_is_built_is_read_and_stripped_again(primary: bytes, redundant: list[tuple[int, bytes]]) -> None:
    payload = build(primary, redundant, payload_type=OPUS)
    assert parse(payload) == [Block(OPUS, *block) for block in redundant] + [Block(OPUS, 0, primary)]
    assert strip(payload) == primary


def test_the_bytes_are_those_of_the_rfc() -> None:
    payload = build(b"new", [(FRAME, b"old")], payload_type=OPUS)
    assert payload == bytes((0x80 | 111, 960 >> 6, (960 & 0x3F) << 2, 3, 111)) + b"oldnew"


@given(st.binary(max_size=40))
def test_strip_and_parse_agree_on_any_bytes(payload: bytes) -> None:
    read: bytes | None = None
    with contextlib.suppress(BadRedundancy):
        read = parse(payload)[-1].payload
    if read is None:
        with pytest.raises(BadRedundancy):
            strip(payload)
    else:
        assert strip(payload) == read


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\xef",
        b"\xef\x0f\x00",
        b"\xef\x0f\x00\x03",
        b"\xef\x0f\x00\x03\x6fab",
        b"\xef\x0f\x00\x00" * MAX_BLOCKS + b"\x6f",
    ],
)
def test_malformed_redundancy_is_refused(payload: bytes) -> None:
    with pytest.raises(BadRedundancy):
        parse(payload)
    with pytest.raises(BadRedundancy):
        strip(payload)


@pytest.mark.parametrize("block", [(0, b"x"), (MAX_OFFSET + 1, b"x"), (FRAME, b"x" * 1024)])
def test_a_block_that_does_not_fit_its_header_is_not_built(block: tuple[int, bytes]) -> None:
    with pytest.raises(ValueError, match="RED header"):
        build(b"", [block], payload_type=OPUS)


@given(start=st.integers(0, 0xFFFFFFFF), copies=copies_of)
def test_copies_of_the_frames_before_are_put_on(start: int, copies: Copies) -> None:
    history = RedHistory(OPUS)
    stamps = [(start + i * FRAME) & 0xFFFFFFFF for i in range(6)]
    for index, timestamp in enumerate(stamps):
        history.remember(timestamp, b"%d" % index)
    wrapped = parse(history.wrap(stamps[5], b"5", copies))
    expected = [Block(OPUS, FRAME * back, b"%d" % (5 - back)) for back in range(copies, -1, -1)]
    assert wrapped == expected


def test_viewers_with_the_same_need_share_the_bytes() -> None:
    history = RedHistory(OPUS)
    history.remember(0, b"a")
    history.remember(FRAME, b"b")
    assert history.wrap(FRAME, b"b", 1) is history.wrap(FRAME, b"b", 1)


def test_a_frame_from_before_a_pause_is_left_out() -> None:
    history = RedHistory(OPUS)
    history.remember(0, b"before")
    after = MAX_OFFSET + 1
    history.remember(after, b"after")
    assert parse(history.wrap(after, b"after", 2)) == [Block(OPUS, 0, b"after")]
    history.remember(after + FRAME, b"next")
    assert parse(history.wrap(after + FRAME, b"next", 2)) == [
        Block(OPUS, FRAME, b"after"),
        Block(OPUS, 0, b"next"),
    ]


@given(
    frames=st.lists(st.tuples(st.integers(1, 40_000), st.integers(0, 1400)), min_size=1, max_size=12),
    copies=copies_of,
)
def test_no_packet_grows_beyond_what_header_and_line_carry(
    frames: list[tuple[int, int]], copies: Copies
) -> None:
    history = RedHistory(OPUS)
    timestamp = 0xFFFFF000
    for ahead, size in frames:
        timestamp = (timestamp + ahead) & 0xFFFFFFFF
        primary = bytes(size)
        history.remember(timestamp, primary)
        wrapped = history.wrap(timestamp, primary, copies)
        assert strip(wrapped) == primary
        assert len(wrapped) <= max(MAX_PAYLOAD, 1 + size)
        assert len(parse(wrapped)) <= copies + 1


def test_a_frame_that_comes_late_is_copied_in_its_place() -> None:
    history = RedHistory(OPUS)
    for index in (0, 2, 1, 1):
        history.remember(index * FRAME, b"%d" % index)
        if index == 2:
            assert parse(history.wrap(2 * FRAME, b"2", 1)) == [
                Block(OPUS, 2 * FRAME, b"0"),
                Block(OPUS, 0, b"2"),
            ]
    assert parse(history.wrap(2 * FRAME, b"2", 1))[0] == Block(OPUS, FRAME, b"1")
    assert parse(history.wrap(2 * FRAME, b"2", 2)) == [
        Block(OPUS, 2 * FRAME, b"0"),
        Block(OPUS, FRAME, b"1"),
        Block(OPUS, 0, b"2"),
    ]
    assert parse(history.wrap(FRAME, b"1", 2)) == [Block(OPUS, FRAME, b"0"), Block(OPUS, 0, b"1")]


def test_frames_lost_on_the_way_here_come_back_out_of_the_next_packet() -> None:
    history = RedHistory(OPUS)
    sent = build(b"2", [(2 * FRAME, b"0"), (FRAME, b"1")], payload_type=OPUS)
    assert history.learn(2 * FRAME, sent) == b"2"
    assert parse(history.wrap(2 * FRAME, b"2", 1)) == [Block(OPUS, FRAME, b"1"), Block(OPUS, 0, b"2")]


def test_blocks_of_another_codec_are_not_copied() -> None:
    history = RedHistory(OPUS)
    history.learn(FRAME, build(b"new", [(FRAME, b"old")], payload_type=0))
    assert history.wrap(FRAME, b"new", 2) == build(b"new", payload_type=OPUS)


def test_a_clock_set_anew_starts_over() -> None:
    history = RedHistory(OPUS)
    history.remember(0, b"old")
    history.remember(0x60000000, b"new")
    assert parse(history.wrap(0x60000000 + FRAME, b"next", 2)) == [
        Block(OPUS, FRAME, b"new"),
        Block(OPUS, 0, b"next"),
    ]


@given(
    start=st.integers(0, 0xFFFFFFFF),
    order=st.permutations(range(8)),
    copies=copies_of,
)
def test_any_order_of_arrival_gives_true_copies(start: int, order: list[int], copies: Copies) -> None:
    history = RedHistory(OPUS)
    for index in order:
        timestamp = (start + index * FRAME) & 0xFFFFFFFF
        history.remember(timestamp, b"%d" % index)
        for block in parse(history.wrap(timestamp, b"%d" % index, copies)):
            assert block == Block(OPUS, block.offset, b"%d" % (index - block.offset // FRAME))


def test_loss_adds_copies_at_once_and_takes_them_off_late() -> None:
    copies: Copies = 0
    seen = []
    for loss in (0.0, 0.02, 0.03, 0.02, 0.12, 0.08, 0.06, 0.02, 0.01):
        copies = redundancy(loss, copies)
        seen.append(copies)
    assert seen == [0, 0, 1, 1, 2, 2, 1, 1, 0]


@given(loss=st.floats(0, 1), more=st.floats(0, 1), current=copies_of)
def test_more_loss_never_means_fewer_copies(loss: float, more: float, current: Copies) -> None:
    low, high = sorted((loss, more))
    assert redundancy(low, current) <= redundancy(high, current)
    settled = redundancy(loss, current)
    assert redundancy(loss, settled) == settled


def test_copies_stay_within_half_of_the_line() -> None:
    assert affordable(2, audio=40_000, downlink=400_000) == 2
    assert affordable(2, audio=40_000, downlink=200_000) == 1
    assert affordable(2, audio=40_000, downlink=100_000) == 0
