"""RFC 8291, by its own example (Appendix A), and there and back."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key, generate_private_key
from hypothesis import given
from hypothesis import strategies as st

from telehealth.notifications.push import base64url
from telehealth.notifications.push.encryption import LONGEST, decrypt, encrypt, point
from telehealth.notifications.push.vapid import private_key

TEXT = b"When I grow up, I want to be a watermelon"
OURS = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
THEIRS = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
THEIR_POINT = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH = base64url.decode("BTBZMqHH6r4Tts7J_aSIgg")
SALT = base64url.decode("DGv6ra1nlYgDCS1FRnbzlw")
BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_"
    "yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)
BROWSER = generate_private_key(SECP256R1())


def test_the_example_of_the_rfc_is_encrypted_byte_for_byte() -> None:
    browser = base64url.decode(THEIR_POINT)
    body = encrypt(TEXT, browser=browser, auth=AUTH, ephemeral=private_key(OURS), salt=SALT)
    assert base64url.encode(body) == BODY


def test_the_example_of_the_rfc_is_decrypted() -> None:
    assert decrypt(base64url.decode(BODY), browser=private_key(THEIRS), auth=AUTH) == TEXT


@given(st.binary(max_size=200), st.binary(min_size=16, max_size=16), st.integers(1, 2**200))
def test_a_browser_reads_what_we_wrote(text: bytes, salt: bytes, number: int) -> None:
    ephemeral = derive_private_key(number, SECP256R1())
    body = encrypt(text, browser=point(BROWSER.public_key()), auth=AUTH, ephemeral=ephemeral, salt=salt)
    assert decrypt(body, browser=BROWSER, auth=AUTH) == text


def test_the_longest_message_fills_4096_bytes_and_one_more_is_refused() -> None:
    browser, ephemeral = point(BROWSER.public_key()), private_key(OURS)
    body = encrypt(b"x" * LONGEST, browser=browser, auth=AUTH, ephemeral=ephemeral, salt=SALT)
    assert len(body) == 4096
    with pytest.raises(ValueError, match="at most"):
        encrypt(b"x" * (LONGEST + 1), browser=browser, auth=AUTH, ephemeral=ephemeral, salt=SALT)


@pytest.mark.parametrize("browser", [b"", b"\x04" + b"\x00" * 64, b"\x02" * 33])
def test_a_malformed_key_is_refused(browser: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        encrypt(TEXT, browser=browser, auth=AUTH, ephemeral=private_key(OURS), salt=SALT)


def test_another_browser_reads_nothing() -> None:
    with pytest.raises(ValueError, match="not a message"):
        decrypt(base64url.decode(BODY), browser=BROWSER, auth=AUTH)
