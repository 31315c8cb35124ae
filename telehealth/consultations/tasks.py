"""Thin tasks: fetch the time, call the domain."""

from celery import shared_task

from telehealth.consultations.domain import upkeep
from telehealth.core import clock


@shared_task(name="telehealth.consultations.sweep_rooms")
def sweep_rooms() -> None:
    upkeep.sweep_rooms(now=clock.now())
