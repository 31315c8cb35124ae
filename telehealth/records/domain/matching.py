"""Is this person already here? From the strongest to the weakest: citizen number, insurance number, old number, name and birth.

The first two choose by themselves, and even then a person at the desk says "yes, that is them". Nothing is merged here.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Right
from django.utils.translation import gettext as _

from telehealth.accounts.hat import Hat
from telehealth.audit.log import record
from telehealth.core.errors import NotAllowed
from telehealth.core.text import clean, fold
from telehealth.records import rules
from telehealth.records.cards.reader import citizen_number_of, insurance_number_of, smart_number_of
from telehealth.records.cards.results import PHONE, BareNumber, CardRead, CitizenCard, InsuranceCard
from telehealth.records.comparison import (
    Difference,
    Version,
    differences,
    version_of_card,
    version_of_patient,
)
from telehealth.records.enums import IdentifierKind
from telehealth.records.models import Patient, PatientIdentifier, SmartCard

SHOWN = 9
"""Candidates; a person chooses one of them with a digit key."""


class By(StrEnum):
    """What somebody was found by."""

    CITIZEN = "citizen"
    INSURANCE = "insurance"
    SMART_CARD = "smart_card"
    OLD_IDENTITY = "old_identity"
    PASSPORT = "passport"
    PHONE = "phone"
    NAME = "name"


STRONG = frozenset({By.CITIZEN, By.INSURANCE, By.SMART_CARD})


@dataclass(frozen=True)
class Candidate:
    """Somebody it may be. `against`: in what the card contradicts the record."""

    patient: Patient
    by: By
    against: frozenset[Difference] = frozenset()


@dataclass(frozen=True)
class Found:
    """The people it may be, the likeliest first. `chosen`: found by a strong number and alone."""

    candidates: tuple[Candidate, ...] = field(default=())

    @property
    def chosen(self) -> Candidate | None:
        strong = [candidate for candidate in self.candidates if candidate.by in STRONG]
        return strong[0] if len(strong) == 1 else None


def find_by_card(*, hat: Hat, card: CardRead, now: datetime) -> Found:
    """Find whom a card names, at any facility by a number, at the hat's own by name. Audited without what was read.

    Raises:
        NotAllowed: `desk.not_allowed`.
    """
    _may(hat)
    version = version_of_card(card)
    found = list(_by_numbers(hat, card))
    if not found and isinstance(card, CitizenCard | InsuranceCard) and version is not None:
        found = [(patient, By.NAME) for patient in _by_person(hat, version)]
    candidates = _once(found, version)
    record(
        "desk.card_read",
        now=now,
        hat=hat,
        object_type="facility",
        object_id=hat.facility.id,
        card=type(card).__name__,
        found=len(candidates),
    )
    return Found(candidates)


def find_by_name(*, hat: Hat, text: str, now: datetime) -> Found:
    """Find patients of the hat's own facility by words of their names, in any order, and a birth year.

    Raises:
        NotAllowed: `desk.not_allowed`.
    """
    _may(hat)
    words = fold(clean(text)).split()
    years = [int(word) for word in words if word.isascii() and word.isdigit() and len(word) == 4]
    names = [word for word in words if not (word.isdigit() and len(word) == 4)]
    matches = own_patients(hat) if names else Patient.objects.none()
    for word in names[:8]:
        matches = matches.filter(name_key__contains=word)
    if years:
        matches = matches.filter(birth_year__in=years)
    ordered = matches.select_related("commune", "home_facility").distinct().order_by("given_key", "id")
    candidates = tuple(Candidate(patient, By.NAME) for patient in ordered[:SHOWN])
    record(
        "patient.searched",
        now=now,
        hat=hat,
        object_type="facility",
        object_id=hat.facility.id,
        found=len(candidates),
    )
    return Found(candidates)


def own_patients(hat: Hat) -> QuerySet[Patient]:
    """Return the patients of the hat's facility."""
    return Patient.objects.filter(Q(home_facility=hat.facility) | Q(requests__facility=hat.facility))


def holders(kind: IdentifierKind, value: str) -> QuerySet[Patient]:
    """Return who has a number. Insurance numbers are the same person by their last ten digits."""
    numbers = PatientIdentifier.objects.filter(patient=OuterRef("pk"), kind=kind, ended_at=None)
    by_tail = kind == IdentifierKind.INSURANCE
    held = (
        numbers.alias(tail=Right("value", 10)).filter(tail=value[-10:])
        if by_tail
        else numbers.filter(value=value)
    )
    return Patient.objects.filter(Exists(held)).select_related("commune", "home_facility").order_by("id")


def _by_numbers(hat: Hat, card: CardRead) -> list[tuple[Patient, By]]:
    found: list[tuple[Patient, By]] = []
    if smart := smart_number_of(card):
        cards = SmartCard.objects.filter(number=smart, revoked_at=None)
        people = Patient.objects.filter(Exists(cards.filter(patient=OuterRef("pk"))))
        found += [(p, By.SMART_CARD) for p in people.select_related("commune", "home_facility")]
    if citizen := citizen_number_of(card):
        found += [(p, By.CITIZEN) for p in holders(IdentifierKind.CITIZEN, citizen)]
    if insurance := insurance_number_of(card):
        found += [(p, By.INSURANCE) for p in holders(IdentifierKind.INSURANCE, insurance)]
    if isinstance(card, CitizenCard) and card.old_number:
        found += [(p, By.OLD_IDENTITY) for p in holders(IdentifierKind.OLD_IDENTITY, card.old_number)]
    if isinstance(card, BareNumber):
        for kind, by in (
            (IdentifierKind.OLD_IDENTITY, By.OLD_IDENTITY),
            (IdentifierKind.PASSPORT, By.PASSPORT),
        ):
            if kind in card.kinds:
                found += [(p, by) for p in holders(kind, card.value)]
        if PHONE in card.kinds:
            national = "0" + card.value[2:] if card.value.startswith("84") else card.value
            people = own_patients(hat).filter(phone__in=(national, "+84" + national[1:])).distinct()
            found += [(p, By.PHONE) for p in people.select_related("commune", "home_facility")[:SHOWN]]
    return found


def _by_person(hat: Hat, version: Version) -> list[Patient]:
    """Same folded name and a birth that fits, at the own facility: weak, only ever offered."""
    same = (
        own_patients(hat).filter(name_key=fold(version.full_name)).select_related("commune", "home_facility")
    )
    return [
        patient
        for patient in same.distinct().order_by("id")[:50]
        if not differences(version_of_patient(patient), version)
    ][:SHOWN]


def _once(found: list[tuple[Patient, By]], version: Version | None) -> tuple[Candidate, ...]:
    seen: dict[object, Candidate] = {}
    for patient, by in found:
        against = differences(version_of_patient(patient), version) if version else frozenset()
        seen.setdefault(patient.id, Candidate(patient, by, against))
    return tuple(seen.values())[:SHOWN]


def _may(hat: Hat) -> None:
    if not rules.may_receive(hat):
        raise NotAllowed("desk.not_allowed", _("Chỉ điều dưỡng và quản trị cơ sở làm việc ở quầy tiếp đón."))
