"""Codes on cards: every one of the corpus has its answer, and nothing anybody can send makes the reader fall over."""

import json
import logging
from dataclasses import fields, is_dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth.records.card_words import FAULTS, WARNINGS
from telehealth.records.cards.numbers import check_digit, read_date
from telehealth.records.cards.own import card_number, card_text, is_card_number, signed_by
from telehealth.records.cards.reader import read
from telehealth.records.cards.results import (
    CardRead,
    CitizenCard,
    Fault,
    InsuranceCard,
    PartialDate,
    SmartCardCode,
    Unreadable,
    Warn,
)
from telehealth.records.cards.text import LETTERS, MAX_LENGTH
from telehealth.records.enums import DatePrecision, Sex

CORPUS: list[dict[str, Any]] = json.loads(Path(__file__).with_name("corpus.json").read_text())
KEY = b"corpus"


def as_written(card: CardRead) -> dict[str, Any]:
    """Return a result as the corpus writes it: empty fields left out, dates as far as they are known."""
    written: dict[str, Any] = {"kind": type(card).__name__}
    for field in fields(card):
        value = getattr(card, field.name)
        if isinstance(value, PartialDate):
            parts = [f"{value.year:04d}", *(f"{part:02d}" for part in (value.month, value.day) if part)]
            value = "-".join(parts)
        if isinstance(value, tuple):
            value = [str(item) for item in value]
        if value not in (None, "", []):
            written[field.name] = value if isinstance(value, (int, list)) else str(value)
    return written


@pytest.mark.parametrize("entry", CORPUS, ids=[entry["name"] for entry in CORPUS])
def test_every_code_of_the_corpus_gives_the_right_answer(
    entry: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        assert as_written(read(entry["text"])) == entry["expected"]
    assert caplog.records == []  # a code is a whole identity: it never gets into a log


def test_the_corpus_is_large_and_every_fault_and_warning_occurs_in_it() -> None:
    assert len(CORPUS) >= 60
    faults = {entry["expected"].get("fault") for entry in CORPUS} - {None}
    assert faults == {fault.value for fault in Fault}
    warnings = {warning for entry in CORPUS for warning in entry["expected"].get("warnings", [])}
    assert warnings == {warning.value for warning in Warn}


def test_every_fault_and_warning_has_a_sentence() -> None:
    assert set(FAULTS) == set(Fault)
    assert set(WARNINGS) == set(Warn)


@given(st.text(max_size=MAX_LENGTH + 100))
def test_any_text_gets_an_answer(text: str) -> None:
    assert is_dataclass(read(text))


pieces = st.one_of(
    st.sampled_from([entry["text"] for entry in CORPUS]),
    st.sampled_from(
        ["|", "$", "-", "TK1:", "NADK:", "040085000123", "DT2404012345678", "00/00/1950", "\x00"]
    ),
    st.text(max_size=6),
)


@given(st.lists(pieces, max_size=4), st.integers(0, 400), st.integers(0, 30))
def test_spoilt_codes_get_an_answer(parts: list[str], start: int, dropped: int) -> None:
    text = "".join(parts)
    spoilt = text[:start] + text[start + dropped :]
    card = read(spoilt)
    if isinstance(card, (CitizenCard, InsuranceCard)):
        # What was let through is a name, whatever was sent.
        assert set(card.full_name) <= LETTERS | set(" '’-.")
        assert all(character.isprintable() and character not in "<>{}" for character in card.address)


names = st.text(alphabet=sorted(LETTERS | {" "}), min_size=1, max_size=40).map(str.strip).filter(bool)
dates = st.dates(min_value=date(1900, 1, 1))


@given(names, dates, st.sampled_from(["Nam", "Nữ"]), st.integers(0, 999_999), dates)
def test_what_is_printed_on_a_citizen_card_is_read_back(
    name: str, born: date, sex: str, serial: int, issued: date
) -> None:
    digit = (born.year // 100 - 19) * 2 + (sex == "Nữ")
    if digit > 9:
        return
    number = f"040{digit}{born.year % 100:02d}{serial:06d}"
    name = " ".join(name.split())
    card = read(f"{number}||{name}|{born:%d%m}{born.year:04d}|{sex}|Nghệ An|{issued:%d%m}{issued.year:04d}")
    assert card == CitizenCard(
        number=number,
        old_number=None,
        full_name=name,
        born=PartialDate(born.year, born.month, born.day),
        sex=Sex.FEMALE if sex == "Nữ" else Sex.MALE,
        address="Nghệ An",
        issued=PartialDate(issued.year, issued.month, issued.day),
    )


@given(st.integers(1, 190))
def test_an_insurance_code_cut_anywhere_is_never_read(length: int) -> None:
    whole = next(entry["text"] for entry in CORPUS if entry["name"].startswith("insurance card 2021, 17"))
    assert isinstance(read(whole), InsuranceCard)
    card = read(whole[: min(length, len(whole) - 2)])
    assert not isinstance(card, InsuranceCard)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("02/03/1985", (PartialDate(1985, 3, 2), True)),
        ("03/1985", (PartialDate(1985, 3), True)),
        ("1985", (PartialDate(1985), True)),
        ("00031985", (PartialDate(1985, 3), True)),
        ("00001985", (PartialDate(1985), True)),
        ("05001985", (PartialDate(1985), False)),
        ("29022023", (PartialDate(2023), False)),
        ("", (None, True)),
        ("12345", (None, False)),
        ("00000000", (None, False)),
    ],
)
def test_dates_are_kept_as_far_as_they_are_known(
    text: str, expected: tuple[PartialDate | None, bool]
) -> None:
    assert read_date(text) == expected


def test_the_precision_of_a_date_is_said() -> None:
    assert [one.precision for one in (PartialDate(1985, 3, 2), PartialDate(1985, 3), PartialDate(1985))] == [
        DatePrecision.DAY,
        DatePrecision.MONTH,
        DatePrecision.YEAR,
    ]


@given(st.integers(0, 10**9 - 1), st.integers(0, 9), st.integers(1, 9))
def test_one_wrong_digit_in_a_smart_cards_number_is_found(serial: int, place: int, change: int) -> None:
    number = card_number(serial)
    assert is_card_number(number)
    wrong = number[:place] + str((int(number[place]) + change) % 10) + number[place + 1 :]
    assert not is_card_number(wrong)


def test_the_check_digit_is_that_of_the_standard() -> None:
    assert check_digit("0794") == "5"  # the example of ISO/IEC 7064


@given(st.integers(0, 10**9 - 1), st.binary(min_size=16, max_size=32), st.binary(min_size=16, max_size=32))
def test_a_smart_card_is_known_by_any_key_of_ours_and_by_no_other(
    serial: int, key: bytes, other: bytes
) -> None:
    code = read(card_text(card_number(serial), key))
    assert isinstance(code, SmartCardCode)
    assert signed_by(code, [other, key])
    assert signed_by(code, [other]) == (key == other)
    forged = SmartCardCode(code.number, f"{int(code.signature) ^ 1:029d}")
    assert not signed_by(forged, [key])


def test_a_number_that_survived_is_offered() -> None:
    assert read("040085000123||Nguyá»…n|02031985|Nam|X|15082021") == Unreadable(Fault.GARBLED, "040085000123")
