"""Whoever registered is told once that their turn is near, and once that it has come."""

from datetime import timedelta
from uuid import uuid4

import pytest

from scheduling.appointments.domain.registrations import Wanted, check_in, register
from scheduling.appointments.domain.turns import tell_turns
from scheduling.calendars.enums import SessionKind
from scheduling.queues.domain import calls
from scheduling.queues.models import QueueRoom
from telehealth.notifications.kinds import Kind
from telehealth.notifications.models import Notification
from tests.scheduling.appointments.factories import NOW, TOMORROW, at, make_family, make_hospital

pytestmark = pytest.mark.django_db


def told() -> list[tuple[str, dict[str, str]]]:
    turns = (Kind.TURN_NEAR, Kind.TURN_NOW)
    return list(Notification.objects.filter(kind__in=turns).order_by("id").values_list("kind", "values"))


def test_near_and_called_are_told_once_each() -> None:
    hospital = make_hospital()
    queue = hospital.service.queue_service
    assert queue is not None
    room = QueueRoom.objects.create(area=queue.area, name="Phòng khám số 1", number=1)
    room.services.add(queue)
    visitor, people = make_family()
    wanted = Wanted(service=hospital.service, day=TOMORROW, session=SessionKind.MORNING, insured=True)
    made = register(by=visitor, wanted=wanted, beneficiary=people[0], now=NOW)
    ticket = check_in(registration=made, now=made.arrive_from - timedelta(minutes=30))
    # Before the window nobody is near, even when nobody else waits.
    assert tell_turns(now=at(TOMORROW, 6, 40)) == 0
    later = made.arrive_from + timedelta(minutes=5)
    for _again in range(2):
        tell_turns(now=later)
    near = (Kind.TURN_NEAR.value, {"number": ticket.code, "ahead": "0"})
    assert told() == [near]
    calls.call_next(hat=hospital.doctor, room_id=room.id, key=uuid4(), now=later)
    for _again in range(2):
        tell_turns(now=later)
    assert told() == [near, (Kind.TURN_NOW.value, {"number": ticket.code})]
    place = f"/t/{ticket.token}/"
    assert set(Notification.objects.filter(kind__startswith="turn").values_list("path", flat=True)) == {place}
