"""Keys of an encrypted room over real sockets, between two web processes."""

import pytest

from telehealth.consultations.domain import sessions
from telehealth.consultations.models import RoomEvent, Session
from tests.factories import NOW, World, make_claimed, make_world
from tests.signaling.rig import Client, House, house, in_database

pytestmark = pytest.mark.django_db(transaction=True)


def make_encrypted(world: World) -> Session:
    request = make_claimed(world)
    return sessions.open_session(hat=world.doctor, request_id=request.id, encrypted=True, now=NOW)


async def let_in(built: House, host: Client, world: World, session: Session) -> Client:
    guest = await built.enter(world.doctor, session.id)
    assert (await guest.do("arrive"))["type"] == "ack"
    assert (await host.do("admit", participant_id=guest.me))["type"] == "ack"
    await guest.until_event("participant_entered", participant_id=guest.me)
    return guest


async def fence(client: Client) -> list[str]:
    """Return the types of everything that came before the answer to a ping."""
    await client.send(type="ping", n=7)
    seen: list[str] = []
    while (message := await client.next()) != {"type": "pong", "n": 7}:
        seen.append(message["type"])
    return seen


async def test_keys_reach_whom_they_are_for_in_another_process_and_nobody_who_waits() -> None:
    world = await in_database(make_world)
    session = await in_database(lambda: make_encrypted(world))
    async with house() as here, house() as there:
        specialist = await here.enter(world.specialist, session.id)
        assert specialist.snapshot["encrypted"] is True
        assert (await specialist.do("arrive"))["type"] == "ack"
        doctor = await let_in(there, specialist, world, session)
        waiting = await there.enter(world.nurse, session.id)
        assert (await waiting.do("arrive"))["type"] == "ack"
        before = await in_database(RoomEvent.objects.count)

        await doctor.send(type="e2ee_key", public_key="BDoctor")
        assert await specialist.until_type("e2ee_key") == {
            "type": "e2ee_key",
            "participant_id": doctor.me,
            "public_key": "BDoctor",
        }
        await waiting.send(type="e2ee_key", public_key="BNurse")
        await specialist.send(type="e2ee_wrapped", to=doctor.me, public_key="BHub", wrapped="c2Vj")
        assert await doctor.until_type("e2ee_wrapped", "e2ee_key") == {
            "type": "e2ee_wrapped",
            "participant_id": specialist.me,
            "public_key": "BHub",
            "wrapped": "c2Vj",
        }
        assert not {"e2ee_key", "e2ee_wrapped"} & {
            kind for client in (waiting, doctor, specialist) for kind in await fence(client)
        }
        assert await in_database(RoomEvent.objects.count) == before
