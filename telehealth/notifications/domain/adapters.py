"""From a claimed delivery to what will send it: whom, what, by which account. After this nothing asks the database."""

from collections.abc import Callable
from datetime import datetime

import httpx

from telehealth.notifications import accounts
from telehealth.notifications.catalogue import spec_of
from telehealth.notifications.channels import email, sms, web_push, zalo
from telehealth.notifications.channels.outcome import Message, Outcome, Result
from telehealth.notifications.domain.telling import phone_of
from telehealth.notifications.enums import Channel
from telehealth.notifications.links import link_of
from telehealth.notifications.models import Delivery, Notification, PushSubscription
from telehealth.notifications.rendering import render

Job = Callable[[], Outcome]

HERE = "/notifications/"
"""Where a push leads that is about no page."""


def prepare(delivery: Delivery, *, client: httpx.Client, now: datetime) -> Job:
    """Return the function that sends one claimed delivery; it may be called in any thread."""
    told = delivery.notification
    message = _message(delivery)
    match Channel(delivery.channel):
        case Channel.SMS:
            carrier, number = accounts.sms_account(), _phone(told)
            return lambda: sms.send(client, carrier, number, message) if number else _nowhere()
        case Channel.ZALO:
            zns, number = accounts.zalo_account(), _phone(told)
            return lambda: zalo.send(client, zns, number, message) if number else _nowhere()
        case Channel.EMAIL:
            address = told.email or (told.user.email if told.user else "")
            return lambda: email.send(address, message) if address else _nowhere()
        case Channel.WEB_PUSH:
            sender, browsers = accounts.push_sender(), _browsers(told)
            spec = spec_of(told.kind)
            return lambda: web_push.send(
                client,
                sender,
                browsers,
                message,
                path=told.path or HERE,
                good_for=told.expires_at - now,
                urgent=told.red or spec.wakes,
                now=now,
            )
        case Channel.IN_APP:
            raise AssertionError("in-app messages do not leave the house")


def _nowhere() -> Outcome:
    return Outcome(Result.REFUSED, "no_address")


def _phone(told: Notification) -> str:
    return told.phone or (phone_of(told.user) if told.user else "")


def _browsers(told: Notification) -> list[web_push.Browser]:
    rows = PushSubscription.objects.filter(user=told.user_id)
    return [web_push.Browser(row.id, row.endpoint, row.p256dh, row.auth) for row in rows]


def _message(delivery: Delivery) -> Message:
    told = delivery.notification
    words = render(told)
    return Message(
        kind=told.kind,
        reference=str(delivery.id),
        language=told.language,
        title=words.title,
        body=words.body,
        with_link=words.with_link,
        sms=words.sms,
        link=link_of(told.id),
        values=told.values,
    )
