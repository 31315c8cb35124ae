"""Whose loss it is."""

import pytest

from media.core.loss import LOSS_HIGH, OWN_LOSS_DRIFT, OWN_LOSS_MOST, RETRIAL_SECONDS, LossShare


def second(loss: LossShare, now: float, *, lost: int, of: int = 100, bursts: int | None = None) -> bool:
    loss.add(received=of - lost, lost=lost, bursts=lost if bursts is None else bursts)
    return loss.interval(now)


def test_an_interval_ends_when_it_tells_enough() -> None:
    loss = LossShare(0.0)
    assert not second(loss, 0.4, lost=10)
    assert second(loss, 0.5, lost=10)
    assert loss.share == 0.1
    assert not second(loss, 1.1, lost=0, of=30)
    assert second(loss, 1.5, lost=0, of=30)
    assert not second(loss, 9.0, lost=0, of=19)


def test_what_chance_explains_is_no_excess() -> None:
    few, many, bursts = LossShare(0.0), LossShare(0.0), LossShare(0.0)
    second(few, 1.0, lost=3, of=50)
    second(many, 1.0, lost=60, of=1000)
    for now in range(1, 20):
        second(bursts, float(now), lost=60, of=1000, bursts=6)
    assert few.excess == pytest.approx(0.02, abs=0.005)
    assert many.excess == pytest.approx(0.05, abs=0.005)
    assert bursts.excess == pytest.approx(0.02, abs=0.005)


def test_loss_that_stays_at_a_lower_rate_is_the_lines_own() -> None:
    loss = LossShare(0.0)
    second(loss, 1.0, lost=30)
    assert loss.excess > LOSS_HIGH
    loss.try_lower(1.0)
    second(loss, 2.0, lost=28)
    assert loss.judge(queue=0.0)
    assert (loss.own, loss.excess, loss.trying) == (0.28, 0.0, False)
    second(loss, 3.0, lost=32)
    assert loss.excess == 0.0
    second(loss, 4.0, lost=60)
    assert loss.excess > LOSS_HIGH


def test_loss_that_goes_away_was_ours() -> None:
    loss = LossShare(0.0)
    second(loss, 1.0, lost=30)
    loss.try_lower(1.0)
    second(loss, 2.0, lost=2)
    assert not loss.judge(queue=0.0)
    assert loss.own == 0.02


def test_loss_beside_a_queue_is_ours() -> None:
    loss = LossShare(0.0)
    second(loss, 1.0, lost=30)
    loss.try_lower(1.0)
    second(loss, 2.0, lost=30)
    assert not loss.judge(queue=0.2)
    assert loss.own == 0.0


def test_a_trial_counts_only_what_is_sent_after_it_began() -> None:
    loss = LossShare(0.0)
    loss.add(received=50, lost=50, bursts=50)
    loss.try_lower(3.0)
    assert loss.since == 3.0
    assert second(loss, 4.0, lost=0)
    assert loss.share == 0.0


def test_without_a_trial_own_loss_grows_only_so_far() -> None:
    loss = LossShare(0.0)
    for now in range(1, 100):
        second(loss, float(now), lost=11)
        loss.drift(queue=0.0)
    assert loss.own == OWN_LOSS_DRIFT
    for now in range(100, 200):
        second(loss, float(now), lost=0)
        loss.drift(queue=0.0)
    assert loss.own < 0.001


def test_a_verdict_is_doubted_after_a_while_and_then_less_often() -> None:
    loss = LossShare(0.0)
    pauses = []
    tried = now = 1.0
    second(loss, now, lost=30)
    loss.try_lower(now)
    for _ in range(3):
        second(loss, now + 1, lost=30)
        assert loss.judge(queue=0.0)
        while not loss.retrial_due(now):
            now += 1
        pauses.append(now - tried - 1)
        tried = now
        loss.try_lower(now)
    assert pauses == [RETRIAL_SECONDS, 2 * RETRIAL_SECONDS, 4 * RETRIAL_SECONDS]


def test_no_line_loses_nearly_everything_by_itself() -> None:
    loss = LossShare(0.0)
    second(loss, 1.0, lost=95)
    loss.try_lower(1.0)
    second(loss, 2.0, lost=95)
    loss.judge(queue=0.0)
    assert loss.own == OWN_LOSS_MOST
