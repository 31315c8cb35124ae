"""The temporal layer filter against a model of an encoder that knows what every picture refers to."""

from dataclasses import dataclass, field
from pathlib import Path

import av
from hypothesis import given, settings
from hypothesis import strategies as st

from media.core.seqmap import SequenceMap
from media.core.temporal import EVERYTHING, REMEMBERED, TemporalFilter
from media.core.vp8 import Picture, describe

PATTERN = (0, 2, 1, 2)  # what browsers send with three layers
# 72 pictures of Chromium 156's test camera, 160x90, scalability mode L1T3, one RTP payload each behind its length (16 bits).
RECORDED = Path(__file__).with_name("chromium-l1t3.vp8")


@dataclass
class Encoded:
    """A picture, what it refers to (indices into the encoder's list) and its sequence numbers."""

    index: int
    layer: int
    sync: bool
    key: bool
    bits: int
    picture_id: int
    sequences: list[int]
    refers: set[int] = field(default_factory=set)

    def describe(self, packet: int = 0) -> Picture:
        """The descriptor of one of its packets."""
        starts = packet == 0
        return Picture(
            size=6,
            picture_id=self.picture_id,
            tl0_index=0,
            temporal_id=self.layer,
            starts=starts,
            keyframe=self.key and starts,
            id_bits=self.bits,
            rest=4,
            sync=self.sync,
        )


@dataclass
class Encoder:
    """Writes pictures. Each refers to the most it may: all of its own and lower layers since its layer's last sync."""

    picture_id: int = 0
    sequence: int = 0
    bits: int = 15
    made: list[Encoded] = field(default_factory=list)

    def picture(self, layer: int, *, sync: bool = False, key: bool = False, packets: int = 1) -> Encoded:
        key = key or not self.made
        layer = 0 if key else layer
        made = Encoded(
            len(self.made),
            layer,
            sync and layer > 0,
            key,
            self.bits,
            self.picture_id,
            [(self.sequence + i) & 0xFFFF for i in range(packets)],
        )
        if not key:
            made.refers = self._references(layer, made.sync)
        self.made.append(made)
        self.picture_id = (self.picture_id + 1) & ((1 << self.bits) - 1)
        self.sequence = (self.sequence + packets) & 0xFFFF
        return made

    def _references(self, layer: int, sync: bool) -> set[int]:
        refers: set[int] = set()
        latest: set[int] = set()
        for old in reversed(self.made):
            if old.layer not in latest and (old.layer == 0 or (old.layer <= layer and not sync)):
                latest.add(old.layer)
                refers.add(old.index)
            if not sync and old.layer <= layer:
                refers.add(old.index)
            if old.key or (layer > 0 and old.layer == layer and old.sync):
                break
        return {min(refers), *refers} if layer == 0 else refers


numbers = st.builds(
    Encoder,
    picture_id=st.integers(0, 127),
    sequence=st.integers(0, 0xFFFF),
    bits=st.sampled_from([7, 15]),
)
# Layer, sync, key frame, packets, and what the viewer may have at most at that moment.
a_picture = st.tuples(
    st.integers(0, 2),
    st.booleans(),
    st.sampled_from([False] * 9 + [True]),
    st.integers(1, 3),
    st.integers(0, 3),
)
pictures = st.lists(a_picture, min_size=1, max_size=200)


@settings(max_examples=200, deadline=None)
@given(encoder=numbers, script=pictures)
def test_what_is_forwarded_is_continuous_and_refers_to_nothing_left_out(
    encoder: Encoder, script: list[tuple[int, bool, bool, int, int]]
) -> None:
    kept = TemporalFilter(script[0][4])
    sequences = SequenceMap(encoder.sequence, 500)
    forwarded: dict[int, int] = {}  # picture: outgoing id
    numbers_out: list[int | None] = []
    for layer, sync, key, packets, target in script:
        made = encoder.picture(layer, sync=sync, key=key, packets=packets)
        kept.target = target
        shifts = {kept.shift(made.describe(i)) for i in range(packets)}
        assert len(shifts) == 1
        shift = shifts.pop()
        if shift is None:
            assert made.layer > 0
            assert all(sequences.leave_out(s) for s in made.sequences)
        else:
            forwarded[made.index] = (made.picture_id - shift) & ((1 << encoder.bits) - 1)
            numbers_out += [sequences.map(s) for s in made.sequences]
            assert made.layer <= kept.current <= target
    first = encoder.made[0].picture_id
    assert list(forwarded.values()) == [
        (first + i) & ((1 << encoder.bits) - 1) for i in range(len(forwarded))
    ]
    assert numbers_out == [(500 + i) & 0xFFFF for i in range(len(numbers_out))]
    for index in forwarded:
        assert encoder.made[index].refers <= forwarded.keys()
    assert kept.dropped == len(encoder.made) - len(forwarded)


on_the_way = st.sampled_from([0.0] * 6 + [None, 1.5, 2.5, 6.5, 20.5])  # pictures of delay; None: lost


@settings(max_examples=200, deadline=None)
@given(encoder=numbers, script=st.lists(st.tuples(a_picture, on_the_way), min_size=1, max_size=100))
def test_loss_and_lateness_never_let_two_pictures_share_a_number_or_refer_to_one_left_out(
    encoder: Encoder, script: list[tuple[tuple[int, bool, bool, int, int], float | None]]
) -> None:
    kept = TemporalFilter(script[0][0][4])
    arrivals: list[tuple[float, int, Encoded]] = []
    for (layer, sync, key, _, target), delay in script:
        made = encoder.picture(layer, sync=sync, key=key)
        if made.index == 0:
            arrivals.append((0.0, target, made))
        elif delay is not None:
            arrivals.append((made.index + delay, target, made))
    forwarded: dict[int, int] = {}
    left_out: set[int] = set()
    for _, target, made in sorted(arrivals, key=lambda arrival: arrival[0]):
        kept.target = target
        shift = kept.shift(made.describe())
        if shift is None:
            left_out.add(made.index)
        else:
            forwarded[made.index] = (made.index - shift) % 0x8000
    ordered = [forwarded[index] for index in sorted(forwarded)]
    assert ordered == sorted(set(ordered))
    for index in forwarded:
        assert not encoder.made[index].refers & left_out


def layers_out(kept: TemporalFilter, made: list[Encoded]) -> list[int]:
    return [p.layer for p in made if kept.shift(p.describe()) is not None]


def browser_pictures(encoder: Encoder, count: int) -> list[Encoded]:
    """The pattern of libvpx with three layers: in a cycle of eight, layers 2 and 1 are synced in the first half."""
    return [
        encoder.picture(PATTERN[i % 4], sync=i % 8 in (1, 2))
        for i in range(len(encoder.made), len(encoder.made) + count)
    ]


def test_fewer_pictures_come_from_the_next_one_on_and_more_within_two_cycles() -> None:
    encoder, kept = Encoder(), TemporalFilter()
    assert layers_out(kept, browser_pictures(encoder, 8)) == [0, 2, 1, 2, 0, 2, 1, 2]
    kept.target = 0
    assert layers_out(kept, browser_pictures(encoder, 8)) == [0, 0]
    kept.target = 1
    assert layers_out(kept, browser_pictures(encoder, 8)) == [0, 1, 0, 1]
    assert not kept.waiting
    kept.target = 2
    assert layers_out(kept, browser_pictures(encoder, 8)) == [0, 2, 1, 2, 0, 2, 1, 2]
    kept.target = 0
    browser_pictures(encoder, 4)
    assert layers_out(kept, browser_pictures(encoder, 4)) == [0]
    kept.target = 2
    assert layers_out(kept, browser_pictures(encoder, 16)) == [0, 1, 0, 1, 0, 2, 1, 2, 0, 2, 1, 2]


def test_a_key_frame_opens_all_layers() -> None:
    encoder, kept = Encoder(), TemporalFilter(0)
    encoder.picture(0)
    kept.target = 2
    assert kept.waiting
    made = [encoder.picture(2), encoder.picture(0, key=True), encoder.picture(2), encoder.picture(1)]
    assert layers_out(kept, made) == [0, 2, 1]
    assert not kept.waiting


def test_a_stream_without_layers_passes_untouched() -> None:
    kept = TemporalFilter(0)
    plain = Picture(3, 5, None, None, True, False, 7, 3)
    assert [kept.shift(plain._replace(picture_id=i)) for i in range(5, 10)] == [0] * 5
    assert kept.shift(plain._replace(picture_id=None, id_bits=0)) == 0


def test_a_picture_from_before_the_filter_is_left_out() -> None:
    encoder = Encoder(picture_id=10)
    old, new = encoder.picture(0), encoder.picture(0)
    kept = TemporalFilter()
    assert kept.shift(new.describe()) == 0
    assert kept.shift(old.describe()) is None


def test_an_encoder_that_starts_its_numbers_anew_goes_on() -> None:
    encoder, kept = Encoder(picture_id=9000), TemporalFilter(EVERYTHING)
    assert layers_out(kept, browser_pictures(encoder, 4)) == [0, 2, 1, 2]
    for start in (100, 9000 + REMEMBERED * 2):
        encoder.picture_id = start
        made = [encoder.picture(0, key=True), encoder.picture(1, sync=True)]
        assert layers_out(kept, made) == [0, 1]


def recorded() -> list[bytes]:
    """The payloads of the recorded camera."""
    data, payloads = RECORDED.read_bytes(), []
    while data:
        end = 2 + int.from_bytes(data[:2])
        payloads.append(data[2:end])
        data = data[end:]
    return payloads


def decode(payloads: list[bytes]) -> list[bytes]:
    """Every picture as the decoder shows it; a picture that refers to one left out comes out different."""
    decoder = av.CodecContext.create("vp8", "r")
    shown: list[bytes] = []
    for payload in payloads:
        (frame,) = decoder.decode(av.Packet(payload[describe(payload).size :]))
        shown.append(b"".join(bytes(plane) for plane in frame.planes))
    return shown


PAYLOADS = recorded()
SHOWN = decode(PAYLOADS)


def test_a_browser_marks_its_layers_as_the_model_says() -> None:
    pictures = [describe(payload) for payload in PAYLOADS]
    assert [p.temporal_id for p in pictures] == [PATTERN[i % 4] for i in range(len(pictures))]
    assert [p.sync for p in pictures[1:]] == [i % 8 in (1, 2) for i in range(1, len(pictures))]
    assert [p.keyframe for p in pictures] == [True] + [False] * (len(pictures) - 1)


@settings(max_examples=50, deadline=None)
@given(script=st.lists(st.tuples(st.integers(0, 2), st.integers(1, 20)), min_size=1, max_size=20))
def test_what_is_left_of_a_browsers_stream_decodes_to_the_same_pictures(
    script: list[tuple[int, int]],
) -> None:
    targets = [target for target, count in script for _ in range(count)]
    kept = TemporalFilter(targets[0])
    left: list[int] = []
    for index, payload in enumerate(PAYLOADS):
        kept.target = targets[index % len(targets)]
        if kept.shift(describe(payload)) is not None:
            left.append(index)
    assert decode([PAYLOADS[index] for index in left]) == [SHOWN[index] for index in left]
