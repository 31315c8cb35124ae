"""Receiver statistics of one stream, for the report blocks we send (RFC 3550 appendices A.1, A.3 and A.8). Pure."""

from media.core.rtcp import ReportBlock
from media.core.rtp import MASK16, MASK32

MAX_DROPOUT = 3000
MAX_MISORDER = 1500
DUPLICATE, IN_ORDER, LATE, RESTART = -1, 0, -2, -3
SEEN = 2048


class ReceiverStatistics:
    """Counts what came of one SSRC. `clock_rate` in Hz; times are seconds on one monotonic clock."""

    __slots__ = (
        "_base",
        "_cycles",
        "_expected_prior",
        "_expected_taken",
        "_highest",
        "_received",
        "_received_prior",
        "_received_taken",
        "_seen",
        "_started",
        "_transit",
        "clock_rate",
        "fraction_lost",
        "jitter",
        "shortest_transit",
    )

    def __init__(self, clock_rate: int) -> None:
        self.clock_rate = clock_rate
        self._started = False
        self._base = self._highest = self._cycles = 0
        self._received = self._received_prior = self._expected_prior = 0
        self._received_taken = self._expected_taken = 0
        self._transit: float | None = None
        self._seen = [-1] * SEEN
        self.jitter = 0.0
        self.fraction_lost = 0
        self.shortest_transit: float | None = None

    def update(self, sequence: int, timestamp: int, now: float) -> int:
        """Count a packet.

        Returns the number of packets skipped before it (0: `IN_ORDER`), or `LATE`, `DUPLICATE` (do not forward), or
        `RESTART` when the numbers jumped so far that the source must have started anew.
        """
        if not self._started:
            self._restart(sequence)
            verdict = IN_ORDER
        else:
            ahead = (sequence - self._highest) & MASK16
            slot = sequence & (SEEN - 1)
            if 0 < ahead < MAX_DROPOUT:
                verdict = ahead - 1
                if sequence < self._highest:
                    self._cycles += 65536
                self._highest = sequence
            elif ahead == 0 or self._seen[slot] == sequence:
                return DUPLICATE
            elif ahead > 65536 - MAX_MISORDER:
                verdict = LATE
            else:
                self._restart(sequence)
                verdict = RESTART
            self._seen[slot] = sequence
        self._received += 1
        # A.8: the difference of transit times, smoothed by 1/16. Late packets would only measure the retransmission.
        if verdict >= IN_ORDER:
            transit = now - timestamp / self.clock_rate
            if self._transit is not None:
                difference = abs(transit - self._transit)
                if difference < 10:  # else the timestamp wrapped
                    self.jitter += (difference * self.clock_rate - self.jitter) / 16
                else:
                    self.shortest_transit = None
            self._transit = transit
            if self.shortest_transit is None or transit < self.shortest_transit:
                self.shortest_transit = transit
        return verdict

    @property
    def received(self) -> int:
        """Packets since the source started, late ones included."""
        return self._received

    @property
    def lost(self) -> int:
        """Packets missing since the source started; negative when resent ones came twice."""
        return self._expected - self._received if self._started else 0

    @property
    def highest_sequence(self) -> int:
        """Extended highest sequence number: cycles in the upper 16 bits."""
        return (self._cycles + self._highest) & MASK32

    def report(self, *, ssrc: int, last_sender_report: int, delay: float) -> ReportBlock:
        """Close the interval and return its block. `delay`: seconds since that sender report came."""
        expected, received = self._expected, self._received
        expected_interval = expected - self._expected_prior
        lost_interval = expected_interval - (received - self._received_prior)
        self._expected_prior, self._received_prior = expected, received
        if expected_interval > 0 and lost_interval > 0:
            self.fraction_lost = min(255, (lost_interval << 8) // expected_interval)
        else:
            self.fraction_lost = 0
        return ReportBlock(
            ssrc=ssrc,
            fraction_lost=self.fraction_lost,
            lost=self.lost,
            highest_sequence=self.highest_sequence,
            jitter=int(self.jitter),
            last_sender_report=last_sender_report,
            delay=int(delay * 65536) & MASK32 if last_sender_report else 0,
        )

    def take_loss(self) -> float:
        """Return the share lost (0–1) since the last call; independent of the reports."""
        expected, received = self._expected, self._received
        expected_interval = expected - self._expected_taken
        lost = expected_interval - (received - self._received_taken)
        self._expected_taken, self._received_taken = expected, received
        return min(max(lost / expected_interval, 0.0), 1.0) if expected_interval > 0 else 0.0

    @property
    def _expected(self) -> int:
        return self._cycles + self._highest - self._base + 1 if self._started else 0

    def _restart(self, sequence: int) -> None:
        self._started = True
        self._base = self._highest = sequence
        self._cycles = self._received = self._received_prior = self._expected_prior = 0
        self._received_taken = self._expected_taken = 0
        self._transit = None
        self.shortest_transit = None
        self.jitter = 0.0
        self._seen = [-1] * SEEN
        self._seen[sequence & (SEEN - 1)] = sequence
