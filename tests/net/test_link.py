"""The emulated line in virtual time: every packet's fate by the seed."""

import random
from itertools import pairwise

import pytest

from tests.net.conditions import PROFILES, SAYS, Flap, Line, Way, both, lossy
from tests.net.link import UDP, Count, Link

TCP = 6


def link(way: Way, seed: int = 1) -> Link:
    return Link(random.Random(seed), way)


def fates(way: Way, count: int, *, seed: int = 1, every: float = 0.01, size: int = 100) -> list[bool]:
    """Whether each of `count` packets arrives."""
    one = link(way, seed)
    return [bool(one.send(size, UDP, number * every)) for number in range(count)]


def runs(lost: list[bool]) -> list[int]:
    """Lengths of the runs of losses."""
    lengths = [0]
    for arrives in lost:
        if arrives:
            lengths.append(0)
        else:
            lengths[-1] += 1
    return [length for length in lengths if length]


def test_a_line_without_conditions_delivers_at_once() -> None:
    assert link(Way()).send(100, UDP, 5.0) == (5.0,)


def test_delay_is_added() -> None:
    assert link(Way(delay=0.25)).send(100, UDP, 5.0) == (5.25,)


def test_a_rate_spaces_packets_by_their_size() -> None:
    one = link(Way(rate=80_000))
    assert [one.send(100, UDP, 0.0), one.send(200, UDP, 0.0), one.send(100, UDP, 1.0)] == [
        (0.01,),
        (0.03,),
        (1.01,),
    ]


def test_a_full_queue_drops_the_newest() -> None:
    one = link(Way(rate=80_000, queue=0.05))
    sent = [one.send(100, UDP, 0.0) for _ in range(10)]
    assert [bool(at) for at in sent] == [True] * 6 + [False] * 4
    assert one.count == Count(offered=10, delivered=6, tail=4, octets=600)
    assert one.waiting(0.0) == pytest.approx(0.06)
    assert one.waiting(0.05) == pytest.approx(0.01)


def test_a_step_keeps_what_stands_in_the_queue_and_serves_it_at_the_new_rate() -> None:
    one = link(Way(rate=800_000, queue=1.0))
    for _ in range(100):
        one.send(100, UDP, 0.0)
    one.change(Way(rate=80_000, queue=1.0), 0.05)
    assert one.waiting(0.05) == pytest.approx(0.5)
    assert one.send(100, UDP, 0.05)[0] == pytest.approx(0.56)


def test_random_losses_come_as_often_as_said() -> None:
    arrived = fates(Way(loss=0.1), 20_000)
    assert 1 - sum(arrived) / len(arrived) == pytest.approx(0.1, abs=0.01)


def test_bursts_have_the_mean_loss_and_the_mean_length() -> None:
    arrived = fates(Way(loss=0.05, burst=5), 100_000)
    lengths = runs(arrived)
    assert 1 - sum(arrived) / len(arrived) == pytest.approx(0.05, abs=0.005)
    assert sum(lengths) / len(lengths) == pytest.approx(5, abs=0.5)


def test_the_same_seed_gives_the_same_losses_and_another_one_others() -> None:
    way = Way(loss=0.3)
    assert fates(way, 200, seed=7) == fates(way, 200, seed=7)
    assert fates(way, 200, seed=7) != fates(way, 200, seed=8)


def test_jitter_spreads_packets_but_keeps_their_order() -> None:
    one = link(Way(delay=0.1, jitter=0.05))
    at = [one.send(100, UDP, number * 0.01)[0] for number in range(1000)]
    delays = [arrival - number * 0.01 for number, arrival in enumerate(at)]
    assert at == sorted(at)
    assert min(delays) >= 0.05
    assert 0.14 < max(delays) <= 0.15


def test_reordered_packets_are_overtaken() -> None:
    one = link(Way(delay=0.1, reorder=0.2, late=0.03))
    at = [one.send(100, UDP, number * 0.01)[0] for number in range(1000)]
    overtaken = sum(later < earlier for earlier, later in pairwise(at))
    assert 100 < overtaken < 220


def test_duplicates_arrive_twice() -> None:
    one = link(Way(duplicate=0.5))
    sent = [one.send(100, UDP, float(number)) for number in range(100)]
    assert {len(at) for at in sent} == {1, 2}
    assert one.count.duplicated == sum(len(at) == 2 for at in sent)


def test_a_flapping_line_is_dark_at_the_beginning_of_every_period() -> None:
    one = link(Way())
    one.change(Way(flap=Flap(every=30, lasts=5)), 100.0)
    arrived = {offset: bool(one.send(100, UDP, 100.0 + offset)) for offset in (0, 4.9, 5.1, 29.9, 30.1, 35.1)}
    assert arrived == {0: False, 4.9: False, 5.1: True, 29.9: True, 30.1: False, 35.1: True}


def test_a_udp_block_lets_tcp_through() -> None:
    one = link(Way(udp=False))
    assert (one.send(100, UDP, 0.0), one.send(100, TCP, 0.0)) == ((), (0.0,))
    assert one.count == Count(offered=2, delivered=1, blocked=1, octets=100)


def test_a_dark_line_passes_nothing() -> None:
    one = link(both(Way(delay=0.1)).dark().up)
    assert one.send(100, TCP, 0.0) == ()


def test_what_was_offered_is_known_over_the_last_second() -> None:
    one = link(Way(rate=8_000, queue=0.1))
    for number in range(20):
        one.send(100, UDP, number * 0.1)
    assert one.offered(1.95) == pytest.approx(8_000)


def test_up_and_down_are_apart() -> None:
    line = Line(up=Way(delay=0.1), down=Way(delay=0.2))
    assert line.round_trip == pytest.approx(0.3)


def test_every_profile_is_explained() -> None:
    assert PROFILES.keys() == SAYS.keys()
    assert lossy(0.1) == PROFILES["P2"]
