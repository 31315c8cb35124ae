"""Thin tasks: fetch the time, call the domain."""

from datetime import timedelta
from functools import partial

import httpx
from celery import shared_task
from django.core.cache import cache

from telehealth.core import clock
from telehealth.notifications.channels.outcome import TIMEOUT
from telehealth.notifications.domain import adapters, sending

TURN = timedelta(seconds=10)
LOCK, LOCK_SECONDS = "notifications.send_due", 60


@shared_task(name="telehealth.notifications.send_due")
def send_due() -> None:
    """Send until nothing is due or the turn is over. One sweep at a time: a provider that hangs must not hold every worker."""
    if not cache.add(LOCK, "", LOCK_SECONDS):
        return
    try:
        send_for_a_turn()
    finally:
        cache.delete(LOCK)


def send_for_a_turn() -> None:
    end = clock.now() + TURN
    with httpx.Client(timeout=TIMEOUT, follow_redirects=False, trust_env=False) as client:
        while (now := clock.now()) < end:
            prepare = partial(adapters.prepare, client=client, now=now)
            if not sending.send_due(prepare=prepare, now=now).outcomes:
                return
