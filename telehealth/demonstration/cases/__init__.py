"""Twenty past consultations and three requests under way, invented and clinically plausible, written as a doctor writes them.

They show the platform; they are not advice. Doses and decisions have not been reviewed for use.
"""

from telehealth.demonstration.cases import (
    chronic,
    heart_and_brain,
    infection,
    mother_and_child,
    open_requests,
    poisoning,
    surgery,
)
from telehealth.demonstration.cases.model import Asked, Case, CasePatient, OpenCase, Vitals, Written

CASES: tuple[Case, ...] = (
    *heart_and_brain.CASES,
    *mother_and_child.CASES,
    *poisoning.CASES,
    *infection.CASES,
    *surgery.CASES,
    *chronic.CASES,
)

OPEN_CASES = open_requests.CASES

__all__ = ["CASES", "OPEN_CASES", "Asked", "Case", "CasePatient", "OpenCase", "Vitals", "Written"]
