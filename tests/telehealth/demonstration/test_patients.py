"""Invented patients are the same every time, plausible, and cannot be mistaken for anybody."""

import re
from datetime import date
from random import Random

from telehealth.demonstration import sources
from telehealth.demonstration.patients import InventedPatient, citizen_number, invent_patients

TODAY = date(2026, 11, 1)


def invent(count: int = 300, seed: int = 1) -> list[InventedPatient]:
    communes = [(row.code, row.former_district) for row in sources.communes()]
    return invent_patients(Random(seed), count=count, today=TODAY, communes=communes)


def age(patient: InventedPatient) -> int:
    return TODAY.year - patient.birth_year


def test_the_same_seed_gives_the_same_people() -> None:
    assert invent() == invent()
    assert invent() != invent(seed=2)


def test_ages_run_from_the_newborn_to_ninety() -> None:
    patients = invent()
    assert min(age(p) for p in patients) == 0
    assert 85 <= max(age(p) for p in patients) <= 91
    assert sum(1 for p in patients if age(p) >= 60) > 50


def test_only_the_old_have_a_year_for_a_birthday_and_then_no_date() -> None:
    for patient in invent():
        assert (patient.birth_date is None) == (patient.birth_precision == "year")
        assert patient.birth_precision != "year" or age(patient) >= 59


def test_citizen_numbers_have_the_right_structure_and_an_impossible_serial() -> None:
    for patient in invent():
        if not patient.citizen_number:
            continue
        number = patient.citizen_number
        assert re.fullmatch(r"040[0-3]\d{2}999\d{3}", number)
        assert 1900 + 100 * (int(number[3]) // 2) + int(number[4:6]) == patient.birth_year
        assert (int(number[3]) % 2 == 1) == (patient.sex == "female")


def test_numbers_are_given_once() -> None:
    patients = invent()
    for numbers in (
        [p.citizen_number for p in patients if p.citizen_number],
        [p.insurance_number for p in patients if p.insurance_number],
        [p.old_identity_number for p in patients if p.old_identity_number],
    ):
        assert len(numbers) == len(set(numbers)) > 20


def test_some_have_no_papers_and_children_have_somebody_who_speaks_for_them() -> None:
    patients = invent()
    assert any(not p.citizen_number and age(p) > 20 for p in patients)
    assert all(p.representative for p in patients if age(p) < 15)
    assert not any(p.representative for p in patients if age(p) > 17)


def test_telephones_are_of_a_prefix_nobody_has() -> None:
    assert all(re.fullmatch(r"\+8450\d{7}", p.phone) for p in invent() if p.phone)


def test_who_needs_an_interpreter_speaks_another_language() -> None:
    patients = invent()
    assert all(p.language != "Tiếng Việt" for p in patients if p.needs_interpreter)
    assert {"Tiếng Mông", "Tiếng Thái", "Tiếng Khơ Mú"} <= {
        p.language for p in patients if p.needs_interpreter
    }


def test_a_woman_born_in_2003_has_the_century_digit_three() -> None:
    assert citizen_number("female", 2003, 7) == "040303999007"
    assert citizen_number("male", 1985, 7) == "040085999007"
