"""Remote appointments as the practitioner sees them: the day, one visit with its summary, the links into its room."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from telehealth.accounts.enums import CLINICAL_ROLES, Role
from telehealth.accounts.hat import Hat
from telehealth.consultations import rules
from telehealth.consultations.domain import guests
from telehealth.consultations.domain.summaries import sign_summary
from telehealth.consultations.domain.visit_lists import VisitRow, visit_row, visits_between
from telehealth.consultations.domain.visits import access_visit, open_visit
from telehealth.consultations.models import SUMMARY_OF_VISIT, Visit
from telehealth.core import clock
from telehealth.core.errors import Conflict, DomainError, Invalid, NotAllowed
from telehealth.web.errors import is_fragment
from telehealth.web.http import with_hat, with_role
from telehealth.web.presentation import banner

DAYS_AHEAD = 7
REFUSALS = (Conflict, Invalid, NotAllowed)
WORDS: dict[str, tuple[str | Promise, str | Promise, str]] = {
    "findings": (
        gettext_lazy("Bác sĩ nhận định"),
        gettext_lazy("Bằng lời người bệnh hiểu được, không viết tắt."),
        "3",
    ),
    "advice": (
        gettext_lazy("Việc cần làm"),
        gettext_lazy("Thuốc, ăn uống, theo dõi: mỗi việc một dòng."),
        "4",
    ),
    "warning_signs": (
        gettext_lazy("Đi khám ngay khi"),
        gettext_lazy("Dấu hiệu nguy hiểm, và gọi ai."),
        "2",
    ),
    "follow_up": (gettext_lazy("Hẹn khám lại"), gettext_lazy("Khi nào, ở đâu."), "2"),
}
assert tuple(WORDS) == SUMMARY_OF_VISIT


@require_GET
@with_role(*CLINICAL_ROLES)
def visits(request: HttpRequest, hat: Hat) -> HttpResponseBase:
    """Show today's remote appointments, who waits, and those of the next days."""
    return render(request, "visits/visits.html", _list_context(hat))


@require_GET
@with_role(*CLINICAL_ROLES)
def visits_part(request: HttpRequest, hat: Hat) -> HttpResponseBase:
    """Return the list again, for a page that heard that something changed."""
    return render(request, "visits/_list.html", _list_context(hat))


@require_GET
@with_hat
def visit(request: HttpRequest, hat: Hat, visit_id: UUID) -> HttpResponseBase:
    """Show one visit: what the patient said, the summary, the links."""
    row = access_visit(hat, visit_id, now=clock.now())
    return render(request, "visits/visit.html", _context(request, hat, row))


@require_GET
@with_hat
def panel(request: HttpRequest, hat: Hat, visit_id: UUID) -> HttpResponseBase:
    """Return the visit beside the picture in the room."""
    row = access_visit(hat, visit_id, now=clock.now())
    return render(request, "visits/panel.html", _context(request, hat, row) | {"in_room": True})


@require_GET
@with_hat
def status(request: HttpRequest, hat: Hat, visit_id: UUID) -> HttpResponseBase:
    """Return how the visit stands, for a page that heard that something changed. The look was audited with the page."""
    row = access_visit(hat, visit_id, now=clock.now(), act=None)
    return render(request, "visits/_status.html", _context(request, hat, row))


def act_on_visit(
    view: Callable[[HttpRequest, Hat, UUID], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Make a view of an act: POST only; a refusal shows the visit as it is, with the sentence on top."""

    def guarded(request: HttpRequest, hat: Hat, /, visit_id: UUID) -> HttpResponseBase:
        try:
            return view(request, hat, visit_id)
        except REFUSALS as error:
            return _refused(request, hat, visit_id, error)

    return require_POST(with_hat(guarded))


@act_on_visit
def open_room(request: HttpRequest, hat: Hat, visit_id: UUID) -> HttpResponseBase:
    """Open the visit's room, or find the one already open, and go there."""
    session = open_visit(who=hat, visit_id=visit_id, now=clock.now())
    return redirect("room", session_id=session.id)


@act_on_visit
def sign(request: HttpRequest, hat: Hat, visit_id: UUID) -> HttpResponseBase:
    """Sign the summary. From the room's panel only the panel is answered: the call goes on around it."""
    row = sign_summary(hat=hat, visit_id=visit_id, now=clock.now())
    if is_fragment(request):
        context = _context(request, hat, row) | {"in_room": True, "signed": True}
        return render(request, "visits/panel.html", context)
    messages.success(request, _("Đã ký. Người bệnh đọc được bản tóm tắt bằng liên kết của mình."))
    return redirect("visit", visit_id=visit_id)


@act_on_visit
def invite(request: HttpRequest, hat: Hat, visit_id: UUID) -> HttpResponseBase:
    guests.invite_relative(
        hat=hat,
        visit_id=visit_id,
        name=request.POST.get("name", ""),
        phone=request.POST.get("phone", ""),
        now=clock.now(),
    )
    messages.success(request, _("Đã tạo liên kết cho người nhà; tin nhắn đang được gửi đi."))
    return redirect("visit", visit_id=visit_id)


@act_on_visit
def renew(request: HttpRequest, hat: Hat, visit_id: UUID) -> HttpResponseBase:
    guests.renew_patient_link(hat=hat, visit_id=visit_id, now=clock.now())
    messages.success(request, _("Người bệnh có liên kết mới. Liên kết cũ không còn dùng được."))
    return redirect("visit", visit_id=visit_id)


@require_POST
@with_hat
def revoke(request: HttpRequest, hat: Hat, visit_id: UUID, link_id: UUID) -> HttpResponseBase:
    """End a link; whoever came by it is out of the room at once."""
    access_visit(hat, visit_id, now=clock.now(), act=None)
    guests.revoke_link(hat=hat, link_id=link_id, now=clock.now())
    messages.success(request, _("Đã thu hồi liên kết. Người dùng liên kết đó đã ra khỏi phòng."))
    return redirect("visit", visit_id=visit_id)


def _refused(request: HttpRequest, hat: Hat, visit_id: UUID, error: DomainError) -> HttpResponseBase:
    row = access_visit(hat, visit_id, now=clock.now(), act=None)
    context = _context(request, hat, row) | {"error": error, "typed": request.POST}
    if is_fragment(request):
        # 422 is the status whose body htmx puts into the page.
        return render(request, "visits/panel.html", context | {"in_room": True}, status=422)
    return render(request, "visits/visit.html", context, status=error.status)


def _list_context(hat: Hat) -> dict[str, Any]:
    now = clock.now()
    today = timezone.localtime(now).date()
    rows = visits_between(hat, days=(today, today + timedelta(days=DAYS_AHEAD)), now=now)
    return {
        "today": [row for row in rows if _day(row) == today],
        "later": [row for row in rows if _day(row) != today],
        "date": today,
        "is_helper": hat.role in {Role.COORDINATOR, Role.NURSE},
        "may_open": rules.may_open_visits(hat) or hat.role in {Role.DOCTOR, Role.SPECIALIST},
    }


def _day(row: VisitRow) -> object:
    return timezone.localtime(row.visit.starts_at).date()


def _context(request: HttpRequest, hat: Hat, visit: Visit) -> dict[str, Any]:
    now: datetime = clock.now()
    is_practitioner = rules.is_practitioner(hat, visit)
    may_write = is_practitioner and visit.signed_at is None
    row = visit_row(visit.id, now=now)
    patient = visit.request.patient if visit.request else visit.appointment.patient
    return {
        "visit": visit,
        "row": row,
        "banner": banner(patient) if patient else None,
        "patient_url": reverse("patient", args=[patient.id]) if patient else "",
        "fields": [
            {"name": name, "label": label, "hint": hint, "rows": rows, "value": getattr(visit, name)}
            for name, (label, hint, rows) in WORDS.items()
        ],
        "attachments": visit.request.attachments.select_related("document") if visit.request else [],
        "links": [
            {
                "link": link,
                "url": request.build_absolute_uri(reverse("join", args=[guests.token_of(link.id)])),
            }
            for link in visit.links.order_by("issued_at")
            if link.revoked_at is None
        ],
        "may_write": may_write,
        # A draft is its author's; what is signed is read by all who look after the visit.
        "may_read": is_practitioner or visit.signed_at is not None,
        "may_sign": may_write and visit.request is not None,
        "may_open": row.state not in {"done", "missed", "cancelled"}
        and (is_practitioner or rules.may_open_visits(hat) or row.session is not None),
    }
