"""A guest's socket: the same room through another door, and what of it a guest never gets to see."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from importlib import import_module
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings

from telehealth.consultations.domain import guests, sessions, visits
from telehealth.consultations.models import Session, Visit
from telehealth.consultations.principals import Guest
from telehealth.core import clock
from telehealth.lines.models import LinkSample
from tests.factories import World, guest_at, make_session, make_visit, make_world
from tests.signaling.rig import Client, House, house, in_database

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
async def world() -> World:
    return await in_database(make_world)


@pytest.fixture
async def visit(world: World) -> Visit:
    return await in_database(lambda: make_visit(world, starts_at=clock.now()))


@pytest.fixture
async def guest(visit: Visit) -> Guest:
    return await in_database(lambda: guest_at(visit))


@pytest.fixture
async def session(world: World, visit: Visit) -> Session:
    return await in_database(
        lambda: visits.open_visit(who=world.specialist, visit_id=visit.id, now=clock.now())
    )


@pytest.fixture
async def built() -> AsyncIterator[House]:
    async with house() as made:
        yield made


async def browser_of(guest: Guest) -> str:
    """Return the session cookie of a browser in which the guest's code was given."""

    def make() -> str:
        store = import_module(settings.SESSION_ENGINE).SessionStore()
        guests.remember(store, guest.link, now=clock.now())
        store.create()
        return str(store.session_key)

    return await in_database(make)


async def come(built: House, guest: Guest, session: Session, *, door: str = "visits") -> Client:
    """Open the room's socket as a guest. `hello` is still to be said."""
    client = Client(built.application, f"/ws/{door}/{session.id}/", await browser_of(guest))
    built._clients.append(client)
    assert await client.open()
    return client


async def let_in(specialist: Client, patient: Client) -> None:
    assert (await patient.do("arrive"))["type"] == "ack"
    assert (await specialist.do("admit", participant_id=patient.me))["type"] == "ack"
    await patient.until_event("went_live")


async def test_a_patient_waits_is_let_in_and_speaks(
    built: House, world: World, guest: Guest, session: Session
) -> None:
    specialist = await built.enter(world.specialist, session.id)
    assert (await specialist.do("arrive"))["type"] == "ack"
    patient = await come(built, guest, session)
    assert (await patient.hello())["type"] == "welcome"
    assert patient.permissions == {"admit": False, "mark_patient": False, "remove": False, "end_call": False}
    await let_in(specialist, patient)
    assert (await patient.do("post_chat", text="Chào bác sĩ", document_id=None))["type"] == "ack"
    said = await specialist.until_event("chat_posted")
    assert (said["participant_id"], said["text"]) == (patient.me, "Chào bác sĩ")
    orders: list[tuple[str, dict[str, Any], str]] = [
        ("admit", {"participant_id": specialist.me}, "room.not_yours_to_admit"),
        ("remove", {"participant_id": specialist.me}, "room.not_yours_to_remove"),
        ("mark_patient", {"present": True}, "room.not_spoke"),
        ("end_call", {"reason": "finished"}, "room.not_yours_to_end"),
    ]
    for do, fields, code in orders:
        assert (await patient.do(do, **fields))["code"] == code
    assert (await patient.do("leave"))["type"] == "ack"
    assert await patient.until_closed() == 1000


async def test_what_was_written_before_a_guest_was_let_in_stays_among_the_others(
    built: House, world: World, guest: Guest, session: Session
) -> None:
    specialist = await built.enter(world.specialist, session.id)
    await specialist.do("arrive")
    await specialist.do("post_chat", text="trước khi đến", document_id=None)
    patient = await come(built, guest, session)
    await patient.hello()
    assert patient.snapshot["chat"] == []
    await patient.do("arrive")
    await specialist.do("post_chat", text="trong lúc chờ", document_id=None)
    await patient.until_event("withheld")
    assert (await specialist.do("admit", participant_id=patient.me))["type"] == "ack"
    await patient.until_event("went_live")
    await specialist.do("post_chat", text="chào chị", document_id=None)
    assert (await patient.until_event("chat_posted"))["text"] == "chào chị"

    # By resuming and by a fresh snapshot the same: no gap, no word of before.
    for last_seq in (1, None):
        again = await come(built, guest, session)
        again.seq = last_seq or 0
        told = json.dumps(await again.hello(last_seq), ensure_ascii=False)
        assert "chào chị" in told
        assert "trước khi đến" not in told
        assert "trong lúc chờ" not in told
        assert again.seq == patient.seq


async def test_revoking_the_link_closes_the_socket_and_the_media_at_once(
    built: House, world: World, guest: Guest, session: Session
) -> None:
    specialist = await built.enter(world.specialist, session.id)
    await specialist.do("arrive")
    patient = await come(built, guest, session)
    await patient.hello()
    await let_in(specialist, patient)
    connection = str(uuid4())
    await patient.send(type="media_join", connection_id=connection)
    await patient.until_type("media_offer")
    link = guest.link.id
    await in_database(lambda: guests.revoke_link(hat=world.specialist, link_id=link, now=clock.now()))
    assert await patient.until_closed() == 4403
    left = await specialist.until_event("participant_left")
    assert (left["participant_id"], left["reason"]) == (patient.me, "removed")
    back = await come(built, guest, session)
    assert await back.hello() == {"type": "closed", "code": 4403}


async def test_each_door_opens_for_its_own_people_only(
    built: House, world: World, guest: Guest, session: Session
) -> None:
    case = await in_database(lambda: make_session(world))
    other = await in_database(lambda: make_visit(world, starts_at=clock.now() + timedelta(hours=1)))
    elsewhere = await in_database(
        lambda: visits.open_visit(who=world.specialist, visit_id=other.id, now=clock.now())
    )
    answers = {}
    for name, room, door in (
        ("by the door of staff", session, "rooms"),
        ("a case's room", case, "visits"),
        ("another visit's room", elsewhere, "visits"),
    ):
        client = await come(built, guest, room, door=door)
        answers[name] = (await client.hello()).get("code")
    assert answers == {"by the door of staff": 4401, "a case's room": 4401, "another visit's room": 4401}
    staff = await built.visit(world.specialist, f"/ws/visits/{session.id}/")
    assert await staff.hello() == {"type": "closed", "code": 4401}
    outsider = await built.visit(world.second_specialist, f"/ws/rooms/{session.id}/")
    assert await outsider.hello() == {"type": "closed", "code": 4404}


async def test_a_patients_line_is_in_nobodys_diary(
    built: House, world: World, guest: Guest, session: Session
) -> None:
    from signaling.consumers import _keep_sample

    figures = {"at": clock.now(), "rtt_ms": 80.0, "loss": 0.0, "up_kbps": None, "down_kbps": None}
    kept = figures | {"gaps": 0, "gap_seconds": 0.0}
    await in_database(lambda: _keep_sample(guest, **kept))
    assert await in_database(LinkSample.objects.count) == 0


async def test_a_guest_who_is_put_out_stays_out(
    built: House, world: World, guest: Guest, session: Session
) -> None:
    specialist = await built.enter(world.specialist, session.id)
    await specialist.do("arrive")
    patient = await come(built, guest, session)
    await patient.hello()
    await let_in(specialist, patient)
    assert (await specialist.do("remove", participant_id=patient.me))["type"] == "ack"
    assert await patient.until_closed() == 4403
    back = await come(built, guest, session)
    assert await back.hello() == {"type": "closed", "code": 4403}
    assert patient.me == str(sessions.participant_id_of(session.id, guest.link.id))
