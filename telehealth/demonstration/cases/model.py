"""What a past consultation of the demonstration is made of. Everything about people in it is invented."""

from dataclasses import dataclass
from datetime import time
from typing import Literal

Outcome = Literal["accepted", "changed", "declined"]
Urgency = Literal["red", "urgent", "priority", "routine", "async"]


@dataclass(frozen=True)
class CasePatient:
    """Age is given at the time of the case: in years, or in days for small children.

    `only_year` is for those whose papers know no day of birth.
    """

    name: str
    sex: Literal["male", "female"]
    ethnicity: str
    commune: str
    address: str
    years: int = 0
    days: int = 0
    only_year: bool = False
    language: str = "Tiếng Việt"
    needs_interpreter: bool = False
    representative: str = ""
    has_papers: bool = True


@dataclass(frozen=True)
class Vitals:
    """One set, `before` minutes before the case was sent. Units as in the case summary."""

    before: int
    pulse: int
    temperature: float
    systolic: int | None
    diastolic: int | None
    respiratory_rate: int
    spo2: int
    glasgow: int | None = None
    pain: int | None = None
    weight: float | None = None
    height: float | None = None


@dataclass(frozen=True)
class Asked:
    """A question of the treating doctor and what the specialist answered to it."""

    question: str
    conclusion: str
    further_treatment: str


@dataclass(frozen=True, kw_only=True)
class Written:
    """What the treating doctor writes, and whom it is for."""

    key: str
    urgency: Urgency
    specialty: str
    spoke: str
    department: str = ""
    doctor: str
    hub: str
    patient: CasePatient
    chief_complaint: str
    history_of_present_illness: str
    past_history: str
    allergies: str
    examination: str
    investigations: str
    provisional_diagnosis: str
    icd10: str
    management_done: str
    clinical_course: str
    current_medicines: str
    local_resources: str
    vitals: tuple[Vitals, ...]
    admitted_days_before: int = 0


@dataclass(frozen=True, kw_only=True)
class Case(Written):
    """One consultation from request to decision. Minutes count from the sending, at `sent` local time."""

    days_ago: int
    sent: time
    claimed_after: int
    called_after: int
    lasted: int
    specialist: str
    asked: tuple[Asked, ...]
    outcome: Outcome
    decided_after: int
    reason: str = ""
    nurse: str = ""
    by_writing: bool = False
    line_lost_at: int = 0  # minutes into the call; 0 = the line held

    @property
    def questions(self) -> tuple[str, ...]:
        return tuple(asked.question for asked in self.asked)


@dataclass(frozen=True, kw_only=True)
class OpenCase(Written):
    """A request under way when the province is loaded. Minutes count back from the loading.

    A draft (`sent_before` None) was last saved at `written_before`; who claimed a sent one is `specialist`, or nobody yet.
    """

    written_before: int
    sent_before: int | None = None
    claimed_before: int | None = None
    specialist: str = ""
    questions: tuple[str, ...]
