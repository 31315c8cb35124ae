"""A facility's working hours and special days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import pairwise
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from scheduling.calendars import rules
from scheduling.calendars.access import require_editor
from scheduling.calendars.enums import DayKind, SessionKind, Weekday
from scheduling.calendars.holidays import public_holidays
from scheduling.calendars.models import Holiday, WorkingHours
from scheduling.calendars.words import day_text
from telehealth.accounts.hat import Hat
from telehealth.audit.log import record
from telehealth.core.announce import announce_on_commit
from telehealth.core.errors import Invalid, NotAllowed, NotFound
from telehealth.core.text import clean
from telehealth.facilities.models import Facility


@dataclass(frozen=True)
class HoursEntry:
    """One session of one weekday, from opening to closing."""

    weekday: Weekday
    session: SessionKind
    opens: time
    closes: time


USUAL_HOURS = tuple(
    HoursEntry(weekday, session, opens, closes)
    for weekday in list(Weekday)[:5]
    for session, opens, closes in (
        (SessionKind.MORNING, time(7, 0), time(11, 30)),
        (SessionKind.AFTERNOON, time(13, 30), time(17, 0)),
    )
)
"""What most public facilities of the province work; a first proposal."""


@transaction.atomic
def set_hours(
    *,
    hat: Hat,
    entries: Sequence[HoursEntry],
    valid_from: date | None = None,
    valid_to: date | None = None,
    now: datetime,
) -> None:
    """Replace the hours of a period: of the whole year (no dates), or of a season. No entries: the season is dropped.

    Raises:
        NotAllowed: `schedule.not_editor`; Invalid: `hours.order`, `hours.overlap`, `hours.twice`, `hours.period`.
    """
    require_editor(hat)
    if valid_to is not None and (valid_from is None or valid_to < valid_from):
        raise Invalid("hours.period", _("Mùa kết thúc phải sau ngày bắt đầu."), field="valid_to")
    _check(entries)
    WorkingHours.objects.filter(facility=hat.facility, valid_from=valid_from).delete()
    WorkingHours.objects.bulk_create(
        WorkingHours(
            facility=hat.facility,
            weekday=one.weekday,
            session=one.session,
            opens=one.opens,
            closes=one.closes,
            valid_from=valid_from,
            valid_to=valid_to,
        )
        for one in entries
    )
    record("hours.set", now=now, hat=hat, object_type="facility", object_id=hat.facility.id)
    announce_on_commit("calendar.changed", now=now, facility=str(hat.facility.id))


def _check(entries: Sequence[HoursEntry]) -> None:
    by_day: dict[Weekday, list[HoursEntry]] = {}
    for one in entries:
        if one.closes <= one.opens:
            raise Invalid(
                "hours.order",
                _("%(day)s, %(session)s: giờ đóng cửa phải sau giờ mở cửa. Giờ làm việc chưa đổi.")
                % {"day": one.weekday.label, "session": str(one.session.label).lower()},
            )
        by_day.setdefault(one.weekday, []).append(one)
    for day, sessions in by_day.items():
        if len({one.session for one in sessions}) < len(sessions):
            raise Invalid("hours.twice", _("%(day)s: mỗi buổi chỉ khai một lần.") % {"day": day.label})
        ordered = sorted(sessions, key=lambda one: one.opens)
        if any(later.opens < earlier.closes for earlier, later in pairwise(ordered)):
            raise Invalid(
                "hours.overlap",
                _("%(day)s: hai buổi chồng giờ nhau. Giờ làm việc chưa đổi.") % {"day": day.label},
            )


## Special days ---


@transaction.atomic
def propose_holidays(*, hat: Hat, year: int, now: datetime) -> int:
    """Put the public holidays of a year into the province's list; days that are there already stay. Return how many were added.

    Raises:
        NotAllowed: `holiday.not_yours`; Invalid: `holiday.year`.
    """
    if not rules.may_edit_province(hat):
        raise _not_yours()
    if not 2020 <= year <= 2060:
        raise Invalid("holiday.year", _("Chỉ đề xuất được cho các năm từ 2020 đến 2060."))
    there = set(Holiday.objects.filter(facility=None, day__year=year).values_list("day", flat=True))
    rows = [
        Holiday(day=day, name=name, kind=DayKind.CLOSED)
        for day, name in public_holidays(year).items()
        if day not in there
    ]
    Holiday.objects.bulk_create(rows)
    record(
        "holidays.proposed", now=now, hat=hat, object_type="facility", object_id=hat.facility.id, year=year
    )
    announce_on_commit("calendar.changed", now=now, facility="")
    return len(rows)


@dataclass(frozen=True)
class SpecialDayEntry:
    """A special day as typed."""

    day: date
    name: str
    kind: DayKind = DayKind.CLOSED
    works_as: Weekday | None = None


@transaction.atomic
def set_special_day(*, hat: Hat, entry: SpecialDayEntry, now: datetime) -> Holiday:
    """Put a special day into the list of the hat's reach: the province's for its operators, else the facility's own. It replaces
    what was there for that day.

    Raises:
        NotAllowed: `holiday.not_yours`; Invalid: `holiday.name_missing`, `holiday.works_as`.
    """
    facility = _reach(hat)
    name = clean(entry.name)[:80]
    if not name:
        raise Invalid("holiday.name_missing", _("Hãy ghi tên ngày, như “Quốc khánh”."), field="name")
    if entry.works_as is not None and entry.kind != DayKind.OPEN:
        raise Invalid(
            "holiday.works_as",
            _("Chỉ ngày làm việc mới theo giờ của một thứ khác."),
            field="works_as",
        )
    row, _made = Holiday.objects.update_or_create(
        day=entry.day,
        facility=facility,
        defaults={"name": name, "kind": entry.kind, "works_as": entry.works_as},
    )
    _recorded(hat, "holiday.set", row, facility, now)
    return row


@transaction.atomic
def remove_special_day(*, hat: Hat, holiday_id: UUID, now: datetime) -> None:
    """Take a special day out of the list of the hat's reach.

    Raises:
        NotAllowed: `holiday.not_yours`; NotFound: `holiday.not_found`.
    """
    facility = _reach(hat)
    row = Holiday.objects.select_for_update().filter(id=holiday_id, facility=facility).first()
    if row is None:
        raise NotFound("holiday.not_found", _("Ngày này không còn trong danh sách."))
    _recorded(hat, "holiday.removed", row, facility, now)
    row.delete()


def _recorded(hat: Hat, action: str, row: Holiday, facility: Facility | None, now: datetime) -> None:
    record(action, now=now, hat=hat, object_type="holiday", object_id=row.id, day=day_text(row.day))
    announce_on_commit("calendar.changed", now=now, facility=str(facility.id) if facility else "")


def _reach(hat: Hat) -> Facility | None:
    if rules.may_edit_province(hat):
        return None
    if rules.may_edit(hat):
        return hat.facility
    raise _not_yours()


def _not_yours() -> NotAllowed:
    return NotAllowed(
        "holiday.not_yours",
        _("Ngày lễ chung do điều hành tỉnh nhập; ngày riêng do quản trị hoặc điều phối của cơ sở nhập."),
    )
