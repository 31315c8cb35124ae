"""The home page: what waits for whom."""

from dataclasses import dataclass

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from telehealth.accounts.enums import CLINICAL_ROLES, Role
from telehealth.accounts.hat import Hat
from telehealth.accounts.models import User
from telehealth.consultations import rules
from telehealth.consultations.domain.lifecycle import Event, can
from telehealth.consultations.domain.queries import (
    Tab,
    counts_of,
    recently_taken,
    stands_at_hub,
    tabs_of,
    worklist,
)
from telehealth.consultations.models import Request
from telehealth.core import clock
from telehealth.web.http import hat_of, hats_on, signed_in, with_role
from telehealth.web.middleware import HAT_KEY

PAGE_SIZE = 50

LABELS: dict[Tab, str | Promise] = {
    Tab.DRAFTS: _("Bản nháp"),
    Tab.WAITING: _("Chờ nhận"),
    Tab.MINE: _("Của tôi"),
    Tab.LIVE: _("Đang hội chẩn"),
    Tab.DECISION: _("Chờ quyết định"),
    Tab.DONE: _("Đã xong"),
}
EMPTY: dict[Tab, tuple[str | Promise, str | Promise]] = {
    Tab.DRAFTS: (
        _("Không có bản nháp nào"),
        _("Mở hồ sơ người bệnh rồi chọn “Lập yêu cầu hội chẩn” để bắt đầu."),
    ),
    Tab.WAITING: (_("Không có ca nào đang chờ nhận"), _("Ca mới sẽ tự hiện ở đây và có chuông báo.")),
    Tab.MINE: (_("Chưa có ca nào đang theo"), _("Ca đã nhận mà chưa kết luận sẽ ở đây.")),
    Tab.LIVE: (_("Không có phòng nào đang mở"), _("Phòng đang hội chẩn sẽ tự hiện ở đây.")),
    Tab.DECISION: (
        _("Không có ca nào chờ quyết định"),
        _("Khi kết luận được ký, bác sĩ điều trị ghi quyết định tại đây."),
    ),
    Tab.DONE: (_("Chưa có ca nào xong"), _("Ca đã đóng hoặc đã hủy sẽ được giữ ở đây.")),
}


@dataclass(frozen=True)
class TabLink:
    """One tab as the template draws it."""

    key: str
    label: str | Promise
    count: int
    current: bool


@dataclass(frozen=True)
class Row:
    """One request of the list with the one thing the reader would do next."""

    request: Request
    action: str  # "claim", "write", "enter", "answer", "decide" or "look"
    session: object
    other_side: str


@signed_in
def home(request: HttpRequest, user: User) -> HttpResponseBase:
    """Send everybody to the page their work begins on."""
    hat = hat_of(request)
    if hat is None:
        if hasattr(user, "patient"):
            return redirect("me")
        return render(request, "no_role.html", status=403)
    if len(hats_on(request)) > 1 and HAT_KEY not in request.session:
        return redirect("hat")
    match hat.role:
        case Role.FACILITY_ADMIN:
            return redirect("people")
        case Role.PROVINCE_OPERATOR:
            return redirect("province")
        case Role.AUDITOR:
            return redirect("audit")
        case _:
            return render(request, "worklist/worklist.html", _context(request, hat))


@require_GET
@with_role(*CLINICAL_ROLES)
def worklist_part(request: HttpRequest, hat: Hat) -> HttpResponseBase:
    """Return tabs and rows again, for a page that heard that something changed."""
    return render(request, "worklist/_list.html", _context(request, hat))


def _context(request: HttpRequest, hat: Hat) -> dict[str, object]:
    tabs = tabs_of(hat)
    counts = counts_of(hat, tabs)
    asked = request.GET.get("tab", "")
    current = Tab(asked) if asked in tabs else _first_with_work(tabs, counts)
    page = Paginator(worklist(hat, current), PAGE_SIZE).get_page(request.GET.get("page"))
    title, text = EMPTY[current]
    return {
        "tabs": [TabLink(tab.value, _label(hat, tab), counts[tab], current=tab == current) for tab in tabs],
        "current": current.value,
        "rows": [_row(hat, one) for one in page.object_list],
        "page": page,
        "taken": recently_taken(hat, now=clock.now()) if current == Tab.WAITING else (),
        "empty_title": title,
        "empty_text": text,
        "at_hub": stands_at_hub(hat),
        "may_ask": rules.may_ask(hat),
    }


def _first_with_work(tabs: tuple[Tab, ...], counts: dict[Tab, int]) -> Tab:
    work = (Tab.WAITING, Tab.MINE, Tab.DECISION, Tab.DRAFTS)
    return next((tab for tab in work if tab in tabs and counts[tab]), Tab.WAITING)


def _label(hat: Hat, tab: Tab) -> str | Promise:
    if tab == Tab.MINE and hat.role != Role.SPECIALIST:
        return _("Đã nhận")
    return LABELS[tab]


def _row(hat: Hat, request: Request) -> Row:
    session = getattr(request, "open_session", None)
    other = request.facility if hat.facility != request.facility else request.hub
    return Row(request, _next_action(hat, request, session), session, str(other or ""))


def _next_action(hat: Hat, request: Request, session: object) -> str:
    if can(request.state, Event.CLAIM) and rules.may_claim(hat, request):
        return "claim"
    if can(request.state, Event.SUBMIT) and rules.may_edit(hat, request):
        return "write"
    if session and can(request.state, Event.OPEN_SESSION):
        return "enter"
    if can(request.state, Event.SIGN) and rules.may_answer(hat, request):
        return "answer"
    if can(request.state, Event.DECIDE) and rules.may_decide(hat, request):
        return "decide"
    return "look"
