"""What browsers and providers tell us about messages."""

import json
from hashlib import sha256

import pytest
from django.test import Client
from pytest_django import Settings

from telehealth.core import clock
from telehealth.notifications.domain.telling import notify
from telehealth.notifications.enums import Channel, State
from telehealth.notifications.kinds import Kind
from telehealth.notifications.links import receipt_secret
from telehealth.notifications.models import Delivery
from telehealth.notifications.recipients import ToPhone
from telehealth.notifications.stand_ins.server import running
from tests.factories import World
from tests.telehealth.notifications.sending import sweep
from tests.telehealth.signing_in import SignIn

pytestmark = pytest.mark.django_db

BROWSER = {
    "endpoint": "https://fcm.googleapis.com/fcm/send/a",
    "expirationTime": None,
    "keys": {
        "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "auth": "BTBZMqHH6r4Tts7J_aSIgg",
    },
    "label": "Chrome · Android",
}


def send(client: Client, method: str, told: object) -> int:
    return client.generic(
        method, "/api/notifications/browser/", json.dumps(told), content_type="application/json"
    ).status_code


def test_a_browser_subscribes_and_ends_it(world: World, sign_in: SignIn) -> None:
    client = sign_in(world.doctor)
    assert send(client, "POST", BROWSER) == 201
    assert [row.label for row in world.doctor.user.push_subscriptions.all()] == ["Chrome · Android"]
    assert send(client, "DELETE", {"endpoint": BROWSER["endpoint"]}) == 200
    assert world.doctor.user.push_subscriptions.count() == 0


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ([], 422),
        ({}, 422),
        ({**BROWSER, "endpoint": "http://127.0.0.1:5432/"}, 422),
        ({**BROWSER, "keys": "none"}, 422),
    ],
)
def test_nonsense_subscribes_nothing(told: object, status: int, world: World, sign_in: SignIn) -> None:
    assert send(sign_in(world.doctor), "POST", told) == status
    assert world.doctor.user.push_subscriptions.count() == 0


def test_strangers_subscribe_nothing(client: Client) -> None:
    assert send(client, "POST", BROWSER) == 401


def sent(channel: Channel, settings: Settings, number: str = "0912345678") -> Delivery:
    kind = Kind.ONE_TIME_CODE if channel == Channel.SMS else Kind.BOOKED
    values = {
        Kind.ONE_TIME_CODE: {"code": "482913", "minutes": "5"},
        Kind.BOOKED: {"time": "09:30", "date": "25/11/2026", "code": "NA7K2P"},
    }[kind]
    now = clock.now().replace(hour=5)  # noon in Việt Nam: no quiet hours
    with running() as server:
        settings.STAND_INS = settings.SMS_URL = settings.ZALO_URL = server.origin
        notify(kind=kind, recipient=ToPhone(number), key="1", context=values, now=now)
        sweep(now)
    return Delivery.objects.get(channel=channel, state=State.SENT)


@pytest.mark.parametrize(
    ("report", "state"),
    [
        ("SendStatus=5&SendSuccess=1&SendFailed=0", State.DELIVERED),
        ("SendStatus=5&SendSuccess=0&SendFailed=1", State.FAILED),
        ("SendStatus=7&SendSuccess=0&SendFailed=0", State.SENT),
    ],
)
def test_the_carrier_reports(report: str, state: State, client: Client, settings: Settings) -> None:
    delivery = sent(Channel.SMS, settings)
    address = f"/api/notifications/sms/{receipt_secret()}/?SMSID={delivery.reference}&{report}"
    assert (client.get(address).status_code, client.get(address).status_code) == (200, 200)
    delivery.refresh_from_db()
    assert delivery.state == state


def test_only_the_carrier_reports(client: Client, settings: Settings) -> None:
    delivery = sent(Channel.SMS, settings)
    address = f"/api/notifications/sms/guessed/?SMSID={delivery.reference}&SendStatus=5&SendSuccess=1"
    assert client.get(address).status_code == 404
    delivery.refresh_from_db()
    assert delivery.state == State.SENT


def zalo(client: Client, reference: str, *, secret: str = "oa-secret") -> int:
    body = json.dumps(
        {
            "event_name": "user_received_message",
            "app_id": "123",
            "message": {"msg_id": reference, "delivery_time": "1"},
            "timestamp": "1700000000000",
        }
    )
    mac = sha256(f"123{body}1700000000000{secret}".encode()).hexdigest()
    return client.post(
        "/api/notifications/zalo/",
        body,
        content_type="application/json",
        headers={"X-ZEvent-Signature": f"mac={mac}"},
    ).status_code


def test_zalo_reports_under_its_signature(client: Client, settings: Settings) -> None:
    settings.ZALO_APP_ID, settings.ZALO_WEBHOOK_SECRET = "123", "oa-secret"
    delivery = sent(Channel.ZALO, settings)
    assert zalo(client, delivery.reference, secret="guessed") == 404
    delivery.refresh_from_db()
    assert delivery.state == State.SENT
    assert zalo(client, delivery.reference) == 200
    delivery.refresh_from_db()
    assert delivery.state == State.DELIVERED


def test_without_a_secret_nobody_is_zalo(client: Client, settings: Settings) -> None:
    settings.ZALO_APP_ID, settings.ZALO_WEBHOOK_SECRET = "123", ""
    assert zalo(client, "zns-1", secret="") == 404
