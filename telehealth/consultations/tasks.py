"""Thin tasks: fetch the time, call the domain."""

from celery import shared_task

from telehealth.consultations.domain import sessions
from telehealth.core import clock


@shared_task(name="telehealth.consultations.sweep_rooms")
def sweep_rooms() -> None:
    sessions.sweep_rooms(now=clock.now())
