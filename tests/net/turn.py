"""coturn in the server's namespace, configured as for a real installation."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from devtool.paths import ROOT
from tests.net.network import SERVER, SERVER_ADDRESS, Network

SECRET = "a TURN secret of the rig, 32 bytes"
PORT = 3478


def urls(address: str) -> list[str]:
    """Return the TURN addresses (RFC 7065) of the rig's server."""
    return [f"turn:{address}:{PORT}?transport={transport}" for transport in ("udp", "tcp")]


@contextmanager
def running(network: Network, scratch: Path) -> Iterator[bool]:
    """Run coturn; gives False, and runs none, when the machine has none."""
    program = shutil.which("turnserver")
    if program is None:
        yield False
        return
    process = subprocess.Popen(
        network.command(
            SERVER,
            program,
            *("-c", str(ROOT / "deploy" / "turnserver.conf")),
            *("--realm=rig", f"--static-auth-secret={SECRET}", f"--allowed-peer-ip={SERVER_ADDRESS}"),
            *(f"--listening-ip={SERVER_ADDRESS}", f"--relay-ip={SERVER_ADDRESS}"),
            *(f"--pidfile={scratch}/turn.pid", f"--userdb={scratch}/turn.db", "--no-tls", "--no-dtls"),
        ),
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield True
    finally:
        process.terminate()
        process.wait()
