"""Files between a guest and the others: what a guest sends into the room, and what was shown to them there."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from telehealth.consultations.access import access_session
from telehealth.consultations.domain import rooms
from telehealth.consultations.domain.acts import begin
from telehealth.consultations.domain.announcements import announce_request, audit_request
from telehealth.consultations.domain.requests import MAX_ATTACHMENTS
from telehealth.consultations.enums import Presence
from telehealth.consultations.models import Attachment
from telehealth.consultations.principals import Guest
from telehealth.core.errors import Invalid, NotAllowed, NotFound
from telehealth.records.domain.documents import store_upload
from telehealth.records.models import Document

INSIDE = (Presence.ADMITTED, Presence.IN_ROOM, Presence.AWAY)


@transaction.atomic
def attach_as_guest(*, guest: Guest, session_id: UUID, name: str, content: bytes, now: datetime) -> Document:
    """Add a picture or PDF to the visit one is in. Showing it in the chat is the room's own command.

    Raises:
        NotFound: `session.not_found`; Conflict: `room.over`, `room.not_arrived`; NotAllowed: `room.not_in`;
        Invalid: `file.*`, `request.too_many_files`.
    """
    act = begin(guest, session_id, key=None, now=now)
    if act.own().state not in INSIDE:
        raise NotAllowed("room.not_in", _("Anh/chị chưa được mời vào phòng."))
    request = act.request
    if request.attachments.count() >= MAX_ATTACHMENTS:
        raise Invalid(
            "request.too_many_files", _("Mỗi ca nhận tối đa %(n)s tài liệu.") % {"n": MAX_ATTACHMENTS}
        )
    document = store_upload(
        hat=None, facility=request.facility, patient=request.patient, name=name, content=content, now=now
    )
    Attachment.objects.create(request=request, document=document)
    announce_request(request, now=now)
    return document


@transaction.atomic
def document_for_guest(*, guest: Guest, session_id: UUID, document_id: UUID, now: datetime) -> Document:
    """Return a file that was put into the chat since the guest was let in, and audit the look.

    Raises:
        NotFound: `session.not_found`, `document.not_found`: not there, or not shown to them.
    """
    session = access_session(guest, session_id)
    shown = rooms.documents_shown(session_id=session_id, who=guest)
    document = Document.objects.filter(id=document_id).first() if document_id in shown else None
    if document is None:
        raise NotFound("document.not_found", _("Không có tài liệu này, hoặc anh/chị không có quyền xem."))
    audit_request(
        "document.viewed_by_guest", request=session.request, who=guest, now=now, document=str(document.id)
    )
    return document
