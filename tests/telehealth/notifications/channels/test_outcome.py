"""What HTTP says about whether a message went out."""

import socket
from datetime import timedelta

import httpx
import pytest

from telehealth.notifications.channels.outcome import LONGEST_WAIT, Outcome, Result, body_of, post


def answered(status: int, **headers: str) -> httpx.Response | Outcome:
    transport = httpx.MockTransport(lambda _request: httpx.Response(status, headers=headers))
    with httpx.Client(transport=transport) as client:
        return post(client, "http://provider.example.vn/")


def test_a_server_that_never_answers_may_have_sent_it() -> None:
    patience = httpx.Timeout(30, read=0.05)
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        httpx.Client(timeout=patience, trust_env=False) as client,
    ):
        outcome = post(client, f"http://127.0.0.1:{silent.getsockname()[1]}/", json={})
    assert outcome == Outcome(Result.UNKNOWN, "no_answer")


def test_a_server_that_is_away_has_not() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with httpx.Client(timeout=30, trust_env=False) as client:
        assert post(client, f"http://127.0.0.1:{port}/") == Outcome(Result.LATER, "unreachable")


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (429, Outcome(Result.LATER, "throttled")),
        (503, Outcome(Result.LATER, "busy")),
        (500, Outcome(Result.UNKNOWN, "server_error")),
        (502, Outcome(Result.UNKNOWN, "server_error")),
        (504, Outcome(Result.UNKNOWN, "server_error")),
    ],
)
def test_only_too_busy_means_not_sent(status: int, outcome: Outcome) -> None:
    assert answered(status) == outcome


@pytest.mark.parametrize(
    ("value", "after"),
    [
        ("7", timedelta(seconds=7)),
        ("86400", LONGEST_WAIT),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
        ("-1", None),
    ],
)
def test_the_provider_says_how_long_to_wait(value: str, after: timedelta | None) -> None:
    assert answered(429, **{"Retry-After": value}) == Outcome(Result.LATER, "throttled", after=after)


@pytest.mark.parametrize("content", [b"", b"<html>", b"[1]", b"\xff"])
def test_an_answer_that_makes_no_sense_is_empty(content: bytes) -> None:
    assert body_of(httpx.Response(200, content=content)) == {}
