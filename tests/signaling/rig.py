"""A web process's sockets with real PostgreSQL and Valkey, and clients that speak the protocol."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar
from uuid import UUID, uuid4

from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.db import close_old_connections
from django.test import Client as Browser

from signaling.origin import Application
from signaling.process import Process, Timings
from signaling.routing import websockets
from telehealth.accounts.hat import Hat
from tests.factories import PASSWORD
from tests.signaling.fakes import FakeMediaNodes

T = TypeVar("T")

ORIGIN = settings.ALLOWED_ORIGINS[0]
QUICK = Timings(tick=0.05, poll=0.3, grace=0.2, database=3.0, beat=0.1, node_grace=0.1)
PATIENCE = 5.0


class Client:
    """One browser tab on one room."""

    def __init__(
        self,
        application: Application,
        path: str,
        cookie: str,
        *,
        origin: str | None = ORIGIN,
        language: str = "vi",
    ) -> None:
        headers = [(b"cookie", f"{settings.SESSION_COOKIE_NAME}={cookie}; language={language}".encode())]
        if origin is not None:
            headers.append((b"origin", origin.encode()))
        self.socket = WebsocketCommunicator(application, path, headers=headers)
        self.me = ""
        self.seq = 0
        self.events: list[dict[str, Any]] = []
        self.permissions: dict[str, bool] = {}
        self.snapshot: dict[str, Any] = {}
        self.closed: int | None = None

    async def open(self) -> bool:
        accepted, _code = await self.socket.connect(timeout=PATIENCE)
        return bool(accepted)

    async def send(self, **message: Any) -> None:
        await self.socket.send_input({"type": "websocket.receive", "text": json.dumps(message, default=str)})

    async def send_raw(self, text: str) -> None:
        await self.socket.send_input({"type": "websocket.receive", "text": text})

    async def next(self) -> dict[str, Any]:
        """Return the next message, {"type": "closed", "code": …} at the end."""
        if self.closed is not None:
            raise AssertionError(f"the socket is closed: {self.closed}")
        event = await self.socket.receive_output(timeout=PATIENCE)
        if event["type"] == "websocket.close":
            self.closed = event["code"]
            return {"type": "closed", "code": event["code"]}
        message: dict[str, Any] = json.loads(event["text"])
        self._note(message)
        return message

    async def until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE):
            while True:
                message = await self.next()
                if wanted(message):
                    return message

    async def until_type(self, *types: str) -> dict[str, Any]:
        return await self.until(lambda message: message["type"] in types)

    async def until_event(self, kind: str, **fields: Any) -> dict[str, Any]:
        """Return the body of the first logged event of a kind, already seen or still to come."""

        def fits(body: dict[str, Any]) -> bool:
            return body["kind"] == kind and all(str(body[k]) == str(v) for k, v in fields.items())

        while True:
            for event in self.events:
                if fits(event["body"]):
                    body: dict[str, Any] = event["body"]
                    return body
            await self.until_type("events")

    async def until_closed(self) -> int:
        return int((await self.until_type("closed"))["code"])

    async def hello(self, last_seq: int | None = None) -> dict[str, Any]:
        await self.send(type="hello", protocol=1, last_seq=last_seq)
        return await self.until_type("welcome", "closed")

    async def do(self, do: str, *, key: UUID | None = None, **fields: Any) -> dict[str, Any]:
        """Give a command; return its ack or refusal."""
        key = key or uuid4()
        await self.send(type="command", key=key, action={"do": do, **fields})
        return await self.until(lambda m: m.get("key") == str(key))

    async def leave_line(self) -> None:
        """Break the line without a word."""
        await self.socket.send_input({"type": "websocket.disconnect", "code": 1006})
        await self.socket.wait(timeout=PATIENCE)

    def _note(self, message: dict[str, Any]) -> None:
        if message["type"] == "welcome":
            self.me = message["participant_id"]
            self.permissions = message["permissions"]
            if message["snapshot"]:
                self.snapshot = message["snapshot"]
                self.seq = self.snapshot["seq"]
        for event in message.get("events", ()):
            assert event["seq"] == self.seq + 1, "the log has a gap or repeats"
            self.seq = event["seq"]
            self.events.append(event)


class House:
    """The sockets of one web process."""

    def __init__(self, process: Process, nodes: FakeMediaNodes) -> None:
        self.process = process
        self.nodes = nodes
        self.application = websockets(process)
        self._clients: list[Client] = []

    async def visit(self, hat: Hat, path: str, **options: Any) -> Client:
        """Open a socket for a signed-in person."""
        cookie = options.pop("cookie", None) or await sign_in(hat)
        client = Client(self.application, path, cookie, **options)
        self._clients.append(client)
        assert await client.open()
        return client

    async def enter(self, hat: Hat, session_id: UUID, **options: Any) -> Client:
        """Open a room's socket and say hello."""
        client = await self.visit(hat, f"/ws/rooms/{session_id}/", **options)
        assert (await client.hello())["type"] == "welcome"
        return client

    async def close(self) -> None:
        for client in self._clients:
            client.socket.stop(exceptions=False)
        await self.process.close()


@asynccontextmanager
async def house(timings: Timings = QUICK, nodes: FakeMediaNodes | None = None) -> AsyncIterator[House]:
    nodes = nodes or FakeMediaNodes()
    built = House(Process(nodes.make, timings=timings), nodes)
    try:
        yield built
    finally:
        await built.close()


async def sign_in(hat: Hat) -> str:
    """Return the session cookie of a fresh sign-in."""

    def enter() -> str:
        browser = Browser()
        assert browser.login(username=hat.user.username, password=PASSWORD)
        session = browser.session
        session["membership"] = str(hat.membership.id)
        session.save()
        return str(session.session_key)

    return await in_database(enter)


async def in_database(function: Callable[[], T]) -> T:
    """Run synchronous code in a thread of its own, as a request would."""

    def run() -> T:
        try:
            return function()
        finally:
            close_old_connections()

    result: T = await sync_to_async(run, thread_sensitive=False)()
    return result
