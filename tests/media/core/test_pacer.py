"""The pacer: order, rate, and what is given up when the line is slower than thought."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.core.pacer import (
    AGAIN_SECONDS,
    BURST_SECONDS,
    HARD_LIMIT_SECONDS,
    LEAST_RATE,
    LIMIT_SECONDS,
    MAX_AGAIN,
    MAX_WAITING,
    Pacer,
)

RATE = 400_000.0  # bit/s: 50 bytes a millisecond


@dataclass(frozen=True)
class Piece:
    """A packet of a picture, or of a retransmission or of sound (picture -1, -2)."""

    number: int
    stream: str
    picture: int
    key: bool
    size: int


@dataclass
class Viewer:
    """A pacer used as its docstring says; `sent` is what went out and when."""

    pacer: Pacer[Piece] = field(default_factory=lambda: Pacer(RATE))
    now: float = 10.0
    sent: list[tuple[float, Piece]] = field(default_factory=list)
    dropped: list[Piece] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    made: list[Piece] = field(default_factory=list)

    def packet(self, stream: str, picture: int, size: int = 1000, *, key: bool = False) -> Piece:
        piece = Piece(len(self.made), stream, picture, key, size)
        self.made.append(piece)
        if self.pacer.admit(size, self.now):
            self.sent.append((self.now, piece))
        else:
            self.pacer.wait(piece, size, stream=stream, picture=picture, key=key, now=self.now)
            self._drain()
        return piece

    def picture(self, stream: str, picture: int, packets: int, *, key: bool = False) -> list[Piece]:
        return [self.packet(stream, picture, key=key) for _ in range(packets)]

    def resend(self, size: int = 1000) -> Piece:
        piece = Piece(len(self.made), "", -1, False, size)
        self.made.append(piece)
        if self.pacer.admit(size, self.now):
            self.sent.append((self.now, piece))
        else:
            self.pacer.again(piece, size, self.now)
            self._drain()
        return piece

    def sound(self, size: int = 100) -> None:
        self.pacer.charge(size, self.now)

    def advance(self, seconds: float) -> None:
        """Let time pass, waking up whenever the pacer wants it."""
        end = self.now + seconds
        while True:
            at = self.pacer.next_at
            if at is None or at > end:
                break
            self.now = max(self.now, at)
            self._drain()
        self.now = end

    def _drain(self) -> None:
        self.sent += [(self.now, piece) for piece in self.pacer.due(self.now)]
        self.dropped += self.pacer.take_dropped()
        self.broken += sorted(self.pacer.take_broken())

    @property
    def pictures(self) -> list[tuple[str, int]]:
        """The pictures sent, each once."""
        return list(dict.fromkeys((piece.stream, piece.picture) for _, piece in self.sent))


def test_an_ordinary_picture_goes_straight_through() -> None:
    viewer = Viewer()
    viewer.picture("v0", 1, 2)
    assert [at for at, _ in viewer.sent] == [10.0, 10.0]
    assert viewer.pacer.next_at is None


def test_a_key_frame_is_spread_at_the_rate_and_nothing_of_it_is_lost() -> None:
    viewer = Viewer()
    frame = viewer.picture("v0", 1, 25, key=True)  # 25 kB: half a second
    viewer.advance(0.25)
    assert 12_000 <= sum(piece.size for _, piece in viewer.sent) <= 16_000
    viewer.advance(0.3)
    assert [piece for _, piece in viewer.sent] == frame
    assert viewer.broken == []


def test_sound_never_waits_and_pictures_make_room_for_it() -> None:
    quiet, loud = Viewer(), Viewer()
    for viewer in (quiet, loud):
        viewer.picture("v0", 1, 20, key=True)
    for _ in range(10):
        loud.sound(400)
        loud.advance(0.02)
    quiet.advance(0.2)
    difference = sum(p.size for _, p in quiet.sent) - sum(p.size for _, p in loud.sent)
    assert 3_000 <= difference <= 5_000


def test_sound_beyond_the_rate_does_not_shut_pictures_out_for_ever() -> None:
    viewer = Viewer()
    for _ in range(1000):
        viewer.sound(1000)
    viewer.packet("v0", 1)
    viewer.advance(0.6)
    assert viewer.pictures == [("v0", 1)]


def test_pictures_behind_a_large_key_frame_wait_for_it() -> None:
    viewer = Viewer()
    viewer.picture("v0", 0, 60, key=True)  # 1.2 seconds
    for number in range(1, 31):
        viewer.packet("v0", number, size=600)  # 18 kB a second, less than half of the rate
        viewer.advance(0.033)
    viewer.advance(2.0)
    assert viewer.pictures == [("v0", number) for number in range(31)]
    assert viewer.broken == []


def test_when_too_much_waits_a_stream_falls_silent_until_its_next_key_frame() -> None:
    viewer = Viewer()
    for number in range(20):
        viewer.picture("v0", number, 2)
    assert viewer.broken == ["v0"]
    assert viewer.dropped
    viewer.advance(1.0)
    first_lost = min(piece.picture for piece in viewer.dropped)
    assert viewer.pictures == [("v0", number) for number in range(first_lost + 1)][: len(viewer.pictures)]
    viewer.picture("v0", 20, 1)
    assert viewer.dropped[-1].picture == 20
    assert viewer.broken == ["v0"]
    viewer.picture("v0", 21, 2, key=True)
    viewer.picture("v0", 22, 1)
    viewer.advance(1.0)
    assert viewer.pictures[-2:] == [("v0", 21), ("v0", 22)]
    assert viewer.broken == ["v0"]


def test_a_straggler_of_an_old_key_frame_mends_nothing() -> None:
    viewer = Viewer()
    viewer.picture("v0", 0xFFFFFFFE, 2, key=True)
    for number in range(20):
        viewer.picture("v0", number, 2)
    viewer.advance(1.0)
    late = viewer.packet("v0", 0xFFFFFFFE, key=True)
    viewer.picture("v0", 20, 1)
    assert [piece.picture for piece in viewer.dropped[-2:]] == [late.picture, 20]


def test_the_other_streams_go_on() -> None:
    viewer = Viewer()
    viewer.picture("v1", 0, 3)
    for number in range(20):
        viewer.picture("v0", number, 2)
    viewer.advance(1.0)
    viewer.picture("v1", 1, 2)
    assert viewer.pictures[-1] == ("v1", 1)
    assert viewer.broken == ["v0"]


def test_a_waiting_key_frame_outlives_the_pictures_behind_it() -> None:
    viewer = Viewer()
    frame = viewer.picture("v0", 0, 40, key=True)
    for number in range(1, 15):
        viewer.picture("v0", number, 2)
    assert viewer.broken == ["v0"]
    assert {piece.picture for piece in viewer.dropped} == set(range(1, 15))
    viewer.advance(2.0)
    assert [piece for _, piece in viewer.sent] == frame


def test_a_waiting_key_frame_takes_the_place_of_all_before_it() -> None:
    viewer = Viewer()
    for number in range(9):
        viewer.picture("v0", number, 2)
    viewer.picture("v0", 9, 6, key=True)
    for number in range(10, 14):
        viewer.picture("v0", number, 2)
    viewer.advance(2.0)
    assert viewer.pictures[-5:] == [("v0", number) for number in range(9, 14)]
    assert {piece.picture for piece in viewer.dropped} <= set(range(9))
    assert viewer.dropped
    assert viewer.broken == []


def test_a_key_frame_too_large_for_the_line_is_given_up_whole() -> None:
    viewer = Viewer()
    viewer.picture("v0", 0, 120, key=True)  # 2.4 seconds
    assert viewer.broken == ["v0"]
    viewer.advance(3.0)
    assert len(viewer.sent) < 10
    assert len(viewer.sent) + len(viewer.dropped) == 120
    viewer.picture("v0", 1, 5, key=True)
    viewer.advance(1.0)
    assert viewer.pictures[-1] == ("v0", 1)


def test_a_rate_that_falls_gives_up_what_has_become_too_late() -> None:
    viewer = Viewer()
    viewer.picture("v0", 0, 50, key=True)
    viewer.pacer.set_rate(LEAST_RATE / 2, viewer.now)
    assert viewer.pacer.rate == LEAST_RATE
    viewer.advance(5.0)
    assert viewer.broken == ["v0"]
    assert viewer.pacer.next_at is None


def test_retransmissions_go_before_pictures_and_are_forgotten_when_they_come_too_late() -> None:
    viewer = Viewer()
    viewer.picture("v0", 0, 10, key=True)
    again = viewer.resend()
    viewer.advance(0.05)
    after = [piece for _, piece in viewer.sent]
    assert again in after
    assert len([piece for piece in after if piece.picture == 0]) < 10
    thin = Viewer(Pacer(LEAST_RATE))
    pieces = [thin.resend() for _ in range(MAX_AGAIN + 10)]
    thin.advance(AGAIN_SECONDS + 1.0)
    assert [piece for _, piece in thin.sent] == pieces[: len(thin.sent)]
    assert len(thin.sent) < 5
    assert thin.pacer.next_at is None


def test_a_slot_with_another_source_starts_clean() -> None:
    viewer = Viewer()
    for number in range(20):
        viewer.picture("v0", number, 2)
    viewer.pacer.forget("v0")
    assert viewer.pacer.next_at is None
    viewer.advance(1.0)
    viewer.packet("v0", 99)
    assert viewer.pictures[-1] == ("v0", 99)


@pytest.mark.parametrize("factor", [0.25, 4.0])
def test_a_change_of_rate_keeps_the_bytes_that_are_ahead(factor: float) -> None:
    pacer: Pacer[Piece] = Pacer(RATE)
    pacer.charge(5000, 10.0)
    pacer.set_rate(RATE * factor, 10.0)
    pacer.wait(Piece(0, "v0", 0, False, 1), 1, stream="v0", picture=0, key=False, now=10.0)
    assert pacer.next_at is not None
    ahead = (pacer.next_at - 10.0 + BURST_SECONDS) * RATE * factor / 8
    assert ahead == pytest.approx(5000, abs=0.005 * RATE * factor / 8 + 1)


acts = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["v0", "v1"]), st.integers(1, 12), st.sampled_from([False] * 5 + [True])),
        st.tuples(st.just("again"), st.integers(1, 3), st.just(False)),
        st.tuples(st.just("sound"), st.integers(1, 3), st.just(False)),
        st.tuples(st.just("pause"), st.integers(1, 300), st.just(False)),
    ),
    max_size=80,
)


@settings(max_examples=200, deadline=None)
@given(script=acts, rate=st.sampled_from([60_000.0, RATE, 3_000_000.0]), size=st.integers(100, 1200))
def test_whatever_comes_order_rate_and_bounds_hold(
    script: list[tuple[str, int, bool]], rate: float, size: int
) -> None:
    viewer = Viewer(Pacer(rate))
    for number, (what, count, key) in enumerate(script):
        if what == "pause":
            viewer.advance(count / 1000)
        elif what == "sound":
            viewer.sound(count * 100)
        elif what == "again":
            for _ in range(count):
                viewer.resend(size)
        else:
            for _ in range(count):
                viewer.packet(what, number, size, key=key)
        assert viewer.pacer.queued <= HARD_LIMIT_SECONDS
    waiting_before = len(viewer.made) - len(viewer.sent) - len(viewer.dropped)
    assert waiting_before <= MAX_WAITING + 64 * len(script)
    viewer.advance(HARD_LIMIT_SECONDS + 2.0)
    assert viewer.pacer.next_at is None

    # Each once, in order, apart from what was given up; retransmissions among themselves.
    pictures = [piece for _, piece in viewer.sent if piece.picture >= 0]
    assert [piece.number for piece in pictures] == sorted({piece.number for piece in pictures})
    assert {p.number for p in pictures} | {p.number for p in viewer.dropped} == {
        p.number for p in viewer.made if p.picture >= 0
    }
    assert not {p.number for p in pictures} & {p.number for p in viewer.dropped}
    resent = [piece.number for _, piece in viewer.sent if piece.picture < 0]
    assert resent == sorted(resent)

    # Never above the rate plus one burst and one packet, in any window.
    for start, (since, _) in enumerate(viewer.sent):
        total = 0
        for at, piece in viewer.sent[start:]:
            total += piece.size
            assert total <= rate / 8 * (at - since + BURST_SECONDS) + size + 1

    # After a picture was given up its stream goes on with a key frame.
    for stream in ("v0", "v1"):
        lost = {p.picture for p in viewer.dropped if p.stream == stream}
        decodable = True
        for picture in sorted({p.picture for p in viewer.made if p.stream == stream}):
            members = [p for p in viewer.made if p.stream == stream and p.picture == picture]
            if members[0].key and picture not in lost:
                decodable = True
            elif picture in lost:
                decodable = False
            else:
                assert decodable
        assert decodable or stream in viewer.broken


@given(packets=st.integers(1, 400))
def test_pictures_between_key_frames_never_wait_longer_than_the_limit(packets: int) -> None:
    viewer = Viewer()
    for number in range(packets):
        viewer.packet("v0", number)
        assert viewer.pacer.queued <= LIMIT_SECONDS + 1000 * 8 / RATE
