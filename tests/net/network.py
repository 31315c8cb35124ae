"""A server and its clients in namespaces of their own, with an emulated line between each client and the server.

::

    with Network(clients=2, seed=7) as network:
        network.set(0, PROFILES["P4"])
        subprocess.Popen(network.command(SERVER, "python", "-m", "media"))

A process of its own (`emulator`) moves IP packets between the TUN devices. The lines can be changed at any time; chance is seeded.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from multiprocessing.connection import Pipe
from types import TracebackType
from typing import Any, Self

from devtool.console import Failure
from devtool.paths import ROOT
from tests.net import netdev
from tests.net.conditions import CLEAR, Line
from tests.net.link import Count

SERVER = -1
SERVER_ADDRESS = "10.77.0.1"
STOP_SECONDS = 5.0


@dataclass
class Network:
    """One server (`SERVER`) and `clients` numbered from 0, each behind a line."""

    clients: int
    seed: int = 1
    _namespaces: list[int] = field(default_factory=list)
    _addresses: list[str] = field(default_factory=list)

    def start(self) -> Self:
        """Make the namespaces and begin moving packets.

        Raises:
            Failure: this machine cannot; one line says what is missing.
        """
        netdev.require()
        self._server, server_tun = netdev.make("line0", SERVER_ADDRESS)
        self._addresses = [f"10.77.0.{index + 10}" for index in range(self.clients)]
        made = [netdev.make("line0", address) for address in self._addresses]
        self._namespaces = [namespace for namespace, _ in made]
        tuns = [tun for _, tun in made]
        self._control, theirs = Pipe()
        ends = [f"{address}={tun}" for address, tun in zip(self._addresses, tuns, strict=True)]
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.net.emulator"),
                *(str(theirs.fileno()), str(self.seed), str(server_tun), *ends),
            ],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'bin'}"},
            stdin=subprocess.DEVNULL,
            pass_fds=(theirs.fileno(), server_tun, *tuns),
            start_new_session=True,  # it ends when we do, not before, by Ctrl-C
        )
        theirs.close()
        for tun in (server_tun, *tuns):
            os.close(tun)
        self.clear()  # answered when it is up
        return self

    def stop(self) -> None:
        """Stop moving packets. The namespaces go with the last process in them."""
        self._control.close()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for namespace in (self._server, *self._namespaces):
            os.close(namespace)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # --- lines ------------------------------------------------------------------------------------------------

    def set(self, client: int, line: Line) -> float:
        """Give a client's line other conditions from now on; returns the time."""
        at: float = self._ask("set", client, line)
        return at

    def line(self, client: int) -> Line:
        """Return a line's conditions."""
        found: Line = self._ask("line", client)
        return found

    def clear(self) -> None:
        """Free all lines of conditions, and forget how late deliveries were."""
        for index in range(self.clients):
            self.set(index, CLEAR)
        self.late(forget=True)

    def counts(self, client: int) -> tuple[Count, Count]:
        """Return what became of a client's packets so far, up and down."""
        found: tuple[Count, Count] = self._ask("counts", client)
        return found

    def waiting(self, client: int) -> tuple[float, float]:
        """Return how long a packet would now wait in the queue, up and down, seconds."""
        found: tuple[float, float] = self._ask("waiting", client)
        return found

    def offered(self, client: int) -> tuple[float, float]:
        """Return the bit/s that the last second asked of a line, up and down."""
        found: tuple[float, float] = self._ask("offered", client)
        return found

    def late(self, *, forget: bool = False) -> float:
        """Return by how many seconds deliveries came later than planned (99th percentile): how well the emulator keeps up."""
        found: float = self._ask("late", forget=forget)
        return found

    def _ask(self, what: str, *arguments: object, **named: object) -> Any:
        try:
            self._control.send((what, arguments, named))
            return self._control.recv()
        except (EOFError, OSError) as error:
            raise Failure("The emulated lines have ended; what they said is above.") from error

    # --- namespaces -------------------------------------------------------------------------------------------

    def address(self, who: int) -> str:
        """Return an end's IP address."""
        return SERVER_ADDRESS if who == SERVER else self._addresses[who]

    def namespace(self, who: int) -> int:
        """Return the descriptor of an end's namespace."""
        return self._server if who == SERVER else self._namespaces[who]

    def move(self, client: int, address: str) -> None:
        """Give a client another address of 10.77.0.0/24; packets from and to the old one are lost from now on."""
        netdev.move(self._namespaces[client], "line0", address)
        self._ask("move", client, address)
        self._addresses[client] = address

    def command(self, who: int, *command: str) -> list[str]:
        """Return a command line that runs `command` in a namespace."""
        return [sys.executable, "-m", "tests.net.enter", str(os.getpid()), str(self.namespace(who)), *command]
