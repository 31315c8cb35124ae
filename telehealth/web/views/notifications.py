"""What is under one's bell, and what the link in a message opens."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from telehealth.accounts.models import User
from telehealth.core import clock
from telehealth.core.errors import DomainError
from telehealth.notifications.answers import answers_to
from telehealth.notifications.domain.answering import access_by_token, answer
from telehealth.notifications.domain.reading import access_notification, mark_read, shown_to, unread_count
from telehealth.notifications.models import Notification
from telehealth.notifications.rendering import render as words_of
from telehealth.web.http import signed_in

PAGE_SIZE = 30


@dataclass(frozen=True)
class Row:
    """One message as the page draws it."""

    id: int
    title: str
    body: str
    at: datetime | None
    unread: bool
    red: bool
    leads: bool


@require_GET
@signed_in
def inbox(request: HttpRequest, user: User) -> HttpResponseBase:
    """Show what somebody was told, the newest first; htmx asks for the list alone."""
    page = Paginator(shown_to(user), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [_row(told) for told in page.object_list],
        "unread_here": unread_count(user),
    }
    part = "HX-Request" in request.headers
    return render(request, "notifications/_list.html" if part else "notifications/inbox.html", context)


@require_GET
@signed_in
def bell(request: HttpRequest, user: User) -> HttpResponseBase:
    """Draw the bell again, with its number."""
    return render(request, "notifications/_bell.html", {"unread": unread_count(user)})


@require_POST
@signed_in
def open_one(request: HttpRequest, user: User, notification_id: int) -> HttpResponseBase:
    """Note that a message was seen and go where it leads."""
    told = access_notification(user, notification_id)
    mark_read(user=user, notification_ids=[told.id], now=clock.now())
    return redirect(told.path or "notifications")


@require_POST
@signed_in
def read_all(request: HttpRequest, user: User) -> HttpResponseBase:
    """Note that everything was seen."""
    mark_read(user=user, notification_ids=None, now=clock.now())
    return redirect("notifications")


@never_cache
@require_http_methods(["GET", "POST"])
def by_link(request: HttpRequest, token: str) -> HttpResponseBase:
    """Open what the link in a message is about; whoever holds the link is who was told.

    A look alone answers nothing and marks nothing read: messengers fetch links to draw a preview.
    """
    now = clock.now()
    told = access_by_token(token, now=now)
    answers = answers_to(told.kind)
    if answers is None and request.method == "GET":
        return redirect(told.path or reverse("home"))
    context: dict[str, Any] = {
        "words": words_of(told, language=get_language() or "vi"),
        "answers": answers,
        "told": told,
        "still": answers is not None and told.settled_at is None and answers.still(told, now),
    }
    if request.method == "GET":
        return render(request, "notifications/answer.html", context)
    try:
        context["done"] = answer(token=token, choice=request.POST.get("choice", ""), now=now)
    except DomainError as error:
        return render(request, "notifications/answer.html", context | {"error": error}, status=error.status)
    return render(request, "notifications/answer.html", context)


def _row(told: Notification) -> Row:
    words = words_of(told, language=get_language() or "vi")
    unread = told.read_at is None and told.settled_at is None
    return Row(told.id, words.title, words.body, told.shown_at, unread, told.red, bool(told.path))
