"""The only door to requests, sessions and what hangs on them. Same answer for "not there" and "not yours"."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from telehealth.accounts.hat import Hat
from telehealth.accounts.models import User
from telehealth.audit.log import record
from telehealth.consultations import rules
from telehealth.consultations.models import Attachment, Minutes, Request, Session
from telehealth.consultations.principals import Principal
from telehealth.core.errors import NotFound
from telehealth.records.models import Document

RELATED = (
    "patient__commune",
    "specialty",
    "hub",
    "facility",
    "requester__user",
    "owner__user",
    "owner__facility",
)


def access_request(
    hat: Hat, request_id: UUID, *, now: datetime, act: str | None = "viewed", lock: bool = False
) -> Request:
    """Return a request the hat may see.

    Args:
        act: past-tense verb for the audit entry ("viewed", "printed"); None when the caller's use case audits itself.
        lock: take the row lock for the rest of the transaction.

    Raises:
        NotFound: `request.not_found`.
    """
    requests = Request.objects.filter(id=request_id)
    requests = requests.select_for_update() if lock else requests.select_related(*RELATED)
    request = requests.first()
    if request is None or not rules.may_see(hat, request):
        raise NotFound("request.not_found", _("Không có ca này, hoặc anh/chị không có quyền xem."))
    if act:
        record(
            f"request.{act}",
            now=now,
            hat=hat,
            object_type="request",
            object_id=request.id,
            patient_id=request.patient_id,
        )
    return request


def access_session(who: Principal, session_id: UUID) -> Session:
    """Return a session of a request the hat may see, or of a guest's visit. Joining is audited by the use cases.

    Raises:
        NotFound: `session.not_found`.
    """
    session = Session.objects.select_related("request").filter(id=session_id).first()
    if session is None or rules.side_in_room(who, session.request) is None:
        raise NotFound("session.not_found", _("Không có phòng này, hoặc anh/chị không có quyền vào."))
    return session


def access_document(hat: Hat, document_id: UUID, *, now: datetime) -> Document:
    """Return a document of a request the hat may see, and audit it.

    Raises:
        NotFound: `document.not_found`.
    """
    document = Document.objects.filter(id=document_id).first()
    request = _request_of(document) if document else None
    if document is None or request is None or not rules.may_see(hat, request):
        raise NotFound("document.not_found", _("Không có tài liệu này, hoặc anh/chị không có quyền xem."))
    record(
        "document.viewed",
        now=now,
        hat=hat,
        object_type="document",
        object_id=document.id,
        patient_id=document.patient_id,
    )
    return document


def access_own_minutes(user: User, document_id: UUID, *, now: datetime) -> Document:
    """Return signed minutes to the patient they are about.

    Raises:
        NotFound: `document.not_found`.
    """
    minutes = (
        Minutes.objects.filter(document_id=document_id, request__patient__account=user)
        .select_related("document")
        .first()
    )
    if minutes is None:
        raise NotFound("document.not_found", _("Không có tài liệu này, hoặc anh/chị không có quyền xem."))
    record(
        "document.viewed_by_patient",
        now=now,
        hat=None,
        user=user,
        object_type="document",
        object_id=document_id,
        patient_id=minutes.document.patient_id,
    )
    return minutes.document


def _request_of(document: Document) -> Request | None:
    attachment = Attachment.objects.select_related("request").filter(document=document).first()
    if attachment:
        return attachment.request
    minutes = Minutes.objects.select_related("request").filter(document=document).first()
    return minutes.request if minutes else None
