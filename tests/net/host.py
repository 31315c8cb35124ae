"""The server's side of the rig: a media relay of its own process, and the page's signaling.

`python -m tests.net.host PAGE_FOLDER ADDRESS` runs in the server's namespace until its standard input closes. It prints JSON
objects, one a line: first `{"url": …, "relay": pid}`, then everything the relay tells, with the time it came.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import mimetypes
import os
import sys
import time
from collections.abc import AsyncIterator
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from media import control
from media.client import MediaError, MediaNodes, NodeEvent
from media.grants import Grant, sign_grant
from media.turn import ice_servers
from tests.bench.media.relay import SECRET, environment
from tests.net import turn
from tests.net.stills import Stills

CONTROL_PORT, UDP_PORT, PAGE_PORT, STILLS_PORT = 7900, 7901, 8080, 8081
CONTROL_URL = f"ws://127.0.0.1:{CONTROL_PORT}/control"
ROOM = "room"
GRANT_SECONDS = 86_400.0
FINAL = {"removed", "expired", "room_closed"}
START_SECONDS = 15.0


def grant(participant: str, *, room: str = ROOM, publish: bool = True) -> str:
    """Return a grant that outlasts the run."""
    now = time.time()
    claims = Grant(
        room=room,
        participant=participant,
        epoch=1,
        admitted=True,
        issued_at=now,
        expires_at=now + GRANT_SECONDS,
        publish=publish,
    )
    return sign_grant(claims, key=SECRET.encode())


class Signaling:
    """Carries the page's messages to the relay and the relay's events to the page they concern."""

    def __init__(self, folder: Path, ice: list[dict[str, str | list[str]]]) -> None:
        self._folder = folder
        self._ice = json.dumps(ice).encode()
        self._sockets: dict[str, ServerConnection] = {}
        self.stills = Stills(self._still)
        self._tasks: set[asyncio.Task[None]] = set()
        self.nodes = MediaNodes([CONTROL_URL], secret=SECRET.encode(), on_event=self._told)

    def page(self, connection: ServerConnection, request: Request) -> Response | None:
        """Answer requests for the page; leave `/ws` to `signal`."""
        path = urlsplit(request.path).path
        if path == "/ws":
            return None
        if path == "/ice":
            answer = Headers([("Content-Type", "application/json"), ("Connection", "close")])
            return Response(HTTPStatus.OK, "OK", answer, self._ice)
        file = self._folder / (path.lstrip("/") or "index.html")
        if not file.resolve().is_relative_to(self._folder.resolve()) or not file.is_file():
            return connection.respond(HTTPStatus.NOT_FOUND, "not here\n")
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        headers = Headers([("Content-Type", kind), ("Connection", "close")])
        return Response(HTTPStatus.OK, "OK", headers, file.read_bytes())

    async def signal(self, socket: ServerConnection) -> None:
        """Serve one page's socket."""
        assert socket.request is not None
        participant = parse_qs(urlsplit(socket.request.path).query)["participant"][0]
        mine: set[str] = set()
        try:
            async for text in socket:
                message = json.loads(text)
                if message["type"] == "ping":
                    await socket.send('{"type":"pong"}')
                    continue
                identifier = message["connection_id"]
                mine.add(identifier)
                self._sockets[identifier] = socket
                await self._command(socket, participant, identifier, message)
        except ConnectionClosed:
            pass
        finally:
            for identifier in mine:
                if self._sockets.get(identifier) is socket:
                    del self._sockets[identifier]

    async def _command(
        self, socket: ServerConnection, participant: str, identifier: str, message: dict[str, Any]
    ) -> None:
        node = self.nodes.pick()
        try:
            if node is None:
                raise MediaError("unavailable")
            match message["type"]:
                case "media_join":
                    sdp = await self.nodes.join(node, identifier, grant(participant))
                    offer = {
                        "type": "media_offer",
                        "connection_id": identifier,
                        "epoch": 1,
                        "sdp": sdp,
                        "ice_servers": [],  # the page puts its own in
                    }
                    await socket.send(json.dumps(offer))
                case "media_answer":
                    await self.nodes.answer(node, identifier, message["sdp"])
                case "media_tune":
                    with contextlib.suppress(MediaError):  # figures come again by themselves
                        await self.nodes.tune(node, identifier, **_tuning(message))
                case "media_leave":
                    await self.nodes.leave(node, identifier)
        except MediaError as error:
            await socket.send(_lost(identifier, error.code, retry=True))

    def _told(self, node: str, event: NodeEvent) -> None:
        say({"at": time.time(), "event": type(event).__name__, **_fields(event)})
        identifier = getattr(event, "connection_id", None)
        if isinstance(event, control.LineState):
            self._tell_all(_line(event))
            return
        socket = self._sockets.get(identifier or "")
        if socket is None:
            return
        if isinstance(event, control.Slots):
            slots = [slot.model_dump() for slot in event.slots]
            text = json.dumps({"type": "media_slots", "connection_id": identifier, "slots": slots})
        elif isinstance(event, control.Wanted):
            wanted = {"layers": event.layers, "stills": event.stills}
            text = json.dumps({"type": "media_wanted", "connection_id": identifier, **wanted})
        elif isinstance(event, control.Disconnected) and event.reason not in ("left", "replaced"):
            text = _lost(event.connection_id, event.reason, retry=event.reason not in FINAL)
        else:
            return
        self._tell(socket, text)

    def _still(self, participant: str, seq: int) -> None:
        told = {"participant_id": participant, "seq": seq, "taken_at": ""}
        self._tell_all(json.dumps({"type": "still_ready", **told}))

    def _tell_all(self, text: str) -> None:
        for socket in set(self._sockets.values()):
            self._tell(socket, text)

    def _tell(self, socket: ServerConnection, text: str) -> None:
        task = asyncio.get_running_loop().create_task(_send(socket, text))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _line(state: control.LineState) -> str:
    return json.dumps(
        {"type": "media_line", "participant_id": state.participant, "down": state.down, "up": state.up}
    )


def _tuning(message: dict[str, Any]) -> dict[str, Any]:
    heights = message["heights"]
    return {
        "sound_only": message["sound_only"],
        "uplink": message["uplink_bitrate"],
        "heights": None if heights is None else {one["slot"]: one["height"] for one in heights},
    }


def _lost(identifier: str, code: str, *, retry: bool) -> str:
    return json.dumps(
        {
            "type": "media_lost",
            "connection_id": identifier,
            "code": code,
            "retry": retry,
            "retry_after_ms": 300,
        }
    )


async def _send(socket: ServerConnection, text: str) -> None:
    with contextlib.suppress(ConnectionClosed):
        await socket.send(text)


def _fields(event: NodeEvent) -> dict[str, object]:
    if isinstance(event, control.ControlMessage):
        return event.model_dump(exclude={"type"})
    return dict(vars(event)) if hasattr(event, "__dict__") else {"node": event.node}


def say(message: dict[str, object]) -> None:
    """Print one line for the rig."""
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


@contextlib.asynccontextmanager
async def relay(address: str) -> AsyncIterator[int]:
    """Run the relay in a process of its own; gives its id."""
    variables = environment(CONTROL_PORT, UDP_PORT) | {
        "MEDIA_UDP_LISTEN": f"0.0.0.0:{UDP_PORT}",
        "MEDIA_ANNOUNCE": address,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.media.relay", env=variables, stdin=asyncio.subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(START_SECONDS):
            await _healthy(CONTROL_PORT)
        yield process.pid
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()  # at once, without draining
        await process.wait()


async def _healthy(port: int) -> None:
    """Wait until the relay says that it is well."""
    while True:
        with contextlib.suppress(ConnectionRefusedError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: relay\r\n\r\n")
            answer = await reader.readline()
            writer.close()
            if b" 200 " in answer:
                return
        await asyncio.sleep(0.05)


async def main(folder: Path, address: str) -> None:
    """Run until standard input closes."""
    loop = asyncio.get_running_loop()
    closed = asyncio.Event()
    loop.add_reader(sys.stdin.fileno(), lambda: None if os.read(sys.stdin.fileno(), 4096) else closed.set())
    async with relay(address) as pid:
        ice = ice_servers(
            urls=turn.urls(address), secret=turn.SECRET, name="rig", now=time.time(), ttl=int(GRANT_SECONDS)
        )
        signaling = Signaling(folder, ice)
        await signaling.nodes.start(wait_seconds=START_SECONDS)
        async with (
            await asyncio.start_server(signaling.stills.serve, address, STILLS_PORT),
            serve(signaling.signal, address, PAGE_PORT, process_request=signaling.page, ping_interval=None),
        ):
            say({"url": f"http://{address}:{PAGE_PORT}", "relay": pid})
            await closed.wait()
        await signaling.nodes.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
