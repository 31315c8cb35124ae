"""What the minutes of a consultation (biên bản hội chẩn) say, as frozen data.

A version of the minutes is stored as this object's JSON and never changed afterwards; the PDF is made from it
whenever somebody asks. Everything is therefore kept as it was on the day: names, titles, facilities and
labels are copied in, not referenced.

Fields follow form 27/BV2 (Circular 32/2023/TT-BYT, annex XXIX), plus what a remote consultation adds: sites
with their connection times, attendance from the event log, mode, recording, interruptions, consent, and one
conclusion for each question (Circular 49/2017/TT-BYT article 7).
"""

import hashlib
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

Side = Literal["hub", "spoke"]
CareMode = Literal[
    "teleconsultation", "inter_facility_support", "via_receiving_facility", "direct_to_patient"
]
Channel = Literal["video", "audio", "writing"]
Sex = Literal["male", "female", "unknown"]
Urgency = Literal["red", "urgent", "priority", "routine", "async"]
SignerRole = Literal["chair", "secretary", "treating_doctor", "member"]
SignatureMethod = Literal["platform", "digital"]
DecisionOutcome = Literal["accepted", "changed", "declined"]

# Not part of what people put their names to. A version that only adds a signature or the treating doctor's
# decision keeps the digest, so earlier signatures still stand on it.
_OUTSIDE_DIGEST = frozenset({"version", "amends", "prepared_at", "decisions", "signatures"})


class MinutesModel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Member(MinutesModel):
    """Somebody named on the paper. `title` goes before the name ("BSCKII."), `duty` is their part in it."""

    name: str
    title: str = ""
    duty: str = ""
    facility: str
    department: str = ""
    licence: str = ""


class Site(MinutesModel):
    """One end of the line (điểm cầu). Both times are empty when the answer came in writing."""

    facility: str
    side: Side
    connected_at: AwareDatetime | None = None
    disconnected_at: AwareDatetime | None = None


class Stay(MinutesModel):
    """One unbroken time in the room; `left_at` is empty if the log has no leaving."""

    entered_at: AwareDatetime
    left_at: AwareDatetime | None = None


class Attendance(MinutesModel):
    """One person's presence as the room's event log has it."""

    name: str
    title: str = ""
    facility: str
    stays: tuple[Stay, ...]


class Interruption(MinutesModel):
    """A broken line or a step down (to sound, to writing), in words."""

    at: AwareDatetime
    until: AwareDatetime | None = None
    text: str


class Patient(MinutesModel):
    """`born` is printed as it is known: "24/11/1985", "11/1985" or "1985".

    `interpreter` says in words who interprets, or that somebody must.
    """

    name: str
    sex: Sex
    born: str
    age: str
    ethnicity: str = ""
    address: str = ""
    citizen_number: str = ""
    insurance_number: str = ""
    record_number: str = ""
    language: str = ""
    interpreter: str = ""


class VitalSigns(MinutesModel):
    """One set, with its time if known. Units: /min, °C, mmHg, /min, %, points, points of 10, kg, cm."""

    measured_at: AwareDatetime | None = None
    pulse: int | None = None
    temperature: float | None = None
    systolic: int | None = None
    diastolic: int | None = None
    respiratory_rate: int | None = None
    spo2: int | None = None
    glasgow: int | None = None
    pain: int | None = None
    weight: float | None = None
    height: float | None = None
    note: str = ""


class Summary(MinutesModel):
    """Case summary (tóm tắt bệnh án) as it stood when the specialist answered."""

    chief_complaint: str
    history_of_present_illness: str = ""
    past_history: str = ""
    allergies: str = ""
    vital_signs: tuple[VitalSigns, ...] = ()
    examination: str = ""
    investigations: str = ""
    provisional_diagnosis: str = ""
    icd10: str = ""
    management_done: str = ""
    clinical_course: str = ""
    current_medicines: str = ""
    local_resources: str = ""
    attachments: tuple[str, ...] = ()


class Answer(MinutesModel):
    """A numbered question and its own conclusion."""

    number: Annotated[int, Field(ge=1)]
    question: str
    conclusion: str
    further_treatment: str = ""
    answered_by: str = ""


class Dissent(MinutesModel):
    """An opinion that differs from the conclusion (ý kiến khác)."""

    name: str
    text: str


class Decision(MinutesModel):
    """What the treating doctor decided (Law 15/2023/QH15 article 64(4)), on one question or (None) on all."""

    question: int | None = None
    outcome: DecisionOutcome
    reason: str = ""
    decided_by: str
    decided_at: AwareDatetime


class Signature(MinutesModel):
    """`digest` is `MinutesData.digest` of what was on the screen when the person signed."""

    role: SignerRole
    name: str
    title: str = ""
    facility: str
    signed_at: AwareDatetime
    method: SignatureMethod = "platform"
    digest: str


class Amendment(MinutesModel):
    """Why this version exists (đính chính)."""

    replaces_version: Annotated[int, Field(ge=1)]
    reason: str
    amended_by: str


class MinutesData(MinutesModel):
    """One version of the minutes, whole.

    `facility` and `department` are the treating side's: the paper belongs into that record. `chair` is the
    specialist who concludes. Without signatures the paper is a draft and says so.
    """

    format: Literal[1] = 1
    code: str
    version: Annotated[int, Field(ge=1)]
    amends: Amendment | None = None
    prepared_at: AwareDatetime

    health_department: str
    facility: str
    department: str = ""
    admission_number: str = ""
    archive_number: str = ""

    patient: Patient
    admitted_on: date | None = None
    admission_diagnosis: str = ""

    care_mode: CareMode = "teleconsultation"
    channel: Channel
    urgency: Urgency
    specialty: str
    reason: str = ""
    requested_at: AwareDatetime
    started_at: AwareDatetime
    ended_at: AwareDatetime | None = None
    chair: Member
    secretary: Member | None = None
    treating_doctor: Member
    members: tuple[Member, ...] = ()
    sites: tuple[Site, ...]
    attendance: tuple[Attendance, ...] = ()
    recording_number: str = ""
    interruptions: tuple[Interruption, ...] = ()
    consent: str = ""

    summary: Summary
    answers: Annotated[tuple[Answer, ...], Field(min_length=1)]
    dissents: tuple[Dissent, ...] = ()
    follow_up: str = ""
    decisions: tuple[Decision, ...] = ()
    signatures: tuple[Signature, ...] = ()

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        numbers = [answer.number for answer in self.answers]
        if numbers != sorted(set(numbers)):
            raise ValueError("answers: the question numbers must rise and not repeat")
        strange = {d.question for d in self.decisions if d.question is not None} - set(numbers)
        if strange:
            raise ValueError(f"decisions: no question has the number {min(strange)}")
        if (self.version > 1) != (self.amends is not None):
            raise ValueError(
                "amends: a version after the first, and only such a version, says what it replaces"
            )
        if self.amends is not None and self.amends.replaces_version >= self.version:
            raise ValueError("amends: a version replaces an earlier one")
        return self

    @property
    def digest(self) -> str:
        """SHA-256 (64 hexadecimal digits) of what is signed: all but version, decisions and signatures."""
        # Defaults are left out so that a field added later does not change what was signed before.
        content = self.model_dump_json(exclude=set(_OUTSIDE_DIGEST), exclude_defaults=True)
        return hashlib.sha256(content.encode()).hexdigest()
