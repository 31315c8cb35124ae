"""A room's socket against a server that plays a room from a script."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from signaling.protocol import messages as wire
from telehealth.consultations import room_events as events
from telehealth.selftest.report import Trouble
from telehealth.selftest.room import RoomSocket
from telehealth.selftest.visitor import Address, Visitor

ME, OTHER = UUID(int=1), UUID(int=2)
AT = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
Script = Callable[[ServerConnection, dict[str, Any]], Awaitable[None]]
seen: list[Request] = []


def welcome() -> str:
    snapshot = events.RoomSnapshot(
        session_id=UUID(int=9), seq=4, state="waiting", epoch=0, patient_present=False, opened_at=AT,
        live_since=None, ended_at=None, end_reason=None, participants=(), chat=(),
    )  # fmt: skip
    permissions = wire.Permissions(admit=True, mark_patient=True, remove=True, end_call=True)
    return wire.Welcome(participant_id=ME, permissions=permissions, snapshot=snapshot).model_dump_json()


def happened(seq: int) -> str:
    body = events.ParticipantEntered(participant_id=OTHER)
    return wire.Events(events=(events.LoggedEvent(seq=seq, at=AT, body=body),)).model_dump_json()


@asynccontextmanager
async def room(script: Script, *, status: int = 101) -> AsyncIterator[RoomSocket]:
    async def play(socket: ServerConnection) -> None:
        async for text in socket:
            await script(socket, json.loads(text))

    def admit(_socket: ServerConnection, request: Request) -> Response | None:
        seen.append(request)
        return None if status == 101 else Response(status, "no", Headers())

    async with serve(play, "127.0.0.1", 0, process_request=admit) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        visitor = Visitor(Address(f"http://127.0.0.1:{port}", "https://hoichan.example.vn"), language="vi")
        visitor.cookies["sessionid"] = "s1"
        async with RoomSocket(visitor, "/ws/rooms/9/") as socket:
            yield socket


async def obliging(socket: ServerConnection, message: dict[str, Any]) -> None:
    match message["type"]:
        case "hello":
            await socket.send(welcome())
        case "command":
            await socket.send(happened(5))
            await socket.send(wire.Ack(key=message["key"], seq=5).model_dump_json())


async def test_says_hello_does_a_command_and_hears_what_happened() -> None:
    seen.clear()
    async with room(obliging) as socket:
        assert (await socket.hello()).participant_id == ME
        assert await socket.command(wire.Arrive()) == 5
        assert await socket.event(events.ParticipantEntered) == events.ParticipantEntered(
            participant_id=OTHER
        )
        assert socket.seq == 5
    headers = seen[0].headers
    assert headers["Host"] == "hoichan.example.vn"
    assert headers["Origin"] == "https://hoichan.example.vn"
    assert headers["Cookie"] == "language=vi; sessionid=s1"
    assert headers["X-Forwarded-Proto"] == "https"


@pytest.mark.parametrize("seq", [4, 6])
async def test_a_repeated_or_missing_event_is_trouble(seq: int) -> None:
    async def gap(socket: ServerConnection, message: dict[str, Any]) -> None:
        await socket.send(welcome())
        await socket.send(happened(seq))

    async with room(gap) as socket:
        await socket.hello()
        with pytest.raises(Trouble) as refused:
            await socket.event(events.WentLive)
    assert refused.value.code == "room.gap"


async def test_a_refused_command_is_trouble_in_the_servers_words() -> None:
    async def refuse(socket: ServerConnection, message: dict[str, Any]) -> None:
        if message["type"] == "hello":
            await socket.send(welcome())
        else:
            refused = wire.Refused(key=message["key"], code="room.full", text="Phòng đã đủ 6 người.")
            await socket.send(refused.model_dump_json())

    async with room(refuse) as socket:
        await socket.hello()
        with pytest.raises(Trouble) as refused:
            await socket.command(wire.Arrive())
    assert (refused.value.code, refused.value.text) == ("room.full", "Phòng đã đủ 6 người.")


async def test_a_closed_socket_is_trouble_with_its_code() -> None:
    async def close(socket: ServerConnection, _message: dict[str, Any]) -> None:
        await socket.close(4404)

    async with room(close) as socket:
        with pytest.raises(Trouble) as refused:
            await socket.hello()
    assert refused.value.code == "room.closed"
    assert "4404" in refused.value.text


async def test_silence_is_trouble_after_a_time() -> None:
    async def nothing(_socket: ServerConnection, _message: dict[str, Any]) -> None:
        await asyncio.sleep(0)

    async with room(nothing) as socket:
        with pytest.raises(Trouble) as refused:
            await socket.message(wire.Welcome, seconds=0.05)
    assert refused.value.code == "room.silent"
    assert "Valkey" in refused.value.cure


@pytest.mark.parametrize(("status", "cure"), [(403, "ALLOWED_ORIGINS"), (404, "proxy")])
async def test_a_refused_upgrade_names_the_cure(status: int, cure: str) -> None:
    with pytest.raises(Trouble) as refused:
        async with room(obliging, status=status):
            pass
    assert refused.value.code == "room.refused"
    assert cure in refused.value.cure
