"""Minutes of a consultation as a PDF a hospital can file."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from telehealth.consultations.documents.minutes_data import (
    Answer,
    Attendance,
    CareMode,
    Channel,
    Decision,
    DecisionOutcome,
    Interruption,
    Member,
    MinutesData,
    Sex,
    Side,
    SignatureMethod,
    SignerRole,
    Site,
    Summary,
    Urgency,
    VitalSigns,
)
from telehealth.consultations.documents.typesetting import Tree, typeset

LOCAL_TIME = ZoneInfo("Asia/Ho_Chi_Minh")

SEX: dict[Sex, str] = {"male": "Nam", "female": "Nữ", "unknown": "Chưa xác định"}
SIDE: dict[Side, str] = {"hub": "Điểm cầu chuyên gia", "spoke": "Điểm cầu đề nghị"}
CHANNEL: dict[Channel, str] = {
    "video": "Trực tuyến, có hình và tiếng",
    "audio": "Trực tuyến, chỉ có tiếng",
    "writing": "Trả lời bằng văn bản, không trực tuyến",
}
CARE_MODE: dict[CareMode, str] = {
    "teleconsultation": "Hội chẩn từ xa giữa những người hành nghề",
    "inter_facility_support": "Hỗ trợ khám bệnh, chữa bệnh từ xa giữa các cơ sở",
    "via_receiving_facility": "Khám bệnh, chữa bệnh từ xa qua cơ sở tiếp nhận người bệnh",
    "direct_to_patient": "Khám bệnh, chữa bệnh từ xa trực tiếp với người bệnh",
}
URGENCY: dict[Urgency, str] = {
    "red": "Báo động đỏ",
    "urgent": "Khẩn",
    "priority": "Ưu tiên trong ngày",
    "routine": "Thường quy (có lịch)",
    "async": "Tham vấn không trực tuyến",
}
OUTCOME: dict[DecisionOutcome, str] = {
    "accepted": "Thực hiện theo kết luận hội chẩn",
    "changed": "Thực hiện có thay đổi",
    "declined": "Không thực hiện",
}
SIGNER: dict[SignerRole, str] = {
    "secretary": "Thư ký",
    "treating_doctor": "Bác sĩ điều trị",
    "chair": "Chủ tọa",
    "member": "Thành viên",
}
METHOD: dict[SignatureMethod, str] = {"platform": "Đã ký xác nhận trên hệ thống", "digital": "Đã ký số"}


def render_minutes(data: MinutesData, *, demonstration: bool) -> bytes:
    """The PDF of one version of the minutes: A4, PDF/A-2a and PDF/UA-1, in Vietnamese.

    The same data give the same bytes.
    """
    return typeset("minutes.typ", _view(data, demonstration), at=data.prepared_at)


def _view(data: MinutesData, demonstration: bool) -> dict[str, Tree]:
    return {
        "code": data.code,
        "title": f"Biên bản hội chẩn {data.code}",
        "author": data.facility,
        "version": data.version,
        "digest": " ".join(data.digest[i : i + 8] for i in range(0, 64, 8)),
        "demonstration": demonstration,
        "draft": not data.signatures,
        "prepared": _moment(data.prepared_at),
        "amends": "" if data.amends is None else _amends(data),
        "health_department": data.health_department,
        "facility": data.facility,
        "department": data.department,
        "numbers": _facts(
            ("Số vào viện", data.admission_number or "……………"),
            ("Số lưu trữ", data.archive_number or "……………"),
        ),
        "patient_name": data.patient.name,
        "patient": _patient(data),
        "session": _session(data),
        "members": [_member_row(m) for m in _everybody(data)],
        "sites": [_site_row(site) for site in data.sites],
        "attendance": [_attendance_row(person, data.started_at) for person in data.attendance],
        "conditions": _conditions(data),
        "history": _history(data.summary),
        "findings": _findings(data.summary),
        "vital_signs": [_vital_signs_row(v) for v in data.summary.vital_signs],
        "answers": [_answer(answer, _name(data.chair.title, data.chair.name)) for answer in data.answers],
        "follow_up": data.follow_up,
        "dissents": [{"name": d.name, "text": d.text} for d in data.dissents],
        "decisions": [_decision(decision) for decision in data.decisions],
        "signatures": _signatures(data),
    }


def _amends(data: MinutesData) -> str:
    assert data.amends is not None
    return (
        f"Bản số {data.version} thay thế bản số {data.amends.replaces_version}. "
        f"Lý do: {data.amends.reason.rstrip('.')}. Người lập: {data.amends.amended_by}."
    )


def _patient(data: MinutesData) -> Tree:
    patient = data.patient
    return _facts(
        ("Ngày sinh, tuổi", _join(", ", patient.born, patient.age)),
        ("Giới tính", SEX[patient.sex]),
        ("Dân tộc", patient.ethnicity),
        (
            "Ngôn ngữ",
            _join(". ", patient.language, patient.interpreter),
        ),
        ("Số định danh cá nhân", patient.citizen_number),
        ("Số thẻ BHYT", patient.insurance_number),
        ("Mã người bệnh", "" if patient.record_number == data.admission_number else patient.record_number),
        ("Ngày vào viện", f"{data.admitted_on:%d/%m/%Y}" if data.admitted_on else ""),
        ("Địa chỉ", patient.address),
        ("Chẩn đoán vào viện", data.admission_diagnosis),
    )


def _session(data: MinutesData) -> Tree:
    return _facts(
        ("Ngày giờ đề nghị", _moment(data.requested_at)),
        ("Ngày giờ hội chẩn", _span(data.started_at, data.ended_at)),
        ("Hình thức", f"{CARE_MODE[data.care_mode]}. {CHANNEL[data.channel]}."),
        ("Mức khẩn", URGENCY[data.urgency]),
        ("Chuyên khoa được hỏi", data.specialty),
        ("Lý do hội chẩn", data.reason),
        ("Chủ tọa", _person(data.chair)),
        ("Thư ký", _person(data.secretary) if data.secretary else "Không có"),
    )


def _conditions(data: MinutesData) -> Tree:
    interruptions = [_interruption(i) for i in data.interruptions]
    return _facts(
        ("Ghi hình, ghi âm", f"Có, số lưu {data.recording_number}" if data.recording_number else "Không ghi"),
        ("Gián đoạn", "\n".join(interruptions) if interruptions else "Không có"),
        ("Đồng ý của người bệnh", data.consent or "Không ghi nhận"),
    )


def _history(summary: Summary) -> Tree:
    return _facts(
        ("Lý do vào viện", summary.chief_complaint),
        ("Bệnh sử", summary.history_of_present_illness),
        ("Tiền sử", summary.past_history),
        ("Dị ứng", summary.allergies or "Chưa khai thác"),
    )


def _findings(summary: Summary) -> Tree:
    diagnosis = _join(
        " ", summary.provisional_diagnosis, summary.icd10 and f"(ICD-10:\N{NO-BREAK SPACE}{summary.icd10})"
    )
    return _facts(
        ("Khám lâm sàng", summary.examination),
        ("Cận lâm sàng", summary.investigations),
        ("Chẩn đoán sơ bộ", diagnosis),
        ("Đã xử trí", summary.management_done),
        ("Diễn biến", summary.clinical_course),
        ("Thuốc đang dùng", summary.current_medicines),
        ("Nguồn lực tại chỗ", summary.local_resources),
        ("Tài liệu kèm theo", "; ".join(summary.attachments)),
    )


def _everybody(data: MinutesData) -> list[Member]:
    """Chair, secretary, treating doctor and the others, each once."""
    everybody = [
        data.chair.model_copy(update={"duty": data.chair.duty or "Chủ tọa"}),
        *_secretary_and_treating_doctor(data),
    ]
    known = {(m.name, m.facility) for m in everybody}
    return everybody + [m for m in data.members if (m.name, m.facility) not in known]


def _secretary_and_treating_doctor(data: MinutesData) -> list[Member]:
    treating = data.treating_doctor
    treating = treating.model_copy(update={"duty": treating.duty or "Bác sĩ điều trị"})
    if data.secretary is None:
        return [treating]
    secretary = data.secretary.model_copy(update={"duty": data.secretary.duty or "Thư ký"})
    if (secretary.name, secretary.facility) == (treating.name, treating.facility):
        return [treating.model_copy(update={"duty": f"{treating.duty}; {secretary.duty.lower()}"})]
    return [secretary, treating]


def _member_row(member: Member) -> Tree:
    return [
        _name(member.title, member.name),
        member.duty,
        _join(", ", member.department, member.facility),
        member.licence,
    ]


def _site_row(site: Site) -> Tree:
    return [site.facility, SIDE[site.side], _short(site.connected_at), _short(site.disconnected_at)]


def _attendance_row(person: Attendance, day: datetime) -> Tree:
    stays = [_stay(stay.entered_at, stay.left_at, day) for stay in person.stays]
    seconds = sum((s.left_at - s.entered_at).total_seconds() for s in person.stays if s.left_at)
    return [
        _name(person.title, person.name),
        person.facility,
        "\n".join(stays),
        f"{round(seconds / 60)} phút",
    ]


def _stay(entered: datetime, left: datetime | None, day: datetime) -> str:
    entered, day = entered.astimezone(LOCAL_TIME), day.astimezone(LOCAL_TIME)
    date = "" if entered.date() == day.date() else f" ngày {entered:%d/%m/%Y}"
    return (
        f"{entered:%H:%M:%S} – {left.astimezone(LOCAL_TIME):%H:%M:%S}{date}"
        if left
        else f"{entered:%H:%M:%S} –{date}"
    )


def _vital_signs_row(v: VitalSigns) -> Tree:
    pressure = "" if v.systolic is None else f"{v.systolic}/{'–' if v.diastolic is None else v.diastolic}"
    cells: Sequence[str | float | None] = (
        v.pulse, v.temperature, pressure, v.respiratory_rate, v.spo2, v.glasgow, v.pain, v.weight, v.height,
    )  # fmt: skip
    return {"at": _short(v.measured_at), "cells": [_number(cell) for cell in cells], "note": v.note}


def _answer(answer: Answer, chair: str) -> Tree:
    return {
        "number": answer.number,
        "question": answer.question,
        "conclusion": answer.conclusion,
        "further_treatment": answer.further_treatment,
        "answered_by": "" if answer.answered_by == chair else answer.answered_by,
    }


def _decision(decision: Decision) -> Tree:
    scope = "Tất cả các kết luận" if decision.question is None else f"Câu hỏi {decision.question}"
    return {
        "scope": scope,
        "outcome": OUTCOME[decision.outcome],
        "reason": decision.reason,
        "by": f"{decision.decided_by}, {_moment(decision.decided_at)}",
    }


def _signatures(data: MinutesData) -> Tree:
    """One block for each who must sign, signed or not, then the other signers."""
    due: list[tuple[SignerRole, Member]] = []
    if data.secretary:
        due.append(("secretary", data.secretary))
    due += [("treating_doctor", data.treating_doctor), ("chair", data.chair)]
    signed = {s.role for s in data.signatures}
    blocks: list[Tree] = [
        {
            "role": SIGNER[role],
            "name": _name(m.title, m.name),
            "facility": m.facility,
            "signed": "",
        }
        for role, m in due
        if role not in signed
    ]
    order = list(SIGNER)
    for s in sorted(data.signatures, key=lambda s: order.index(s.role)):
        blocks.append(
            {
                "role": SIGNER[s.role],
                "name": _name(s.title, s.name),
                "facility": s.facility,
                "signed": f"{METHOD[s.method]}\nlúc {_moment(s.signed_at)}",
                "matches": s.digest == data.digest,
            }
        )
    return blocks


def _interruption(i: Interruption) -> str:
    until = f" đến {i.until.astimezone(LOCAL_TIME):%H:%M:%S}" if i.until else ""
    return f"{i.at.astimezone(LOCAL_TIME):%H:%M:%S}{until}: {i.text}"


def _person(member: Member) -> str:
    return _join(", ", _name(member.title, member.name), member.department, member.facility)


def _name(title: str, name: str) -> str:
    return _join(" ", title, name)


def _moment(at: datetime | None) -> str:
    return f"{at.astimezone(LOCAL_TIME):%H:%M, ngày %d/%m/%Y}" if at else ""


def _short(at: datetime | None) -> str:
    return f"{at.astimezone(LOCAL_TIME):%H:%M %d/%m/%Y}" if at else "–"


def _span(start: datetime, end: datetime | None) -> str:
    if end is None:
        return _moment(start)
    start, end = start.astimezone(LOCAL_TIME), end.astimezone(LOCAL_TIME)
    if start.date() == end.date():
        return f"Từ {start:%H:%M} đến {end:%H:%M}, ngày {start:%d/%m/%Y}"
    return f"Từ {_moment(start)} đến {_moment(end)}"


def _number(value: str | float | None) -> str:
    if value is None or value == "":
        return "–"
    return f"{value:g}".replace(".", ",") if isinstance(value, int | float) else value


def _join(separator: str, *parts: str) -> str:
    return separator.join(part for part in parts if part)


def _facts(*pairs: tuple[str, str]) -> Tree:
    """Label and value, without the ones nobody filled in."""
    return [[label, value] for label, value in pairs if value]
