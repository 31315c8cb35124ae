"""The environment variables the platform's processes are started with, and the secrets behind them."""

from __future__ import annotations

import json
import os
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .paths import VAR, VENV
from .services import Addresses

_LISTENS = ("MEDIA_NODES", "MEDIA_CONTROL_LISTEN", "MEDIA_UDP_LISTEN")


@dataclass(frozen=True)
class Node:
    """One media relay: its name, the TCP port on which it is commanded, its UDP port."""

    name: str
    control_port: int
    media_port: int

    @property
    def variables(self) -> dict[str, str]:
        """What tells it from the other relays."""
        return {
            "MEDIA_NODE_NAME": self.name,
            "MEDIA_CONTROL_LISTEN": f"127.0.0.1:{self.control_port}",
            "MEDIA_UDP_LISTEN": f"0.0.0.0:{self.media_port}",
        }


def usual_media_nodes(given: Mapping[str, str] = os.environ) -> int:
    """One relay per core, for each is busy on one; a single one where its addresses are given by hand."""
    return 1 if any(given.get(name) for name in _LISTENS) else len(os.sched_getaffinity(0))


@dataclass(frozen=True)
class Options:
    """What ``dev.py run`` was asked for.

    ``media_port`` is the first relay's UDP port; its control port is the one below, the next relay's ports are
    the two above. ``durable`` off means a test run: the disk is not waited for, and a prepared database is taken
    from the cache.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    media_port: int = 7901
    media_nodes: int = 1
    state: Path = VAR
    build: bool = True
    demonstration: bool = True
    durable: bool = True

    @property
    def nodes(self) -> list[Node]:
        """The media relays to start."""
        ports = range(self.media_port, self.media_port + 2 * self.media_nodes, 2)
        names = ["media"] if self.media_nodes == 1 else [f"media-{n}" for n in range(1, self.media_nodes + 1)]
        return [Node(name, port - 1, port) for name, port in zip(names, ports, strict=True)]

    @property
    def stand_ins_port(self) -> int:
        """The TCP port of the stand-ins for carrier, Zalo and push service: the one after the relays' ports."""
        return self.media_port + 2 * self.media_nodes - 1

    @property
    def url(self) -> str:
        """The address to open in a browser on this machine."""
        host = "127.0.0.1" if self.host in {"0.0.0.0", "::"} else self.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"


def environment(
    options: Options, addresses: Addresses, *, given: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """Everything ``python -m telehealth``, ``python -m media`` and the worker read; what is given wins."""
    names = ["127.0.0.1", "localhost"]
    announced = ["127.0.0.1"]
    if options.host not in names:
        own = _own_addresses() if options.host == "0.0.0.0" else [options.host]
        names = [*names, socket.gethostname(), *own]
        announced = own or announced
    elif options.durable:
        # Firefox on this machine offers no loopback address of its own and needs another way to the relay.
        announced = [*announced, *_own_addresses()]
    defaults = {
        "TELEHEALTH_ENV": "development",
        "DEMONSTRATION": "1",
        "STATE_DIR": str(options.state),
        "ALLOWED_HOSTS": ",".join(names),
        "ALLOWED_ORIGINS": ",".join(f"http://{name}:{options.port}" for name in names),
        "MEDIA_NODES": ",".join(f"ws://127.0.0.1:{node.control_port}/control" for node in options.nodes),
        "MEDIA_CONTROL_LISTEN": f"127.0.0.1:{options.nodes[0].control_port}",
        "MEDIA_UDP_LISTEN": f"0.0.0.0:{options.media_port}",
        "MEDIA_ANNOUNCE": ",".join(announced),
        "INSURANCE_PORTAL_URL": "stand-in:" if options.demonstration else "",
        "PUBLIC_ORIGIN": options.url,
        "STAND_INS": f"http://127.0.0.1:{options.stand_ins_port}" if options.demonstration else "",
        **_secrets(options.state),
    }
    return {
        "PYTHONUNBUFFERED": "1",
        **defaults,
        **given,
        **addresses.environment(),
        "PATH": f"{VENV / 'bin'}{os.pathsep}{given.get('PATH', '/usr/bin:/bin')}",
    }


def _secrets(state: Path) -> dict[str, str]:
    """Secrets of this state folder, made once."""
    path = state / "secrets.json"
    if not path.exists():
        state.mkdir(parents=True, exist_ok=True)
        made = {name: secrets.token_urlsafe(48) for name in ("SECRET_KEY", "MEDIA_SECRET")}
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(made, file)
    loaded: dict[str, str] = json.loads(path.read_text())
    return loaded


def _own_addresses() -> list[str]:
    """The address this machine is reached at, as its routing table sees it (no packet is sent)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # RFC 5737: documentation, never a real host
        except OSError:
            return []
        return [str(probe.getsockname()[0])]
