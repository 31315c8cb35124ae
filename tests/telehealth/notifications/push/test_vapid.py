"""RFC 8292, by its own example (§2.4), and our own tokens."""

from datetime import UTC, datetime

import pytest

from telehealth.notifications.push import base64url
from telehealth.notifications.push.vapid import (
    application_server_key,
    authorization,
    claims_of,
    development_key,
    private_key,
)

EXAMPLE = (
    "vapid t=eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXBsZS5uZXQiLCJleHAiOjE0NTM1MjM3NjgsInN1YiI6"
    "Im1haWx0bzpwdXNoQGV4YW1wbGUuY29tIn0.i3CYb7t4xfxCDquptFOepC9GAu_HLGkMlMuCGSK2rpiUfnK9ojFwDXb1JrErtmysazNjjvW2L9OkSSHzvoD1oA,"
    " k=BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs"
)
KEY = private_key(development_key("a secret of the tests"))
NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)


def test_the_example_of_the_rfc_holds() -> None:
    assert claims_of(EXAMPLE) == {
        "aud": "https://push.example.net",
        "exp": 1453523768,
        "sub": "mailto:push@example.com",
    }


def test_a_changed_example_does_not_hold() -> None:
    with pytest.raises(ValueError, match="does not hold"):
        claims_of(EXAMPLE.replace(".eyJhdWQi", ".eyJhdWRi"))


def test_a_token_names_the_service_us_and_its_end() -> None:
    header = authorization(
        "https://push.example.vn:8443/a/b?c", key=KEY, subject="mailto:it@example.vn", now=NOW
    )
    assert claims_of(header) == {
        "aud": "https://push.example.vn:8443",
        "exp": int(NOW.timestamp()) + 12 * 3600,
        "sub": "mailto:it@example.vn",
    }
    assert f"k={application_server_key(KEY)}" in header


def test_the_key_of_a_secret_is_always_the_same() -> None:
    assert development_key("one") == development_key("one") != development_key("two")
    assert len(base64url.decode(application_server_key(private_key(development_key("one"))))) == 65


@pytest.mark.parametrize(
    "text", ["", "AAAA", base64url.encode(bytes(32)), base64url.encode(b"\xff" * 32), "not base64!"]
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        private_key(text)
