"""Media nodes without media: they answer at once, remember what they were asked, and fail when told to."""

import asyncio
import time
from collections.abc import Callable, Iterable

from django.conf import settings

from media import control
from media.client import MediaError, NodeDown, NodeEvent, NodeGone, NodeUp, OnEvent
from media.grants import Grant, verify_grant


class FakeMediaNodes:
    """Imitates `media.client.MediaNodes` for `signaling.media_rooms.Nodes`."""

    def __init__(self, names: Iterable[str] = ("node-1",)) -> None:
        self.instances: dict[str, str] = dict.fromkeys(names, "instance-1")
        self.asked: list[tuple[str, ...]] = []
        self.granted: dict[str, bool] = {}
        """Whether the last grant of a connection says that its participant has been admitted."""
        self.grants: dict[str, Grant] = {}
        """The last grant of a connection."""
        self.failing: dict[str, str] = {}
        """Code by command: what the next commands of that name are refused with."""
        self.draining: set[str] = set()
        self._on_event: OnEvent = lambda node, event: None
        self._changed = asyncio.Event()

    def make(self, on_event: OnEvent) -> "FakeMediaNodes":
        self._on_event = on_event
        return self

    async def start(self, wait_seconds: float = 0.0) -> None:
        for node, instance in self.instances.items():
            self.tell(node, NodeUp(node, instance, restarted=False))

    async def close(self) -> None:
        pass

    def up(self) -> list[str]:
        return list(self.instances)

    def instance(self, node: str) -> str | None:
        return self.instances.get(node)

    def pick(self, exclude: Iterable[str] = ()) -> str | None:
        avoided = self.draining.union(exclude)
        return next((node for node in self.instances if node not in avoided), None)

    async def join(self, node: str, connection_id: str, grant: str) -> str:
        if node in self.draining:
            raise MediaError("draining")
        self._ask("join", node, connection_id)
        self._grant(connection_id, grant)
        return f"offer for {connection_id}"

    async def answer(self, node: str, connection_id: str, sdp: str) -> None:
        self._ask("answer", node, connection_id, sdp)

    async def publish(self, node: str, connection_id: str, grant: str, sdp: str) -> str:
        self._ask("publish", node, connection_id, sdp)
        self._grant(connection_id, grant)
        return f"answer for {connection_id}"

    async def renew(self, node: str, connection_id: str, grant: str) -> None:
        self._ask("renew", node, connection_id)
        self._grant(connection_id, grant)

    async def tune(
        self,
        node: str,
        connection_id: str,
        *,
        sound_only: bool | None = None,
        uplink: int | None = None,
        heights: dict[str, int] | None = None,
    ) -> None:
        self._ask("tune", node, connection_id, repr((sound_only, uplink, heights)))

    async def leave(self, node: str, connection_id: str) -> None:
        self._ask("leave", node, connection_id)

    async def remove(self, node: str, room: str, participant: str) -> None:
        self._ask("remove", node, room, participant)

    async def close_room(self, node: str, room: str) -> None:
        self._ask("close_room", node, room)

    # --- for tests ---------------------------------------------------------------------------------------------

    async def until(self, condition: Callable[["FakeMediaNodes"], bool], seconds: float = 5.0) -> None:
        """Wait until what was asked makes `condition` true."""
        async with asyncio.timeout(seconds):
            while not condition(self):
                self._changed.clear()
                await self._changed.wait()

    def tell(self, node: str, event: NodeEvent) -> None:
        self._on_event(node, event)

    def connect(self, connection_id: str, *, room: str = "", participant: str = "") -> None:
        """Let a connection come up."""
        node = next(iter(self.instances))
        self.tell(node, control.Connected(room=room, participant=participant, connection_id=connection_id))

    def report_line(
        self,
        connection_id: str,
        *,
        room: str,
        participant: str,
        down: tuple[str, str | None] = ("full", None),
        up: tuple[str, str | None] = ("full", None),
    ) -> None:
        """Tell how a line stands, with the figures of a thin one."""
        state = control.LineState(
            room=room,
            participant=participant,
            connection_id=connection_id,
            down=down[0],
            down_reason=down[1],
            up=up[0],
            up_reason=up[1],
            down_bitrate=90_000,
            up_bitrate=1_500_000,
            down_loss=0.12,
            up_loss=0.0,
            rtt_ms=210,
        )
        self.tell(next(iter(self.instances)), state)

    def want(self, connection_id: str, layers: tuple[str, ...], *, stills: bool) -> None:
        event = control.Wanted(
            room="", participant="", connection_id=connection_id, layers=layers, stills=stills
        )
        self.tell(next(iter(self.instances)), event)

    def disconnect(self, connection_id: str, reason: str, *, room: str = "", participant: str = "") -> None:
        node = next(iter(self.instances))
        self.tell(
            node,
            control.Disconnected(
                room=room, participant=participant, connection_id=connection_id, reason=reason
            ),
        )

    def restart(self, node: str) -> None:
        """Kill a node and let it come back with empty hands."""
        old = self.instances.pop(node)
        self.tell(node, NodeDown(node, old))
        self.instances[node] = old + "+"
        self.tell(node, NodeUp(node, self.instances[node], restarted=True))

    def lose_sight(self, node: str) -> str:
        """Break the control connection to a node that lives on; return its instance."""
        instance = self.instances.pop(node)
        self.tell(node, NodeDown(node, instance))
        return instance

    def see_again(self, node: str, instance: str) -> None:
        self.instances[node] = instance
        self.tell(node, NodeUp(node, instance, restarted=False))

    def die(self, node: str) -> None:
        self.tell(node, NodeDown(node, self.instances.pop(node)))

    def vanish(self, node: str) -> None:
        """Kill a node so that its port refuses connections."""
        instance = self.instances.pop(node)
        self.tell(node, NodeDown(node, instance))
        self.tell(node, NodeGone(node, instance))

    def drain(self, node: str) -> None:
        """Tell a node to stop; it says so."""
        self.draining.add(node)
        report = control.Load(
            node=node,
            instance=self.instances[node],
            rooms=1,
            connections=2,
            packets_per_second=0.0,
            cpu=0.0,
            loop_lag_ms=0.0,
            draining=True,
        )
        self.tell(node, report)

    def _grant(self, connection_id: str, token: str) -> None:
        grant = verify_grant(token, key=settings.MEDIA_SECRET.encode(), now=time.time())
        self.granted[connection_id] = grant.admitted
        self.grants[connection_id] = grant
        self._changed.set()

    def _ask(self, command: str, node: str, *details: str) -> None:
        if node not in self.instances:
            raise MediaError("unavailable")
        if command in self.failing:
            raise MediaError(self.failing[command])
        self.asked.append((command, node, *details))
        self._changed.set()
