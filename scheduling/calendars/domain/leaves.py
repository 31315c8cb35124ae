"""Leave: asked for by the person, granted or refused by who plans."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from scheduling.calendars import rules
from scheduling.calendars.access import access_colleague, access_leave, require_editor
from scheduling.calendars.domain.telling import tell_leave_answered
from scheduling.calendars.enums import LeaveKind, LeaveState
from scheduling.calendars.models import Leave, OnCallShift
from scheduling.calendars.ranges import interval_of, range_of
from scheduling.calendars.slots import Interval
from scheduling.calendars.words import stretch_text
from telehealth.accounts.hat import Hat
from telehealth.accounts.models import Membership
from telehealth.audit.log import record
from telehealth.core.announce import announce_on_commit
from telehealth.core.errors import Conflict, Invalid, NotAllowed
from telehealth.core.text import clean


@transaction.atomic
def ask_leave(
    *,
    hat: Hat,
    kind: LeaveKind,
    during: Interval,
    note: str = "",
    membership: Membership | None = None,
    now: datetime,
) -> Leave:
    """Ask for leave for oneself; who plans may enter a colleague's (`membership`).

    Raises:
        Invalid: `leave.past`, `leave.too_long`; Conflict: `leave.twice`; NotAllowed: `schedule.not_editor`, `leave.no_schedule`;
        NotFound: `schedule.person_not_found`.
    """
    if membership is not None and membership.id != hat.membership.id:
        require_editor(hat)
        membership = access_colleague(hat, membership.id)
    else:
        membership = hat.membership
    if not rules.has_schedule(membership.role):
        raise NotAllowed("leave.no_schedule", _("Vai trò này không có lịch làm việc để nghỉ."))
    if during.end <= now:
        raise Invalid("leave.past", _("Những ngày này đã qua. Đơn chưa gửi."), field="last_day")
    if during.length > rules.LONGEST_LEAVE:
        raise Invalid("leave.too_long", _("Một đơn nghỉ dài nhất một năm."), field="last_day")
    try:
        with transaction.atomic():
            leave = Leave.objects.create(
                membership=membership,
                kind=kind,
                during=range_of(during),
                note=clean(note)[:200],
                asked_at=now,
            )
    except IntegrityError as error:
        raise Conflict(
            "leave.twice",
            _("Đã có đơn nghỉ trùng những ngày này. Đơn chưa gửi; hãy rút đơn cũ hoặc chọn ngày khác."),
            field="first_day",
        ) from error
    _recorded("leave.asked", hat, leave, now)
    return leave


@transaction.atomic
def answer_leave(*, hat: Hat, leave_id: UUID, granted: bool, now: datetime) -> Leave:
    """Grant or refuse a leave that was asked for.

    Raises:
        NotAllowed: `schedule.not_editor`, `leave.own`; NotFound: `leave.not_found`; Conflict: `leave.answered`, `leave.on_call`.
    """
    require_editor(hat)
    leave = access_leave(hat, leave_id)
    if leave.state != LeaveState.REQUESTED:
        raise Conflict("leave.answered", _("Đơn này đã được trả lời hoặc đã rút."))
    if leave.membership.user_id == hat.user.pk:
        raise NotAllowed("leave.own", _("Đơn của chính mình phải do người khác duyệt."))
    if granted:
        duty = (
            OnCallShift.objects.filter(
                membership=leave.membership, cancelled_at=None, during__overlap=leave.during
            )
            .order_by("during")
            .first()
        )
        if duty is not None:
            raise Conflict(
                "leave.on_call",
                _("%(name)s có ca trực %(when)s. Hãy đổi người trực trước khi duyệt.")
                % {
                    "name": leave.membership.user.display_name,
                    "when": stretch_text(interval_of(duty.during)),
                },
            )
    leave.state = LeaveState.GRANTED if granted else LeaveState.REFUSED
    leave.answered_by, leave.answered_at = hat.membership, now
    leave.save(update_fields=["state", "answered_by", "answered_at"])
    tell_leave_answered(leave, now)
    _recorded("leave.granted" if granted else "leave.refused", hat, leave, now)
    return leave


@transaction.atomic
def withdraw_leave(*, hat: Hat, leave_id: UUID, now: datetime) -> Leave:
    """Take a leave back, asked for or granted, while it is not over.

    Raises:
        NotFound: `leave.not_found`; Conflict: `leave.answered`, `leave.over`.
    """
    leave = access_leave(hat, leave_id)
    if leave.state not in {LeaveState.REQUESTED, LeaveState.GRANTED}:
        raise Conflict("leave.answered", _("Đơn này đã được trả lời hoặc đã rút."))
    if interval_of(leave.during).end <= now:
        raise Conflict("leave.over", _("Những ngày nghỉ này đã qua, không rút được nữa."))
    leave.state = LeaveState.WITHDRAWN
    leave.save(update_fields=["state"])
    _recorded("leave.withdrawn", hat, leave, now)
    return leave


def _recorded(action: str, hat: Hat, leave: Leave, now: datetime) -> None:
    record(action, now=now, hat=hat, object_type="leave", object_id=leave.id)
    announce_on_commit("calendar.changed", now=now, facility=str(hat.facility.id))
