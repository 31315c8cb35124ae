"""Passes for machines that show an examination in a room."""

from uuid import UUID

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.views.decorators.http import require_POST

from telehealth.accounts.hat import Hat
from telehealth.core import clock
from telehealth.devices.passes import PASS_LIFE, issue_pass
from telehealth.web.http import with_hat

WHIP_PATH = "/whip/"
"""Where `signaling.whip` listens."""


@require_POST
@with_hat
def session_devices(request: HttpRequest, hat: Hat, session_id: UUID) -> HttpResponseBase:
    """Issue a pass: 201 `{"url", "token", "url_with_token", "seconds"}`. The token is told this once."""
    token = issue_pass(hat=hat, session_id=session_id, now=clock.now())
    url = request.build_absolute_uri(WHIP_PATH)
    body = {
        "url": url,
        "token": token,
        "url_with_token": f"{url}{token}/",
        "seconds": int(PASS_LIFE.total_seconds()),
    }
    return JsonResponse(body, status=201, headers={"Cache-Control": "no-store"})
