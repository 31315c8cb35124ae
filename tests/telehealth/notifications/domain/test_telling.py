"""Telling, once; and taking back."""

from datetime import timedelta
from threading import Barrier, Thread
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction

from telehealth.accounts.enums import Role
from telehealth.core import announce
from telehealth.core.errors import Invalid
from telehealth.core.models import OutboxEntry
from telehealth.notifications.domain.reading import mark_read, shown_to, unread_count
from telehealth.notifications.domain.telling import notify, notify_all, settle
from telehealth.notifications.enums import Channel, Event, State
from telehealth.notifications.kinds import Kind
from telehealth.notifications.models import Delivery, DeliveryLogEntry, Notification
from telehealth.notifications.recipients import ToPhone, ToUser
from tests.factories import NOW, make_facility, make_person

pytestmark = pytest.mark.django_db

PHONE = ToPhone("0912 345 678")
BOOKED = {"time": "09:30", "date": "25/11/2026", "code": "NA7K2P"}


def book(key: str = "appointment:1", **more: object) -> None:
    notify(kind=Kind.BOOKED, recipient=PHONE, key=key, context=BOOKED, now=NOW, **more)  # type: ignore[arg-type]


def ways() -> list[tuple[str, int, object, str]]:
    rows = Delivery.objects.order_by("step", "channel")
    return [(row.channel, row.step, row.due_at, row.state) for row in rows]


def log() -> list[tuple[str, str]]:
    channels = dict(Delivery.objects.values_list("id", "channel"))
    return [(channels[e.delivery_id], e.event) for e in DeliveryLogEntry.objects.order_by("id")]


def test_a_telephone_is_told_by_zalo_and_by_sms_if_that_fails() -> None:
    book()
    told = Notification.objects.get()
    assert (told.kind, told.phone, told.values, told.not_before) == ("booked", "+84912345678", BOOKED, NOW)
    assert ways() == [
        (Channel.ZALO, 0, NOW, State.WAITING),
        (Channel.SMS, 1, None, State.WAITING),
    ]
    assert log() == [(Channel.ZALO, Event.QUEUED), (Channel.SMS, Event.QUEUED)]


def test_a_repeat_of_a_key_tells_nothing() -> None:
    book()
    book()
    assert (Notification.objects.count(), Delivery.objects.count()) == (1, 2)
    book("appointment:2")
    assert (Notification.objects.count(), Delivery.objects.count()) == (2, 4)


def test_somebody_with_an_account_sees_it_at_once() -> None:
    person = make_person(make_facility(), Role.DOCTOR)
    notify(
        kind=Kind.REQUEST_CLAIMED,
        recipient=ToUser(person.user.pk),
        key="request:1",
        context={},
        now=NOW,
        path="/requests/1/",
    )
    assert ways() == [
        (Channel.IN_APP, 0, NOW, State.DELIVERED),
        (Channel.WEB_PUSH, 0, NOW, State.WAITING),
    ]
    assert unread_count(person.user) == 1
    [hint] = OutboxEntry.objects.filter(topic="inbox")
    assert hint.payload == {"users": [str(person.user.pk)], "topics": ["notifications"], "ring": None}


def test_what_comes_later_is_not_shown_now() -> None:
    person = make_person(make_facility(), Role.DOCTOR)
    tomorrow = NOW + timedelta(days=1)
    notify(
        kind=Kind.CONSULTATION_SOON,
        recipient=ToUser(person.user.pk),
        key="consultation:1",
        context={"time": "14:00"},
        now=NOW,
        not_before=tomorrow,
    )
    assert unread_count(person.user) == 0
    assert {row[2] for row in ways()} == {tomorrow}
    assert Notification.objects.get().expires_at == tomorrow + timedelta(minutes=30)


def test_many_are_told_in_as_many_statements_as_one() -> None:
    facility = make_facility()
    people = [make_person(facility, Role.SPECIALIST).user.pk for _ in range(12)]

    def ring(key: str, users: list[UUID]) -> int:
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as queries:
            notify_all(
                kind=Kind.REQUEST_RINGING,
                recipients=map(ToUser, users),
                key=key,
                context={},
                now=NOW,
                facility_id=facility.id,
            )
        return len(queries)

    assert ring("request:1", people) == ring("request:2", people[:1])
    assert Notification.objects.filter(key="request:1", shown_at=NOW).count() == 12
    assert OutboxEntry.objects.filter(payload__facility=str(facility.id)).count() == 1


def test_what_no_longer_holds_is_not_sent_and_not_unread() -> None:
    person = make_person(make_facility(), Role.DOCTOR)
    for key in ("request:1", "request:2"):
        notify(kind=Kind.REQUEST_RINGING, recipient=ToUser(person.user.pk), key=key, context={}, now=NOW)
    settle(key="request:1", now=NOW)
    settle(key="request:1", now=NOW)
    assert unread_count(person.user) == 1
    assert Delivery.objects.get(channel=Channel.WEB_PUSH, notification__key="request:1").code == "settled"
    assert log().count((Channel.WEB_PUSH, Event.SKIPPED)) == 1


def test_settling_one_kind_leaves_the_others() -> None:
    book()
    settle(key="appointment:1", kinds=[Kind.DAY_BEFORE], now=NOW)
    assert {row[3] for row in ways()} == {State.WAITING}


def test_reading_stops_what_still_waits() -> None:
    person = make_person(make_facility(), Role.DOCTOR)
    notify(kind=Kind.REQUEST_CLAIMED, recipient=ToUser(person.user.pk), key="1", context={}, now=NOW)
    told = shown_to(person.user).get()
    mark_read(user=person.user, notification_ids=[told.id], now=NOW)
    mark_read(user=person.user, notification_ids=None, now=NOW)
    assert unread_count(person.user) == 0
    assert Delivery.objects.get(channel=Channel.WEB_PUSH).code == "read"
    assert log()[-2:] == [(Channel.WEB_PUSH, Event.SKIPPED), (Channel.IN_APP, Event.READ)]


def test_nobody_reads_for_somebody_else() -> None:
    facility = make_facility()
    person, other = make_person(facility, Role.DOCTOR), make_person(facility, Role.DOCTOR)
    notify(kind=Kind.REQUEST_CLAIMED, recipient=ToUser(person.user.pk), key="1", context={}, now=NOW)
    mark_read(user=other.user, notification_ids=[shown_to(person.user).get().id], now=NOW)
    assert unread_count(person.user) == 1


@pytest.mark.parametrize(
    "context",
    [
        {},
        {**BOOKED, "code": "Nguyễn Văn An"},
        {**BOOKED, "name": "AN"},
        {"time": "09:30", "date": "25/11/2026"},
    ],
)
def test_a_message_takes_exactly_the_values_of_its_blanks(context: dict[str, str]) -> None:
    with pytest.raises(Invalid) as refused:
        notify(kind=Kind.BOOKED, recipient=PHONE, key="1", context=context, now=NOW)
    assert refused.value.code == "notification.values"
    assert not Notification.objects.exists()


@pytest.mark.parametrize("path", ["https://example.com/", "//example.com/", "requests/"])
def test_a_message_leads_to_our_own_site(path: str) -> None:
    with pytest.raises(Invalid):
        book(path=path)


def test_history_tells_nobody() -> None:
    with announce.silence():
        book()
    assert not Notification.objects.exists()


def test_a_message_goes_back_with_its_transaction() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        book()
        raise RuntimeError
    assert not Notification.objects.exists()


def test_the_log_cannot_be_changed() -> None:
    book()
    with pytest.raises(DatabaseError), transaction.atomic():
        DeliveryLogEntry.objects.update(event=Event.SENT)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_tell_it_once() -> None:
    together = Barrier(4)

    def tell() -> None:
        together.wait()
        book()
        connection.close()

    threads = [Thread(target=tell) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (Notification.objects.count(), Delivery.objects.count()) == (1, 2)
