"""What is bookable, what is fair, who may do what. Pure: values in, verdicts out; `access` and the use cases enforce them."""

from datetime import UTC, date, datetime, time, timedelta

from scheduling.appointments.models import BookingPolicy
from scheduling.calendars.patterns import LOCAL
from scheduling.calendars.slots import Interval
from telehealth.accounts.enums import CLINICAL_ROLES, RECEPTION_ROLES, Role
from telehealth.accounts.hat import Hat

CODE_LIFE = timedelta(minutes=5)
CODE_TRIES = 5
CODES_PER_PHONE = ((timedelta(minutes=1), 1), (timedelta(hours=1), 5), (timedelta(days=1), 10))
CODES_PER_ADDRESS = ((timedelta(minutes=1), 20), (timedelta(hours=1), 120))
"""A commune's health station, and a whole village behind one mast, have one address."""
WRONG_PER_ADDRESS = (timedelta(hours=1), 60)
PASS_LIFE = timedelta(days=30)

HOLDS_PER_ADDRESS = (timedelta(minutes=1), 240)

QUIET_FROM, QUIET_UNTIL = time(21), time(6, 30)
SHORTEST_OFFER = timedelta(minutes=10)
PASSES_ALLOWED = 2
"""Offers somebody may let pass unanswered; after the last their wish ends, and they are told so."""

ANSWER_BEFORE = timedelta(hours=12)
ANSWER_WITHIN = timedelta(minutes=30)
"""Who missed visits confirms again until so long before the start; when that is over already, within so long."""


def local_day(at: datetime) -> date:
    """Return the day of the province's clock."""
    return at.astimezone(LOCAL).date()


def bookable_days(policy: BookingPolicy, *, now: datetime) -> tuple[date, date]:
    """Return the first and the last day of the booking horizon."""
    today = local_day(now)
    return today, today + timedelta(days=policy.horizon_days)


def earliest_start(policy: BookingPolicy, *, now: datetime) -> datetime:
    """Return from when on a slot can be booked from outside. Staff may book to the minute."""
    return now + timedelta(minutes=policy.lead_minutes)


def answer_deadline(*, missed: int, policy: BookingPolicy, start: datetime, now: datetime) -> datetime | None:
    """Return until when a booking must be confirmed again; None for almost everybody.

    Who missed `no_show_limit` visits within `no_show_days` is never barred: they book as everybody does, and confirm once more by
    the link. A booking that is not confirmed goes to the next who waits.
    """
    if missed < policy.no_show_limit:
        return None
    return min(start, max(start - ANSWER_BEFORE, now + ANSWER_WITHIN))


def offer_deadline(*, policy: BookingPolicy, start: datetime, now: datetime) -> datetime | None:
    """Return until when an offer can be answered, or None when there is no time left for one.

    Nobody answers in the night: what is offered in quiet hours can be answered until some time after they end.
    """
    local = now.astimezone(LOCAL)
    begins = local
    if local.time() >= QUIET_FROM:
        begins = datetime.combine(local.date() + timedelta(days=1), QUIET_UNTIL, LOCAL)
    elif local.time() < QUIET_UNTIL:
        begins = datetime.combine(local.date(), QUIET_UNTIL, LOCAL)
    latest = start - timedelta(minutes=policy.lead_minutes) / 2
    deadline = min(begins + timedelta(minutes=policy.offer_minutes), latest)
    return deadline.astimezone(UTC) if deadline - begins >= SHORTEST_OFFER else None


def with_overbooking(capacity: int, policy: BookingPolicy) -> int:
    """Return how many places a session has: some who register never come, and a facility may count on that."""
    return capacity * (100 + policy.overbook_percent) // 100


def arrival_window(
    *, place: int, capacity: int, opens: datetime, closes: datetime, length: timedelta
) -> Interval:
    """Return when the holder of a place is asked to come: places are spread evenly over the session, in their order.

    `domain.registrations` does the same in SQL.
    """
    windows = max(1, -((opens - closes) // length))
    index = min(windows - 1, (place - 1) * windows // max(1, capacity))
    start = opens + index * length
    return Interval(start, min(closes, start + length))


def may_book(hat: Hat) -> bool:
    """Whoever works with patients at a facility, or receives them at its desk, books for them there."""
    return hat.role in CLINICAL_ROLES | RECEPTION_ROLES


def may_set_rules(hat: Hat) -> bool:
    return hat.role == Role.FACILITY_ADMIN
