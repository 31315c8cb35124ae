"""Time-limited TURN credentials, as coturn checks them."""

import pytest

from media.turn import ice_servers

URLS = ["turn:turn.example.org:3478?transport=udp", "turns:turn.example.org:443?transport=tcp"]
NOW = 1_795_500_000.7


def test_credentials_are_expiry_and_name_under_the_secret() -> None:
    # printf 1795500600:c0ffee | openssl dgst -sha1 -hmac north -binary | base64
    assert ice_servers(urls=URLS, secret="north", name="c0ffee", now=NOW, ttl=600) == [
        {
            "urls": URLS,
            "username": "1795500600:c0ffee",
            "credential": "pSH2WBolEYKWRdrnkw755oOhpok=",
        }
    ]


@pytest.mark.parametrize(("urls", "secret"), [([], "north"), (URLS, ""), ([], "")])
def test_without_addresses_or_secret_there_is_no_turn(urls: list[str], secret: str) -> None:
    assert ice_servers(urls=urls, secret=secret, name="c0ffee", now=NOW, ttl=600) == []
