"""Cards at the desk: whom they name, what contradicts what, and who settles it."""

from datetime import date

import pytest
from django.db import connection

from telehealth.accounts.enums import Role
from telehealth.audit.models import AuditEntry
from telehealth.core.errors import Conflict, Invalid, NotAllowed, NotFound
from telehealth.records.access import access_patient_at_desk
from telehealth.records.cards.reader import read
from telehealth.records.cards.results import PartialDate
from telehealth.records.comparison import Difference, Version, differences
from telehealth.records.domain.identity import access_case, add_card, resolve_case, visible_cases
from telehealth.records.domain.matching import By, find_by_card, find_by_name
from telehealth.records.domain.patients import NewPatient, create_patient, search_patients
from telehealth.records.enums import IdentifierKind, IdentityCaseKind, IdentityOutcome, Sex
from telehealth.records.models import IdentityCase, Patient
from tests.factories import NOW, World, make_facility, make_person

CITIZEN = "040085000123|181234567|Nguyễn Văn Mẫu|02031985|Nam|Bản Mẫu, Nghệ An|15082021"
MAN = NewPatient(
    full_name="Nguyễn Văn Mẫu", birth_date=date(1985, 3, 2), sex=Sex.MALE, citizen_number="040085000123"
)


def insurance(name: str = "Nguyễn Văn Mẫu", number: str = "4012345678", born: str = "02/03/1985") -> str:
    hexed = name.encode().hex()
    return f"{number}|{hexed}|{born}|1|-|40 - 099|01/01/2026|-|20/12/2025|40991234567890|-|4|01/01/2026|ab-1|4|-|$"


def register(world: World, new: NewPatient = MAN) -> Patient:
    return create_patient(hat=world.nurse, new=new, now=NOW)


def test_a_citizen_card_chooses_its_patient_by_itself(world: World) -> None:
    patient = register(world)
    found = find_by_card(hat=world.nurse, card=read(CITIZEN), now=NOW)
    assert found.chosen is not None
    assert (found.chosen.patient, found.chosen.by, found.chosen.against) == (patient, By.CITIZEN, frozenset())


def test_ten_and_fifteen_characters_of_insurance_name_the_same_patient(world: World) -> None:
    patient = register(world, NewPatient(full_name="Lô Thị Mẫu", insurance_number="DT2404012345678"))
    found = find_by_card(hat=world.nurse, card=read("4012345678"), now=NOW)
    assert [(candidate.patient, candidate.by) for candidate in found.candidates] == [(patient, By.INSURANCE)]


def test_an_old_number_is_only_offered(world: World) -> None:
    patient = register(world, NewPatient(full_name="Lô Thị Mẫu", old_identity_number="181234567"))
    found = find_by_card(hat=world.nurse, card=read("181234567"), now=NOW)
    assert [(candidate.patient, candidate.by) for candidate in found.candidates] == [
        (patient, By.OLD_IDENTITY)
    ]
    assert found.chosen is None


def test_a_card_whose_number_nobody_has_offers_people_of_the_same_name_and_birth(world: World) -> None:
    here = register(world, NewPatient(full_name="Nguyen Van MẪU", birth_year=1985))
    register(world, NewPatient(full_name="Nguyễn Văn Mẫu", birth_year=1990))
    create_patient(
        hat=make_person(make_facility(), Role.NURSE),
        new=NewPatient(full_name="Nguyễn Văn Mẫu", birth_year=1985),
        now=NOW,
    )
    found = find_by_card(hat=world.nurse, card=read(CITIZEN), now=NOW)
    assert [(candidate.patient, candidate.by) for candidate in found.candidates] == [(here, By.NAME)]
    assert found.chosen is None


def test_two_people_with_one_number_are_both_shown_and_none_is_chosen(world: World) -> None:
    register(world)
    other = make_person(make_facility(), Role.NURSE)
    create_patient(hat=other, new=NewPatient(full_name="Lầu Y Khác", citizen_number="040085000123"), now=NOW)
    found = find_by_card(hat=world.nurse, card=read(CITIZEN), now=NOW)
    assert len(found.candidates) == 2
    assert found.chosen is None
    assert [Difference.NAME in candidate.against for candidate in found.candidates] == [False, True]


def test_words_of_a_name_and_a_year_find_at_the_own_facility(world: World) -> None:
    patient = register(world)
    assert [c.patient for c in find_by_name(hat=world.nurse, text="mau nguyen 1985", now=NOW).candidates] == [
        patient
    ]
    assert find_by_name(hat=world.nurse, text="1985", now=NOW).candidates == ()
    other = make_person(make_facility(), Role.NURSE)
    assert find_by_name(hat=other, text="nguyen van mau", now=NOW).candidates == ()


def test_reading_is_audited_without_what_was_read(world: World) -> None:
    register(world)
    find_by_card(hat=world.nurse, card=read(CITIZEN), now=NOW)
    entry = AuditEntry.objects.get(action="desk.card_read")
    assert entry.detail == {"card": "CitizenCard", "found": 1}


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.NURSE, Role.FACILITY_ADMIN}])
def test_only_nurses_and_facility_administrators_receive(world: World, role: Role) -> None:
    hat = make_person(world.spoke, role)
    with pytest.raises(NotAllowed):
        find_by_card(hat=hat, card=read(CITIZEN), now=NOW)
    with pytest.raises(NotAllowed):
        add_card(hat=hat, patient=world.patient, card=read(CITIZEN), now=NOW)
    with pytest.raises(NotFound):
        access_patient_at_desk(hat, world.patient.id, named=True, now=NOW)
    assert not visible_cases(hat).exists()


def test_another_facilitys_patient_is_received_only_when_their_card_named_them(world: World) -> None:
    administrator = make_person(make_facility(), Role.FACILITY_ADMIN)
    with pytest.raises(NotFound):
        access_patient_at_desk(administrator, world.patient.id, named=False, now=NOW)
    assert access_patient_at_desk(administrator, world.patient.id, named=True, now=NOW) == world.patient


def test_the_numbers_of_a_card_are_taken_into_the_record_once(world: World) -> None:
    patient = register(world)
    for _time in range(2):
        assert add_card(hat=world.nurse, patient=patient, card=read(CITIZEN), now=NOW) == []
        assert add_card(hat=world.nurse, patient=patient, card=read(insurance()), now=NOW) == []
    assert sorted(patient.identifiers.values_list("kind", "value", "source")) == [
        ("citizen", "040085000123", "typed"),
        ("insurance", "4012345678", "scanned"),
        ("old_identity", "181234567", "scanned"),
    ]


def test_a_card_of_another_name_opens_a_case_with_both_versions_and_blocks_nothing(world: World) -> None:
    patient = register(world)
    (case,) = add_card(hat=world.nurse, patient=patient, card=read(insurance("Lầu Bá Khác")), now=NOW)
    assert case.kind == IdentityCaseKind.DETAILS_DIFFER
    assert case.ours == {
        "source": "record",
        "full_name": "Nguyễn Văn Mẫu",
        "born": "1985-03-02",
        "sex": "male",
        "number": "",
    }
    assert case.theirs == {
        "source": "insurance_card",
        "full_name": "Lầu Bá Khác",
        "born": "1985-03-02",
        "sex": "male",
        "number": "4012345678",
    }
    # Shown once more: the same case, not another.
    assert add_card(hat=world.nurse, patient=patient, card=read(insurance("Lầu Bá Khác")), now=NOW) == [case]
    patient.refresh_from_db()
    assert patient.full_name == "Nguyễn Văn Mẫu"


def test_a_number_somebody_else_has_is_not_taken(world: World) -> None:
    patient = register(world)
    other = register(world, NewPatient(full_name="Lầu Bá Khác", insurance_number="GD4404012345678"))
    (case,) = add_card(hat=world.nurse, patient=patient, card=read(insurance()), now=NOW)
    assert (case.kind, case.other_patient) == (IdentityCaseKind.NUMBER_SHARED, other)
    assert case.theirs["full_name"] == "Lầu Bá Khác"
    assert not patient.identifiers.filter(kind=IdentifierKind.INSURANCE).exists()


def test_a_second_insurance_number_is_kept_and_asked_about(world: World) -> None:
    patient = register(world)
    add_card(hat=world.nurse, patient=patient, card=read(insurance()), now=NOW)
    (case,) = add_card(hat=world.nurse, patient=patient, card=read(insurance(number="4099999999")), now=NOW)
    assert case.kind == IdentityCaseKind.TWO_NUMBERS
    assert patient.identifiers.filter(kind=IdentifierKind.INSURANCE).count() == 2


def test_a_case_is_settled_once_with_a_reason(world: World) -> None:
    patient = register(world)
    (case,) = add_card(hat=world.nurse, patient=patient, card=read(insurance("Lầu Bá Khác")), now=NOW)
    administrator = make_person(world.spoke, Role.FACILITY_ADMIN)
    settle = {"hat": administrator, "case_id": case.id, "outcome": IdentityOutcome.NOT_THEIRS, "now": NOW}
    with pytest.raises(Invalid) as refused:
        resolve_case(**settle, reason="  ")  # type: ignore[arg-type]
    assert refused.value.code == "identity.reason_missing"
    resolve_case(**settle, reason="Thẻ của anh trai, xem giấy khai sinh")  # type: ignore[arg-type]
    assert patient.identifiers.get(kind=IdentifierKind.INSURANCE).ended_at == NOW
    assert find_by_card(hat=world.nurse, card=read("4012345678"), now=NOW).candidates == ()
    assert search_patients(hat=world.nurse, text="4012345678", now=NOW) == []
    with pytest.raises(Conflict):
        resolve_case(**settle, reason="lại")  # type: ignore[arg-type]
    assert AuditEntry.objects.get(action="identity.resolved").detail == {"outcome": "not_theirs"}
    # The wrong card shown again opens a new case and does not bring the number back.
    assert len(add_card(hat=world.nurse, patient=patient, card=read(insurance("Lầu Bá Khác")), now=NOW)) == 1
    assert not patient.identifiers.filter(kind=IdentifierKind.INSURANCE, ended_at=None).exists()


def test_not_there_and_not_yours_get_the_same_answer(world: World) -> None:
    patient = register(world)
    (case,) = add_card(hat=world.nurse, patient=patient, card=read(insurance("Lầu Bá Khác")), now=NOW)
    other = make_person(make_facility(), Role.NURSE)
    for case_id in (case.id, patient.id):
        with pytest.raises(NotFound) as refused:
            access_case(other, case_id)
        assert refused.value.code == "identity.not_found"


@pytest.mark.django_db
def test_the_database_keeps_one_open_case_over_one_thing(world: World) -> None:
    patient = register(world)
    add_card(hat=world.nurse, patient=patient, card=read(insurance("Lầu Bá Khác")), now=NOW)
    assert IdentityCase.objects.count() == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'identity_case_open_once'")
        assert "resolved_at IS NULL" in cursor.fetchone()[0]


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        (Version("a", "Nguyễn Văn Mẫu"), Version("b", "NGUYEN  VAN MAU"), set()),
        (Version("a", "Nguyễn Văn Mẫu"), Version("b", "Nguyễn Văn Mậu B"), {Difference.NAME}),
        (Version("a", born=PartialDate(1985, 3, 2)), Version("b", born=PartialDate(1985)), set()),
        (
            Version("a", born=PartialDate(1985, 3, 2)),
            Version("b", born=PartialDate(1985, 4)),
            {Difference.BIRTH},
        ),
        (
            Version("a", born=PartialDate(1985)),
            Version("b", born=PartialDate(1986, 1, 1)),
            {Difference.BIRTH},
        ),
        (Version("a", sex=Sex.MALE), Version("b", sex=Sex.UNKNOWN), set()),
        (Version("a", sex=Sex.MALE), Version("b", sex=Sex.FEMALE), {Difference.SEX}),
        (Version("a"), Version("b", "X", PartialDate(1985), Sex.MALE), set()),
    ],
)
def test_what_one_side_does_not_know_is_no_difference(
    ours: Version, theirs: Version, expected: set[Difference]
) -> None:
    assert differences(ours, theirs) == expected
