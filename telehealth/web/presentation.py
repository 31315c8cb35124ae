"""Turning rows into what templates draw: banners, timelines, vital signs. No decisions, only words and order."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from telehealth.consultations.domain.queries import CasePage
from telehealth.consultations.enums import RequestState
from telehealth.consultations.models import Request, VitalSigns
from telehealth.consultations.vitals import SIGN_BY_NAME, grade, is_plausible
from telehealth.core.text import fold
from telehealth.records.enums import DocumentKind
from telehealth.records.models import Document, Patient
from telehealth.web.forms.numbers import number_text
from telehealth.web.templatetags.telehealth import age, born, sex_age

# "Không có tiền sử dị ứng." is good news and not an allergy. Whole sentences only: "không dung nạp sữa" is none of them.
_NO_ALLERGY = re.compile(
    r"(khong|chua)( co| ro| thay| ghi nhan| phat hien)*( tien su)?( di ung)?( gi| nao| thuoc| thuc an)*\.?"
)


def banner(patient: Patient, *, allergies: str | None = None) -> dict[str, object]:
    """Return what the patient banner shows. `allergies` as written in a case replaces the record's."""
    known = patient.allergies if allergies is None else allergies
    if _NO_ALLERGY.fullmatch(fold(known)):
        known = ""
    facts = [sex_age(patient)]
    if patient.birth_date:
        facts.append(_("sinh %(born)s") % {"born": born(patient)})
    if patient.ethnicity:
        facts.append(_("dân tộc %(name)s") % {"name": patient.ethnicity})
    if patient.needs_interpreter:
        facts.append(
            _("cần phiên dịch (%(language)s)") % {"language": patient.language or _("chưa rõ tiếng")}
        )
    if patient.commune:
        facts.append(str(patient.commune))
    return {
        "name": patient.full_name,
        "facts": facts,
        "allergies": [line for line in known.splitlines() if line.strip()],
    }


def patient_label(patient: Patient) -> str:
    """Return the patient in a few letters for the room's title: initials, age, sex."""
    initials = " ".join(f"{word[0]}." for word in patient.full_name.split())
    return f"{initials} {age(patient)}, {patient.get_sex_display()}"


@dataclass(frozen=True)
class Happening:
    """One entry of a timeline."""

    at: datetime
    icon: str
    text: str
    about: str = ""
    url: str = ""
    link: str = ""


def record_timeline(requests: Iterable[Request], documents: Iterable[Document]) -> list[Happening]:
    """Return a patient's consultations and documents, newest first."""
    entries = [
        Happening(
            at=one.submitted_at or one.created_at,
            icon="stethoscope",
            text=one.chief_complaint.split("\n")[0] or _("Yêu cầu hội chẩn chưa viết xong"),
            about=" · ".join(
                str(part) for part in (one.code, one.specialty, one.hub, one.get_state_display()) if part
            ),
            url=reverse("draft" if one.state == RequestState.DRAFT else "case", args=[one.id]),
            link=_("Mở ca"),
        )
        for one in requests
    ]
    entries += [
        Happening(
            at=one.created_at,
            icon="file-text" if one.kind == DocumentKind.MINUTES else "paperclip",
            text=one.name,
            about=f"{one.get_kind_display()} · {one.facility.short_name}",
            url=reverse("document", args=[one.id]),
            link=_("Mở tài liệu"),
        )
        for one in documents
    ]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def case_timeline(page: CasePage) -> list[Happening]:
    """Return what happened to a case, oldest first, from its own rows."""
    request = page.request
    entries = [
        Happening(request.created_at, "file-pen-line", _("Lập yêu cầu"), request.requester.user.display_name)
    ]
    if request.submitted_at:
        entries.append(
            Happening(request.submitted_at, "send", _("Gửi đến %(hub)s") % {"hub": request.hub or ""})
        )
    if request.accepted_at and request.owner:
        entries.append(
            Happening(request.accepted_at, "user-check", _("Đã nhận ca"), request.owner.user.display_name)
        )
    for session in page.sessions:
        who = session.opened_by.user.display_name
        opened = _("Mở phòng lần %(n)s, mã hóa đầu cuối") if session.encrypted else _("Mở phòng lần %(n)s")
        entries.append(Happening(session.opened_at, "door-open", opened % {"n": session.number}, who))
        if session.live_since:
            entries.append(Happening(session.live_since, "video", _("Hai bên gặp nhau")))
        if session.ended_at:
            ended = _("Kết thúc cuộc gọi") if session.end_reason == "finished" else _("Cuộc gọi dừng lại")
            entries.append(Happening(session.ended_at, "phone-off", ended))
    if request.concluded_at and request.owner:
        entries.append(
            Happening(request.concluded_at, "signature", _("Đã ký kết luận"), request.owner.user.display_name)
        )
    if page.decision:
        decision = page.decision
        entries.append(
            Happening(
                decision.decided_at,
                "check-check",
                str(decision.get_outcome_display()),
                decision.decided_by.user.display_name,
            )
        )
    elif request.closed_at:
        cancelled = request.state == RequestState.CANCELLED
        entries.append(
            Happening(
                request.closed_at,
                "circle-x" if cancelled else "archive",
                _("Đã hủy yêu cầu") if cancelled else _("Đã đóng ca"),
                request.close_reason,
            )
        )
    return sorted(entries, key=lambda entry: entry.at)


@dataclass(frozen=True)
class VitalShown:
    """One measured sign: `tone` is "critical", "abnormal" or ""; `remark` says in words what the colour says."""

    label: str | Promise
    value: str
    unit: str | Promise
    tone: str
    remark: str


def vitals_shown(row: VitalSigns, patient: Patient) -> list[VitalShown]:
    """Return the measured signs of one row; blood pressure as one value, as doctors write it."""
    years = _years(patient)
    shown = []
    for name, sign in SIGN_BY_NAME.items():
        value = getattr(row, name)
        if value is None or (name == "diastolic" and row.systolic is not None):
            continue
        text, label = number_text(value), sign.label
        if name == "systolic" and row.diastolic is not None:
            text, label = f"{text}/{number_text(row.diastolic)}", _("Huyết áp")
        tone = grade(sign, value, age=years)
        remark = ""
        if name == "systolic" and row.diastolic is not None:
            lower = grade(SIGN_BY_NAME["diastolic"], row.diastolic, age=years)
            tone = "critical" if "critical" in {tone, lower} else tone or lower
        if not is_plausible(sign, value):
            tone, remark = tone or "abnormal", _("số đo rất hiếm gặp")
        elif tone == "critical":
            remark = _("nguy hiểm")
        elif tone:
            remark = _("ngoài khoảng thường gặp")
        shown.append(VitalShown(label, text, sign.unit, tone, remark))
    return shown


def _years(patient: Patient) -> int | None:
    today = timezone.localdate()
    if patient.birth_date:
        born_on = patient.birth_date
        return today.year - born_on.year - ((today.month, today.day) < (born_on.month, born_on.day))
    return today.year - patient.birth_year if patient.birth_year else None
