"""Who is on the other side of a public page: a browser, and after the code a phone."""

import secrets
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from scheduling.appointments import rules
from scheduling.appointments.callers import Visitor
from scheduling.appointments.domain.contacts import contact_of_pass, give_pass
from scheduling.appointments.models import Contact
from telehealth.accounts.hat import Origin
from telehealth.core import clock

P = ParamSpec("P")

HOLDER_COOKIE = "booking_holder"
PASS_COOKIE = "booking_pass"  # noqa: S105 -- a name
_HOLDER_CHARACTERS = 32


def for_visitors(
    view: Callable[Concatenate[HttpRequest, Visitor, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Give the view its visitor, and the browser a key of its own at its first visit."""

    @wraps(view)
    def met(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        holder = request.COOKIES.get(HOLDER_COOKIE, "")
        known = len(holder) == _HOLDER_CHARACTERS and holder.isalnum()
        if not known:
            holder = secrets.token_hex(_HOLDER_CHARACTERS // 2)
        token = request.COOKIES.get(PASS_COOKIE, "")
        visitor = Visitor(
            holder=holder,
            contact=contact_of_pass(token, now=clock.now()) if token else None,
            origin=origin_of(request),
        )
        response = view(request, visitor, *args, **kwargs)
        if not known:
            _keep(response, HOLDER_COOKIE, holder)
        return response

    return met


def with_phone(
    view: Callable[Concatenate[HttpRequest, Visitor, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """As `for_visitors`, for pages of a phone's own: who has not shown theirs is asked for it first, and led back."""

    @for_visitors
    @wraps(view)
    def known(request: HttpRequest, by: Visitor, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if by.contact is None:
            return redirect(f"{reverse('booking_phone')}?{urlencode({'next': request.get_full_path()})}")
        return view(request, by, *args, **kwargs)

    return known


def remember(response: HttpResponseBase, contact: Contact) -> None:
    """Let the browser be known as this phone's from now on."""
    _keep(response, PASS_COOKIE, give_pass(contact, now=clock.now()))


def forget(response: HttpResponseBase) -> None:
    """Let the browser be nobody's again."""
    response.delete_cookie(PASS_COOKIE, path=_path(), samesite="Lax")


def origin_of(request: HttpRequest) -> Origin:
    """Return where a visitor comes from, for limits and the audit log."""
    return Origin(address=request.META.get("REMOTE_ADDR", "") or "")


def _keep(response: HttpResponseBase, name: str, value: str) -> None:
    response.set_cookie(
        name,
        value,
        max_age=int(rules.PASS_LIFE.total_seconds()),
        path=_path(),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _path() -> str:
    return reverse("booking_start")
