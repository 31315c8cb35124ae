"""How somebody wants to be told: kinds, channels, quiet hours, browsers."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from telehealth.accounts.models import User
from telehealth.core import clock
from telehealth.core.errors import Invalid, NotFound
from telehealth.facilities.models import Facility
from telehealth.notifications.accounts import push_public_key
from telehealth.notifications.catalogue import SPECS
from telehealth.notifications.catalogue.public import PUBLIC
from telehealth.notifications.catalogue.staff import STAFF
from telehealth.notifications.domain.telling import phone_of
from telehealth.notifications.domain.wishes import (
    forget_browser,
    forget_wishes,
    save_quiet_hours,
    save_wishes,
)
from telehealth.notifications.enums import Channel
from telehealth.notifications.kinds import Kind
from telehealth.notifications.models import Preference, QuietHours
from telehealth.notifications.rules import Wish, is_wanted
from telehealth.web.forms.notifications import QuietHoursForm
from telehealth.web.http import hats_on, signed_in


@dataclass(frozen=True)
class Cell:
    """A kind by a channel: None where it never goes there."""

    name: str
    label: str
    offered: bool
    wanted: bool
    fixed: bool


@require_http_methods(["GET", "POST"])
@signed_in
def preferences(request: HttpRequest, user: User) -> HttpResponseBase:
    """Show and keep which kinds come by which channels, in general or about one of one's facilities."""
    kinds = _kinds(request)
    facility = _facility(request)
    if request.method == "POST":
        wanted = [
            (kind, channel)
            for kind in kinds
            for channel in SPECS[kind].channels
            if _name(kind, channel) in request.POST
        ]
        save_wishes(
            user=user,
            wanted=wanted,
            kinds=kinds,
            facility_id=facility.id if facility else None,
            now=clock.now(),
        )
        messages.success(request, _("Đã lưu cách nhận thông báo."))
        return redirect(_here(facility))
    return render(request, "notifications/preferences.html", _context(request, user, kinds, facility))


@require_POST
@signed_in
def quiet_hours(request: HttpRequest, user: User) -> HttpResponseBase:
    """Keep when somebody is not to be disturbed."""
    form = QuietHoursForm(request.POST)
    if form.is_valid():
        try:
            save_quiet_hours(user=user, now=clock.now(), **form.cleaned_data)
            messages.success(request, _("Đã lưu giờ yên tĩnh."))
            return redirect("notification_preferences")
        except Invalid as error:
            form.add_error("ends", error.text)
    context = _context(request, user, _kinds(request), None) | {"quiet": form}
    return render(request, "notifications/preferences.html", context, status=422)


@require_POST
@signed_in
def follow_general(request: HttpRequest, user: User) -> HttpResponseBase:
    """Let one facility follow what is said in general again."""
    facility = _facility(request)
    if facility is not None:
        forget_wishes(user=user, facility_id=facility.id, now=clock.now())
        messages.success(request, _("Cơ sở này lại theo lựa chọn chung."))
    return redirect("notification_preferences")


@require_POST
@signed_in
def forget(request: HttpRequest, user: User, subscription_id: UUID) -> HttpResponseBase:
    """Send no more pushes to one of one's browsers."""
    forget_browser(user=user, subscription_id=subscription_id, now=clock.now())
    messages.success(request, _("Trình duyệt đó không còn nhận thông báo đẩy."))
    return redirect(reverse("notification_preferences") + "#browsers")


def _context(
    request: HttpRequest, user: User, kinds: list[Kind], facility: Facility | None
) -> dict[str, Any]:
    rows = list(Preference.objects.filter(user=user))
    wishes = [Wish(row.kind, row.channel, row.facility_id, wanted=row.wanted) for row in rows]
    facility_id = facility.id if facility else None
    hours = QuietHours.objects.filter(user=user).first()
    channels = [channel for channel in Channel if any(channel in SPECS[kind].channels for kind in kinds)]
    english = (get_language() or "vi").startswith("en")
    table = [
        (
            (SPECS[kind].en if english else SPECS[kind].vi).title,
            [_cell(kind, channel, wishes, facility_id) for channel in channels],
        )
        for kind in kinds
    ]
    return {
        "facility": facility,
        "facilities": _facilities(request),
        "own_wishes": facility_id is not None and any(row.facility_id == facility_id for row in rows),
        "channels": channels,
        "table": table,
        "quiet": QuietHoursForm(initial={"begins": hours.begins, "ends": hours.ends} if hours else {}),
        "browsers": user.push_subscriptions.order_by("-created_at"),
        "push_key": push_public_key(),
        "no_phone": not phone_of(user),
        "no_email": not user.email,
    }


def _cell(kind: Kind, channel: Channel, wishes: list[Wish], facility_id: UUID | None) -> Cell:
    spec = SPECS[kind]
    return Cell(
        name=_name(kind, channel),
        label=str(channel.label),
        offered=channel in spec.channels,
        wanted=is_wanted(wishes, spec=spec, kind=kind, channel=channel, facility=facility_id),
        fixed=not spec.may_be_off,
    )


def _name(kind: Kind, channel: Channel) -> str:
    return f"{kind.value}.{channel.value}"


def _kinds(request: HttpRequest) -> list[Kind]:
    """Staff are told of work, everybody else of their own appointments."""
    return list(STAFF if hats_on(request) else PUBLIC)


def _facilities(request: HttpRequest) -> list[Facility]:
    return list({hat.facility_id: hat.facility for hat in hats_on(request)}.values())


def _facility(request: HttpRequest) -> Facility | None:
    wanted = request.POST.get("facility") or request.GET.get("facility", "")
    if not wanted:
        return None
    for facility in _facilities(request):
        if str(facility.id) == wanted:
            return facility
    raise NotFound("page.not_found", _("Không có trang này, hoặc anh/chị không có quyền xem."))


def _here(facility: Facility | None) -> str:
    return reverse("notification_preferences") + (f"?facility={facility.id}" if facility else "")
