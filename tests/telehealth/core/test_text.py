"""Folding and cleaning of Vietnamese text; ids."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth.core.errors import Invalid
from telehealth.core.ids import uuid7
from telehealth.core.text import MAX_TEXT, clean, clean_limited, fold, given_name_first


def test_fold_makes_spellings_equal() -> None:
    assert fold("Thái Hoà") == fold("THÁI  HÒA") == "thai hoa"
    assert fold("Đặng") == "dang"


def test_given_name_comes_first() -> None:
    assert given_name_first("Nguyễn Thị Lan Anh") == "anh nguyen thi lan"
    assert given_name_first("Lan") == "lan"


@given(st.text())
def test_fold_and_clean_are_idempotent(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert clean(clean(text)) == clean(text)
    assert "\x00" not in clean(text)


def test_text_beyond_the_limit_is_refused_with_its_field() -> None:
    assert clean_limited("ạ" * MAX_TEXT + "  \n", field="reason") == "ạ" * MAX_TEXT
    with pytest.raises(Invalid) as refused:
        clean_limited("ạ" * (MAX_TEXT + 1), field="reason")
    assert (refused.value.code, refused.value.detail) == ("draft.too_long", {"field": "reason"})


def test_ids_are_version_7_and_sort_by_time() -> None:
    ids = [uuid7() for _ in range(50)]
    assert {(i.version, i.variant) for i in ids} == {(7, "specified in RFC 4122")}
    assert [i.int >> 80 for i in ids] == sorted(i.int >> 80 for i in ids)
