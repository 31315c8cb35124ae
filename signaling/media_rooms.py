"""The media nodes as the sockets see them: which socket a node's event is for, and when a node counts as lost."""

import asyncio
import logging
import math
import random
import time
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Protocol
from uuid import UUID

from media import control
from media.client import MediaError, NodeDown, NodeEvent, NodeGone, NodeUp, OnEvent
from signaling.effects import (
    LineHeard,
    MediaOver,
    MediaSilent,
    MediaUp,
    News,
    NodeDraining,
    NodeLost,
    SlotsChanged,
    WantedChanged,
)
from signaling.line_book import line_of
from signaling.protocol.messages import LineFigures

logger = logging.getLogger(__name__)

Post = Callable[[News], None]


class Nodes(Protocol):
    """What is used of `media.client.MediaNodes`, and imitated in tests."""

    async def start(self, wait_seconds: float = 0.0) -> None: ...
    async def close(self) -> None: ...
    def up(self) -> list[str]: ...
    def instance(self, node: str) -> str | None: ...
    def pick(self, exclude: Iterable[str] = ()) -> str | None: ...
    async def join(self, node: str, connection_id: str, grant: str) -> str: ...
    async def answer(self, node: str, connection_id: str, sdp: str) -> None: ...
    async def publish(self, node: str, connection_id: str, grant: str, sdp: str) -> str: ...
    async def renew(self, node: str, connection_id: str, grant: str) -> None: ...
    async def tune(
        self,
        node: str,
        connection_id: str,
        *,
        sound_only: bool | None = None,
        uplink: int | None = None,
        heights: dict[str, int] | None = None,
    ) -> None: ...
    async def leave(self, node: str, connection_id: str) -> None: ...
    async def remove(self, node: str, room: str, participant: str) -> None: ...
    async def close_room(self, node: str, room: str) -> None: ...


MakeNodes = Callable[[OnEvent], Nodes]
Deed = Callable[[str], Coroutine[Any, Any, None]]
"""A command for a node, by its name."""

MAX_OWED = 1000


class MediaRooms:
    """One per process."""

    def __init__(
        self, make_nodes: MakeNodes, *, spawn: Callable[[Coroutine[Any, Any, Any]], Any], node_grace: float
    ) -> None:
        self.nodes = make_nodes(self._on_event)
        self._spawn = spawn
        self._node_grace = node_grace
        self._down_since: dict[str, float] = {}
        self._draining: set[str] = set()
        self._owners: dict[str, Post] = {}
        self._posts: dict[str, Post] = {}
        self._done: dict[object, None] = {}
        self._known: set[str] = set()
        self._owed: dict[str, list[Deed]] = {}
        self._started_at = time.monotonic()

    async def start(self) -> None:
        await self.nodes.start()

    async def close(self) -> None:
        await self.nodes.close()

    # --- who hears what ----------------------------------------------------------------------------------------

    def add(self, socket_id: str, post: Post) -> None:
        """Let a socket hear of lost nodes."""
        self._posts[socket_id] = post

    def discard(self, socket_id: str) -> None:
        post = self._posts.pop(socket_id, None)
        for connection_id in [c for c, owner in self._owners.items() if owner is post]:
            del self._owners[connection_id]

    def own(self, connection_id: UUID, post: Post) -> None:
        """Let a socket hear of a connection. To be called before the node is asked for it."""
        self._owners[str(connection_id)] = post

    def disown(self, connection_id: UUID) -> None:
        self._owners.pop(str(connection_id), None)

    # --- where rooms live --------------------------------------------------------------------------------------

    def choose(self, avoid: Iterable[str] = ()) -> str | None:
        """Return the node for a room to be placed; None when there is none."""
        avoided = self._draining.union(avoid)
        # A node that has just come up has told no load yet.
        return self.nodes.pick(avoided) or next((n for n in self.nodes.up() if n not in avoided), None)

    def _is_another(self, node: str) -> bool:
        return any(other != node and other not in self._draining for other in self.nodes.up())

    def may_return(self, node: str) -> bool:
        """Say whether a node that cannot be asked is missing for so short a time that waiting beats moving."""
        since = self._down_since.get(node, self._started_at)
        return time.monotonic() - since < self._node_grace

    def is_draining(self, node: str) -> bool:
        """Say whether a node is about to stop. It takes nobody in, but forwards what it has."""
        return node in self._draining

    async def everywhere(self, deed: Deed) -> None:
        """Have every node do something that has no effect where there is nothing to do.

        A node that cannot be asked now is asked when it is back: whoever is put out must not go on there.
        """
        await asyncio.gather(*(self._do(node, deed) for node in sorted(self._known)))

    async def _do(self, node: str, deed: Deed) -> None:
        try:
            await deed(node)
        except MediaError as error:
            logger.warning("media node %s: %s", node, error.code)
            if error.code == "unavailable":
                owed = self._owed.setdefault(node, [])
                owed.append(deed)
                del owed[:-MAX_OWED]

    async def _catch_up(self, node: str) -> None:
        for deed in self._owed.pop(node, []):
            await self._do(node, deed)

    def first_time(self, deed: object) -> bool:
        """Say whether this process is asked for `deed` for the first time (of many sockets that see one event)."""
        if deed in self._done:
            return False
        self._done[deed] = None
        while len(self._done) > 1000:
            del self._done[next(iter(self._done))]
        return True

    def _on_event(self, node: str, event: NodeEvent) -> None:
        match event:
            case control.Connected(connection_id=connection_id):
                self._tell(connection_id, MediaUp(UUID(connection_id)))
            case control.Slots(connection_id=connection_id, slots=slots):
                self._tell(connection_id, SlotsChanged(UUID(connection_id), slots))
            case control.Weak(connection_id=connection_id, silent_ms=silent_ms):
                self._tell(connection_id, MediaSilent(UUID(connection_id), silent_ms))
            case control.Wanted(connection_id=connection_id, layers=layers, stills=stills):
                self._tell(connection_id, WantedChanged(UUID(connection_id), layers, stills))
            case control.LineState():
                self._line(event)
            case control.Disconnected(connection_id=connection_id, reason=reason):
                wait = random.randint(0, 500)  # noqa: S311  spreads clients, hides nothing
                self._tell(connection_id, MediaOver(UUID(connection_id), reason, wait))
                self._owners.pop(connection_id, None)
            case NodeUp(restarted=restarted):
                self._known.add(node)
                self._down_since.pop(node, None)
                self._draining.discard(node)
                if restarted:
                    self._owed.pop(node, None)
                    self._node_lost(node)
                elif node in self._owed:
                    self._spawn(self._catch_up(node))
            case NodeDown():
                self._down_since[node] = time.monotonic()
                self._spawn(self._wait_for(node))
            case NodeGone():
                self._down_since[node] = -math.inf  # nothing to wait for
                self._lose(node)
            case control.Load(draining=True):
                self._draining.add(node)
                if self._is_another(node):
                    self._tell_all(NodeDraining(node))
            case _:
                pass

    def _line(self, state: control.LineState) -> None:
        if state.connection_id not in self._owners:
            return  # every web process hears of every line
        figures = LineFigures(
            down_bitrate=state.down_bitrate,
            up_bitrate=state.up_bitrate,
            down_loss=state.down_loss,
            up_loss=state.up_loss,
            rtt_ms=state.rtt_ms,
        )
        line = line_of(
            UUID(state.participant),
            down=state.down,
            down_reason=state.down_reason,
            up=state.up,
            up_reason=state.up_reason,
            figures=figures,
        )
        self._tell(state.connection_id, LineHeard(UUID(state.connection_id), line))

    async def _wait_for(self, node: str) -> None:
        await asyncio.sleep(self._node_grace)
        # Media may still flow though we cannot talk to the node.
        if self.nodes.instance(node) is None:
            self._lose(node)

    def _lose(self, node: str) -> None:
        # Moving its rooms helps only if there is another.
        if self._is_another(node):
            self._node_lost(node)

    def _node_lost(self, node: str) -> None:
        logger.warning("media node %s has lost its rooms", node)
        self._tell_all(NodeLost(node))

    def _tell_all(self, news: News) -> None:
        for post in list(self._posts.values()):
            post(news)

    def _tell(self, connection_id: str, news: News) -> None:
        post = self._owners.get(connection_id)
        if post is not None:
            post(news)
