"""The room's socket over the real ASGI application, PostgreSQL and Valkey."""

from uuid import uuid4

import pytest

from tests.factories import make_session, make_world
from tests.signaling.rig import house, in_database

pytestmark = pytest.mark.django_db(transaction=True)


async def test_two_people_come_together_and_their_media_gets_an_offer() -> None:
    world = await in_database(make_world)
    session = await in_database(lambda: make_session(world))
    async with house() as built:
        specialist = await built.enter(world.specialist, session.id)
        doctor = await built.enter(world.doctor, session.id)
        assert (await specialist.do("arrive"))["type"] == "ack"
        assert (await doctor.do("arrive"))["type"] == "ack"
        await specialist.until_event("participant_entered", participant_id=specialist.me)
        await specialist.until_event("participant_arrived")
        assert (await specialist.do("admit", participant_id=doctor.me))["type"] == "ack"
        await specialist.until_event("went_live")
        await doctor.until_event("went_live")

        connection = str(uuid4())
        await doctor.send(type="media_join", connection_id=connection)
        offer = await doctor.until_type("media_offer", "media_lost")
        assert offer == {
            "type": "media_offer",
            "connection_id": connection,
            "epoch": 1,
            "sdp": f"offer for {connection}",
        }
        await doctor.send(type="media_answer", connection_id=connection, sdp="answer")
        await doctor.send(type="ping", n=1)
        await doctor.until_type("pong")
        built.nodes.connect(connection)
        assert await doctor.until_type("media_connected")

        ended = await specialist.do("end_call", reason="finished")
        assert ended["type"] == "ack"
        assert await doctor.until_closed() == 4410
        assert await specialist.until_closed() == 4410
        assert ("close_room", "node-1", str(session.id)) in built.nodes.asked
