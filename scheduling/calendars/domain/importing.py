"""A facility's existing schedule from Excel: looked at first, then taken whole or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from scheduling.calendars.access import colleagues, require_editor
from scheduling.calendars.domain.availability import PatternEntry, plan_availability
from scheduling.calendars.domain.rosters import place_shift
from scheduling.calendars.enums import RosterCover
from scheduling.calendars.excel import writing
from scheduling.calendars.excel.reading import read_sheets
from scheduling.calendars.excel.rows import AVAILABILITY, COLUMNS, Wanted, understand
from scheduling.calendars.models import Availability, OnCallShift, Roster
from scheduling.calendars.patterns import LOCAL
from scheduling.calendars.slots import interval_on
from telehealth.accounts.hat import Hat
from telehealth.accounts.models import Membership
from telehealth.audit.log import record
from telehealth.core.announce import announce_on_commit
from telehealth.core.errors import DomainError, Invalid
from telehealth.core.text import fold
from telehealth.facilities.models import Specialty


@dataclass(frozen=True)
class Row:
    """A row as the page shows it; no faults: it can be taken."""

    sheet: str
    number: int
    texts: Sequence[str]
    faults: Sequence[str]


@dataclass(frozen=True)
class Outcome:
    """What an import would do, or did."""

    rows: Sequence[Row]

    @property
    def faulty(self) -> int:
        return sum(bool(row.faults) for row in self.rows)


class _Enough(Exception):
    """Ends the transaction of a preview, or of an import with faults: nothing of it stays."""


def preview_schedule(*, hat: Hat, content: bytes, now: datetime) -> Outcome:
    """Say what an import would do, row by row, without doing it: every row is really tried, then all is taken back.

    Raises:
        NotAllowed: `schedule.not_editor`; Invalid: as `excel.reading.read_sheets`, `excel.empty`.
    """
    return _run(hat, content, now, keep=False)


def import_schedule(*, hat: Hat, content: bytes, now: datetime) -> Outcome:
    """Take a schedule, whole. With one faulty row nothing is taken, and the outcome says which it is.

    Raises:
        As `preview_schedule`.
    """
    return _run(hat, content, now, keep=True)


def _run(hat: Hat, content: bytes, now: datetime, *, keep: bool) -> Outcome:
    require_editor(hat)
    sheets = read_sheets(content, dict(COLUMNS))
    wanted = [(sheet, understand(sheet, line)) for sheet, lines in sheets.items() for line in lines]
    if not wanted:
        raise Invalid(
            "excel.empty", _("Tệp không có dòng nào để nhập. Hãy điền từ dòng 2 trở đi."), field="file"
        )
    rows: list[Row] = []
    outcome = Outcome(rows)
    try:
        with transaction.atomic():
            lists = _Lists(hat)
            for sheet, one in wanted:
                faults = one.faults or _take(hat, sheet, one, lists, now)
                texts = [one.line.text(column) for column in COLUMNS[sheet]]
                rows.append(Row(sheet, one.line.number, texts, faults))
            if not keep or outcome.faulty:
                raise _Enough
            record(
                "schedule.imported",
                now=now,
                hat=hat,
                object_type="facility",
                object_id=hat.facility.id,
                rows=len(rows),
            )
            announce_on_commit("calendar.changed", now=now, facility=str(hat.facility.id))
    except _Enough:
        pass
    return outcome


class _Lists:
    """What names in the file mean at this facility."""

    def __init__(self, hat: Hat) -> None:
        self.people: dict[str, list[Membership]] = {}
        for one in colleagues(hat):
            self.people.setdefault(one.user.username.lower(), []).append(one)
        self.specialties = {
            fold(name): one for one in Specialty.objects.all() for name in (one.name_vi, one.key)
        }
        rosters = Roster.objects.filter(facility=hat.facility).select_related("facility")
        self.rosters = {one.specialty_id: one for one in rosters}


def _take(hat: Hat, sheet: str, one: Wanted, lists: _Lists, now: datetime) -> list[str]:
    """Try one row in a savepoint of its own; return what is wrong with it."""
    people = lists.people.get(one.username, [])
    if not people:
        return [_("không có ai tên đăng nhập “%(name)s” ở cơ sở này") % {"name": one.username}]
    try:
        with transaction.atomic():
            if sheet == AVAILABILITY:
                _take_availability(one, people[0])
            else:
                _take_duty(hat, one, people[0], lists, now)
    except DomainError as error:
        return [error.text]
    return []


def _take_availability(one: Wanted, person: Membership) -> None:
    assert one.weekday is not None
    assert one.starts is not None
    assert one.ends is not None
    assert one.valid_from is not None
    entry = PatternEntry(
        one.weekday, one.starts, one.ends, one.valid_from, one.valid_to, purposes=one.purposes
    )
    plan_availability(membership=person, entry=entry)


def _take_duty(hat: Hat, one: Wanted, person: Membership, lists: _Lists, now: datetime) -> None:
    assert one.day is not None
    assert one.starts is not None
    assert one.ends is not None
    assert one.rank is not None
    specialty = lists.specialties.get(fold(one.specialty)) if one.specialty else None
    if one.specialty and specialty is None:
        raise Invalid(
            "excel.specialty",
            _("không có chuyên khoa “%(name)s”; xem trang Danh mục của tệp mẫu") % {"name": one.specialty},
        )
    key = specialty.key if specialty else None
    roster = lists.rosters.get(key) or Roster.objects.create(
        facility=hat.facility, specialty=specialty, cover=RosterCover.OUTSIDE_HOURS
    )
    place_shift(
        roster=roster,
        membership=person,
        rank=one.rank,
        during=interval_on(one.day, one.starts, one.ends, LOCAL),
        now=now,
    )
    # Known from here on only: the roster of a row that is refused goes with it.
    lists.rosters[key] = roster


## Giving it out ---


def template_file(*, hat: Hat) -> bytes:
    """Return the workbook to fill in, with the people and specialties of the facility.

    Raises:
        NotAllowed: `schedule.not_editor`.
    """
    require_editor(hat)
    return writing.template(colleagues(hat), Specialty.objects.all())


def schedule_file(*, hat: Hat, today: date, now: datetime) -> bytes:
    """Return the facility's weekly availability and its duties from a month back, in the form of the template.

    Raises:
        NotAllowed: `schedule.not_editor`.
    """
    require_editor(hat)
    people = list(colleagues(hat))
    patterns = Availability.objects.filter(membership__in=people).select_related("membership__user")
    current = [one for one in patterns if one.valid_to is None or one.valid_to >= today]
    shifts = OnCallShift.objects.filter(
        facility=hat.facility, cancelled_at=None, during__endswith__gt=now - timedelta(days=31)
    )
    record("schedule.exported", now=now, hat=hat, object_type="facility", object_id=hat.facility.id)
    return writing.schedule(
        people,
        Specialty.objects.all(),
        current,
        shifts.select_related("user", "roster__specialty").order_by("during", "rank"),
    )
