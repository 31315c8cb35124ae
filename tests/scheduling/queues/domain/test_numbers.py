"""Numbers have no gaps and no twins, whatever comes at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import UUID

import pytest
from django.db import connection, transaction

from scheduling.queues.domain.numbers import take_number
from scheduling.queues.enums import PriorityReason, TicketSource, TicketState
from scheduling.queues.models import AreaLog, QueueEvent, QueueService, Ticket
from telehealth.audit.models import AuditEntry
from telehealth.core.errors import Conflict, Invalid
from tests.factories import NOW, make_facility
from tests.scheduling.queues.factories import TODAY, Queue, make_queue

KEY = UUID("0197a000-0000-7000-8000-000000000001")


@pytest.fixture
def queue(db: None) -> Queue:
    return make_queue()


def test_series_count_apart_and_the_code_says_which(queue: Queue) -> None:
    codes = [
        queue.take().code,
        queue.take(PriorityReason.PREGNANT).code,
        queue.take(PriorityReason.EMERGENCY, PriorityReason.UNDER_6).code,
        queue.take(PriorityReason.AGE_75, PriorityReason.MERIT).code,
        queue.take(service=queue.imaging).code,
        queue.take().code,
    ]
    assert codes == ["A001", "U001", "C001", "U002", "AX001", "A002"]


def test_a_number_is_stored_and_logged_as_it_was_given(queue: Queue) -> None:
    given = queue.take(PriorityReason.PREGNANT, label="Nguyễn Thị Lan")
    stored = Ticket.objects.get()
    assert {f.attname: getattr(given, f.attname) for f in Ticket._meta.concrete_fields} == {
        f.attname: getattr(stored, f.attname) for f in Ticket._meta.concrete_fields
    }
    assert (stored.label, stored.state, stored.priority_reasons) == (
        "N*** T** L**",
        TicketState.WAITING,
        ["pregnant"],
    )
    event = QueueEvent.objects.get()
    assert (event.seq, event.kind, event.ticket_id, event.act, event.before) == (
        1,
        "taken",
        stored.id,
        stored.id,
        None,
    )
    assert event.body == {
        "ticket_id": str(stored.id),
        "code": "U001",
        "series": "U",
        "label": "N*** T** L**",
        "service_id": str(queue.examination.id),
        "room_id": None,
        "state": "waiting",
        "taken_at": "2026-11-24T07:00:00Z",
        "called_at": None,
        "calls": 0,
        "skips": 0,
        "from_online": False,
    }


def test_numbers_begin_again_with_the_next_day_and_the_log_goes_on(queue: Queue) -> None:
    def on(day_offset: int) -> str:
        return take_number(
            facility=queue.facility,
            area=queue.area,
            service=queue.examination,
            day=TODAY + timedelta(days=day_offset),
            priority_reasons=frozenset(),
            source=TicketSource.DESK,
            window=None,
            label="",
            reference="",
            now=NOW + timedelta(days=day_offset),
        ).code

    assert [on(0), on(0), on(1), on(0), on(1)] == ["A001", "A002", "A001", "A003", "A002"]
    assert list(QueueEvent.objects.order_by("seq").values_list("seq", flat=True)) == [1, 2, 3, 4, 5]


def test_the_same_key_gets_the_same_number(queue: Queue) -> None:
    def take() -> Ticket:
        return take_number(
            facility=queue.facility,
            area=queue.area,
            service=queue.examination,
            day=TODAY,
            priority_reasons=frozenset(),
            source=TicketSource.KIOSK,
            window=None,
            label="",
            reference="",
            now=NOW,
            key=KEY,
        )

    assert take().id == take().id
    assert (Ticket.objects.count(), QueueEvent.objects.count(), queue.take().code) == (1, 1, "A002")


def test_what_is_rolled_back_leaves_no_gap(queue: Queue) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        queue.take()
        _ = 1 / 0
    assert queue.take().code == "A001"
    assert AreaLog.objects.get(area=queue.area).seq == 1


def test_a_number_given_at_the_desk_is_audited(queue: Queue) -> None:
    take_number(
        facility=queue.facility,
        area=queue.area,
        service=queue.examination,
        day=TODAY,
        priority_reasons=frozenset(),
        source=TicketSource.DESK,
        window=None,
        label="",
        reference="",
        now=NOW,
        hat=queue.nurse,
    )
    entry = AuditEntry.objects.get(action="queue.taken")
    assert (entry.membership_id, entry.object_id, entry.detail) == (
        queue.nurse.membership.id,
        str(queue.area.id),
        {"code": "A001"},
    )


def test_a_service_of_another_place_or_closed_gives_no_number(queue: Queue) -> None:
    elsewhere = make_facility()
    with pytest.raises(Invalid) as wrong:
        take_number(
            facility=elsewhere,
            area=queue.area,
            service=queue.examination,
            day=TODAY,
            priority_reasons=frozenset(),
            source=TicketSource.KIOSK,
            window=None,
            label="",
            reference="",
            now=NOW,
        )
    assert wrong.value.code == "queue.not_here"
    queue.examination.is_active = False
    queue.examination.save()
    with pytest.raises(Conflict) as closed:
        queue.take()
    assert (closed.value.code, Ticket.objects.count()) == ("queue.closed", 0)


TAKERS, EACH = 16, 25


@pytest.mark.django_db(transaction=True)
def test_four_hundred_numbers_at_once_have_no_gap_and_no_twin() -> None:
    queue = make_queue()
    barrier = Barrier(TAKERS)

    def take_some(taker: int) -> None:
        barrier.wait(timeout=10)
        service: QueueService = queue.imaging if taker % 4 == 0 else queue.examination
        reasons = {PriorityReason.MERIT} if taker % 2 else set()
        try:
            for _turn in range(EACH):
                queue.take(*reasons, service=service)
        finally:
            connection.close()

    with ThreadPoolExecutor(TAKERS) as pool:
        list(pool.map(take_some, range(TAKERS)))

    numbers: dict[tuple[object, str], list[int]] = {}
    for service_id, series, number in Ticket.objects.values_list("service_id", "series", "number"):
        numbers.setdefault((service_id, series), []).append(number)
    assert {key: sorted(found) for key, found in numbers.items()} == {
        (queue.imaging.id, "A"): list(range(1, 4 * EACH + 1)),
        (queue.examination.id, "A"): list(range(1, 4 * EACH + 1)),
        (queue.examination.id, "U"): list(range(1, 8 * EACH + 1)),
    }
    total = TAKERS * EACH
    assert list(QueueEvent.objects.order_by("seq").values_list("seq", flat=True)) == list(range(1, total + 1))
    assert AreaLog.objects.get().seq == total


@pytest.mark.django_db(transaction=True)
def test_one_key_at_once_is_one_number() -> None:
    queue = make_queue()
    barrier = Barrier(8)

    def take(_taker: int) -> str:
        barrier.wait(timeout=10)
        try:
            return take_number(
                facility=queue.facility,
                area=queue.area,
                service=queue.examination,
                day=TODAY,
                priority_reasons=frozenset(),
                source=TicketSource.KIOSK,
                window=None,
                label="",
                reference="",
                now=NOW,
                key=KEY,
            ).token
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        tokens = set(pool.map(take, range(8)))
    assert (len(tokens), Ticket.objects.count(), queue.take().code) == (1, 1, "A002")
