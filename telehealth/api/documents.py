"""Adding files to a case by program: the room's chat, upload with progress."""

from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from telehealth.accounts.hat import Hat
from telehealth.consultations.access import access_session
from telehealth.consultations.domain.requests import attach_document
from telehealth.core import clock
from telehealth.core.errors import Invalid
from telehealth.records.models import Document
from telehealth.web.http import with_hat
from telehealth.web.views.documents import read_limited


@require_POST
@with_hat
def request_documents(request: HttpRequest, hat: Hat, request_id: UUID) -> HttpResponseBase:
    """Add one file (`file`, multipart) to a case: 201 `{"document_id", "name", "content_type", "size"}`."""
    return _attach(request, hat, request_id)


@require_POST
@with_hat
def session_documents(request: HttpRequest, hat: Hat, session_id: UUID) -> HttpResponseBase:
    """Add one file to the case of a room. Showing it in the chat is the room's own command."""
    return _attach(request, hat, access_session(hat, session_id).request_id)


def _attach(request: HttpRequest, hat: Hat, request_id: UUID) -> JsonResponse:
    name, content = uploaded(request)
    return document_told(
        attach_document(hat=hat, request_id=request_id, name=name, content=content, now=clock.now())
    )


def uploaded(request: HttpRequest) -> tuple[str, bytes]:
    """Return name and bytes of the one file sent as `file`.

    Raises:
        Invalid: `file.missing`.
    """
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        raise Invalid("file.missing", _("Chưa chọn tệp nào."))
    return file.name or "", read_limited(file)


def document_told(document: Document) -> JsonResponse:
    """Return what the page needs to show a new file."""
    body = {
        "document_id": str(document.id),
        "name": document.name,
        "content_type": document.content_type,
        "size": document.size,
    }
    return JsonResponse(body, status=201)
