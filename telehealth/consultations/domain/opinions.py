"""Answering: drafts only their author sees, one signature, and what the treating doctor decides about it."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from telehealth.accounts.hat import Hat
from telehealth.consultations import rules
from telehealth.consultations.access import access_request
from telehealth.consultations.domain import telling
from telehealth.consultations.domain.announcements import announce_request, audit_request
from telehealth.consultations.domain.lifecycle import Event, transition
from telehealth.consultations.domain.minutes import issue_minutes, possible_secretaries
from telehealth.consultations.enums import DecisionOutcome, RequestState
from telehealth.consultations.models import Answer, Decision, Minutes, Note, Question
from telehealth.core.errors import Conflict, Invalid, NotAllowed, NotFound
from telehealth.core.text import clean_limited

OPEN_FOR_ANSWERS = {RequestState.ACCEPTED, RequestState.IN_SESSION}


@transaction.atomic
def save_answer(
    *,
    hat: Hat,
    question_id: UUID,
    conclusion: str,
    further_treatment: str,
    base_version: int,
    now: datetime,
) -> Answer:
    """Keep the specialist's draft answer to one question. The other side sees nothing of it before the signature.

    Raises:
        NotFound: `question.not_found`; NotAllowed: `answer.not_owner`;
        Conflict: `answer.signed`, `answer.not_open`, `draft.changed_elsewhere`; Invalid: `draft.too_long`.
    """
    question = Question.objects.select_related("request").filter(id=question_id).first()
    if question is None or not rules.may_see(hat, question.request):
        raise NotFound("question.not_found", _("Không có câu hỏi này, hoặc anh/chị không có quyền xem."))
    request = access_request(hat, question.request_id, now=now, act=None, lock=True)
    if not rules.may_answer(hat, request):
        raise NotAllowed("answer.not_owner", _("Chỉ bác sĩ đã nhận ca mới trả lời được."))
    answer = Answer.objects.filter(question=question).first() or Answer(
        question=question, author=hat.membership
    )
    if answer.signed_at:
        raise Conflict("answer.signed", _("Kết luận đã ký nên không sửa được nữa."))
    if request.state not in OPEN_FOR_ANSWERS:
        raise Conflict("answer.not_open", _("Ca này không còn mở để trả lời."))
    if answer.version != base_version:
        raise Conflict(
            "draft.changed_elsewhere",
            _("Bản nháp này vừa được sửa ở nơi khác. Cả hai bản đều còn; hãy chọn bản giữ lại."),
            version=answer.version,
            values={"conclusion": answer.conclusion, "further_treatment": answer.further_treatment},
        )
    answer.conclusion = clean_limited(conclusion, field="conclusion")
    answer.further_treatment = clean_limited(further_treatment, field="further_treatment")
    answer.version += 1
    answer.saved_at = now
    answer.save()
    return answer


@transaction.atomic
def sign_opinion(*, hat: Hat, request_id: UUID, now: datetime, secretary_id: UUID | None = None) -> Minutes:
    """Sign all answers at once: the case is concluded, the first version of the minutes is issued.

    A call that is running goes on. `secretary_id` is the membership of who kept the minutes, if anybody did.

    Raises:
        NotFound; NotAllowed: `answer.not_owner`; Conflict: `request.wrong_state`;
        Invalid: `answer.missing` with `detail["missing"]`: numbers of the questions without a conclusion;
            `minutes.secretary_absent`.
    """
    request = access_request(hat, request_id, now=now, act=None, lock=True)
    if not rules.may_answer(hat, request):
        raise NotAllowed("answer.not_owner", _("Chỉ bác sĩ đã nhận ca mới ký được kết luận."))
    new_state = transition(request.state, Event.SIGN)
    answers = {a.question_id: a for a in Answer.objects.filter(question__request=request)}
    missing = [
        question.number
        for question in request.questions.all()
        if question.id not in answers or not answers[question.id].conclusion
    ]
    if missing:
        raise Invalid(
            "answer.missing",
            _("Mỗi câu hỏi cần một kết luận riêng. Còn thiếu câu: %(numbers)s.")
            % {"numbers": ", ".join(str(number) for number in missing)},
            missing=missing,
        )
    secretary = None
    if secretary_id is not None:
        secretary = next((m for m in possible_secretaries(request) if m.id == secretary_id), None)
        if secretary is None:
            raise Invalid(
                "minutes.secretary_absent",
                _("Thư ký phải là người đã vào phòng hội chẩn của ca này, và không phải chủ tọa. Chưa ký."),
                field="secretary",
            )
    Answer.objects.filter(question__request=request).update(signed_at=now)
    request.state = new_state
    request.concluded_at = now
    request.save(update_fields=["state", "concluded_at"])
    telling.tell_answered(request, hat=hat, now=now)
    audit_request("request.signed", request=request, who=hat, now=now)
    minutes = issue_minutes(request=request, hat=hat, cause="signed", now=now, secretary=secretary)
    announce_request(request, now=now)
    return minutes


@transaction.atomic
def record_decision(*, hat: Hat, request_id: UUID, outcome: str, reason: str, now: datetime) -> Minutes:
    """Record what the treating doctor does with the signed advice; the case is closed, the minutes get a new version.

    Raises:
        NotFound; NotAllowed: `decision.not_treating`; Conflict: `request.wrong_state`;
        Invalid: `decision.outcome_missing`, `decision.reason_missing` (needed unless accepted).
    """
    request = access_request(hat, request_id, now=now, act=None, lock=True)
    if not rules.may_decide(hat, request):
        raise NotAllowed(
            "decision.not_treating", _("Chỉ bác sĩ của cơ sở đang điều trị mới ghi được quyết định.")
        )
    new_state = transition(request.state, Event.DECIDE)
    if outcome not in DecisionOutcome.values:
        raise Invalid("decision.outcome_missing", _("Hãy chọn một quyết định."), field="outcome")
    reason = clean_limited(reason, field="reason")
    if outcome != DecisionOutcome.ACCEPTED and not reason:
        raise Invalid(
            "decision.reason_missing",
            _("Khi thay đổi hoặc không thực hiện, hãy ghi lý do để tuyến trên biết."),
            field="reason",
        )
    Decision.objects.create(
        request=request, outcome=outcome, reason=reason, decided_by=hat.membership, decided_at=now
    )
    request.state = new_state
    request.closed_at = now
    request.save(update_fields=["state", "closed_at"])
    telling.tell_decided(request, hat=hat, now=now)
    audit_request("request.decided", request=request, who=hat, now=now, outcome=outcome)
    minutes = issue_minutes(request=request, hat=hat, cause="decided", now=now)
    announce_request(request, now=now)
    return minutes


@transaction.atomic
def save_note(*, hat: Hat, request_id: UUID, text: str, base_version: int, now: datetime) -> Note:
    """Keep a person's own working notes on a case. Nobody else sees them.

    Raises:
        NotFound; Conflict: `draft.changed_elsewhere`; Invalid: `draft.too_long`.
    """
    request = access_request(hat, request_id, now=now, act=None, lock=True)
    note = Note.objects.filter(request=request, author=hat.user).first() or Note(
        request=request, author=hat.user
    )
    if note.version != base_version:
        raise Conflict(
            "draft.changed_elsewhere",
            _("Ghi chú này vừa được sửa ở nơi khác. Cả hai bản đều còn; hãy chọn bản giữ lại."),
            version=note.version,
            values={"text": note.text},
        )
    note.text = clean_limited(text, field="text")
    note.version += 1
    note.saved_at = now
    note.save()
    return note
