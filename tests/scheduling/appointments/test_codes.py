"""Codes, links and the QR of a registration."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.appointments.codes import (
    ALPHABET,
    CODE_LENGTH,
    LINK_LENGTH,
    clean_code,
    make_code,
    make_link,
    qr_text,
    read_qr,
)

codes = st.text(alphabet=ALPHABET, min_size=CODE_LENGTH, max_size=CODE_LENGTH)


def test_a_code_has_no_letters_that_are_mistaken_for_others() -> None:
    assert not set(ALPHABET) & set("0OQ1IL5S8BUV")
    assert make_code(Random(1).choice) == make_code(Random(1).choice)
    assert len(make_link(Random(1).choice)) == LINK_LENGTH


@pytest.mark.parametrize("typed", ["NA7K2P", "na7k2p", " na7 k2p ", "NA7-K2P", "na7.k2p"])
def test_a_code_is_read_however_it_is_typed(typed: str) -> None:
    assert clean_code(typed) == "NA7K2P"


@pytest.mark.parametrize("typed", ["", "NA7K2", "NA7K2PP", "NA7K20", "NA7K2Ô", "'; --"])
def test_what_cannot_be_a_code_is_none(typed: str) -> None:
    assert clean_code(typed) is None


@settings(deadline=None)
@given(codes)
def test_a_qr_says_its_code(code: str) -> None:
    assert (read_qr(qr_text(code)), read_qr(qr_text(code).lower() + "\r\n")) == (code, code)


@settings(deadline=None)
@given(codes, st.integers(0, CODE_LENGTH - 1), st.sampled_from(ALPHABET))
def test_one_wrong_character_of_a_qr_is_noticed(code: str, place: int, other: str) -> None:
    wrong = code[:place] + other + code[place + 1 :]
    garbled = qr_text(code).replace(code, wrong)
    assert read_qr(garbled) == (code if wrong == code else None)


@settings(deadline=None)
@given(codes, st.integers(0, CODE_LENGTH - 2))
def test_two_neighbours_exchanged_are_noticed(code: str, place: int) -> None:
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert read_qr(qr_text(code).replace(code, swapped)) == (code if swapped == code else None)


@pytest.mark.parametrize(
    "text", ["", "NADK:", "NADK:NA7K2P", "NADK:NA7K2PPP", "https://example.org", "NADK:NA7K2\n"]
)
def test_what_is_cut_off_or_something_else_is_none(text: str) -> None:
    assert read_qr(text) is None
