"""Files: adding one to a case, and handing out the bytes."""

from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from telehealth.accounts.hat import Hat
from telehealth.accounts.models import User
from telehealth.consultations.access import access_document, access_own_minutes, access_request
from telehealth.consultations.domain.requests import attach_document
from telehealth.consultations.enums import RequestState
from telehealth.core import clock
from telehealth.core.errors import Conflict, Invalid
from telehealth.core.errors import NotFound as NotFoundError
from telehealth.records.domain.documents import read_document
from telehealth.records.models import Document
from telehealth.web.errors import is_fragment
from telehealth.web.http import hat_of, signed_in, with_hat
from telehealth.web.views.cases import case_context

# A picture needs nothing at all. A PDF is shown by the browser's own viewer, which a sandbox directive would switch off.
IMAGE_POLICY = (
    "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"
)
PDF_POLICY = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'; form-action 'none'"


@require_POST
@with_hat
def upload(request: HttpRequest, hat: Hat, request_id: UUID) -> HttpResponseBase:
    """Add the chosen files to a case; each that is refused is named with its reason, the others are kept."""
    now = clock.now()
    row = access_request(hat, request_id, now=now, act=None)
    problems = [] if request.FILES.getlist("files") else [_("Chưa chọn tệp nào.")]
    for file in request.FILES.getlist("files"):
        try:
            attach_document(
                hat=hat, request_id=row.id, name=file.name or "", content=read_limited(file), now=now
            )
        except (Invalid, Conflict) as error:
            problems.append(f"{file.name}: {error.text}")
    if is_fragment(request):
        context = case_context(hat, row) | {"upload_problems": problems}
        return render(request, "cases/_files.html", context, status=422 if problems else 200)
    for problem in problems:
        messages.error(request, problem)
    return redirect("draft" if row.state == RequestState.DRAFT else "case", request_id=row.id)


def read_limited(file: "UploadedFile[bytes]") -> bytes:
    """Return the bytes, one more than the limit at most: the domain refuses that, and memory stays small."""
    content: bytes = file.read(settings.UPLOAD_LIMIT_BYTES + 1)
    return content


@require_GET
@signed_in
def document(request: HttpRequest, user: User, document_id: UUID) -> HttpResponseBase:
    """Hand out a file to those who may see its case, or signed minutes to the patient they are about.

    Raises:
        NotFound: `document.not_found`.
    """
    return send_document(_accessible(hat_of(request), user, document_id), download="download" in request.GET)


def send_document(found: Document, *, download: bool = False) -> HttpResponse:
    """Return the bytes of a document its asker has been let through to, to be shown or kept."""
    response = HttpResponse(read_document(found), content_type=found.content_type)
    shown = "attachment" if download else "inline"
    response.headers["Content-Disposition"] = f"{shown}; filename*=UTF-8''{quote(found.name)}"
    response.headers["Content-Security-Policy"] = (
        PDF_POLICY if found.content_type == "application/pdf" else IMAGE_POLICY
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _accessible(hat: Hat | None, user: User, document_id: UUID) -> Document:
    now = clock.now()
    if hat is None:
        return access_own_minutes(user, document_id, now=now)
    try:
        return access_document(hat, document_id, now=now)
    except NotFoundError:
        # Staff are patients too.
        return access_own_minutes(user, document_id, now=now)
