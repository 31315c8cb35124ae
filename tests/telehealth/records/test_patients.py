"""Finding and creating patients."""

from datetime import date

import pytest

from telehealth.accounts.enums import Role
from telehealth.core.errors import Invalid, NotAllowed, NotFound
from telehealth.records.access import access_patient, access_patient_by_number
from telehealth.records.domain.patients import NewPatient, create_patient, search_patients
from tests import factories
from tests.factories import NOW, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return factories.make_world()


def names(world: World, text: str) -> list[str]:
    return [p.full_name for p in search_patients(hat=world.doctor, text=text, now=NOW)]


def test_search_needs_neither_diacritics_nor_word_order(world: World) -> None:
    factories.make_patient(world.doctor, "Nguyễn Thị Hoà")
    factories.make_patient(world.doctor, "Nguyễn Văn Đức")
    assert names(world, "hòa nguyen") == ["Nguyễn Thị Hoà"]
    assert names(world, "duc 1985") == ["Nguyễn Văn Đức"]
    assert names(world, "duc 1986") == []
    assert names(world, "ngu") == ["Nguyễn Văn Đức", "Nguyễn Thị Hoà"]


def test_other_facilities_patients_are_found_only_by_a_whole_number(world: World) -> None:
    other = factories.make_person(factories.make_facility(), Role.DOCTOR)
    patient = create_patient(
        hat=other, new=NewPatient(full_name="Moong Thị Lan", citizen_number="040185000456"), now=NOW
    )
    assert names(world, "moong lan") == []
    assert names(world, "0401 8500 0456") == ["Moong Thị Lan"]
    with pytest.raises(NotFound):
        access_patient(world.doctor, patient.id, now=NOW)
    assert access_patient_by_number(world.doctor, patient.id, "040185000456", now=NOW) == patient


@pytest.mark.parametrize(
    ("new", "code"),
    [
        (NewPatient(full_name="  "), "patient.name_missing"),
        (NewPatient(full_name="A", birth_date=date(2030, 1, 1)), "patient.birth_impossible"),
        (NewPatient(full_name="A", birth_year=1700), "patient.birth_impossible"),
        (NewPatient(full_name="A", citizen_number="123"), "patient.bad_identifier"),
        (NewPatient(full_name="A", insurance_number="xx"), "patient.bad_identifier"),
    ],
)
def test_bad_input_is_named(world: World, new: NewPatient, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        create_patient(hat=world.doctor, new=new, now=NOW)
    assert refused.value.code == code


def test_only_clinical_people_search(world: World) -> None:
    operator = factories.make_person(world.spoke, Role.FACILITY_ADMIN)
    with pytest.raises(NotAllowed):
        search_patients(hat=operator, text="a", now=NOW)
