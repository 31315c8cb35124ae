"""A server and its clients in namespaces of their own, with an emulated line between each client and the server.

::

    with Network(clients=2, seed=7) as network:
        network.set(0, PROFILES["P4"])
        subprocess.Popen(network.command(SERVER, "python", "-m", "media"))

A thread moves IP packets between the TUN devices. The lines can be changed at any time; chance is seeded.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
import os
import random
import select
import socket
import sys
import threading
import time
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Self

from tests.net import netdev
from tests.net.conditions import CLEAR, Line
from tests.net.link import Count, Link

SERVER = -1
SERVER_ADDRESS = "10.77.0.1"
LATE_MOST = 200_000
"""How many deliveries are kept to judge the emulator itself."""
SWITCH_SECONDS = 0.0005


@dataclass
class _Client:
    namespace: int
    tun: int
    address: str
    up: Link
    down: Link


@dataclass
class Network:
    """One server (`SERVER`) and `clients` numbered from 0, each behind a line."""

    clients: int
    seed: int = 1
    lateness: list[float] = field(default_factory=list)
    """Seconds by which deliveries came later than planned: how well the emulator itself keeps up."""
    _ends: list[_Client] = field(default_factory=list)
    _heap: list[tuple[float, int, int, bytes]] = field(default_factory=list)

    def start(self) -> Self:
        """Make the namespaces and begin moving packets.

        Raises:
            Failure: this machine cannot; one line says what is missing.
        """
        netdev.require()
        self._server, self._server_tun = netdev.make("line0", SERVER_ADDRESS)
        for index in range(self.clients):
            address = f"10.77.0.{index + 10}"
            namespace, tun = netdev.make("line0", address)
            links = [Link(random.Random(f"{self.seed}/{index}/{way}")) for way in ("up", "down")]
            self._ends.append(_Client(namespace, tun, address, *links))
        self._lock = threading.Lock()
        # What else this process does must not hold packets up for the usual 5 ms.
        self._switch_interval = sys.getswitchinterval()
        sys.setswitchinterval(SWITCH_SECONDS)
        self._order = itertools.count()
        self._stopping, self._stop = os.pipe()
        self._thread = threading.Thread(target=self._run, name="lines", daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop moving packets. The namespaces go with the last process in them."""
        os.close(self._stop)
        self._thread.join()
        sys.setswitchinterval(self._switch_interval)
        for fd in (self._stopping, self._server, self._server_tun):
            os.close(fd)
        for end in self._ends:
            os.close(end.namespace)
            os.close(end.tun)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # --- lines ------------------------------------------------------------------------------------------------

    def set(self, client: int, line: Line) -> float:
        """Give a client's line other conditions from now on; returns the time."""
        end, now = self._ends[client], time.monotonic()
        with self._lock:
            end.up.change(line.up, now)
            end.down.change(line.down, now)
        return now

    def line(self, client: int) -> Line:
        """Return a line's conditions."""
        end = self._ends[client]
        return Line(up=end.up.way, down=end.down.way)

    def clear(self) -> None:
        """Free all lines of conditions, and forget how late deliveries were."""
        for index in range(self.clients):
            self.set(index, CLEAR)
        self.lateness.clear()

    def counts(self, client: int) -> tuple[Count, Count]:
        """Return what became of a client's packets so far, up and down."""
        end = self._ends[client]
        with self._lock:
            return replace(end.up.count), replace(end.down.count)

    def waiting(self, client: int) -> tuple[float, float]:
        """Return how long a packet would now wait in the queue, up and down, seconds."""
        end, now = self._ends[client], time.monotonic()
        with self._lock:
            return end.up.waiting(now), end.down.waiting(now)

    def offered(self, client: int) -> tuple[float, float]:
        """Return the bit/s that the last second asked of a line, up and down."""
        end, now = self._ends[client], time.monotonic()
        with self._lock:
            return end.up.offered(now), end.down.offered(now)

    # --- namespaces -------------------------------------------------------------------------------------------

    def address(self, who: int) -> str:
        """Return an end's IP address."""
        return SERVER_ADDRESS if who == SERVER else self._ends[who].address

    def namespace(self, who: int) -> int:
        """Return the descriptor of an end's namespace."""
        return self._server if who == SERVER else self._ends[who].namespace

    def move(self, client: int, address: str) -> None:
        """Give a client another address of 10.77.0.0/24; packets from and to the old one are lost from now on."""
        end = self._ends[client]
        netdev.move(end.namespace, "line0", address)
        with self._lock:
            end.address = address

    def command(self, who: int, *command: str) -> list[str]:
        """Return a command line that runs `command` in a namespace."""
        return [sys.executable, "-m", "tests.net.enter", str(os.getpid()), str(self.namespace(who)), *command]

    # --- packets ----------------------------------------------------------------------------------------------

    def _run(self) -> None:
        # A line that waits for a processor is a worse line than was asked for.
        with contextlib.suppress(OSError):
            os.sched_setscheduler(threading.get_native_id(), os.SCHED_RR, os.sched_param(1))
        poll = select.epoll()
        for fd in (self._stopping, self._server_tun, *(end.tun for end in self._ends)):
            poll.register(fd, select.EPOLLIN)
        sources = {end.tun: end for end in self._ends}
        while True:
            wait = max(0.0, self._heap[0][0] - time.monotonic()) if self._heap else None
            # epoll counts in milliseconds and rounds up; a shorter sleep by select keeps deliveries in time.
            if wait is not None and wait < 0.002:
                if wait > 0:
                    time.sleep(wait)
                wait = 0
            elif wait is not None:
                wait -= 0.001
            for fd, _ in poll.poll(wait):
                if fd == self._stopping:
                    poll.close()
                    return
                self._read(fd, sources.get(fd))
            self._deliver()

    def _read(self, fd: int, source: _Client | None) -> None:
        for _ in range(64):  # then deliver what is due
            try:
                packet = os.read(fd, 65536)
            except BlockingIOError:
                return
            if packet[0] >> 4 != 4:
                continue
            now = time.monotonic()
            if source is not None:
                if packet[12:16] == socket.inet_aton(source.address):
                    self._pass(source.up, self._server_tun, packet, now)
                continue
            for end in self._ends:
                if packet[16:20] == socket.inet_aton(end.address):
                    self._pass(end.down, end.tun, packet, now)

    def _pass(self, link: Link, out: int, packet: bytes, now: float) -> None:
        with self._lock:
            due = link.send(len(packet), packet[9], now)
        for at in due:
            heapq.heappush(self._heap, (at, next(self._order), out, packet))

    def _deliver(self) -> None:
        while self._heap:
            at, _, out, packet = self._heap[0]
            late = time.monotonic() - at
            if late < 0:
                return
            heapq.heappop(self._heap)
            if len(self.lateness) < LATE_MOST:
                self.lateness.append(late)
            with contextlib.suppress(OSError):  # the device is full or going down: a loss like another
                os.write(out, packet)
