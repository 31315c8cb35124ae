"""What samples say, on made-up samples."""

import pytest

from tests.net import figures
from tests.net.figures import Row, Sample


def sample(at: float, *, audio: Row | None = None, video: Row | None = None) -> Sample:
    return Sample(
        at=at,
        audio={} if audio is None else {"a0": audio},
        video={} if video is None else {"v0": video},
        sent={},
        rtt=None,
    )


def sound(at: float, seconds: float, made_up: float, silent: float = 0.0) -> Sample:
    """A sample after `seconds` of sound of which so many seconds were made up, `silent` of them as silence."""
    return sample(
        at,
        audio={
            "packetsReceived": seconds * 50,
            "totalSamplesReceived": seconds * 48_000,
            "concealedSamples": made_up * 48_000,
            "silentConcealedSamples": silent * 48_000,
        },
    )


def test_concealment_is_the_share_made_up_without_silence() -> None:
    heard = [sound(0, 5, 1), sound(10, 15, 2, silent=0.5)]
    assert figures.concealment(heard) == pytest.approx(0.05)


def test_sound_that_was_never_played_counts_as_made_up() -> None:
    assert figures.concealment([sound(0, 5, 0), sound(10, 10, 0)]) == pytest.approx(0.48)


def test_no_samples_are_no_sound() -> None:
    assert figures.concealment([sample(0)]) == 1.0


def test_counters_of_a_new_connection_count_from_nothing() -> None:
    heard = [sound(0, 100, 3), sound(1, 101, 3), sound(2, 0.9, 0.1), sound(3, 1.9, 0.1)]
    assert figures.total(heard, figures.audio, "concealedSamples") == pytest.approx(0.1 * 48_000)


def test_the_longest_gap_is_a_run_of_intervals_made_up_for_the_most_part() -> None:
    heard = [sound(0, 0, 0), sound(0.2, 0.2, 0.15), sound(0.4, 0.4, 0.35), sound(0.6, 0.6, 0.35)]
    assert figures.longest_gap(heard) == pytest.approx(0.35)


def test_a_line_that_plays_nothing_is_a_gap() -> None:
    assert figures.longest_gap([sound(0, 1, 0), sound(2, 1, 0), sound(3, 2, 0)]) == pytest.approx(1.95)


def test_packets_that_come_late_were_not_lost() -> None:
    seen = [
        sample(at, video={"packetsReceived": 10 * at, "packetsLost": lost})
        for at, lost in ((1.0, 5), (2.0, 9), (3.0, 7))
    ]
    assert figures.total(seen, figures.video, "packetsLost") == 2


def test_what_was_not_heard_counts_from_the_old_connection_to_the_new() -> None:
    def heard(at: float, packets: int, played: float, made_up: float = 0.0) -> figures.Sample:
        counters = {
            "packetsReceived": packets,
            "totalSamplesReceived": played * 48_000,
            "concealedSamples": made_up * 48_000,
        }
        return sample(at, audio=counters)

    seen = [heard(0, 50, 10), heard(1, 90, 11, 0.25), sample(1.5), heard(2, 10, 0.25), heard(3, 60, 1.25)]
    assert figures.missing(seen) == pytest.approx(1.0)


def test_freezes_are_a_share_of_the_time_and_a_count_a_minute() -> None:
    seen = [
        sample(0, video={"totalFreezesDuration": 1.0, "freezeCount": 1}),
        sample(30, video={"totalFreezesDuration": 4.0, "freezeCount": 3}),
    ]
    assert figures.frozen(seen) == pytest.approx((0.1, 4.0))


def test_the_widest_picture_counts_and_none_is_zero() -> None:
    assert (figures.width(sample(0, video={"frameWidth": 640})), figures.width(sample(0))) == (640, 0)


def test_changes_of_a_value_are_counted() -> None:
    assert figures.changes([640, 640, 320, 640, 640]) == 2


def test_the_moment_a_condition_first_holds() -> None:
    seen = [sample(1.0), sample(2.0, video={"frameWidth": 320}), sample(3.0, video={"frameWidth": 320})]
    assert figures.first(seen, lambda one: figures.width(one) > 0) == 2.0
    assert figures.first(seen, lambda one: figures.width(one) > 500) is None
