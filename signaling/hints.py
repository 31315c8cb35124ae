"""This process's ear on the channel layer.

One channel a process, joined to the groups its sockets care for. Sockets do not use the layer themselves: with the layer
down they must open, live and answer all the same. A hint that is lost costs time only, because whoever waits for hints
also looks by itself now and then; what is lost in an outage is noticed by a heartbeat of our own, and then everybody is
told that something may have been missed.
"""

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from channels.layers import get_channel_layer

from signaling.faults import describe

logger = logging.getLogger(__name__)

Payload = dict[str, Any]
Listener = Callable[[Payload], None]
"""Called on the event loop. `MISSED` means: hints may have been lost, look for yourself."""

MISSED: Payload = {"missed": True}
SEND_SECONDS = 1.0


def envelope(group: str, payload: Payload) -> dict[str, Any]:
    """Return the layer message for a hint."""
    return {"type": "signaling.hint", "group": group, "payload": payload}


class Hints:
    """Hands hints to listeners by group. Start it on the loop its listeners live on."""

    def __init__(self, *, beat_seconds: float = 2.0) -> None:
        self._beat_seconds = beat_seconds
        self._own = f"process.{uuid4().hex}"
        self._listeners: defaultdict[str, list[Listener]] = defaultdict(list)
        self._joined: set[str] = set()
        self._changed = asyncio.Event()
        self._waiters: defaultdict[str, list[asyncio.Future[None]]] = defaultdict(list)
        self._channel: str | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._missing = False
        self._sent = self._heard = 0

    def start(self) -> None:
        self._tasks = [asyncio.create_task(self._receive()), asyncio.create_task(self._keep())]

    async def close(self) -> None:
        # The layer's client swallows a cancellation now and then, so once may not be enough.
        while running := [task for task in self._tasks if not task.done()]:
            for task in running:
                task.cancel()
            await asyncio.wait(running, timeout=0.2)

    def listen(self, group: str, listener: Listener) -> Callable[[], None]:
        """Hear the hints of a group; call the result to stop."""
        self._listeners[group].append(listener)
        self._changed.set()

        def stop() -> None:
            with contextlib.suppress(ValueError):
                self._listeners[group].remove(listener)
            if not self._listeners[group]:
                del self._listeners[group]
                self._changed.set()

        return stop

    async def joined(self, group: str, *, seconds: float = SEND_SECONDS) -> bool:
        """Wait until the layer delivers to the group; False when it does not in time."""
        if group in self._joined:
            return True
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters[group].append(waiter)
        try:
            async with asyncio.timeout(seconds):
                await waiter
        except TimeoutError:
            return False
        return True

    async def send(self, group: str, payload: Payload) -> bool:
        """Send a hint to every process; False when the layer does not take it."""
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await get_channel_layer().group_send(group, envelope(group, payload))
        except Exception as error:  # whatever the layer's transport raises
            logger.warning("hint not sent: %s", type(error).__name__)
            return False
        return True

    def _deliver(self, group: str, payload: Payload) -> None:
        for listener in list(self._listeners.get(group, ())):
            try:
                listener(payload)
            except Exception as error:  # one listener's bug must not deafen the process
                logger.error("a listener of hints failed: %s", describe(error))

    async def _receive(self) -> None:
        layer = get_channel_layer()
        while True:
            try:
                if self._channel is None:
                    channel = await layer.new_channel()
                    self._joined.clear()
                    self._channel = channel
                    self._changed.set()
                message = await layer.receive(self._channel)
                if message["group"] == self._own:
                    self._beat(message["payload"]["beat"])
                else:
                    self._deliver(message["group"], message["payload"])
            except Exception as error:  # whatever the layer's transport raises
                logger.warning("the channel layer cannot be heard: %s", type(error).__name__)
                self._missing = True
                await asyncio.sleep(self._beat_seconds / 2)

    def _beat(self, number: int) -> None:
        self._heard = max(self._heard, number)
        if self._missing:
            self._missing = False
            logger.info("the channel layer is heard again")
            for group in list(self._listeners):
                self._deliver(group, MISSED)

    async def _keep(self) -> None:
        """Keep group membership as wanted, and send our own heartbeat."""
        while True:
            self._changed.clear()
            try:
                if self._channel is not None:
                    await self._join_groups(self._channel)
            except Exception as error:  # whatever the layer's transport raises
                logger.warning("groups of the channel layer not joined: %s", type(error).__name__)
                self._missing = True
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._beat_seconds):
                    await self._changed.wait()
                    continue
            if self._heard < self._sent:
                self._missing = True
            self._sent += 1
            await self.send(self._own, {"beat": self._sent})

    async def _join_groups(self, channel: str) -> None:
        layer = get_channel_layer()
        wanted = {self._own, *self._listeners}
        for group in wanted - self._joined:
            async with asyncio.timeout(SEND_SECONDS):
                await layer.group_add(group, channel)
            self._joined.add(group)
            for waiter in self._waiters.pop(group, []):
                if not waiter.done():
                    waiter.set_result(None)
        for group in self._joined - wanted:
            self._joined.discard(group)
            async with asyncio.timeout(SEND_SECONDS):
                await layer.group_discard(group, channel)
