"""Questions about insurance and what becomes of the answers."""

from dataclasses import replace
from datetime import timedelta

import pytest

from telehealth.core.errors import NotAllowed
from telehealth.core.models import OutboxEntry
from telehealth.records.cards.results import PartialDate
from telehealth.records.comparison import Version
from telehealth.records.domain.insurance import (
    FIRST_TRY_WITHIN,
    FRESH,
    Answer,
    ask_check,
    claim_check,
    due_checks,
    newest_check,
    next_try,
    note_answer,
)
from telehealth.records.enums import IdentityCaseKind, InsuranceState, Sex
from telehealth.records.models import IdentityCase, InsuranceCheck
from tests.factories import NOW, World

NUMBER = "4012345678"
RIGHT = Answer(
    InsuranceState.VALID,
    "000",
    {"maKetQua": "000"},
    Version("portal", "VỪ THỊ MẪU", PartialDate(1985, 12, 1), Sex.FEMALE, NUMBER),
)
SILENT = Answer(InsuranceState.UNVERIFIED, "timeout", {})
LEASE = timedelta(seconds=60)


def ask(world: World) -> InsuranceCheck:
    return ask_check(hat=world.nurse, patient=world.patient, number=NUMBER, now=NOW)


def test_a_question_is_asked_once_while_it_is_fresh(world: World) -> None:
    check = ask(world)
    assert ask(world) == check
    assert OutboxEntry.objects.filter(topic="insurance.asked").count() == 1
    again = ask_check(hat=world.nurse, patient=world.patient, number=NUMBER, now=NOW, again=True)
    assert again != check
    later = ask_check(hat=world.nurse, patient=world.patient, number=NUMBER, now=NOW + FRESH + LEASE)
    assert later not in (check, again)
    assert newest_check(world.patient, now=NOW + FRESH + LEASE) == later
    with pytest.raises(NotAllowed):
        ask_check(hat=world.doctor, patient=world.patient, number=NUMBER, now=NOW)


def test_an_answer_that_fits_verifies(world: World) -> None:
    check = note_answer(check_id=ask(world).id, answer=RIGHT, now=NOW)
    assert (check.state, check.code, check.due_at, check.checked_at) == (
        InsuranceState.VALID,
        "000",
        None,
        NOW,
    )
    assert check.reply == {"maKetQua": "000"}
    assert not IdentityCase.objects.exists()


@pytest.mark.parametrize(
    ("version", "kind"),
    [
        (
            Version("portal", "Lầu Y Khác", PartialDate(1985), Sex.FEMALE, NUMBER),
            IdentityCaseKind.PORTAL_NAME,
        ),
        (
            Version("portal", "Vừ Thị Mẫu", PartialDate(1986), Sex.FEMALE, NUMBER),
            IdentityCaseKind.PORTAL_BIRTH,
        ),
        (Version("portal", "Lầu Bá X", PartialDate(1986), Sex.MALE, NUMBER), IdentityCaseKind.DETAILS_DIFFER),
    ],
)
def test_an_answer_about_somebody_else_opens_a_case_and_stays_unverified(
    world: World, version: Version, kind: IdentityCaseKind
) -> None:
    check = note_answer(check_id=ask(world).id, answer=replace(RIGHT, version=version), now=NOW)
    assert (check.state, check.due_at) == (InsuranceState.MISMATCH, None)
    case = IdentityCase.objects.get()
    assert (case.kind, case.theirs, case.insurance_check, case.facility) == (
        kind,
        version.as_json(),
        check,
        world.spoke,
    )


def test_a_portal_that_says_itself_what_is_wrong_opens_a_case(world: World) -> None:
    answer = Answer(InsuranceState.MISMATCH, "060", {}, mismatch=IdentityCaseKind.PORTAL_NAME)
    note_answer(check_id=ask(world).id, answer=answer, now=NOW)
    assert IdentityCase.objects.get().kind == IdentityCaseKind.PORTAL_NAME


def test_a_silent_portal_is_asked_again_with_growing_pauses_and_then_no_more(world: World) -> None:
    check = ask(world)
    now, waits = NOW, []
    while True:
        check = note_answer(check_id=check.id, answer=SILENT, now=now)
        assert check.state == InsuranceState.UNVERIFIED
        if check.due_at is None:
            break
        waits.append(int((check.due_at - now).total_seconds() / 60))
        now = check.due_at
    assert waits == [1, 5, 15, 60, 60, 120, 240, 480]
    assert next_try(attempts=99, now=NOW) is None


def test_due_questions_are_claimed_by_one_worker_at_a_time(world: World) -> None:
    check = ask(world)
    assert due_checks(now=NOW) == []
    later = NOW + FIRST_TRY_WITHIN
    assert due_checks(now=later) == [check.id]
    claimed = claim_check(check_id=check.id, now=later, lease=LEASE)
    assert claimed == check
    assert due_checks(now=later) == []
    # The worker died: the question comes back when the lease is over.
    assert due_checks(now=later + LEASE) == [check.id]
    note_answer(check_id=check.id, answer=RIGHT, now=later)
    assert claim_check(check_id=check.id, now=later, lease=LEASE) is None
