"""A sent request, seen from either side, and what one can do to it."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from telehealth.accounts.hat import Hat
from telehealth.consultations import rules
from telehealth.consultations.access import access_request
from telehealth.consultations.domain.lifecycle import Event, can
from telehealth.consultations.domain.meetings import open_meeting
from telehealth.consultations.domain.minutes import possible_secretaries
from telehealth.consultations.domain.opinions import record_decision, sign_opinion
from telehealth.consultations.domain.queries import case_page
from telehealth.consultations.domain.requests import cancel_request, claim_request, close_request
from telehealth.consultations.domain.sessions import open_session
from telehealth.consultations.domain.visit_lists import visit_of_request
from telehealth.consultations.enums import DecisionOutcome, Presence, RequestState, Side
from telehealth.consultations.models import Request
from telehealth.core import clock
from telehealth.core.errors import Conflict, DomainError, Invalid, NotAllowed
from telehealth.lines.domain.queries import link_advice
from telehealth.web.errors import is_fragment
from telehealth.web.http import with_hat
from telehealth.web.presentation import banner, case_timeline, vitals_shown
from telehealth.web.views.lines import advice_shown

PARTS = {
    "status": "cases/_status.html",
    "side": "cases/_side.html",
    "questions": "cases/_questions.html",
    "files": "cases/_files.html",
    "secretary": "cases/_secretary.html",
}
REFUSALS = (Conflict, Invalid, NotAllowed)


@require_GET
@with_hat
def case(request: HttpRequest, hat: Hat, request_id: UUID) -> HttpResponseBase:
    """Show a case. A draft is shown as the form it is, a visit on its own page."""
    row = access_request(hat, request_id, now=clock.now())
    visit = visit_of_request(row.id) if rules.is_visit(row) else None
    if visit is not None:
        return redirect("visit", visit_id=visit.id)
    if row.state == RequestState.DRAFT and rules.may_edit(hat, row):
        return redirect("draft", request_id=row.id)
    return render(request, "cases/case.html", case_context(hat, row))


@require_GET
@with_hat
def case_part(request: HttpRequest, hat: Hat, request_id: UUID, part: str) -> HttpResponseBase:
    """Return one part of the page again, after something changed. The look itself was audited with the page."""
    if part not in PARTS:
        raise Http404
    row = access_request(hat, request_id, now=clock.now(), act=None)
    # What was chosen but not sent is drawn again as it was.
    chosen = {"secretary": request.GET.get("secretary", "")}
    return render(request, PARTS[part], case_context(hat, row) | chosen)


@require_GET
@with_hat
def panel(request: HttpRequest, hat: Hat, request_id: UUID) -> HttpResponseBase:
    """Return the case beside the picture in the room: questions with answer forms, summary, private note."""
    row = access_request(hat, request_id, now=clock.now())
    return render(request, "cases/panel.html", case_context(hat, row, in_room=True))


def act_on_case(
    view: Callable[[HttpRequest, Hat, UUID], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Make a view of an act: POST only. Who comes by GET (a reload after a refusal, a kept address) is led to the case."""

    @wraps(view)
    def guarded(request: HttpRequest, hat: Hat, /, request_id: UUID) -> HttpResponseBase:
        if request.method != "POST":
            return redirect("case", request_id=request_id)
        return view(request, hat, request_id)

    return with_hat(guarded)


@act_on_case
def claim(request: HttpRequest, hat: Hat, request_id: UUID) -> HttpResponseBase:
    return _act(
        request,
        hat,
        request_id,
        lambda now: claim_request(hat=hat, request_id=request_id, now=now),
        done=_("Anh/chị đã nhận ca này. Cơ sở yêu cầu đã được báo."),
    )


@act_on_case
def sign(request: HttpRequest, hat: Hat, request_id: UUID) -> HttpResponseBase:
    """Sign all answers. From the room's panel only the panel is answered: the call goes on around it."""
    if is_fragment(request):
        return _sign_in_room(request, hat, request_id)
    return _act(
        request,
        hat,
        request_id,
        lambda now: sign_opinion(
            hat=hat, request_id=request_id, now=now, secretary_id=_secretary_of(request)
        ),
        done=_("Đã ký kết luận. Biên bản hội chẩn đã lập và cơ sở yêu cầu đã thấy."),
    )


@act_on_case
def decide(request: HttpRequest, hat: Hat, request_id: UUID) -> HttpResponseBase:
    return _act(
        request,
        hat,
        request_id,
        lambda now: record_decision(
            hat=hat,
            request_id=request_id,
            outcome=request.POST.get("outcome", ""),
            reason=request.POST.get("reason", ""),
            now=now,
        ),
        done=_("Đã ghi quyết định. Biên bản có phiên bản mới; ca đã đóng."),
    )


@act_on_case
def open_room(request: HttpRequest, hat: Hat, request_id: UUID) -> HttpResponseBase:
    """Open the room, or find the one already open, and go there."""
    now = clock.now()
    try:
        session = open_session(hat=hat, request_id=request_id, encrypted="encrypted" in request.POST, now=now)
    except REFUSALS as error:
        return _refused(request, hat, request_id, error)
    return redirect("room", session_id=session.id)


@require_http_methods(["GET", "POST"])
@with_hat
def cancel(request: HttpRequest, hat: Hat, request_id: UUID) -> HttpResponseBase:
    """Withdraw a request: a page that asks why, then the act."""
    return _with_reason(request, hat, request_id, "cancel")


@require_http_methods(["GET", "POST"])
@with_hat
def close(request: HttpRequest, hat: Hat, request_id: UUID) -> HttpResponseBase:
    """Close a case without waiting further: a page that asks why, then the act."""
    return _with_reason(request, hat, request_id, "close")


def _sign_in_room(request: HttpRequest, hat: Hat, request_id: UUID) -> HttpResponseBase:
    now = clock.now()
    refused: DomainError | None = None
    try:
        sign_opinion(hat=hat, request_id=request_id, now=now, secretary_id=_secretary_of(request))
    except REFUSALS as error:
        refused = error
    row = access_request(hat, request_id, now=now, act=None)
    context = case_context(hat, row, in_room=True) | {"error": refused, "signed": refused is None}
    context["secretary"] = request.POST.get("secretary", "")
    # 422 is the status whose body htmx puts into the page.
    return render(request, "cases/panel.html", context, status=422 if refused else 200)


def _secretary_of(request: HttpRequest) -> UUID | None:
    """Return whom the form names as secretary; what is no id is a person nobody finds."""
    chosen = request.POST.get("secretary", "")
    try:
        return UUID(chosen) if chosen else None
    except ValueError:
        return UUID(int=0)


def _with_reason(request: HttpRequest, hat: Hat, request_id: UUID, act: str) -> HttpResponseBase:
    now = clock.now()
    row = access_request(hat, request_id, now=now, act=None)
    context: dict[str, Any] = {
        "case": row,
        "act": act,
        "banner": banner(row.patient, allergies=row.allergies),
    }
    if request.method == "GET":
        return render(request, "cases/reason.html", context)
    reason = request.POST.get("reason", "")
    try:
        if act == "cancel":
            cancel_request(hat=hat, request_id=request_id, reason=reason, now=now)
        else:
            close_request(hat=hat, request_id=request_id, reason=reason, now=now)
    except REFUSALS as error:
        context |= {"error": error, "reason": reason}
        return render(request, "cases/reason.html", context, status=error.status)
    messages.success(request, _("Đã hủy yêu cầu.") if act == "cancel" else _("Đã đóng ca."))
    if act == "cancel" and not row.submitted_at:
        return redirect("home")
    return redirect("case", request_id=request_id)


def _act(
    request: HttpRequest,
    hat: Hat,
    request_id: UUID,
    use_case: Callable[[datetime], object],
    *,
    done: str,
) -> HttpResponseBase:
    try:
        use_case(clock.now())
    except REFUSALS as error:
        return _refused(request, hat, request_id, error)
    messages.success(request, done)
    return redirect("case", request_id=request_id)


def _refused(request: HttpRequest, hat: Hat, request_id: UUID, error: DomainError) -> HttpResponseBase:
    """Show the case as it is now, the refusal on top, and what was typed where it was typed."""
    row = access_request(hat, request_id, now=clock.now(), act=None)
    context = case_context(hat, row) | {"error": error, "typed": request.POST}
    context["secretary"] = request.POST.get("secretary", "")
    return render(request, "cases/case.html", context, status=error.status)


def case_context(hat: Hat, row: Request, *, in_room: bool = False) -> dict[str, Any]:
    """Return what the templates of a case need: the rows, and which acts are open to this hat now."""
    page = case_page(hat, row)
    session = page.open_session
    may_answer = rules.may_answer(hat, row) and can(row.state, Event.SIGN)
    return {
        "case": row,
        "page": page,
        "banner": banner(row.patient, allergies=row.allergies),
        # The record belongs to the treating facility; the other side sees what the case tells.
        "patient_url": reverse("patient", args=[row.patient_id]) if page.side == Side.SPOKE else "",
        "vital_rows": [(one.measured_at, vitals_shown(one, row.patient)) for one in page.vital_signs],
        "timeline": case_timeline(page),
        "session": session,
        "people_in_room": [
            p for p in session.participants.all() if p.state in {Presence.IN_ROOM, Presence.WAITING}
        ]
        if session
        else [],
        "line_advice": _line_advice(row),
        "outcomes": DecisionOutcome.choices,
        "may_claim": rules.may_claim(hat, row) and can(row.state, Event.CLAIM),
        "may_answer": may_answer,
        "may_open_room": rules.may_open_room(hat, row) and can(row.state, Event.OPEN_SESSION),
        "may_encrypt_room": rules.may_encrypt_room(hat, row),
        "may_enter_room": session is not None,
        "may_sign": may_answer and page.all_answered,
        "may_schedule": rules.may_schedule(hat, row),
        "meeting": open_meeting(row),
        "may_decide": rules.may_decide(hat, row) and can(row.state, Event.DECIDE),
        "may_cancel": rules.may_edit(hat, row) and can(row.state, Event.CANCEL),
        "may_close": rules.may_close(hat, row) and can(row.state, Event.CLOSE),
        "may_attach": row.state not in {RequestState.CLOSED, RequestState.CANCELLED},
        "in_room": in_room,
        "attendees": possible_secretaries(row) if may_answer else [],
    }


def _line_advice(row: Request) -> dict[str, Any] | None:
    """Return how the asking site's line is, while a call may still be begun on it."""
    if row.state not in {RequestState.SUBMITTED, RequestState.ACCEPTED}:
        return None
    now = clock.now()
    return advice_shown(row.facility.short_name, link_advice(row.facility, now), now=now)
