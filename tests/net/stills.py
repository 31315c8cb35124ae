"""Still pictures over HTTP for the rig's pages, as the platform keeps them: the newest of each participant, and nothing else."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

LARGEST = 60 * 1024
# The page comes from another port, so its browser asks whether it may.
ALLOWED = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, PUT",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Max-Age": "600",
}


@dataclass(frozen=True)
class Request:
    """A parsed HTTP/1.1 request."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Stills:
    """`PUT /<participant>` stores one and tells `ready(participant, seq)`; `GET` gives it, 304 to who has it already."""

    def __init__(self, ready: Callable[[str, int], None]) -> None:
        self._ready = ready
        self._kept: dict[str, tuple[int, bytes]] = {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one browser's requests until it closes."""
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                status, body = self._answer(await _read(reader))
                lines = [f"HTTP/1.1 {status.value} {status.phrase}", f"Content-Length: {len(body)}"]
                lines += [f"{name}: {value}" for name, value in ALLOWED.items()]
                writer.write("\r\n".join([*lines, "", ""]).encode() + body)
                await writer.drain()
        writer.close()

    def _answer(self, request: Request) -> tuple[HTTPStatus, bytes]:
        participant = request.path.strip("/")
        seq, picture = self._kept.get(participant, (0, b""))
        match request.method:
            case "PUT":
                self._kept[participant] = seq + 1, request.body
                self._ready(participant, seq + 1)
                return HTTPStatus.NO_CONTENT, b""
            case "GET" if not picture:
                return HTTPStatus.NOT_FOUND, b""
            case "GET" if request.headers.get("if-none-match") == f'"{seq}"':
                return HTTPStatus.NOT_MODIFIED, b""
            case "GET":
                return HTTPStatus.OK, picture
            case _:
                return HTTPStatus.NO_CONTENT, b""


async def _read(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.strip().split("\r\n")
    method, path, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    size = min(int(headers.get("content-length", "0")), LARGEST)
    return Request(method, path, headers, await reader.readexactly(size))
