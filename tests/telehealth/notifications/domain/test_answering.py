"""Answers by the link in a message."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from telehealth.audit.models import AuditEntry
from telehealth.core.errors import Conflict, DomainError, Invalid, NotFound
from telehealth.notifications import answers
from telehealth.notifications.answers import CANCEL, CONFIRM, Answers, register
from telehealth.notifications.domain.answering import LINK_DAYS, access_by_token, answer
from telehealth.notifications.domain.telling import notify, settle
from telehealth.notifications.kinds import Kind
from telehealth.notifications.links import link_of, notification_id_of, token_of
from telehealth.notifications.models import Notification
from telehealth.notifications.recipients import ToPhone
from tests.factories import NOW

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
asked: list[tuple[str, str]] = []


def handle(told: Notification, choice: str, now: datetime) -> str:
    if told.key == "full":
        raise Conflict("appointment.gone", "Lịch hẹn này đã hủy.")
    asked.append((told.key, choice))
    return "Đã ghi. Hẹn gặp anh/chị."


@pytest.fixture(autouse=True)
def somebody_who_answers() -> Iterator[None]:
    before = dict(answers._registered)
    register(
        Kind.DAY_BEFORE, Answers((CONFIRM, CANCEL), handle, still=lambda _told, now: now < NOW + 20 * HOUR)
    )
    asked.clear()
    yield
    answers._registered.clear()
    answers._registered.update(before)


def told(key: str = "appointment:1", kind: Kind = Kind.DAY_BEFORE) -> str:
    context = {"time": "09:30", "date": "25/11/2026", "code": "NA7K2P"}
    notify(kind=kind, recipient=ToPhone("0912345678"), key=key, context=context, now=NOW)
    return token_of(Notification.objects.get(key=key, kind=kind).id)


def code_of(token: str, choice: str = "confirm", now: datetime = NOW) -> str:
    with pytest.raises(DomainError) as refused:
        answer(token=token, choice=choice, now=now)
    return refused.value.code


def test_an_answer_is_done_once() -> None:
    token = told()
    assert answer(token=token, choice="confirm", now=NOW) == "Đã ghi. Hẹn gặp anh/chị."
    assert answer(token=token, choice="confirm", now=NOW + HOUR).startswith("Đã ghi câu trả lời này từ trước")
    assert code_of(token, "cancel") == "notification.answered"
    row = Notification.objects.get()
    assert (asked, row.answer, row.answered_at, row.read_at) == (
        [("appointment:1", "confirm")],
        "confirm",
        NOW,
        NOW,
    )
    entry = AuditEntry.objects.get(action="notification.answered")
    assert entry.detail == {"kind": "day_before", "answer": "confirm"}


def test_a_refusal_of_the_handler_leaves_the_message_open() -> None:
    token = told("full")
    assert code_of(token) == "appointment.gone"
    assert Notification.objects.get().answered_at is None


def test_what_no_longer_stands_cannot_be_answered() -> None:
    token = told()
    assert code_of(token, now=NOW + 20 * HOUR) == "notification.no_longer"
    settle(key="appointment:1", now=NOW)
    assert code_of(token) == "notification.no_longer"
    assert asked == []


def test_only_the_choices_of_the_kind_count() -> None:
    assert code_of(told(), "accept") == "notification.choice"
    with pytest.raises(Invalid):
        answer(token=told(kind=Kind.BOOKED), choice="confirm", now=NOW)


def test_a_link_ends() -> None:
    token = told()
    assert access_by_token(token, now=NOW + LINK_DAYS - HOUR).key == "appointment:1"
    with pytest.raises(NotFound):
        access_by_token(token, now=NOW + LINK_DAYS)


@pytest.mark.parametrize("token", ["", "x", "AAAAAAAAAAAAAAAAAA", "é" * 18, "AAAA AAAA", str(UUID(int=1))])
def test_a_forged_link_opens_nothing(token: str) -> None:
    told()
    assert notification_id_of(token) is None
    with pytest.raises(NotFound):
        access_by_token(token, now=NOW)


def test_a_link_is_short_and_has_one_spelling() -> None:
    token = token_of(5)
    assert (len(token), notification_id_of(token)) == (18, 5)
    assert link_of(5).endswith(f"/n/{token}")
    last = token[:-1] + chr(ord(token[-1]) ^ 1)
    assert notification_id_of(last) is None
    assert notification_id_of(token_of(2**40 - 1)) == 2**40 - 1
