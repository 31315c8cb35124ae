"""Noticing that a patient may already be registered."""

from django.db.models import Q

from telehealth.accounts.hat import Hat
from telehealth.core.text import clean, fold
from telehealth.records import rules
from telehealth.records.domain.matching import own_patients
from telehealth.records.domain.patients import NewPatient
from telehealth.records.models import Patient

SHOWN = 8


def likely_duplicates(*, hat: Hat, full_name: str, birth_year: int | None) -> list[Patient]:
    """Return patients of the hat's facility with the same folded name and birth year (an unknown year fits every year)."""
    key = fold(clean(full_name))
    if not key or not hat.is_clinical:
        return []
    own = Q(home_facility=hat.facility) | Q(requests__facility=hat.facility)
    same = Patient.objects.filter(own, name_key=key)
    if birth_year:
        same = same.filter(Q(birth_year=birth_year) | Q(birth_year__isnull=True))
    return list(
        same.select_related("commune", "home_facility").distinct().order_by("birth_year", "id")[:SHOWN]
    )


def likely_at_desk(*, hat: Hat, new: NewPatient) -> list[Patient]:
    """Return patients of the hat's facility who may be the newcomer: same folded name, a birth year that fits."""
    if not rules.may_receive(hat):
        return []
    year = new.birth_date.year if new.birth_date else new.birth_year
    same = own_patients(hat).filter(name_key=fold(clean(new.full_name)))
    if year:
        same = same.filter(Q(birth_year=year) | Q(birth_year__isnull=True))
    return list(same.select_related("commune", "home_facility").distinct().order_by("id")[:SHOWN])
