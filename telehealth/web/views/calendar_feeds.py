"""A person's calendar for other programs: the address, and what is read there."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from scheduling.calendars.domain.feeds import issue_feed, read_feed, revoke_feed
from scheduling.calendars.ical import etag_of
from telehealth.accounts.hat import Hat
from telehealth.core import clock
from telehealth.core.errors import NotFound
from telehealth.web.http import with_role
from telehealth.web.pictures import qr_data_uri
from telehealth.web.views.schedule import STAFF_ROLES, page


@require_safe
def feed(request: HttpRequest, secret: str) -> HttpResponseBase:
    """Give the calendar at a secret address, or say that the copy at hand is still right (RFC 9110, section 13.1.2).

    Nobody is signed in here: a calendar program has nothing but the address.
    """
    try:
        body = read_feed(secret=secret, now=clock.now())
    except NotFound as error:
        return HttpResponse(error.text, status=404, content_type="text/plain; charset=utf-8")
    tag = etag_of(body)
    headers = {
        "ETag": tag,
        "Cache-Control": "private, no-cache",
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex",
    }
    known = {one.strip().removeprefix("W/") for one in request.headers.get("If-None-Match", "").split(",")}
    if tag in known or "*" in known:
        return HttpResponse(status=304, headers=headers)
    return HttpResponse(body, content_type="text/calendar; charset=utf-8", headers=headers)


@require_POST
@with_role(*STAFF_ROLES)
def issue(request: HttpRequest, hat: Hat) -> HttpResponseBase:
    """Make a new address, which ends the one before, and show it once."""
    secret = issue_feed(user=hat.user, now=clock.now())
    link = request.build_absolute_uri(reverse("calendar_feed", args=[secret]))
    return page(
        request,
        hat,
        "schedule/feed.html",
        link=link,
        subscribe="webcal://" + link.split("://", 1)[1],
        picture=qr_data_uri(link),
    )


@require_POST
@with_role(*STAFF_ROLES)
def revoke(request: HttpRequest, hat: Hat) -> HttpResponseBase:
    """Make the address stop working."""
    revoke_feed(user=hat.user, now=clock.now())
    messages.success(request, _("Đã thu hồi địa chỉ lịch. Ứng dụng lịch cũ không đọc được nữa."))
    return redirect("my_schedule")
