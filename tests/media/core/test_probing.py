"""Clusters of padding, and what their answers say."""

from itertools import pairwise

import pytest

from media.core.probing import (
    ANSWER_SECONDS,
    BUDGET_BYTES,
    DURATION_SECONDS,
    FACTOR,
    FIRST_FACTOR,
    LEAST_FACTOR,
    PAUSE_MOST,
    PAUSE_SECONDS,
    UTILISATION,
    Probe,
    ProbeController,
)
from media.core.twcc import Acknowledged


def answer(
    probe: Probe, *, at: float, capacity: float, lost: frozenset[int] = frozenset()
) -> list[Acknowledged]:
    """Return what a line of so many bit/s makes of ten packets, and the packet behind them."""
    size = -(-probe.size // 10)
    packets: list[Acknowledged] = []
    free = 0.0
    for i in range(10):
        sent = at + 8 * size * i / probe.rate
        free = max(free, sent) + 8 * size / capacity
        packets.append((sent, None if i in lost else 700.0 + free, size))
    return [*packets, (at + 0.3, 700.0 + at + 0.4, 100)]


def ask(controller: ProbeController, now: float, *, target: float = 300e3, wanted: float = 4e6) -> Probe:
    probe = controller.propose(now, target=target, wanted=wanted)
    assert probe is not None
    return probe


def result(
    controller: ProbeController, packets: list[Acknowledged], *, own_loss: float = 0.0
) -> float | None:
    controller.split(packets)
    return controller.result(packets, 1.0, own_loss=own_loss)


def test_the_first_asks_for_three_times_the_target_the_next_for_twice() -> None:
    controller = ProbeController()
    first = ask(controller, 0.0)
    assert first == Probe(int(FIRST_FACTOR * 300e3 * DURATION_SECONDS / 8), FIRST_FACTOR * 300e3)
    assert result(controller, answer(first, at=0.0, capacity=1e9)) == pytest.approx(first.rate, rel=0.02)
    assert controller.propose(1.1, target=900e3, wanted=4e6) is None
    assert ask(controller, 1.3, target=900e3).rate == FACTOR * 900e3


@pytest.mark.parametrize(("wanted", "rate"), [(500e3, 550e3), (301e3, LEAST_FACTOR * 300e3), (9e6, 900e3)])
def test_it_asks_for_no_more_than_is_wanted(wanted: float, rate: float) -> None:
    assert ask(ProbeController(), 0.0, wanted=wanted).rate == pytest.approx(rate)


def test_what_is_known_to_get_through_is_not_asked_for() -> None:
    assert ProbeController().propose(0.0, target=300e3, wanted=300e3) is None


def test_a_saturated_line_answers_with_its_capacity() -> None:
    controller = ProbeController()
    probe = ask(controller, 0.0)
    assert result(controller, answer(probe, at=0.0, capacity=450e3)) == pytest.approx(
        UTILISATION * 450e3, rel=0.01
    )


def test_loss_of_the_line_itself_does_not_count() -> None:
    controller = ProbeController()
    probe = ask(controller, 0.0)
    packets = answer(probe, at=0.0, capacity=1e9, lost=frozenset({3, 6, 7}))
    assert result(controller, packets, own_loss=0.3) == pytest.approx(probe.rate, rel=0.05)


@pytest.mark.parametrize("lost", [frozenset(range(10)), frozenset(range(6))])
def test_a_cluster_mostly_lost_says_nothing(lost: frozenset[int]) -> None:
    controller = ProbeController()
    assert result(controller, answer(ask(controller, 0.0), at=0.0, capacity=1e9, lost=lost)) is None


def test_a_cluster_held_up_and_let_go_at_once_says_nothing() -> None:
    controller = ProbeController()
    probe = ask(controller, 0.0)
    packets = [(sent, 701.0 + 0.001 * sent, size) for sent, _, size in answer(probe, at=0.0, capacity=1e9)]
    assert result(controller, list(packets)) is None


def test_the_answer_may_come_in_parts_and_with_the_rest_of_the_traffic() -> None:
    controller = ProbeController()
    probe = ask(controller, 0.0)
    packets = answer(probe, at=0.0, capacity=450e3)
    assert result(controller, packets[:4]) is None
    assert result(controller, packets[4:]) == pytest.approx(UTILISATION * 450e3, rel=0.01)


def test_the_cluster_and_what_waits_behind_it_are_kept_from_the_detector() -> None:
    controller = ProbeController()
    ask(controller, 5.0)
    times = [4.9, 5.0, 5.05, 5.15, 5.3]
    packets: list[Acknowledged] = [(at, at + 0.1, 100) for at in times]
    assert [packet[0] for packet in controller.split(packets)] == [4.9, 5.3]


def test_probes_that_find_nothing_become_rare() -> None:
    controller = ProbeController()
    asked = [0.0]
    now = 0.0
    while now < 60:
        controller.sent(10_000)
        probe = controller.propose(now, target=300e3, wanted=4e6)
        if probe is not None:
            asked.append(now)
            packets = answer(probe, at=now, capacity=310e3)
            controller.split(packets)
            assert controller.result(packets, now + 0.2, own_loss=0.0) is not None
        now += 0.1
    pauses = [after - before for before, after in pairwise(asked[1:])]
    assert pauses == sorted(pauses)
    assert pauses[0] == pytest.approx(2 * PAUSE_SECONDS + 0.2, abs=0.15)
    assert pauses[-1] == pytest.approx(PAUSE_MOST + 0.2, abs=0.15)


def test_one_that_is_not_answered_is_given_up() -> None:
    controller = ProbeController()
    ask(controller, 0.0)
    assert controller.propose(1.0, target=300e3, wanted=4e6) is None
    assert controller.propose(ANSWER_SECONDS + 0.1, target=300e3, wanted=4e6) is None
    ask(controller, ANSWER_SECONDS + 0.1 + 2 * PAUSE_SECONDS)


def test_probes_take_a_tenth_of_what_is_sent() -> None:
    controller = ProbeController()
    spent = 0
    for second in range(100):
        controller.sent(5000)
        probe = controller.propose(10.0 * second, target=2e6, wanted=8e6)
        if probe is not None:
            spent += probe.size
    assert BUDGET_BYTES / 2 < spent <= BUDGET_BYTES + 0.1 * 100 * 5000


def test_a_rest_is_kept() -> None:
    controller = ProbeController()
    controller.hold_off(4.0)
    assert controller.propose(3.9, target=300e3, wanted=4e6) is None
    ask(controller, 4.0)
