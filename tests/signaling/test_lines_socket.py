"""The ladder on the wire: from a relay's report to both people's sockets, the log and the diary."""

import asyncio
from collections.abc import Callable
from typing import TypeVar
from uuid import UUID, uuid4

import pytest

from telehealth.consultations.domain import sessions
from telehealth.consultations.models import RoomEvent
from telehealth.lines.enums import Source
from telehealth.lines.models import LinkSample
from tests.factories import NOW, World, make_session, make_world
from tests.signaling.rig import Client, House, house, in_database

T = TypeVar("T")

pytestmark = pytest.mark.django_db(transaction=True)


async def two_inside(built: House) -> tuple[World, UUID, Client, Client]:
    """Let the district's doctor and the specialist be in one room."""

    def prepare() -> tuple[World, UUID]:
        world = make_world()
        session = make_session(world)
        for hat in (world.specialist, world.doctor):
            sessions.arrive(who=hat, session_id=session.id, key=None, now=NOW)
        doctor = sessions.participant_id_of(session.id, world.doctor.membership.id)
        sessions.admit(who=world.specialist, session_id=session.id, participant_id=doctor, key=None, now=NOW)
        return world, session.id

    world, session_id = await in_database(prepare)
    doctor = await built.enter(world.doctor, session_id)
    specialist = await built.enter(world.specialist, session_id)
    for client in (doctor, specialist):
        await client.until_event("participant_entered", participant_id=client.me)
    return world, session_id, doctor, specialist


async def connect(built: House, client: Client) -> str:
    connection = str(uuid4())
    await client.send(type="media_join", connection_id=connection)
    await client.until_type("media_offer")
    built.nodes.connect(connection)
    await client.until_type("media_connected")
    return connection


async def test_a_reported_line_reaches_both_sides_the_log_and_the_diary() -> None:
    async with house() as built:
        world, session_id, doctor, specialist = await two_inside(built)
        connection = await connect(built, doctor)
        built.nodes.report_line(
            connection, room=str(session_id), participant=doctor.me, down=("still", "thin_line")
        )
        told = [await client.until_type("media_line") for client in (doctor, specialist)]
        expected = {
            "type": "media_line",
            "participant_id": doctor.me,
            "down": "still",
            "down_reason": "thin_line",
            "up": "full",
            "up_reason": None,
            "figures": {
                "down_bitrate": 90_000,
                "up_bitrate": 1_500_000,
                "down_loss": 0.12,
                "up_loss": 0.0,
                "rtt_ms": 210,
            },
        }
        assert told == [expected, expected]
        sample = await _eventually(LinkSample.objects.first)
        kept = (sample.facility_id, sample.source, sample.rtt_ms, sample.down_kbps, sample.up_kbps)
        assert kept == (world.spoke.id, Source.CALL, 210.0, 90.0, 1500.0)


async def test_tuning_goes_to_the_relay_and_what_is_wanted_comes_back() -> None:
    async with house() as built:
        _world, _session_id, doctor, _specialist = await two_inside(built)
        connection = await connect(built, doctor)
        await doctor.send(
            type="media_tune",
            connection_id=connection,
            sound_only=True,
            uplink_bitrate=250_000,
            heights=[{"slot": "v0", "height": 720}],
        )
        asked = ("tune", "node-1", connection, repr((True, 250_000, {"v0": 720})))
        await built.nodes.until(lambda nodes: asked in nodes.asked)
        built.nodes.want(connection, ("q",), stills=True)
        assert await doctor.until_type("media_wanted") == {
            "type": "media_wanted",
            "connection_id": connection,
            "layers": ["q"],
            "stills": True,
        }


async def test_a_line_that_stays_down_stands_in_the_log_for_both() -> None:
    async with house() as built:
        _world, session_id, doctor, specialist = await two_inside(built)
        connection = await connect(built, doctor)
        built.nodes.report_line(
            connection, room=str(session_id), participant=doctor.me, up=("sound", "by_hand")
        )
        row = await _eventually(lambda: RoomEvent.objects.filter(body__kind="line_changed").first())
        assert row.body == {
            "kind": "line_changed",
            "participant_id": doctor.me,
            "down": "full",
            "down_reason": None,
            "up": "sound",
            "up_reason": "by_hand",
        }
        for client in (doctor, specialist):
            assert await client.until_event("line_changed") == row.body


async def _eventually(look: Callable[[], T | None]) -> T:
    """Look into the database until there is something: a rung must have stood for five seconds to be written down."""
    async with asyncio.timeout(20):
        while (found := await in_database(look)) is None:
            pass  # looking takes its time
    return found
