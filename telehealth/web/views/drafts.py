"""Writing a request: the form of the draft, sent at the end."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from telehealth.accounts.enums import CLINICAL_ROLES
from telehealth.accounts.hat import Hat
from telehealth.consultations import rules
from telehealth.consultations.access import access_request
from telehealth.consultations.domain.requests import (
    MAX_QUESTIONS,
    MAX_VITAL_SIGNS,
    hub_choices,
    missing_fields,
    save_draft,
    submit_request,
)
from telehealth.consultations.enums import RequestState, Urgency
from telehealth.consultations.models import Request
from telehealth.core import clock
from telehealth.core.errors import Conflict, DomainError, Invalid
from telehealth.web.forms.drafts import (
    EMPTY_ROW,
    DraftForm,
    Values,
    content_of,
    hubs_offering,
    rows_of,
    values_of_data,
    values_of_draft,
)
from telehealth.web.http import with_hat, with_role
from telehealth.web.presentation import banner

MISSING = {
    "chief_complaint": gettext_lazy("Hãy ghi lý do vào viện."),
    "history_of_present_illness": gettext_lazy("Hãy ghi bệnh sử."),
    "examination": gettext_lazy("Hãy ghi kết quả khám."),
    "provisional_diagnosis": gettext_lazy("Hãy ghi chẩn đoán sơ bộ."),
    "questions": gettext_lazy("Hãy viết ít nhất một câu hỏi."),
    "specialty": gettext_lazy("Hãy chọn chuyên khoa."),
    "hub": gettext_lazy("Hãy chọn bệnh viện nhận."),
}
URGENCY_ABOUT = {
    Urgency.RED: gettext_lazy("Nguy kịch, cần nhiều chuyên khoa ngay. Gọi điện song song."),
    Urgency.URGENT: gettext_lazy("Cần ý kiến trong 15 phút, gặp nhau trong 1 giờ."),
    Urgency.PRIORITY: gettext_lazy("Cần ý kiến trong ngày."),
    Urgency.ROUTINE: gettext_lazy("Hẹn giờ được, người bệnh ổn định."),
    Urgency.ASYNC: gettext_lazy("Không cần gặp; trả lời trong 24–48 giờ."),
}


@require_http_methods(["GET", "POST"])
@with_hat
def draft(request: HttpRequest, hat: Hat, request_id: UUID) -> HttpResponseBase:
    """Show the draft; on POST save it and, for the main button, send it. What was typed stays, whatever is refused."""
    now = clock.now()
    row = access_request(hat, request_id, now=now, act="viewed" if request.method == "GET" else None)
    if request.method == "GET":
        if row.state != RequestState.DRAFT or not rules.may_edit(hat, row):
            return redirect("case", request_id=row.id)
        return _page(request, hat, row)
    try:
        version = _version(request.POST)
        row = save_draft(
            hat=hat, request_id=row.id, content=content_of(request.POST), base_version=version, now=now
        )
        if request.POST.get("do") != "submit":
            messages.success(request, _("Đã lưu bản nháp."))
            return redirect("draft", request_id=row.id)
        row = submit_request(hat=hat, request_id=row.id, now=now)
    except (Conflict, Invalid) as error:
        row = access_request(hat, request_id, now=now, act=None)
        return _page(request, hat, row, error=error)
    messages.success(
        request,
        _("Đã gửi đến %(hub)s. Khi có bác sĩ nhận, trang này và danh sách ca sẽ tự cập nhật.")
        % {"hub": row.hub},
    )
    return redirect("case", request_id=row.id)


@require_GET
@with_role(*CLINICAL_ROLES)
def hub_field(request: HttpRequest, hat: Hat) -> HttpResponseBase:
    """Return the field of the receiving hospital again, after another specialty was chosen."""
    hubs = hub_choices(hat.facility)
    specialty = request.GET.get("specialty", "")
    offering = hubs_offering(hubs, specialty)
    chosen = request.GET.get("hub", "")
    if specialty and len(offering) == 1:
        chosen = str(offering[0].id)
    form = DraftForm(initial={"hub": chosen}, hubs=hubs, specialty=specialty)
    return render(request, "drafts/_hub.html", {"form": form})


@require_POST
@with_role(*CLINICAL_ROLES)
def check_vitals(request: HttpRequest, hat: Hat) -> HttpResponseBase:
    """Return what is worth a second look in one typed row of vital signs. Nothing is kept."""
    rows = rows_of(values_of_data(request.POST))
    return render(request, "drafts/_warnings.html", {"warnings": rows[0].warnings})


@require_GET
@with_hat
def missing(request: HttpRequest, hat: Hat, request_id: UUID) -> HttpResponseBase:
    """Return what the saved draft still needs before it can be sent."""
    row = access_request(hat, request_id, now=clock.now(), act=None)
    return render(
        request, "drafts/_missing.html", {"missing": [MISSING[name] for name in missing_fields(row)]}
    )


def _page(request: HttpRequest, hat: Hat, row: Request, error: DomainError | None = None) -> HttpResponseBase:
    hubs = hub_choices(row.facility)
    saved = values_of_draft(row)
    values: Values = saved if error is None else values_of_data(request.POST)
    specialty = str(values["specialty"])
    typed = None if error is None else request.POST
    form = DraftForm(typed, initial=dict(saved), hubs=hubs, specialty=specialty)
    missing = list(error.detail.get("missing", [])) if error else []
    for name in missing:
        if name in form.fields:
            form.add_error(name, MISSING[name])
    field = error.detail.get("field") if error else None
    if error and isinstance(field, str) and field in form.fields:
        form.add_error(field, error.text)
    context: dict[str, Any] = {
        "case": row,
        "form": form,
        "error": error,
        "banner": banner(row.patient),
        "questions": values["questions"] or [""],
        "questions_error": MISSING["questions"] if "questions" in missing else "",
        "max_questions": MAX_QUESTIONS,
        "rows": rows_of(values),
        "empty_row": EMPTY_ROW,
        "max_rows": MAX_VITAL_SIGNS,
        "urgencies": [(code, label, URGENCY_ABOUT[Urgency(code)]) for code, label in Urgency.choices],
        "urgency": values["urgency"],
        "attachments": row.attachments.select_related("document"),
        "missing": [MISSING[name] for name in (missing_fields(row) if error is None else missing)],
        "hubs": hubs,
        "typed": error is not None,
    }
    return render(request, "drafts/edit.html", context, status=error.status if error else 200)


def _version(data: QueryDict) -> int:
    text = data.get("version", "")
    if not text.isdigit():
        raise Invalid(
            "draft.version_missing", _("Trang này đã cũ. Hãy tải lại trang; bản nháp đã lưu vẫn còn.")
        )
    return int(text)
