"""Still pictures of a room whose lines carry no moving ones: one PUT every few seconds, and conditional GETs."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from telehealth.accounts.hat import Hat
from telehealth.consultations.domain.stills import keep_still, show_still
from telehealth.consultations.principals import Principal
from telehealth.consultations.stills import MAX_BYTES
from telehealth.core import clock
from telehealth.core.errors import Invalid
from telehealth.web.http import with_hat


@require_http_methods(["PUT"])
@with_hat
def still(request: HttpRequest, hat: Hat, session_id: UUID) -> HttpResponseBase:
    """Take the picture of whoever asks: the body is a JPEG of at most 60 kB and 640 pixels. 204."""
    return keep(request, hat, session_id)


def keep(request: HttpRequest, who: Principal, session_id: UUID) -> HttpResponse:
    content = request.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise Invalid("still.unreadable", _("Ảnh tĩnh quá lớn nên không được gửi."))
    keep_still(who=who, session_id=session_id, content=content, now=clock.now())
    return HttpResponse(status=204)


@require_GET
@with_hat
def still_of(request: HttpRequest, hat: Hat, session_id: UUID, participant_id: UUID) -> HttpResponseBase:
    """Return a participant's newest picture, or 304 when the asker has it (`If-None-Match`)."""
    return show(request, hat, session_id, participant_id)


def show(request: HttpRequest, who: Principal, session_id: UUID, participant_id: UUID) -> HttpResponse:
    newest = show_still(who=who, session_id=session_id, participant_id=participant_id, now=clock.now())
    etag = f'"{newest.seq}"'
    if request.headers.get("If-None-Match") == etag:
        return HttpResponseNotModified(headers={"ETag": etag})
    # `no-store` comes from the middleware: a shared computer keeps nothing. The page itself remembers what it has.
    return HttpResponse(
        newest.content,
        content_type="image/jpeg",
        headers={"ETag": etag, "X-Content-Type-Options": "nosniff"},
    )
