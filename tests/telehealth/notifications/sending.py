"""Helpers of the tests of sending: a sweep at a time of one's choice, and what it left."""

from __future__ import annotations

from datetime import datetime
from functools import partial

import httpx

from telehealth.notifications.domain import adapters, sending
from telehealth.notifications.models import Delivery, DeliveryLogEntry
from telehealth.notifications.stand_ins.server import Server


def sweep(now: datetime) -> dict[str, int]:
    """Send what is due at `now`; return how many ended how."""
    with httpx.Client(timeout=60, trust_env=False) as client:
        prepare = partial(adapters.prepare, client=client, now=now)
        return sending.send_due(prepare=prepare, now=now).outcomes


def states() -> dict[str, tuple[str, str]]:
    """Return state and code of each channel of the one message there is."""
    return {row.channel: (row.state, row.code) for row in Delivery.objects.all()}


def events(channel: str) -> list[str]:
    """Return what the log says of a channel, in order."""
    ids = Delivery.objects.filter(channel=channel).values("id")
    return list(
        DeliveryLogEntry.objects.filter(delivery_id__in=ids).order_by("id").values_list("event", flat=True)
    )


def arrived(server: Server) -> list[tuple[str, str]]:
    """Return channel and number of what lies on telephones."""
    return [(message["channel"], message["to"]) for message in server.providers.arrived]
