"""Thin tasks: fetch the time, call the domain."""

from celery import shared_task

from scheduling.calendars.domain import telling
from telehealth.core import clock


@shared_task(name="scheduling.calendars.remind_of_duty")
def remind_of_duty() -> None:
    telling.remind_of_duty(now=clock.now())
