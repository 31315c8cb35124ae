"""On-call rosters: who is on duty when, and what one duty tells the next. Holidays make no difference here."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from scheduling.calendars import rules
from scheduling.calendars.access import (
    access_colleague,
    access_own_roster,
    access_shift,
    require_editor,
)
from scheduling.calendars.domain.clashes import shift_clash
from scheduling.calendars.domain.telling import tell_duty_changed, tell_swap_over
from scheduling.calendars.enums import DutyRank, LeaveState, RosterCover, SwapState
from scheduling.calendars.models import HandOverNote, Leave, OnCallShift, Roster, ShiftSwap
from scheduling.calendars.patterns import LOCAL
from scheduling.calendars.ranges import interval_of, range_of
from scheduling.calendars.slots import Interval
from scheduling.calendars.words import stretch_text
from telehealth.accounts.enums import LICENSED_ROLES
from telehealth.accounts.hat import Hat
from telehealth.accounts.models import Membership, has_valid_license
from telehealth.audit.log import record
from telehealth.core.announce import announce_on_commit
from telehealth.core.errors import Conflict, Invalid
from telehealth.core.text import clean_limited
from telehealth.facilities.models import Specialty


@transaction.atomic
def save_roster(*, hat: Hat, specialty: Specialty | None, cover: RosterCover, now: datetime) -> Roster:
    """Open a roster of the hat's facility for a specialty (None: the whole house), or change what it has to cover.

    Raises:
        NotAllowed: `schedule.not_editor`.
    """
    require_editor(hat)
    roster, _made = Roster.objects.update_or_create(
        facility=hat.facility, specialty=specialty, defaults={"cover": cover, "is_active": True}
    )
    record("roster.saved", now=now, hat=hat, object_type="roster", object_id=roster.id)
    announce_on_commit("calendar.changed", now=now, facility=str(hat.facility.id))
    return roster


@transaction.atomic
def add_shift(
    *, hat: Hat, roster_id: UUID, membership_id: UUID, rank: DutyRank, during: Interval, now: datetime
) -> OnCallShift:
    """Put somebody on duty.

    Raises:
        NotAllowed: `schedule.not_editor`; NotFound: `roster.not_found`, `schedule.person_not_found`;
        Invalid: `shift.too_long`, `shift.past`, `shift.no_licence`;
        Conflict: `shift.elsewhere` (Law 15/2023/QH15, Article 36(1)), `shift.twice`, `shift.place_taken`, `shift.on_leave`.
    """
    roster = access_own_roster(hat, roster_id)
    membership = access_colleague(hat, membership_id)
    shift = place_shift(roster=roster, membership=membership, rank=rank, during=during, now=now)
    tell_duty_changed(shift, membership.user, now)
    _recorded("shift.added", hat, shift, now)
    return shift


def place_shift(
    *, roster: Roster, membership: Membership, rank: DutyRank, during: Interval, now: datetime
) -> OnCallShift:
    """Write a duty down in the running transaction, when nothing stands against it. Who may, and who is told, is the caller's.

    Raises:
        Invalid: `shift.too_long`, `shift.past`, `shift.no_licence`;
        Conflict: `shift.elsewhere`, `shift.twice`, `shift.place_taken`, `shift.on_leave`.
    """
    if during.length > rules.LONGEST_SHIFT:
        raise Invalid("shift.too_long", _("Một ca trực dài nhất 48 giờ."), field="ends")
    if during.end <= now:
        raise Invalid("shift.past", _("Ca trực này đã qua. Chưa thêm gì."), field="starts")
    require_fit(membership, during)
    shift = OnCallShift(
        roster=roster,
        membership=membership,
        user=membership.user,
        facility=roster.facility,
        rank=rank,
        during=range_of(during),
        changed_at=now,
    )
    try:
        with transaction.atomic():
            shift.save(force_insert=True)
    except IntegrityError as error:
        raise shift_clash(error, [(shift.id, membership, roster, rank, during)]) from error
    return shift


def require_fit(membership: Membership, during: Interval) -> None:
    """Refuse somebody for a duty who has no licence on its day, or leave.

    Raises:
        Invalid: `shift.no_licence`; Conflict: `shift.on_leave`.
    """
    day = during.start.astimezone(LOCAL).date()
    if membership.role in LICENSED_ROLES and not has_valid_license(membership.user, on=day):
        raise Invalid(
            "shift.no_licence",
            _("%(name)s không có giấy phép hành nghề còn hiệu lực vào ngày trực. Chưa thêm gì.")
            % {"name": membership.user.display_name},
            field="person",
        )
    leave = Leave.objects.filter(
        membership=membership, state=LeaveState.GRANTED, during__overlap=range_of(during)
    ).first()
    if leave is not None:
        raise Conflict(
            "shift.on_leave",
            _("%(name)s nghỉ %(when)s. Lịch trực chưa đổi.")
            % {"name": membership.user.display_name, "when": stretch_text(interval_of(leave.during))},
            field="person",
        )


@transaction.atomic
def reassign_shift(*, hat: Hat, shift_id: UUID, membership_id: UUID, now: datetime) -> OnCallShift:
    """Give a duty that is not over to somebody else. Proposals to swap it end.

    Raises:
        As `add_shift`, and NotFound: `shift.not_found`; Conflict: `shift.over`.
    """
    require_editor(hat)
    shift = access_shift(hat, shift_id, lock=True)
    membership = access_colleague(hat, membership_id)
    during = interval_of(shift.during)
    if during.end <= now:
        raise _over()
    require_fit(membership, during)
    before = shift.user
    shift.membership, shift.user = membership, membership.user
    shift.changed_at, shift.sequence = now, shift.sequence + 1
    try:
        with transaction.atomic():
            shift.save(update_fields=["membership", "user", "changed_at", "sequence"])
    except IntegrityError as error:
        wanted = [(shift.id, membership, shift.roster, DutyRank(shift.rank), during)]
        raise shift_clash(error, wanted) from error
    end_proposals([shift.id], now)
    for user in (before, membership.user):
        tell_duty_changed(shift, user, now)
    _recorded("shift.reassigned", hat, shift, now)
    return shift


@transaction.atomic
def cancel_shift(*, hat: Hat, shift_id: UUID, now: datetime) -> OnCallShift:
    """Take a duty off the roster; one that has begun ends now.

    Raises:
        NotAllowed: `schedule.not_editor`; NotFound: `shift.not_found`; Conflict: `shift.over`.
    """
    require_editor(hat)
    shift = access_shift(hat, shift_id, lock=True)
    during = interval_of(shift.during)
    if during.end <= now:
        raise _over()
    if during.start < now:
        shift.during = range_of(Interval(during.start, now))
    else:
        shift.cancelled_at = now
    shift.changed_at, shift.sequence = now, shift.sequence + 1
    shift.save(update_fields=["during", "cancelled_at", "changed_at", "sequence"])
    end_proposals([shift.id], now)
    tell_duty_changed(shift, shift.user, now)
    _recorded("shift.cancelled", hat, shift, now)
    return shift


@transaction.atomic
def write_hand_over(*, hat: Hat, shift_id: UUID, text: str, now: datetime) -> HandOverNote:
    """Add a hand-over note to a duty. Nothing is changed or taken back: what is wrong is put right by another note.

    Raises:
        NotFound: `shift.not_found`; Invalid: `note.empty`, `draft.too_long`.
    """
    shift = access_shift(hat, shift_id)
    text = clean_limited(text, field="text")
    if not text:
        raise Invalid("note.empty", _("Ghi chú đang trống, chưa lưu gì."), field="text")
    note = HandOverNote.objects.create(shift=shift, author=hat.membership, text=text, written_at=now)
    _recorded("shift.noted", hat, shift, now)
    return note


def _over() -> Conflict:
    return Conflict("shift.over", _("Ca trực này đã qua, không đổi được nữa."))


def end_proposals(shifts: Collection[UUID], now: datetime, *, but: ShiftSwap | None = None) -> None:
    """Take back the open proposals about some duties, which are locked."""
    about = Q(shift__in=shifts) | Q(in_return__in=shifts)
    swaps = ShiftSwap.objects.filter(about, state=SwapState.PROPOSED)
    if but is not None:
        swaps = swaps.exclude(id=but.id)
    for swap in swaps.select_for_update().order_by("id"):
        swap.state, swap.answered_at = SwapState.WITHDRAWN, now
        swap.save(update_fields=["state", "answered_at"])
        tell_swap_over(swap, now)


def _recorded(action: str, hat: Hat, shift: OnCallShift, now: datetime) -> None:
    record(action, now=now, hat=hat, object_type="shift", object_id=shift.id)
    announce_on_commit("calendar.changed", now=now, facility=str(shift.facility_id))
