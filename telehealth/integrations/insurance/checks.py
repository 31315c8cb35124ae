"""One attempt at a question: claim it, ask outside any transaction, write the answer down."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

import httpx
from django.conf import settings

from telehealth.integrations.insurance.accounts import credentials_of
from telehealth.integrations.insurance.client import Portal
from telehealth.integrations.insurance.messages import no_answer, question_of
from telehealth.integrations.insurance.standin import STAND_IN, transport
from telehealth.records.domain.insurance import claim_check, note_answer
from telehealth.records.models import InsuranceCheck

LEASE = timedelta(seconds=90)
"""Longer than the longest attempt; a worker that dies gives its question back after that."""

Clock = Callable[[], datetime]


@cache
def portal() -> Portal | None:
    """Return this process's portal; None when the installation is not connected to one."""
    address = settings.INSURANCE_PORTAL_URL
    if not address:
        return None
    own: httpx.BaseTransport | None = transport() if address == STAND_IN else None
    return Portal("http://stand-in" if own else address, transport=own)


def run_check(*, check_id: UUID, clock: Clock, through: Portal | None) -> InsuranceCheck | None:
    """Ask once about a check that is due; None when somebody else does, or did."""
    check = claim_check(check_id=check_id, now=clock(), lease=LEASE)
    if check is None:
        return None
    credentials = credentials_of(check.facility) if through else None
    if through is None or credentials is None:
        answer = no_answer("not_connected")
    else:
        answer = through.look_up(question_of(check.patient, check.number), credentials)
    return note_answer(check_id=check.id, answer=answer, now=clock())
