"""How much a publisher may send, told to it as REMB (draft-alvestrand-rmcat-remb). Pure.

Two limits, the smaller counts:

- *Uplink*: additive increase, multiplicative decrease on what we see of the publisher's line. Above 10 % loss the target
  falls with the loss; a queue building up (transit time well above the shortest seen) takes it below the received rate,
  so that the queue drains; below 2 % it grows by 8 % a tick, by 1 % near the rate at which the queue was seen last. In
  between it stays (the rule of draft-ietf-rmcat-gcc §6).
- *Downlinks*: the same rule per viewer on their receiver reports and NACKs. The publisher is held to the *best* viewer,
  never the worst: one bad line must not spoil the picture of the others. With one viewer that is the viewer's line.

The ceiling keeps a browser from probing for more than we would ever forward.
"""

FLOOR = 80_000
START = 1_500_000
CEILING = 3_000_000
LOSS_HIGH = 0.10
LOSS_LOW = 0.02
QUEUE_SECONDS = 0.15
JUMP_SECONDS = 5.0  # the timestamps were set anew; no queue is that long
GROWTH = 1.08
GROWTH_NEAR = 1.01
NEAR = 0.9  # of the rate that came through while there was a queue
FORGET_TICKS = 60  # that rate
GROWTH_STEP = 8_000


class RateController:
    """AIMD over one line. Rates in bit/s."""

    __slots__ = ("_knee", "_ticks", "target")

    def __init__(self, start: float = START) -> None:
        self.target = start
        self._knee: float | None = None  # the rate that came through when a queue was seen last
        self._ticks = 0  # since then

    @property
    def queued(self) -> bool:
        """Whether a queue was seen lately, so that the target means something."""
        return self._knee is not None

    def tick(self, *, rate: float, loss: float, queue: float = 0.0) -> float:
        """Take in one interval: the rate that got through, the share lost (0–1), the queueing delay in seconds."""
        if loss > LOSS_HIGH:
            self.target *= 1 - 0.5 * loss
        elif queue > QUEUE_SECONDS:
            self.target = min(self.target, 0.85 * rate)
            self._knee, self._ticks = rate, 0
        elif loss < LOSS_LOW:
            # Never run far ahead of what is really sent: an idle encoder proves nothing about the line.
            near = self._knee is not None and self.target > NEAR * self._knee
            grown = self.target * GROWTH_NEAR if near else self.target * GROWTH + GROWTH_STEP
            self.target = min(grown, max(self.target, 2 * rate, START))
        self.target = min(max(self.target, FLOOR), CEILING)
        self._ticks += 1
        if self._ticks > FORGET_TICKS:
            self._knee = None
        return self.target


class QueueDelay:
    """Queueing delay from the shortest transit time of each interval, seconds.

    The base is the least of the last `intervals`, so that two clocks drifting apart are not taken for a queue.
    """

    __slots__ = ("_intervals", "_recent")

    def __init__(self, intervals: int = 60) -> None:
        self._intervals = intervals
        self._recent: list[float] = []

    def tick(self, shortest_transit: float | None) -> float:
        """Take in an interval's shortest transit; None (nothing came, or timestamps jumped) starts over."""
        if shortest_transit is None:
            self._recent.clear()
            return 0.0
        if self._recent and abs(shortest_transit - self._recent[-1]) > JUMP_SECONDS:
            self._recent.clear()
        self._recent.append(shortest_transit)
        del self._recent[: -self._intervals]
        return shortest_transit - min(self._recent)


def publisher_limit(uplink: float, downlinks: list[float]) -> int:
    """Return the bit/s to ask for; without viewers the uplink alone decides."""
    return int(min(uplink, max(downlinks))) if downlinks else int(uplink)
