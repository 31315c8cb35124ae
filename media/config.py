"""The node's settings, from the environment. A bad value stops the start and is named."""

import ipaddress
import os
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
MIN_SECRET = 16


class BadConfig(ValueError):
    """A setting cannot be used. The text names the variable and the cure."""


@dataclass(frozen=True, slots=True)
class Listen:
    """A host and port to bind; port 0 takes a free one."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Config:
    """Settings of one media node."""

    name: str
    control: Listen
    udp: Listen
    announce: tuple[str, ...]
    """Addresses put into the offer: what a browser can reach."""
    secret: bytes = field(repr=False)
    """Key of grants and control tokens, shared with the web process."""


def read_config(environ: Mapping[str, str] = os.environ) -> Config:
    """Read `MEDIA_*`.

    Raises:
        BadConfig: a value is missing or wrong.
    """
    control = _listen(environ, "MEDIA_CONTROL_LISTEN", "127.0.0.1:7900")
    name = environ.get("MEDIA_NODE_NAME") or f"{socket.gethostname()}-{control.port}"
    if not _NAME.fullmatch(name):
        raise BadConfig("MEDIA_NODE_NAME must be letters, digits, dots and dashes, at most 63 of them")
    secret = environ.get("MEDIA_SECRET", "").encode()
    if len(secret) < MIN_SECRET:
        raise BadConfig(
            f"MEDIA_SECRET must be set to at least {MIN_SECRET} characters, the same as in the web process"
        )
    udp = _listen(environ, "MEDIA_UDP_LISTEN", "0.0.0.0:7901")
    announce = tuple(filter(None, (part.strip() for part in environ.get("MEDIA_ANNOUNCE", "").split(","))))
    if not announce:
        if environ.get("TELEHEALTH_ENV", "development") == "production":
            raise BadConfig("MEDIA_ANNOUNCE must name the addresses at which browsers reach this node")
        announce = ("127.0.0.1",)
    wanted = 6 if ":" in udp.host else 4
    for address in announce:
        try:
            version = ipaddress.ip_address(address).version
        except ValueError as error:
            raise BadConfig(f"MEDIA_ANNOUNCE has {address!r}, which is no IP address") from error
        if version != wanted:
            raise BadConfig(f"MEDIA_ANNOUNCE has {address}, but MEDIA_UDP_LISTEN is IPv{wanted}")
    return Config(name=name, control=control, udp=udp, announce=announce, secret=secret)


def _listen(environ: Mapping[str, str], variable: str, default: str) -> Listen:
    value = environ.get(variable) or default
    host, colon, port = value.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    try:
        ipaddress.ip_address(host)
        number = int(port)
    except ValueError as error:
        raise BadConfig(f"{variable} must be address:port, not {value!r}") from error
    if not colon or not 0 <= number <= 65535:
        raise BadConfig(f"{variable} must be address:port with a port up to 65535, not {value!r}")
    return Listen(host, number)
