"""Thin tasks: fetch the time, call the domain."""

from celery import shared_task

from telehealth.core import clock
from telehealth.lines.domain import samples


@shared_task(name="telehealth.lines.roll_up")
def roll_up() -> None:
    samples.roll_up(now=clock.now())


@shared_task(name="telehealth.lines.prune")
def prune() -> None:
    samples.prune(now=clock.now())
