"""The insurance portal: every code it has, and every way it has of saying nothing. Over real HTTP to the stand-in."""

from collections.abc import Iterator
from threading import Thread

import httpx
import pytest
from django.test import override_settings

from telehealth.accounts.enums import Role
from telehealth.audit.models import AuditEntry
from telehealth.core.errors import Invalid, NotAllowed
from telehealth.core.sealed import NotOurs, seal, unseal
from telehealth.integrations import tasks
from telehealth.integrations.insurance.accounts import credentials_of, set_account
from telehealth.integrations.insurance.checks import LEASE, portal, run_check
from telehealth.integrations.insurance.client import TIMEOUT, Portal
from telehealth.integrations.insurance.codes import CODES, SETTINGS_AT_FAULT, text_of_code
from telehealth.integrations.insurance.messages import (
    LOGIN_PATH,
    LOOK_UP_PATH,
    Credentials,
    Question,
    answer_of,
    question_of,
    written,
)
from telehealth.integrations.insurance.standin import REFUSED, StandIn, serve, transport
from telehealth.integrations.models import PortalAccount
from telehealth.records.cards.results import PartialDate
from telehealth.records.domain.insurance import ask_check
from telehealth.records.enums import IdentityCaseKind, InsuranceState
from telehealth.records.models import IdentityCase, InsuranceCheck
from tests.factories import NOW, World, make_person

MD5 = "0" * 32
ACCOUNT = Credentials("40099_BV", MD5, "Lô Thị Tra Cứu", "040185000999")
SHORT = httpx.Timeout(0.3, connect=0.3)


@pytest.fixture
def stand_in() -> Iterator[tuple[StandIn, str]]:
    played = StandIn()
    server = serve(played)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield played, f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def asked(number: str) -> Question:
    return Question(number, "Vừ Thị Mẫu", "1985")


@pytest.mark.parametrize("code", [code for code in CODES if code.isdigit() and code not in {"003", "401"}])
def test_every_code_of_the_portal_is_understood(code: str, stand_in: tuple[StandIn, str]) -> None:
    _played, address = stand_in
    with Portal(address) as through:
        answer = through.look_up(asked(f"401234{'9' + code}"), ACCOUNT)
    assert (answer.code, answer.state, answer.mismatch) == (code, CODES[code].state, CODES[code].mismatch)
    assert answer.reply["maKetQua"] == code


def test_a_good_card_says_whose_it_is_and_until_when(stand_in: tuple[StandIn, str]) -> None:
    _played, address = stand_in
    with Portal(address) as through:
        answer = through.look_up(asked("4012345678"), ACCOUNT)
    assert answer.version is not None
    assert (answer.state, answer.version.full_name, answer.version.born) == (
        InsuranceState.VALID,
        "VỪ THỊ MẪU",
        PartialDate(1985),
    )
    assert (answer.card_number, answer.registered_facility, answer.living_area) == (
        "GD4404012345678",
        "40099",
        "K1",
    )
    assert (str(answer.valid_from), str(answer.valid_to), str(answer.five_years_from)) == (
        "2026-01-01",
        "2026-12-31",
        "2030-01-01",
    )
    assert "dsLichSuKCB2018" not in answer.reply  # the history of treatment is not kept


def test_an_old_card_leads_to_the_new_one(stand_in: tuple[StandIn, str]) -> None:
    played, address = stand_in
    with Portal(address) as through:
        answer = through.look_up(asked("4012349003"), ACCOUNT)
    assert (answer.code, answer.card_number) == ("000", "GD4404012340003")
    assert played.log == [LOGIN_PATH, LOOK_UP_PATH, LOOK_UP_PATH]


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("4012349998", "timeout"),
        ("4012349997", "500"),
        ("4012349996", "unreadable"),
        ("4012349995", "unreachable"),
    ],
)
def test_a_portal_that_gives_nothing_is_an_answer_too(
    number: str, code: str, stand_in: tuple[StandIn, str]
) -> None:
    _played, address = stand_in
    with Portal(address, timeout=SHORT) as through:
        answer = through.look_up(asked(number), ACCOUNT)
    assert (answer.code, answer.state) == (code, InsuranceState.UNVERIFIED)


def test_a_portal_that_is_not_there(stand_in: tuple[StandIn, str]) -> None:
    with Portal("http://127.0.0.1:1") as through:
        assert through.look_up(asked("4012345678"), ACCOUNT).code == "unreachable"
    assert (TIMEOUT.connect or 0) + (TIMEOUT.read or 0) * 4 < LEASE.total_seconds()


def test_tokens_are_kept_and_renewed_once(stand_in: tuple[StandIn, str]) -> None:
    played, address = stand_in
    played.token_uses = 2
    with Portal(address) as through:
        answers = [through.look_up(asked("4012345678"), ACCOUNT).code for _time in range(3)]
    assert answers == ["000"] * 3
    assert played.log == [
        LOGIN_PATH,
        LOOK_UP_PATH,
        LOOK_UP_PATH,
        LOOK_UP_PATH,  # refused: the token is used up
        LOGIN_PATH,
        LOOK_UP_PATH,
    ]


def test_an_account_that_is_refused_asks_no_further(stand_in: tuple[StandIn, str]) -> None:
    played, address = stand_in
    with Portal(address) as through:
        answer = through.look_up(asked("4012345678"), Credentials(REFUSED, MD5, "X", "040185000999"))
        assert (answer.code, answer.state) == ("401", InsuranceState.UNVERIFIED)
        assert played.log == [LOGIN_PATH]
        # The portal itself may go on refusing: it is asked twice, not for ever.
        assert through.look_up(asked("4012349401"), ACCOUNT).code == "401"
    assert played.log.count(LOOK_UP_PATH) == 2


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ({}, "unknown"),
        ({"maKetQua": "999"}, "unknown"),
        ({"maKetQua": 10}, "unknown"),
        ({"maKetQua": ["000"]}, "unknown"),
        ({"maKetQua": "000", "hoTen": {"x": 1}, "ngaySinh": "99/99/9999", "gtTheTu": "hôm nay"}, "000"),
        ({"maKetQua": "000", "hoTen": "A\x00B" * 100, "maThe": "9" * 99, "maDKBD": None}, "000"),
    ],
)
def test_rubbish_from_the_portal_is_read_without_harm(reply: dict[str, object], code: str) -> None:
    assert answer_of(reply).code == code


@pytest.mark.parametrize(
    ("born", "text"),
    [
        (PartialDate(1985, 3, 2), "02/03/1985"),
        (PartialDate(1985, 3), "03/1985"),
        (PartialDate(1985), "1985"),
        (None, ""),
    ],
)
def test_dates_are_written_as_far_as_they_are_known(born: PartialDate | None, text: str) -> None:
    assert written(born) == text


def test_every_code_has_a_sentence() -> None:
    assert all(text_of_code(code) for code in CODES)
    assert text_of_code("") == ""
    assert set(CODES) > SETTINGS_AT_FAULT


## Accounts ---


def give_account(world: World, username: str = "40099_BV", password: str = "mat khau cong") -> PortalAccount:
    administrator = make_person(world.spoke, Role.FACILITY_ADMIN)
    return set_account(
        hat=administrator,
        username=username,
        password=password,
        staff_name="Lô Thị Tra Cứu",
        staff_number="040185000999",
        now=NOW,
    )


def test_an_account_is_sealed_and_opens_again(world: World) -> None:
    account = give_account(world)
    assert "mat khau" not in account.password
    assert "040185000999" not in account.staff_number
    credentials = credentials_of(world.spoke)
    assert credentials == Credentials(
        "40099_BV", "1299bb05f5598d39aec5c4718924643e", "Lô Thị Tra Cứu", "040185000999"
    )
    give_account(world, username="40099_MOI", password="")
    kept = credentials_of(world.spoke)
    assert kept == Credentials(
        "40099_MOI", "1299bb05f5598d39aec5c4718924643e", "Lô Thị Tra Cứu", "040185000999"
    )
    assert AuditEntry.objects.filter(action="insurance.account_changed").count() == 2


def test_what_is_sealed_opens_with_older_secrets_and_for_its_purpose_only() -> None:
    with override_settings(SECRET_KEY="first secret, long enough to be one"):
        sealed = seal("bí mật", purpose="a")
        with pytest.raises(NotOurs):
            unseal(sealed, purpose="b")
    with override_settings(SECRET_KEY="second", SECRET_KEY_FALLBACKS=["first secret, long enough to be one"]):
        assert unseal(sealed, purpose="a") == "bí mật"
    with override_settings(SECRET_KEY="second", SECRET_KEY_FALLBACKS=[]), pytest.raises(NotOurs):
        unseal(sealed, purpose="a")


def test_an_account_sealed_by_a_key_that_is_gone_is_no_account(world: World) -> None:
    give_account(world)
    with override_settings(SECRET_KEY="another secret altogether"):
        assert credentials_of(world.spoke) is None


def test_only_a_facilitys_administrator_sets_a_whole_account(world: World) -> None:
    with pytest.raises(NotAllowed):
        set_account(hat=world.nurse, username="x", password="x", staff_name="x", staff_number="0", now=NOW)
    administrator = make_person(world.spoke, Role.FACILITY_ADMIN)
    for changes, code in (
        ({"username": " "}, "insurance.account_incomplete"),
        ({"password": ""}, "insurance.account_incomplete"),
        ({"staff_number": "123"}, "insurance.staff_number"),
    ):
        given = {
            "username": "x",
            "password": "x",
            "staff_name": "x",
            "staff_number": "040185000999",
        } | changes
        with pytest.raises(Invalid) as refused:
            set_account(hat=administrator, now=NOW, **given)
        assert refused.value.code == code
    assert not PortalAccount.objects.exists()


## Attempts ---


def ask(world: World, number: str = "4012345678") -> InsuranceCheck:
    return ask_check(hat=world.nurse, patient=world.patient, number=number, now=NOW)


def attempt(check: InsuranceCheck, through: Portal | None) -> InsuranceCheck:
    done = run_check(check_id=check.id, clock=lambda: NOW, through=through)
    assert done is not None
    return done


def test_an_attempt_writes_down_what_the_portal_said(world: World) -> None:
    give_account(world)
    with Portal("http://portal", transport=transport()) as through:
        check = attempt(ask(world), through)
        assert (check.state, check.code, check.living_area) == (InsuranceState.VALID, "000", "K1")
        # Answered: nobody asks again.
        assert run_check(check_id=check.id, clock=lambda: NOW, through=through) is None


def test_a_card_that_is_somebody_elses_opens_an_identity_case(world: World) -> None:
    give_account(world)
    with Portal("http://portal", transport=transport()) as through:
        assert attempt(ask(world, "4012349993"), through).state == InsuranceState.MISMATCH
        assert attempt(ask(world, "4012349070"), through).state == InsuranceState.MISMATCH
    assert sorted(IdentityCase.objects.values_list("kind", "theirs__full_name")) == [
        (IdentityCaseKind.DETAILS_DIFFER.value, "LẦU Y KHÁC"),
        (IdentityCaseKind.PORTAL_BIRTH.value, ""),
    ]


def test_a_facility_without_an_account_stays_unverified_until_it_has_one(world: World) -> None:
    with Portal("http://portal", transport=transport()) as through:
        check = attempt(ask(world), through)
        assert (check.state, check.code) == (InsuranceState.UNVERIFIED, "not_connected")
        give_account(world)
        check.refresh_from_db()
        assert check.due_at == NOW
        assert attempt(check, through).state == InsuranceState.VALID


def test_an_installation_that_is_not_connected_says_so(world: World) -> None:
    give_account(world)
    assert attempt(ask(world), None).code == "not_connected"
    with override_settings(INSURANCE_PORTAL_URL=""):
        portal.cache_clear()
        assert portal() is None
        portal.cache_clear()


def test_the_sweep_takes_up_what_was_lost(world: World) -> None:
    check = ask(world)
    InsuranceCheck.objects.update(due_at=NOW)
    portal.cache_clear()
    tasks.check_due_insurance()
    check.refresh_from_db()
    assert (check.state, check.attempts) == (InsuranceState.UNVERIFIED, 1)
    tasks.check_insurance(str(check.id))
    check.refresh_from_db()
    assert check.attempts == 1  # not due yet


def test_a_question_says_who_it_is_about(world: World) -> None:
    assert question_of(world.patient, "4012345678") == Question("4012345678", "Vừ Thị Mẫu", "1985")
