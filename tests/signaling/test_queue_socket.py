"""The queue's socket: everybody is told what is theirs, resumes without gaps, and acts once."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from scheduling.queues.domain import calls
from scheduling.queues.domain.devices import add_device, revoke_device
from scheduling.queues.domain.numbers import take_number
from scheduling.queues.enums import DeviceKind, PriorityReason, TicketSource
from scheduling.queues.models import Ticket
from scheduling.queues.rules import local_day
from telehealth.accounts.access import deactivate_membership, end_all_sessions
from telehealth.accounts.enums import Role
from telehealth.core import clock
from tests.factories import make_facility, make_person
from tests.scheduling.queues.factories import Queue, make_queue
from tests.signaling.rig import Client, House, house, in_database

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
async def queue() -> Queue:
    return await in_database(make_queue)


@pytest.fixture
async def built() -> AsyncIterator[House]:
    async with house() as made:
        yield made


def take(queue: Queue, *reasons: PriorityReason) -> Ticket:
    """Take a number now: the sockets read the wall clock."""
    now = clock.now()
    return take_number(
        facility=queue.facility,
        area=queue.area,
        service=queue.examination,
        day=local_day(now),
        priority_reasons=frozenset(reasons),
        source=TicketSource.KIOSK,
        window=None,
        label="Nguyễn Thị Lan",
        reference="",
        now=now,
    )


def call(queue: Queue) -> None:
    calls.call_next(hat=queue.doctor, room_id=queue.room.id, key=uuid4(), now=clock.now())


async def hello(client: Client, last_seq: int | None = None, day: str = "") -> dict[str, Any]:
    await client.send(type="hello", protocol=1, last_seq=last_seq, day=day)
    return await plain(client, "welcome", "closed")


async def plain(client: Client, *types: str) -> dict[str, Any]:
    """Return the next message of a type. The rig's own book-keeping is the room's."""
    while True:
        event = await client.socket.receive_output(timeout=5)
        if event["type"] == "websocket.close":
            return {"type": "closed", "code": event["code"]}
        message: dict[str, Any] = json.loads(event["text"])
        if message["type"] in types:
            return message


async def do(client: Client, do: str, **fields: Any) -> dict[str, Any]:
    await client.send(type="do", key=uuid4(), action={"do": do, **fields})
    return await plain(client, "done", "refused", "closed")


async def visit(built: House, queue: Queue, audience: str, hat: Any = None) -> Client:
    return await built.visit(hat or queue.doctor, f"/ws/queues/{audience}/{queue.area.id}/")


async def device(built: House, queue: Queue, kind: DeviceKind) -> tuple[Client, Any, Any]:
    """Open a socket as a board or kiosk that nobody is signed in at."""

    def add() -> tuple[Any, Any, str]:
        admin = make_person(queue.facility, Role.FACILITY_ADMIN, licensed=False)
        made, key = add_device(hat=admin, area_id=queue.area.id, kind=kind, name="Sảnh", now=clock.now())
        return admin, made, key

    admin, made, key = await in_database(add)
    client = await built.visit(
        queue.doctor,
        f"/ws/queues/{kind}/{queue.area.id}/",
        cookie=f"; queue_{kind}={key}",
    )
    return client, admin, made


async def test_staff_get_the_area_and_then_every_event_in_order(built: House, queue: Queue) -> None:
    await in_database(lambda: [take(queue) for _ in range(2)])
    client = await visit(built, queue, "staff")
    welcome = await hello(client)
    assert (welcome["audience"], welcome["seq"], welcome["permissions"]) == (
        "staff",
        2,
        {"call": True, "take": True},
    )
    assert [ticket["code"] for ticket in welcome["snapshot"]["tickets"]] == ["A001", "A002"]
    assert [room["number"] for room in welcome["area"]["rooms"]] == [3, 4, 5]
    await in_database(lambda: take(queue, PriorityReason.PREGNANT))
    await in_database(lambda: call(queue))
    seen: list[tuple[int, str, str]] = []
    while len(seen) < 2:
        told = await plain(client, "events")
        seen += [(e["seq"], e["kind"], e["ticket"]["code"]) for e in told["events"]]
    assert seen == [(3, "taken", "U001"), (4, "called", "U001")]


async def test_only_staff_are_told_why_and_for_what_reason(built: House, queue: Queue) -> None:
    ticket = await in_database(lambda: take(queue, PriorityReason.PREGNANT))
    staff, board = await visit(built, queue, "staff"), await visit(built, queue, "display")
    for client, why, reasons in ((staff, "priority", ["pregnant"]), (board, None, [])):
        welcome = await hello(client)
        assert "pregnant" not in str(welcome)
        told = (await plain(client, "forecast"))["services"][0]
        assert (told["waiting"], told["next"]) == (
            1,
            [{"ticket_id": str(ticket.id), "why": why, "reasons": reasons}],
        )


async def test_names_leave_the_house_masked_and_tokens_not_at_all(built: House, queue: Queue) -> None:
    ticket = await in_database(lambda: take(queue))
    welcome = await hello(await visit(built, queue, "display"))
    assert welcome["snapshot"]["tickets"][0]["label"] == "N*** T** L**"
    assert (ticket.token in str(welcome), "Nguyễn" in str(welcome)) == (False, False)


async def test_who_comes_back_gets_what_they_missed_or_all_of_it(built: House, queue: Queue) -> None:
    await in_database(lambda: [take(queue) for _ in range(3)])
    today = local_day(clock.now()).isoformat()
    client = await visit(built, queue, "display")
    first = await hello(client, last_seq=1, day=today)
    assert (first["snapshot"], [event["seq"] for event in first["events"]]) == (None, [2, 3])
    yesterday = (local_day(clock.now()) - timedelta(days=1)).isoformat()
    for last_seq, day in ((3, yesterday), (99, today), (None, "")):
        again = await hello(client, last_seq=last_seq, day=day)
        assert ([t["code"] for t in again["snapshot"]["tickets"]], again["events"]) == (
            ["A001", "A002", "A003"],
            [],
        )


async def test_the_doctor_calls_and_a_repeat_calls_nobody_else(built: House, queue: Queue) -> None:
    await in_database(lambda: [take(queue) for _ in range(2)])
    client = await visit(built, queue, "staff")
    await hello(client)
    key = uuid4()
    for _again in range(2):
        await client.send(
            type="do", key=key, action={"do": "call_next", "room_id": queue.room.id, "service_id": None}
        )
        assert (await plain(client, "done", "refused"))["seq"] == 3
    codes = await in_database(lambda: sorted(Ticket.objects.values_list("code", "state")))
    assert codes == [("A001", "called"), ("A002", "waiting")]


async def test_what_cannot_be_done_is_refused_with_a_sentence(built: House, queue: Queue) -> None:
    client = await visit(built, queue, "staff")
    await hello(client)
    refused = await do(client, "call_next", room_id=queue.room.id)
    assert (refused["code"], refused["retry"]) == ("queue.empty", False)
    board = await visit(built, queue, "display")
    await hello(board)
    assert (await do(board, "undo", room_id=queue.room.id))["code"] == "queue.not_yours"
    assert (await do(board, "take", service_id=queue.examination.id))["code"] == "queue.not_yours"


async def test_a_kiosk_gives_out_a_number_with_a_code_for_the_telephone(built: House, queue: Queue) -> None:
    client, _admin, _device = await device(built, queue, DeviceKind.KIOSK)
    welcome = await hello(client)
    assert welcome["permissions"] == {"call": False, "take": True}
    done = await do(client, "take", service_id=queue.examination.id, reasons=["age_75"], name="Vừ Bá Chia")
    ticket = await in_database(Ticket.objects.get)
    issued = done["issued"]
    assert (issued["code"], issued["label"], issued["ahead"]) == ("U001", "V*** B** C**", 0)
    assert issued["url"].endswith(f"/t/{ticket.token}/")
    assert {len(row) for row in issued["qr"]} == {len(issued["qr"])}
    refused = await do(client, "take", service_id=queue.examination.id, reasons=["emergency"])
    assert refused["code"] == "queue.emergency_at_desk"
    refused = await do(client, "take", service_id=uuid4())
    assert refused["code"] == "queue.no_such_service"


async def test_a_board_that_is_taken_away_goes_dark_at_once(built: House, queue: Queue) -> None:
    client, admin, made = await device(built, queue, DeviceKind.DISPLAY)
    assert (await hello(client))["type"] == "welcome"
    await in_database(lambda: revoke_device(hat=admin, device_id=made.id, now=clock.now()))
    assert await plain(client, "closed") == {"type": "closed", "code": 4404}


async def test_a_ticket_s_holder_sees_their_place_come_nearer_and_nothing_else(
    built: House, queue: Queue
) -> None:
    tickets = await in_database(lambda: [take(queue) for _ in range(3)])
    client = await built.visit(queue.doctor, f"/ws/queues/ticket/{tickets[2].token}/", cookie="-")
    welcome = await hello(client)
    assert (welcome["snapshot"], welcome["events"]) == (None, [])
    place = await plain(client, "place")
    assert (place["code"], place["ahead"], place["near"], place["basis"]) == ("A003", 2, True, "no_room")
    await in_database(lambda: call(queue))
    place = await plain(client, "place")
    assert (place["ahead"], place["basis"], place["rooms"]) == (1, "usual", 1)
    for _turn in range(2):
        await in_database(lambda: call(queue))
    while (place := await plain(client, "place"))["state"] != "called":
        pass
    assert (place["room"], place["ahead"], place["near"]) == ("Phòng khám số 3", None, True)
    await in_database(
        lambda: calls.finish(
            hat=queue.doctor,
            room_id=queue.room.id,
            ticket_id=tickets[2].id,
            key=uuid4(),
            now=clock.now(),
        )
    )
    assert (await plain(client, "place"))["state"] == "done"


async def test_a_ticket_that_is_moved_on_leads_to_the_new_number(built: House, queue: Queue) -> None:
    ticket = await in_database(lambda: take(queue))
    client = await built.visit(queue.doctor, f"/ws/queues/ticket/{ticket.token}/", cookie="-")
    await hello(client)
    assert (await plain(client, "place"))["code"] == "A001"
    await in_database(
        lambda: calls.move_to_service(
            hat=queue.doctor,
            room_id=queue.room.id,
            ticket_id=ticket.id,
            service_id=queue.imaging.id,
            key=uuid4(),
            now=clock.now(),
        )
    )
    while (place := await plain(client, "place"))["code"] != "AX001":
        pass
    assert (place["service"], place["state"]) == ("X-quang", "waiting")


@pytest.mark.parametrize("audience", ["display", "kiosk", "staff"])
async def test_strangers_are_told_that_there_is_nothing(audience: str, built: House, queue: Queue) -> None:
    stranger = await in_database(lambda: make_person(make_facility(), Role.DOCTOR))
    client = await visit(built, queue, audience, stranger)
    assert await hello(client) == {"type": "closed", "code": 4404}
    nobody = await built.visit(queue.doctor, f"/ws/queues/{audience}/{queue.area.id}/", cookie="-")
    assert await hello(nobody) == {"type": "closed", "code": 4401}


async def test_a_wrong_token_and_a_wrong_key_open_nothing(built: House, queue: Queue) -> None:
    client = await built.visit(queue.doctor, f"/ws/queues/ticket/{'x' * 22}/", cookie="-")
    assert await hello(client) == {"type": "closed", "code": 4404}
    client = await built.visit(
        queue.doctor, f"/ws/queues/display/{queue.area.id}/", cookie="; queue_display=wrong"
    )
    assert await hello(client) == {"type": "closed", "code": 4404}


async def test_who_signs_out_or_loses_the_role_is_closed_at_once(built: House, queue: Queue) -> None:
    client, other = await visit(built, queue, "staff"), await visit(built, queue, "staff", queue.nurse)
    assert [(await hello(one))["type"] for one in (client, other)] == ["welcome", "welcome"]
    await in_database(lambda: end_all_sessions(user=queue.doctor.user, now=clock.now()))
    assert await plain(client, "closed") == {"type": "closed", "code": 4401}
    await in_database(lambda: deactivate_membership(membership=queue.nurse.membership, now=clock.now()))
    assert (await plain(other, "closed"))["code"] in {4403, 4404}


async def test_bad_messages_break_nothing(built: House, queue: Queue) -> None:
    client = await visit(built, queue, "staff")
    await hello(client)
    for text in ("{", '{"type":"do"}', '{"type":"hello","protocol":1,"last_seq":-1}', "[]"):
        await client.send_raw(text)
        assert (await plain(client, "problem"))["code"] == "bad_message"
    await client.send_raw("x" * 5000)
    assert await plain(client, "closed") == {"type": "closed", "code": 1009}


async def test_who_does_not_say_hello_first_is_closed(built: House, queue: Queue) -> None:
    client = await visit(built, queue, "staff")
    await client.send_raw('{"type":"do"}')
    assert await plain(client, "closed") == {"type": "closed", "code": 4400}


async def test_too_much_too_fast_is_refused_and_then_closed(built: House, queue: Queue) -> None:
    client = await visit(built, queue, "staff")
    await hello(client)
    for n in range(70):
        await client.send(type="ping", n=n)
    assert await plain(client, "closed") == {"type": "closed", "code": 1008}


async def test_an_old_page_is_told_to_reload(built: House, queue: Queue) -> None:
    client = await visit(built, queue, "staff")
    await client.send(type="hello", protocol=99)
    assert (await plain(client, "problem"))["code"] == "wrong_version"
    assert await plain(client, "closed") == {"type": "closed", "code": 1008}
