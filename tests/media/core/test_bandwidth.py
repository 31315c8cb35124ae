"""The rate a publisher is held to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.core.bandwidth import CEILING, FLOOR, START, QueueDelay, RateController, publisher_limit


def test_a_clean_line_climbs_to_the_ceiling() -> None:
    controller = RateController()
    for _ in range(40):
        controller.tick(rate=controller.target, loss=0.0)
    assert controller.target == CEILING


def test_heavy_loss_lowers_the_target_and_a_clean_line_raises_it_again() -> None:
    controller = RateController()
    lowered = [controller.tick(rate=1e6, loss=0.3) for _ in range(5)]
    assert lowered == sorted(lowered, reverse=True)
    assert lowered[-1] == pytest.approx(START * 0.85**5)
    assert controller.tick(rate=1e6, loss=0.0) > lowered[-1]


def test_a_little_loss_changes_nothing() -> None:
    controller = RateController()
    assert controller.tick(rate=1e6, loss=0.05) == START


def test_a_growing_queue_takes_the_target_below_what_gets_through() -> None:
    controller = RateController()
    assert controller.tick(rate=600_000, loss=0.0, queue=0.5) == pytest.approx(510_000)


def test_near_the_rate_at_which_the_queue_stood_the_target_grows_slowly_for_half_a_minute() -> None:
    controller = RateController()
    controller.tick(rate=300_000, loss=0.0, queue=0.3)
    targets = [controller.tick(rate=290_000, loss=0.0) for _ in range(8)]
    assert targets[1] > 0.9 * 300_000
    assert targets[5] < 300_000
    assert controller.queued
    for _ in range(60):
        controller.tick(rate=controller.target, loss=0.0)
    assert not controller.queued


def test_an_idle_sender_proves_nothing() -> None:
    controller = RateController()
    for _ in range(40):
        controller.tick(rate=10_000, loss=0.0)
    assert controller.target == START


@given(
    st.lists(st.tuples(st.floats(0, 1e8), st.floats(0, 1), st.floats(0, 5)), min_size=1, max_size=50),
)
def test_the_target_stays_between_floor_and_ceiling(ticks: list[tuple[float, float, float]]) -> None:
    controller = RateController()
    for rate, loss, queue in ticks:
        assert FLOOR <= controller.tick(rate=rate, loss=loss, queue=queue) <= CEILING


def test_one_bad_viewer_does_not_lower_the_picture_of_the_others() -> None:
    assert publisher_limit(2_000_000, [100_000, 1_800_000]) == 1_800_000


def test_the_only_viewer_counts_and_so_does_the_uplink() -> None:
    assert publisher_limit(2_000_000, [300_000]) == 300_000
    assert publisher_limit(200_000, [300_000]) == 200_000
    assert publisher_limit(200_000, []) == 200_000


def test_a_queue_is_the_transit_above_the_shortest() -> None:
    delay = QueueDelay()
    assert [delay.tick(t) for t in (5.0, 5.1, 5.4)] == pytest.approx([0.0, 0.1, 0.4])


def test_clocks_drifting_apart_are_no_queue() -> None:
    delay = QueueDelay(intervals=60)
    assert max(delay.tick(1.0 + i * 0.5 * 100e-6) for i in range(10_000)) < 0.01


def test_timestamps_set_anew_are_no_queue() -> None:
    delay = QueueDelay()
    delay.tick(5.0)
    assert delay.tick(40.0) == 0.0
    assert delay.tick(None) == 0.0
    assert delay.tick(41.0) == 0.0
