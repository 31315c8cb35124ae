"""One kept-open HTTP/1.1 connection that speaks JSON. As little as possible, because it runs beside what it measures."""

import asyncio
import json
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit


class Line:
    """`async with Line("http://127.0.0.1:8000") as line: status, answer = await line.ask("GET", "/healthz")`."""

    def __init__(self, origin: str, *, address: str = "127.0.0.1") -> None:
        """`address` is what a proxy would say we come from; limits count by it."""
        url = urlsplit(origin)
        self._host, self._port, self._origin = url.hostname or "", url.port or 80, origin
        self._address = address

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection(self._host, self._port)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.close()

    async def ask(self, method: str, path: str, *, cookie: str = "", body: Any = None) -> tuple[int, Any]:
        """Send one request, return status and JSON."""
        content = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: {self._host}:{self._port}\r\nOrigin: {self._origin}\r\n"
            f"X-Forwarded-For: {self._address}\r\nX-Forwarded-Proto: http\r\n"
            f"Content-Type: application/json\r\nCookie: {cookie}\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        self._writer.write(head.encode() + content)
        answer = await self._reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.partition(b":")[2])
            for line in answer.split(b"\r\n")
            if line.lower().startswith(b"content-length:")
        )
        return int(answer[9:12]), json.loads(await self._reader.readexactly(length))
