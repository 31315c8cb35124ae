"""What the law and the ticket say. Pure; also who may do what at a queue: predicates only, `access` enforces them."""

from collections.abc import Set
from datetime import date, datetime
from zoneinfo import ZoneInfo

from scheduling.queues.enums import PriorityReason, Series
from telehealth.accounts.enums import CLINICAL_ROLES, Role
from telehealth.accounts.hat import Hat

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")


def local_day(at: datetime) -> date:
    """Return the day whose numbers are called at that time: numbers begin again at local midnight."""
    return at.astimezone(LOCAL).date()


def series_of(reasons: Set[PriorityReason]) -> Series:
    """Return the series of somebody with these reasons to go first."""
    if PriorityReason.EMERGENCY in reasons:
        return Series.EMERGENCY
    return Series.PRIORITY if reasons else Series.ORDINARY


def reasons_by_birth(
    *, birth_date: date | None, birth_year: int | None, on: date
) -> frozenset[PriorityReason]:
    """Return the reasons that age alone gives on a day (Law 15/2023/QH15, Article 3(2)).

    With only the year known, whoever may have the right has it: it is not the patient's fault that a card says no more.
    """
    if birth_date is not None:
        had_birthday = (on.month, on.day) >= (birth_date.month, birth_date.day)
        youngest = oldest = on.year - birth_date.year - (0 if had_birthday else 1)
    elif birth_year is not None:
        oldest = on.year - birth_year
        youngest = oldest - 1
    else:
        return frozenset()
    reasons = set()
    if youngest < 6 and oldest >= 0:
        reasons.add(PriorityReason.UNDER_6)
    if oldest >= 75:
        reasons.add(PriorityReason.AGE_75)
    return frozenset(reasons)


def code_of(series: str, mark: str, number: int) -> str:
    """Return a number as printed: "A012", "UX003", "A1024". `take_number` does the same in SQL."""
    return f"{series}{mark}{number:03d}"


def may_watch(hat: Hat) -> bool:
    """Whoever works with patients at the facility, or sets the queue up, sees its queues."""
    return hat.is_clinical or hat.role == Role.FACILITY_ADMIN


def may_call(hat: Hat) -> bool:
    """Whoever sees patients calls them; a counter is a nurse's or coordinator's."""
    return hat.role in CLINICAL_ROLES


def may_set_up(hat: Hat) -> bool:
    """Boards and kiosks are the facility administrator's to add and take away."""
    return hat.role == Role.FACILITY_ADMIN
