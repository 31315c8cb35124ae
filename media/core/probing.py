"""Short clusters of padding that find out whether a line carries more than is sent. Pure.

What is sent never proves that more would get through. So, when more is wanted, a cluster is sent at a higher rate for
30 ms, and the pace at which it comes out at the other end is the answer. Numbers after libwebrtc's ProbeController and
ProbeBitrateEstimator: three times the estimate at first and twice later, saturated below 0.9 of the sent pace and then
95 % of what came. Ours: a cluster that comes in clumps is repeated and twice as long, the pause between probes doubles
when one finds nothing, and all probes together take at most a tenth of what is sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from media.core.twcc import Acknowledged

DURATION_SECONDS, DURATION_MOST = 0.03, 0.12
CLUMPED = (
    0.4  # of the time the cluster took to come, in one gap: the line jitters, and a longer cluster is needed
)
SLACK_SECONDS = 0.05  # a sender's timers are coarse
SETTLE_SECONDS = 0.1  # in which the queue the cluster made may drain
FIRST_FACTOR, FACTOR = 3.0, 2.0
LEAST_FACTOR = 1.2
MARGIN = 1.1  # above what is wanted: the answer comes out a little lower than the question
LEAST_PACKETS = 5
SATURATED = 0.9
UTILISATION = 0.95
PLAUSIBLE = 2.0  # nothing comes out twice as fast as it went in: held up and let go at once
PAUSE_SECONDS, PAUSE_MOST = 1.0, 10.0
SHARE = 0.1
BUDGET_BYTES = 32_000
ANSWER_SECONDS = 3.0  # without one, nobody sent the cluster or all of it is lost


@dataclass(frozen=True, slots=True)
class Probe:
    """Send `size` bytes now, in at least `LEAST_PACKETS` packets, spread evenly at `rate` bit/s."""

    size: int
    rate: float


class ProbeController:
    """When to probe, and what came of it."""

    __slots__ = (
        "_budget",
        "_duration",
        "_factor",
        "_next_at",
        "_packets",
        "_pause",
        "_probe",
        "_since",
        "_until",
    )

    def __init__(self) -> None:
        self._budget = float(BUDGET_BYTES)
        self._duration = DURATION_SECONDS
        self._factor = FIRST_FACTOR
        self._next_at = 0.0
        self._pause = PAUSE_SECONDS
        self._probe: Probe | None = None  # sent, not answered
        self._packets: list[Acknowledged] = []
        self._since = self._until = -1e9

    def propose(self, now: float, *, target: float, wanted: float) -> Probe | None:
        """Return the cluster to send now when one is worth it. It counts as sent."""
        if self._probe is not None and now > self._until + ANSWER_SECONDS:
            self._probe = None
            self.disappoint(now)
        if self._probe is not None or wanted <= target or now < self._next_at:
            return None
        rate = max(min(wanted * MARGIN, target * self._factor), target * LEAST_FACTOR)
        size = min(int(rate * self._duration / 8), BUDGET_BYTES)
        if size > self._budget:
            return None
        self._budget -= size
        self._probe = Probe(size, rate)
        self._packets = []
        self._since, self._until = now, now + self._duration + SLACK_SECONDS
        return self._probe

    def sent(self, size: int) -> None:
        """Note bytes sent for their own sake: they earn probes their share."""
        self._budget = min(self._budget + SHARE * size, BUDGET_BYTES)

    def disappoint(self, now: float) -> None:
        """Wait longer until the next one: this one led nowhere, or to a queue."""
        self._pause = min(2 * self._pause, PAUSE_MOST)
        self._next_at = now + self._pause

    def hold_off(self, until: float) -> None:
        """Send none before."""
        self._next_at = max(self._next_at, until)

    def split(self, packets: Sequence[Acknowledged]) -> Sequence[Acknowledged]:
        """Take out what was sent with the cluster and right behind it, whose queueing is our own doing; return the rest."""
        since, settled = self._since, self._until + SETTLE_SECONDS
        if packets[-1][0] < since or packets[0][0] > settled:
            return packets
        if self._probe is not None:
            self._packets += [packet for packet in packets if since <= packet[0] <= self._until]
        return [packet for packet in packets if not since <= packet[0] <= settled]

    def result(self, packets: Sequence[Acknowledged], now: float, *, own_loss: float) -> float | None:
        """Return the rate the cluster showed, bit/s, once it is answered, after `packets` were split.

        `own_loss` is the share the line loses at any rate: it does not count against the cluster.
        """
        probe = self._probe
        if probe is None:
            return None
        cluster = _first_bytes(self._packets, probe.size)
        if sum(packet[2] for packet in cluster) < probe.size and packets[-1][0] <= self._until:
            return None
        self._probe = None
        self._packets = []
        self._factor = FACTOR
        if _is_clumped(cluster) and self._duration < DURATION_MOST:
            self._duration *= 2
            self._next_at = now + self._pause
            return None
        found = _measure(cluster, probe, own_loss)
        if found is None or found < SATURATED * probe.rate:
            self.disappoint(now)
        else:
            self._pause = PAUSE_SECONDS
            self._next_at = now + PAUSE_SECONDS / 4
        return found


def _first_bytes(packets: Sequence[Acknowledged], size: int) -> Sequence[Acknowledged]:
    for i, packet in enumerate(packets):
        size -= packet[2]
        if size <= 0:
            return packets[: i + 1]
    return packets


def _is_clumped(cluster: Sequence[Acknowledged]) -> bool:
    """Return whether a good part of the time lies before one packet, more than its size explains."""
    times = [arrived for _, arrived, _ in cluster if arrived is not None]
    if len(times) < LEAST_PACKETS - 1:
        return False
    span = max(times) - min(times)
    pace = span / sum(size for _, _, size in cluster)
    return any(
        came - before - size * pace > CLUMPED * span
        for (_, before, _), (_, came, size) in pairwise(cluster)
        if before is not None and came is not None
    )


def _measure(cluster: Sequence[Acknowledged], probe: Probe, own_loss: float) -> float | None:
    times = [(sent, arrived) for sent, arrived, _ in cluster if arrived is not None]
    total = sum(size for _, _, size in cluster)
    received = sum(size for _, arrived, size in cluster if arrived is not None)
    if len(times) < LEAST_PACKETS - 1 or received < 0.5 * probe.size:
        return None
    arrivals = [arrived for _, arrived in times]
    came_in = max(arrivals) - min(arrivals)
    sent_in = cluster[-1][0] - cluster[0][0]
    if came_in <= 0:
        return None
    # One packet marks the beginning of its interval and is not carried in it.
    out_rate = 8 * (received - cluster[0][2]) / came_in / (1 - min(1 - received / total, own_loss))
    in_rate = min(8 * (total - cluster[-1][2]) / sent_in, probe.rate) if sent_in > 0 else probe.rate
    if out_rate > PLAUSIBLE * in_rate:
        return None
    if out_rate < SATURATED * in_rate:
        return UTILISATION * out_rate
    return min(in_rate, out_rate)
