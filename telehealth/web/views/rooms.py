"""The page of the consultation room. What happens in it is the room's own socket's business."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from telehealth.accounts.hat import Hat
from telehealth.consultations import rules
from telehealth.consultations.access import access_request, access_session
from telehealth.consultations.domain.visit_lists import visit_of_request
from telehealth.consultations.enums import SessionState, Side
from telehealth.consultations.models import Request
from telehealth.core import clock
from telehealth.web.http import with_hat
from telehealth.web.presentation import banner, patient_label


@require_GET
@with_hat
def room(request: HttpRequest, hat: Hat, session_id: UUID) -> HttpResponseBase:
    """Show the room with what its script needs to start; a room that is over leads back to its case or visit."""
    session = access_session(hat, session_id)
    case = access_request(hat, session.request_id, now=clock.now(), act="room_opened")
    if session.state == SessionState.ENDED:
        return redirect("case", request_id=case.id)
    side = rules.side_of(hat, case)
    boot = {
        "session_id": str(session.id),
        "request_id": str(case.id),
        "ws_url": f"/ws/rooms/{session.id}/",
        "language": get_language() or "vi",
        "upload_url": reverse("api_session_documents", args=[session.id]),
        "documents_url": "/documents/",
        "devices_url": reverse("api_session_devices", args=[session.id]),
        "chat_url": f"/api/sessions/{session.id}/chat/",
        "still_url": reverse("api_still", args=[session.id]),
        "stills_url": f"/api/sessions/{session.id}/stills/",
        "place_url": "",
        "me": {
            "name": hat.user.full_name,
            "title": hat.user.title,
            "role": str(hat.membership.get_role_display()),
            "facility": hat.facility.short_name,
            "side": side,
        },
        "patient": {"label": patient_label(case.patient)},
        "encrypted": session.encrypted,
        "csrf_token": get_token(request),
        **_of_kind(case, side),
    }
    context = {"boot": boot, "case": case, "session": session, "banner": banner(case.patient)}
    return render(request, "room/room.html", context)


def _of_kind(case: Request, side: Side | None) -> dict[str, Any]:
    """Return what differs between a consultation's room and a visit's."""
    visit = visit_of_request(case.id)
    if visit is not None:
        return {
            "kind": "visit",
            "panel_url": reverse("visit_panel", args=[visit.id]),
            "leave_url": reverse("visit", args=[visit.id]),
            "phone": {"place": visit.name, "number": visit.phone},
            "request": {"code": case.code, "urgency": "", "urgency_label": ""},
        }
    other = case.hub if side == Side.SPOKE and case.hub else case.facility
    return {
        "kind": "consultation",
        "panel_url": reverse("panel", args=[case.id]),
        "leave_url": reverse("case", args=[case.id]),
        "phone": {"place": other.short_name, "number": other.phone},
        "request": {
            "code": case.code,
            "urgency": case.urgency,
            "urgency_label": str(case.get_urgency_display()),
        },
    }
