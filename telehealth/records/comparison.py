"""Two versions of who somebody is: do they fit? Pure.

Names are compared without case and diacritics, dates as far as both are known: what one side does not know is no difference.
"""

from dataclasses import dataclass
from enum import StrEnum

from telehealth.core.text import fold
from telehealth.records.cards.results import BareNumber, CardRead, CitizenCard, InsuranceCard, PartialDate
from telehealth.records.enums import DatePrecision, Sex
from telehealth.records.models import Patient


class Difference(StrEnum):
    NAME = "name"
    BIRTH = "birth"
    SEX = "sex"


@dataclass(frozen=True)
class Version:
    """Who somebody is, by one source ("record", "citizen_card", "insurance_card", "portal")."""

    source: str
    full_name: str = ""
    born: PartialDate | None = None
    sex: Sex = Sex.UNKNOWN
    number: str = ""

    def as_json(self) -> dict[str, str]:
        """Return the version as an identity case keeps it."""
        return {
            "source": self.source,
            "full_name": self.full_name,
            "born": date_text(self.born),
            "sex": self.sex.value,
            "number": self.number,
        }


def differences(ours: Version, theirs: Version) -> frozenset[Difference]:
    """Return in what two versions contradict each other."""
    found = set()
    if ours.full_name and theirs.full_name and fold(ours.full_name) != fold(theirs.full_name):
        found.add(Difference.NAME)
    if ours.born and theirs.born and not _same_day(ours.born, theirs.born):
        found.add(Difference.BIRTH)
    if Sex.UNKNOWN not in {ours.sex, theirs.sex} and ours.sex != theirs.sex:
        found.add(Difference.SEX)
    return frozenset(found)


def born_of(patient: Patient) -> PartialDate | None:
    """Return a patient's date of birth as far as it is known."""
    if patient.birth_date and patient.birth_precision == DatePrecision.DAY:
        return PartialDate(patient.birth_date.year, patient.birth_date.month, patient.birth_date.day)
    if patient.birth_date and patient.birth_precision == DatePrecision.MONTH:
        return PartialDate(patient.birth_date.year, patient.birth_date.month)
    return PartialDate(patient.birth_year) if patient.birth_year else None


def version_of_patient(patient: Patient, number: str = "") -> Version:
    return Version("record", patient.full_name, born_of(patient), Sex(patient.sex), number)


def version_of_card(card: CardRead) -> Version | None:
    """Return what a card says of a person; None for a code that says nothing of one."""
    match card:
        case CitizenCard():
            return Version("citizen_card", card.full_name, card.born, card.sex, card.number)
        case InsuranceCard():
            return Version(
                "insurance_card", card.full_name, card.born, card.sex, card.card_number or card.number
            )
        case BareNumber():
            return Version("typed", number=card.value)
        case _:
            return None


def date_text(born: PartialDate | None) -> str:
    """Return "1985-03-02", "1985-03" or "1985"; "" for nothing."""
    if born is None:
        return ""
    return "-".join(
        f"{part:02d}" if place else f"{part:04d}"
        for place, part in enumerate((born.year, born.month, born.day))
        if part
    )


def _same_day(ours: PartialDate, theirs: PartialDate) -> bool:
    pairs = ((ours.year, theirs.year), (ours.month, theirs.month), (ours.day, theirs.day))
    return all(one == other for one, other in pairs if one is not None and other is not None)
