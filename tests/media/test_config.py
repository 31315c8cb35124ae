"""Settings: a bad value is named."""

import pytest

from media.config import BadConfig, Config, Listen, read_config

GOOD = {"MEDIA_SECRET": "sixteen characters", "MEDIA_NODE_NAME": "node-1"}


def test_defaults_are_for_development() -> None:
    assert read_config(GOOD) == Config(
        name="node-1",
        control=Listen("127.0.0.1", 7900),
        udp=Listen("0.0.0.0", 7901),
        announce=("127.0.0.1",),
        secret=b"sixteen characters",
    )


def test_everything_can_be_set() -> None:
    config = read_config(
        GOOD
        | {
            "MEDIA_CONTROL_LISTEN": "[::1]:0",
            "MEDIA_UDP_LISTEN": "[::]:9000",
            "MEDIA_ANNOUNCE": "2001:db8::1, 2001:db8::2",
        }
    )
    assert (config.control, config.udp, config.announce) == (
        Listen("::1", 0),
        Listen("::", 9000),
        ("2001:db8::1", "2001:db8::2"),
    )


def test_the_name_follows_the_control_port() -> None:
    config = read_config({"MEDIA_SECRET": "sixteen characters", "MEDIA_CONTROL_LISTEN": "127.0.0.1:7910"})
    assert config.name.endswith("-7910")


def test_the_secret_is_not_shown() -> None:
    assert "sixteen" not in repr(read_config(GOOD))


@pytest.mark.parametrize(
    "change",
    [
        {"MEDIA_SECRET": ""},
        {"MEDIA_SECRET": "short"},
        {"MEDIA_NODE_NAME": "a name with spaces"},
        {"MEDIA_CONTROL_LISTEN": "localhost:7900"},
        {"MEDIA_CONTROL_LISTEN": "127.0.0.1"},
        {"MEDIA_UDP_LISTEN": "0.0.0.0:70000"},
        {"MEDIA_UDP_LISTEN": "0.0.0.0:port"},
        {"MEDIA_ANNOUNCE": "media.example.org"},
        {"MEDIA_ANNOUNCE": "2001:db8::1"},
        {"TELEHEALTH_ENV": "production", "MEDIA_ANNOUNCE": ""},
    ],
)
def test_a_bad_value_is_named(change: dict[str, str]) -> None:
    variable = "MEDIA_ANNOUNCE" if "TELEHEALTH_ENV" in change else next(iter(change))
    with pytest.raises(BadConfig, match=variable):
        read_config(GOOD | change)
