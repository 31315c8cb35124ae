"""What a room does with numbers: each act once, logged without gaps, and taken back whole."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import UUID, uuid4

import pytest
from django.db import connection

from scheduling.queues.access import access_ticket
from scheduling.queues.domain import calls
from scheduling.queues.domain.numbers import take_number
from scheduling.queues.domain.undo import undo
from scheduling.queues.enums import PriorityReason, TicketSource, TicketState
from scheduling.queues.models import QueueArea, QueueEvent, QueueRoom, QueueService, Ticket
from telehealth.accounts.enums import Role
from telehealth.audit.models import AuditEntry
from telehealth.core.errors import Conflict, DomainError, NotAllowed, NotFound
from tests.factories import NOW, make_facility, make_person
from tests.scheduling.queues.factories import TODAY, Queue, make_queue

LATER = NOW + timedelta(minutes=10)


@pytest.fixture
def queue(db: None) -> Queue:
    return make_queue()


def call_next(queue: Queue, room: QueueRoom | None = None, **more: object) -> str:
    """Call the next one and return their code."""
    room = room or queue.room
    calls.call_next(hat=queue.doctor, room_id=room.id, key=uuid4(), now=LATER, **more)  # type: ignore[arg-type]
    return Ticket.objects.get(room=room, state=TicketState.CALLED).code


def act(queue: Queue, do: Callable[..., int], ticket: Ticket, **more: object) -> None:
    do(hat=queue.doctor, room_id=queue.room.id, ticket_id=ticket.id, key=uuid4(), now=LATER, **more)


def states() -> dict[str, str]:
    return dict(Ticket.objects.order_by("code").values_list("code", "state"))


def kinds() -> list[str]:
    return list(QueueEvent.objects.order_by("seq").values_list("kind", flat=True))


def refused(work: Callable[[], object]) -> str:
    with pytest.raises(DomainError) as error:
        work()
    return error.value.code


def test_next_lets_the_one_before_go_and_calls_in_turn(queue: Queue) -> None:
    queue.take_many(3)
    queue.take(PriorityReason.PREGNANT)
    assert [call_next(queue) for _ in range(3)] == ["U001", "A001", "A002"]
    assert states() == {"A001": "done", "A002": "called", "A003": "waiting", "U001": "done"}
    assert kinds()[4:] == ["called", "finished", "called", "finished", "called"]


def test_two_rooms_never_call_the_same_number(queue: Queue) -> None:
    queue.take_many(2)
    assert (call_next(queue), call_next(queue, queue.second_room)) == ("A001", "A002")


def test_with_nobody_waiting_whoever_is_in_the_room_stays(queue: Queue) -> None:
    queue.take()
    call_next(queue)
    assert refused(lambda: call_next(queue)) == "queue.empty"
    assert (states(), kinds()) == ({"A001": "called"}, ["taken", "called"])


def test_a_room_calls_only_for_its_services(queue: Queue) -> None:
    imaging = queue.take(service=queue.imaging)
    assert refused(lambda: call_next(queue)) == "queue.empty"
    assert refused(lambda: act(queue, calls.call_ticket, imaging)) == "queue.not_for_this_room"


def test_the_same_command_again_calls_nobody_else(queue: Queue) -> None:
    queue.take_many(3)
    key = uuid4()

    def call() -> int:
        return calls.call_next(hat=queue.doctor, room_id=queue.room.id, key=key, now=LATER)

    assert (call(), call()) == (4, 4)
    assert states() == {"A001": "called", "A002": "waiting", "A003": "waiting"}


def test_recall_counts_and_only_the_room_that_called_may(queue: Queue) -> None:
    ticket = queue.take()
    call_next(queue)
    act(queue, calls.recall, ticket)
    ticket.refresh_from_db()
    assert (ticket.calls, ticket.state) == (2, "called")
    other = {"hat": queue.doctor, "room_id": queue.second_room.id, "ticket_id": ticket.id}
    assert refused(lambda: calls.recall(**other, key=uuid4(), now=LATER)) == "queue.not_in_this_room"  # type: ignore[arg-type]


def test_who_was_away_is_called_again_after_three_calls_and_then_only_when_somebody_says_so(
    queue: Queue,
) -> None:
    first = queue.take_many(7)[0]
    assert call_next(queue) == "A001"
    act(queue, calls.skip, first)
    assert [call_next(queue) for _ in range(4)] == ["A002", "A003", "A004", "A001"]
    act(queue, calls.skip, first)
    assert [call_next(queue) for _ in range(3)] == ["A005", "A006", "A007"]
    assert refused(lambda: call_next(queue)) == "queue.empty"
    act(queue, calls.put_back, first)
    assert call_next(queue) == "A001"


def test_who_goes_for_a_test_comes_back_to_the_same_room(queue: Queue) -> None:
    ticket = queue.take_many(5)[0]
    call_next(queue)
    act(queue, calls.start, ticket)
    act(queue, calls.put_back, ticket)
    ticket.refresh_from_db()
    assert (ticket.state, ticket.room, ticket.back_at) == ("returned", queue.room, 4)
    assert [call_next(queue, queue.second_room) for _ in range(3)] == ["A002", "A003", "A004"]
    assert call_next(queue, queue.second_room) == "A005"
    assert call_next(queue) == "A001"


def test_a_number_sent_to_another_room_keeps_its_place(queue: Queue) -> None:
    first, _second, _third = queue.take_many(3)
    call_next(queue)
    act(queue, calls.send_to_room, first, to_room_id=queue.second_room.id)
    assert (call_next(queue), call_next(queue, queue.second_room)) == ("A002", "A001")
    assert (
        refused(lambda: act(queue, calls.send_to_room, first, to_room_id=queue.imaging_room.id))
        == "queue.no_such_room"
    )


def test_moving_to_another_service_gives_a_number_there_and_the_way_back_is_short(queue: Queue) -> None:
    ticket = queue.take(PriorityReason.MERIT, label="Nguyễn Thị Lan")
    queue.take_many(5)
    call_next(queue)
    act(queue, calls.start, ticket)
    act(queue, calls.move_to_service, ticket, service_id=queue.imaging.id)
    there = Ticket.objects.get(moved_from=ticket)
    assert (there.code, there.state, there.label, there.source) == (
        "UX001",
        "waiting",
        "N*** T** L**",
        "transfer",
    )
    assert call_next(queue, queue.imaging_room) == "UX001"
    calls.move_to_service(
        hat=queue.doctor,
        room_id=queue.imaging_room.id,
        ticket_id=there.id,
        service_id=queue.examination.id,
        key=uuid4(),
        now=LATER,
    )
    back = Ticket.objects.get(moved_from=there)
    assert (back.code, back.state, back.room, back.back_at) == ("U002", "returned", queue.room, 4)
    assert [call_next(queue) for _ in range(4)] == ["A001", "A002", "A003", "U002"]


def test_finish_and_cancel_take_a_number_out(queue: Queue) -> None:
    first, second = queue.take_many(2)
    call_next(queue)
    act(queue, calls.finish, first)
    act(queue, calls.cancel, second)
    assert states() == {"A001": "done", "A002": "cancelled"}
    assert refused(lambda: act(queue, calls.finish, first)) == "queue.wrong_state"
    assert queue.take().code == "A003"


def test_every_act_is_audited(queue: Queue) -> None:
    first = queue.take()
    call_next(queue)
    act(queue, calls.finish, first)
    found = list(AuditEntry.objects.order_by("number").values_list("action", "detail"))
    room = str(queue.room.id)
    assert found == [
        ("queue.called", {"room": room, "events": ["called"]}),
        ("queue.changed", {"room": room, "events": ["finished"]}),
    ]


def test_strangers_find_no_room_and_an_auditor_of_the_house_neither(queue: Queue) -> None:
    queue.take()
    stranger = make_person(make_facility(), Role.DOCTOR)
    auditor = make_person(queue.facility, Role.AUDITOR, licensed=False)
    administrator = make_person(queue.facility, Role.FACILITY_ADMIN, licensed=False)
    for hat, error, code in (
        (stranger, NotFound, "queue.not_found"),
        (auditor, NotFound, "queue.not_found"),
        (administrator, NotAllowed, "queue.not_yours_to_call"),
    ):
        with pytest.raises(error) as raised:
            calls.call_next(hat=hat, room_id=queue.room.id, key=uuid4(), now=LATER)
        assert raised.value.code == code


## Taking back ---

COLUMNS = ("code", "state", "room_id", "called_at", "started_at", "ended_at", "calls", "skips", "back_at")


def everything() -> list[tuple[object, ...]]:
    return list(Ticket.objects.order_by("id").values_list(*COLUMNS))


def undo_last(queue: Queue) -> None:
    undo(hat=queue.doctor, room_id=queue.room.id, key=uuid4(), now=LATER)


@pytest.mark.parametrize("do", ["next", "recall", "start", "skip", "finish", "put_back", "send", "cancel"])
def test_undo_puts_back_whatever_was_done_last(do: str, queue: Queue) -> None:
    first, second, _third = queue.take_many(3)
    call_next(queue)
    before = everything()
    match do:
        case "next":
            call_next(queue)
        case "send":
            act(queue, calls.send_to_room, first, to_room_id=queue.second_room.id)
        case "cancel":
            act(queue, calls.cancel, second)
        case _:
            act(queue, getattr(calls, do), first)
    assert everything() != before
    undo_last(queue)
    assert everything() == before
    assert refused(lambda: undo_last(queue)) == "queue.nothing_to_undo"


def test_an_undone_call_costs_nobody_their_turn(queue: Queue) -> None:
    queue.take(PriorityReason.AGE_75)
    queue.take_many(4)
    queue.take(PriorityReason.AGE_75, at=NOW + timedelta(minutes=1))
    assert call_next(queue) == "U001"
    undo_last(queue)
    assert [call_next(queue) for _ in range(4)] == ["U001", "A001", "A002", "U002"]


def test_undoing_a_move_cancels_the_number_there(queue: Queue) -> None:
    ticket = queue.take()
    call_next(queue)
    act(queue, calls.move_to_service, ticket, service_id=queue.imaging.id)
    undo_last(queue)
    assert states() == {"A001": "called", "AX001": "cancelled"}
    act(queue, calls.move_to_service, ticket, service_id=queue.imaging.id)
    assert states() == {"A001": "moved", "AX001": "cancelled", "AX002": "waiting"}
    assert access_ticket(ticket.token, now=LATER).code == "AX002"


def test_what_somebody_has_gone_on_with_is_not_undone(queue: Queue) -> None:
    first = queue.take_many(2)[0]
    call_next(queue)
    act(queue, calls.send_to_room, first, to_room_id=queue.second_room.id)
    call_next(queue, queue.second_room)
    assert refused(lambda: undo_last(queue)) == "queue.changed_since"
    assert states()["A001"] == "called"


def test_a_room_that_did_nothing_has_nothing_to_undo(queue: Queue) -> None:
    queue.take()
    assert refused(lambda: undo_last(queue)) == "queue.nothing_to_undo"


## At once ---


@pytest.mark.django_db(transaction=True)
def test_sixteen_rooms_that_call_at_once_call_everybody_once() -> None:
    queue = make_queue()
    rooms = [queue.room]
    for n in range(15):
        room = QueueRoom.objects.create(area=queue.area, name=f"Phòng thêm {n}", number=20 + n)
        room.services.add(queue.examination)
        rooms.append(room)
    queue.take_many(48)
    barrier = Barrier(len(rooms))

    def call_three(room: QueueRoom) -> list[str]:
        barrier.wait(timeout=10)
        try:
            return [call_next(queue, room) for _ in range(3)]
        finally:
            connection.close()

    with ThreadPoolExecutor(len(rooms)) as pool:
        called = [code for codes in pool.map(call_three, rooms) for code in codes]
    assert sorted(called) == [f"A{n:03d}" for n in range(1, 49)]
    seqs = list(QueueEvent.objects.order_by("seq").values_list("seq", flat=True))
    assert seqs == list(range(1, 48 + 48 + 32 + 1))


@pytest.mark.django_db(transaction=True)
def test_moves_to_and_fro_between_two_areas_do_not_wait_for_each_other() -> None:
    queue, keys = make_queue(), [UUID(int=n + 1) for n in range(40)]
    area = QueueArea.objects.create(facility=queue.facility, name="Khu xét nghiệm")
    laboratory = QueueService.objects.create(area=area, name="Xét nghiệm")
    room = QueueRoom.objects.create(area=area, name="Quầy 1", number=1)
    room.services.add(laboratory)
    here = queue.take_many(20)
    there = [
        take_number(
            facility=queue.facility,
            area=area,
            service=laboratory,
            day=TODAY,
            priority_reasons=frozenset(),
            source=TicketSource.KIOSK,
            window=None,
            label="",
            reference="",
            now=NOW,
        )
        for _ in range(20)
    ]
    jobs = [(queue.room, ticket, laboratory) for ticket in here]
    jobs += [(room, ticket, queue.examination) for ticket in there]
    barrier = Barrier(10)

    def move(worker: int) -> None:
        barrier.wait(timeout=10)
        try:
            for n in range(worker, 40, 10):
                at, ticket, service = jobs[n]
                calls.move_to_service(
                    hat=queue.doctor,
                    room_id=at.id,
                    ticket_id=ticket.id,
                    service_id=service.id,
                    key=keys[n],
                    now=LATER,
                )
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(move, range(10)))
    assert Ticket.objects.filter(state=TicketState.MOVED).count() == 40
    for one in (queue.area, area):
        seqs = list(QueueEvent.objects.filter(area=one).order_by("seq").values_list("seq", flat=True))
        assert seqs == list(range(1, 61))


def test_a_conflict_says_what_to_do(queue: Queue) -> None:
    with pytest.raises(Conflict) as error:
        call_next(queue)
    assert error.value.text == "Không còn ai chờ gọi ở phòng này. Người đang khám vẫn giữ nguyên."
