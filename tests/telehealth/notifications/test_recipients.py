"""Telephone numbers and addresses."""

from uuid import UUID

import pytest

from telehealth.core.errors import Invalid
from telehealth.notifications.recipients import ToEmail, ToPhone, ToUser, check_recipient, e164, masked


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("0912 345 678", "+84912345678"),
        ("84912345678", "+84912345678"),
        ("+84 (0)".replace("(0)", "") + "35-123.45.67", "+84351234567"),
        ("+856 20 5512 3456", "+8562055123456"),
    ],
)
def test_numbers_become_e164(typed: str, number: str) -> None:
    assert e164(typed) == number


@pytest.mark.parametrize(
    "typed", ["", "0238 3844 528", "12345", "+84 238 384", "mẹ", "0912 345 6789", "+84012345678"]
)
def test_what_is_no_mobile_is_refused(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        e164(typed)
    assert refused.value.code == "phone.malformed"


def test_an_address_tells_recipients_apart() -> None:
    someone = UUID(int=7)
    assert ToUser(someone).address == f"user:{someone}"
    assert ToPhone("+84912345678").address == "phone:+84912345678"
    assert ToEmail("An@Example.vn").address == "email:an@example.vn"


def test_a_malformed_address_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        check_recipient(ToEmail("an@"))
    assert refused.value.code == "email.malformed"


def test_a_log_shows_the_end_of_a_number_only() -> None:
    assert masked("+84912345678") == "+84 ••• ••• 678"
    assert masked("113") == "•••"
