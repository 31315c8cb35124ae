"""Transport-wide feedback: both ways of the wire, what came, what was sent."""

import contextlib
from dataclasses import dataclass, field, replace
from itertools import chain
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.core import twcc
from media.core.rtp import BadPacket
from media.core.twcc import ArrivalRecorder, SentRing, TransportFeedback

u32 = st.integers(0, 0xFFFFFFFF)
sequences = st.integers(0, 0xFFFF)
deltas = st.one_of(st.none(), st.integers(0, 255), st.integers(-0x8000, 0x7FFF))
runs = st.tuples(deltas, st.sampled_from([1, 1, 1, 2, 6, 7, 13, 14, 15, 60])).map(
    lambda run: [run[0]] * run[1]
)
feedbacks = st.builds(
    TransportFeedback,
    sender_ssrc=u32,
    media_ssrc=u32,
    base_sequence=sequences,
    reference_time=st.integers(-0x800000, 0x7FFFFF),
    feedback_count=st.integers(0, 255),
    deltas=st.lists(runs, min_size=1, max_size=20).map(lambda parts: tuple(chain.from_iterable(parts))),
)


def body(packet: bytes) -> bytes:
    """Return what an RTCP parser hands on: no header, no padding."""
    assert packet[:2] in (b"\x8f\xcd", b"\xaf\xcd")
    assert len(packet) == 4 * (int.from_bytes(packet[2:4]) + 1)
    return packet[4 : len(packet) - (packet[-1] if packet[0] & 0x20 else 0)]


def wire(count: int, *, chunks: list[int], tail: bytes = b"", base: int = 10, reference: int = 0) -> bytes:
    fixed = pack("!IIHHI", 1, 2, base, count, (reference & 0xFFFFFF) << 8 | 7)
    return fixed + b"".join(pack("!H", chunk) for chunk in chunks) + tail


# --- the wire ---------------------------------------------------------------------------------------------------


@given(feedbacks)
def test_a_feedback_comes_back(feedback: TransportFeedback) -> None:
    assert twcc.parse(body(twcc.build(feedback))) == feedback


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(wire(3, chunks=[0x2003], tail=bytes((1, 2, 255))), (1, 2, 255), id="run of small"),
        pytest.param(wire(2, chunks=[0x4002], tail=pack("!hh", -5, 300)), (-5, 300), id="run of large"),
        pytest.param(wire(3, chunks=[0x0002, 0x2001], tail=b"\x09"), (None, None, 9), id="run of lost"),
        pytest.param(wire(4, chunks=[0x8000 | 0b1010 << 10], tail=b"\1\2"), (1, None, 2, None), id="one bit"),
        pytest.param(
            wire(3, chunks=[0xC000 | 0b01_00_10 << 8], tail=b"\1" + pack("!h", -1)),
            (1, None, -1),
            id="two bits",
        ),
        pytest.param(wire(1, chunks=[0xBFFF], tail=b"\5"), (5,), id="statuses beyond the count"),
        pytest.param(wire(1, chunks=[0x2001], tail=b"\5rest"), (5,), id="bytes behind"),
    ],
)
def test_every_chunk_is_read(data: bytes, expected: tuple[int | None, ...]) -> None:
    assert twcc.parse(data) == TransportFeedback(1, 2, 10, 0, 7, expected)


def test_numbers_wrap_and_the_reference_time_is_signed() -> None:
    feedback = twcc.parse(wire(3, chunks=[0x2003], tail=bytes(3), base=0xFFFF, reference=-2))
    assert feedback.reference_time == -2
    assert list(feedback.packets) == [(0xFFFF, 0), (0, 0), (1, 0)]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(wire(1, chunks=[])[:15], id="cut in the fixed part"),
        pytest.param(wire(0, chunks=[0x2001]), id="no packet"),
        pytest.param(wire(65535, chunks=[]), id="everything, with nothing behind"),
        pytest.param(wire(65535, chunks=[0x1FFF] * 9), id="too many"),
        pytest.param(wire(20, chunks=[0x2007], tail=bytes(7)), id="statuses missing"),
        pytest.param(wire(3, chunks=[0x2003], tail=bytes(2)), id="small delta missing"),
        pytest.param(wire(2, chunks=[0x4002], tail=bytes(3)), id="large delta cut"),
        pytest.param(wire(1, chunks=[0x6001], tail=bytes(2)), id="reserved symbol in a run"),
        pytest.param(wire(1, chunks=[0xF000], tail=bytes(2)), id="reserved symbol in a vector"),
    ],
)
def test_what_does_not_fit_is_refused(data: bytes) -> None:
    with pytest.raises(BadPacket):
        twcc.parse(data)


@given(st.binary(max_size=300))
def test_no_bytes_make_it_raise_anything_else(data: bytes) -> None:
    with contextlib.suppress(BadPacket):
        twcc.parse(data)


@given(feedback=feedbacks, position=st.integers(0, 400), value=st.integers(0, 255))
def test_a_flipped_byte_makes_it_raise_nothing_else(
    feedback: TransportFeedback, position: int, value: int
) -> None:
    broken = bytearray(body(twcc.build(feedback)))
    broken[position % len(broken)] = value
    with contextlib.suppress(BadPacket):
        assert len(twcc.parse(bytes(broken)).deltas) <= twcc.MAX_STATUSES


# --- what came --------------------------------------------------------------------------------------------------


@dataclass
class Heard:
    """Feedback put together again: per number (not wrapped) what was said of it, in order."""

    first: int
    said: dict[int, list[float | None]] = field(default_factory=dict)
    packets: int = 0

    def hear(self, built: list[bytes]) -> None:
        for packet in built:
            assert len(packet) <= 1200
            feedback = twcc.parse(body(packet))
            assert feedback.feedback_count == self.packets & 0xFF
            self.packets += 1
            ticks = feedback.reference_time * twcc.TICKS_PER_REFERENCE
            for sequence, delta in feedback.packets:
                number = self.first + ((sequence - self.first + 0x4000) & 0xFFFF) - 0x4000
                if delta is not None:
                    ticks += delta
                self.said.setdefault(number, []).append(
                    None if delta is None else ticks / twcc.TICKS_PER_SECOND
                )


arrivals = st.lists(
    st.tuples(
        st.sampled_from([1, 1, 1, 1, 2, 3, 20, 300]),  # distance to the number before
        st.sampled_from([0, 0, 0, 0, 1, 4]),  # reports later
        st.booleans(),  # a copy comes, too
    ),
    min_size=1,
    max_size=150,
)


@given(
    first=sequences,
    sent=arrivals,
    per_report=st.integers(1, 40),
    base=st.sampled_from([0.0, 1e5, 537_000.0]),
)
def test_each_packet_is_reported_once_at_its_time_and_each_gap_as_lost(
    first: int, sent: list[tuple[int, int, bool]], per_report: int, base: float
) -> None:
    by_report: dict[int, list[int]] = {0: [first]}
    number = first
    for i, (distance, late, copied) in enumerate(sent):
        number += distance
        by_report.setdefault(i // per_report + late, []).append(number)
        if copied:
            by_report.setdefault(i // per_report + late + 1, []).append(number)
    recorder, heard = ArrivalRecorder(sender_ssrc=1, media_ssrc=2), Heard(first)
    came: dict[int, float] = {}
    lost_before: set[int] = set()
    for report in range(max(by_report) + 1):
        for i, got in enumerate(by_report.get(report, [])):
            at = base + 0.1 * report + 0.0007 * i
            recorder.arrived(got & 0xFFFF, at)
            came.setdefault(got, at)
        heard.hear(recorder.build(base + 0.1 * report + 0.1))
        lost_before |= {n for n, said in heard.said.items() if said == [None]}
    expected = {n: came.get(n) for n in range(first, max(came) + 1)}
    assert {n: said[-1] is not None for n, said in heard.said.items()} == {
        n: at is not None for n, at in expected.items()
    }
    # Reported twice only when it came after having been reported lost.
    assert {n for n, said in heard.said.items() if len(said) > 1} == lost_before & set(came)
    wrap = 64 * 0x1000000 / 1000
    for n, at in came.items():
        said = heard.said[n][-1]
        assert said is not None
        assert (said - at + wrap / 2) % wrap - wrap / 2 == pytest.approx(0, abs=0.000126)


def test_nothing_came_nothing_is_said() -> None:
    recorder = ArrivalRecorder(sender_ssrc=1)
    assert recorder.build(0.1) == []
    recorder.arrived(5, 0.15)
    assert len(recorder.build(0.2)) == 1
    assert recorder.build(0.3) == []


def test_a_long_silence_needs_another_reference_time() -> None:
    recorder = ArrivalRecorder(sender_ssrc=1)
    recorder.arrived(5, 1.0)
    recorder.arrived(6, 20.0)
    first, second = (twcc.parse(body(packet)) for packet in recorder.build(20.0))
    assert (first.base_sequence, first.reference_time, first.deltas) == (5, 15, (160,))
    assert (second.base_sequence, second.reference_time, second.deltas) == (6, 312, (128,))


def test_a_leap_too_wide_to_report_starts_over_behind_it() -> None:
    recorder = ArrivalRecorder(sender_ssrc=1)
    recorder.arrived(0, 1.0)
    recorder.arrived(twcc.MAX_REPORTED + 2, 1.0)
    parsed = [twcc.parse(body(packet)) for packet in recorder.build(1.1)]
    assert [(feedback.base_sequence, len(feedback.deltas)) for feedback in parsed] == [
        (0, 1),
        (twcc.MAX_REPORTED + 2, 1),
    ]


@given(leap=st.integers(1, 0x7FFF))
def test_leaping_numbers_cost_a_bounded_number_of_bytes(leap: int) -> None:
    recorder = ArrivalRecorder(sender_ssrc=1)
    for i in range(300):
        recorder.arrived(i * leap & 0xFFFF, 1.0 + i * 0.0003)
    packets = recorder.build(1.1)
    assert all(len(packet) <= 1200 for packet in packets)
    assert sum(map(len, packets)) <= 300 * 30


def test_arrivals_nobody_asks_for_are_bounded() -> None:
    recorder = ArrivalRecorder(sender_ssrc=1)
    for i in range(3 * twcc.MAX_WAITING):
        recorder.arrived(i & 0xFFFF, i * 0.0001)
    parsed = [twcc.parse(body(packet)) for packet in recorder.build(2.0)]
    assert sum(len(feedback.deltas) for feedback in parsed) == twcc.MAX_WAITING


# --- what was sent ----------------------------------------------------------------------------------------------

FEEDBACK = TransportFeedback(1, 2, 0xFFFE, 100, 0, (40, None, 4, -8))


def ring_with(first: int, count: int, *, capacity: int = 64, at: float = 10.0) -> SentRing:
    ring = SentRing(capacity)
    for i in range(count):
        ring.sent((first + i) & 0xFFFF, 100 + i, at + i / 100)
    return ring


def test_feedback_is_matched_over_the_wrap() -> None:
    assert ring_with(0xFFFE, 4).acknowledge(FEEDBACK, 10.2) == [
        (10.0, 6.41, 100),
        (10.01, None, 101),
        (10.02, 6.411, 102),
        (10.03, 6.409, 103),
    ]


def test_a_packet_is_lost_once_and_received_once() -> None:
    ring = ring_with(0xFFFE, 4)
    ring.acknowledge(FEEDBACK, 10.2)
    assert ring.acknowledge(FEEDBACK, 10.3) == []
    late = replace(FEEDBACK, base_sequence=0xFFFF, deltas=(0,))
    assert ring.acknowledge(late, 10.4) == [(10.01, 6.4, 101)]
    assert ring.acknowledge(late, 10.5) == []
    assert ring.acknowledge(replace(late, deltas=(None,)), 10.6) == []


def test_the_hot_path_may_store_by_itself() -> None:
    ring = SentRing(64)
    sequence, size, now = 0xFFFF, 1200, 3.0
    ring.times[sequence & ring.mask] = now
    ring.packets[sequence & ring.mask] = sequence << 16 | size
    assert ring.acknowledge(replace(FEEDBACK, base_sequence=0xFFFF, deltas=(0,)), 3.1) == [(3.0, 6.4, 1200)]


def test_what_was_overwritten_never_sent_or_is_too_old_is_left_out() -> None:
    ring = ring_with(0, 100)  # 36 to 99 are left
    everything = replace(FEEDBACK, base_sequence=0, deltas=(0,) * 200)
    old = ring_with(0, 100)
    assert [packet[2] - 100 for packet in ring.acknowledge(everything, 11.0)] == list(range(36, 100))
    assert old.acknowledge(everything, 11.0 + twcc.MAX_AGE_SECONDS) == []


def test_arrival_times_run_on_over_the_wrap_of_the_reference_time() -> None:
    ring = ring_with(0, 3)
    times = []
    for i, reference in enumerate((0x7FFFFF, -0x800000, -0x7FFFFF)):
        times += ring.acknowledge(
            replace(FEEDBACK, base_sequence=i, reference_time=reference, deltas=(0,)), 10.2
        )
    assert [round(arrived - 0x7FFFFF * 0.064, 6) for _, arrived, _ in times if arrived is not None] == [
        0.0,
        0.064,
        0.128,
    ]


@given(
    sent=st.lists(st.tuples(sequences, st.integers(0, 0xFFFF)), max_size=100),
    heard=st.lists(feedbacks, max_size=4),
)
def test_nothing_is_received_twice_whatever_a_viewer_says(
    sent: list[tuple[int, int]], heard: list[TransportFeedback]
) -> None:
    ring = SentRing(64)
    for i, (sequence, size) in enumerate(sent):
        ring.sent(sequence, size, float(i) / 1000)
    known = [packet for feedback in heard for packet in ring.acknowledge(feedback, 1.0)]
    received = [packet[0] for packet in known if packet[1] is not None]
    lost = [packet[0] for packet in known if packet[1] is None]
    assert len(set(received)) == len(received)
    assert len(set(lost)) == len(lost)
    assert {(packet[0], packet[2]) for packet in known} <= {
        (i / 1000, size) for i, (_, size) in enumerate(sent)
    }


def test_bytes_whose_feedback_was_lost_are_known() -> None:
    ring = ring_with(0, 20)
    heard = []
    for base, count in ((0, 4), (4, 2), (9, 3), (6, 3), (12, 1)):
        ring.acknowledge(replace(FEEDBACK, base_sequence=base, deltas=(0,) * count), 10.5)
        heard.append(ring.unheard)
    assert heard == [0, 0, 106 + 107 + 108, 0, 0]
