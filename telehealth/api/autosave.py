"""Saving as people type. PUT form-encoded fields + `version`; answers in JSON.

200 `{"version", "saved_at"}`; 409 `{"code", "text", "version", "values"}` when somebody saved meanwhile: `values` is what
stands on the server, under the form's names; other refusals `{"code", "text"}` with 4xx: what was typed stays with the sender.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponseBase, JsonResponse, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from telehealth.accounts.hat import Hat
from telehealth.consultations.access import access_request
from telehealth.consultations.domain.opinions import save_answer, save_note
from telehealth.consultations.domain.requests import save_draft
from telehealth.consultations.domain.summaries import save_summary
from telehealth.consultations.models import SUMMARY_OF_VISIT
from telehealth.core import clock
from telehealth.core.errors import Conflict, Invalid
from telehealth.web.errors import as_json
from telehealth.web.forms.drafts import content_of, values_of_draft
from telehealth.web.http import with_hat


@require_http_methods(["PUT"])
@with_hat
def draft(request: HttpRequest, hat: Hat, request_id: UUID) -> HttpResponseBase:
    """Keep the draft of a request."""
    data, version, now = _read(request)

    def theirs() -> Mapping[str, Any]:
        row = access_request(hat, request_id, now=now, act=None)
        return {"version": row.version, "values": values_of_draft(row)}

    return _saved(
        lambda: (
            save_draft(
                hat=hat, request_id=request_id, content=content_of(data), base_version=version, now=now
            ).version
        ),
        theirs,
        now,
    )


@require_http_methods(["PUT"])
@with_hat
def answer(request: HttpRequest, hat: Hat, question_id: UUID) -> HttpResponseBase:
    """Keep the draft answer to one question. Only its author sees it before it is signed."""
    data, version, now = _read(request)
    return _saved(
        lambda: (
            save_answer(
                hat=hat,
                question_id=question_id,
                conclusion=data.get("conclusion", ""),
                further_treatment=data.get("further_treatment", ""),
                base_version=version,
                now=now,
            ).version
        ),
        None,
        now,
    )


@require_http_methods(["PUT"])
@with_hat
def note(request: HttpRequest, hat: Hat, request_id: UUID) -> HttpResponseBase:
    """Keep a person's own notes on a case."""
    data, version, now = _read(request)
    return _saved(
        lambda: (
            save_note(
                hat=hat, request_id=request_id, text=data.get("text", ""), base_version=version, now=now
            ).version
        ),
        None,
        now,
    )


@require_http_methods(["PUT"])
@with_hat
def visit_summary(request: HttpRequest, hat: Hat, visit_id: UUID) -> HttpResponseBase:
    """Keep the draft summary of a visit. Only its practitioner sees it before it is signed."""
    data, version, now = _read(request)
    values = {name: data.get(name, "") for name in SUMMARY_OF_VISIT}
    return _saved(
        lambda: (
            save_summary(hat=hat, visit_id=visit_id, values=values, base_version=version, now=now).version
        ),
        None,
        now,
    )


def _read(request: HttpRequest) -> tuple[QueryDict, int, datetime]:
    """Return the fields, the version they are based on, and the time.

    Raises:
        Invalid: `draft.too_long` beyond the size of a request body, `draft.version_missing`.
    """
    try:
        # Django parses bodies of POST only.
        data = QueryDict(request.body, encoding="utf-8")
    except RequestDataTooBig:
        raise Invalid(
            "draft.too_long", _("Nội dung dài quá giới hạn. Hãy rút gọn hoặc đính kèm tệp.")
        ) from None
    version = data.get("version", "")
    if not version.isdigit():
        raise Invalid(
            "draft.version_missing", _("Trang này đã cũ. Hãy tải lại trang; bản nháp đã lưu vẫn còn.")
        )
    return data, int(version), clock.now()


def _saved(
    save: Callable[[], int], theirs: Callable[[], Mapping[str, Any]] | None, now: datetime
) -> JsonResponse:
    try:
        version = save()
    except Conflict as error:
        if "version" not in error.detail:
            # Signed, sent or closed meanwhile: there are not two versions to choose from, so it is no 409 of autosave.
            return as_json(error, status=422)
        return as_json(error, **(theirs() if theirs else {}))
    saved_at = timezone.localtime(now).isoformat(timespec="seconds")
    return JsonResponse({"version": version, "saved_at": saved_at})
