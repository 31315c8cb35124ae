"""The rate of what was sent or came, from batches of feedback. Pure."""

from collections import deque


class Throughput:
    """Bit/s over the last half second, or the last second when that is few bytes. Times of one clock, batch by batch."""

    __slots__ = ("_batches", "_end", "_start", "_total")

    SHORT, LONG, ENOUGH, PAUSE = 0.5, 1.0, 16_000, 1.0
    BATCHES = 100  # at most, should the clock stand still

    def __init__(self) -> None:
        self._batches: deque[tuple[float, int]] = deque()  # (end, bytes)
        self._start = self._end = 0.0
        self._total = 0

    def add(self, first: float, last: float, size: int, *, before: int = 0) -> None:
        """Take in `size` bytes that came between `first` and `last`, and so many since the last batch and `first`."""
        if not self._batches or abs(first - self._end) > self.PAUSE:
            self._batches.clear()
            self._start = self._end = first
            self._total = before = 0
        size += before
        self._end = max(self._end, last)
        self._batches.append((self._end, size))
        self._total += size
        while True:
            end, oldest = self._batches[0]
            span = self._end - end
            few = span < self.SHORT or (span < self.LONG and self._total - oldest < self.ENOUGH)
            if few and len(self._batches) <= self.BATCHES:
                return
            self._batches.popleft()
            self._start = end
            self._total -= oldest

    @property
    def rate(self) -> float | None:
        """None until there is a tenth of a second."""
        span = self._end - self._start
        return 8 * self._total / span if span >= 0.1 else None
