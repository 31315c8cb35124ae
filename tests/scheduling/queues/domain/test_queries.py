"""The log adds up to the rows; everybody is told the place that the order gives them."""

from contextlib import suppress
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import uuid4

import pytest

from scheduling.calendars.slots import Interval
from scheduling.queues.domain import calls, queries
from scheduling.queues.domain.undo import undo
from scheduling.queues.enums import PriorityReason
from scheduling.queues.estimate import Basis
from scheduling.queues.models import QueueEvent, Ticket
from scheduling.queues.queue_events import QueueSnapshot, fold
from telehealth.core.errors import DomainError
from tests.factories import NOW
from tests.scheduling.queues.factories import TODAY, Queue, make_queue

EMPTY = QueueSnapshot(seq=0, day=TODAY.isoformat(), tickets=())


@pytest.fixture
def queue(db: None) -> Queue:
    return make_queue()


ON_A_NUMBER = (
    calls.skip,
    calls.put_back,
    calls.start,
    calls.recall,
    calls.finish,
    calls.cancel,
    calls.call_ticket,
)


def something(queue: Queue, chance: Random, now: datetime) -> None:
    """Do one of all the things that can be done, to any number; many are refused."""
    room = chance.choice([queue.room, queue.second_room, queue.imaging_room])
    base: dict[str, Any] = {"hat": queue.doctor, "room_id": room.id, "key": uuid4(), "now": now}
    one = base | {"ticket_id": chance.choice(list(Ticket.objects.all())).id}
    match chance.randrange(11):
        case 0:
            queue.take(at=now)
        case 1:
            queue.take(PriorityReason.MERIT, service=queue.imaging, at=now)
        case 2 | 3:
            calls.call_next(**base)
        case 4:
            undo(**base)
        case 5:
            calls.send_to_room(to_room_id=queue.second_room.id, **one)
        case 6:
            calls.move_to_service(service_id=queue.imaging.id, **one)
        case _:
            chance.choice(ON_A_NUMBER)(**one)


@pytest.mark.parametrize("seed", range(4))
def test_folding_the_log_gives_the_snapshot_whatever_was_done(seed: int, queue: Queue) -> None:
    chance = Random(seed)
    queue.take_many(6)
    for minute in range(1, 80):
        with suppress(DomainError):
            something(queue, chance, NOW + timedelta(minutes=minute))
    assert QueueEvent.objects.values("kind").distinct().count() > 5
    events = queries.events_after(area_id=queue.area.id, seq=0, limit=10_000)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert fold(EMPTY, events) == queries.snapshot(area_id=queue.area.id, day=TODAY)
    for middle in (1, len(events) // 2):
        assert fold(fold(EMPTY, events[:middle]), events[middle:]) == fold(EMPTY, events)


def test_a_place_counts_those_who_will_be_called_before(queue: Queue) -> None:
    ordinary = queue.take_many(3)
    priority = queue.take(PriorityReason.UNDER_6, at=NOW + timedelta(minutes=1))
    view = queries.view_of(area_id=queue.area.id, now=NOW + timedelta(minutes=2))
    assert [view.places[ticket.id].ahead for ticket in (*ordinary, priority)] == [1, 2, 3, 0]
    assert view.seq == 4


def test_without_a_room_at_work_there_is_no_estimate_and_with_one_there_is(queue: Queue) -> None:
    queue.take_many(2)
    last = queue.take(at=NOW + timedelta(minutes=1))
    now = NOW + timedelta(minutes=2)
    before = queries.place_of(last, now=now).estimate
    assert before is not None
    assert (before.low, before.basis) == (None, Basis.NO_ROOM)
    calls.call_next(hat=queue.doctor, room_id=queue.room.id, key=uuid4(), now=now)
    place = queries.place_of(last, now=now)
    assert place.estimate is not None
    assert (place.ahead, place.estimate.low, place.estimate.high, place.estimate.rooms) == (1, 5, 20, 1)


def test_a_room_that_has_called_nobody_for_long_counts_no_more(queue: Queue) -> None:
    first = queue.take_many(3)[0]
    calls.call_next(hat=queue.doctor, room_id=queue.room.id, key=uuid4(), now=NOW)
    calls.finish(hat=queue.doctor, room_id=queue.room.id, ticket_id=first.id, key=uuid4(), now=NOW)

    def rooms_after(minutes: int) -> int:
        view = queries.view_of(area_id=queue.area.id, now=NOW + timedelta(minutes=minutes))
        return view.services[0].pace.rooms

    assert (rooms_after(10), rooms_after(50)) == (1, 0)


def test_who_was_away_is_told_after_how_many_calls_they_come_back(queue: Queue) -> None:
    first = queue.take_many(6)[0]
    calls.call_next(hat=queue.doctor, room_id=queue.room.id, key=uuid4(), now=NOW)
    calls.skip(hat=queue.doctor, room_id=queue.room.id, ticket_id=first.id, key=uuid4(), now=NOW)
    calls.call_next(hat=queue.doctor, room_id=queue.room.id, key=uuid4(), now=NOW)
    place = queries.place_of(Ticket.objects.get(id=first.id), now=NOW + timedelta(minutes=1))
    assert (place.ahead, place.calls_until_back) == (2, 2)


def test_who_registered_online_is_promised_nothing_before_their_window(queue: Queue) -> None:
    window = Interval(NOW + timedelta(minutes=60), NOW + timedelta(minutes=90))
    ticket = queue.take(window=window)
    queue.take(at=NOW + timedelta(minutes=1))
    calls.call_next(hat=queue.doctor, room_id=queue.room.id, key=uuid4(), now=NOW + timedelta(minutes=2))
    place = queries.place_of(ticket, now=NOW + timedelta(minutes=5))
    assert place.estimate is not None
    assert (place.estimate.low, place.estimate.basis) == (55, Basis.WINDOW)


def test_numbers_of_yesterday_are_not_live_today(queue: Queue) -> None:
    queue.take_many(2)
    tomorrow = NOW + timedelta(days=1)
    view = queries.view_of(area_id=queue.area.id, now=tomorrow)
    assert (view.places, view.day) == ({}, TODAY + timedelta(days=1))
    assert queries.snapshot(area_id=queue.area.id, day=view.day).tickets == ()
    assert QueueEvent.objects.count() == 2
