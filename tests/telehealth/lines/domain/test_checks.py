"""Keeping a line check: its code, its verdict, its figures in the diary, and nothing about the person but the membership."""

import pytest

from telehealth.core.errors import Unavailable
from telehealth.lines.domain.checks import outcomes_of, save_line_check
from telehealth.lines.enums import CheckKind, Source, Step
from telehealth.lines.models import LineCheck, LinkSample
from telehealth.lines.rules import CODE_ALPHABET, Outcome
from tests.factories import NOW, World

pytestmark = pytest.mark.django_db

OUTCOMES = {
    CheckKind.MICROPHONE: Outcome(Step.GOOD, figures={"level": 0.4}),
    CheckKind.WEBSOCKET: Outcome(Step.GOOD, figures={"rtt_ms": 61.0}),
    CheckKind.UDP: Outcome(Step.GOOD),
    CheckKind.RATES: Outcome(Step.WEAK, "thin", {"up_kbps": 900.0, "down_kbps": 3000.0}),
    CheckKind.LOSS: Outcome(Step.GOOD, "", {"loss_up": 0.02, "loss_down": 0.01, "jitter_ms": 6.0}),
}


def test_a_check_is_kept_with_its_verdict_and_feeds_the_diary(world: World) -> None:
    check = save_line_check(hat=world.doctor, outcomes=OUTCOMES, now=NOW)
    check.refresh_from_db()
    assert (check.membership, check.facility, check.at) == (world.doctor.membership, world.spoke, NOW)
    assert check.verdict == "small_picture"
    assert outcomes_of(check) == {
        kind: Outcome(o.step, o.cause, o.figures or {}) for kind, o in OUTCOMES.items()
    }
    sample = LinkSample.objects.values(
        "facility", "source", "at", "rtt_ms", "loss", "jitter_ms", "up_kbps", "down_kbps"
    )
    assert list(sample) == [
        {
            "facility": world.spoke.id,
            "source": Source.CHECK,
            "at": NOW,
            "rtt_ms": 61.0,
            "loss": 0.02,
            "jitter_ms": 6.0,
            "up_kbps": 900.0,
            "down_kbps": 3000.0,
        }
    ]


def test_of_somebody_without_a_role_nothing_is_kept() -> None:
    check = save_line_check(hat=None, outcomes=OUTCOMES, now=NOW)
    assert (check.membership, check.facility, check.code[:3]) == (None, None, "NB-")
    assert not LinkSample.objects.exists()


def test_a_taken_code_is_not_given_twice(world: World) -> None:
    letters = iter("AAAA" + "AAAA" + "CCCC")

    def choose(alphabet: str) -> str:
        return next(letters)

    codes = [
        save_line_check(hat=world.doctor, outcomes=OUTCOMES, now=NOW, choose=choose).code for _ in range(2)
    ]
    assert [code.split("-")[1] for code in codes] == ["AAAA", "CCCC"]


def test_when_every_code_is_taken_nothing_is_half_kept(world: World) -> None:
    def choose(alphabet: str) -> str:
        assert alphabet == CODE_ALPHABET
        return "A"

    save_line_check(hat=world.doctor, outcomes=OUTCOMES, now=NOW, choose=choose)
    with pytest.raises(Unavailable) as refused:
        save_line_check(hat=world.doctor, outcomes=OUTCOMES, now=NOW, choose=choose)
    assert refused.value.code == "line_check.no_code"
    assert (LineCheck.objects.count(), LinkSample.objects.count()) == (1, 1)
