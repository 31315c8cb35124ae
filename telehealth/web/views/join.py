"""How a patient or relative joins a remote appointment from a telephone: code, device check, waiting room; the summary afterwards.

Who has the address has proven nothing: the browser becomes known by a one-time code to the telephone of the link, or when it holds
the pass of that very telephone from the patients' site.
"""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_POST

from scheduling.appointments.domain.contacts import contact_of_pass, request_code, verify_code
from scheduling.appointments.phones import masked
from telehealth.consultations.domain import guests
from telehealth.consultations.domain.summaries import read_summary
from telehealth.consultations.domain.visit_lists import line_of, visit_row
from telehealth.consultations.domain.visits import joins_from, joins_until, open_visit
from telehealth.consultations.enums import GuestKind
from telehealth.consultations.models import GuestLink
from telehealth.consultations.principals import Guest
from telehealth.core import clock
from telehealth.core.errors import Conflict, DomainError, NotFound
from telehealth.web.http import origin_of
from telehealth.web.views.visits import WORDS

P = ParamSpec("P")
PASS_COOKIE = "booking_pass"  # noqa: S105  the cookie in which the patients' site keeps a telephone's pass
QUIET = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
"""The address is a secret: it goes to no other page, and to no index."""


def by_link(
    view: Callable[Concatenate[HttpRequest, GuestLink, P], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Give the view the link its address names; for any other there is a page that says what to do."""

    @wraps(view)
    def guarded(request: HttpRequest, /, token: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            link = guests.open_link(token=token, now=clock.now())
        except NotFound as error:
            return render(request, "join/unknown.html", {"error": error}, status=error.status)
        response = view(request, link, *args, **kwargs)
        for name, value in QUIET.items():
            response.headers.setdefault(name, value)
        return response

    return guarded


def known(view: Callable[[HttpRequest, Guest], HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """As `by_link`, for a browser that has shown to be the link's person; another is led to where it can."""

    @wraps(view)
    def guarded(request: HttpRequest, link: GuestLink, /) -> HttpResponseBase:
        if not _is_known(request, link, now=clock.now()):
            return redirect("join", token=guests.token_of(link.id))
        return view(request, Guest(link, origin_of(request)))

    return by_link(guarded)


@require_GET
@by_link
def join(request: HttpRequest, link: GuestLink) -> HttpResponseBase:
    """Show what is next for this person: the code, the device check, the wait, the summary."""
    return render(request, "join/join.html", _context(request, link))


@require_POST
@by_link
def send_code(request: HttpRequest, link: GuestLink) -> HttpResponseBase:
    """Send a one-time code to the link's telephone. Its number was never typed here, so nobody can send codes to others."""
    try:
        request_code(phone=link.phone, origin=origin_of(request), now=clock.now(), language=_language())
    except DomainError as error:
        context = _context(request, link) | {"error": error, "sent": error.code == "code.too_often"}
        return render(request, "join/join.html", context, status=error.status)
    return render(request, "join/join.html", _context(request, link) | {"sent": True})


@require_POST
@by_link
def confirm(request: HttpRequest, link: GuestLink) -> HttpResponseBase:
    """Check the code; the browser is known from then on, for some hours."""
    now = clock.now()
    try:
        verify_code(
            phone=link.phone,
            code=request.POST.get("code", ""),
            origin=origin_of(request),
            now=now,
            language=_language(),
        )
    except DomainError as error:
        context = _context(request, link) | {"error": error, "sent": True}
        return render(request, "join/join.html", context, status=error.status)
    guests.remember(request.session, link, now=now)
    return redirect("join", token=guests.token_of(link.id))


@require_POST
@known
def open_room(request: HttpRequest, guest: Guest) -> HttpResponseBase:
    """Go to the waiting room, which opens when it is time."""
    try:
        open_visit(who=guest, visit_id=guest.link.visit_id, now=clock.now())
    except Conflict as error:
        context = _context(request, guest.link) | {"error": error}
        return render(request, "join/join.html", context, status=error.status)
    return redirect("join_room", token=guests.token_of(guest.link.id))


@require_GET
@known
def room(request: HttpRequest, guest: Guest) -> HttpResponseBase:
    """Show the room with what its script needs to start; without an open room, the way back."""
    visit, token = guest.link.visit, guests.token_of(guest.link.id)
    session = guests.session_open(visit)
    if session is None:
        return redirect("join", token=token)
    doctor = visit.practitioner
    files = reverse("api_guest_documents", args=[session.id])
    boot = {
        "session_id": str(session.id),
        "request_id": "",
        "kind": "guest",
        "ws_url": f"/ws/visits/{session.id}/",
        "language": _language(),
        "panel_url": "",
        "upload_url": files,
        "documents_url": files,
        "devices_url": "",
        "chat_url": f"/api/guests/{session.id}/chat/",
        "still_url": reverse("api_guest_still", args=[session.id]),
        "stills_url": f"/api/guests/{session.id}/stills/",
        "place_url": reverse("join_place", args=[token]),
        "phone": {"place": doctor.facility.short_name, "number": doctor.facility.phone},
        "leave_url": reverse("join", args=[token]),
        "me": {
            "name": guest.link.name,
            "title": "",
            "role": str(guest.link.get_kind_display()),
            "facility": "",
            "side": "spoke",
        },
        "patient": {"label": doctor.user.display_name},
        "request": {"code": doctor.facility.short_name, "urgency": "", "urgency_label": ""},
        "encrypted": False,
        "csrf_token": get_token(request),
    }
    return render(request, "room/room.html", {"boot": boot})


@require_GET
@known
def place(request: HttpRequest, guest: Guest) -> HttpResponseBase:
    """Tell where the guest stands in the line: `{"ahead", "from", "to"}`; moments in ISO 8601."""
    line = line_of(guest.link.visit, now=clock.now())
    told = {"ahead": line.ahead, "from": line.from_time.isoformat(), "to": line.to_time.isoformat()}
    return JsonResponse(told)


def _context(request: HttpRequest, link: GuestLink) -> dict[str, Any]:
    now = clock.now()
    visit = link.visit
    is_known = _is_known(request, link, now=now)
    context: dict[str, Any] = {
        "link": link,
        "token": guests.token_of(link.id),
        "visit": visit,
        "phone": masked(link.phone),
        "known": is_known,
    }
    if not is_known:
        return context
    guest = Guest(link, origin_of(request))
    row = visit_row(visit.id, now=now)
    summary = read_summary(guest=guest, now=now) or {}
    may_join = joins_from(visit) <= now <= joins_until(visit) or row.session is not None
    return context | {
        "row": row,
        "stage": _stage(link, summary, may_join=may_join and not visit.is_cancelled and not visit.signed_at),
        "opens_at": joins_from(visit),
        "line": line_of(visit, now=now) if may_join else None,
        "summary": [(WORDS[name][0], text) for name, text in summary.items()],
    }


def _stage(link: GuestLink, summary: dict[str, str], *, may_join: bool) -> str:
    """Return which part of the page is shown: what this person came for."""
    visit = link.visit
    if visit.is_cancelled:
        return "cancelled"
    if summary:
        return "summary"
    if may_join:
        return "join"
    if visit.signed_at and link.kind == GuestKind.RELATIVE:
        return "over"
    return "early" if clock.now() < joins_from(visit) else "over"


def _is_known(request: HttpRequest, link: GuestLink, *, now: datetime) -> bool:
    if guests.is_remembered(request.session, link, now=now):
        return True
    token = request.COOKIES.get(PASS_COOKIE, "")
    contact = contact_of_pass(token, now=now) if token else None
    if contact is None or contact.phone != link.phone:
        return False
    guests.remember(request.session, link, now=now)
    return True


def _language() -> str:
    return get_language() or "vi"
