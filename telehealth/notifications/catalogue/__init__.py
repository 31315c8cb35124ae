"""Every kind's approved texts and ways.

Carriers and Zalo approve a text before its first message, so both languages are constants here and not translations.
No text names a person, a facility, a specialty or anything clinical: a telephone lies on a table, and a hospital's name may
already tell an illness. What it is about stands behind the link. The SMS is written without diacritics and fits one message
of 160 characters (3GPP TS 23.038): a single diacritic would cut that to 70.
"""

from collections.abc import Mapping
from typing import Final

from telehealth.notifications.catalogue.public import PUBLIC
from telehealth.notifications.catalogue.staff import STAFF
from telehealth.notifications.kinds import Kind, Spec

SPECS: Final[Mapping[Kind, Spec]] = {**PUBLIC, **STAFF}


def spec_of(kind: str) -> Spec:
    """Return how a kind is told."""
    return SPECS[Kind(kind)]
