"""Announcements survive a failing subscriber."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from telehealth.core import announce
from telehealth.core.counters import next_number
from telehealth.core.models import OutboxEntry
from tests.factories import NOW

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def heard() -> Iterator[list[dict[str, Any]]]:
    calls: list[dict[str, Any]] = []
    announce.subscribe("test.heard", calls.append)
    yield calls
    announce._subscribers.pop("test.heard")


def test_an_announcement_is_delivered_after_the_commit_and_forgotten(heard: list[dict[str, Any]]) -> None:
    with transaction.atomic():
        announce.announce_on_commit("test.heard", now=NOW, n=1)
        assert heard == []
    assert heard == [{"n": 1}]
    assert not OutboxEntry.objects.exists()


def test_a_rolled_back_announcement_is_never_heard(heard: list[dict[str, Any]]) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        announce.announce_on_commit("test.heard", now=NOW, n=1)
        raise RuntimeError
    assert heard == []


def test_what_was_not_delivered_is_relayed_later_once() -> None:
    up: list[bool] = []
    calls: list[dict[str, Any]] = []

    def deliver(payload: dict[str, Any]) -> None:
        if not up:
            raise ConnectionError
        calls.append(payload)

    announce.subscribe("test.flaky", deliver)
    try:
        with transaction.atomic():
            announce.announce_on_commit("test.flaky", now=NOW, n=2)
        later = NOW + timedelta(seconds=10)
        assert announce.relay_outbox(now=later) == 0
        up.append(True)
        assert announce.relay_outbox(now=later) == 1
        assert announce.relay_outbox(now=later) == 0
        assert calls == [{"n": 2}]
    finally:
        announce._subscribers.pop("test.flaky")


def test_numbers_have_no_gaps_after_a_rollback() -> None:
    with transaction.atomic():
        assert next_number("test") == 1
    with pytest.raises(RuntimeError), transaction.atomic():
        next_number("test")
        raise RuntimeError
    with transaction.atomic():
        assert next_number("test") == 2
