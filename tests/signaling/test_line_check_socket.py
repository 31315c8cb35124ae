"""The line check's socket: pulses are answered, the relay's offer is passed on, and nothing is left behind."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from django.test import Client as Browser

from media.control import MAX_SDP_BYTES
from signaling import groups
from telehealth.accounts.access import end_all_sessions
from telehealth.accounts.models import User
from telehealth.core import clock
from tests.factories import PASSWORD, World, make_world
from tests.signaling.rig import Client, House, house, in_database

pytestmark = pytest.mark.django_db(transaction=True)

PATH = "/ws/line-check/"


@pytest.fixture
async def world() -> World:
    return await in_database(make_world)


@pytest.fixture
async def built() -> AsyncIterator[House]:
    async with house() as made:
        yield made


async def ready(built: House, world: World) -> Client:
    client = await built.visit(world.doctor, PATH)
    await client.until_type("ready")
    return client


async def joined(client: Client) -> str:
    connection = str(uuid4())
    await client.send(type="echo_join", connection_id=connection)
    assert await client.until_type("echo_offer", "echo_lost") == {
        "type": "echo_offer",
        "connection_id": connection,
        "sdp": f"offer for {connection}",
    }
    return connection


async def test_pulses_are_answered_by_their_number(built: House, world: World) -> None:
    client = await ready(built, world)
    for n in (7, 8):
        await client.send(type="ping", n=n)
    assert [await client.next(), await client.next()] == [{"type": "pong", "n": 7}, {"type": "pong", "n": 8}]


async def test_a_connection_is_offered_answered_and_comes_up(built: House, world: World) -> None:
    client = await ready(built, world)
    connection = await joined(client)
    await client.send(type="echo_answer", connection_id=connection, sdp="answer")
    # A pulse behind it is answered when it has been read.
    await client.send(type="ping", n=1)
    await client.until_type("pong")
    built.nodes.connect(connection)
    assert await client.until_type("echo_up") == {"type": "echo_up", "connection_id": connection}
    assert built.nodes.asked == [("join", "node-1", connection), ("answer", "node-1", connection, "answer")]


@pytest.mark.parametrize("how", ["leave", "line"])
async def test_who_leaves_leaves_no_connection_behind(how: str, built: House, world: World) -> None:
    client = await ready(built, world)
    connection = await joined(client)
    if how == "leave":
        await client.send(type="echo_leave", connection_id=connection)
        await client.send(type="ping", n=1)
        await client.until_type("pong")
    else:
        await client.leave_line()
    await built.process.close()
    assert built.nodes.asked == [("join", "node-1", connection), ("leave", "node-1", connection)]


async def test_a_new_connection_takes_the_place_of_the_old_one(built: House, world: World) -> None:
    client = await ready(built, world)
    first, second = await joined(client), await joined(client)
    built.nodes.connect(first)
    built.nodes.connect(second)
    assert (await client.until_type("echo_up"))["connection_id"] == second
    assert ("leave", "node-1", first) in built.nodes.asked


async def test_a_node_s_refusal_and_a_lost_connection_are_told(built: House, world: World) -> None:
    client = await ready(built, world)
    built.nodes.failing["join"] = "draining"
    connection = str(uuid4())
    await client.send(type="echo_join", connection_id=connection)
    lost = {"type": "echo_lost", "connection_id": connection, "code": "draining"}
    assert await client.until_type("echo_lost") == lost
    del built.nodes.failing["join"]
    connection = await joined(client)
    built.nodes.disconnect(connection, "lost")
    assert await client.until_type("echo_lost") == lost | {"connection_id": connection, "code": "lost"}


async def test_without_a_media_node_the_rest_of_the_check_goes_on(built: House, world: World) -> None:
    client = await ready(built, world)
    built.nodes.die("node-1")
    await client.send(type="echo_join", connection_id=uuid4())
    assert (await client.until_type("echo_lost"))["code"] == "unavailable"
    await client.send(type="ping", n=1)
    assert await client.next() == {"type": "pong", "n": 1}


async def test_who_joins_again_and_again_is_told_so(built: House, world: World) -> None:
    client = await ready(built, world)
    for _ in range(12):
        await joined(client)
    await client.send(type="echo_join", connection_id=uuid4())
    assert (await client.until_type("echo_lost"))["code"] == "too_often"


async def test_patients_may_check_their_line_too(built: House, world: World) -> None:
    def enter() -> str:
        User.objects.create_user(username="nguoibenh", password=PASSWORD, full_name="Vừ Thị Mẫu")
        browser = Browser()
        assert browser.login(username="nguoibenh", password=PASSWORD)
        return str(browser.session.session_key)

    client = await built.visit(world.doctor, PATH, cookie=await in_database(enter))
    assert await client.next() == {"type": "ready"}


async def test_who_is_signed_out_everywhere_is_out_here_too(built: House, world: World) -> None:
    client = await ready(built, world)
    connection = await joined(client)
    assert await built.process.hints.joined(groups.access_of(world.doctor.user.pk))
    await in_database(lambda: end_all_sessions(user=world.doctor.user, now=clock.now()))
    assert await client.until_closed() == 4401
    await client.socket.wait(timeout=5)
    await asyncio.sleep(0)  # one turn of the loop, for what the closing socket has begun
    assert ("leave", "node-1", connection) in built.nodes.asked


async def test_who_has_not_signed_in_is_told_to(built: House) -> None:
    client = Client(built.application, PATH, "")
    assert await client.open()
    assert await client.until_closed() == 4401


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", 1008),
        ('{"type": "hello"}', 1008),
        ('{"type": "ping", "n": -1}', 1008),
        ('{"type": "echo_answer", "connection_id": "x", "sdp": ""}', 1008),
        ("x" * (MAX_SDP_BYTES + 1025), 1009),
    ],
)
async def test_what_is_no_message_closes(text: str, code: int, built: House, world: World) -> None:
    client = await ready(built, world)
    await client.send_raw(text)
    assert await client.until_closed() == code


async def test_a_flood_closes(built: House, world: World) -> None:
    client = await ready(built, world)
    for n in range(220):
        await client.send(type="ping", n=n)
    assert await client.until_closed() == 1008
