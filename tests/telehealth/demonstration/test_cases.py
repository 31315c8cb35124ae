"""The twenty consultations fit the province they play in and are complete."""

import re
from collections import Counter
from dataclasses import fields

import pytest

from telehealth.demonstration import sources
from telehealth.demonstration.cases import CASES, OPEN_CASES, Case, OpenCase

FACILITIES = {row.key: row for row in sources.facilities()}
PEOPLE = {row.username: row for row in sources.people()}

# What stands in a conclusion is read by people who do not know the specialty's short forms.
ALLOWED_CAPITALS = {
    "AB", "B", "CEA", "CO", "CO2", "DII", "ECG", "G", "HCO3", "I", "II", "III", "INR", "J", "MMR", "MSI", "O", "QRS",
    "SAT", "SpO2", "ST", "ALT", "CAPOX", "HbA1c",
}  # fmt: skip


def test_there_are_twenty_of_eighteen_specialties_or_more() -> None:
    assert len(CASES) == 20
    assert len({case.key for case in CASES}) == 20
    assert len({case.specialty for case in CASES}) >= 16
    assert {case.urgency for case in CASES} == {"red", "urgent", "priority", "routine", "async"}
    assert Counter(case.outcome for case in CASES) == {"accepted": 16, "changed": 2, "declined": 2}


@pytest.mark.parametrize("case", [*CASES, *OPEN_CASES], ids=lambda case: case.key)
def test_a_case_fits_the_province(case: Case | OpenCase) -> None:
    spoke, hub = FACILITIES[case.spoke], FACILITIES[case.hub]
    assert case.hub in spoke.asks
    assert case.specialty in hub.hub_specialties
    assert not case.department or case.department in spoke.departments
    assert any(hat.facility == case.spoke and hat.role == "doctor" for hat in PEOPLE[case.doctor].memberships)
    assert not case.specialist or any(
        hat.facility == case.hub and case.specialty in hat.specialties
        for hat in PEOPLE[case.specialist].memberships
    )
    nurse = case.nurse if isinstance(case, Case) else ""
    assert not nurse or PEOPLE[nurse].memberships[0].facility == case.spoke
    assert case.patient.commune in {row.code for row in sources.communes()}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.key)
def test_a_case_is_complete(case: Case) -> None:
    empty = {field.name for field in fields(case) if getattr(case, field.name) == ""}
    assert empty <= {"reason", "nurse", "department"}
    assert 1 <= len(case.vitals) <= 2
    assert 1 <= len(case.asked) <= 3
    assert re.fullmatch(r"[A-Z]\d{2}(\.\d)?", case.icd10)
    assert bool(case.reason) == (case.outcome != "accepted")
    assert case.by_writing or (case.claimed_after <= case.called_after and case.line_lost_at < case.lasted)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.key)
def test_questions_ask_and_conclusions_are_sentences_without_abbreviations(case: Case) -> None:
    for asked in case.asked:
        assert asked.question.endswith("?")
        for text in (asked.conclusion, asked.further_treatment):
            assert text[0].isupper()
            assert text.endswith(".")
        capitals = set(re.findall(r"\b[A-ZĐ][A-ZĐ0-9]+\b", asked.conclusion))
        assert capitals <= ALLOWED_CAPITALS


def test_one_request_waits_one_is_claimed_one_is_still_written() -> None:
    assert [(c.urgency, c.sent_before is not None, c.claimed_before is not None) for c in OPEN_CASES] == [
        ("urgent", True, False),
        ("routine", True, True),
        ("priority", False, False),
    ]
    assert all(question.endswith("?") for case in OPEN_CASES for question in case.questions)
