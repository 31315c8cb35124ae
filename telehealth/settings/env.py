"""Typed readers of environment variables. A missing or malformed one stops the start, by name."""

import os
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str | None = None) -> str:
    """Return the variable; without a default it must be set."""
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"{name} is not set.")
    return value


def choice(name: str, allowed: tuple[str, ...], default: str) -> str:
    value = text(name, default)
    if value not in allowed:
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be one of {', '.join(allowed)}.")
    return value


def flag(name: str, *, default: bool) -> bool:
    value = text(name, "1" if default else "0").lower()
    if value not in {"0", "1", "true", "false"}:
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be 0 or 1.")
    return value in {"1", "true"}


def number(name: str, default: int) -> int:
    value = text(name, str(default))
    try:
        return int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be a whole number.") from None


def words(name: str, default: str = "") -> list[str]:
    """Return a comma-separated list."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def pairs(name: str) -> dict[str, str]:
    """Return a comma-separated list of `key=value` as a mapping."""
    found: dict[str, str] = {}
    for word in words(name):
        key, equals, value = word.partition("=")
        if not (key and equals and value):
            raise ImproperlyConfigured(f"{name} must look like key=value,key=value.")
        found[key.strip()] = value.strip()
    return found


def email(name: str) -> tuple[str, int, str, str, bool] | None:
    """Return host, port, user, password and whether to use STARTTLS, from `smtp://user:password@host:587`; None when unset.

    `smtp` speaks STARTTLS, `smtp+plain` does not (a relay on the same machine).
    """
    value = text(name, "")
    if not value:
        return None
    url = urlsplit(value)
    if url.scheme not in {"smtp", "smtp+plain"} or not url.hostname:
        raise ImproperlyConfigured(f"{name} must look like smtp://user:password@host:587.")
    secure = url.scheme == "smtp"
    port = url.port or (587 if secure else 25)
    return url.hostname, port, unquote(url.username or ""), unquote(url.password or ""), secure


def database(name: str, default: str | None = None) -> dict[str, str]:
    """Return Django's NAME, USER, PASSWORD, HOST, PORT from `postgresql://user:password@host:port/name`.

    A unix socket is given as `postgresql:///name?host=/folder&user=postgres`.
    """
    value = text(name, default)
    url = urlsplit(value)
    if url.scheme not in {"postgresql", "postgres"} or len(url.path) < 2:
        raise ImproperlyConfigured(f"{name} must look like postgresql://user:password@host:5432/name.")
    query = {key: values[-1] for key, values in parse_qs(url.query).items()}
    return {
        "NAME": unquote(url.path[1:]),
        "USER": unquote(url.username or query.get("user", "")),
        "PASSWORD": unquote(url.password or query.get("password", "")),
        "HOST": url.hostname or query.get("host", ""),
        "PORT": str(url.port or query.get("port", "")),
    }


def redis_locations(name: str, default: str | None = None) -> tuple[str, str]:
    """Return the URL for redis clients and the same one as Celery spells it."""
    url = text(name, default)
    if url.startswith("unix://"):
        return url, "redis+socket://" + url.removeprefix("unix://")
    if url.startswith(("redis://", "rediss://")):
        return url, url
    raise ImproperlyConfigured(f"{name} must start with redis://, rediss:// or unix://.")
