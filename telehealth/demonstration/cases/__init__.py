"""Twenty past consultations, invented and clinically plausible, written as a doctor writes them.

They show the platform; they are not advice. Doses and decisions have not been reviewed for use.
"""

from telehealth.demonstration.cases import (
    chronic,
    heart_and_brain,
    infection,
    mother_and_child,
    poisoning,
    surgery,
)
from telehealth.demonstration.cases.model import Asked, Case, CasePatient, Vitals

CASES: tuple[Case, ...] = (
    *heart_and_brain.CASES,
    *mother_and_child.CASES,
    *poisoning.CASES,
    *infection.CASES,
    *surgery.CASES,
    *chronic.CASES,
)

__all__ = ["CASES", "Asked", "Case", "CasePatient", "Vitals"]
