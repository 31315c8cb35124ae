"""The web process's end of the control protocol: one connection to every media node. No Django.

    nodes = MediaNodes(["ws://127.0.0.1:7900/control"], secret=key, on_event=handle)
    await nodes.start()
    node = nodes.pick()                                  # name of the least loaded node
    sdp = await nodes.join(node, connection_id, grant)   # the browser's offer
    await nodes.answer(node, connection_id, answer_sdp)  # `Connected` comes to `on_event`

A node is known by its *name* (`MEDIA_NODE_NAME`), which is what a room's row should store.
"""

import asyncio
import contextlib
import logging
import random
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from pydantic import ValidationError
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus, WebSocketException

from media import control
from media.grants import sign_control

logger = logging.getLogger(__name__)

COMMAND_SECONDS = 5.0
CONNECT_SECONDS = 3.0
RECONNECT_LEAST = 0.2
RECONNECT_MOST = 1.0  # a node that drains waits for us to find the other, which has just been restarted
CONNECTION_CPU = 0.02  # a connection weighs as much, so that idle nodes get alike many
ROOM_CONNECTIONS = 2  # what a room is taken for before the node's next report
MAX_MESSAGE = 96 * 1024


class MediaError(Exception):
    """A node refused a command. `code` is one of `control.Failed`'s, or `unavailable` when the node cannot be asked
    or does not answer: then the command may or may not have been done, and may be sent again."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class NodeUp:
    """A node can be used. `restarted`: it is not the instance we knew, and every room it had is gone."""

    node: str
    instance: str
    restarted: bool


@dataclass(frozen=True, slots=True)
class NodeDown:
    """The control connection broke. Media may still flow; the node may be back in a moment, or dead."""

    node: str
    instance: str


@dataclass(frozen=True, slots=True)
class NodeGone:
    """Nobody listens where the node was: its process is gone, and its rooms with it."""

    node: str
    instance: str


NodeEvent = (
    control.Connected
    | control.Disconnected
    | control.Slots
    | control.Weak
    | control.Wanted
    | control.LineState
    | control.Load
    | NodeUp
    | NodeDown
    | NodeGone
)
Reply = control.Offer | control.Answered | control.Done
OnEvent = Callable[[str, NodeEvent], None]
"""Called with the node's name, on the event loop, in order. Must not block; start a task for anything long."""


class MediaNodes:
    """All media nodes. One instance per web process; every method runs on the loop that called `start`."""

    def __init__(
        self,
        urls: Sequence[str],
        *,
        secret: bytes,
        on_event: OnEvent,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._links = [_Link(url, secret=secret, on_event=on_event, clock=clock, nodes=self) for url in urls]
        self._by_name: dict[str, _Link] = {}

    async def start(self, wait_seconds: float = 0.0) -> None:
        """Begin connecting; wait up to `wait_seconds` until one node can be used."""
        for link in self._links:
            link.start()
        if wait_seconds and self._links:
            waits = [asyncio.create_task(link.up.wait()) for link in self._links]
            await asyncio.wait(waits, timeout=wait_seconds, return_when=asyncio.FIRST_COMPLETED)
            for wait in waits:
                wait.cancel()

    async def close(self) -> None:
        """Disconnect from all nodes. Their rooms live on."""
        await asyncio.gather(*(link.close() for link in self._links))

    # --- which node -------------------------------------------------------------------------------------------

    def up(self) -> list[str]:
        """Return the names of the nodes that can be asked now."""
        return [name for name, link in self._by_name.items() if link.up.is_set()]

    def instance(self, node: str) -> str | None:
        """Return the running instance of a node, or None while it is down."""
        link = self._by_name.get(node)
        return link.instance if link is not None and link.up.is_set() else None

    def loads(self) -> dict[str, control.Load]:
        """Return the last load report of each node that can be asked now."""
        return {name: load for name in self.up() if (load := self._by_name[name].load) is not None}

    def pick(self, exclude: Iterable[str] = ()) -> str | None:
        """Return the node to place a new room on: not draining, the least busy, with chance among equals.

        What was placed since a node last reported is counted in: the rooms of a node that drains come all at once.
        None: there is no such node.
        """
        avoided = set(exclude)
        candidates: list[tuple[float, float, str]] = []
        for name in self.up():
            link = self._by_name[name]
            if name in avoided or link.load is None or link.load.draining:
                continue
            chance = random.random()  # noqa: S311  spreads rooms, hides nothing
            connections = link.load.connections + link.picked * ROOM_CONNECTIONS
            candidates.append((round(link.load.cpu + connections * CONNECTION_CPU, 2), chance, name))
        if not candidates:
            return None
        chosen = min(candidates)[2]
        self._by_name[chosen].picked += 1
        return chosen

    # --- commands ---------------------------------------------------------------------------------------------

    async def join(self, node: str, connection_id: str, grant: str) -> str:
        """Return the offer of a new connection.

        Raises:
            MediaError: bad_grant, room_full, draining, busy, unavailable.
        """
        command = control.Join(request_id=_id(), connection_id=connection_id, grant=grant)
        reply = await self._ask(node, command)
        if not isinstance(reply, control.Offer):
            raise MediaError("internal", "the node answered a join without an offer")
        return reply.sdp

    async def answer(self, node: str, connection_id: str, sdp: str) -> None:
        """Hand over the browser's answer.

        Raises:
            MediaError: bad_sdp, unknown_connection, unavailable.
        """
        if len(sdp) > control.MAX_SDP_BYTES:
            raise MediaError("bad_sdp", "answer is too large")
        await self._ask(node, control.Answer(request_id=_id(), connection_id=connection_id, sdp=sdp))

    async def publish(self, node: str, connection_id: str, grant: str, sdp: str) -> str:
        """Hand over a device's offer; return the answer to it.

        Raises:
            MediaError: bad_grant, bad_sdp, room_full, draining, busy, unavailable.
        """
        if len(sdp) > control.MAX_SDP_BYTES:
            raise MediaError("bad_sdp", "offer is too large")
        command = control.Publish(request_id=_id(), connection_id=connection_id, grant=grant, sdp=sdp)
        reply = await self._ask(node, command)
        if not isinstance(reply, control.Answered):
            raise MediaError("internal", "the node answered an offer without an answer")
        return reply.sdp

    async def renew(self, node: str, connection_id: str, grant: str) -> None:
        """Lengthen a connection's life.

        Raises:
            MediaError: bad_grant, unknown_connection, unavailable.
        """
        await self._ask(node, control.Renew(request_id=_id(), connection_id=connection_id, grant=grant))

    async def tune(
        self,
        node: str,
        connection_id: str,
        *,
        sound_only: bool | None = None,
        uplink: int | None = None,
        heights: dict[str, int] | None = None,
    ) -> None:
        """Tell what one end of a connection says about itself (`control.Tune`).

        Raises:
            MediaError: unknown_connection, unavailable.
        """
        command = control.Tune(
            request_id=_id(),
            connection_id=connection_id,
            sound_only=sound_only,
            uplink=uplink,
            heights=heights,
        )
        await self._ask(node, command)

    async def leave(self, node: str, connection_id: str) -> None:
        """Close a connection.

        Raises:
            MediaError: unavailable.
        """
        await self._ask(node, control.Leave(request_id=_id(), connection_id=connection_id))

    async def remove(self, node: str, room: str, participant: str) -> None:
        """Put a participant out of a room for good, until a newer grant.

        Raises:
            MediaError: unavailable.
        """
        await self._ask(node, control.Remove(request_id=_id(), room=room, participant=participant))

    async def close_room(self, node: str, room: str) -> None:
        """Close a room.

        Raises:
            MediaError: unavailable.
        """
        await self._ask(node, control.CloseRoom(request_id=_id(), room=room))

    async def _ask(self, node: str, command: control.Command) -> Reply:
        link = self._by_name.get(node)
        if link is None:
            raise MediaError("unavailable", "no such node is known")
        return await link.ask(command)

    def named(self, name: str, link: "_Link") -> None:
        """Called by a link that learned its node's name."""
        other = self._by_name.get(name)
        if other is not None and other is not link:
            logger.error("two media nodes are called %s; give each its own MEDIA_NODE_NAME", name)
        self._by_name[name] = link


class _Link:
    """The connection to one node."""

    def __init__(
        self, url: str, *, secret: bytes, on_event: OnEvent, clock: Callable[[], float], nodes: MediaNodes
    ) -> None:
        self.up = asyncio.Event()
        self.instance = ""
        self.load: control.Load | None = None
        self.picked = 0
        self._gone = False
        self._url = url
        self._secret = secret
        self._on_event = on_event
        self._clock = clock
        self._nodes = nodes
        self._name = ""
        self._socket: ClientConnection | None = None
        self._waiting: dict[str, asyncio.Future[Reply]] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def ask(self, command: control.Command) -> Reply:
        if self._socket is None or not self.up.is_set():
            raise MediaError("unavailable", "the node cannot be reached")
        reply: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._waiting[command.request_id] = reply
        try:
            async with asyncio.timeout(COMMAND_SECONDS):
                await self._socket.send(command.model_dump_json())
                return await reply
        except (TimeoutError, WebSocketException) as error:
            raise MediaError("unavailable", "the node does not answer") from error
        finally:
            self._waiting.pop(command.request_id, None)

    async def _run(self) -> None:
        wait = RECONNECT_LEAST
        while True:
            try:
                await self._session()
                wait = RECONNECT_LEAST
            except InvalidStatus as error:
                logger.error(
                    "media node at %s refuses the control connection (HTTP %d): is MEDIA_SECRET the same on both sides?",
                    self._url,
                    error.response.status_code,
                )
            except (OSError, TimeoutError, WebSocketException) as error:
                logger.warning("media node at %s cannot be reached: %s", self._url, type(error).__name__)
                if isinstance(error, ConnectionRefusedError) and self._name and not self._gone:
                    self._gone = True
                    self._tell(NodeGone(node=self._name, instance=self.instance))
            finally:
                self._down()
            # Full jitter: many web processes must not come back in step.
            await asyncio.sleep(random.uniform(0, wait))  # noqa: S311
            wait = min(wait * 2, RECONNECT_MOST)

    async def _session(self) -> None:
        token = sign_control(key=self._secret, now=self._clock())
        async with connect(
            self._url,
            additional_headers={"Authorization": f"Bearer {token}"},
            open_timeout=CONNECT_SECONDS,
            close_timeout=1,
            ping_interval=1,
            ping_timeout=2,
            max_size=MAX_MESSAGE,
            compression=None,
            proxy=None,
        ) as socket:
            self._socket = socket
            async for text in socket:
                try:
                    self._received(control.EVENTS.validate_json(text))
                except ValidationError:
                    logger.error("media node at %s speaks another protocol version", self._url)
                    return

    def _received(self, event: control.Event) -> None:
        match event:
            case control.Hello():
                self._hello(event)
            case control.Offer() | control.Answered() | control.Done():
                reply = self._waiting.get(event.request_id)
                if reply is not None and not reply.done():
                    reply.set_result(event)
            case control.Failed():
                reply = self._waiting.get(event.request_id)
                if reply is not None and not reply.done():
                    reply.set_exception(MediaError(event.code, event.detail))
            case control.Load():
                self.load, self.picked = event, 0
                self._tell(event)
            case _:
                self._tell(event)

    def _hello(self, hello: control.Hello) -> None:
        restarted = self.instance not in ("", hello.instance)
        self._name, self.instance = hello.node, hello.instance
        self._nodes.named(hello.node, self)
        self._gone = False
        self.up.set()
        self._tell(NodeUp(node=hello.node, instance=hello.instance, restarted=restarted))

    def _down(self) -> None:
        self._socket = None
        self.load = None
        for reply in self._waiting.values():
            if not reply.done():
                reply.set_exception(MediaError("unavailable", "the connection to the node broke"))
        if self.up.is_set():
            self.up.clear()
            self._tell(NodeDown(node=self._name, instance=self.instance))

    def _tell(self, event: NodeEvent) -> None:
        try:
            self._on_event(self._name, event)
        except Exception:  # the handler's bug must not cut the control connection
            logger.exception("handling a media event failed")


def _id() -> str:
    return uuid.uuid4().hex
