"""Thin tasks: fetch the time, call the domain."""

from celery import shared_task

from telehealth.consultations.domain import upkeep, visits
from telehealth.core import clock


@shared_task(name="telehealth.consultations.sweep_rooms")
def sweep_rooms() -> None:
    now = clock.now()
    upkeep.sweep_rooms(now=now)
    visits.close_cancelled(now=now)
