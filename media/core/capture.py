"""When was this captured? Sender reports of one participant put onto the node's clock. Pure.

Each participant's clock is off by an unknown amount. The smallest (arrival − NTP time) of its recent sender reports is
that amount plus the shortest delay seen, which is near enough to line up two sources at a switch and to keep lips and
voice together: what matters is that all streams of one participant use the same number.
"""

from collections import deque

from media.core.rtcp import unix_from_ntp
from media.core.rtp import MASK32

REMEMBERED = 32  # reports; a clock that is set anew is believed after as many


class SenderClock:
    """Offset between one participant's NTP clock and ours, seconds."""

    __slots__ = ("_offsets", "offset")

    def __init__(self) -> None:
        self._offsets: deque[float] = deque(maxlen=REMEMBERED)
        self.offset: float | None = None

    def report(self, ntp: int, now_unix: float) -> None:
        """Take in the NTP time of a sender report that has just come."""
        self._offsets.append(now_unix - unix_from_ntp(ntp))
        self.offset = min(self._offsets)


class CaptureTime:
    """Maps the timestamps of one stream to our clock. `clock_rate` in Hz."""

    __slots__ = ("_clock", "_ntp_seconds", "_rtp", "clock_rate")

    def __init__(self, clock: SenderClock, clock_rate: int) -> None:
        self._clock = clock
        self.clock_rate = clock_rate
        self._ntp_seconds: float | None = None
        self._rtp = 0

    def report(self, ntp: int, rtp: int) -> None:
        """Take in a sender report of this stream."""
        self._ntp_seconds, self._rtp = unix_from_ntp(ntp), rtp

    def unix_of(self, timestamp: int) -> float | None:
        """Return when `timestamp` was captured, or None before the first sender report."""
        if self._ntp_seconds is None or self._clock.offset is None:
            return None
        ticks = ((timestamp - self._rtp + 0x80000000) & MASK32) - 0x80000000
        return self._ntp_seconds + ticks / self.clock_rate + self._clock.offset

    def timestamp_at(self, now_unix: float) -> int | None:
        """Return the timestamp being captured now, or None before the first sender report."""
        if self._ntp_seconds is None or self._clock.offset is None:
            return None
        elapsed = now_unix - self._clock.offset - self._ntp_seconds
        return (self._rtp + int(elapsed * self.clock_rate)) & MASK32
