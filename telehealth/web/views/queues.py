"""Pages of the queue. They are frames: what moves in them comes over the queue's socket."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from scheduling.queues import rules
from scheduling.queues.access import access_area, access_device, access_room, access_ticket, visible_areas
from scheduling.queues.domain import devices
from scheduling.queues.domain.queries import place_of, waiting_by_area
from scheduling.queues.enums import DeviceKind, PriorityReason
from scheduling.queues.models import QueueArea
from scheduling.queues.rules import local_day
from telehealth.accounts.enums import Role
from telehealth.accounts.hat import Hat
from telehealth.core import clock
from telehealth.core.errors import Invalid, NotFound
from telehealth.web.http import hat_of, with_hat, with_role

KEY_SECONDS = 400 * 24 * 3600  # the longest a browser keeps a cookie
COOKIES = {DeviceKind.DISPLAY: "queue_display", DeviceKind.KIOSK: "queue_kiosk"}


@require_GET
@with_hat
def areas(request: HttpRequest, hat: Hat) -> HttpResponseBase:
    """List the areas of the house with their rooms; the administrator also adds boards and kiosks here."""
    if not rules.may_watch(hat):
        raise NotFound("page.not_found", _("Không có trang này, hoặc anh/chị không có quyền xem."))
    found = visible_areas(hat).prefetch_related("rooms", "services", "devices")
    waiting = waiting_by_area(found, day=local_day(clock.now()))
    rows = [
        {
            "area": area,
            "rooms": [room for room in area.rooms.all() if room.is_active],
            "services": [service for service in area.services.all() if service.is_active],
            "devices": [device for device in area.devices.all() if device.revoked_at is None],
            "waiting": waiting.get(area.id, 0),
        }
        for area in found
    ]
    new = request.session.pop("queue_new_device", None)
    context = {
        "rows": rows,
        "may_call": rules.may_call(hat),
        "may_set_up": rules.may_set_up(hat),
        "kinds": DeviceKind.choices,
        "new": new,
    }
    return render(request, "queues/areas.html", context)


@require_POST
@with_role(Role.FACILITY_ADMIN)
def add_device(request: HttpRequest, hat: Hat, area_id: UUID) -> HttpResponseBase:
    """Add a board or kiosk; its link is shown once, on the page that follows."""
    try:
        kind = DeviceKind(request.POST.get("kind", ""))
    except ValueError:
        messages.error(request, _("Hãy chọn loại máy."))
        return redirect("queues")
    try:
        device, key = devices.add_device(
            hat=hat, area_id=area_id, kind=kind, name=request.POST.get("name", ""), now=clock.now()
        )
    except Invalid as error:
        messages.error(request, error.text)
        return redirect("queues")
    page = reverse(f"queue_{kind}", args=[area_id])
    link = request.build_absolute_uri(f"{page}?key={key}")
    request.session["queue_new_device"] = {"name": device.name, "link": link, "area": str(area_id)}
    return redirect("queues")


@require_POST
@with_role(Role.FACILITY_ADMIN)
def revoke_device(request: HttpRequest, hat: Hat, device_id: UUID) -> HttpResponseBase:
    """Take a board or kiosk away."""
    devices.revoke_device(hat=hat, device_id=device_id, now=clock.now())
    messages.success(request, _("Đã gỡ máy. Màn hình của máy đó đã tắt."))
    return redirect("queues")


@require_GET
@with_hat
def desk(request: HttpRequest, hat: Hat, room_id: UUID) -> HttpResponseBase:
    """The page of a room: who is in, who is next, and the buttons."""
    room = access_room(hat, room_id)
    boot = _boot(f"/ws/queues/staff/{room.area_id}/") | {
        "room_id": str(room.id),
        "reasons": {reason.value: str(reason.label) for reason in PriorityReason},
    }
    return render(request, "queues/desk.html", {"room": room, "boot": boot})


@require_GET
def display(request: HttpRequest, area_id: UUID) -> HttpResponseBase:
    """The board of a waiting room."""
    return _device_page(
        request,
        area_id,
        DeviceKind.DISPLAY,
        lambda area: {
            "boot": _boot(f"/ws/queues/display/{area.id}/") | {"voice": settings.STATIC_URL + "voice/"},
            "area": area,
        },
    )


@require_GET
def kiosk(request: HttpRequest, area_id: UUID) -> HttpResponseBase:
    """The machine that gives out numbers."""
    return _device_page(
        request,
        area_id,
        DeviceKind.KIOSK,
        lambda area: {
            "boot": _boot(f"/ws/queues/kiosk/{area.id}/")
            | {
                "paper": 58 if request.GET.get("paper") == "58" else 80,
                "reasons": {
                    reason.value: str(reason.label)
                    for reason in PriorityReason
                    if reason != PriorityReason.EMERGENCY
                },
            },
            "area": area,
        },
    )


@require_GET
def place(request: HttpRequest, token: str) -> HttpResponseBase:
    """Where the holder of a ticket stands: whole without scripts, live with them."""
    now = clock.now()
    ticket = access_ticket(token, now=now)
    return render(
        request,
        "queues/place.html",
        {"ticket": ticket, "place": place_of(ticket, now=now), "boot": _boot(f"/ws/queues/ticket/{token}/")},
    )


def _device_page(
    request: HttpRequest, area_id: UUID, kind: DeviceKind, context: Callable[[QueueArea], dict[str, Any]]
) -> HttpResponseBase:
    """Show a board's or kiosk's page to the machine that has its key, or to people of the house.

    The link with the key is opened once: the key then stays in a cookie and leaves the address.
    """
    if key := request.GET.get("key", ""):
        access_device(key, area_id, kind=kind)
        response = redirect(f"queue_{kind}", area_id=area_id)
        response.set_cookie(
            COOKIES[kind],
            key,
            max_age=KEY_SECONDS,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
        return response
    area = _area_for(request, area_id, kind)
    return render(request, f"queues/{kind}.html", context(area))


def _area_for(request: HttpRequest, area_id: UUID, kind: DeviceKind) -> QueueArea:
    if key := request.COOKIES.get(COOKIES[kind], ""):
        return access_device(key, area_id, kind=kind).area
    hat = hat_of(request)
    if hat is None:
        return access_device("", area_id, kind=kind).area  # raises: what a stranger is told
    return access_area(hat, area_id)


def _boot(socket_url: str) -> dict[str, Any]:
    return {"socket_url": socket_url, "language": get_language() or "vi"}
