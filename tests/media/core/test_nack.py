"""Asking a publisher for lost packets."""

from media.core.nack import MAX_AGE_SECONDS, MAX_MISSING, MAX_TRIES, NackTracker


def test_a_loss_is_asked_for_once_a_round_trip_until_it_comes() -> None:
    tracker = NackTracker()
    assert tracker.gap(10, 2, now=0.0)
    assert tracker.due(now=0.005, rtt=0.2) == []  # it may only be late
    assert tracker.due(now=0.011, rtt=0.2) == [10, 11]
    assert tracker.due(now=0.1, rtt=0.2) == []
    tracker.arrived(10)
    assert tracker.due(now=0.26, rtt=0.2) == [11]
    tracker.arrived(11)
    assert not tracker.missing
    assert tracker.asked == 3


def test_numbers_wrap() -> None:
    tracker = NackTracker()
    tracker.gap(0xFFFF, 2, now=0.0)
    assert tracker.due(now=1.0, rtt=0.0) == [0xFFFF, 0]


def test_what_is_too_old_to_be_played_is_given_up() -> None:
    tracker = NackTracker()
    tracker.gap(1, 3, now=0.0)
    assert tracker.due(now=MAX_AGE_SECONDS + 0.5, rtt=0.0) == []
    assert not tracker.missing
    assert tracker.given_up == 3


def test_tries_are_limited() -> None:
    tracker = NackTracker()
    tracker.gap(1, 1, now=0.0)
    asked = [tracker.due(now=0.02 + i * 0.06, rtt=0.0) for i in range(20)]
    assert asked.count([1]) == MAX_TRIES
    assert not tracker.missing


def test_an_outage_gives_up_everything() -> None:
    tracker = NackTracker()
    tracker.gap(1, 5, now=0.0)
    assert not tracker.gap(6, MAX_MISSING, now=0.0)
    assert tracker.due(now=1.0, rtt=0.0) == []
