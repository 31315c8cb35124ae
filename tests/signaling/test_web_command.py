"""The web process as it ships: Daphne on a real port, with its limits, its back-pressure and its way to stop."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.db import connection, transaction
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from telehealth.accounts.enums import Role
from telehealth.accounts.hat import Hat
from telehealth.consultations.domain.announcements import announce_room
from telehealth.consultations.models import RoomEvent, Session
from telehealth.consultations.room_events import ChatPosted
from telehealth.core import clock
from tests.factories import make_person, make_session, make_world
from tests.signaling.rig import in_database, sign_in

pytestmark = pytest.mark.django_db(transaction=True)


class Web:
    """A running `python -m telehealth web` on the test database."""

    def __init__(self, port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
        self.port = port
        self.process = process
        self.log = log

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def room(
        self,
        cookie: str,
        session_id: UUID,
        *,
        origin: str | None = None,
        sock: socket.socket | None = None,
    ) -> connect:
        return connect(
            f"ws://127.0.0.1:{self.port}/ws/rooms/{session_id}/",
            origin=origin or self.origin,  # type: ignore[arg-type]
            additional_headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={cookie}"},
            proxy=None,
            compression=None,
            ping_interval=None,
            sock=sock,
            max_queue=1,
        )

    async def ended(self) -> int:
        return await asyncio.to_thread(self.process.wait, 20)


@asynccontextmanager
async def web(folder: Path) -> AsyncIterator[Web]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    database = urlsplit(os.environ["DATABASE_URL"])
    name = str(connection.settings_dict["NAME"])
    environment = {
        **os.environ,
        "DATABASE_URL": urlunsplit(database._replace(path=f"/{name}"))
        if database.netloc
        else os.environ["DATABASE_URL"].replace(database.path, f"/{name}", 1),
        "ALLOWED_ORIGINS": f"http://127.0.0.1:{port}",
        # The one this process hints to: a parallel worker's settings may be older than its environment.
        "REDIS_URL": settings.REDIS_URL,
        "MEDIA_NODES": "ws://127.0.0.1:9/control",
    }
    log = folder / "web.log"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: ASYNC220  a moment, in a test
            [sys.executable, "-m", "telehealth", "web", "--port", str(port)],
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        async with asyncio.timeout(30):
            while True:
                try:
                    _reader, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.close()
                    break
                except OSError:
                    assert process.poll() is None, log.read_text()
                    await asyncio.sleep(0.05)
        yield Web(port, process, log)
    finally:
        process.kill()
        process.wait()


async def _visitors() -> tuple[UUID, str, Hat]:
    world = await in_database(make_world)
    session = await in_database(lambda: make_session(world))
    return session.id, await sign_in(world.specialist), world.specialist


async def _hello(client: ClientConnection) -> dict[str, object]:
    await client.send(json.dumps({"type": "hello", "protocol": 1, "last_seq": None}))
    welcome: dict[str, object] = json.loads(await client.recv())
    return welcome


async def test_process_keeps_its_limits_and_then_sends_everybody_elsewhere(tmp_path: Path) -> None:
    session_id, cookie, _hat = await _visitors()
    async with web(tmp_path) as served:
        with pytest.raises(InvalidStatus) as refused:
            await served.room(cookie, session_id, origin="http://evil.example")
        assert refused.value.response.status_code == 403

        async with served.room(cookie, session_id) as client:
            await _hello(client)
            await client.send("x" * 70_000)
            with pytest.raises(ConnectionClosed):
                await client.recv()
            assert client.close_code == 1009

        async with served.room(cookie, session_id) as client:
            assert (await _hello(client))["type"] == "welcome"
            served.process.send_signal(signal.SIGTERM)
            draining = json.loads(await client.recv())
            assert draining["type"] == "draining"
            assert 0 <= draining["retry_after_ms"] <= 5000
            with pytest.raises(ConnectionClosed):
                await client.recv()
            assert client.close_code == 1012
        assert await served.ended() == 0
        assert "Traceback" not in served.log.read_text()


async def test_client_that_does_not_read_is_dropped_and_the_others_read_on(tmp_path: Path) -> None:
    session_id, cookie, _hat = await _visitors()
    other = await sign_in(await in_database(lambda: _second_specialist(session_id)))
    async with web(tmp_path) as served, served.room(other, session_id) as reader:
        narrow = socket.socket()
        narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        await asyncio.to_thread(narrow.connect, ("127.0.0.1", served.port))
        async with served.room(cookie, session_id, sock=narrow) as deaf:
            await _hello(deaf)
            await _hello(reader)
            seq, seen = 1, 1
            async with asyncio.timeout(90):
                while "reads too slowly" not in served.log.read_text():
                    await in_database(partial(_write_chat, session_id, after=seq, lines=40))
                    seq += 40
                    while seen < seq:
                        seen = json.loads(await reader.recv())["events"][-1]["seq"]
            await reader.send('{"type":"ping","n":2}')
            assert json.loads(await reader.recv())["type"] == "pong"
            deaf.transport.abort()
    assert "Traceback" not in served.log.read_text()


def _second_specialist(session_id: UUID) -> Hat:
    request = Session.objects.get(id=session_id).request
    assert request.hub is not None
    return make_person(request.hub, Role.SPECIALIST, specialty=request.specialty)


def _write_chat(session_id: UUID, *, after: int, lines: int) -> None:
    """Let much happen in a room at once, and say so as the domain does."""
    line = ChatPosted(message_id=uuid4(), participant_id=uuid4(), text="a" * 4000).model_dump(mode="json")
    with transaction.atomic():
        session = Session.objects.select_for_update().get(id=session_id)
        RoomEvent.objects.bulk_create(
            RoomEvent(session=session, seq=after + n, at=clock.now(), body=line) for n in range(1, lines + 1)
        )
        session.seq = after + lines
        session.save()
        announce_room(session, now=clock.now())


async def test_second_signal_stops_at_once(tmp_path: Path) -> None:
    session_id, cookie, _hat = await _visitors()
    async with web(tmp_path) as served, served.room(cookie, session_id) as client:
        await _hello(client)
        served.process.send_signal(signal.SIGTERM)
        assert json.loads(await client.recv())["type"] == "draining"
        served.process.send_signal(signal.SIGTERM)
        assert await served.ended() == 0
