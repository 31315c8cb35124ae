"""What goes to one viewer: which layers, at what cost, and what their line is found to carry."""

import itertools
from dataclasses import dataclass, field
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.core import codecs, red, rtcp, rtp, twcc
from media.core.codecs import OPUS, RED, VP8
from media.core.downlink import BLIND, PACE, START, Downlink
from media.core.estimator import CEILING, FLOOR
from media.core.feed import SINGLE, STOPPED_SECONDS, Feed
from media.core.inbound import InboundStream
from media.core.ladder import Reason, Rung, Standing
from media.core.rooms import SLOTS, VIDEO_SLOTS
from media.core.slot import Sent, Slot
from media.core.temporal import EVERYTHING
from media.core.uplink import Uplink
from media.core.vp8 import describe
from tests.fuzz.samples import named, packet

AGAIN = codecs.RETRANSMISSION[VP8.payload_type]
RATES = {
    "q": (60_000.0, 90_000.0, 120_000.0),
    "h": (200_000.0, 300_000.0, 400_000.0),
    "f": (600_000.0, 900_000.0, 1_200_000.0),
}
HEIGHTS = {"q": 180, "h": 360, "f": 720}
WIDTHS = 320


@dataclass
class Camera:
    """One simulcast layer of a publisher, a packet a picture: temporal layers 0 2 1 2."""

    uplink: Uplink
    rid: str
    ssrc: int
    height: int
    number: int = 0
    sequence: int = 60_000
    tl0: int = 250

    def picture(self, now: float, *, key: bool = False) -> tuple[InboundStream, rtp.Packet]:
        layer = 0 if key else (0, 2, 1, 2)[self.number % 4]
        self.tl0 = (self.tl0 + (layer == 0)) & 0xFF
        at = (0x7FF0 + self.number) & 0x7FFF
        head = bytes((0x90, 0xE0, 0x80 | at >> 8, at & 0xFF, self.tl0, layer << 6 | (0x20 if layer else 0)))
        start = b"\x10\x02\x00\x9d\x01\x2a" + WIDTHS.to_bytes(2, "little") + self.height.to_bytes(2, "little")
        data = packet(
            VP8.payload_type,
            head + (start if key else b"\x01") + self.rid.encode() + bytes(20),
            ssrc=self.ssrc,
            sequence=self.sequence,
            timestamp=self.number * 3000,
            elements=named("c", rid=self.rid),
        )
        self.number += 1
        self.sequence = (self.sequence + 1) & 0xFFFF
        found = self.uplink.receive(data, now)
        assert found is not None
        return found


@dataclass
class Room:
    """One publisher with layers and one viewer; sending is done by hand."""

    now: float = 100.0
    rids: tuple[str, ...] = ("q", "h", "f")
    sent: list[rtp.Packet] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.uplink = Uplink("anna", appeared=lambda stream: None, keyframe_wanted=lambda ssrc, due: None)
        self.cameras = {
            rid: Camera(self.uplink, rid, 10 + index, HEIGHTS.get(rid, 720))
            for index, rid in enumerate(self.rids)
        }
        self.sounds = itertools.count()
        for camera in self.cameras.values():
            camera.picture(self.now, key=True)
        self.sound()
        for stream in self.uplink.streams.values():
            if stream.video:
                stream.rates = RATES.get(stream.rid, RATES["f"])
        self.line = Downlink(now=self.now, bits=Random(1).getrandbits)
        for slot in self.line.slots.values():
            slot.accepts = frozenset({OPUS.payload_type, RED.payload_type, VP8.payload_type, AGAIN})
        self.line.show("a0", self.uplink.feeds["microphone"])
        self.line.show("v0", self.uplink.feeds["camera"])
        self.buffer = bytearray(2048)

    @property
    def camera(self) -> Feed:
        return self.uplink.feeds["camera"]

    @property
    def slot(self) -> Slot:
        return self.line.slots["v0"]

    def sound(self) -> tuple[InboundStream, rtp.Packet]:
        number = next(self.sounds)
        data = packet(
            OPUS.payload_type,
            b"%d" % number,
            ssrc=5,
            sequence=number,
            timestamp=number * 960,
            elements=named("m"),
        )
        found = self.uplink.receive(data, self.now)
        assert found is not None
        return found

    def carry(self, bitrate: float) -> None:
        """Let the estimate be this."""
        self.line._heard = self.line.paced = True
        self.line.estimator.target = bitrate

    def decide(self) -> str | None:
        """Choose, wire the slot as the caller does, and return the layer."""
        for flowing in self.uplink.streams.values():
            flowing.last_at = self.now
        self.line.decide(self.now)
        stream: InboundStream | None = self.line.targets["v0"]
        if self.slot.target is not stream:
            self.slot.point(stream)
        return None if stream is None else stream.rid

    def show(self, *, key: tuple[str, ...] = ()) -> list[Sent]:
        """Send a picture of every layer; return what the viewer gets."""
        self.now += 1 / 30
        got = []
        for rid, camera in self.cameras.items():
            sent = self.slot.take(*camera.picture(self.now, key=rid in key), self.now)
            if sent is not None:
                got.append(sent)
                size = self.slot.write(sent, self.line.number, self.buffer)
                self.sent.append(rtp.parse(bytes(self.buffer[:size])))
        return got


# --- what the viewer gets ---------------------------------------------------------------------------------------


def test_slots_have_their_own_ssrcs_and_pictures_another_for_copies() -> None:
    line = Downlink(now=0.0, bits=Random(3).getrandbits)
    assert list(line.slots) == list(SLOTS)
    ssrcs = [slot.ssrc for slot in line.slots.values()] + [line.slots[name].copy_ssrc for name in VIDEO_SLOTS]
    assert len(set(ssrcs)) == len(SLOTS) + len(VIDEO_SLOTS)
    assert all(line.slot_of(slot.ssrc) is slot for slot in line.slots.values())
    assert line.slot_of(1) is None
    assert all(line.slots[name].copy_ssrc == 0 for name in SLOTS if name.startswith("a"))


@pytest.mark.parametrize(
    ("bitrate", "rid"), [(3_000_000, "f"), (1_600_000, "f"), (700_000, "h"), (300_000, "q"), (45_000, None)]
)
def test_a_line_gets_the_layer_it_carries_beside_the_sound(bitrate: float, rid: str | None) -> None:
    room = Room()
    room.carry(bitrate)
    assert room.decide() == rid
    assert room.line.targets["a0"] is room.uplink.feeds["microphone"].layers[SINGLE]


def test_a_viewer_who_gives_no_feedback_gets_everything() -> None:
    room = Room()
    assert room.line.estimate == BLIND
    assert room.decide() == "f"
    assert room.line.worst_loss == 0.0


@pytest.mark.parametrize(("height", "rid"), [(1080, "f"), (360, "h"), (100, "q"), (0, None)])
def test_nothing_larger_than_its_tile_is_sent(height: int, rid: str | None) -> None:
    room = Room()
    room.carry(5_000_000)
    room.line.heights = {"v0": height}
    assert room.decide() == rid


def test_a_layer_that_has_stopped_is_not_chosen() -> None:
    room = Room()
    room.carry(5_000_000)
    assert room.decide() == "f"
    room.now += STOPPED_SECONDS + 1
    for rid in ("q", "h"):
        room.camera.layers[rid].last_at = room.now
    room.line.decide(room.now)
    assert room.line.targets["v0"] is room.camera.layers["h"]


def test_a_camera_that_was_silent_for_a_moment_is_shown_again_at_once() -> None:
    room = Room()
    room.carry(5_000_000)
    assert room.decide() == "f"
    room.now += STOPPED_SECONDS + 1
    room.line.decide(room.now)
    assert room.line.targets["v0"] is None
    room.now += 0.5
    assert room.decide() == "f"


def test_moving_pictures_stop_below_the_ladders_still_rung() -> None:
    room = Room()
    room.carry(5_000_000)
    room.line.ladder.pin()
    assert room.decide() is None
    assert room.line.standing == Standing(Rung.SOUND, Reason.BY_HAND)
    assert room.line.wishes(room.camera) == set()
    room.line.ladder.unpin()
    assert room.decide() == "f"


def test_a_slot_that_shows_nothing_has_no_target() -> None:
    room = Room()
    room.decide()
    assert room.line.sees(room.camera)
    room.line.show("v0", None)
    assert room.line.targets["v0"] is None
    assert not room.line.sees(room.camera)
    room.line.decide(room.now)
    assert room.line.targets["v0"] is None


def test_only_a_source_without_layers_is_watched_for_the_publishers_sake() -> None:
    layered, single = Room(), Room(rids=("",))
    assert not layered.line.watches(layered.uplink.feeds.values())
    assert single.line.watches(single.uplink.feeds.values())
    assert not single.line.watches(layered.uplink.feeds.values())


@pytest.mark.parametrize(
    ("bitrate", "height", "wanted"),
    [
        (3_000_000, 1080, {"f"}),
        (700_000, 1080, {"h", "f"}),
        (700_000, 360, {"h"}),
        (300_000, 1080, {"q", "h"}),
        (45_000, 1080, {"q"}),
        (3_000_000, 0, set()),
    ],
)
def test_a_viewer_wishes_for_what_they_get_and_for_one_layer_more_if_their_tile_shows_it(
    bitrate: float, height: int, wanted: set[str]
) -> None:
    room = Room()
    room.carry(bitrate)
    room.line.heights = {"v0": height}
    room.decide()
    assert room.line.wishes(room.camera) == wanted


def test_where_half_the_picture_is_switched_off_it_is_wished_for_when_the_whole_is_too_much() -> None:
    room = Room(rids=("q", "f"))
    room.carry(1_600_000)
    room.decide()
    room.show(key=("f",))
    room.carry(1_100_000)
    assert room.decide() == "f"
    assert room.line.wishes(room.camera) == {"h", "f"}


def test_on_a_line_that_carries_all_of_it_the_whole_picture_is_wished_for_at_once() -> None:
    room = Room(rids=("q",))
    room.carry(3_000_000)
    room.decide()
    assert room.line.wishes(room.camera) == {"q", "h", "f"}


def test_what_a_lossy_line_missed_is_sent_twice_unless_it_is_full() -> None:
    room = Room()
    room.carry(3_000_000)
    assert not room.line.sends_twice
    room.line.loss = 0.1
    assert room.line.sends_twice
    room.line.paced = False
    assert not room.line.sends_twice


def test_a_line_that_falls_sheds_pictures_before_the_smaller_one_has_begun() -> None:
    room = Room()
    room.carry(3_000_000)
    room.decide()
    room.show(key=("f",))
    assert room.slot.current is room.camera.layers["f"]
    room.carry(300_000)
    assert room.decide() == "q"
    assert room.slot.temporal is not None
    assert room.slot.temporal.target == 0
    layers = [sent[1].picture.temporal_id for _ in range(8) for sent in room.show() if sent[1].picture]
    assert set(layers) == {0}
    room.show(key=("q",))
    assert room.slot.current is room.camera.layers["q"]
    assert room.slot.temporal is None or room.slot.temporal.target == EVERYTHING


def test_temporal_layers_go_before_the_layer_does() -> None:
    room = Room()
    room.carry(1_600_000)
    room.decide()
    room.show(key=("f",))
    room.carry(1_100_000)
    assert room.decide() == "h"
    # The larger picture flows on until the smaller one's key frame, with as few pictures as it can.
    assert room.slot.temporal is not None
    assert room.slot.temporal.target == 0


@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from([3_000_000, 1_100_000, 700_000, 300_000, 170_000]),
            st.integers(1, 9),
            st.booleans(),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_the_viewers_stream_has_no_seams(steps: list[tuple[int, int, bool]]) -> None:
    room = Room()
    for bitrate, pictures, keys in steps:
        room.now += 70.0  # so that no hold keeps it down
        room.carry(bitrate)
        room.decide()
        for number in range(pictures):
            room.show(key=room.rids if keys and number == 0 else ())
    pictures_seen = [(p.sequence, p.timestamp, describe(p.payload)) for p in room.sent]
    for (sequence, timestamp, before), (next_sequence, next_timestamp, after) in itertools.pairwise(
        pictures_seen
    ):
        assert (next_sequence - sequence) & 0xFFFF == 1
        assert 0 < (next_timestamp - timestamp) & 0xFFFFFFFF < 0x80000000
        assert before.picture_id is not None
        assert after.picture_id is not None
        assert (after.picture_id - before.picture_id) & 0x7FFF == 1
        assert before.tl0_index is not None
        assert after.tl0_index is not None
        assert (after.tl0_index - before.tl0_index) & 0xFF == (after.temporal_id == 0)
    assert all(p.ssrc == room.slot.ssrc for p in room.sent)


# --- copies and padding -----------------------------------------------------------------------------------------


def test_a_retransmission_says_what_it_repeats() -> None:
    room = Room()
    room.decide()
    (sent,) = room.show(key=("f",))
    room.show()
    original = room.sent[0]
    (again,) = room.slot.resend((original.sequence,), now=room.now, rtt=0.1)
    assert again is sent
    size = room.slot.write_again(again, 77, room.buffer)
    copy = rtp.parse(bytes(room.buffer[:size]))
    assert (copy.ssrc, copy.payload_type) == (room.slot.copy_ssrc, AGAIN)
    assert copy.payload == original.sequence.to_bytes(2) + original.payload
    assert (copy.timestamp, copy.marker) == (original.timestamp, original.marker)
    assert copy.extensions()[codecs.TRANSPORT_SEQUENCE] == (77).to_bytes(2)
    size = room.slot.write_again(again, 78, room.buffer)
    assert rtp.parse(bytes(room.buffer[:size])).sequence == (copy.sequence + 1) & 0xFFFF


def test_a_viewer_without_retransmission_gets_a_plain_copy() -> None:
    room = Room()
    room.decide()
    (sent,) = room.show(key=("f",))
    room.slot.accepts -= {AGAIN}
    size = room.slot.write_again(sent, 77, room.buffer)
    copy = rtp.parse(bytes(room.buffer[:size]))
    assert (copy.ssrc, copy.sequence, copy.payload) == (
        room.slot.ssrc,
        room.sent[0].sequence,
        room.sent[0].payload,
    )
    assert room.slot.write_padding(200, 78, room.buffer) == 0


@pytest.mark.parametrize(("asked", "written"), [(0, 1), (1, 1), (200, 200), (255, 255), (9000, 255)])
def test_padding_is_a_packet_of_nothing_among_the_copies(asked: int, written: int) -> None:
    room = Room()
    room.decide()
    room.show(key=("f",))
    size = room.slot.write_padding(asked, 9, room.buffer)
    assert size == 24 + written
    padding = rtp.parse(bytes(room.buffer[:size]))
    assert (padding.ssrc, padding.payload_type, padding.size) == (room.slot.copy_ssrc, AGAIN, 0)
    assert padding.timestamp == room.sent[-1].timestamp
    assert padding.extensions() == {codecs.TRANSPORT_SEQUENCE: b"\0\x09"}


# --- the line ---------------------------------------------------------------------------------------------------


def deliver(
    room: Room, count: int, *, size: int = 1000, every: float = 0.01, lost: tuple[int, ...] = ()
) -> bool:
    """Send `count` packets and let the viewer tell when they came."""
    first = room.line.number
    started = room.now
    for _ in range(count):
        room.line.ring.sent(room.line.number, size, room.now)
        room.line.number = (room.line.number + 1) & 0xFFFF
        room.now += every
    ticks = [round((started + 0.05 + index * every) * twcc.TICKS_PER_SECOND) for index in range(count)]
    reference = ticks[0] // twcc.TICKS_PER_REFERENCE
    last = reference * twcc.TICKS_PER_REFERENCE
    deltas: list[int | None] = []
    for index, tick in enumerate(ticks):
        if index in lost:
            deltas.append(None)
            continue
        deltas.append(tick - last)
        last = tick
    feedback = twcc.TransportFeedback(1, 2, first, reference, 0, tuple(deltas))
    room.now += 0.05
    return room.line.heard_arrivals(feedback, room.now, 0.1)


def test_the_first_feedback_starts_the_pacing_at_the_estimate() -> None:
    room = Room()
    assert not room.line.paced
    deliver(room, 10)
    assert room.line.paced
    assert room.line.estimate == pytest.approx(START, rel=0.2)
    assert room.line.pacer.rate == pytest.approx(PACE * room.line.estimator.target)


def test_a_line_that_collapses_is_not_left_until_the_next_look() -> None:
    room = Room()
    room.carry(3_000_000)
    room.line.look(room.now, 0.5, silent=0.0)
    room.now += 0.2
    room.line.estimator.target = 100_000
    assert deliver(room, 5)
    assert room.line.targets["v0"] is not room.camera.layers["f"]
    assert not deliver(room, 5)


def test_what_the_viewer_reports_counts_as_loss_and_fades() -> None:
    room = Room()

    def block(fraction: int, ssrc: int) -> rtcp.ReportBlock:
        return rtcp.ReportBlock(ssrc, fraction, 0, 0, 0, 0, 0)

    room.line.heard_report(block(128, 1), 0)  # of no slot of ours
    assert room.line.worst_loss == 0.0
    room.line.heard_report(block(128, room.slot.ssrc), 0)
    assert room.line.worst_loss == 0.5
    room.line.heard_report(block(0, room.slot.ssrc), 0)
    assert room.line.worst_loss == pytest.approx(0.35)
    assert room.line.estimate != BLIND
    assert room.line.report_rtt is None


def test_a_round_trip_is_read_from_reports_unless_it_is_impossible() -> None:
    room = Room()
    now = rtcp.ntp_from_unix(1_700_000_000.0)
    sent = rtcp.middle_of_ntp(rtcp.ntp_from_unix(1_700_000_000.0 - 0.75))
    room.line.heard_report(rtcp.ReportBlock(room.slot.ssrc, 0, 0, 0, 0, sent, 32768), now)
    assert room.line.report_rtt == pytest.approx(0.25, abs=0.001)
    long_ago = rtcp.middle_of_ntp(rtcp.ntp_from_unix(1_700_000_000.0 - 900))
    room.line.heard_report(rtcp.ReportBlock(room.slot.ssrc, 0, 0, 0, 0, long_ago, 0), now)
    assert room.line.report_rtt == pytest.approx(0.25, abs=0.001)


def test_a_limit_of_the_viewer_counts_while_arrivals_are_not_told() -> None:
    room = Room()
    room.line.heard_report(rtcp.ReportBlock(room.slot.ssrc, 0, 0, 0, 0, 0, 0), 0)
    for _ in range(8):
        room.now += 0.5
        room.line.heard_limit(200_000, room.now)
        room.line.look(room.now, 0.5, silent=0.0)
    assert room.line.estimate == 200_000
    assert room.decide() == "q"


def test_silence_comes_to_writing() -> None:
    room = Room()
    room.line.look(room.now, 0.5, silent=16.0)
    assert room.line.standing == Standing(Rung.WRITING, Reason.SILENT)


def test_the_line_is_tried_only_when_more_is_wanted_and_arrivals_are_told() -> None:
    room = Room()
    assert room.line.probe(room.now) is None
    room.line.decide(room.now)
    deliver(room, 20)
    room.decide()
    assert room.line.wanted is not None
    probe = room.line.probe(room.now)
    assert probe is not None
    assert probe.rate > room.line.estimate
    assert room.line.probe(room.now) is None  # one at a time
    room.line.show("v0", None)
    room.decide()
    assert room.line.wanted is None
    assert room.line.probe(room.now + 60) is None


def test_sound_is_protected_by_what_the_line_loses_and_can_afford() -> None:
    room = Room()
    room.decide()
    sound = room.line.slots["a0"]
    sound.point(room.line.targets["a0"])
    for _ in range(2):
        room.line.heard_report(rtcp.ReportBlock(sound.ssrc, 40, 0, 0, 0, 0, 0), 0)
        room.line.estimator.target = 1_000_000
        room.line.look(room.now, 0.5, silent=0.0)
    assert sound.copies > 1
    sound.take(*room.sound(), room.now)
    received = room.sound()[1]
    sent = sound.take(room.uplink.streams[received.ssrc], received, room.now)
    assert sent is not None
    size = sound.write(sent, 1, room.buffer)
    written = rtp.parse(bytes(room.buffer[:size]))
    assert written.payload_type == RED.payload_type
    assert red.strip(written.payload) == received.payload
    assert len(red.parse(written.payload)) == 2  # there was one before it
    room.line.estimator.target = 60_000  # a thin line loses by its queue: copies would make it worse
    room.line._protect_sound()
    assert sound.copies == 0


def test_a_viewer_without_redundancy_never_gets_any() -> None:
    room = Room()
    sound = room.line.slots["a0"]
    sound.accepts = frozenset({OPUS.payload_type})
    room.line.heard_report(rtcp.ReportBlock(sound.ssrc, 200, 0, 0, 0, 0, 0), 0)
    room.line.look(room.now, 0.5, silent=0.0)
    assert sound.copies == 0


@given(
    rounds=st.lists(
        st.tuples(
            st.integers(1, 60), st.sampled_from([60, 300, 1200]), st.sets(st.integers(0, 59)), st.booleans()
        ),
        max_size=20,
    )
)
def test_the_estimate_stays_within_bounds_whatever_is_told(
    rounds: list[tuple[int, int, set[int], bool]],
) -> None:
    room = Room()
    for count, size, lost, look in rounds:
        deliver(room, count, size=size, lost=tuple(lost))
        if look:
            room.line.look(room.now, 0.5, silent=0.0)
        assert FLOOR <= room.line.estimate <= CEILING
        assert 0.0 <= room.line.worst_loss <= 1.0
