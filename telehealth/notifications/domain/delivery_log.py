"""The delivery log as it is read: what became of each message. No text, no code, no whole number stands in it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from telehealth.notifications.models import Delivery, DeliveryLogEntry
from telehealth.notifications.recipients import masked


@dataclass(frozen=True)
class LogRow:
    """A delivery, to whom (masked), and its events in order."""

    delivery: Delivery
    to: str
    events: list[DeliveryLogEntry]


def with_events(deliveries: Iterable[Delivery]) -> list[LogRow]:
    """Return the deliveries with their events, in two queries."""
    found = list(deliveries)
    events: defaultdict[UUID, list[DeliveryLogEntry]] = defaultdict(list)
    for entry in DeliveryLogEntry.objects.filter(delivery_id__in=[d.id for d in found]).order_by("id"):
        events[entry.delivery_id].append(entry)
    return [LogRow(delivery, _to(delivery), events[delivery.id]) for delivery in found]


def _to(delivery: Delivery) -> str:
    told = delivery.notification
    if told.user is not None:
        return told.user.display_name
    if told.phone:
        return masked(told.phone)
    name, _at, host = told.email.partition("@")
    return f"{name[:1]}•••@{host}"
