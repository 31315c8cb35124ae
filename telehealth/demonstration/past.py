"""Plays consultations through the use cases, so that their audit, event log and minutes are real."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import transaction

from telehealth.accounts.hat import Hat
from telehealth.accounts.models import Membership
from telehealth.consultations.domain import opinions, requests, sessions, upkeep
from telehealth.consultations.domain.requests import DraftContent, VitalSignsEntry
from telehealth.consultations.models import SUMMARY_FIELDS, Participant, Request
from telehealth.demonstration.cases import Case, OpenCase, Vitals
from telehealth.demonstration.ids import demonstration_id
from telehealth.records.models import Patient

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
_SUMMARY = tuple(name for name in SUMMARY_FIELDS if name != "record_number")  # given apart


def local_time(case: Case, today: date, minutes: int) -> datetime:
    """The moment so many minutes after the case was sent; `today` is the day of loading."""
    sent = datetime.combine(today - timedelta(days=case.days_ago), case.sent, tzinfo=LOCAL)
    return sent + timedelta(minutes=minutes)


@transaction.atomic
def play_case(case: Case, *, now: datetime) -> Request | None:
    """Live through one consultation, from the draft to the treating doctor's decision; None if it was played before."""
    patient = Patient.objects.get(id=demonstration_id("patient", case.key))
    if Request.objects.filter(patient=patient).exists():
        return None
    today = now.astimezone(LOCAL).date()

    def at(minutes: int) -> datetime:
        return local_time(case, today, minutes)

    doctor = _hat(case.doctor, case.spoke)
    specialist = _hat(case.specialist, case.hub)
    draft = requests.create_draft(hat=doctor, patient=patient, now=at(-20))
    requests.save_draft(
        hat=doctor, request_id=draft.id, content=_content(case, at(0)), base_version=draft.version, now=at(-2)
    )
    requests.submit_request(hat=doctor, request_id=draft.id, now=at(0))
    requests.claim_request(hat=specialist, request_id=draft.id, now=at(case.claimed_after))
    answered = case.claimed_after + 90
    if not case.by_writing:
        _call(case, draft, doctor, specialist, today)
        answered = case.called_after + case.lasted + 2
    for question, asked in zip(draft.questions.all(), case.asked, strict=True):
        opinions.save_answer(
            hat=specialist,
            question_id=question.id,
            conclusion=asked.conclusion,
            further_treatment=asked.further_treatment,
            base_version=0,
            now=at(answered - 1),
        )
    opinions.sign_opinion(hat=specialist, request_id=draft.id, now=at(answered))
    opinions.record_decision(
        hat=doctor,
        request_id=draft.id,
        outcome=case.outcome,
        reason=case.reason,
        now=at(max(case.decided_after, answered + 3)),
    )
    return draft


@transaction.atomic
def play_open_case(case: OpenCase, *, now: datetime) -> Request | None:
    """Bring a request as far as it is when the province is loaded; None if there is one of that patient already."""
    patient = Patient.objects.get(id=demonstration_id("patient", case.key))
    if Request.objects.filter(patient=patient).exists():
        return None

    def before(minutes: int) -> datetime:
        return now - timedelta(minutes=minutes)

    doctor = _hat(case.doctor, case.spoke)
    written = before(case.written_before)
    draft = requests.create_draft(hat=doctor, patient=patient, now=before(case.written_before + 15))
    requests.save_draft(
        hat=doctor,
        request_id=draft.id,
        content=_content(case, written),
        base_version=draft.version,
        now=written,
    )
    if case.sent_before is not None:
        requests.submit_request(hat=doctor, request_id=draft.id, now=before(case.sent_before))
    if case.claimed_before is not None:
        requests.claim_request(
            hat=_hat(case.specialist, case.hub), request_id=draft.id, now=before(case.claimed_before)
        )
    return draft


def _call(case: Case, request: Request, doctor: Hat, specialist: Hat, today: date) -> None:
    begin = local_time(case, today, case.called_after)

    def at(minutes: float) -> datetime:
        return begin + timedelta(minutes=minutes)

    session = sessions.open_session(hat=specialist, request_id=request.id, now=at(0))
    sessions.arrive(who=specialist, session_id=session.id, key=None, now=at(0.2))
    sessions.enter(who=specialist, session_id=session.id, now=at(0.3))
    present = [doctor, *([_hat(case.nurse, case.spoke)] if case.nurse else [])]
    for step, hat in enumerate(present):
        sessions.arrive(who=hat, session_id=session.id, key=None, now=at(0.5 + step))
        guest = Participant.objects.get(session=session, membership=hat.membership)
        sessions.admit(
            who=specialist, session_id=session.id, participant_id=guest.id, key=None, now=at(0.7 + step)
        )
        sessions.enter(who=hat, session_id=session.id, now=at(0.8 + step))
    sessions.mark_patient(who=doctor, session_id=session.id, present=True, key=None, now=at(2))
    if case.line_lost_at:
        lost = Participant.objects.get(session=session, membership=doctor.membership)
        upkeep.lose_line(session_id=session.id, participant_id=lost.id, now=at(case.line_lost_at))
        sessions.arrive(who=doctor, session_id=session.id, key=None, now=at(case.line_lost_at + 0.6))
        sessions.enter(who=doctor, session_id=session.id, now=at(case.line_lost_at + 0.8))
    sessions.end_session(
        who=specialist, session_id=session.id, reason="finished", key=None, now=at(case.lasted)
    )


def _hat(username: str, facility: str) -> Hat:
    return Hat(
        Membership.objects.select_related("user", "facility", "department")
        .order_by("role")
        .filter(
            user_id=demonstration_id("user", username), facility_id=demonstration_id("facility", facility)
        )[0]
    )


def _content(case: Case | OpenCase, sent: datetime) -> DraftContent:
    admitted = sent.date() - timedelta(days=case.admitted_days_before)
    return DraftContent(
        summary={
            **{name: getattr(case, name) for name in _SUMMARY},
            "record_number": f"{admitted:%y%m%d}-{demonstration_id('record', case.key).int % 900 + 100}",
        },
        questions=case.questions,
        vital_signs=[_vital_signs(vitals, sent) for vitals in case.vitals],
        urgency=case.urgency,
        specialty=case.specialty,
        hub_id=demonstration_id("facility", case.hub),
        admitted_on=admitted,
    )


def _vital_signs(v: Vitals, sent: datetime) -> VitalSignsEntry:
    return VitalSignsEntry(
        measured_at=sent - timedelta(minutes=v.before),
        pulse=v.pulse,
        temperature=Decimal(str(v.temperature)),
        systolic=v.systolic,
        diastolic=v.diastolic,
        respiratory_rate=v.respiratory_rate,
        spo2=v.spo2,
        glasgow=v.glasgow,
        pain=v.pain,
        weight=None if v.weight is None else Decimal(str(v.weight)),
        height=None if v.height is None else Decimal(str(v.height)),
    )
