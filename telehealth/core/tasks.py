"""Thin tasks of the core."""

from celery import shared_task

from telehealth.core import announce, clock


@shared_task(name="telehealth.core.relay_outbox")
def relay_outbox() -> None:
    announce.relay_outbox(now=clock.now())
