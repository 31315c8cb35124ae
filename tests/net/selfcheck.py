"""Is the line what its profile says? Measured with datagrams from the client to the server, before every run.

Round trip and rate must be within ±10 %. So must losses, but a finite sample of a rare event scatters by itself: three
standard deviations of the sample are allowed for on top. A profile that fails is not run; nothing is said about its bars.
"""

from __future__ import annotations

import itertools
import math
import socket
import statistics
import time
from dataclasses import dataclass, field, replace

from tests.net import netdev
from tests.net.conditions import Line, Way
from tests.net.network import SERVER, Network

TOLERANCE = 0.10
LEAST = 0.003
"""Seconds of round trip that the machine itself may add."""
PINGS = 15
SAMPLE = 12_000
"""Datagrams sent to count losses; of 1 % losses that is 120 ± 11."""
DEVIATIONS = 3
RATE_SECONDS = 2.0
PATIENCE = 1.0
HEADERS = 28  # IP and UDP
PING_OCTETS, LARGE = 64, 500
BURST = 10
BURST_PAUSE = 0.002


@dataclass
class Checked:
    """What was measured against what was wanted, and what did not fit."""

    figures: dict[str, dict[str, float]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether a run on this line counts."""
        return not self.wrong

    def compare(self, name: str, wanted: float, measured: float, allowed: float) -> None:
        """Note a figure; wrong when it is farther than `allowed` from what is wanted."""
        self.figures[name] = {"wanted": round(wanted, 5), "measured": round(measured, 5)}
        if abs(measured - wanted) > allowed:
            self.wrong.append(f"{name} {measured:.4g} instead of {wanted:.4g}")


def check(network: Network, client: int, line: Line) -> Checked:
    """Set the line and measure it; takes some seconds. The line stays set, its darkness beginning anew."""
    checked = Checked()
    with _Pair(network, client) as pair:
        if not line.down.udp:
            network.set(client, line)
            checked.compare("udp_lost", 1, pair.lost(50)[0], 0)
        elif line.down.flap is not None:
            _check_flap(network, client, line, pair, checked)
        else:
            # Each figure by itself: a full queue would hide losses, losses would hide the queue.
            network.set(client, Line(up=_part(line.up, loss=0.0), down=_part(line.down, loss=0.0)))
            _check_round_trip(pair, line, checked)
            if line.up.loss or line.down.loss:
                network.set(client, Line(up=_part(line.up, rate=0.0), down=_part(line.down, rate=0.0)))
                _check_loss(pair, line, checked)
            if line.up.rate or line.down.rate:
                network.set(client, Line(up=_part(line.up, loss=0.0), down=_part(line.down, loss=0.0)))
                _check_rate(pair, line, checked)
    network.set(client, line)
    return checked


def _part(way: Way, **changes: float) -> Way:
    return replace(way, **changes)  # type: ignore[arg-type]


def _check_round_trip(pair: _Pair, line: Line, checked: Checked) -> None:
    trips = [trip for _ in range(PINGS) if (trip := pair.ping()) is not None]
    measured = statistics.median(trips) if trips else math.inf
    size_seconds = sum(PING_OCTETS * 8 / way.rate for way in (line.up, line.down) if way.rate)
    wanted = line.round_trip + size_seconds
    checked.compare("round_trip", wanted, measured, max(TOLERANCE * wanted, LEAST))


def _check_loss(pair: _Pair, line: Line, checked: Checked) -> None:
    for name, way, share in zip(("up", "down"), (line.up, line.down), pair.lost(SAMPLE), strict=True):
        # Losses in runs of n scatter like 1/n as many; within a run lengths scatter again.
        spread = math.sqrt(way.loss * (1 - way.loss) * (2 * way.burst if way.burst > 1 else 1) / SAMPLE)
        checked.compare(f"loss_{name}", way.loss, share, TOLERANCE * way.loss + DEVIATIONS * spread)


def _check_rate(pair: _Pair, line: Line, checked: Checked) -> None:
    ways = (line.up, line.down)
    for name, way, measured in zip(("up", "down"), ways, pair.rates(*ways), strict=True):
        if way.rate:
            checked.compare(f"rate_{name}", way.rate, measured, TOLERANCE * way.rate)


def _check_flap(network: Network, client: int, line: Line, pair: _Pair, checked: Checked) -> None:
    """The line goes dark when it is set: wait for the light."""
    flap = line.down.flap
    assert flap is not None
    began = network.set(client, line)
    while pair.ping(patience=0.1) is None and time.monotonic() - began < 2 * flap.lasts:
        pass
    dark = time.monotonic() - began
    checked.compare("dark", flap.lasts, dark, TOLERANCE * flap.lasts)
    _check_round_trip(pair, line, checked)


class _Pair:
    """A UDP socket in the client's namespace and one in the server's, both in our hands."""

    def __init__(self, network: Network, client: int) -> None:
        self.sockets: list[socket.socket] = []
        for who in (client, SERVER):
            with netdev.inside(network.namespace(who)):
                one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            one.bind((network.address(who), 0))
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
            self.sockets.append(one)
        ours, theirs = self.sockets
        self._numbers = itertools.count()
        self._ways: tuple[tuple[socket.socket, socket.socket], ...] = ((ours, theirs), (theirs, ours))

    def __enter__(self) -> _Pair:
        return self

    def __exit__(self, *_: object) -> None:
        for one in self.sockets:
            one.close()

    def ping(self, patience: float = PATIENCE) -> float | None:
        """Return a round trip in seconds; None when the packet or its answer did not come in time."""
        message = next(self._numbers).to_bytes(PING_OCTETS - HEADERS, "big")
        began = time.monotonic()
        for source, sink in self._ways:
            source.sendto(message, sink.getsockname())
            sink.settimeout(patience)
            try:
                while sink.recv(2048) != message:
                    pass  # left over from what was measured before
            except TimeoutError:
                return None
        return time.monotonic() - began

    def lost(self, count: int) -> tuple[float, float]:
        """Send `count` small datagrams each way; return the shares lost, up and down."""
        came = [0, 0]
        quiet = 0.0
        number = 0
        while quiet < PATIENCE:
            for source, sink in self._ways:
                for _ in range(min(BURST, max(0, count - number))):
                    source.sendto(b"n", sink.getsockname())
            number += BURST
            before = sum(came)
            for index, (_, sink) in enumerate(self._ways):
                came[index] += self._drain(sink)
            quiet = quiet + BURST_PAUSE if number >= count and sum(came) == before else 0.0
            time.sleep(BURST_PAUSE)
        return 1 - came[0] / count, 1 - came[1] / count

    def rates(self, *ways: Way) -> tuple[float, float]:
        """Overload both ways and return what comes through, up and down, bit/s of IP packets."""
        sent, came = [0, 0], [0, 0]
        standing = max(way.queue + way.delay for way in ways) + RATE_SECONDS / 4  # until the queues are full
        began = time.monotonic()
        while (elapsed := time.monotonic() - began) < standing + RATE_SECONDS:
            for index, (source, sink) in enumerate(self._ways):
                while sent[index] * LARGE * 8 < 2 * ways[index].rate * elapsed:
                    source.sendto(bytes(LARGE - HEADERS), sink.getsockname())
                    sent[index] += 1
                got = self._drain(sink)
                if elapsed > standing:
                    came[index] += got
            time.sleep(BURST_PAUSE)
        return came[0] * LARGE * 8 / RATE_SECONDS, came[1] * LARGE * 8 / RATE_SECONDS

    @staticmethod
    def _drain(sink: socket.socket) -> int:
        sink.setblocking(False)
        came = 0
        while True:
            try:
                sink.recv(2048)
            except BlockingIOError:
                return came
            came += 1
