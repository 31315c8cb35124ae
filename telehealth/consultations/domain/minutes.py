"""Issuing the minutes (biên bản hội chẩn): gathered from the case and the event log, frozen, versioned."""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from django.utils import timezone

from telehealth.accounts.hat import Hat
from telehealth.accounts.models import Membership
from telehealth.audit.log import record
from telehealth.consultations import room_events as events
from telehealth.consultations.documents import minutes_data as paper
from telehealth.consultations.documents.render import render_minutes
from telehealth.consultations.enums import Side
from telehealth.consultations.models import SUMMARY_FIELDS, Minutes, Request, Session, VitalSigns
from telehealth.records.domain.documents import store_document
from telehealth.records.enums import DatePrecision, DocumentKind, IdentifierKind
from telehealth.records.models import Patient

HEALTH_DEPARTMENT = "Sở Y tế Nghệ An"
PROVINCE = "tỉnh Nghệ An"
_PRINTED_SUMMARY = tuple(name for name in SUMMARY_FIELDS if name != "record_number")


def issue_minutes(
    *,
    request: Request,
    hat: Hat,
    cause: Literal["signed", "decided"],
    now: datetime,
    secretary: Membership | None = None,
) -> Minutes:
    """Make the next version of the minutes and file it in the patient's record.

    Who kept them (`secretary`) is said with the first version and stays.

    Called inside the use case that signed or decided; an earlier version is never touched.
    """
    request = Request.objects.select_related(
        "patient__commune", "specialty", "hub", "facility", "department", "requester__user", "owner__user"
    ).get(id=request.id)
    previous = request.minutes.last()
    data = _gather(request, previous=previous, secretary=secretary, hat=hat, now=now)
    pdf = render_minutes(data, demonstration=request.patient.is_demonstration)
    document = store_document(
        hat=hat,
        patient=request.patient,
        kind=DocumentKind.MINUTES,
        name=f"bien-ban-hoi-chan-{request.code}-v{data.version}.pdf",
        content_type="application/pdf",
        content=pdf,
        now=now,
    )
    minutes = Minutes.objects.create(
        request=request,
        version=data.version,
        cause=cause,
        content=data.model_dump(mode="json"),
        document=document,
        signed_by=hat.membership,
        signed_at=now,
    )
    record(
        "minutes.issued",
        now=now,
        hat=hat,
        object_type="minutes",
        object_id=minutes.id,
        patient_id=request.patient_id,
        version=data.version,
        digest=data.digest,
    )
    return minutes


def possible_secretaries(request: Request) -> list[Membership]:
    """Return who may have kept the minutes: everybody who was let into a call about the case but its chair."""
    people = _people(list(request.sessions.order_by("number")))
    return [membership for membership in people if membership.id != request.owner_id]


def _gather(
    request: Request, *, previous: Minutes | None, secretary: Membership | None, hat: Hat, now: datetime
) -> paper.MinutesData:
    assert request.owner is not None
    assert request.hub is not None
    assert request.specialty is not None
    sessions = list(request.sessions.order_by("number"))
    live = [session for session in sessions if session.live_since]
    earlier = paper.MinutesData.model_validate(previous.content) if previous else None
    fresh = paper.MinutesData(
        code=request.code,
        version=1,
        prepared_at=now,
        health_department=HEALTH_DEPARTMENT,
        facility=request.facility.name,
        department=request.department.name if request.department else "",
        admission_number=request.record_number,
        patient=_patient(request.patient, request.record_number, on=now),
        admitted_on=request.admitted_on,
        admission_diagnosis=request.provisional_diagnosis,
        channel="video" if live else "writing",
        urgency=request.urgency,
        specialty=request.specialty.name_vi,
        requested_at=request.submitted_at,
        started_at=live[0].live_since if live else request.accepted_at,
        ended_at=live[-1].ended_at if live else None,
        chair=_member(request.owner, duty="Chủ tọa"),
        secretary=_member(secretary, duty="Thư ký") if secretary else None,
        treating_doctor=_member(request.requester, duty="Bác sĩ điều trị, trình bày"),
        members=tuple(
            _member(membership)
            for membership in _people(sessions)
            if membership.id not in {request.owner_id, request.requester_id, secretary and secretary.id}
        ),
        sites=_sites(request, live),
        attendance=tuple(_attendance(sessions)),
        interruptions=tuple(_interruptions(sessions)),
        summary=paper.Summary(
            **{name: getattr(request, name) for name in _PRINTED_SUMMARY},
            vital_signs=tuple(_vital_signs(row) for row in request.vital_signs.all()),
            attachments=tuple(a.document.name for a in request.attachments.select_related("document")),
        ),
        answers=tuple(
            paper.Answer(
                number=question.number,
                question=question.text,
                conclusion=question.answer.conclusion,
                further_treatment=question.answer.further_treatment,
                answered_by=question.answer.author.user.display_name,
            )
            for question in request.questions.select_related("answer__author__user")
        ),
    )
    if earlier is None:
        return fresh.model_copy(
            update={"signatures": (_signature("chair", request.owner, fresh.digest, now),)}
        )
    # What was signed stays word for word; only the decision and its signature are new.
    decision = request.decision
    update = {
        "version": earlier.version + 1,
        "prepared_at": now,
        "amends": paper.Amendment(
            replaces_version=earlier.version,
            reason="Ghi quyết định của bác sĩ điều trị",
            amended_by=hat.user.display_name,
        ),
        "decisions": (
            paper.Decision(
                outcome=decision.outcome,
                reason=decision.reason,
                decided_by=decision.decided_by.user.display_name,
                decided_at=decision.decided_at,
            ),
        ),
        "signatures": (
            *earlier.signatures,
            _signature("treating_doctor", decision.decided_by, earlier.digest, now),
        ),
    }
    return paper.MinutesData.model_validate({**dict(earlier), **update})


def _member(membership: Membership, duty: str = "") -> paper.Member:
    licence = membership.user.licenses.order_by("-issued_on").first()
    return paper.Member(
        name=membership.user.full_name,
        title=membership.user.title,
        duty=duty or str(membership.get_role_display()),
        facility=membership.facility.name,
        department=membership.department.name if membership.department else "",
        licence=licence.number if licence else "",
    )


def _signature(role: paper.SignerRole, membership: Membership, digest: str, now: datetime) -> paper.Signature:
    return paper.Signature(
        role=role,
        name=membership.user.full_name,
        title=membership.user.title,
        facility=membership.facility.name,
        signed_at=now,
        digest=digest,
    )


def _patient(patient: Patient, record_number: str, *, on: datetime) -> paper.Patient:
    numbers = dict(patient.identifiers.values_list("kind", "value"))
    return paper.Patient(
        name=patient.full_name,
        sex=patient.sex,
        born=born_text(patient),
        age=age_text(patient, on=on),
        ethnicity=patient.ethnicity,
        address=", ".join(part for part in (patient.address, str(patient.commune or ""), PROVINCE) if part),
        citizen_number=numbers.get(IdentifierKind.CITIZEN, ""),
        insurance_number=numbers.get(IdentifierKind.INSURANCE, ""),
        record_number=record_number,
        language=patient.language,
        interpreter="Cần người phiên dịch" if patient.needs_interpreter else "",
    )


def born_text(patient: Patient) -> str:
    """Return the date of birth as far as it is known."""
    if patient.birth_date and patient.birth_precision == DatePrecision.DAY:
        return f"{patient.birth_date:%d/%m/%Y}"
    if patient.birth_date and patient.birth_precision == DatePrecision.MONTH:
        return f"{patient.birth_date:%m/%Y}"
    return str(patient.birth_year or "")


def age_text(patient: Patient, *, on: datetime) -> str:
    """Return the age: years, or months below 72 months (the form medicine dosing needs), or days of the newborn."""
    today = timezone.localdate(on)
    born = patient.birth_date
    if born is None:
        return f"{today.year - patient.birth_year} tuổi" if patient.birth_year else "chưa rõ tuổi"
    months = (today.year - born.year) * 12 + today.month - born.month - (today.day < born.day)
    if months < 1:
        return f"{(today - born).days} ngày tuổi"
    return f"{months} tháng tuổi" if months < 72 else f"{months // 12} tuổi"


def _vital_signs(row: VitalSigns) -> paper.VitalSigns:
    names = set(paper.VitalSigns.model_fields) - {"note"}
    return paper.VitalSigns(**{name: getattr(row, name) for name in names})


def _people(sessions: list[Session]) -> list[Membership]:
    people: dict[object, Membership] = {}
    for session in sessions:
        for participant in session.participants.filter(was_admitted=True, guest=None).select_related(
            "membership__user", "membership__facility", "membership__department"
        ):
            assert participant.membership is not None, "nobody else is left"
            people.setdefault(participant.membership_id, participant.membership)
    return list(people.values())


def _log(session: Session) -> Iterator[tuple[datetime, events.RoomEventBody]]:
    for row in session.events.order_by("seq"):
        yield row.at, events.ROOM_EVENT_BODY.validate_python(row.body)


def _attendance(sessions: list[Session]) -> list[paper.Attendance]:
    """Read everybody's stays from the event log: entered until away, left or the end."""
    infos: dict[tuple[str, str], events.ParticipantInfo] = {}
    stays: dict[tuple[str, str], list[paper.Stay]] = {}
    for session in sessions:
        who: dict[object, tuple[str, str]] = {}
        for at, body in _log(session):
            match body:
                case events.ParticipantArrived(participant=info):
                    key = (info.name, info.facility)
                    who[info.participant_id] = key
                    infos.setdefault(key, info)
                case events.ParticipantEntered(participant_id=participant_id):
                    stays.setdefault(who[participant_id], []).append(paper.Stay(entered_at=at))
                case (
                    events.ParticipantAway(participant_id=participant_id)
                    | events.ParticipantLeft(participant_id=participant_id)
                ):
                    _close(stays.get(who[participant_id], []), at)
                case events.SessionEnded():
                    for open_stays in stays.values():
                        _close(open_stays, at)
    return [
        paper.Attendance(
            name=infos[key].name, title=infos[key].title, facility=infos[key].facility, stays=tuple(s)
        )
        for key, s in stays.items()
    ]


def _close(stays: list[paper.Stay], at: datetime) -> None:
    if stays and stays[-1].left_at is None:
        stays[-1] = stays[-1].model_copy(update={"left_at": at})


def _sites(request: Request, live: list[Session]) -> tuple[paper.Site, ...]:
    assert request.hub is not None
    sites = []
    for side, facility in ((Side.HUB, request.hub), (Side.SPOKE, request.facility)):
        first = last = None
        for session in live:
            members = {p.id for p in session.participants.filter(side=side)}
            for at, body in _log(session):
                if isinstance(body, events.ParticipantEntered) and body.participant_id in members:
                    first = first or at
                    last = None
                elif isinstance(body, events.ParticipantLeft) and body.participant_id in members:
                    last = at
        sites.append(
            paper.Site(
                facility=facility.name,
                side="hub" if side == Side.HUB else "spoke",
                connected_at=first,
                disconnected_at=last,
            )
        )
    return tuple(sites)


def _interruptions(sessions: list[Session]) -> Iterator[paper.Interruption]:
    for session in sessions:
        infos: dict[object, events.ParticipantInfo] = {}
        away: dict[object, datetime] = {}
        thin: dict[object, tuple[datetime, str]] = {}  # since when, and what was left
        for at, body in _log(session):
            match body:
                case events.LineChanged(participant_id=participant_id):
                    left = _left_by_line(body)
                    earlier = thin.get(participant_id)
                    if earlier and earlier[1] != left:
                        yield _line_thin(infos[participant_id], *thin.pop(participant_id), at)
                    if left and participant_id not in thin:
                        thin[participant_id] = (at, left)
                case events.ParticipantArrived(participant=info):
                    infos[info.participant_id] = info
                case events.ParticipantAway(participant_id=participant_id):
                    away[participant_id] = at
                case (
                    events.ParticipantEntered(participant_id=participant_id)
                    | events.ParticipantLeft(participant_id=participant_id)
                ) if participant_id in away:
                    yield _line_lost(infos[participant_id], away.pop(participant_id), at)
                case events.SessionEnded(reason="interrupted"):
                    yield paper.Interruption(at=at, text="Cuộc gọi kết thúc do đường truyền bị gián đoạn")
        for lost, since in away.items():
            yield _line_lost(infos[lost], since, None)
        for weak, (began, left) in thin.items():
            yield _line_thin(infos[weak], began, left, session.ended_at)


def _line_lost(info: events.ParticipantInfo, at: datetime, until: datetime | None) -> paper.Interruption:
    name = f"{info.title} {info.name}".strip()
    return paper.Interruption(at=at, until=until, text=f"Mất đường truyền: {name} ({info.facility})")


def _left_by_line(line: events.LineChanged) -> str:
    """Return in words what a line left of the call, "" when pictures moved. What people chose themselves is no trouble."""
    order = ("full", "half", "quarter", "low_rate", "still", "sound", "writing")
    sides = ((line.down, line.down_reason), (line.up, line.up_reason))
    worst = max((rung for rung, reason in sides if reason != "by_hand"), key=order.index, default="full")
    return {"still": "âm thanh và ảnh tĩnh", "sound": "âm thanh", "writing": "chữ viết"}.get(worst, "")


def _line_thin(
    info: events.ParticipantInfo, at: datetime, left: str, until: datetime | None
) -> paper.Interruption:
    name = f"{info.title} {info.name}".strip()
    return paper.Interruption(
        at=at, until=until, text=f"Đường truyền yếu, chỉ còn {left}: {name} ({info.facility})"
    )
