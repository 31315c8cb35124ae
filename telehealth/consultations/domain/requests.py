"""Asking: draft, submit, claim, cancel, close."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from telehealth.accounts.hat import Hat
from telehealth.accounts.models import has_valid_license
from telehealth.consultations import rules
from telehealth.consultations.access import access_request
from telehealth.consultations.domain import telling
from telehealth.consultations.domain.announcements import announce_request, audit_request
from telehealth.consultations.domain.lifecycle import Event, transition
from telehealth.consultations.enums import RequestState, Urgency
from telehealth.consultations.models import SUMMARY_FIELDS, Attachment, Question, Request, VitalSigns
from telehealth.core.counters import next_number
from telehealth.core.errors import Conflict, Invalid, NotAllowed
from telehealth.core.text import clean, clean_limited
from telehealth.facilities.models import Facility, Specialty
from telehealth.facilities.queries import hubs_of, offers
from telehealth.records.domain.documents import store_upload
from telehealth.records.models import Document, Patient

MAX_QUESTIONS = 12
MAX_VITAL_SIGNS = 20
MAX_ATTACHMENTS = 40


@dataclass(frozen=True)
class VitalSignsEntry:
    """One typed set of vital signs; what was not measured is None."""

    measured_at: datetime | None = None
    pulse: int | None = None
    temperature: Decimal | None = None
    systolic: int | None = None
    diastolic: int | None = None
    respiratory_rate: int | None = None
    spo2: int | None = None
    glasgow: int | None = None
    pain: int | None = None
    weight: Decimal | None = None
    height: Decimal | None = None


@dataclass(frozen=True)
class DraftContent:
    """All a doctor can type into a draft. Anything may still be missing."""

    summary: Mapping[str, str] = field(default_factory=dict)
    questions: Sequence[str] = ()
    vital_signs: Sequence[VitalSignsEntry] = ()
    urgency: str = Urgency.ROUTINE
    specialty: str = ""
    hub_id: UUID | None = None
    admitted_on: date | None = None


@transaction.atomic
def create_draft(*, hat: Hat, patient: Patient, now: datetime) -> Request:
    """Begin a request about a patient. Allergies known from the record are filled in.

    Raises:
        NotAllowed: `request.not_physician`.
    """
    if not rules.may_ask(hat):
        raise NotAllowed("request.not_physician", _("Chỉ bác sĩ mới lập được yêu cầu hội chẩn."))
    year = timezone.localtime(now).year
    request = Request.objects.create(
        code=f"HC{year % 100:02d}-{next_number(f'request:{year}'):06d}",
        patient=patient,
        facility=hat.facility,
        department=hat.membership.department,
        requester=hat.membership,
        allergies=patient.allergies,
        past_history=patient.problems,
        created_at=now,
    )
    audit_request("request.created", request=request, who=hat, now=now)
    announce_request(request, now=now)
    return request


@transaction.atomic
def save_draft(
    *, hat: Hat, request_id: UUID, content: DraftContent, base_version: int, now: datetime
) -> Request:
    """Keep what was typed. Anything typeable is kept; whether it suffices is asked at submit.

    Raises:
        NotFound: `request.not_found`.
        NotAllowed: `request.not_yours`.
        Conflict: `request.not_draft`; `draft.changed_elsewhere` when somebody saved since `base_version`.
        Invalid: `draft.too_long`.
    """
    request = _locked_for_edit(hat, request_id, now=now)
    if request.state != RequestState.DRAFT:
        raise Conflict(
            "request.not_draft",
            _("Yêu cầu đã gửi nên không sửa được nữa. Nội dung anh/chị vừa gõ vẫn ở trên máy này."),
        )
    if base_version != request.version:
        raise Conflict(
            "draft.changed_elsewhere",
            _("Bản nháp này vừa được sửa ở nơi khác. Cả hai bản đều còn; hãy chọn bản giữ lại."),
            version=request.version,
        )
    for name in SUMMARY_FIELDS:
        setattr(request, name, clean_limited(content.summary.get(name, ""), field=name))
    if len(request.icd10) > 60 or len(request.record_number) > 40:
        raise Invalid("draft.too_long", _("Mã bệnh hoặc số hồ sơ quá dài."), field="icd10")
    request.urgency = content.urgency if content.urgency in Urgency.values else Urgency.ROUTINE
    request.specialty = Specialty.objects.filter(key=content.specialty).first()
    request.hub = hubs_of(hat.facility).filter(id=content.hub_id).first() if content.hub_id else None
    request.admitted_on = content.admitted_on
    request.version += 1
    request.saved_at = now
    request.save()
    _replace_questions(request, content.questions)
    _replace_vital_signs(request, content.vital_signs)
    return request


@transaction.atomic
def submit_request(*, hat: Hat, request_id: UUID, now: datetime) -> Request:
    """Send a complete draft to its hub.

    Raises:
        NotFound, NotAllowed as `save_draft`.
        Conflict: `request.wrong_state`.
        Invalid: `request.incomplete` with `detail["missing"]`: names of what is missing, in the order of the form;
            `request.hub_without_specialty`.
    """
    request = _locked_for_edit(hat, request_id, now=now)
    new_state = transition(request.state, Event.SUBMIT)
    missing = missing_fields(request)
    if missing:
        raise Invalid(
            "request.incomplete",
            _(
                "Còn thiếu thông tin bắt buộc. Những gì đã gõ vẫn được giữ; hãy điền các ô được đánh dấu rồi gửi lại."
            ),
            missing=missing,
        )
    assert request.hub is not None
    if not hubs_of(request.facility).filter(id=request.hub.id).exists() or not offers(
        request.hub, request.specialty_id or ""
    ):
        raise Invalid(
            "request.hub_without_specialty",
            _(
                "Bệnh viện đã chọn không nhận hội chẩn chuyên khoa này. Hãy chọn bệnh viện hoặc chuyên khoa khác."
            ),
            missing=["hub"],
        )
    request.state = new_state
    request.submitted_at = now
    request.save(update_fields=["state", "submitted_at"])
    telling.tell_submitted(request, hat=hat, now=now)
    audit_request("request.submitted", request=request, who=hat, now=now, urgency=request.urgency)
    announce_request(request, now=now, ring=True)
    return request


def missing_fields(request: Request) -> list[str]:
    """Return what a request still needs before it can be sent, in the order of the form."""
    missing = [
        name
        for name in ("chief_complaint", "history_of_present_illness", "examination", "provisional_diagnosis")
        if not getattr(request, name)
    ]
    if not request.questions.exists():
        missing.append("questions")
    missing += [name for name in ("specialty", "hub") if getattr(request, f"{name}_id") is None]
    return missing


@transaction.atomic
def claim_request(*, hat: Hat, request_id: UUID, now: datetime) -> Request:
    """Make the hat's wearer the owner of a submitted request. Of many at once, exactly one wins.

    Claiming again what one already owns is no error (a retry after a lost answer).

    Raises:
        NotFound: `request.not_found`.
        NotAllowed: `request.not_eligible`, `request.no_license`.
        Conflict: `request.already_claimed` naming the winner; `request.wrong_state`.
    """
    request = access_request(hat, request_id, now=now, act=None, lock=True)
    if not rules.may_claim(hat, request):
        raise NotAllowed(
            "request.not_eligible", _("Chỉ bác sĩ chuyên khoa này của bệnh viện được hỏi mới nhận được ca.")
        )
    if not has_valid_license(hat.user, on=timezone.localdate(now)):
        raise NotAllowed(
            "request.no_license",
            _("Chưa có giấy phép hành nghề còn hiệu lực của anh/chị trong hệ thống. Hãy báo quản trị cơ sở."),
        )
    if request.owner is not None:
        if rules.is_owner(hat, request):
            return request
        taken = timezone.localtime(request.accepted_at)
        raise Conflict(
            "request.already_claimed",
            _("%(name)s đã nhận ca này lúc %(time)s.")
            % {"name": request.owner.user.display_name, "time": f"{taken:%H:%M}"},
            owner=request.owner.user.display_name,
        )
    request.state = transition(request.state, Event.CLAIM)
    request.owner = hat.membership
    request.accepted_at = now
    request.save(update_fields=["state", "owner", "accepted_at"])
    telling.tell_claimed(request, hat=hat, now=now)
    audit_request("request.claimed", request=request, who=hat, now=now)
    announce_request(request, now=now)
    return request


@transaction.atomic
def cancel_request(*, hat: Hat, request_id: UUID, reason: str, now: datetime) -> Request:
    """Withdraw a request before it is concluded. A draft needs no reason.

    Raises:
        NotFound, NotAllowed; Conflict: `request.wrong_state`; Invalid: `request.reason_missing`.
    """
    request = _locked_for_edit(hat, request_id, now=now)
    new_state = transition(request.state, Event.CANCEL)
    if request.state != RequestState.DRAFT:
        _require_reason(reason)
    return _finish(request, new_state, "request.cancelled", hat=hat, reason=reason, now=now)


@transaction.atomic
def close_request(*, hat: Hat, request_id: UUID, reason: str, now: datetime) -> Request:
    """Close a case with a reason, answered or not.

    Raises:
        NotFound; NotAllowed: `request.not_yours`; Conflict: `request.wrong_state`; Invalid: `request.reason_missing`.
    """
    request = access_request(hat, request_id, now=now, act=None, lock=True)
    if not rules.may_close(hat, request):
        raise NotAllowed(
            "request.not_yours", _("Chỉ bác sĩ hai bên của ca hoặc điều phối viên mới đóng được ca.")
        )
    new_state = transition(request.state, Event.CLOSE)
    _require_reason(reason)
    return _finish(request, new_state, "request.closed", hat=hat, reason=reason, now=now)


@transaction.atomic
def attach_document(*, hat: Hat, request_id: UUID, name: str, content: bytes, now: datetime) -> Document:
    """Add a picture or PDF to a case, before or during the consultation, from either side.

    Raises:
        NotFound; Conflict: `request.closed`; Invalid: `file.*`, `request.too_many_files`.
    """
    request = access_request(hat, request_id, now=now, act=None, lock=True)
    if request.state in {RequestState.CLOSED, RequestState.CANCELLED}:
        raise Conflict("request.closed", _("Ca đã đóng nên không thêm được tài liệu."))
    if request.attachments.count() >= MAX_ATTACHMENTS:
        raise Invalid(
            "request.too_many_files", _("Mỗi ca nhận tối đa %(n)s tài liệu.") % {"n": MAX_ATTACHMENTS}
        )
    document = store_upload(hat=hat, patient=request.patient, name=name, content=content, now=now)
    Attachment.objects.create(request=request, document=document)
    announce_request(request, now=now)
    return document


def _finish(
    request: Request, state: RequestState, action: str, *, hat: Hat, reason: str, now: datetime
) -> Request:
    request.state = state
    request.closed_at = now
    request.close_reason = clean_limited(reason, field="reason")
    request.save(update_fields=["state", "closed_at", "close_reason"])
    telling.settle_ringing(request, now=now)
    audit_request(action, request=request, who=hat, now=now)
    announce_request(request, now=now)
    return request


def _locked_for_edit(hat: Hat, request_id: UUID, *, now: datetime) -> Request:
    request = access_request(hat, request_id, now=now, act=None, lock=True)
    if not rules.may_edit(hat, request):
        raise NotAllowed("request.not_yours", _("Chỉ bác sĩ của cơ sở yêu cầu mới sửa được yêu cầu này."))
    return request


def _require_reason(reason: str) -> None:
    if not clean(reason):
        raise Invalid("request.reason_missing", _("Hãy ghi lý do, để bên kia biết vì sao."), field="reason")


def _replace_questions(request: Request, texts: Sequence[str]) -> None:
    typed = (clean_limited(text, field="questions") for text in texts)
    kept = [text for text in typed if text][:MAX_QUESTIONS]
    if list(request.questions.values_list("text", flat=True)) == kept:
        return
    request.questions.all().delete()
    Question.objects.bulk_create(
        Question(request=request, number=number, text=text) for number, text in enumerate(kept, start=1)
    )


def _replace_vital_signs(request: Request, entries: Sequence[VitalSignsEntry]) -> None:
    request.vital_signs.all().delete()
    VitalSigns.objects.bulk_create(
        VitalSigns(request=request, position=position, **vars(entry))
        for position, entry in enumerate(entries[:MAX_VITAL_SIGNS])
        if any(value is not None for name, value in vars(entry).items() if name != "measured_at")
    )


def hub_choices(facility: Facility) -> list[Facility]:
    """Return the hubs a facility may ask, for the form."""
    return list(hubs_of(facility))
