"""The inbox socket: what changed, and who hears the ring."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from telehealth.consultations.domain import requests
from telehealth.consultations.models import Request
from telehealth.core import clock
from tests.factories import World, complete_content, make_draft, make_specialty, make_submitted, make_world
from tests.signaling.rig import Client, House, house, in_database

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
async def world() -> World:
    return await in_database(make_world)


@pytest.fixture
async def built() -> AsyncIterator[House]:
    async with house() as made:
        yield made


async def listening(built: House, hat: object, **options: object) -> Client:
    """Open an inbox and wait until it hears."""
    client = await built.visit(hat, "/ws/inbox/", **options)  # type: ignore[arg-type]
    await client.until_type("changed")
    stops = list(built.process.hints._listeners)
    for group in stops:
        assert await built.process.hints.joined(group)
    return client


def ready_draft(world: World) -> Request:
    draft = make_draft(world)
    return requests.save_draft(
        hat=world.doctor,
        request_id=draft.id,
        content=complete_content(world),
        base_version=0,
        now=clock.now(),
    )


def submit(world: World, request_id: UUID) -> None:
    requests.submit_request(hat=world.doctor, request_id=request_id, now=clock.now())


@pytest.mark.parametrize(
    ("language", "text"),
    [("vi", "Ca mới: Khẩn · Chuyên khoa tim-mach"), ("en", "Specialty tim-mach")],
)
async def test_new_case_rings_for_the_specialists_asked(
    built: House, world: World, language: str, text: str
) -> None:
    draft = await in_database(lambda: ready_draft(world))
    specialist = await listening(built, world.specialist, language=language)
    await in_database(lambda: submit(world, draft.id))
    message = await specialist.until(lambda m: m.get("ring") is not None)
    assert message["topics"] == ["worklist", f"request:{draft.id}"]
    assert (message["ring"]["request_id"], message["ring"]["urgency"]) == (str(draft.id), "urgent")
    assert text in message["ring"]["text"]


async def test_new_case_changes_lists_but_rings_for_nobody_else(built: House, world: World) -> None:
    other = await in_database(lambda: make_specialty("noi-tiet"))
    await in_database(lambda: world.second_specialist.membership.specialties.set([other]))
    draft = await in_database(lambda: ready_draft(world))
    others = [
        await listening(built, hat) for hat in (world.doctor, world.coordinator, world.second_specialist)
    ]
    await in_database(lambda: submit(world, draft.id))
    for client in others:
        message = await client.until_type("changed")
        assert message == {"type": "changed", "topics": ["worklist", f"request:{draft.id}"], "ring": None}


async def test_nothing_is_heard_of_other_facilities(built: House, world: World) -> None:
    stranger = await listening(built, (await in_database(make_world)).specialist)
    own = await listening(built, world.specialist)
    await in_database(lambda: make_submitted(world))
    await own.until_type("changed")
    assert await stranger.socket.receive_nothing()


async def test_stranger_is_told_to_sign_in(built: House) -> None:
    client = Client(built.application, "/ws/inbox/", "")
    assert await client.open()
    assert await client.until_closed() == 4401


async def test_inbox_is_for_listening(built: House, world: World) -> None:
    client = await listening(built, world.specialist)
    for _ in range(30):
        await client.send_raw("{}")
    assert await client.until_closed() == 1008
