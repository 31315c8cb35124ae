"""Weekly availability and its exceptions, of people and of things."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from scheduling.calendars import rules
from scheduling.calendars.access import access_colleague, access_resource, require_editor
from scheduling.calendars.enums import ExceptionKind, Purpose, Weekday
from scheduling.calendars.models import Availability, AvailabilityException, Resource
from scheduling.calendars.patterns import patterns_clash
from scheduling.calendars.ranges import range_of
from scheduling.calendars.slots import Interval
from telehealth.accounts.hat import Hat
from telehealth.accounts.models import Membership
from telehealth.audit.log import record
from telehealth.core.announce import announce_on_commit
from telehealth.core.errors import Conflict, Invalid, NotAllowed, NotFound
from telehealth.core.text import clean


@dataclass(frozen=True)
class PatternEntry:
    """A weekly availability as typed; `ends` not later than `starts` is of the next day. No purposes: any."""

    weekday: Weekday
    starts: time
    ends: time
    valid_from: date
    valid_to: date | None = None
    every_weeks: int = 1
    purposes: frozenset[Purpose] = frozenset()


@transaction.atomic
def add_availability(
    *,
    hat: Hat,
    membership: Membership | None = None,
    resource: Resource | None = None,
    entry: PatternEntry,
    now: datetime,
) -> Availability:
    """Add a weekly availability to a person in one role, or to a resource, of the hat's facility.

    Raises:
        NotAllowed: `schedule.not_editor`; NotFound: `schedule.person_not_found`, `resource.not_found`;
        Invalid: `availability.period`, `availability.weeks`; Conflict: `availability.twice`, `availability.elsewhere`
        (Law 15/2023/QH15, Article 36(1): not at two facilities at the same time).
    """
    require_editor(hat)
    row = plan_availability(
        membership=access_colleague(hat, membership.id) if membership else None,
        resource=access_resource(hat, resource.id) if resource else None,
        entry=entry,
    )
    _recorded("availability.added", hat, row, now)
    return row


def plan_availability(
    *, membership: Membership | None = None, resource: Resource | None = None, entry: PatternEntry
) -> Availability:
    """Write a weekly availability down in the running transaction, when nothing stands against it. Who may is the caller's.

    Raises:
        Invalid: `availability.period`, `availability.weeks`; Conflict: `availability.twice`, `availability.elsewhere`.
    """
    if entry.valid_to is not None and entry.valid_to < entry.valid_from:
        raise Invalid("availability.period", _("Ngày cuối phải sau ngày đầu."), field="valid_to")
    if not 1 <= entry.every_weeks <= 8:
        raise Invalid("availability.weeks", _("Lặp lại từ mỗi tuần đến mỗi 8 tuần."), field="every_weeks")
    row = Availability(
        membership=membership,
        resource=resource,
        weekday=entry.weekday,
        starts=entry.starts,
        ends=entry.ends,
        every_weeks=entry.every_weeks,
        purposes=sorted(entry.purposes),
        valid_from=entry.valid_from,
        valid_to=entry.valid_to,
    )
    if membership is not None:
        _refuse_clash(row, membership)
    row.save(force_insert=True)
    return row


def _refuse_clash(row: Availability, membership: Membership) -> None:
    """Two patterns of one person in one role, or at two facilities, may not overlap. The person's row is locked meanwhile."""
    type(membership.user).objects.select_for_update().get(id=membership.user_id)
    others = Availability.objects.filter(
        membership__user=membership.user_id, membership__is_active=True
    ).select_related("membership__facility")
    for other in others:
        assert other.membership is not None
        same_role = other.membership_id == membership.id
        if not (same_role or other.membership.facility_id != membership.facility_id):
            continue
        if not patterns_clash(row, other):
            continue
        when = _("%(day)s %(start)s–%(end)s") % {
            "day": Weekday(other.weekday).label,
            "start": f"{other.starts:%H:%M}",
            "end": f"{other.ends:%H:%M}",
        }
        if same_role:
            raise Conflict(
                "availability.twice",
                _("Trùng với giờ đã có: %(when)s. Chưa thêm gì; hãy sửa giờ hoặc bỏ giờ cũ trước.")
                % {"when": when},
                field="starts",
            )
        raise Conflict(
            "availability.elsewhere",
            _(
                "%(name)s đã có lịch tại %(facility)s vào %(when)s. Một người không hành nghề cùng lúc ở hai cơ sở"
                " (Luật 15/2023/QH15, Điều 36). Chưa thêm gì."
            )
            % {
                "name": membership.user.display_name,
                "facility": other.membership.facility.short_name,
                "when": when,
            },
            field="starts",
        )


@transaction.atomic
def end_availability(*, hat: Hat, availability_id: UUID, now: datetime) -> None:
    """Take a weekly availability away. What was booked stays booked.

    Raises:
        NotAllowed: `schedule.not_editor`; NotFound: `availability.not_found`.
    """
    require_editor(hat)
    rows = Availability.objects.select_for_update(of=("self",))
    row = rows.filter(id=availability_id, membership__facility=hat.facility).first()
    row = row or rows.filter(id=availability_id, resource__facility=hat.facility).first()
    if row is None:
        raise NotFound("availability.not_found", _("Giờ này không còn trong lịch."))
    _recorded("availability.ended", hat, row, now)
    row.delete()


@transaction.atomic
def add_exception(
    *,
    hat: Hat,
    membership: Membership | None = None,
    resource: Resource | None = None,
    kind: ExceptionKind,
    during: Interval,
    purposes: Collection[Purpose] = (),
    note: str = "",
    now: datetime,
) -> AvailabilityException:
    """Add time outside the weekly pattern, or take some of it away. Everybody may do it for themselves.

    Raises:
        NotAllowed: `schedule.not_editor`; NotFound: `schedule.person_not_found`, `resource.not_found`;
        Invalid: `exception.past`, `exception.too_long`.
    """
    if during.end <= now:
        raise Invalid("exception.past", _("Khoảng giờ này đã qua."), field="ends")
    if during.length > rules.LONGEST_EXCEPTION:
        raise Invalid(
            "exception.too_long",
            _("Ngoại lệ dài nhất 31 ngày. Nghỉ dài hơn thì dùng đơn nghỉ."),
            field="ends",
        )
    if membership is not None:
        membership = access_colleague(hat, membership.id)
        if not rules.may_edit_exceptions_of(hat, membership):
            raise NotAllowed(
                "schedule.not_editor",
                _(
                    "Chỉ điều phối viên hoặc quản trị của cơ sở sửa được lịch của người khác. Chưa có gì thay đổi."
                ),
            )
    else:
        require_editor(hat)
    row = AvailabilityException.objects.create(
        membership=membership,
        resource=access_resource(hat, resource.id) if resource else None,
        kind=kind,
        during=range_of(during),
        purposes=sorted(purposes),
        note=clean(note)[:120],
        created_by=hat.membership,
        created_at=now,
    )
    _recorded("availability.excepted", hat, row, now)
    return row


@transaction.atomic
def remove_exception(*, hat: Hat, exception_id: UUID, now: datetime) -> None:
    """Take an exception back.

    Raises:
        NotFound: `exception.not_found`.
    """
    rows = AvailabilityException.objects.select_for_update(of=("self",)).select_related("membership")
    row = rows.filter(id=exception_id, membership__facility=hat.facility).first()
    row = row or rows.filter(id=exception_id, resource__facility=hat.facility).first()
    allowed = row is not None and (
        rules.may_edit_exceptions_of(hat, row.membership) if row.membership else rules.may_edit(hat)
    )
    if row is None or not allowed:
        raise NotFound("exception.not_found", _("Ngoại lệ này không còn, hoặc không phải của anh/chị."))
    _recorded("availability.exception_removed", hat, row, now)
    row.delete()


def patterns_of(
    *, membership: Membership | None = None, resource: Resource | None = None, today: date
) -> Sequence[Availability]:
    """Return the weekly availability that is not over."""
    rows = Availability.objects.filter(membership=membership, resource=resource)
    return [row for row in rows if row.valid_to is None or row.valid_to >= today]


def _recorded(action: str, hat: Hat, row: Availability | AvailabilityException, now: datetime) -> None:
    if row.membership_id is not None:
        record(action, now=now, hat=hat, object_type="membership", object_id=row.membership_id)
    else:
        record(action, now=now, hat=hat, object_type="resource", object_id=row.resource_id)
    announce_on_commit("calendar.changed", now=now, facility=str(hat.facility.id))
