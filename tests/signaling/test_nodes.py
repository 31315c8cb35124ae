"""Rooms and several media nodes: who moves a room, when, and that it is moved once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from uuid import uuid4

import pytest

from telehealth.consultations.models import RoomEvent, Session
from tests.factories import World, make_session, make_world
from tests.signaling.fakes import FakeMediaNodes
from tests.signaling.rig import QUICK, Client, House, house, in_database

pytestmark = pytest.mark.django_db(transaction=True)
TWO = ("node-1", "node-2")


@pytest.fixture
async def world() -> World:
    return await in_database(make_world)


@pytest.fixture
async def session(world: World) -> Session:
    return await in_database(lambda: make_session(world))


@asynccontextmanager
async def web(grace: float = QUICK.node_grace) -> AsyncIterator[House]:
    """A web process that knows two nodes."""
    async with house(replace(QUICK, node_grace=grace), FakeMediaNodes(TWO)) as made:
        yield made


async def call(one: House, other: House, world: World, session: Session) -> tuple[Client, Client]:
    """Bring the specialist in through one web process and the doctor through another, both with media."""
    specialist = await one.enter(world.specialist, session.id)
    doctor = await other.enter(world.doctor, session.id)
    await specialist.do("arrive")
    await doctor.do("arrive")
    await specialist.until_event("participant_entered", participant_id=specialist.me)
    await specialist.do("admit", participant_id=doctor.me)
    await doctor.until_event("participant_entered", participant_id=doctor.me)
    assert [await joined(specialist), await joined(doctor)] == [1, 1]
    return specialist, doctor


async def joined(client: Client) -> int:
    """Ask for a connection; return the epoch of its offer."""
    await client.send(type="media_join", connection_id=uuid4())
    answer = await client.until_type("media_offer", "media_lost")
    assert answer["type"] == "media_offer", answer
    return int(answer["epoch"])


async def home(session: Session) -> tuple[str, int]:
    row = await in_database(lambda: Session.objects.get(id=session.id))
    return row.media_node, row.media_epoch


async def moves(session: Session) -> list[int]:
    """Return the epochs the log tells of."""
    rows = await in_database(
        lambda: list(RoomEvent.objects.filter(session=session).order_by("seq").values_list("body", flat=True))
    )
    return [body["epoch"] for body in rows if body["kind"] == "media_moved"]


def left(built: House) -> list[tuple[str, ...]]:
    return [asked for asked in built.nodes.asked if asked[0] == "leave"]


async def test_room_on_a_node_that_drains_moves_at_once_and_nobody_is_cut_off(
    world: World, session: Session
) -> None:
    async with web() as built:
        specialist, doctor = await call(built, built, world, session)
        built.nodes.drain("node-1")
        for client in (specialist, doctor):
            await client.until_event("media_moved", epoch=2)
            assert await joined(client) == 2
        assert left(built) == []  # each client closes the old connection when its new one is up
        built.nodes.drain("node-1")  # the report of the next second
        await specialist.do("post_chat", text="Còn nghe rõ")
    assert await home(session) == ("node-2", 2)
    assert await moves(session) == [1, 2]


async def test_room_stays_on_a_node_that_drains_while_there_is_no_other(
    world: World, session: Session
) -> None:
    async with web() as built:
        instance = built.nodes.instances.pop("node-2")
        specialist, _doctor = await call(built, built, world, session)
        built.nodes.drain("node-1")
        await specialist.do("post_chat", text="Còn nghe rõ")
        assert await moves(session) == [1]
        built.nodes.see_again("node-2", instance)
        built.nodes.drain("node-1")
        await specialist.until_event("media_moved", epoch=2)
    assert await home(session) == ("node-2", 2)


async def test_newcomer_is_not_sent_to_a_node_that_drains(world: World, session: Session) -> None:
    async with web() as built:
        built.nodes.drain("node-1")
        doctor = await built.enter(world.doctor, session.id)
        assert await joined(doctor) == 1
    assert await home(session) == ("node-2", 1)


async def test_room_leaves_a_node_whose_process_is_gone_without_waiting(
    world: World, session: Session
) -> None:
    async with web(grace=3600) as built:
        specialist, doctor = await call(built, built, world, session)
        built.nodes.vanish("node-1")
        for client in (specialist, doctor):
            await client.until_event("media_moved", epoch=2)
            assert await joined(client) == 2
    assert await home(session) == ("node-2", 2)


@pytest.mark.parametrize("end", ["drain", "vanish", "die", "restart"])
async def test_two_processes_that_see_a_node_go_move_its_room_once(
    world: World, session: Session, end: str
) -> None:
    async with web() as one, web() as two:
        specialist, doctor = await call(one, two, world, session)
        for built in (one, two):
            getattr(built.nodes, end)("node-1")
        for client in (specialist, doctor):
            await client.until_event("media_moved", epoch=2)
            assert await joined(client) == 2
    node = "node-1" if end == "restart" else "node-2"
    assert await home(session) == (node, 2)
    assert await moves(session) == [1, 2]


async def test_process_that_learns_of_it_late_does_not_move_the_room_back(
    world: World, session: Session
) -> None:
    async with web() as one, web() as two:
        specialist, doctor = await call(one, two, world, session)
        one.nodes.vanish("node-1")
        await specialist.until_event("media_moved", epoch=2)
        await doctor.until_event("media_moved", epoch=2)
        two.nodes.vanish("node-1")
        assert [await joined(specialist), await joined(doctor)] == [2, 2]
    assert await home(session) == ("node-2", 2)
    assert await moves(session) == [1, 2]
