"""Pages of duty: the month of a roster, one shift with its notes, swaps."""

from datetime import date, timedelta
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from scheduling.calendars import rules
from scheduling.calendars.access import (
    access_own_roster,
    access_shift,
    colleagues,
    require_editor,
    visible_rosters,
)
from scheduling.calendars.domain import rosters, swaps
from scheduling.calendars.domain.feeds import shift_entry
from scheduling.calendars.domain.sheets import (
    RosterMonth,
    on_call_board,
    roster_month,
    swappable,
    swaps_of,
)
from scheduling.calendars.enums import DutyRank, RosterCover, SwapState
from scheduling.calendars.ical import invitation_file
from scheduling.calendars.models import OnCallShift, Roster
from scheduling.calendars.ranges import interval_of
from telehealth.accounts.hat import Hat
from telehealth.accounts.models import Membership
from telehealth.core import clock
from telehealth.core.errors import DomainError, Invalid
from telehealth.web.forms.calendars import (
    NoteForm,
    PersonForm,
    RosterForm,
    ShiftForm,
    SwapForm,
    shift_values,
)
from telehealth.web.http import with_role
from telehealth.web.views.schedule import STAFF_ROLES, UNPROCESSABLE, attempt, day_in, page


@require_GET
@with_role(*STAFF_ROLES)
def on_call(request: HttpRequest, hat: Hat) -> HttpResponseBase:
    """Show who is on call now and the month of one roster, with what is empty."""
    return _month(request, hat)


@require_POST
@with_role(*STAFF_ROLES)
def add_shift(request: HttpRequest, hat: Hat, roster_id: UUID) -> HttpResponseBase:
    """Put somebody on duty."""
    roster = access_own_roster(hat, roster_id)
    form = ShiftForm(request.POST, people=colleagues(hat))
    if attempt(
        form,
        lambda: rosters.add_shift(
            hat=hat,
            roster_id=roster.id,
            membership_id=UUID(form.cleaned_data["person"]),
            rank=DutyRank(form.cleaned_data["rank"]),
            during=form.during(),
            now=clock.now(),
        ),
    ):
        messages.success(request, _("Đã xếp người trực."))
        return redirect(_address(roster, form.cleaned_data["first_day"]))
    return _month(request, hat, roster=roster, form=form)


@require_POST
@with_role(*STAFF_ROLES)
def save_roster(request: HttpRequest, hat: Hat) -> HttpResponseBase:
    """Open a roster, or change what it has to cover."""
    require_editor(hat)
    form = RosterForm(request.POST)
    if not form.is_valid():
        raise Invalid("roster.form", _("Hãy chọn chuyên khoa và thời gian phải có người trực."))
    roster = rosters.save_roster(
        hat=hat,
        specialty=form.specialty_chosen(),
        cover=RosterCover(form.cleaned_data["cover"]),
        now=clock.now(),
    )
    messages.success(request, _("Đã lập lịch trực. Hãy xếp người."))
    return redirect(_address(roster, timezone.localdate(clock.now())))


def _month(
    request: HttpRequest, hat: Hat, *, roster: Roster | None = None, form: ShiftForm | None = None
) -> HttpResponse:
    now = clock.now()
    today = timezone.localdate(now)
    seen = list(visible_rosters(hat))
    seen.sort(key=lambda one: one.facility_id != hat.facility.id)
    asked = request.GET.get("roster", "")
    roster = roster or next((one for one in seen if str(one.id) == asked), seen[0] if seen else None)
    month = day_in(request, "month", form.cleaned_data.get("first_day", today) if form else today)
    context: dict[str, object] = {
        "rosters": seen,
        "roster": roster,
        "ranks": list(DutyRank),
        "roster_form": RosterForm(),
        "open_swaps": sum(
            one.state == SwapState.PROPOSED and one.asked.user_id == hat.user.pk
            for one in swaps_of(hat, now=now)
        ),
    }
    if roster is not None:
        shown = roster_month(roster, month, now=now)
        own = roster.facility_id == hat.facility.id
        same_house = [one for one in seen if one.facility_id == roster.facility_id]
        context |= {
            "month": shown,
            "own": own,
            "before": (shown.first - timedelta(days=1)).replace(day=1),
            "after": (shown.first + timedelta(days=31)).replace(day=1),
            "on_call": on_call_board(roster.facility, same_house, now=now),
            "form": form or _shift_form(request, hat, shown, today),
        }
    status = UNPROCESSABLE if form is not None else 200
    return page(request, hat, "on_call/month.html", status=status, **context)


def _shift_form(request: HttpRequest, hat: Hat, month: RosterMonth, today: date) -> ShiftForm | None:
    """Return the form for one more duty, filled in for the day that was pressed, else for the first one that is open."""
    if month.roster.facility_id != hat.facility.id or not rules.may_edit(hat):
        return None
    wanted = day_in(request, "day", today)
    days = list(month.days)
    ahead = [day for day in days if day.day.date >= today]
    chosen = next((day for day in days if day.day.date == wanted), None)
    if "day" not in request.GET:
        chosen = next((day for day in ahead if not day.by_rank[DutyRank.PRIMARY]), chosen)
    chosen = chosen or days[0]
    rank = next((one for one in DutyRank if not chosen.by_rank[one]), DutyRank.PRIMARY)
    return ShiftForm(people=colleagues(hat), initial=shift_values(chosen.usual, rank))


def _address(roster: Roster, day: date) -> str:
    return f"{reverse('on_call')}?roster={roster.id}&month={day:%Y-%m-%d}"


## One duty ---


@require_GET
@with_role(*STAFF_ROLES)
def shift(request: HttpRequest, hat: Hat, shift_id: UUID) -> HttpResponseBase:
    """Show a duty: who, when, what was handed over; swap it, give it to somebody else, take it off."""
    return _shift(request, hat, access_shift(hat, shift_id))


@require_http_methods(["POST"])
@with_role(*STAFF_ROLES)
def write_note(request: HttpRequest, hat: Hat, shift_id: UUID) -> HttpResponseBase:
    """Add a hand-over note."""
    form = NoteForm(request.POST)
    if attempt(
        form,
        lambda: rosters.write_hand_over(
            hat=hat, shift_id=shift_id, text=form.cleaned_data["text"], now=clock.now()
        ),
    ):
        messages.success(request, _("Đã lưu bàn giao."))
        return redirect("shift", shift_id=shift_id)
    return _shift(request, hat, access_shift(hat, shift_id), refused={"note_form": form})


@require_POST
@with_role(*STAFF_ROLES)
def reassign(request: HttpRequest, hat: Hat, shift_id: UUID) -> HttpResponseBase:
    """Give a duty to somebody else."""
    form = PersonForm(request.POST, people=colleagues(hat))
    if attempt(
        form,
        lambda: rosters.reassign_shift(
            hat=hat,
            shift_id=shift_id,
            membership_id=UUID(form.cleaned_data["person"]),
            now=clock.now(),
        ),
    ):
        messages.success(request, _("Đã đổi người trực."))
        return redirect("shift", shift_id=shift_id)
    return _shift(request, hat, access_shift(hat, shift_id), refused={"person_form": form})


@require_POST
@with_role(*STAFF_ROLES)
def cancel(request: HttpRequest, hat: Hat, shift_id: UUID) -> HttpResponseBase:
    """Take a duty off the roster."""
    gone = rosters.cancel_shift(hat=hat, shift_id=shift_id, now=clock.now())
    messages.success(request, _("Đã bỏ ca trực. Chỗ trống hiện trên lịch."))
    return redirect(_address(gone.roster, timezone.localdate(interval_of(gone.during).start)))


@require_POST
@with_role(*STAFF_ROLES)
def propose(request: HttpRequest, hat: Hat, shift_id: UUID) -> HttpResponseBase:
    """Ask a colleague to take one's duty."""
    found = access_shift(hat, shift_id)
    now = clock.now()
    form = SwapForm(request.POST, people=_others(hat), shifts=swappable(found, now=now))
    if attempt(
        form,
        lambda: swaps.propose_swap(
            hat=hat,
            shift_id=shift_id,
            asked_id=UUID(form.cleaned_data["asked"]),
            in_return_id=UUID(form.cleaned_data["in_return"]) if form.cleaned_data["in_return"] else None,
            note=form.cleaned_data["note"],
            now=now,
        ),
    ):
        messages.success(request, _("Đã gửi đề nghị. Ca trực chưa đổi cho đến khi được đồng ý."))
        return redirect("swaps")
    return _shift(request, hat, found, refused={"swap_form": form})


@require_GET
@with_role(*STAFF_ROLES)
def shift_file(request: HttpRequest, hat: Hat, shift_id: UUID) -> HttpResponseBase:
    """Give a duty as a calendar file."""
    found = access_shift(hat, shift_id)
    return HttpResponse(
        invitation_file(shift_entry(found)),
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="ca-truc-{found.id}.ics"'},
    )


def _others(hat: Hat) -> list[Membership]:
    return [one for one in colleagues(hat) if one.user_id != hat.user.pk]


def _shift(
    request: HttpRequest, hat: Hat, found: OnCallShift, *, refused: dict[str, forms.Form] | None = None
) -> HttpResponse:
    now = clock.now()
    during = interval_of(found.during)
    mine = found.user_id == hat.user.pk
    context: dict[str, object] = {
        "shift": found,
        "mine": mine,
        "is_over": during.end <= now,
        "is_on": during.holds(now),
        "notes": found.notes.select_related("author__user"),
        "note_form": NoteForm(),
        "open_swap": found.swaps.filter(state=SwapState.PROPOSED).select_related("asked__user").first(),
    }
    if mine and during.start > now:
        context["swap_form"] = SwapForm(people=_others(hat), shifts=swappable(found, now=now))
    if rules.may_edit(hat) and during.end > now:
        context["person_form"] = PersonForm(people=colleagues(hat))
    status = UNPROCESSABLE if refused else 200
    return page(request, hat, "on_call/shift.html", status=status, **(context | (refused or {})))


## Swaps ---


@require_GET
@with_role(*STAFF_ROLES)
def swap_list(request: HttpRequest, hat: Hat) -> HttpResponseBase:
    """Show the proposals the person made or received."""
    return page(request, hat, "on_call/swaps.html", swaps=swaps_of(hat, now=clock.now()))


@require_POST
@with_role(*STAFF_ROLES)
def answer_swap(request: HttpRequest, hat: Hat, swap_id: UUID) -> HttpResponseBase:
    """Agree, decline or withdraw. What stands in the way is told on the same page."""
    now = clock.now()
    try:
        match request.POST.get("answer", ""):
            case "accept":
                swaps.accept_swap(hat=hat, swap_id=swap_id, now=now)
                messages.success(request, _("Đã đổi trực. Lịch trực đã cập nhật cho cả hai người."))
            case "withdraw":
                swaps.withdraw_swap(hat=hat, swap_id=swap_id, now=now)
                messages.success(request, _("Đã rút đề nghị."))
            case _other:
                swaps.decline_swap(hat=hat, swap_id=swap_id, now=now)
                messages.success(request, _("Đã trả lời: không đồng ý. Lịch trực không đổi."))
    except DomainError as error:
        messages.error(request, error.text)
    return redirect("swaps")
