"""A whole node on loopback inside the test's event loop, its client, and a page for real browsers."""

import asyncio
import contextlib
import itertools
import json
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import TypeVar

import ifaddr
from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from media import control
from media.client import MediaNodes, NodeEvent
from media.grants import Grant, sign_grant
from media.io.port import MediaPort
from media.server import ControlServer
from media.service import Service
from tests.media.synthetic import SyntheticBrowser, SyntheticDevice

T = TypeVar("T")
E = TypeVar("E", bound=NodeEvent)
SECRET = b"a secret of the tests, 32 bytes.."
PAGE = Path(__file__).with_name("page.html")


def grant(
    room: str,
    participant: str,
    *,
    epoch: int = 1,
    seconds: float = 600,
    admitted: bool = True,
    publish: bool = True,
    device: bool = False,
) -> str:
    """Sign a grant that holds from now on."""
    now = time.time()
    return sign_grant(
        Grant(
            room=room,
            participant=participant,
            epoch=epoch,
            issued_at=now,
            expires_at=now + seconds,
            admitted=admitted,
            publish=publish,
            device=device,
        ),
        key=SECRET,
    )


def own_address() -> str:
    """Return an address of this machine's that is not loopback: Firefox, GStreamer and TURN do not use that."""
    ips = (ip for adapter in ifaddr.get_adapters() for ip in adapter.ips if ip.is_IPv4)
    return next(str(ip.ip) for ip in ips if not str(ip.ip).startswith("127."))


@dataclass
class Journal:
    """Everything a client was told, in order."""

    events: list[NodeEvent] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def heard(self, node: str, event: NodeEvent) -> None:
        self.events.append(event)
        self.changed.set()

    async def wait_for(self, condition: Callable[[], T], seconds: float = 10) -> T:
        """Wait until an event makes `condition` true."""
        async with asyncio.timeout(seconds):
            while not (result := condition()):
                self.changed.clear()
                await self.changed.wait()
            return result


@dataclass
class Node:
    """A running node with one connected client."""

    port: MediaPort
    service: Service
    server: ControlServer
    nodes: MediaNodes
    url: str
    name: str
    journal: Journal

    async def event(self, kind: type[E], seconds: float = 10, **fields: object) -> E:
        """Wait for the first event of a kind whose fields are as given."""

        def found() -> E | None:
            for event in self.journal.events:
                if isinstance(event, kind) and all(getattr(event, k) == v for k, v in fields.items()):
                    return event
            return None

        event = await self.journal.wait_for(found, seconds)
        assert event is not None
        return event

    def events(self, kind: type[E]) -> list[E]:
        """Return the events of a kind so far."""
        return [event for event in self.journal.events if isinstance(event, kind)]


@contextlib.asynccontextmanager
async def running_node(
    name: str = "test-node", *, control_port: int = 0, address: str = "127.0.0.1"
) -> AsyncIterator[Node]:
    """Start a node and its client on free ports; media on `address`."""
    port = MediaPort.open(address, 0, announce=(address,))
    server = ControlServer(secret=SECRET)
    service = Service(port=port, node=name, instance=uuid.uuid4().hex, secret=SECRET, emit=server.emit)
    control_port = await server.start(service, "127.0.0.1", control_port)
    service.start()
    url = f"ws://127.0.0.1:{control_port}/control"
    journal = Journal()
    nodes = MediaNodes([url], secret=SECRET, on_event=journal.heard)
    node = Node(port=port, service=service, server=server, nodes=nodes, url=url, name=name, journal=journal)
    await nodes.start(wait_seconds=5)
    try:
        yield node
    finally:
        await nodes.close()
        await service.close()
        await server.close()
        port.close()


async def until(probe: Callable[[], Awaitable[T]], condition: Callable[[T], bool], seconds: float = 15) -> T:
    """Ask `probe` (something that has no event to wait for, like a browser's statistics) until `condition` holds."""
    value: T | None = None
    try:
        async with asyncio.timeout(seconds):
            while True:
                value = await probe()
                if condition(value):
                    return value
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"condition never held; last value {value!r}") from None


async def settled(condition: Callable[[], bool], seconds: float = 15) -> None:
    """Wait until something without an event of its own, like a counter, is as wanted."""
    async with asyncio.timeout(seconds):
        while True:
            if condition():
                return
            await asyncio.sleep(0.002)


@contextlib.asynccontextmanager
async def page_server(node: Node, room: str = "room") -> AsyncIterator[str]:
    """Serve the test page and carry its signaling to the node. Gives the page's address."""
    numbers = itertools.count(1)

    def process_request(connection: ServerConnection, request: Request) -> Response | None:
        if request.path == "/ws":
            return None
        if request.path.partition("?")[0] == "/":
            headers = Headers([("Content-Type", "text/html; charset=utf-8"), ("Connection", "close")])
            return Response(HTTPStatus.OK, "OK", headers, PAGE.read_bytes())
        return connection.respond(HTTPStatus.NOT_FOUND, "not here\n")

    async def tell(socket: ServerConnection, connection_id: str) -> None:
        told = 0
        while True:
            for event in node.journal.events[told:]:
                told += 1
                if getattr(event, "connection_id", None) == connection_id and isinstance(
                    event, control.Connected | control.Disconnected | control.Slots
                ):
                    await socket.send(event.model_dump_json())
            node.journal.changed.clear()
            waiter = asyncio.create_task(node.journal.changed.wait())
            await asyncio.wait([waiter], timeout=0.05)
            waiter.cancel()

    async def signal(socket: ServerConnection) -> None:
        connection_id = f"page-{next(numbers)}"
        teller = asyncio.create_task(tell(socket, connection_id))
        try:
            async for text in socket:
                message = json.loads(text)
                if message["type"] == "join":
                    token = grant(room, message["participant"])
                    sdp = await node.nodes.join(node.name, connection_id, token)
                    await socket.send(json.dumps({"type": "offer", "sdp": sdp}))
                else:
                    await node.nodes.answer(node.name, connection_id, message["sdp"])
        except ConnectionClosed:
            pass
        finally:
            teller.cancel()

    async with serve(signal, "127.0.0.1", 0, process_request=process_request) as server:
        yield f"http://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"


@contextlib.asynccontextmanager
async def joined(
    node: Node,
    participant: str,
    *,
    room: str = "room",
    connection_id: str | None = None,
    admitted: bool = True,
    publish: bool = True,
) -> AsyncIterator[SyntheticBrowser]:
    """A synthetic browser that is connected to a room, or on standby for it."""
    identifier = connection_id or f"{participant}-1"
    browser = SyntheticBrowser()
    token = grant(room, participant, admitted=admitted, publish=publish)
    offer = await node.nodes.join(node.name, identifier, token)
    await node.nodes.answer(node.name, identifier, await browser.answer(offer))
    await browser.connect()
    await node.event(control.Connected, connection_id=identifier)
    try:
        yield browser
    finally:
        await browser.close()


@contextlib.asynccontextmanager
async def publishing(
    node: Node, participant: str, *, room: str = "room", connection_id: str | None = None
) -> AsyncIterator[SyntheticDevice]:
    """A synthetic device that is connected on behalf of a participant."""
    identifier = connection_id or f"{participant}-device"
    device = SyntheticDevice()
    offer = await device.make_offer()
    answer = await node.nodes.publish(node.name, identifier, grant(room, participant, device=True), offer)
    await device.take(answer)
    await node.event(control.Connected, connection_id=identifier)
    try:
        yield device
    finally:
        await device.close()
