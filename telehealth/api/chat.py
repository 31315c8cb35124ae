"""Messages of a room's chat that are too old to be part of its snapshot."""

from uuid import UUID

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.views.decorators.http import require_GET

from telehealth.accounts.hat import Hat
from telehealth.consultations.domain.rooms import chat_page
from telehealth.core import clock
from telehealth.web.http import with_hat


@require_GET
@with_hat
def earlier(request: HttpRequest, hat: Hat, session_id: UUID, before: int) -> HttpResponseBase:
    """Return up to 200 messages before place `before`, oldest first: `{"chat": […], "chat_before": place of the first}`."""
    page = chat_page(who=hat, session_id=session_id, before=before, now=clock.now())
    return JsonResponse(page.model_dump(mode="json"))
