"""Thin tasks: fetch the time, call the domain."""

from celery import shared_task

from scheduling.appointments.domain import turns, upkeep
from telehealth.core import clock


@shared_task(name="scheduling.appointments.send_messages")
def send_messages() -> None:
    upkeep.send_due_messages(now=clock.now())


@shared_task(name="scheduling.appointments.pass_on")
def pass_on() -> None:
    now = clock.now()
    upkeep.lapse_offers(now=now)
    upkeep.cancel_unanswered(now=now)
    upkeep.offer_free_places(now=now)


@shared_task(name="scheduling.appointments.tell_turns")
def tell_turns() -> None:
    turns.tell_turns(now=clock.now())


@shared_task(name="scheduling.appointments.clear_up")
def clear_up() -> None:
    upkeep.clear_up(now=clock.now())
