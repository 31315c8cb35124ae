"""What came of sending, and how HTTP says it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto
from typing import Any
from uuid import UUID

import httpx

TIMEOUT = httpx.Timeout(connect=3, read=6, write=5, pool=3)
LONGEST_WAIT = timedelta(minutes=30)


class Result(Enum):
    SENT = auto()  # taken by the provider
    REFUSED = auto()  # said no: this channel will not do
    LATER = auto()  # surely not sent, worth another try
    UNKNOWN = auto()  # an answer is missing: it may have been sent


@dataclass(frozen=True)
class Outcome:
    """`code` is for the log: never a number, a name or the provider's words. `gone` are push subscriptions that are over."""

    result: Result
    code: str = ""
    reference: str = ""
    after: timedelta | None = None
    gone: tuple[UUID, ...] = ()


@dataclass(frozen=True)
class Message:
    """What an adapter needs. `reference` is ours, the same at every attempt."""

    kind: str
    reference: str
    language: str
    title: str
    body: str
    with_link: str
    sms: str
    link: str
    values: Mapping[str, str]


def post(client: httpx.Client, url: str, **request: Any) -> httpx.Response | Outcome:
    """Send; return the answer, or the outcome when there was none that says anything.

    Nothing was sent when no connection came about, or when the server says it is too busy. Any other silence means that it
    may have been.
    """
    try:
        response = client.post(url, **request)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
        return Outcome(Result.LATER, "unreachable")
    except httpx.TimeoutException:
        return Outcome(Result.UNKNOWN, "no_answer")
    except httpx.HTTPError:
        return Outcome(Result.UNKNOWN, "cut_off")
    if response.status_code in {429, 503}:
        code = "throttled" if response.status_code == 429 else "busy"
        return Outcome(Result.LATER, code, after=_retry_after(response))
    if response.status_code >= 500:
        return Outcome(Result.UNKNOWN, "server_error")
    return response


def body_of(response: httpx.Response) -> dict[str, Any]:
    """Return the JSON object of an answer; empty when it is none."""
    try:
        data = response.json()
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def _retry_after(response: httpx.Response) -> timedelta | None:
    """RFC 9110 §10.2.3, in seconds; a date is not honoured."""
    value = response.headers.get("Retry-After", "")
    return min(timedelta(seconds=int(value)), LONGEST_WAIT) if value.isdecimal() else None
