"""Machines publish into a room by WHIP: with a pass, once, for as long as its participant is there."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from channels.testing import HttpCommunicator

from signaling.origin import Receive, Scope, SendEvent
from signaling.whip import with_whip
from telehealth.audit.models import AuditEntry
from telehealth.core import clock
from telehealth.devices.models import DevicePass
from telehealth.devices.passes import issue_pass
from tests.factories import World, make_session, make_world
from tests.signaling.rig import Client, House, house, in_database

pytestmark = pytest.mark.django_db(transaction=True)

OFFER = "v=0\r\nan offer"


@pytest.fixture
async def world() -> World:
    return await in_database(make_world)


@pytest.fixture
async def session_id(world: World) -> UUID:
    return (await in_database(lambda: make_session(world))).id


@pytest.fixture
async def built() -> AsyncIterator[House]:
    async with house() as made:
        yield made


async def pages(scope: Scope, receive: Receive, send: SendEvent) -> None:
    await send({"type": "http.response.start", "status": 299, "headers": []})
    await send({"type": "http.response.body", "body": b"a page"})


async def ask(
    built: House, method: str, path: str, body: str = "", *, bearer: str = "", kind: str = "application/sdp"
) -> dict[str, Any]:
    """Return `status`, `headers` and `body` of the answer."""
    headers = [(b"content-type", kind.encode())]
    if bearer:
        headers.append((b"authorization", f"Bearer {bearer}".encode()))
    asked = HttpCommunicator(with_whip(built.process, pages), method, path, body.encode(), headers)
    answer: dict[str, Any] = await asked.get_response(timeout=5)
    answer["headers"] = {name.decode(): value.decode() for name, value in answer["headers"]}
    return answer


async def in_the_room(built: House, world: World, session_id: UUID) -> Client:
    """The owner of the case, with a media connection: so the room has its place on a node."""
    client = await built.enter(world.specialist, session_id)
    await client.do("arrive")
    await client.send(type="media_join", connection_id="0e3a1a8c-3c26-4d06-9e1c-3f3b2ad7a001")
    await client.until_type("media_offer")
    await client.until_event("participant_entered")
    return client


async def issue(world: World, session_id: UUID) -> str:
    hat = world.specialist
    return await in_database(lambda: issue_pass(hat=hat, session_id=session_id, now=clock.now()))


def published(built: House) -> list[tuple[str, ...]]:
    return [asked for asked in built.nodes.asked if asked[0] == "publish"]


@pytest.mark.parametrize("in_address", [True, False])
async def test_a_pass_publishes_once(built: House, world: World, session_id: UUID, in_address: bool) -> None:
    client = await in_the_room(built, world, session_id)
    token = await issue(world, session_id)
    path, bearer = (f"/whip/{token}/", "") if in_address else ("/whip/", token)
    first = await ask(built, "POST", path, OFFER, bearer=bearer)
    [(_, node, connection_id, sdp)] = published(built)
    assert (first["status"], first["body"].decode()) == (201, f"answer for {connection_id}")
    assert first["headers"]["content-type"] == "application/sdp"
    assert first["headers"]["location"] == f"/whip/sessions/{connection_id}/"
    assert "access-control-allow-origin" not in first["headers"]
    assert (node, sdp) == ("node-1", OFFER)
    grant = built.nodes.grants[connection_id]
    assert (grant.room, grant.participant, grant.device, grant.admitted) == (
        str(session_id),
        client.me,
        True,
        True,
    )
    again = await ask(built, "POST", path, OFFER, bearer=bearer)
    assert (again["status"], b"device.pass_used" in again["body"]) == (403, True)
    assert len(published(built)) == 1
    actions = await in_database(lambda: set(AuditEntry.objects.values_list("action", flat=True)))
    assert {"device.pass_issued", "device.published"} <= actions


async def test_an_unknown_or_missing_token_is_not_authorised(built: House) -> None:
    for path, bearer in (("/whip/", ""), ("/whip/", "x" * 32), (f"/whip/{'x' * 32}/", "")):
        answer = await ask(built, "POST", path, OFFER, bearer=bearer)
        assert (answer["status"], answer["headers"]["www-authenticate"]) == (401, "Bearer")


async def test_a_pass_expires(built: House, world: World, session_id: UUID) -> None:
    await in_the_room(built, world, session_id)
    token = await issue(world, session_id)
    past = clock.now() - timedelta(seconds=1)
    await in_database(lambda: DevicePass.objects.update(expires_at=past))
    answer = await ask(built, "POST", "/whip/", OFFER, bearer=token)
    assert (answer["status"], b"device.pass_expired" in answer["body"]) == (403, True)


async def test_a_newer_pass_ends_an_unused_one(built: House, world: World, session_id: UUID) -> None:
    await in_the_room(built, world, session_id)
    older, newer = await issue(world, session_id), await issue(world, session_id)
    assert (await ask(built, "POST", "/whip/", OFFER, bearer=older))["status"] == 401
    assert (await ask(built, "POST", "/whip/", OFFER, bearer=newer))["status"] == 201


async def test_a_pass_ends_with_its_participants_place(built: House, world: World, session_id: UUID) -> None:
    client = await in_the_room(built, world, session_id)
    token = await issue(world, session_id)
    await client.do("leave")
    answer = await ask(built, "POST", "/whip/", OFFER, bearer=token)
    assert (answer["status"], b"room.not_in" in answer["body"]) == (403, True)


@pytest.mark.parametrize(("code", "status"), [("bad_sdp", 422), ("room_full", 409), ("busy", 503)])
async def test_a_picture_that_never_reached_the_room_does_not_use_its_pass_up(
    built: House, world: World, session_id: UUID, code: str, status: int
) -> None:
    await in_the_room(built, world, session_id)
    token = await issue(world, session_id)
    built.nodes.failing["publish"] = code
    assert (await ask(built, "POST", "/whip/", OFFER, bearer=token))["status"] == status
    del built.nodes.failing["publish"]
    assert (await ask(built, "POST", "/whip/", OFFER, bearer=token))["status"] == 201


async def test_a_machine_ends_its_session_itself(built: House, world: World, session_id: UUID) -> None:
    await in_the_room(built, world, session_id)
    answer = await ask(built, "POST", "/whip/", OFFER, bearer=await issue(world, session_id))
    path = urlsplit(answer["headers"]["location"]).path
    [(_, node, connection_id, _)] = published(built)
    assert (await ask(built, "DELETE", path))["status"] == 200
    assert ("leave", node, connection_id) in built.nodes.asked
    unknown = "/whip/sessions/0e3a1a8c-3c26-4d06-9e1c-3f3b2ad7a001/"
    assert (await ask(built, "DELETE", unknown))["status"] == 404


@pytest.mark.parametrize("do", ["leave", "end_call"])
async def test_a_machine_goes_with_its_participant(
    built: House, world: World, session_id: UUID, do: str
) -> None:
    client = await in_the_room(built, world, session_id)
    await ask(built, "POST", "/whip/", OFFER, bearer=await issue(world, session_id))
    [(_, node, connection_id, _)] = published(built)
    await client.do(do)
    await built.nodes.until(lambda nodes: ("leave", node, connection_id) in nodes.asked)


async def test_what_is_no_offer_is_refused_before_the_pass_is_looked_at(built: House) -> None:
    assert (await ask(built, "POST", "/whip/", "{}", kind="application/json"))["status"] == 415
    assert (await ask(built, "POST", "/whip/", "x" * 40_000))["status"] == 413


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE"])
async def test_the_endpoint_takes_offers_only(built: House, method: str) -> None:
    answer = await ask(built, method, "/whip/")
    assert (answer["status"], answer["headers"]["allow"]) == (405, "POST, OPTIONS")


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH"])
async def test_a_session_can_only_be_ended(built: House, method: str) -> None:
    answer = await ask(built, method, "/whip/sessions/0e3a1a8c-3c26-4d06-9e1c-3f3b2ad7a001/")
    assert (answer["status"], answer["headers"]["allow"]) == (405, "DELETE, OPTIONS")


async def test_options_say_what_is_accepted(built: House) -> None:
    answer = await ask(built, "OPTIONS", "/whip/")
    assert (answer["status"], answer["headers"]["accept-post"]) == (204, "application/sdp")


async def test_turn_servers_are_named_to_a_machine(
    built: House, world: World, session_id: UUID, settings: Any
) -> None:
    settings.TURN_URLS, settings.TURN_SECRET = ["turn:turn.example.org:3478?transport=udp"], "north"
    await in_the_room(built, world, session_id)
    answer = await ask(built, "POST", "/whip/", OFFER, bearer=await issue(world, session_id))
    link = answer["headers"]["link"]
    assert link.startswith('<turn:turn.example.org:3478?transport=udp>; rel="ice-server"; username="')


async def test_other_addresses_are_the_pages(built: House) -> None:
    for path in ("/", "/whips/", "/whipped"):
        assert (await ask(built, "GET", path))["status"] == 299
    assert (await ask(built, "GET", "/whip/no/such/thing"))["status"] == 404
