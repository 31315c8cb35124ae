"""What comes from one participant: who a packet is of, copies put back, feedback on it."""

import itertools
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.core import bandwidth, codecs, rtcp, rtp, twcc
from media.core.codecs import OPUS, RED, VP8
from media.core.feed import SINGLE
from media.core.inbound import InboundStream
from media.core.ladder import Reason, Rung, Standing
from media.core.uplink import AVAILABLE_SECONDS, FRESH_SECONDS, MAX_SSRCS, RTCP_SSRC, TRIAL_SECONDS, Uplink
from tests.fuzz import samples
from tests.fuzz.samples import SSRC, VP8_DELTA, VP8_KEY, named, packet

AGAIN = codecs.RETRANSMISSION[VP8.payload_type]


@dataclass
class Line:
    """A publisher's line, and whom its uplink told what."""

    appeared: list[tuple[int, str]] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)
    now: float = 50.0

    def __post_init__(self) -> None:
        self.uplink = Uplink("anna", appeared=self._appeared, keyframe_wanted=self._ask)

    def _appeared(self, stream: InboundStream) -> None:
        self.appeared.append((stream.ssrc, stream.rid))

    def _ask(self, ssrc: int, due: bool) -> None:
        if due:
            self.asked.append(ssrc)

    def send(self, data: bytes, after: float = 0.02) -> tuple[InboundStream, rtp.Packet] | None:
        self.now += after
        return self.uplink.receive(data, self.now)

    def sound(self, sequence: int, payload: bytes = b"sound", number: int | None = None) -> bytes:
        return packet(
            OPUS.payload_type,
            payload,
            ssrc=SSRC["m"],
            sequence=sequence,
            timestamp=sequence * 960,
            elements=named("m", number=number),
        )

    def picture(self, sequence: int, payload: bytes = VP8_DELTA, rid: str = "") -> bytes:
        return packet(
            VP8.payload_type,
            payload,
            ssrc=SSRC[rid or "c"],
            sequence=sequence,
            timestamp=sequence * 3000,
            elements=named("c", rid=rid),
        )

    def copy(self, sequence: int, original: int, payload: bytes = VP8_DELTA, rid: str = "q") -> bytes:
        return packet(
            AGAIN,
            original.to_bytes(2) + payload,
            ssrc=SSRC["rtx"],
            sequence=sequence,
            timestamp=original * 3000,
            elements=named("c", repaired=rid),
        )


# --- who is who -------------------------------------------------------------------------------------------------


def test_a_stream_is_known_by_its_line_and_layer_and_named_once() -> None:
    line = Line()
    assert line.send(line.sound(1)) is not None
    for rid in ("h", "q"):
        assert line.send(line.picture(1, VP8_KEY, rid)) is not None
    assert line.appeared == [(SSRC["m"], ""), (SSRC["h"], "h"), (SSRC["q"], "q")]
    assert set(line.uplink.feeds) == {"microphone", "camera"}
    assert set(line.uplink.feeds["camera"].layers) == {"h", "q"}
    # From then on a packet needs no names.
    bare = packet(VP8.payload_type, VP8_DELTA, ssrc=SSRC["q"], sequence=2)
    found = line.send(bare)
    assert found is not None
    assert (found[0].rid, found[1].sequence) == ("q", 2)
    assert len(line.appeared) == 3


@pytest.mark.parametrize(
    "data",
    [
        packet(OPUS.payload_type, b"x", ssrc=1),  # no line
        packet(OPUS.payload_type, b"x", ssrc=1, elements=named("a0")),  # a line of ours
        packet(OPUS.payload_type, b"x", ssrc=1, elements=named("c")),  # sound on a camera's line
        packet(VP8.payload_type, VP8_KEY, ssrc=1, elements=named("m")),
        packet(20, b"x", ssrc=1, elements=named("m")),  # a codec nobody offered
        packet(VP8.payload_type, VP8_KEY, ssrc=1, elements=named("c", rid="x")),  # a layer nobody offered
        packet(VP8.payload_type, VP8_KEY, ssrc=1, elements=[(codecs.MID, b"\xff")]),
    ],
)
def test_a_packet_that_is_none_of_the_offers_is_not_followed(data: bytes) -> None:
    line = Line()
    assert line.send(data) is None
    assert not line.uplink.streams
    assert not line.uplink.follows(1)
    assert line.appeared == []


def test_no_more_ssrcs_are_followed_than_a_browser_has_use_for() -> None:
    line = Line()
    for index in range(MAX_SSRCS + 20):
        line.send(packet(OPUS.payload_type, b"x", ssrc=100 + index, elements=named("m")))
    assert list(line.uplink.streams) == list(range(100, 100 + MAX_SSRCS))
    assert line.uplink.follows(100)
    assert not line.uplink.follows(100 + MAX_SSRCS)


def test_a_new_ssrc_on_a_line_takes_the_old_ones_place() -> None:
    line = Line()
    line.send(line.sound(1))
    line.send(packet(OPUS.payload_type, b"x", ssrc=77, elements=named("m")))
    assert [s.ssrc for s in line.uplink.streams.values() if s.active] == [77]
    assert line.uplink.feeds["microphone"].layers[SINGLE].ssrc == 77


def test_a_camera_that_changes_to_layers_keeps_its_feed() -> None:
    line = Line()
    line.send(line.picture(1, VP8_KEY))
    feed = line.uplink.feeds["camera"]
    assert not feed.layered
    line.send(line.picture(1, VP8_KEY, "q"))
    line.send(line.picture(1, VP8_KEY, "h"))
    assert line.uplink.feeds["camera"] is feed
    assert set(feed.layers) == {"q", "h"}
    assert [s.rid for s in line.uplink.streams.values() if s.active] == ["q", "h"]


def test_one_that_was_thought_over_appears_again_with_its_next_packet() -> None:
    line = Line()
    found = line.send(line.picture(1, VP8_KEY))
    assert found is not None
    found[0].active = False
    line.send(line.picture(2))
    assert line.appeared == [(SSRC["c"], ""), (SSRC["c"], "")]
    assert found[0].active


def test_duplicates_and_other_codecs_are_not_forwarded() -> None:
    line = Line()
    assert line.send(line.sound(1)) is not None
    assert line.send(line.sound(1)) is None
    assert line.send(packet(VP8.payload_type, VP8_KEY, ssrc=SSRC["m"], sequence=2)) is None


def test_padding_fills_its_number_and_is_no_sound() -> None:
    line = Line()
    line.send(line.sound(1))
    found = line.send(packet(OPUS.payload_type, b"", ssrc=SSRC["m"], sequence=2, padding=100))
    assert found is not None
    assert (found[1].size, found[1].sequence) == (0, 2)


def test_redundancy_is_taken_off_and_remembered() -> None:
    line = Line()
    data = packet(
        RED.payload_type, samples.RED, ssrc=SSRC["m"], sequence=3, timestamp=5000, elements=named("m")
    )
    found = line.send(data)
    assert found is not None
    stream, received = found
    assert (received.payload_type, received.payload, received.size) == (OPUS.payload_type, b"now", 3)
    assert stream.red is not None
    assert stream.red.wrap(5000, b"now", 2) == samples.RED


# --- copies -----------------------------------------------------------------------------------------------------


def layered() -> Line:
    line = Line()
    line.send(line.picture(1, VP8_KEY, "q"))
    return line


def test_a_copy_becomes_the_packet_it_repeats() -> None:
    line = layered()
    line.send(line.picture(3, rid="q"))
    found = line.send(line.copy(900, 2))
    assert found is not None
    stream, received = found
    assert (stream.ssrc, received.ssrc) == (SSRC["q"], SSRC["q"])
    assert (received.sequence, received.payload_type) == (2, VP8.payload_type)
    direct = layered().send(line.picture(2, rid="q"))
    assert direct is not None
    assert received.payload == direct[1].payload
    assert received.picture == direct[1].picture
    assert not stream.nack.missing


def test_what_came_already_is_no_news_as_a_copy_nor_the_other_way_round() -> None:
    line = layered()
    assert line.send(line.copy(900, 1, VP8_KEY)) is None
    assert line.send(line.copy(901, 2)) is not None
    assert line.send(line.copy(902, 2)) is None
    assert line.send(line.picture(2, rid="q")) is None


def test_a_copys_line_is_named_once() -> None:
    line = layered()
    line.send(line.copy(900, 2))
    bare = packet(AGAIN, (3).to_bytes(2) + VP8_DELTA, ssrc=SSRC["rtx"], sequence=901)
    assert line.send(bare) is not None
    assert line.uplink.follows(SSRC["rtx"])


@pytest.mark.parametrize("size", [0, 1, 2])
def test_an_empty_copy_only_tries_the_line(size: int) -> None:
    line = layered()
    empty = packet(
        AGAIN, bytes(size), ssrc=SSRC["rtx"], sequence=900, padding=9, elements=named("c", repaired="q")
    )
    assert line.send(empty) is None
    assert line.uplink.follows(SSRC["rtx"])  # whose it is, is known all the same


def test_a_copy_of_nothing_known_is_dropped() -> None:
    line = Line()
    assert line.send(line.copy(900, 1)) is None
    line = layered()
    assert line.send(line.copy(900, 1, rid="f")) is None
    assert not line.uplink.follows(SSRC["rtx"])


@given(order=st.permutations(range(2, 12)), again=st.lists(st.integers(2, 11), max_size=10))
def test_each_packet_is_forwarded_once_whichever_way_it_comes(order: list[int], again: list[int]) -> None:
    line = layered()
    forwarded = []
    copies = itertools.count(900)
    for position, sequence in enumerate(order + again):
        data = line.picture(sequence, rid="q") if position % 2 else line.copy(next(copies), sequence)
        found = line.send(data)
        if found is not None:
            forwarded.append(found[1].sequence)
    assert sorted(forwarded) == list(range(2, 12))


# --- feedback ---------------------------------------------------------------------------------------------------


def test_what_is_missing_is_asked_for_once_it_is_late_and_again_after_a_round_trip() -> None:
    line = Line()
    line.send(line.sound(1))
    line.send(line.sound(4))
    assert line.uplink.missing(line.now, 0.1) == ([], True, False)
    asked, losses, keyframes = line.uplink.missing(line.now + 0.02, 0.1)
    assert [rtcp.parse(data) for data in asked] == [[rtcp.Nack(RTCP_SSRC, SSRC["m"], (2, 3))]]
    assert (losses, keyframes) == (True, False)
    assert line.uplink.missing(line.now + 0.05, 0.1)[0] == []
    assert len(line.uplink.missing(line.now + 0.2, 0.1)[0]) == 1
    line.send(line.sound(2))
    line.send(line.sound(3))
    assert line.uplink.missing(line.now + 1, 0.1) == ([], False, False)


def test_a_key_frame_is_asked_for_until_it_comes() -> None:
    line = Line()
    found = line.send(line.picture(1, VP8_KEY))
    assert found is not None
    line.now += 1
    found[0].want_keyframe(line.now)
    assert line.asked == [SSRC["c"]]
    assert line.uplink.missing(line.now + 0.1, 0.1) == ([], False, True)
    asked, _, awaited = line.uplink.missing(line.now + 0.6, 0.1)
    assert [rtcp.parse(data) for data in asked] == [[rtcp.PictureLoss(RTCP_SSRC, SSRC["c"])]]
    assert awaited
    line.send(line.picture(2, VP8_KEY))
    assert line.uplink.missing(line.now + 2, 0.1) == ([], False, False)


def test_more_missing_than_a_history_holds_is_a_key_frame() -> None:
    line = Line()
    line.send(line.picture(1, VP8_KEY))
    line.now += 1
    line.send(line.picture(600))
    assert line.asked == [SSRC["c"]]
    assert line.uplink.missing(line.now + 0.1, 0.1)[0] == []


def test_a_microphone_is_told_the_worst_line_it_is_heard_on() -> None:
    line = Line()
    line.send(line.sound(1))
    line.send(line.picture(1, VP8_KEY))
    blocks = {b.ssrc: b.fraction_lost for b in line.uplink.report_blocks(line.now, downstream_loss=0.25)}
    assert blocks == {SSRC["m"]: 64, SSRC["c"]: 0}
    for sequence in (2, 4, 6, 8):  # its own line loses more
        line.send(line.sound(sequence))
    blocks = {b.ssrc: b.fraction_lost for b in line.uplink.report_blocks(line.now, downstream_loss=0.25)}
    assert blocks[SSRC["m"]] == 3 * 256 // 7
    (sound, _) = line.uplink.report_blocks(line.now, downstream_loss=5.0)
    assert sound.fraction_lost == 255


def test_streams_that_are_over_are_not_reported_on() -> None:
    line = Line()
    line.send(line.sound(1))
    line.send(packet(OPUS.payload_type, b"x", ssrc=77, elements=named("m")))
    assert [b.ssrc for b in line.uplink.report_blocks(line.now)] == [77]


def test_a_sender_report_comes_back_in_the_block() -> None:
    line = Line()
    line.send(line.sound(1))
    report = rtcp.SenderReport(SSRC["m"], ntp=0x1234_5678_9ABC_DEF0, rtp=960, packets=1, octets=5)
    line.uplink.hear(report, now=line.now, now_unix=1000.0)
    line.uplink.hear(rtcp.SenderReport(999, 1, 1, 1, 1), now=line.now, now_unix=1000.0)  # of nobody
    (block,) = line.uplink.report_blocks(line.now + 0.5)
    assert (block.last_sender_report, block.delay) == (0x5678_9ABC, 32768)


def test_arrivals_are_told_under_an_ssrc_of_the_sender() -> None:
    line = Line()
    for number in (5, 6, 8):
        line.send(line.sound(number, number=number))
    (told,) = line.uplink.arrivals.build(line.now)
    (feedback,) = rtcp.parse(told)
    assert isinstance(feedback, twcc.TransportFeedback)
    assert (feedback.sender_ssrc, feedback.media_ssrc, feedback.base_sequence) == (RTCP_SSRC, SSRC["m"], 5)
    assert [delta is not None for delta in feedback.deltas] == [True, True, False, True]


def test_a_goodbye_makes_a_stream_count_as_silent() -> None:
    line = Line()
    line.send(line.sound(1))
    line.uplink.end([SSRC["m"], 4], line.now)
    assert line.uplink.feeds["microphone"].newest_at <= line.now - 60
    line.send(line.sound(2))
    assert line.uplink.feeds["microphone"].newest_at == line.now


# --- rates ------------------------------------------------------------------------------------------------------


def test_rate_and_loss_are_those_of_the_last_intervals() -> None:
    line = Line()
    for sequence in range(1, 26):
        line.send(line.sound(sequence, bytes(100)))
    line.uplink.measure(0.5)
    assert line.uplink.rate == pytest.approx(25 * 168 * 8 / 0.5)
    assert line.uplink.loss == 0.0
    for sequence in range(30, 55, 5):
        line.send(line.sound(sequence, bytes(100)))
    line.uplink.measure(0.5)
    assert line.uplink.loss == pytest.approx(0.3 * 0.8, abs=0.01)
    line.uplink.measure(0.5)
    assert line.uplink.rate == 0.0


def test_what_a_browser_believes_of_its_line_holds_for_a_while() -> None:
    line = Line()
    ours = line.uplink.estimate(line.now)
    line.uplink.tell_available(200_000.0, line.now)
    assert line.uplink.estimate(line.now + AVAILABLE_SECONDS - 1) == 200_000.0
    assert line.uplink.estimate(line.now + AVAILABLE_SECONDS) == ours == bandwidth.START


def limit_of(line: Line, downlinks: list[float]) -> rtcp.Remb:
    told = line.uplink.limit(0.5, line.now, downlinks)
    assert told is not None
    (remb,) = rtcp.parse(told)
    assert isinstance(remb, rtcp.Remb)
    return remb


def test_a_publisher_is_limited_by_its_line_and_the_best_viewer() -> None:
    line = Line()
    line.send(line.sound(1))
    assert line.uplink.limit(0.5, line.now, []) is None  # sound alone is not limited
    line.send(line.picture(1, VP8_KEY))
    remb = limit_of(line, [300_000.0, 700_000.0])
    assert remb.media_ssrcs == (SSRC["c"],)
    assert 690_000 < remb.bitrate <= 700_000
    assert limit_of(line, []).bitrate <= bandwidth.CEILING


def test_who_numbers_packets_is_limited_by_a_queue_that_stands_still() -> None:
    line = Line()
    limits = []
    for second in range(12):
        late = 0.0 if second < 2 else 0.3
        for tick in range(50):
            number = second * 50 + tick
            line.now = 50.0 + number * 0.02 + late
            line.uplink.receive(line.sound(number, number=number), line.now)
            line.uplink.receive(line.picture(number, VP8_DELTA if number else VP8_KEY), line.now)
            if tick in {24, 49}:
                limits.append(limit_of(line, []).bitrate)
    assert limits[3] > 0.99 * bandwidth.CEILING
    assert limits[5] < 100_000
    assert limits[5:] == sorted(limits[5:], reverse=True)


def test_a_layer_that_was_switched_off_appears_again_with_its_first_picture_and_is_not_asked_for_one() -> (
    None
):
    line = Line()
    for rid in ("q", "h"):
        line.send(line.picture(1, VP8_KEY, rid))
    line.now += 5
    line.send(line.picture(2, rid="q"))
    line.uplink.look(line.now, silent=0.0)
    assert [stream.active for stream in line.uplink.feeds["camera"].layers.values()] == [True, False]
    line.appeared.clear()
    line.send(line.picture(2, VP8_KEY, rid="h"))
    assert (line.appeared, line.asked) == ([(SSRC["h"], "h")], [])


def test_who_numbers_packets_is_limited_by_viewers_alone() -> None:
    line = Line()
    line.send(line.picture(1, VP8_KEY))
    line.send(line.sound(1, number=1))
    assert limit_of(line, []).bitrate > 0.99 * bandwidth.CEILING
    line.now += FRESH_SECONDS
    assert limit_of(line, []).bitrate < bandwidth.CEILING


def test_a_thin_line_ends_moving_pictures_and_they_are_tried_again() -> None:
    line = Line()
    standings = []
    for second in range(int(TRIAL_SECONDS) + 12):
        line.uplink.tell_available(50_000.0, line.now + second)
        standings.append(line.uplink.look(line.now + second, silent=0.0))
    assert standings[0] == Standing(Rung.LOW_RATE, Reason.THIN_LINE)
    first_still = standings.index(Standing(Rung.STILL, Reason.THIN_LINE))
    assert first_still == 5
    assert standings[first_still + int(TRIAL_SECONDS)].rung is Rung.STILL
    assert standings[first_still + int(TRIAL_SECONDS) + 1].rung is Rung.LOW_RATE


def test_sound_by_hand_stays_until_it_is_taken_back() -> None:
    line = Line()
    line.uplink.ladder.pin()
    for second in range(200):
        assert line.uplink.look(line.now + second, silent=0.0).rung is Rung.SOUND
    line.uplink.ladder.unpin()
    assert line.uplink.look(line.now + 201, silent=0.0).rung is Rung.FULL


def test_a_retired_uplink_tells_nobody_anything() -> None:
    line = Line()
    found = line.send(line.picture(1, VP8_KEY))
    assert found is not None
    line.uplink.retire()
    found[0].want_keyframe(line.now)
    line.send(line.picture(2))
    assert (len(line.appeared), line.asked) == (1, [])
