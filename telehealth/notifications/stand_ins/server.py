"""The stand-ins behind a real socket."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

from telehealth.notifications.stand_ins.providers import Providers, Reply

LARGEST = 64 * 1024
HANG_SECONDS = 20.0


class Server(ThreadingHTTPServer):
    """Serves the providers on `host:port`; port 0 takes a free one."""

    daemon_threads = True

    def __init__(self, host: str, port: int) -> None:
        super().__init__((host, port), _Handler)
        self.origin = f"http://{host}:{self.server_address[1]}"
        self.providers = Providers(origin=self.origin)
        self.hang_seconds = HANG_SECONDS  # how long a lost answer keeps the line
        self.closing = threading.Event()


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        length = min(int(self.headers.get("Content-Length") or 0), LARGEST)
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = self.server.providers.answer(self.command, self.path, headers, self.rfile.read(length))
        if reply.lost:
            self.server.closing.wait(self.server.hang_seconds)
            self.close_connection = True
            return
        self._write(reply)
        if reply.receipt:
            threading.Thread(target=_report, args=[reply.receipt], daemon=True).start()

    def _write(self, reply: Reply) -> None:
        body = json.dumps(reply.body).encode() if reply.body else b""
        try:
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True  # who asked did not wait

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name is the base class's
        """Say nothing: a line would hold numbers and codes."""


def _report(address: str) -> None:
    with suppress(httpx.HTTPError):  # a report that gets lost
        httpx.get(address, timeout=5, trust_env=False)


@contextmanager
def running(host: str = "127.0.0.1", port: int = 0) -> Iterator[Server]:
    """Serve in a thread for the length of a block."""
    server = Server(host, port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()
