"""The audit chain."""

import pytest
from django.db import DatabaseError, transaction

from telehealth.audit.log import find_breaks, record
from telehealth.audit.models import AuditEntry
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def chain() -> list[AuditEntry]:
    world = factories.make_world()
    AuditEntry.objects.filter(chain=str(world.spoke.id))
    for number in range(4):
        record("test.done", now=NOW, hat=world.doctor, object_type="test", object_id=number)
    return list(AuditEntry.objects.filter(chain=str(world.spoke.id)).order_by("number"))


def test_an_untouched_chain_holds() -> None:
    assert find_breaks(chain()) == []


def test_edits_gaps_and_reordering_are_found() -> None:
    entries = chain()
    edited = [*entries]
    edited[2].action = "test.other"
    assert find_breaks(edited)
    entries = chain()
    assert find_breaks(entries[:1] + entries[2:])
    assert find_breaks([entries[1], entries[0], *entries[2:]])


def test_the_database_refuses_to_change_or_delete_entries() -> None:
    entry = chain()[0]
    with pytest.raises(DatabaseError), transaction.atomic():
        AuditEntry.objects.filter(pk=entry.pk).update(action="test.other")
    with pytest.raises(DatabaseError), transaction.atomic():
        AuditEntry.objects.filter(pk=entry.pk).delete()
