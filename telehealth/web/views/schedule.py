"""Pages of time: the week of a facility, one person's availability, leave."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from scheduling.calendars import rules
from scheduling.calendars.access import access_colleague
from scheduling.calendars.domain import availability, leaves
from scheduling.calendars.domain.feeds import feed_of
from scheduling.calendars.domain.sheets import coming_duties, leaves_to_answer, week_sheet
from scheduling.calendars.enums import ExceptionKind, LeaveKind, LeaveState
from scheduling.calendars.models import AvailabilityException, Leave
from telehealth.accounts.enums import Role
from telehealth.accounts.hat import Hat
from telehealth.accounts.models import Membership
from telehealth.core import clock
from telehealth.core.errors import DomainError
from telehealth.web.forms.calendars import AvailabilityForm, ExceptionForm, LeaveForm, monday_of
from telehealth.web.http import with_role

STAFF_ROLES = (Role.DOCTOR, Role.SPECIALIST, Role.COORDINATOR, Role.NURSE, Role.FACILITY_ADMIN)
UNPROCESSABLE = 422


def page(request: HttpRequest, hat: Hat, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """Draw one of the pages of time, with the tabs that lead to the others."""
    context |= {
        "here": hat.facility.id,
        "may_edit": rules.may_edit(hat),
        "has_schedule": rules.has_schedule(hat.role),
        "works_here": hat.role in rules.SCHEDULE_ROLES,
        "today": timezone.localdate(clock.now()),
        "now": clock.now(),
    }
    return render(request, template, context, status=status)


def explain(form: forms.Form, error: DomainError) -> None:
    """Put an error of the domain beside the field it is about, else on top of the form."""
    named = str(error.detail.get("field", ""))
    form.add_error(named if named in form.fields else None, error.text)


def attempt(form: forms.Form, act: Callable[[], object]) -> bool:
    """Do what a valid form asks for; say whether it was done. A refusal stands in the form, with all that was typed."""
    if not form.is_valid():
        return False
    try:
        act()
    except DomainError as error:
        explain(form, error)
        return False
    return True


def day_in(request: HttpRequest, name: str, default: date) -> date:
    """Return a day of the address, or the default when it is none."""
    try:
        return date.fromisoformat(request.GET.get(name, ""))
    except ValueError:
        return default


@require_GET
@with_role(*STAFF_ROLES)
def week(request: HttpRequest, hat: Hat) -> HttpResponseBase:
    """Show the week of the facility: people and things by days."""
    now = clock.now()
    monday = monday_of(day_in(request, "week", timezone.localdate(now)))
    return page(
        request,
        hat,
        "schedule/week.html",
        sheet=week_sheet(hat, monday, now=now),
        monday=monday,
        sunday=monday + timedelta(days=6),
        before=monday - timedelta(days=7),
        after=monday + timedelta(days=7),
        is_this_week=monday == monday_of(timezone.localdate(now)),
        waiting=len(leaves_to_answer(hat)),
    )


@require_GET
@with_role(*STAFF_ROLES)
def mine(request: HttpRequest, hat: Hat) -> HttpResponseBase:
    """Show the person's own availability, leave, duties, and the address of their calendar."""
    return _person(request, hat, hat.membership)


@require_GET
@with_role(*STAFF_ROLES)
def person(request: HttpRequest, hat: Hat, membership_id: UUID) -> HttpResponseBase:
    """Show a colleague's availability; who plans changes it here."""
    return _person(request, hat, access_colleague(hat, membership_id))


def _person(
    request: HttpRequest, hat: Hat, membership: Membership, *, refused: dict[str, forms.Form] | None = None
) -> HttpResponse:
    now = clock.now()
    today = timezone.localdate(now)
    own = membership.id == hat.membership.id
    exceptions = AvailabilityException.objects.filter(membership=membership, during__endswith__gt=now)
    shown = Leave.objects.filter(membership=membership, during__endswith__gt=now)
    context = {
        "membership": membership,
        "own": own,
        "patterns": availability.patterns_of(membership=membership, today=today),
        "exceptions": exceptions,
        "leaves": shown.exclude(state=LeaveState.WITHDRAWN) if own or rules.may_edit(hat) else (),
        "duties": coming_duties(hat, now=now) if own else (),
        "feed": feed_of(hat.user) if own else None,
        "may_except": rules.may_edit_exceptions_of(hat, membership),
        "may_ask_leave": rules.has_schedule(membership.role) and (own or rules.may_edit(hat)),
        "availability_form": AvailabilityForm(initial={"valid_from": today}),
        "exception_form": ExceptionForm(initial={"kind": ExceptionKind.REMOVED, "day": today}),
        "leave_form": LeaveForm(),
    }
    status = UNPROCESSABLE if refused else 200
    return page(request, hat, "schedule/person.html", status=status, **(context | (refused or {})))


@require_POST
@with_role(*STAFF_ROLES)
def add_availability(request: HttpRequest, hat: Hat, membership_id: UUID) -> HttpResponseBase:
    """Add a weekly availability to a person."""
    membership = access_colleague(hat, membership_id)
    form = AvailabilityForm(request.POST)
    if attempt(
        form,
        lambda: availability.add_availability(
            hat=hat, membership=membership, entry=form.entry(), now=clock.now()
        ),
    ):
        messages.success(request, _("Đã thêm giờ hằng tuần."))
        return _back(hat, membership)
    return _person(request, hat, membership, refused={"availability_form": form})


@require_POST
@with_role(*STAFF_ROLES)
def end_availability(request: HttpRequest, hat: Hat, membership_id: UUID, row_id: UUID) -> HttpResponseBase:
    """Take a weekly availability away."""
    availability.end_availability(hat=hat, availability_id=row_id, now=clock.now())
    messages.success(request, _("Đã bỏ giờ hằng tuần. Những lịch đã hẹn vẫn còn."))
    return _back(hat, access_colleague(hat, membership_id))


@require_POST
@with_role(*STAFF_ROLES)
def add_exception(request: HttpRequest, hat: Hat, membership_id: UUID) -> HttpResponseBase:
    """Add time outside the pattern, or take some away."""
    membership = access_colleague(hat, membership_id)
    form = ExceptionForm(request.POST)
    if attempt(
        form,
        lambda: availability.add_exception(
            hat=hat,
            membership=membership,
            kind=ExceptionKind(form.cleaned_data["kind"]),
            during=form.during(),
            note=form.cleaned_data["note"],
            now=clock.now(),
        ),
    ):
        messages.success(request, _("Đã ghi thay đổi giờ."))
        return _back(hat, membership)
    return _person(request, hat, membership, refused={"exception_form": form})


@require_POST
@with_role(*STAFF_ROLES)
def remove_exception(request: HttpRequest, hat: Hat, row_id: UUID) -> HttpResponseBase:
    """Take an exception back, of a person or of a thing."""
    row = AvailabilityException.objects.filter(id=row_id).select_related("membership", "resource").first()
    availability.remove_exception(hat=hat, exception_id=row_id, now=clock.now())
    messages.success(request, _("Đã bỏ thay đổi giờ."))
    if row is not None and row.resource is not None:
        return redirect("resource", resource_id=row.resource.id)
    return _back(hat, row.membership if row is not None and row.membership else hat.membership)


@require_POST
@with_role(*STAFF_ROLES)
def ask_leave(request: HttpRequest, hat: Hat, membership_id: UUID) -> HttpResponseBase:
    """Ask for leave, or enter a colleague's."""
    membership = access_colleague(hat, membership_id)
    form = LeaveForm(request.POST)
    if attempt(
        form,
        lambda: leaves.ask_leave(
            hat=hat,
            membership=membership,
            kind=LeaveKind(form.cleaned_data["kind"]),
            during=form.during(),
            note=form.cleaned_data["note"],
            now=clock.now(),
        ),
    ):
        messages.success(request, _("Đã gửi đơn nghỉ. Giờ khám vẫn mở cho đến khi đơn được duyệt."))
        return _back(hat, membership)
    return _person(request, hat, membership, refused={"leave_form": form})


@require_GET
@with_role(*STAFF_ROLES)
def leave_list(request: HttpRequest, hat: Hat) -> HttpResponseBase:
    """Show the leave that waits for an answer."""
    return page(request, hat, "schedule/leaves.html", leaves=leaves_to_answer(hat))


@require_POST
@with_role(*STAFF_ROLES)
def answer_leave(request: HttpRequest, hat: Hat, leave_id: UUID) -> HttpResponseBase:
    """Grant, refuse or withdraw a leave; a refusal by the domain is told on the page one came from."""
    answer = request.POST.get("answer", "")
    try:
        if answer == "withdraw":
            leaves.withdraw_leave(hat=hat, leave_id=leave_id, now=clock.now())
            messages.success(request, _("Đã rút đơn nghỉ."))
        else:
            leaves.answer_leave(hat=hat, leave_id=leave_id, granted=answer == "grant", now=clock.now())
            messages.success(
                request, _("Đã duyệt đơn nghỉ.") if answer == "grant" else _("Đã trả lời: không duyệt.")
            )
    except DomainError as error:
        messages.error(request, error.text)
    return redirect("my_schedule" if answer == "withdraw" else "leaves")


def _back(hat: Hat, membership: Membership) -> HttpResponseBase:
    if membership.id == hat.membership.id:
        return redirect("my_schedule")
    return redirect("person_schedule", membership_id=membership.id)
