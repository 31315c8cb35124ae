"""For those who look after sending: the delivery log, and, in a demonstration, what would lie on telephones."""

import httpx
from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from telehealth.accounts.enums import Role
from telehealth.accounts.hat import Hat
from telehealth.accounts.models import User
from telehealth.audit.log import record
from telehealth.core import clock
from telehealth.notifications.access import access_deliveries
from telehealth.notifications.catalogue import spec_of
from telehealth.notifications.domain.delivery_log import with_events
from telehealth.web.forms.notifications import DeliveryFilter
from telehealth.web.http import signed_in, with_role

PAGE_SIZE = 50
TONES = {"sent": "info", "delivered": "good", "failed": "bad", "sending": "live", "waiting": ""}


@require_GET
@with_role(Role.FACILITY_ADMIN, Role.PROVINCE_OPERATOR)
def log(request: HttpRequest, hat: Hat) -> HttpResponseBase:
    """Show what became of messages, filtered and paged."""
    english = (get_language() or "vi").startswith("en")
    form = DeliveryFilter(request.GET, english=english)
    rows = access_deliveries(hat)
    wanted = form.cleaned_data if form.is_valid() else {}
    for field, value in wanted.items():
        if value:
            rows = rows.filter(**{"notification__kind" if field == "kind" else field: value})
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    record(
        "notification.log_viewed",
        now=clock.now(),
        hat=hat,
        object_type="facility",
        object_id=hat.facility.id,
    )
    shown = [
        (row, _title(row.delivery.notification.kind, english=english), TONES.get(row.delivery.state, ""))
        for row in with_events(page.object_list)
    ]
    context = {"form": form, "page": page, "rows": shown, "query": query.urlencode()}
    return render(request, "notifications/log.html", context)


@require_GET
@signed_in
def telephones(request: HttpRequest, user: User) -> HttpResponseBase:
    """Show what the stand-ins received, so that a one-time code can be read without a telephone. Only in a demonstration."""
    if not (settings.DEMONSTRATION and settings.STAND_INS):
        raise Http404
    arrived: list[dict[str, str]] = []
    away = False
    try:
        answer = httpx.get(f"{settings.STAND_INS}/arrived", timeout=3, trust_env=False)
        arrived = [one for one in answer.json()["messages"] if one["channel"] != "web_push"]
    except (httpx.HTTPError, ValueError, KeyError):
        away = True
    return render(
        request, "notifications/telephones.html", {"arrived": list(reversed(arrived)), "away": away}
    )


def _title(kind: str, *, english: bool) -> str:
    spec = spec_of(kind)
    return (spec.en if english else spec.vi).title
