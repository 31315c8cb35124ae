"""`python -m telehealth web`: Daphne with our limits, back-pressure and shutdown."""

# The reactor must be chosen before anything imports Twisted's default one; daphne.server does it on import.
import daphne.server  # isort: skip

import asyncio
import logging
import os
import signal
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from daphne.endpoints import build_endpoint_description_strings
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from twisted.internet import reactor

logger = logging.getLogger("telehealth.web")

MAX_WEBSOCKET_BYTES = 64 * 1024
PING_SECONDS = 10
PONG_SECONDS = 15
UNSENT_BYTES = 64 * 1024


class Server(daphne.server.Server):  # type: ignore[misc]
    """Daphne's server; but `send` to a WebSocket waits while the client does not read, and every close code goes out."""

    failed = ""

    def listen_error(self, failure: Any) -> None:
        self.failed = failure.getErrorMessage()
        self.stop()

    def ready(self) -> None:
        # Say 1009 to who sends too much, rather than just hang up; and leave a thin line the time to answer a close.
        self.ws_factory.setProtocolOptions(failByDrop=False, closeHandshakeTimeout=3)

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        if message["type"] == "websocket.send":
            # Twisted tells only one producer when it may write again, and the HTTP channel is that one.
            while _unsent(protocol) > UNSENT_BYTES and protocol.transport.connected:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
            if protocol.state in (protocol.STATE_CLOSING, protocol.STATE_CLOSED):
                return  # the client has closed meanwhile, and `websocket.disconnect` is on its way
            with _without_limit(protocol):
                await super().handle_reply(protocol, message)
        elif message["type"] == "websocket.close" and protocol.state == protocol.STATE_OPEN:
            # Autobahn's `sendClose` takes 1000 and 3000-4999 only, but 1008, 1012 and 1013 are ours to say.
            protocol.sendCloseFrame(code=message.get("code") or 1000)
        else:
            await super().handle_reply(protocol, message)


@contextmanager
def _without_limit(protocol: Any) -> Iterator[None]:
    """Autobahn holds what we send to the limit meant for what clients send. Nothing is received in between."""
    limit = protocol.maxMessagePayloadSize
    protocol.maxMessagePayloadSize = 0
    try:
        yield
    finally:
        protocol.maxMessagePayloadSize = limit


def _unsent(protocol: Any) -> int:
    """Return the bytes Twisted holds for a client that its socket does not take."""
    transport = protocol.transport
    unsent: int = len(transport.dataBuffer) - transport.offset + transport._tempDataLen
    return unsent


class Command(BaseCommand):
    help = "Serves pages and signaling. SIGTERM or SIGINT drains; a second one stops at once."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *, host: str, port: int, **options: Any) -> None:
        # Short turns for threads: the event loop must not wait 5 ms for each template being rendered.
        sys.setswitchinterval(0.0005)
        from telehealth import asgi  # noqa: PLC0415  the reactor comes first

        server = Server(
            application=asgi.application,
            endpoints=build_endpoint_description_strings(host=host, port=port),
            signal_handlers=False,
            websocket_max_message_size=MAX_WEBSOCKET_BYTES,
            websocket_max_frame_size=MAX_WEBSOCKET_BYTES,
            ping_interval=PING_SECONDS,
            ping_timeout=PONG_SECONDS,
            websocket_timeout=-1,  # sockets end with the sign-in, not by the clock
            websocket_connect_timeout=10,
            proxy_forwarded_address_header="X-Forwarded-For" if settings.BEHIND_PROXY else None,
            proxy_forwarded_proto_header="X-Forwarded-Proto" if settings.BEHIND_PROXY else None,
            server_name="telehealth",
        )
        server.ready_callable = server.ready
        _Shutdown(server, asgi.process).install()
        loop = reactor._asyncioEventloop
        loop.call_soon(lambda: loop.create_task(asgi.process.start()))
        server.run()
        if server.failed:
            raise CommandError(f"Cannot listen on {host}:{port}: {server.failed}. Is it in use?")
        # A request's thread may wait for the loop that has just ended, and Python would wait for that thread for ever.
        logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


class _Shutdown:
    """The first signal drains, the second stops."""

    def __init__(self, server: Any, process: Any) -> None:
        self._server = server
        self._process = process
        self._task: asyncio.Task[None] | None = None

    def install(self) -> None:
        loop = reactor._asyncioEventloop
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._asked)

    def _asked(self) -> None:
        if self._task is None:
            logger.info("draining")
            self._task = reactor._asyncioEventloop.create_task(self._drain())
        else:
            self._server.stop()

    async def _drain(self) -> None:
        try:
            await self._process.drain()
            await self._process.close()
        finally:
            self._server.stop()
