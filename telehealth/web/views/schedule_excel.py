"""The schedule from and to Excel: template, preview, import, export."""

import secrets
from typing import Any

from django import forms
from django.contrib import messages
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from scheduling.calendars.access import require_editor
from scheduling.calendars.domain.importing import (
    Outcome,
    import_schedule,
    preview_schedule,
    schedule_file,
    template_file,
)
from scheduling.calendars.excel.rows import COLUMNS
from telehealth.accounts.hat import Hat
from telehealth.core import clock
from telehealth.core.errors import Invalid
from telehealth.web.http import with_role
from telehealth.web.views.schedule import STAFF_ROLES, UNPROCESSABLE, explain, page

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KEPT_SECONDS = 30 * 60
SHOWN_ROWS = 200


class FileForm(forms.Form):
    """A workbook to be looked at."""

    file = forms.FileField(
        label=gettext_lazy("Tệp Excel (.xlsx)"),
        help_text=gettext_lazy("Lớn nhất 2 MB. Xem trước đã, chưa nhập ngay."),
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
    )


@require_http_methods(["GET", "POST"])
@with_role(*STAFF_ROLES)
def excel(request: HttpRequest, hat: Hat) -> HttpResponseBase:
    """Take a workbook and show what it would change, row by row. Nothing is changed yet."""
    require_editor(hat)
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method != "POST" or not form.is_valid():
        return _page(request, hat, form, status=UNPROCESSABLE if request.method == "POST" else 200)
    upload = form.cleaned_data["file"]
    content = upload.read(3 * 1024 * 1024)
    try:
        outcome = preview_schedule(hat=hat, content=content, now=clock.now())
    except Invalid as error:
        explain(form, error)
        return _page(request, hat, form, status=UNPROCESSABLE)
    token = secrets.token_urlsafe(16)
    if not outcome.faulty:
        cache.set(_key(hat, token), content, KEPT_SECONDS)
    return _page(request, hat, FileForm(), outcome=outcome, token=token, name=upload.name)


@require_POST
@with_role(*STAFF_ROLES)
def confirm(request: HttpRequest, hat: Hat) -> HttpResponseBase:
    """Take the workbook that was looked at, whole. What has changed since the preview is checked again."""
    require_editor(hat)
    key = _key(hat, request.POST.get("token", "")[:40])
    content = cache.get(key)
    if content is None:
        messages.error(request, _("Bản xem trước đã hết hạn. Chưa nhập gì; hãy chọn lại tệp."))
        return redirect("schedule_excel")
    outcome = import_schedule(hat=hat, content=content, now=clock.now())
    cache.delete(key)
    if outcome.faulty:
        return _page(request, hat, FileForm(), status=UNPROCESSABLE, outcome=outcome)
    messages.success(request, _("Đã nhập %(n)s dòng.") % {"n": len(outcome.rows)})
    return redirect("schedule")


@require_GET
@with_role(*STAFF_ROLES)
def template(request: HttpRequest, hat: Hat) -> HttpResponseBase:
    """Give the workbook to fill in."""
    return _file(template_file(hat=hat), "lich-mau.xlsx")


@require_GET
@with_role(*STAFF_ROLES)
def export(request: HttpRequest, hat: Hat) -> HttpResponseBase:
    """Give the facility's schedule."""
    now = clock.now()
    today = timezone.localdate(now)
    return _file(schedule_file(hat=hat, today=today, now=now), f"lich-{today:%Y-%m-%d}.xlsx")


def _file(content: bytes, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=XLSX, headers=headers)


def _key(hat: Hat, token: str) -> str:
    """Where a workbook waits between preview and import: of this hat only, half an hour, and no loss when it is gone."""
    return f"schedule-import:{hat.membership.id}:{token}"


def _page(
    request: HttpRequest, hat: Hat, form: FileForm, *, outcome: Outcome | None = None, **context: Any
) -> HttpResponse:
    if outcome is not None:
        # What is wrong first: there may be hundreds of right ones.
        rows = sorted(outcome.rows, key=lambda row: not row.faults)
        context |= {"outcome": outcome, "rows": rows[:SHOWN_ROWS], "more": max(0, len(rows) - SHOWN_ROWS)}
    return page(request, hat, "schedule/excel.html", form=form, columns=COLUMNS, **context)
