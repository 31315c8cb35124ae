"""The smart examination card: signed, revocable, one at a time."""

from collections.abc import Callable

import pytest
from pytest_django import Settings

from telehealth.accounts.enums import Role
from telehealth.core.errors import Conflict, Invalid, NotAllowed, NotFound
from telehealth.records.cards.own import card_number, card_text
from telehealth.records.cards.reader import read
from telehealth.records.cards.results import SmartCardCode
from telehealth.records.domain.matching import By, find_by_card
from telehealth.records.domain.smart_cards import access_card, check_card, issue_card, revoke_card, text_of
from telehealth.records.models import SmartCard
from tests.factories import NOW, World, make_facility, make_person


def scanned(card: SmartCard) -> SmartCardCode:
    code = read(text_of(card))
    assert isinstance(code, SmartCardCode)
    return code


def chances(*serials: int) -> Callable[[int], int]:
    given = iter(serials)
    return lambda below: next(given) % below


def test_a_card_finds_its_patient_and_says_nothing_about_them(world: World) -> None:
    card = issue_card(hat=world.nurse, patient=world.patient, now=NOW, choose=chances(7))
    assert card.number == card_number(7)
    assert text_of(card).startswith(f"TK1:{card.number}:")
    check_card(scanned(card))
    found = find_by_card(hat=world.nurse, card=scanned(card), now=NOW)
    assert found.chosen is not None
    assert (found.chosen.patient, found.chosen.by) == (world.patient, By.SMART_CARD)


def test_a_new_card_ends_the_old_one(world: World) -> None:
    old = issue_card(hat=world.nurse, patient=world.patient, now=NOW, choose=chances(7))
    new = issue_card(hat=world.nurse, patient=world.patient, now=NOW, choose=chances(7, 8))
    assert new.number == card_number(8)  # a number that is taken is not given again
    with pytest.raises(Invalid) as refused:
        check_card(scanned(old))
    assert refused.value.code == "smart_card.revoked"
    check_card(scanned(new))
    assert find_by_card(hat=world.nurse, card=scanned(old), now=NOW).candidates == ()


def test_chance_that_always_hits_taken_numbers_gives_up(world: World) -> None:
    issue_card(hat=world.nurse, patient=world.patient, now=NOW, choose=chances(7))
    with pytest.raises(Conflict):
        issue_card(hat=world.nurse, patient=world.patient, now=NOW, choose=lambda _below: 7)
    assert SmartCard.objects.filter(revoked_at=None).count() == 1


def test_a_revoked_card_is_refused(world: World) -> None:
    card = issue_card(hat=world.nurse, patient=world.patient, now=NOW)
    with pytest.raises(Invalid):
        revoke_card(hat=world.nurse, card_id=card.id, reason=" ", now=NOW)
    revoke_card(hat=world.nurse, card_id=card.id, reason="Mất thẻ", now=NOW)
    with pytest.raises(Conflict):
        revoke_card(hat=world.nurse, card_id=card.id, reason="Mất thẻ", now=NOW)
    with pytest.raises(Invalid) as refused:
        check_card(scanned(card))
    assert refused.value.code == "smart_card.revoked"


def test_a_card_we_did_not_sign_or_issue_is_refused(world: World) -> None:
    card = issue_card(hat=world.nurse, patient=world.patient, now=NOW)
    forged = read(card_text(card.number, b"somebody else's key"))
    assert isinstance(forged, SmartCardCode)
    with pytest.raises(Invalid) as refused:
        check_card(forged)
    assert refused.value.code == "smart_card.forged"
    unknown = scanned(SmartCard(number=card_number(999)))
    with pytest.raises(Invalid) as refused:
        check_card(unknown)
    assert refused.value.code == "smart_card.unknown"


def test_cards_open_after_the_secret_was_changed_until_it_is_forgotten(
    world: World, settings: Settings
) -> None:
    card = issue_card(hat=world.nurse, patient=world.patient, now=NOW)
    code = scanned(card)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a new secret of this installation, long enough"
    check_card(code)
    assert text_of(card) != f"TK1:{code.number}:{code.signature}"  # new ones are signed with the new secret
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(Invalid) as refused:
        check_card(code)
    assert refused.value.code == "smart_card.forged"


def test_cards_belong_to_the_desk_and_its_facility(world: World) -> None:
    with pytest.raises(NotAllowed):
        issue_card(hat=world.doctor, patient=world.patient, now=NOW)
    card = issue_card(hat=world.nurse, patient=world.patient, now=NOW)
    assert access_card(make_person(world.spoke, Role.FACILITY_ADMIN), card.id) == card
    for hat in (world.doctor, make_person(make_facility(), Role.NURSE)):
        with pytest.raises(NotFound):
            access_card(hat, card.id)
