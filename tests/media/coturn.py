"""A real coturn on this machine, run as `docker-compose.yml` with `deploy/turn-tls.yml` runs it."""

import contextlib
import datetime
import ipaddress
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from devtool import compose
from devtool.paths import ROOT
from media.turn import ice_servers

SECRET = "a secret of the tests' TURN server"
SCHEMES = {"udp": "turn", "tcp": "turn", "tls": "turns"}
"""The schemes of TURN addresses (RFC 7065), by what carries them."""


@dataclass(frozen=True)
class Coturn:
    """A running TURN server: UDP and TCP on one port, TLS on another."""

    address: str
    port: int
    tls_port: int

    def servers(self, *ways: str, secret: str = SECRET, ttl: int = 600) -> list[dict[str, str | list[str]]]:
        """Return the `iceServers` of a browser; ways are udp, tcp and tls."""
        return ice_servers(urls=self.urls(*ways), secret=secret, name="test", now=time.time(), ttl=ttl)

    def urls(self, *ways: str) -> list[str]:
        """Return the addresses as `TURN_URLS` has them."""
        return [
            f"{SCHEMES[way]}:{self.address}:{self.tls_port if way == 'tls' else self.port}"
            f"?transport={'udp' if way == 'udp' else 'tcp'}"
            for way in ways
        ]


def program() -> str:
    """Return where coturn is installed."""
    found = os.environ.get("TURNSERVER") or shutil.which("turnserver")
    assert found is not None, "coturn is not installed: apt-get install coturn"
    return found


def command(scratch: Path, *, address: str, peer: str, secret: str = SECRET) -> list[str]:
    """Return the command of an installation whose coturn has `address`, and whose relays have `peer`.

    Only what a container has of its own is put in its place: the configuration's path, the certificate's, where it keeps state.
    """
    values = compose.example() | {"TURN_ADDRESS": address, "PUBLIC_ADDRESS": peer, "TURN_SECRET": secret}
    _certificate(scratch, address)
    service = compose.read(*compose.WAYS[-1], values=values)["services"]["coturn"]
    mounted = {"/etc/coturn/turnserver.conf": ROOT / "deploy" / "turnserver.conf", "/etc/coturn/tls": scratch}
    arguments = service["command"]
    for inside, outside in mounted.items():
        assert inside in [volume["target"] for volume in service["volumes"]]
        arguments = [argument.replace(inside, str(outside)) for argument in arguments]
    return [program(), *arguments, f"--pidfile={scratch}/turn.pid", f"--userdb={scratch}/turn.db"]


@contextlib.contextmanager
def running_coturn(scratch: Path, *, address: str, peer: str) -> Iterator[Coturn]:
    """Run coturn on free ports of `address`; it relays to `peer` only."""
    port, tls_port = _free_ports(address)
    log = scratch / "turn.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                *command(scratch, address=address, peer=peer),
                *(f"--listening-port={port}", f"--tls-listening-port={tls_port}"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        for one in (port, tls_port):
            _wait_until_it_listens(process, address, one, log)
        yield Coturn(address, port, tls_port)
    finally:
        process.terminate()
        process.wait(timeout=10)


def _free_ports(address: str) -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind((address, 0))
        other.bind((address, 0))
        return one.getsockname()[1], other.getsockname()[1]


def _certificate(folder: Path, address: str) -> None:
    """Write a key and a certificate for `address` that nobody but the tests trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "TURN of the tests")])
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


def _wait_until_it_listens(process: "subprocess.Popen[bytes]", address: str, port: int, log: Path) -> None:
    deadline = time.monotonic() + 10
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection((address, port), timeout=1):
            return
        time.sleep(0.05)
    raise AssertionError(f"coturn does not listen: {log.read_text(errors='replace')[-2000:]}")
