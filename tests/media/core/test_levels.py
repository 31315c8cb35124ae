"""The loudest three of a room."""

from collections.abc import Callable, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.core.levels import (
    COUNT,
    LOUDER_SECONDS,
    SEATED_SECONDS,
    TICK_SECONDS,
    UNKNOWN,
    Level,
    Loudest,
    Microphone,
    read_level,
)

LOUD, SPEAKING, NOISE = 20, 40, 75  # -dBov
PACKET = 0.02


class Room:
    """Microphones that send a packet every 20 ms at a level each; None sends nothing (DTX)."""

    def __init__(self, size: int) -> None:
        self.loudest = Loudest()
        self.now = 100.0
        self.levels: dict[str, int | None] = {f"p{i}": NOISE for i in range(size)}
        self.microphones: dict[str, Microphone] = {
            name: self.loudest.join(name, self.now) for name in self.levels
        }
        self.history: list[tuple[float, frozenset[str]]] = [(self.now, self.loudest.heard)]

    def run(self, seconds: float, **levels: int | None) -> frozenset[str]:
        return self.play(seconds, levels)

    def play(
        self, seconds: float, levels: Mapping[str, int | None], check: Callable[[], None] = lambda: None
    ) -> frozenset[str]:
        self.levels.update(levels)
        for _ in range(round(seconds / PACKET)):
            self.now += PACKET
            for name, level in self.levels.items():
                if level is not None:
                    self.microphones[name].hear(level, self.now)
            if self.now >= self.loudest.next_at:
                before = self.loudest.heard
                changed = self.loudest.tick(self.now)
                assert changed == (self.loudest.heard != before)
                if changed:
                    self.history.append((self.now, self.loudest.heard))
                check()
        return self.loudest.heard


@pytest.mark.parametrize(
    ("value", "level"),
    [(b"\x00", Level(0, False)), (b"\x80", Level(0, True)), (b"\xff\x00", Level(127, True)), (b"", None)],
)
def test_the_extension_byte_is_voice_and_level(value: bytes, level: Level | None) -> None:
    assert read_level(value) == level


def test_three_or_fewer_are_always_in() -> None:
    room = Room(3)
    assert room.run(2.0, p0=None, p1=127, p2=LOUD) == {"p0", "p1", "p2"}


def test_a_newcomer_takes_the_seat_of_who_has_been_silent_longest() -> None:
    room = Room(5)
    room.run(1.5, p0=SPEAKING, p1=SPEAKING, p2=SPEAKING)
    room.run(1.0, p1=NOISE)
    room.run(1.0, p0=NOISE, p2=NOISE)
    assert room.run(1.0, p4=SPEAKING) == {"p0", "p2", "p4"}


def test_a_cough_takes_no_seat() -> None:
    room = Room(5)
    room.run(2.0)
    room.run(0.15, p4=LOUD)
    assert room.run(2.0, p4=NOISE) == {"p0", "p1", "p2"}


def test_coughs_do_not_add_up() -> None:
    room = Room(5)
    room.run(2.0)
    for _ in range(10):
        room.run(0.2, p4=LOUD)
        assert room.run(2.0, p4=NOISE) == {"p0", "p1", "p2"}


def test_who_comes_back_after_a_pause_is_judged_by_how_loud_they_are_now() -> None:
    room = Room(4)
    room.run(2.0, p0=SPEAKING, p1=SPEAKING, p2=SPEAKING)
    room.run(0.2, p3=0)
    room.run(2.0, p3=None)
    assert room.run(3.0, p3=SPEAKING) == {"p0", "p1", "p2"}


def test_the_last_speakers_stay_through_a_pause() -> None:
    room = Room(6)
    room.run(2.0, p3=SPEAKING, p4=SPEAKING, p5=SPEAKING)
    assert room.run(60.0, p3=NOISE, p4=None, p5=None) == {"p3", "p4", "p5"}


def test_a_speaker_is_displaced_only_by_somebody_clearly_louder() -> None:
    room = Room(4)
    room.run(2.0, p0=SPEAKING, p1=SPEAKING, p2=SPEAKING + 4)
    assert room.run(5.0, p3=SPEAKING) == {"p0", "p1", "p2"}
    assert room.run(1.0, p3=SPEAKING - 6) == {"p0", "p1", "p3"}


def test_a_free_seat_is_taken_at_once_by_who_speaks() -> None:
    room = Room(5)
    room.run(3.0, p0=SPEAKING, p1=SPEAKING, p2=SPEAKING, p4=SPEAKING)
    assert room.loudest.leave("p0", room.now)
    assert room.loudest.heard == {"p1", "p2", "p4"}
    assert not room.loudest.leave("p3", room.now)
    assert not room.loudest.leave("p3", room.now)


def test_a_microphone_without_levels_is_heard() -> None:
    room = Room(5)
    room.run(1.0)
    assert "p4" in room.run(1.5, p4=UNKNOWN)


def test_joining_again_keeps_the_microphone() -> None:
    loudest = Loudest()
    assert loudest.join("a", 1.0) is loudest.join("a", 2.0)


segments = st.lists(
    st.tuples(
        st.sampled_from([0.1, 0.2, 0.3, 0.5, 1.0, 2.0]),
        st.lists(st.sampled_from([None, 127, NOISE, 60, 50, SPEAKING, 34, LOUD, 0]), min_size=7, max_size=7),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(script=segments, size=st.integers(1, 7))
def test_seats_are_full_and_never_change_faster_than_the_rules_say(
    script: list[tuple[float, list[int | None]]], size: int
) -> None:
    room = Room(size)

    def check() -> None:
        assert len(room.loudest.heard) == min(size, COUNT)

    for seconds, levels in script:
        room.play(seconds, {f"p{i}": levels[i] for i in range(size)}, check)
    got: dict[str, float] = {}
    for (_, before), (at, after) in zip(room.history, room.history[1:], strict=False):
        (came,), (went,) = after - before, before - after
        got[came] = at
        assert at - got.get(went, 0.0) >= SEATED_SECONDS


@settings(max_examples=60, deadline=None)
@given(script=segments, speakers=st.sets(st.integers(0, 6), min_size=1, max_size=COUNT))
def test_whatever_was_before_up_to_three_speakers_are_all_heard_soon(
    script: list[tuple[float, list[int | None]]], speakers: set[int]
) -> None:
    room = Room(7)
    for seconds, levels in script:
        room.play(seconds, {f"p{i}": levels[i] for i in range(7)})
    talk = {f"p{i}": SPEAKING if i in speakers else NOISE for i in range(7)}
    # Smoothing and silence take half a second each, then the newcomer's time, then a tick per seat.
    soon = 1.0 + max(LOUDER_SECONDS, SEATED_SECONDS) + (COUNT + 1) * TICK_SECONDS
    room.play(soon, talk)
    settled = room.loudest.heard
    assert {f"p{i}" for i in speakers} <= settled
    assert room.run(10.0) == settled


@settings(max_examples=40, deadline=None)
@given(quieter=st.integers(0, 5), period=st.sampled_from([0.1, 0.2, 0.4]))
def test_two_equally_loud_people_do_not_push_each_other_out(quieter: int, period: float) -> None:
    room = Room(4)
    room.run(3.0, p0=SPEAKING, p1=SPEAKING, p2=SPEAKING + quieter)
    room.run(0.1, p3=SPEAKING)
    for _ in range(20):
        room.run(period, p2=SPEAKING, p3=SPEAKING + quieter)
        room.run(period, p2=SPEAKING + quieter, p3=SPEAKING)
    assert len(room.history) == 1
