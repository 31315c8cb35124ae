"""Which packets to ask a publisher for again (RFC 4585 §6.2.1). Pure.

One tracker per incoming stream: a loss is asked for once, however many viewers miss the packet, and again every round
trip until it comes, the tries are used up or it is too old to be played.
"""

from media.core.rtp import MASK16

REORDER_SECONDS = 0.01  # a packet overtaken on the way is not a lost one
RETRY_SECONDS = 0.05
MAX_TRIES = 10
MAX_AGE_SECONDS = 1.0
MAX_MISSING = 256  # more than this is an outage: a key frame is cheaper


class _Missing:
    __slots__ = ("next_at", "since", "tries")

    def __init__(self, now: float) -> None:
        self.since = now
        self.next_at = now + REORDER_SECONDS
        self.tries = 0


class NackTracker:
    """`missing` sequence numbers of one stream."""

    __slots__ = ("asked", "given_up", "missing")

    def __init__(self) -> None:
        self.missing: dict[int, _Missing] = {}
        self.asked = 0
        self.given_up = 0

    def gap(self, first: int, count: int, now: float) -> bool:
        """Note that `count` numbers from `first` were skipped. False: too many, all are given up."""
        if count + len(self.missing) > MAX_MISSING:
            self.given_up += count + len(self.missing)
            self.missing.clear()
            return False
        for i in range(count):
            self.missing[(first + i) & MASK16] = _Missing(now)
        return True

    def arrived(self, sequence: int) -> None:
        """Note that a late packet came."""
        self.missing.pop(sequence, None)

    def due(self, *, now: float, rtt: float) -> list[int]:
        """Return the numbers to ask for now, and count them as asked."""
        wait = max(RETRY_SECONDS, rtt * 1.2)
        due: list[int] = []
        for sequence, entry in list(self.missing.items()):
            if now < entry.next_at:
                continue
            if entry.tries >= MAX_TRIES or now - entry.since > MAX_AGE_SECONDS + rtt:
                del self.missing[sequence]
                self.given_up += 1
                continue
            entry.tries += 1
            entry.next_at = now + wait
            due.append(sequence)
        self.asked += len(due)
        return due
