"""coturn in the server's namespace, run as for a real installation, with its real ports."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which

from devtool.paths import ROOT
from tests.media.coturn import Coturn, command
from tests.net.network import SERVER, SERVER_ADDRESS, Network

SECRET = "a TURN secret of the rig, 32 bytes"
PORT, TLS_PORT = 3478, 443


def urls(address: str) -> list[str]:
    """Return the TURN addresses (RFC 7065) of the rig's server."""
    return Coturn(address, PORT, TLS_PORT).urls("udp", "tcp", "tls")


@contextmanager
def running(
    network: Network, scratch: Path, environment: dict[str, str], *, only_tls: bool = False
) -> Iterator[bool]:
    """Run coturn, `only_tls` with nothing but port 443; gives False, and runs none, when the machine has none."""
    if which("turnserver") is None:
        yield False
        return
    ours = command(scratch, address=SERVER_ADDRESS, peer=SERVER_ADDRESS, secret=SECRET)
    process = subprocess.Popen(
        network.command(SERVER, *ours, *(["--no-udp", "--no-tcp"] if only_tls else [])),
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield True
    finally:
        process.terminate()
        process.wait()
