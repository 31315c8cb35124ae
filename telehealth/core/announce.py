"""How a write reaches open sockets and other systems: an announcement, in the outbox, delivered after the commit.

The domain announces; `signaling.receivers` and others subscribe. Delivery right after the commit is the fast path;
what it misses (a crash, a dead Redis) the worker's relay delivers later. Subscribers must therefore be idempotent.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from telehealth.core.models import OutboxEntry

logger = logging.getLogger(__name__)

Subscriber = Callable[[dict[str, Any]], None]
_subscribers: defaultdict[str, list[Subscriber]] = defaultdict(list)

_silent: ContextVar[bool] = ContextVar("silent", default=False)

RELAY_AFTER = timedelta(seconds=2)
RELAY_BATCH = 200


def subscribe(topic: str, subscriber: Subscriber) -> None:
    """Call `subscriber(payload)` for every announcement of `topic`. It may be called more than once for one."""
    if subscriber not in _subscribers[topic]:
        _subscribers[topic].append(subscriber)


def announce_on_commit(topic: str, *, now: datetime, **payload: Any) -> None:
    """Write an announcement into the running transaction and deliver it when that commits."""
    if _silent.get():
        return
    entry = OutboxEntry.objects.create(topic=topic, payload=payload, created_at=now)
    transaction.on_commit(lambda: _deliver_quietly(entry), robust=True)


def tell_now(topic: str, **payload: Any) -> None:
    """Deliver at once or never, without the outbox: for what is worth nothing a few seconds later."""
    if _silent.get():
        return
    try:
        for subscriber in _subscribers[topic]:
            subscriber(payload)
    except Exception as error:  # whatever a subscriber's transport raises: the next one will do
        logger.warning("%s not told: %s", topic, type(error).__name__)


def is_silent() -> bool:
    """Say whether history is being written, of which nobody is to be told."""
    return _silent.get()


@contextmanager
def silence() -> Iterator[None]:
    """Announce nothing in this block: for history that is written after the fact, where nobody is to be rung."""
    token = _silent.set(True)
    try:
        yield
    finally:
        _silent.reset(token)


def relay_outbox(*, now: datetime) -> int:
    """Deliver what the fast path left behind; return how many were delivered. Safe to run in many workers."""
    delivered = 0
    with transaction.atomic():
        entries = list(
            OutboxEntry.objects.select_for_update(skip_locked=True)
            .filter(created_at__lt=now - RELAY_AFTER)
            .order_by("created_at")[:RELAY_BATCH]
        )
        done: list[UUID] = []
        for entry in entries:
            if _call_subscribers(entry):
                done.append(entry.id)
        delivered, _ = OutboxEntry.objects.filter(id__in=done).delete()
    return delivered


def _deliver_quietly(entry: OutboxEntry) -> None:
    if _call_subscribers(entry):
        entry.delete()  # one statement; a query set's delete would be a transaction of three


def _call_subscribers(entry: OutboxEntry) -> bool:
    try:
        for subscriber in _subscribers[entry.topic]:
            subscriber(entry.payload)
    except Exception as error:  # whatever a subscriber's transport raises: the relay tries again
        logger.warning("announcement %s not delivered: %s", entry.topic, type(error).__name__)
        return False
    return True
