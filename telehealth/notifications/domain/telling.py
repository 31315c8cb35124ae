"""Telling somebody something, and taking it back. In the caller's transaction: no booking without its message, nor the reverse."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from telehealth.accounts.models import User
from telehealth.core import announce
from telehealth.core.errors import Invalid
from telehealth.notifications.catalogue import spec_of
from telehealth.notifications.enums import Channel, Event, State
from telehealth.notifications.kinds import Kind, Spec
from telehealth.notifications.models import Delivery, DeliveryLogEntry, Notification
from telehealth.notifications.recipients import (
    Recipient,
    ToEmail,
    ToPhone,
    ToUser,
    check_recipient,
    e164,
)
from telehealth.notifications.rules import plan
from telehealth.notifications.values import check_values

BELL = "notifications"
"""The topic of the inbox under which the bell listens."""

MANY = 8
"""With more recipients at one facility than this, one hint to the facility costs less than one to each."""


def notify(
    *,
    kind: Kind,
    recipient: Recipient,
    key: str,
    context: Mapping[str, str],
    now: datetime,
    not_before: datetime | None = None,
    red: bool = False,
    facility_id: UUID | None = None,
    path: str = "",
    language: str = "vi",
) -> None:
    """Tell one recipient something, once per `kind` and `key`; a repeat does nothing.

    Args:
        key: what it is about, at most 120 characters, e.g. `appointment:<id>:<version>`; `settle` takes it back by this.
        context: the values of the template's blanks (`values.BLANKS`), never words.
        not_before: send and show it then, not now.
        red: a red alert: quiet hours and wishes do not stop it.
        facility_id: about which facility it is, for wishes and the delivery log.
        path: the page of our own site it leads to; where the link in the message goes.

    Raises:
        Invalid: `notification.values`, `notification.path`, `phone.malformed`, `email.malformed`.
    """
    notify_all(
        kind=kind,
        recipients=[recipient],
        key=key,
        context=context,
        now=now,
        not_before=not_before,
        red=red,
        facility_id=facility_id,
        path=path,
        language=language,
    )


@transaction.atomic
def notify_all(
    *,
    kind: Kind,
    recipients: Iterable[Recipient],
    key: str,
    context: Mapping[str, str],
    now: datetime,
    not_before: datetime | None = None,
    red: bool = False,
    facility_id: UUID | None = None,
    path: str = "",
    language: str = "vi",
) -> None:
    """Tell many the same, in as many statements as one. As `notify`."""
    spec = spec_of(kind)
    values = check_values(spec.blanks, context)
    if path and (not path.startswith("/") or path.startswith("//")):
        raise Invalid("notification.path", "A path of our own site begins with one slash.")
    addressed = {recipient.address: recipient for recipient in map(_normal, recipients)}
    if not addressed or announce.is_silent():
        return
    begin = max(now, not_before or now)
    Notification.objects.bulk_create(
        [
            Notification(
                kind=kind,
                key=key,
                address=address,
                facility_id=facility_id,
                values=values,
                path=path,
                language=language,
                red=red,
                created_at=now,
                not_before=begin,
                expires_at=begin + spec.good_for,
                **_columns(recipient),
            )
            for address, recipient in addressed.items()
        ],
        ignore_conflicts=True,
    )
    fresh = list(
        Notification.objects.filter(
            kind=kind, key=key, address__in=addressed, deliveries__isnull=True
        ).select_related("user")
    )
    _queue(spec, fresh, begin=begin, now=now)


@transaction.atomic
def settle(*, key: str, now: datetime, kinds: Iterable[Kind] = Kind, users: Iterable[UUID] = ()) -> None:
    """Stop telling what no longer holds: what waits is not sent, what is under the bell counts as seen.

    With `users` only for these; nothing that was sent can be fetched back.
    """
    rows = Notification.objects.filter(key=key, kind__in=list(kinds), settled_at__isnull=True)
    if only := list(users):
        rows = rows.filter(user__in=only)
    told = list(rows.select_for_update().order_by("id").values_list("id", "user_id", "shown_at", "read_at"))
    Notification.objects.filter(id__in=[row[0] for row in told]).update(settled_at=now)
    skip_waiting([row[0] for row in told], "settled", now=now)
    tell_bells(
        [user for _id, user, shown, read in told if user is not None and shown and not read], None, now=now
    )


def skip_waiting(notification_ids: Sequence[int], code: str, *, now: datetime) -> None:
    """Let what still waits of these messages not be sent."""
    waiting = Delivery.objects.filter(notification_id__in=notification_ids, state=State.WAITING)
    ids = list(waiting.select_for_update(skip_locked=True).order_by("id").values_list("id", flat=True))
    Delivery.objects.filter(id__in=ids).update(state=State.SKIPPED, code=code)
    write_log(ids, Event.SKIPPED, now=now, code=code)


def write_log(delivery_ids: Iterable[UUID], event: Event, *, now: datetime, code: str = "") -> None:
    """Append the same line for each delivery."""
    DeliveryLogEntry.objects.bulk_create(
        DeliveryLogEntry(delivery_id=delivery_id, at=now, event=event, code=code)
        for delivery_id in delivery_ids
    )


def tell_bells(user_ids: Iterable[UUID], facility_id: UUID | None, *, now: datetime) -> None:
    """Let the bells of these people's open pages look again."""
    users = sorted({str(user) for user in user_ids})
    if len(users) > MANY and facility_id:
        announce.announce_on_commit("inbox", now=now, facility=str(facility_id), topics=[BELL], ring=None)
    elif users:
        announce.announce_on_commit("inbox", now=now, users=users, topics=[BELL], ring=None)


def show(notifications: Sequence[Notification], *, now: datetime) -> None:
    """Put messages under the bell."""
    Notification.objects.filter(id__in=[n.id for n in notifications]).update(shown_at=now)


def _queue(spec: Spec, fresh: Sequence[Notification], *, begin: datetime, now: datetime) -> None:
    deliveries = [
        Delivery(notification=n, channel=way.channel, step=way.step, due_at=way.due_at)
        for n in fresh
        for way in plan(spec, _reachable(n), begin=begin)
    ]
    at_hand = [d for d in deliveries if d.channel == Channel.IN_APP and begin <= now]
    for delivery in at_hand:
        delivery.state = State.DELIVERED
    Delivery.objects.bulk_create(deliveries)
    write_log([d.id for d in deliveries], Event.QUEUED, now=now)
    write_log([d.id for d in at_hand], Event.DELIVERED, now=now)
    shown = [d.notification for d in at_hand]
    if shown:
        show(shown, now=now)
        tell_bells([n.user_id for n in shown if n.user_id], shown[0].facility_id, now=now)


def _reachable(notification: Notification) -> frozenset[Channel]:
    """Return the ways there may be; whether a browser or wish stands at their end is asked when it is sent."""
    if notification.phone:
        return frozenset({Channel.ZALO, Channel.SMS})
    if notification.email:
        return frozenset({Channel.EMAIL})
    user = notification.user
    assert user is not None
    ways = {Channel.IN_APP, Channel.WEB_PUSH}
    if phone_of(user):
        ways |= {Channel.ZALO, Channel.SMS}
    if user.email:
        ways.add(Channel.EMAIL)
    return frozenset(ways)


def phone_of(user: User) -> str:
    """Return an account's mobile number in E.164; empty when there is none, or only a desk's."""
    try:
        return e164(user.phone)
    except Invalid:
        return ""


def _normal(recipient: Recipient) -> Recipient:
    check_recipient(recipient)
    return ToPhone(e164(recipient.phone)) if isinstance(recipient, ToPhone) else recipient


def _columns(recipient: Recipient) -> dict[str, UUID | str]:
    match recipient:
        case ToUser(user_id=user_id):
            return {"user_id": user_id}
        case ToPhone(phone=phone):
            return {"phone": phone}
        case ToEmail(email=email):
            return {"email": email}
