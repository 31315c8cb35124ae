"""Swapping duties: proposed by one, done only with the other's consent, in one statement."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Case, F, Value, When
from django.utils.translation import gettext as _

from scheduling.calendars.access import access_colleague, access_shift, access_swap
from scheduling.calendars.domain.clashes import shift_clash
from scheduling.calendars.domain.rosters import end_proposals, require_fit
from scheduling.calendars.domain.telling import tell_swap_answered, tell_swap_asked, tell_swap_over
from scheduling.calendars.enums import DutyRank, SwapState
from scheduling.calendars.models import OnCallShift, ShiftSwap
from scheduling.calendars.ranges import interval_of
from telehealth.accounts.hat import Hat
from telehealth.accounts.models import Membership
from telehealth.audit.log import record
from telehealth.core.announce import announce_on_commit
from telehealth.core.errors import Conflict, Invalid, NotAllowed
from telehealth.core.text import clean


@transaction.atomic
def propose_swap(
    *,
    hat: Hat,
    shift_id: UUID,
    asked_id: UUID,
    in_return_id: UUID | None = None,
    note: str = "",
    now: datetime,
) -> ShiftSwap:
    """Ask a colleague to take one's duty, and offer to take one of theirs in return. Nothing changes yet.

    Raises:
        NotFound: `shift.not_found`, `schedule.person_not_found`; NotAllowed: `swap.not_yours`; Invalid: `swap.self`,
        `swap.return_not_theirs`, `shift.no_licence`; Conflict: `swap.begun`, `swap.open`, `shift.on_leave`.
    """
    _lock((shift_id, in_return_id))
    shift = access_shift(hat, shift_id)
    if shift.user_id != hat.user.pk:
        raise NotAllowed("swap.not_yours", _("Chỉ người đang có ca trực mới đề nghị đổi được."))
    asked = access_colleague(hat, asked_id)
    if asked.user_id == hat.user.pk:
        raise Invalid("swap.self", _("Hãy chọn một người khác."), field="asked")
    in_return = access_shift(hat, in_return_id) if in_return_id else None
    if in_return is not None and in_return.user_id != asked.user_id:
        raise Invalid(
            "swap.return_not_theirs",
            _("Ca nhận lại không phải của người được hỏi. Hãy chọn lại."),
            field="in_return",
        )
    for one in (shift, in_return):
        if one is not None and interval_of(one.during).start <= now:
            raise Conflict("swap.begun", _("Ca trực đã bắt đầu, không đổi được nữa."))
    require_fit(asked, interval_of(shift.during))
    try:
        with transaction.atomic():
            swap = ShiftSwap.objects.create(
                shift=shift,
                in_return=in_return,
                asked_by=shift.membership,
                asked=in_return.membership if in_return else asked,
                note=clean(note)[:200],
                proposed_at=now,
            )
    except IntegrityError as error:
        raise Conflict(
            "swap.open", _("Ca này đang có đề nghị chờ trả lời. Hãy rút đề nghị cũ trước.")
        ) from error
    tell_swap_asked(swap, now)
    _recorded("swap.proposed", hat, swap, now)
    return swap


@transaction.atomic
def accept_swap(*, hat: Hat, swap_id: UUID, now: datetime) -> ShiftSwap:
    """Agree: the duties change hands at once, both or neither. Only who was asked can.

    Raises:
        NotFound: `swap.not_found`; NotAllowed: `swap.not_asked`; Conflict: `swap.answered`, `swap.begun`, `swap.changed`,
        and as `rosters.add_shift`.
    """
    known = ShiftSwap.objects.filter(id=swap_id).values_list("shift_id", "in_return_id").first()
    shifts = _lock(known or ())
    swap = _answerable(hat, swap_id)
    ids = list(shifts)
    given = shifts.get(swap.shift_id)
    taken = shifts.get(swap.in_return_id) if swap.in_return_id else None
    if (
        given is None
        or given.membership_id != swap.asked_by_id
        or (swap.in_return_id is not None and (taken is None or taken.membership_id != swap.asked_id))
    ):
        raise Conflict(
            "swap.changed", _("Lịch trực đã đổi từ khi có đề nghị này. Hãy xem lại lịch rồi đề nghị lại.")
        )
    moves: list[tuple[OnCallShift, Membership]] = [(given, swap.asked)]
    if taken is not None:
        moves.append((taken, swap.asked_by))
    for shift, membership in moves:
        if interval_of(shift.during).start <= now:
            raise Conflict("swap.begun", _("Ca trực đã bắt đầu, không đổi được nữa."))
        if not membership.is_active:
            raise Conflict(
                "swap.changed", _("Lịch trực đã đổi từ khi có đề nghị này. Hãy xem lại lịch rồi đề nghị lại.")
            )
        require_fit(membership, interval_of(shift.during))
    try:
        with transaction.atomic():
            _exchange(moves, now)
    except IntegrityError as error:
        wanted = [
            (shift.id, membership, shift.roster, DutyRank(shift.rank), interval_of(shift.during))
            for shift, membership in moves
        ]
        raise shift_clash(error, wanted) from error
    # Other proposals about these duties speak of hands they are not in any more.
    end_proposals(ids, now, but=swap)
    tell_swap_answered(swap, agreed=True, now=now)
    return _end(hat, swap, SwapState.ACCEPTED, "swap.accepted", now)


def _lock(ids: Iterable[UUID | None]) -> dict[UUID, OnCallShift]:
    """Lock duties, always in the order of ids and before the proposals about them, so that nobody waits in a circle."""
    shifts = (
        OnCallShift.objects.select_for_update(of=("self",))
        .filter(id__in=[one for one in ids if one is not None], cancelled_at=None)
        .select_related("roster__facility", "membership__user")
        .order_by("id")
    )
    return {shift.id: shift for shift in shifts}


def _exchange(moves: list[tuple[OnCallShift, Membership]], now: datetime) -> None:
    """Change all hands in one statement: between two, somebody would be on duty twice, which the database refuses."""
    OnCallShift.objects.filter(id__in=[shift.id for shift, _to in moves]).update(
        membership_id=Case(*(When(id=shift.id, then=Value(to.id)) for shift, to in moves)),
        user_id=Case(*(When(id=shift.id, then=Value(to.user_id)) for shift, to in moves)),
        changed_at=now,
        sequence=F("sequence") + 1,
    )


@transaction.atomic
def decline_swap(*, hat: Hat, swap_id: UUID, now: datetime) -> ShiftSwap:
    """Say no. Only who was asked can.

    Raises:
        NotFound: `swap.not_found`; NotAllowed: `swap.not_asked`; Conflict: `swap.answered`.
    """
    swap = _answerable(hat, swap_id)
    tell_swap_answered(swap, agreed=False, now=now)
    return _end(hat, swap, SwapState.DECLINED, "swap.declined", now)


@transaction.atomic
def withdraw_swap(*, hat: Hat, swap_id: UUID, now: datetime) -> ShiftSwap:
    """Take one's own proposal back.

    Raises:
        NotFound: `swap.not_found`; NotAllowed: `swap.not_yours`; Conflict: `swap.answered`.
    """
    swap = access_swap(hat, swap_id)
    if swap.asked_by.user_id != hat.user.pk:
        raise NotAllowed("swap.not_yours", _("Chỉ người đề nghị mới rút được."))
    _require_open(swap)
    tell_swap_over(swap, now)
    return _end(hat, swap, SwapState.WITHDRAWN, "swap.withdrawn", now)


def _answerable(hat: Hat, swap_id: UUID) -> ShiftSwap:
    swap = access_swap(hat, swap_id)
    if swap.asked.user_id != hat.user.pk:
        raise NotAllowed("swap.not_asked", _("Chỉ người được hỏi mới trả lời được."))
    _require_open(swap)
    return swap


def _require_open(swap: ShiftSwap) -> None:
    if swap.state != SwapState.PROPOSED:
        raise Conflict(
            "swap.answered",
            _("Đề nghị này đã có kết quả: %(state)s.") % {"state": str(SwapState(swap.state).label).lower()},
        )


def _end(hat: Hat, swap: ShiftSwap, state: SwapState, action: str, now: datetime) -> ShiftSwap:
    swap.state, swap.answered_at = state, now
    swap.save(update_fields=["state", "answered_at"])
    _recorded(action, hat, swap, now)
    return swap


def _recorded(action: str, hat: Hat, swap: ShiftSwap, now: datetime) -> None:
    record(action, now=now, hat=hat, object_type="swap", object_id=swap.id)
    announce_on_commit("calendar.changed", now=now, facility=str(hat.facility.id))
