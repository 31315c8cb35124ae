"""The page of the consultation room. What happens in it is the room's own socket's business."""

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
from telehealth.consultations.enums import SessionState, Side
from telehealth.core import clock
from telehealth.web.http import with_hat
from telehealth.web.presentation import banner, patient_label


@require_GET
@with_hat
def room(request: HttpRequest, hat: Hat, session_id: UUID) -> HttpResponseBase:
    """Show the room with what its script needs to start; a room that is over leads back to its case."""
    session = access_session(hat, session_id)
    case = access_request(hat, session.request_id, now=clock.now(), act="room_opened")
    if session.state == SessionState.ENDED:
        return redirect("case", request_id=case.id)
    side = rules.side_of(hat, case)
    other = case.hub if side == Side.SPOKE and case.hub else case.facility
    boot = {
        "session_id": str(session.id),
        "request_id": str(case.id),
        "ws_url": f"/ws/rooms/{session.id}/",
        "language": get_language() or "vi",
        "panel_url": reverse("panel", args=[case.id]),
        "upload_url": reverse("api_session_documents", args=[session.id]),
        "devices_url": reverse("api_session_devices", args=[session.id]),
        "chat_url": f"/api/sessions/{session.id}/chat/",
        "still_url": reverse("api_still", args=[session.id]),
        "stills_url": f"/api/sessions/{session.id}/stills/",
        "phone": {"place": other.short_name, "number": other.phone},
        "leave_url": reverse("case", args=[case.id]),
        "me": {
            "name": hat.user.full_name,
            "title": hat.user.title,
            "role": str(hat.membership.get_role_display()),
            "facility": hat.facility.short_name,
            "side": side,
        },
        "patient": {"label": patient_label(case.patient)},
        "request": {
            "code": case.code,
            "urgency": case.urgency,
            "urgency_label": str(case.get_urgency_display()),
        },
        "encrypted": session.encrypted,
        "csrf_token": get_token(request),
    }
    context = {"boot": boot, "case": case, "session": session, "banner": banner(case.patient)}
    return render(request, "room/room.html", context)
