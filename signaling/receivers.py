"""Announcements of the domain → hints on the channel layer. Called after a commit, from any process, maybe twice."""

import asyncio
import time
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

from scheduling.queues.domain.hints import DEVICE_REVOKED, QUEUE_CHANGED
from signaling import groups
from signaling.hints import envelope
from telehealth.core.announce import subscribe

SEND_SECONDS = 1.0
REST_SECONDS = 2.0


class LayerResting(Exception):
    """The layer has just failed; nobody waits for it now. The outbox keeps the announcement."""


_failed_at = float("-inf")


def subscribe_all() -> None:
    subscribe("room", hint_room)
    subscribe("inbox", hint_inbox)
    subscribe("access.revoked", hint_access)
    subscribe("still", hint_still)
    subscribe(QUEUE_CHANGED, hint_queue)
    subscribe(DEVICE_REVOKED, hint_device_revoked)


def hint_room(payload: dict[str, Any]) -> None:
    send_hint(groups.room(payload["session"]), {"seq": payload["seq"]})


def hint_inbox(payload: dict[str, Any]) -> None:
    hint = {"topics": payload["topics"], "ring": payload.get("ring")}
    if payload.get("facility"):
        send_hint(groups.inbox_of_facility(payload["facility"]), hint)
    if payload.get("user"):
        send_hint(groups.inbox_of_user(payload["user"]), hint)
    for user in payload.get("users", ()):
        send_hint(groups.inbox_of_user(user), hint)


def hint_access(payload: dict[str, Any]) -> None:
    send_hint(groups.access_of(payload["user"]), {"session": payload["session"]})


def hint_still(payload: dict[str, Any]) -> None:
    still = {name: payload[name] for name in ("participant_id", "seq", "taken_at")}
    send_hint(groups.room(payload["session"]), {"still": still})


def hint_queue(payload: dict[str, Any]) -> None:
    send_hint(groups.queue_area(payload["area"]), {"seq": payload["seq"]})


def hint_device_revoked(payload: dict[str, Any]) -> None:
    send_hint(groups.queue_area(payload["area"]), {"revoked": payload["device"]})


def send_hint(group: str, payload: dict[str, Any]) -> None:
    """Send a hint to all processes.

    Raises:
        Exception: whatever the layer raises, or `LayerResting`. The outbox tries again.
    """
    global _failed_at  # noqa: PLW0603  one breaker a process: a dead layer must not slow every commit
    if time.monotonic() - _failed_at < REST_SECONDS:
        raise LayerResting
    get_channel_layer()  # the first time this imports a lot, which must not happen on the event loop
    try:
        async_to_sync(_send)(group, payload)
    except Exception:
        _failed_at = time.monotonic()
        raise


async def _send(group: str, payload: dict[str, Any]) -> None:
    async with asyncio.timeout(SEND_SECONDS):
        await get_channel_layer().group_send(group, envelope(group, payload))
