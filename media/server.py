"""The node's control server: `control` messages over WebSocket, one connection per web process.

`GET /healthz` answers 200 while the process is well. Everything else needs a control token.
"""

import asyncio
import http
import logging
import time
from collections.abc import Callable

from pydantic import ValidationError
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from media import control
from media.grants import BadGrant, verify_control
from media.service import Refused, Service

logger = logging.getLogger(__name__)

PATH = "/control"
MAX_MESSAGE = 96 * 1024  # the largest SDP, escaped
MAX_OUTBOX = 2000  # messages; a web process this far behind starts over
TRY_AGAIN_LATER = 1013


class ControlServer:
    """Serves every web process that shows a valid token. Make it first: `emit` is what `Service` needs."""

    def __init__(self, *, secret: bytes, clock: Callable[[], float] = time.time) -> None:
        self._secret = secret
        self._clock = clock
        self._service: Service | None = None
        self._outboxes: dict[ServerConnection, asyncio.Queue[str]] = {}
        self._server: Server | None = None

    def emit(self, event: control.ControlMessage) -> None:
        """Queue an event for every connected web process."""
        text = event.model_dump_json()
        for connection, outbox in list(self._outboxes.items()):
            self._put(connection, outbox, text)

    @property
    def watched(self) -> bool:
        """Whether a web process is connected."""
        return bool(self._outboxes)

    async def start(self, service: Service, host: str, port: int) -> int:
        """Listen and return the port.

        Raises:
            OSError: the address cannot be bound.
        """
        self._service = service
        self._server = await serve(
            self._serve,
            host,
            port,
            process_request=self._process_request,
            max_size=MAX_MESSAGE,
            compression=None,
            ping_interval=5,
            ping_timeout=10,
        )
        return int(next(iter(self._server.sockets)).getsockname()[1])

    async def close(self) -> None:
        """Tell every web process goodbye and stop listening."""
        if self._server is not None:
            self._server.close(close_connections=True, code=1001)
            await self._server.wait_closed()

    def _process_request(self, connection: ServerConnection, request: Request) -> Response | None:
        if request.path == "/healthz":
            return connection.respond(http.HTTPStatus.OK, "ok\n")
        if request.path != PATH:
            return connection.respond(http.HTTPStatus.NOT_FOUND, "not here\n")
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        try:
            if scheme != "Bearer":
                raise BadGrant("no bearer token")
            verify_control(token, key=self._secret, now=self._clock())
        except BadGrant as error:
            logger.warning("control connection refused: %s", error)
            return connection.respond(http.HTTPStatus.UNAUTHORIZED, "a valid control token is needed\n")
        return None

    async def _serve(self, connection: ServerConnection) -> None:
        assert self._service is not None
        outbox: asyncio.Queue[str] = asyncio.Queue(MAX_OUTBOX)
        hello = control.Hello(node=self._service.node, instance=self._service.instance)
        outbox.put_nowait(hello.model_dump_json())
        outbox.put_nowait(self._service.load_now().model_dump_json())
        self._outboxes[connection] = outbox
        sender = asyncio.create_task(self._send(connection, outbox))
        try:
            async for text in connection:
                self._put(connection, outbox, self._handle(text).model_dump_json())
        except ConnectionClosed:
            pass
        finally:
            del self._outboxes[connection]
            sender.cancel()

    async def _send(self, connection: ServerConnection, outbox: asyncio.Queue[str]) -> None:
        try:
            while True:
                await connection.send(await outbox.get())
        except ConnectionClosed:
            pass

    def _put(self, connection: ServerConnection, outbox: asyncio.Queue[str], text: str) -> None:
        try:
            outbox.put_nowait(text)
        except asyncio.QueueFull:
            # Losing single events would leave the web process with a wrong picture; it reconnects and asks anew.
            logger.warning("a control connection reads too slowly and is closed")
            connection.transport.abort()

    def _handle(self, text: str | bytes) -> control.ControlMessage:
        try:
            command = control.COMMANDS.validate_json(text)
        except ValidationError:
            logger.warning("control message refused: it is none of the protocol")
            return control.Failed(request_id="", code="internal", detail="message is none of the protocol")
        try:
            return self._perform(command)
        except Refused as refused:
            return control.Failed(request_id=command.request_id, code=refused.code, detail=refused.detail)
        except Exception:  # a bug in one command must not end the control connection
            logger.exception("control command %s failed", command.type)
            return control.Failed(request_id=command.request_id, code="internal")

    def _perform(self, command: control.Command) -> control.ControlMessage:
        assert self._service is not None
        match command:
            case control.Join():
                sdp = self._service.join(command.connection_id, command.grant)
                return control.Offer(
                    request_id=command.request_id, connection_id=command.connection_id, sdp=sdp
                )
            case control.Answer():
                self._service.answer(command.connection_id, command.sdp)
            case control.Publish():
                sdp = self._service.publish(command.connection_id, command.grant, command.sdp)
                return control.Answered(
                    request_id=command.request_id, connection_id=command.connection_id, sdp=sdp
                )
            case control.Renew():
                self._service.renew(command.connection_id, command.grant)
            case control.Tune():
                self._service.tune(command)
            case control.Leave():
                self._service.leave(command.connection_id)
            case control.Remove():
                self._service.remove(command.room, command.participant)
            case control.CloseRoom():
                self._service.close_room(command.room)
        return control.Done(request_id=command.request_id)
