"""The queues of the demonstration: a half-used day that a second load leaves as it is, and a new one the day after."""

from datetime import UTC, datetime, timedelta

import pytest

from scheduling.queues.domain import queries
from scheduling.queues.models import QueueArea, QueueEvent, QueueRoom, QueueService, Ticket
from scheduling.queues.queue_events import QueueSnapshot, fold
from scheduling.queues.rules import local_day
from telehealth.accounts.models import Membership, User
from telehealth.demonstration.ids import demonstration_id
from telehealth.demonstration.queues import AREAS, load_queues
from telehealth.facilities.enums import FacilityKind
from telehealth.facilities.models import Facility

NOW = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)  # 09:30 in Việt Nam

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(db: None) -> None:
    """The two hospitals and those who call there; the whole province takes long to load."""
    for area in AREAS:
        username, role = area.username
        facility, _made = Facility.objects.get_or_create(
            id=demonstration_id("facility", area.facility),
            defaults={
                "name": area.facility,
                "short_name": area.facility,
                "kind": FacilityKind.GENERAL_HOSPITAL,
            },
        )
        user = User.objects.create(username=username, full_name=username)
        membership_id = demonstration_id("membership", f"{username}:{area.facility}:{role}")
        Membership.objects.create(id=membership_id, user=user, facility=facility, role=role)


def counts() -> list[int]:
    return [
        model._default_manager.count() for model in (QueueArea, QueueService, QueueRoom, Ticket, QueueEvent)
    ]


def test_a_second_load_adds_nothing_and_the_next_day_has_numbers_of_its_own(people: None) -> None:
    load_queues(now=NOW)
    first = counts()
    assert first[:4] == [3, 7, 11, sum(area.takers for area in AREAS)]
    load_queues(now=NOW + timedelta(minutes=5))
    assert counts() == first
    load_queues(now=NOW + timedelta(days=1))
    assert counts()[:4] == [3, 7, 11, 2 * first[3]]


def test_half_of_the_day_is_over_and_the_rest_waits(people: None) -> None:
    load_queues(now=NOW)
    day = local_day(NOW)
    for area in QueueArea.objects.all():
        snapshot = queries.snapshot(area_id=area.id, day=day)
        empty = QueueSnapshot(seq=0, day=day.isoformat(), tickets=())
        assert fold(empty, queries.events_after(area_id=area.id, seq=0, limit=1000)) == snapshot
        states = {ticket.state for ticket in snapshot.tickets}
        assert {"waiting", "called"} <= states
        assert all(ticket.taken_at <= NOW for ticket in snapshot.tickets)


def test_a_load_just_after_midnight_stays_within_the_day(people: None) -> None:
    load_queues(now=datetime(2026, 11, 24, 17, 2, tzinfo=UTC))  # 00:02 in Việt Nam
    assert set(Ticket.objects.values_list("day", flat=True)) == {local_day(NOW) + timedelta(days=1)}
