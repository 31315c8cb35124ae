"""A slot seen from the viewer: one endless stream, whatever flows into it."""

import itertools
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from media.core import rtcp, rtp
from media.core.capture import SenderClock
from media.core.codecs import AUDIO_LEVEL, H264, MID, OPUS, ORIENTATION, TRANSPORT_SEQUENCE, VP8
from media.core.inbound import InboundStream
from media.core.rtp import Packet, build_extension, newer, parse
from media.core.slot import Sent, Slot
from media.core.vp8 import describe

ACCEPTS = frozenset({96, 102, 111})


def slot(video: bool, **start: int) -> Slot:
    made = Slot(
        name="v0" if video else "a0",
        ssrc=0xABC,
        video=video,
        sequence=start.get("sequence", 0xFFF0),
        timestamp=start.get("timestamp", 0xFFFFF000),
        picture_id=start.get("picture_id", 0x7FFE),
        tl0_index=start.get("tl0_index", 254),
    )
    made.accepts = ACCEPTS
    return made


@dataclass
class Publisher:
    """A source with its own numbers. `asked` counts the PLIs it got."""

    video: bool = True
    sequence: int = 0
    timestamp: int = 0
    picture_id: int = 0
    tl0: int = 0
    asked: int = 0

    def __post_init__(self) -> None:
        self.clock = SenderClock()
        self.stream = InboundStream(
            ssrc=id(self) & 0xFFFFFFFF,
            participant="p",
            source="camera" if self.video else "microphone",
            clock=self.clock,
            keyframe_wanted=self.ask,
            now=0.0,
        )

    def ask(self, ssrc: int, due: bool) -> None:
        self.asked += due

    def picture(self, packets: int = 1, *, key: bool = False) -> list[bytes]:
        """The packets of one picture."""
        out = []
        for index in range(packets):
            start = 0x10 if index == 0 else 0
            head = bytes((0x80 | start, 0xC0, 0x80 | self.picture_id >> 8, self.picture_id & 0xFF, self.tl0))
            body = bytes((0x00 if key else 0x01,)) + b"picture"
            out.append(self.packet(VP8.payload_type, head + body, marker=index == packets - 1))
        self.picture_id = (self.picture_id + 1) & 0x7FFF
        self.tl0 = (self.tl0 + 1) & 0xFF
        self.timestamp = (self.timestamp + 3000) & 0xFFFFFFFF
        return out

    def sound(self) -> bytes:
        out = self.packet(OPUS.payload_type, b"sound")
        self.timestamp = (self.timestamp + 960) & 0xFFFFFFFF
        return out

    def padding(self) -> bytes:
        out = rtp.padding_packet(payload_type=96, sequence=self.sequence, timestamp=self.timestamp, ssrc=1)
        self.sequence = (self.sequence + 1) & 0xFFFF
        return out

    def packet(
        self, payload_type: int, payload: bytes, *, marker: bool = False, extension: bytes = b""
    ) -> bytes:
        first = 0x90 if extension else 0x80
        head = rtp.HEADER.pack(
            first, marker << 7 | payload_type, self.sequence, self.timestamp, self.stream.ssrc
        )
        self.sequence = (self.sequence + 1) & 0xFFFF
        return head + extension + payload


def push(target: Slot, publisher: Publisher, data: bytes, now: float = 0.0) -> Packet | None:
    packet = parse(data)
    if not publisher.stream.receive(packet, now):
        return None
    sent = target.take(publisher.stream, packet, now)
    return None if sent is None else written(target, sent)


def written(target: Slot, sent: Sent, number: int = 0) -> Packet:
    buffer = bytearray(2048)
    return parse(bytes(buffer[: target.write(sent, number, buffer)]))


numbers = st.builds(
    Publisher,
    sequence=st.integers(0, 0xFFFF),
    timestamp=st.integers(0, 0xFFFFFFFF),
    picture_id=st.integers(0, 0x7FFF),
    tl0=st.integers(0, 255),
)


@settings(max_examples=60)
@given(
    publishers=st.lists(numbers, min_size=1, max_size=3),
    script=st.lists(
        st.tuples(st.integers(0, 2), st.integers(1, 4), st.booleans(), st.booleans()), min_size=1, max_size=40
    ),
)
def test_every_change_of_source_continues_all_numbers(
    publishers: list[Publisher], script: list[tuple[int, int, bool, bool]]
) -> None:
    viewer = slot(video=True)
    seen: list[Packet] = []
    now = 0.0
    for who, size, key, padded in script:
        publisher = publishers[who % len(publishers)]
        viewer.point(publisher.stream)
        for other in publishers:  # everybody keeps sending, wherever the slot points
            for data in other.picture(size, key=key and other is publisher):
                out = push(viewer, other, data, now)
                if out is not None:
                    seen.append(out)
        if padded:
            assert push(viewer, publisher, publisher.padding(), now) is None
        now += 1 / 30
    assert [p.sequence for p in seen] == [(0xFFF1 + i) & 0xFFFF for i in range(len(seen))]
    assert {p.ssrc for p in seen} <= {0xABC}
    pictures = [(p.timestamp, describe(p.payload)) for p in seen]
    for (before, old), (after, new) in itertools.pairwise(pictures):
        assert old.picture_id is not None
        assert old.tl0_index is not None
        if new.starts:
            assert 0 < (after - before) & 0xFFFFFFFF < 0x80000000
            assert new.picture_id == (old.picture_id + 1) & 0x7FFF
            assert new.tl0_index == (old.tl0_index + 1) & 0xFF
        else:
            assert (after, new.picture_id, new.tl0_index) == (before, old.picture_id, old.tl0_index)
    if seen:
        assert describe(seen[0].payload).keyframe


@settings(max_examples=60)
@given(
    publisher=numbers,
    lost=st.sets(st.integers(1, 38), max_size=10),
    order=st.permutations(range(40)),
    reach=st.integers(1, 6),
    doubled=st.sets(st.integers(0, 39), max_size=8),
)
def test_loss_reordering_and_doubles_leave_numbers_in_place(
    publisher: Publisher, lost: set[int], order: list[int], reach: int, doubled: set[int]
) -> None:
    viewer = slot(video=True)
    viewer.point(publisher.stream)
    sent = [publisher.picture(key=index == 0)[0] for index in range(40)]
    arrival = [0, *sorted(set(range(1, 40)) - lost, key=lambda i: i + order[i] % reach)]
    arrival = [i for index in arrival for i in ([index, index] if index in doubled else [index])]
    got = {}
    for index in arrival:
        out = push(viewer, publisher, sent[index])
        if out is not None:
            assert index not in got
            got[index] = out
    assert set(got) == set(range(40)) - lost
    for index, packet in got.items():
        assert packet.sequence == (0xFFF1 + index) & 0xFFFF
        assert describe(packet.payload).picture_id == (0x7FFF + index) & 0x7FFF


def test_video_waits_for_a_key_frame_and_the_old_source_runs_on() -> None:
    viewer, anna, binh = slot(video=True), Publisher(), Publisher(sequence=500)
    viewer.point(anna.stream)
    assert push(viewer, anna, anna.picture()[0]) is None
    assert push(viewer, anna, anna.picture(key=True)[0]) is not None
    viewer.point(binh.stream)
    assert viewer.waits_for_keyframe
    assert push(viewer, binh, binh.picture()[0]) is None
    assert push(viewer, anna, anna.picture()[0]) is not None
    assert push(viewer, binh, binh.picture(key=True)[0]) is not None
    assert not viewer.waits_for_keyframe
    assert push(viewer, anna, anna.picture()[0]) is None


def test_audio_changes_at_once_with_the_marker_set() -> None:
    viewer, anna, binh = slot(video=False), Publisher(video=False), Publisher(video=False, sequence=900)
    viewer.point(anna.stream)
    first = [push(viewer, anna, anna.sound()) for _ in range(2)]
    viewer.point(binh.stream)
    then = [push(viewer, binh, binh.sound()) for _ in range(2)]
    assert [(p.sequence, p.marker) for p in first + then if p] == [
        (0xFFF1, 0x80),
        (0xFFF2, 0),
        (0xFFF3, 0x80),
        (0xFFF4, 0),
    ]


def test_packets_from_before_the_change_are_dropped() -> None:
    viewer, anna, binh = slot(video=False), Publisher(video=False), Publisher(video=False, sequence=900)
    viewer.point(anna.stream)
    push(viewer, anna, anna.sound())
    straggler = binh.sound()
    viewer.point(binh.stream)
    assert push(viewer, binh, binh.sound()) is not None
    assert push(viewer, binh, straggler) is None


def test_the_timestamp_jumps_by_the_captures_distance() -> None:
    viewer, anna, binh = slot(video=True), Publisher(timestamp=90_000), Publisher(timestamp=777)
    for publisher, captured in ((anna, 100.0), (binh, 50.0)):  # their clocks are 50 s apart
        ntp = rtcp.ntp_from_unix(captured)
        publisher.clock.report(ntp, 1000.0)
        publisher.stream.take_sender_report(
            rtcp.SenderReport(publisher.stream.ssrc, ntp, publisher.timestamp, 0, 0), now=0.0
        )
    viewer.point(anna.stream)
    before = push(viewer, anna, anna.picture(key=True)[0], now=0.0)
    viewer.point(binh.stream)
    binh.timestamp += 9000  # captured 0.1 s after anna's
    after = push(viewer, binh, binh.picture(key=True)[0], now=3.0)
    assert before is not None
    assert after is not None
    assert abs(((after.timestamp - before.timestamp) & 0xFFFFFFFF) - 9000) <= 2


def test_without_sender_reports_the_arrivals_distance_is_taken() -> None:
    viewer, anna, binh = slot(video=True), Publisher(), Publisher(timestamp=777)
    viewer.point(anna.stream)
    before = push(viewer, anna, anna.picture(key=True)[0], now=1.0)
    viewer.point(binh.stream)
    after = push(viewer, binh, binh.picture(key=True)[0], now=1.5)
    assert before is not None
    assert after is not None
    assert (after.timestamp - before.timestamp) & 0xFFFFFFFF == 45_000


def test_a_nack_is_answered_with_the_same_packet_even_after_a_change() -> None:
    viewer, anna, binh = slot(video=True), Publisher(), Publisher(sequence=500)
    viewer.point(anna.stream)
    packet = parse(anna.picture(key=True)[0])
    anna.stream.receive(packet, 0.0)
    sent = viewer.take(anna.stream, packet, 0.0)
    viewer.point(binh.stream)
    push(viewer, binh, binh.picture(key=True)[0])
    assert viewer.resend((0xFFF1,), now=1.0, rtt=0.0) == [sent]
    assert viewer.resend((0xFFF1,), now=1.05, rtt=0.0) == []
    assert viewer.resend((0x1234,), now=1.0, rtt=0.0) == []


def test_late_padding_fills_its_number() -> None:
    viewer, anna = slot(video=True), Publisher()
    viewer.point(anna.stream)
    push(viewer, anna, anna.picture(key=True)[0])
    padding = anna.padding()
    push(viewer, anna, anna.picture()[0])
    out = push(viewer, anna, padding)
    assert out is not None
    assert (out.sequence, out.payload) == (0xFFF2, b"")


def test_h264_passes_without_picture_indices() -> None:
    viewer, anna = slot(video=True), Publisher()
    viewer.point(anna.stream)
    assert push(viewer, anna, anna.packet(H264.payload_type, b"\x61slice")) is None
    out = push(viewer, anna, anna.packet(H264.payload_type, b"\x67sps", marker=True))
    assert out is not None
    assert (out.payload_type, out.payload, out.marker) == (102, b"\x67sps", 0x80)


def test_a_codec_the_viewer_refused_is_not_sent() -> None:
    viewer, anna = slot(video=True), Publisher()
    viewer.accepts = frozenset({96})
    viewer.point(anna.stream)
    assert push(viewer, anna, anna.packet(H264.payload_type, b"\x67sps")) is None


def test_only_the_level_and_the_orientation_travel() -> None:
    viewer, anna = slot(video=False), Publisher(video=False)
    viewer.point(anna.stream)
    extension = build_extension([(MID, b"m"), (AUDIO_LEVEL, b"\x55")])
    out = push(viewer, anna, anna.packet(OPUS.payload_type, b"sound", extension=extension))
    assert out is not None
    assert out.extensions() == {AUDIO_LEVEL: b"\x55", TRANSPORT_SEQUENCE: b"\0\0"}
    viewer, anna = slot(video=True), Publisher()
    viewer.point(anna.stream)
    extension = build_extension([(MID, b"c"), (ORIENTATION, b"\x01")])
    out = push(viewer, anna, anna.packet(VP8.payload_type, b"\x10\x00key", extension=extension))
    assert out is not None
    assert out.extensions() == {ORIENTATION: b"\x01", TRANSPORT_SEQUENCE: b"\0\0"}
    assert out.payload == b"\x10\x00key"


def test_a_sender_report_is_on_the_nodes_clock_and_the_slots_timestamps() -> None:
    viewer, anna = slot(video=False, timestamp=5_000_000), Publisher(video=False, timestamp=48_000)
    viewer.point(anna.stream)
    assert viewer.sender_report(1000.0) is None
    ntp = rtcp.ntp_from_unix(77.0)
    anna.clock.report(ntp, 1000.0)
    anna.stream.take_sender_report(rtcp.SenderReport(anna.stream.ssrc, ntp, 48_000, 0, 0), now=0.0)
    push(viewer, anna, anna.sound())
    report = viewer.sender_report(1001.0)
    assert report is not None
    [parsed] = rtcp.parse(report)
    assert isinstance(parsed, rtcp.SenderReport)
    assert abs(rtcp.unix_from_ntp(parsed.ntp) - 1001.0) < 1e-3
    assert abs(parsed.rtp - (5_000_000 + 48_000)) <= 2
    assert (parsed.ssrc, parsed.packets, parsed.octets) == (0xABC, 1, 5)


def test_a_silent_slot_sends_nothing() -> None:
    viewer, anna = slot(video=False), Publisher(video=False)
    viewer.point(anna.stream)
    push(viewer, anna, anna.sound())
    viewer.point(None)
    assert push(viewer, anna, anna.sound()) is None
    assert viewer.sender_report(1.0) is None


def test_numbers_keep_going_up_over_a_silence() -> None:
    viewer, anna = slot(video=False), Publisher(video=False)
    viewer.point(anna.stream)
    before = push(viewer, anna, anna.sound(), now=0.0)
    viewer.point(None)
    viewer.point(anna.stream)
    after = push(viewer, anna, anna.sound(), now=10.0)
    assert before is not None
    assert after is not None
    assert newer(after.sequence, before.sequence)
    assert (after.timestamp - before.timestamp) & 0xFFFFFFFF == 480_000


def test_a_loss_is_noted_and_an_outage_asks_for_a_key_frame() -> None:
    anna = Publisher()
    anna.stream.receive(parse(anna.picture(key=True)[0]), 0.0)
    anna.picture()
    anna.stream.receive(parse(anna.picture()[0]), 0.0)
    assert anna.stream.nack.due(now=0.1, rtt=0.0) == [1]
    for _ in range(300):
        anna.picture()
    anna.stream.receive(parse(anna.picture()[0]), 0.6)
    assert anna.asked == 1
    assert not anna.stream.nack.missing


def test_short_picture_ids_are_counted_on_beyond_their_wrap() -> None:
    publisher = Publisher()
    viewer = slot(True)
    viewer.point(publisher.stream)
    buffer = bytearray(2048)
    seen = []
    order = [number for number in range(300) if number not in (130, 257)]
    order[140:140] = [130]  # one comes late
    for number in order:
        head = bytes((0x90, 0x80, number & 0x7F, 0x00 if number == 0 else 0x01))
        publisher.sequence = number
        packet = parse(publisher.packet(VP8.payload_type, head + b"picture"))
        assert publisher.stream.receive(packet, number / 30)
        sent = viewer.take(publisher.stream, packet, number / 30)
        assert sent is not None
        written = parse(bytes(buffer[: viewer.write(sent, 1, buffer)]))
        seen.append((number, describe(written.payload).picture_id or 0, written.payload[-7:]))
    first = seen[0][1]
    assert [(number, (identifier - first) & 0x7FFF) for number, identifier, _ in seen] == [
        (number, number) for number in order
    ]
    assert {payload for _, _, payload in seen} == {b"picture"}
