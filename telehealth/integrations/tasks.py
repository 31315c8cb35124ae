"""Thin tasks of the adapters."""

from uuid import UUID

from celery import shared_task

from telehealth.core import clock
from telehealth.integrations.insurance.checks import portal, run_check
from telehealth.records.domain.insurance import due_checks


@shared_task(name="telehealth.integrations.check_insurance")
def check_insurance(check_id: str) -> None:
    run_check(check_id=UUID(check_id), clock=clock.now, through=portal())


@shared_task(name="telehealth.integrations.check_due_insurance")
def check_due_insurance() -> None:
    for check_id in due_checks(now=clock.now()):
        run_check(check_id=check_id, clock=clock.now, through=portal())
