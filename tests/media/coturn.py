"""A real coturn on this machine, configured as for an installation (`deploy/turnserver.conf`)."""

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from media.turn import ice_servers

CONFIGURATION = Path(__file__).parents[2] / "deploy" / "turnserver.conf"
SECRET = "a secret of the tests' TURN server"


@dataclass(frozen=True)
class Coturn:
    """A running TURN server, over UDP and TCP at the same port."""

    address: str
    port: int

    def servers(
        self, *transports: str, secret: str = SECRET, ttl: int = 600
    ) -> list[dict[str, str | list[str]]]:
        """Return the `iceServers` of a browser."""
        urls = [f"turn:{self.address}:{self.port}?transport={transport}" for transport in transports]
        return ice_servers(urls=urls, secret=secret, name="test", now=time.time(), ttl=ttl)


@contextlib.contextmanager
def running_coturn(scratch: Path, *, address: str, peer: str) -> Iterator[Coturn]:
    """Run coturn on `address`; it relays to `peer` only."""
    program = os.environ.get("TURNSERVER") or shutil.which("turnserver")
    assert program is not None, "coturn is not installed: apt-get install coturn"
    with socket.socket() as probe:
        probe.bind((address, 0))
        port = probe.getsockname()[1]
    log = scratch / "turn.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                *(program, "-c", str(CONFIGURATION), "--realm=test", f"--static-auth-secret={SECRET}"),
                *(f"--listening-ip={address}", f"--relay-ip={address}", f"--listening-port={port}"),
                *(f"--allowed-peer-ip={peer}", "--no-tls", "--no-dtls"),
                *(f"--pidfile={scratch}/turn.pid", f"--userdb={scratch}/turn.db"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_until_it_listens(process, address, port, log)
        yield Coturn(address, port)
    finally:
        process.terminate()
        process.wait(timeout=10)


def _wait_until_it_listens(process: "subprocess.Popen[bytes]", address: str, port: int, log: Path) -> None:
    deadline = time.monotonic() + 10
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection((address, port), timeout=1):
            return
        time.sleep(0.05)
    raise AssertionError(f"coturn does not listen: {log.read_text(errors='replace')[-2000:]}")
