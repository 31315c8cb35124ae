"""Is a queue growing on the way? (draft-ietf-rmcat-gcc-02 §5, with the trendline filter of libwebrtc.) Pure.

Packets sent within 5 ms form a group. How much later than sent each group came than the group before, summed up and
smoothed, is fitted with a line over the last 20 groups: a rising line is a queue filling up. The threshold for "rising"
adapts to what the line does anyway, so that jitter is no queue and a competing flow does not starve us.

The numbers are libwebrtc's defaults: group 5 ms, merged bursts up to 100 ms, smoothing 0.9, window 20, gain 4, first
threshold 12.5 ms (6 to 600) with k_up 0.0087 and k_down 0.039, over-use after 10 ms and two samples.
"""

from collections.abc import Sequence

from media.core.twcc import Acknowledged

GROUP_SECONDS = 0.005
BURST_SECONDS = 0.1
SMOOTHING = 0.9
WINDOW = 20
GAIN = 4.0
COUNTED = 60  # the trend weighs more with the first groups seen, up to this many
THRESHOLD, THRESHOLD_LEAST, THRESHOLD_MOST = 12.5, 6.0, 600.0  # ms
K_UP, K_DOWN = 0.0087, 0.039
SPIKE = 15.0  # ms above the threshold: a jump, not what the line does anyway
OVERUSE_MS = 10.0
SILENCE_SECONDS = 2.0  # what was before says nothing about now
JUMP_SECONDS = 3.0  # a clock was set
REORDERED = 3

UNDER, NORMAL, OVER = -1, 0, 1


class DelayTrend:
    """The detector of one line. `state` is `UNDER`, `NORMAL` or `OVER` after the last packet taken in."""

    __slots__ = (
        "_count",
        "_delay",
        "_first_arrived",
        "_first_sent",
        "_index",
        "_last_arrived",
        "_last_sent",
        "_origin",
        "_over_count",
        "_over_ms",
        "_previous_arrived",
        "_previous_sent",
        "_reordered",
        "_slope",
        "_smoothed",
        "_sums",
        "_threshold",
        "_xs",
        "_ys",
        "state",
    )

    def __init__(self) -> None:
        self._threshold = THRESHOLD
        self._restart()

    def _restart(self) -> None:
        self.state = NORMAL
        self._first_sent: float | None = None  # of the group being filled
        self._first_arrived = self._last_sent = self._last_arrived = 0.0
        self._previous_sent: float | None = None  # of the group before
        self._previous_arrived = 0.0
        self._reordered = 0
        self._count = 0
        self._delay = self._smoothed = 0.0  # ms
        self._origin = 0.0
        self._xs = [0.0] * WINDOW  # arrival, ms from the origin
        self._ys = [0.0] * WINDOW  # smoothed delay, ms
        self._sums = (0.0, 0.0, 0.0, 0.0)
        self._index = 0
        self._slope = 0.0
        self._over_ms = -1.0
        self._over_count = 0

    def take(self, packets: Sequence[Acknowledged]) -> None:
        """Take in packets in the order of sending.

        Once per packet: comparisons instead of `max`, which would take as long as all the rest.
        """
        first = self._first_sent
        for sent, arrived, _ in packets:
            if arrived is None:
                continue
            if first is not None:
                if sent - first <= GROUP_SECONDS:
                    if sent >= first:  # one overtaken by its whole group says nothing
                        if sent > self._last_sent:  # noqa: PLR1730
                            self._last_sent = sent
                        if arrived > self._last_arrived:  # noqa: PLR1730
                            self._last_arrived = arrived
                    continue
                later = arrived - self._last_arrived
                if (
                    later <= GROUP_SECONDS
                    and later < sent - self._last_sent
                    and arrived - self._first_arrived < BURST_SECONDS
                ):
                    # Held up together and let go together, as radio links do.
                    self._last_sent = sent
                    if later > 0:
                        self._last_arrived = arrived
                    continue
                self._group_ends()
                if sent - self._last_sent > SILENCE_SECONDS:
                    self._restart()
            self._first_sent = first = self._last_sent = sent
            self._first_arrived = self._last_arrived = arrived

    def _group_ends(self) -> None:
        sent, arrived = self._last_sent, self._last_arrived
        if self._previous_sent is not None:
            sent_ms = 1000 * (sent - self._previous_sent)
            arrived_ms = 1000 * (arrived - self._previous_arrived)
            if abs(arrived_ms - sent_ms) > 1000 * JUMP_SECONDS:
                self._restart()
            elif arrived_ms < 0:
                self._reordered += 1
                if self._reordered < REORDERED:
                    return
                self._restart()
            else:
                self._reordered = 0
                self._sample(arrived_ms - sent_ms, sent_ms, arrived)
        self._previous_sent = sent
        self._previous_arrived = arrived

    def _sample(self, delta: float, sent_ms: float, arrived: float) -> None:
        if self._count == 0:
            self._origin = arrived
        self._count += 1
        self._delay += delta
        self._smoothed = SMOOTHING * self._smoothed + (1 - SMOOTHING) * self._delay
        slope = self._fit(1000 * (arrived - self._origin), self._smoothed)
        trend = min(self._count, COUNTED) * slope * GAIN
        threshold = self._threshold
        if trend > threshold:
            # At the first sign half of the group's time counts.
            self._over_ms = sent_ms / 2 if self._over_ms < 0 else self._over_ms + sent_ms
            self._over_count += 1
            if self._over_ms > OVERUSE_MS and self._over_count > 1 and slope >= self._slope:
                self._over_ms = 0.0
                self._over_count = 0
                self.state = OVER
        else:
            self._over_ms = -1.0
            self._over_count = 0
            self.state = UNDER if trend < -threshold else NORMAL
        self._slope = slope
        size = abs(trend)
        if size <= threshold + SPIKE:
            k = K_DOWN if size < threshold else K_UP
            threshold += k * (size - threshold) * min(max(sent_ms + delta, 0.0), 100.0)
            self._threshold = min(max(threshold, THRESHOLD_LEAST), THRESHOLD_MOST)

    def _fit(self, x: float, y: float) -> float:
        """Return the least-squares slope of the last `WINDOW` points, 0 until there are so many.

        The sums are carried on; once a window the origin moves up and they are made anew, so that they stay exact.
        """
        xs, ys, i = self._xs, self._ys, self._index
        sum_x, sum_y, sum_xx, sum_xy = self._sums
        old_x, old_y = xs[i], ys[i]  # zeros at first, which take nothing away
        xs[i] = x
        ys[i] = y
        sum_x += x - old_x
        sum_y += y - old_y
        sum_xx += x * x - old_x * old_x
        sum_xy += x * y - old_x * old_y
        self._sums = (sum_x, sum_y, sum_xx, sum_xy)
        self._index = i + 1
        if self._index == WINDOW:
            self._index = 0
            self._move_origin()
        if self._count < WINDOW:
            return 0.0
        below = WINDOW * sum_xx - sum_x * sum_x
        return (WINDOW * sum_xy - sum_x * sum_y) / below if below > 1e-9 else self._slope

    def _move_origin(self) -> None:
        x, y = self._xs[0], self._ys[0]
        self._origin += x / 1000
        self._delay -= y
        self._smoothed -= y
        self._xs = xs = [value - x for value in self._xs]
        self._ys = ys = [value - y for value in self._ys]
        self._sums = (
            sum(xs),
            sum(ys),
            sum(value * value for value in xs),
            sum(a * b for a, b in zip(xs, ys, strict=True)),
        )


class StandingQueue:
    """Transit time above the shortest of the last minute, in seconds, where two clocks drift apart."""

    __slots__ = ("_least", "_minima", "_since", "delay")

    BUCKETS = 60

    def __init__(self) -> None:
        self.delay = 0.0
        self._minima: list[float] = []  # of whole seconds
        self._least: float | None = None  # of the second running
        self._since = 0.0

    def take(self, transit: float, now: float) -> None:
        """Take in the shortest transit of some packets; the two clocks need not agree."""
        if self._least is None or abs(transit - self._least) > 10 * JUMP_SECONDS:
            self.forget()
            self._least, self._since = transit, now
        elif now - self._since >= 1.0:
            self._minima.append(self._least)
            del self._minima[: -self.BUCKETS]
            self._least, self._since = transit, now
        elif transit < self._least:
            self._least = transit
        base = min(self._minima, default=transit)
        self.delay = transit - min(base, self._least)

    def forget(self) -> None:
        """Take the path as it is now for empty."""
        self._minima.clear()
        self._least = None
        self.delay = 0.0
