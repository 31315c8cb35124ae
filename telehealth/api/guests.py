"""What a guest's room asks for besides its socket: still pictures and files of their own visit. Everything else is for hats."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from telehealth.api.documents import document_told, uploaded
from telehealth.api.stills import keep, show
from telehealth.consultations.domain.guest_files import attach_as_guest, document_for_guest
from telehealth.consultations.domain.guests import guest_of
from telehealth.consultations.domain.rooms import chat_page
from telehealth.consultations.principals import Guest
from telehealth.core import clock
from telehealth.core.errors import NotFound
from telehealth.web.http import origin_of
from telehealth.web.views.documents import send_document

P = ParamSpec("P")


def with_guest(
    view: Callable[Concatenate[HttpRequest, Guest, UUID, P], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Give the view the guest this browser is in that room. For everybody else there is no such room.

    Raises (from the view): NotFound: `session.not_found`.
    """

    @wraps(view)
    def guarded(
        request: HttpRequest, /, session_id: UUID, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponseBase:
        guest = guest_of(request.session, session_id=session_id, origin=origin_of(request), now=clock.now())
        if guest is None or guest.link.revoked_at is not None:
            raise NotFound("session.not_found", _("Không có phòng này, hoặc anh/chị không có quyền vào."))
        return view(request, guest, session_id, *args, **kwargs)

    return guarded


@require_http_methods(["PUT"])
@with_guest
def still(request: HttpRequest, guest: Guest, session_id: UUID) -> HttpResponseBase:
    """As `stills.still`."""
    return keep(request, guest, session_id)


@require_GET
@with_guest
def still_of(request: HttpRequest, guest: Guest, session_id: UUID, participant_id: UUID) -> HttpResponseBase:
    """As `stills.still_of`."""
    return show(request, guest, session_id, participant_id)


@require_GET
@with_guest
def chat(request: HttpRequest, guest: Guest, session_id: UUID, before: int) -> HttpResponseBase:
    """As `chat.earlier`, of the chat since the guest was let in."""
    page = chat_page(who=guest, session_id=session_id, before=before, now=clock.now())
    return JsonResponse(page.model_dump(mode="json"))


@require_POST
@with_guest
def documents(request: HttpRequest, guest: Guest, session_id: UUID) -> HttpResponseBase:
    """Add one file (`file`, multipart) to the visit: 201 as `documents.session_documents`."""
    name, content = uploaded(request)
    return document_told(
        attach_as_guest(guest=guest, session_id=session_id, name=name, content=content, now=clock.now())
    )


@require_GET
@with_guest
def document(request: HttpRequest, guest: Guest, session_id: UUID, document_id: UUID) -> HttpResponseBase:
    """Return a file that was shown to the guest in the chat."""
    found = document_for_guest(guest=guest, session_id=session_id, document_id=document_id, now=clock.now())
    return send_document(found)
