"""What a patient reads after a visit: written in plain words by the practitioner, invisible until signed, then never changed."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from telehealth.accounts.hat import Hat
from telehealth.audit.log import record
from telehealth.consultations import rules
from telehealth.consultations.domain.announcements import announce_request, audit_request
from telehealth.consultations.domain.guests import lock_visit, no_such_visit
from telehealth.consultations.domain.lifecycle import Event, transition
from telehealth.consultations.domain.visits import announce_visit, lock_request_of, note_fulfilled
from telehealth.consultations.enums import GuestKind
from telehealth.consultations.models import SUMMARY_OF_VISIT, Visit
from telehealth.consultations.principals import Guest
from telehealth.core.errors import Conflict, Invalid, NotAllowed
from telehealth.core.text import clean_limited

REQUIRED = ("findings", "advice")


@transaction.atomic
def save_summary(
    *, hat: Hat, visit_id: UUID, values: Mapping[str, str], base_version: int, now: datetime
) -> Visit:
    """Keep the practitioner's draft. Nobody else sees it before the signature.

    Raises:
        NotFound: `visit.not_found`; NotAllowed: `summary.not_yours`;
        Conflict: `summary.signed`, `draft.changed_elsewhere`; Invalid: `draft.too_long`.
    """
    visit = _own_visit(hat, visit_id)
    if visit.version != base_version:
        raise Conflict(
            "draft.changed_elsewhere",
            _("Bản nháp này vừa được sửa ở nơi khác. Cả hai bản đều còn; hãy chọn bản giữ lại."),
            version=visit.version,
            values={name: getattr(visit, name) for name in SUMMARY_OF_VISIT},
        )
    for name in SUMMARY_OF_VISIT:
        setattr(visit, name, clean_limited(values.get(name, ""), field=name))
    visit.version += 1
    visit.saved_at = now
    visit.save(update_fields=[*SUMMARY_OF_VISIT, "version", "saved_at"])
    return visit


@transaction.atomic
def sign_summary(*, hat: Hat, visit_id: UUID, now: datetime) -> Visit:
    """Sign the summary: the visit is done, the patient can read it by the same link. A call that is running goes on.

    Raises:
        NotFound: `visit.not_found`; NotAllowed: `summary.not_yours`;
        Conflict: `summary.signed`, `visit.not_begun`, `request.wrong_state`;
        Invalid: `summary.incomplete` with `detail["missing"]`: names of the empty fields.
    """
    visit = _own_visit(hat, visit_id)
    request = lock_request_of(visit)
    if request is None:
        raise Conflict(
            "visit.not_begun",
            _("Buổi khám chưa bắt đầu nên chưa ký được bản tóm tắt. Bản nháp vẫn được giữ."),
        )
    missing = [name for name in REQUIRED if not getattr(visit, name)]
    if missing:
        raise Invalid(
            "summary.incomplete",
            _("Hãy ghi nhận định và việc người bệnh cần làm rồi mới ký. Chưa có gì được gửi cho người bệnh."),
            missing=missing,
        )
    request.state = transition(request.state, Event.COMPLETE)
    request.closed_at = now
    request.save(update_fields=["state", "closed_at"])
    visit.signed_at = now
    visit.save(update_fields=["signed_at"])
    note_fulfilled(visit, hat=hat, now=now)
    audit_request("visit.summary_signed", request=request, who=hat, now=now, visit=str(visit.id))
    announce_request(request, now=now)
    announce_visit(visit, now=now)
    return visit


@transaction.atomic
def read_summary(*, guest: Guest, now: datetime) -> dict[str, str] | None:
    """Return what the patient may read: the signed summary of their visit by field, None before it is signed.

    It is for whom the visit was about, or who booked it for them: a relative's own link joins the call and no more.
    """
    visit = Visit.objects.select_related("appointment").get(appointment_id=guest.link.visit_id)
    if visit.signed_at is None or guest.link.kind != GuestKind.PATIENT:
        return None
    record(
        "visit.summary_read",
        now=now,
        hat=None,
        facility_id=visit.appointment.facility_id,
        origin=guest.origin,
        object_type="visit",
        object_id=visit.id,
        patient_id=visit.appointment.patient_id,
        guest=str(guest.link.id),
    )
    return {name: getattr(visit, name) for name in SUMMARY_OF_VISIT if getattr(visit, name)}


def _own_visit(hat: Hat, visit_id: UUID) -> Visit:
    visit = lock_visit(visit_id)
    if visit is None or not rules.may_see_visit(hat, visit):
        raise no_such_visit()
    if not rules.is_practitioner(hat, visit):
        raise NotAllowed("summary.not_yours", _("Chỉ bác sĩ của buổi khám mới viết và ký được bản tóm tắt."))
    if visit.signed_at:
        raise Conflict("summary.signed", _("Bản tóm tắt đã ký nên không sửa được nữa."))
    return visit
