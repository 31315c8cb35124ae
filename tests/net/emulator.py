"""The lines, as a process of their own: `python -m tests.net.emulator CONTROL SEED SERVER_TUN ADDRESS=TUN …`.

Moves IP packets between the TUN devices whose descriptors it inherits, under conditions that can be changed at any time by
`Network` at the other end of the pipe CONTROL. A process, because a thread would wait for the interpreter of whoever drives the
browsers, and a line that waits is a worse line than was asked for.
"""

from __future__ import annotations

import contextlib
import gc
import heapq
import itertools
import os
import random
import select
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from typing import Any

from tests.net.conditions import CLEAR, Line
from tests.net.link import Count, Link

LATE_MOST = 200_000
"""How many deliveries are kept to judge the emulator itself."""
AT_ONCE = 64
"""Packets read of one device before what is due is delivered."""


@dataclass
class End:
    """A client's end: its device, its address, and the line to the server."""

    tun: int
    address: bytes
    up: Link
    down: Link


class Emulator:
    """One server and its clients. Whatever a public method returns is the answer to the one who asked by that name."""

    def __init__(self, control: Connection, seed: int, server_tun: int, ends: dict[str, int]) -> None:
        """`ends` are descriptors of TUN devices by the address behind them."""
        self._control = control
        self._server_tun = server_tun
        self._ends = [
            End(
                tun,
                socket.inet_aton(address),
                *(Link(random.Random(f"{seed}/{index}/{way}")) for way in ("up", "down")),
            )
            for index, (address, tun) in enumerate(ends.items())
        ]
        self._heap: list[tuple[float, int, int, bytes]] = []
        self._order = itertools.count()
        self._late: list[float] = []
        self._deeds: dict[str, Callable[..., Any]] = {
            deed.__name__: deed
            for deed in (self.set, self.line, self.counts, self.waiting, self.offered, self.move, self.late)
        }

    # --- what is asked ----------------------------------------------------------------------------------------

    def set(self, client: int, line: Line) -> float:
        end, now = self._ends[client], time.monotonic()
        end.up.change(line.up, now)
        end.down.change(line.down, now)
        return now

    def line(self, client: int) -> Line:
        end = self._ends[client]
        return Line(up=end.up.way, down=end.down.way)

    def counts(self, client: int) -> tuple[Count, Count]:
        end = self._ends[client]
        return replace(end.up.count), replace(end.down.count)

    def waiting(self, client: int) -> tuple[float, float]:
        end, now = self._ends[client], time.monotonic()
        return end.up.waiting(now), end.down.waiting(now)

    def offered(self, client: int) -> tuple[float, float]:
        end, now = self._ends[client], time.monotonic()
        return end.up.offered(now), end.down.offered(now)

    def move(self, client: int, address: str) -> None:
        self._ends[client].address = socket.inet_aton(address)

    def late(self, *, forget: bool) -> float:
        """The 99th percentile of the seconds by which deliveries came later than planned, since it was last forgotten."""
        late = sorted(self._late)
        if forget:
            self._late.clear()
        return late[int(len(late) * 0.99)] if late else 0.0

    # --- packets ----------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Move packets until the other end of the control pipe closes."""
        control = self._control.fileno()
        sources = {end.tun: end for end in self._ends}
        with select.epoll() as poll:
            for fd in (control, self._server_tun, *sources):
                poll.register(fd, select.EPOLLIN)
            while True:
                for fd, _ in poll.poll(self._patience()):
                    if fd != control:
                        self._read(fd, sources.get(fd))
                    elif not self._answer():
                        return
                self._deliver()

    def _answer(self) -> bool:
        try:
            name, arguments, named = self._control.recv()
            self._control.send(self._deeds[name](*arguments, **named))
        except (EOFError, OSError):
            return False
        return True

    def _patience(self) -> float | None:
        """Return how long to wait for packets, seconds. epoll rounds milliseconds up, so the last of them is slept here."""
        if not self._heap:
            return None
        wait = self._heap[0][0] - time.monotonic()
        if wait >= 0.002:
            return wait - 0.001
        if wait > 0:
            time.sleep(wait)
        return 0

    def _read(self, fd: int, source: End | None) -> None:
        for _ in range(AT_ONCE):
            try:
                packet = os.read(fd, 65536)
            except BlockingIOError:
                return
            if packet[0] >> 4 != 4:
                continue
            now = time.monotonic()
            if source is not None:
                if packet[12:16] == source.address:
                    self._pass(source.up, self._server_tun, packet, now)
                continue
            for end in self._ends:
                if packet[16:20] == end.address:
                    self._pass(end.down, end.tun, packet, now)

    def _pass(self, link: Link, out: int, packet: bytes, now: float) -> None:
        for at in link.send(len(packet), packet[9], now):
            heapq.heappush(self._heap, (at, next(self._order), out, packet))

    def _deliver(self) -> None:
        while self._heap:
            at, _, out, packet = self._heap[0]
            late = time.monotonic() - at
            if late < 0:
                return
            heapq.heappop(self._heap)
            if len(self._late) < LATE_MOST:
                self._late.append(late)
            with contextlib.suppress(OSError):  # the device is full or going down: a loss like another
                os.write(out, packet)


def main() -> None:
    control, seed, server_tun, *ends = sys.argv[1:]
    tuns = {address: int(tun) for address, tun in (end.split("=") for end in ends)}
    emulator = Emulator(Connection(int(control)), int(seed), int(server_tun), tuns)
    for client in range(len(tuns)):
        emulator.set(client, CLEAR)
    gc.disable()  # a few packets a second of garbage, none of it in circles
    # A line that waits for a processor is a worse line than was asked for.
    with contextlib.suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    emulator.run()


if __name__ == "__main__":
    main()
