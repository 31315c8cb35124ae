"""Pages of what a facility has: its hours, its holidays, its rooms and machines."""

from datetime import date
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from scheduling.calendars import rules
from scheduling.calendars.access import access_resource
from scheduling.calendars.domain import availability
from scheduling.calendars.domain import hours as domain
from scheduling.calendars.domain.resources import save_resource
from scheduling.calendars.enums import ExceptionKind
from scheduling.calendars.models import AvailabilityException, Holiday, Resource, WorkingHours
from telehealth.accounts.enums import Role
from telehealth.accounts.hat import Hat
from telehealth.core import clock
from telehealth.web.forms.calendars import (
    ExceptionForm,
    HoursForm,
    ResourceForm,
    SpecialDayForm,
    hours_values,
    resource_values,
)
from telehealth.web.http import with_role
from telehealth.web.views.schedule import STAFF_ROLES, UNPROCESSABLE, attempt, day_in, page

## Hours ---


@require_http_methods(["GET", "POST"])
@with_role(*STAFF_ROLES)
def hours(request: HttpRequest, hat: Hat) -> HttpResponseBase:
    """Show the facility's hours, of the year or of a season; who plans sets them."""
    rows = list(WorkingHours.objects.filter(facility=hat.facility))
    seasons = sorted({(row.valid_from, row.valid_to) for row in rows if row.valid_from}, key=str)
    chosen = day_in(request, "season", date.min)
    season = next((one for one in seasons if one[0] == chosen), (None, None))
    of_season = [row for row in rows if row.valid_from == season[0]]
    proposed = not rows and rules.may_edit(hat)
    initial = hours_values(domain.USUAL_HOURS if proposed else of_season)
    form = HoursForm(
        request.POST or None, initial={**initial, "valid_from": season[0], "valid_to": season[1]}
    )
    if request.method == "POST" and attempt(
        form,
        lambda: domain.set_hours(
            hat=hat,
            entries=form.entries(),
            valid_from=form.cleaned_data["valid_from"],
            valid_to=form.cleaned_data["valid_to"],
            now=clock.now(),
        ),
    ):
        messages.success(request, _("Đã lưu giờ làm việc."))
        return redirect("hours")
    status = UNPROCESSABLE if request.method == "POST" else 200
    return page(
        request,
        hat,
        "schedule/hours.html",
        status=status,
        form=form,
        seasons=seasons,
        season=season[0],
        proposed=proposed,
        rows=of_season,
    )


## Holidays ---

HOLIDAY_ROLES = (*STAFF_ROLES, Role.PROVINCE_OPERATOR)


@require_http_methods(["GET", "POST"])
@with_role(*HOLIDAY_ROLES)
def holidays(request: HttpRequest, hat: Hat) -> HttpResponseBase:
    """Show the special days of a year, the province's and the facility's own; who may adds one."""
    form = SpecialDayForm(request.POST or None)
    if request.method == "POST" and attempt(
        form, lambda: domain.set_special_day(hat=hat, entry=form.entry(), now=clock.now())
    ):
        messages.success(request, _("Đã ghi ngày này."))
        return redirect(f"{request.path}?year={form.cleaned_data['day'].year}")
    this_year = timezone.localdate(clock.now()).year
    typed = request.GET.get("year", "")
    year = int(typed) if typed.isdecimal() and 2020 <= int(typed) <= 2060 else this_year
    province = rules.may_edit_province(hat)
    days = Holiday.objects.filter(Q(facility=None) | Q(facility=hat.facility), day__year=year)
    return page(
        request,
        hat,
        "schedule/holidays.html",
        status=UNPROCESSABLE if request.method == "POST" else 200,
        form=form,
        year=year,
        years=range(this_year - 1, this_year + 3),
        days=[
            (one, (one.facility_id is None) if province else one.facility_id == hat.facility.id)
            for one in days
        ],
        province=province,
        may_change=province or rules.may_edit(hat),
    )


@require_POST
@with_role(Role.PROVINCE_OPERATOR)
def propose_holidays(request: HttpRequest, hat: Hat) -> HttpResponseBase:
    """Put the public holidays of a year into the province's list, to be edited."""
    typed = request.POST.get("year", "")
    year = int(typed) if typed.isdecimal() and len(typed) == 4 else 0
    added = domain.propose_holidays(hat=hat, year=year, now=clock.now())
    messages.success(
        request,
        _("Đã thêm %(n)s ngày. Hãy xem lại theo thông báo nghỉ lễ của năm.") % {"n": added}
        if added
        else _("Không có ngày nào mới."),
    )
    return redirect(f"/schedule/holidays/?year={year}")


@require_POST
@with_role(*HOLIDAY_ROLES)
def remove_holiday(request: HttpRequest, hat: Hat, holiday_id: UUID) -> HttpResponseBase:
    """Take a special day off the list."""
    domain.remove_special_day(hat=hat, holiday_id=holiday_id, now=clock.now())
    messages.success(request, _("Đã bỏ ngày này khỏi danh sách."))
    return redirect("holidays")


## Rooms and machines ---


@require_http_methods(["GET", "POST"])
@with_role(*STAFF_ROLES)
def resources(request: HttpRequest, hat: Hat) -> HttpResponseBase:
    """Show the rooms and machines of the facility; who plans adds one."""
    form = ResourceForm(request.POST or None, facility=hat.facility)
    if request.method == "POST" and attempt(
        form, lambda: save_resource(hat=hat, entry=form.entry(), now=clock.now())
    ):
        messages.success(request, _("Đã thêm. Từ nay đặt lịch được."))
        return redirect("resources")
    return page(
        request,
        hat,
        "schedule/resources.html",
        status=UNPROCESSABLE if request.method == "POST" else 200,
        form=form,
        resources=Resource.objects.filter(facility=hat.facility).select_related("department"),
    )


@require_http_methods(["GET", "POST"])
@with_role(*STAFF_ROLES)
def resource(request: HttpRequest, hat: Hat, resource_id: UUID) -> HttpResponseBase:
    """Show a room or machine and when it is out of use; who plans changes it."""
    row = access_resource(hat, resource_id)
    form = ResourceForm(request.POST or None, facility=hat.facility, initial=resource_values(row))
    if request.method == "POST" and attempt(
        form,
        lambda: save_resource(hat=hat, entry=form.entry(), resource_id=row.id, now=clock.now()),
    ):
        messages.success(request, _("Đã lưu thay đổi."))
        return redirect("resources")
    return _resource(request, hat, row, form=form, refused=request.method == "POST")


@require_POST
@with_role(*STAFF_ROLES)
def except_resource(request: HttpRequest, hat: Hat, resource_id: UUID) -> HttpResponseBase:
    """Say when a room or machine cannot be used, or can be used besides."""
    row = access_resource(hat, resource_id)
    exception = ExceptionForm(request.POST)
    if attempt(
        exception,
        lambda: availability.add_exception(
            hat=hat,
            resource=row,
            kind=ExceptionKind(exception.cleaned_data["kind"]),
            during=exception.during(),
            note=exception.cleaned_data["note"],
            now=clock.now(),
        ),
    ):
        messages.success(request, _("Đã ghi thay đổi giờ."))
        return redirect("resource", resource_id=row.id)
    return _resource(request, hat, row, exception=exception, refused=True)


def _resource(
    request: HttpRequest,
    hat: Hat,
    row: Resource,
    *,
    form: forms.Form | None = None,
    exception: forms.Form | None = None,
    refused: bool,
) -> HttpResponse:
    now = clock.now()
    start = {"kind": ExceptionKind.REMOVED, "day": timezone.localdate(now)}
    return page(
        request,
        hat,
        "schedule/resource.html",
        status=UNPROCESSABLE if refused else 200,
        resource=row,
        form=form or ResourceForm(facility=hat.facility, initial=resource_values(row)),
        exception_form=exception or ExceptionForm(initial=start),
        exceptions=AvailabilityException.objects.filter(resource=row, during__endswith__gt=now),
    )
