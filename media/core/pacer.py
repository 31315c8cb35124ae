"""Spread a viewer's pictures over time, so that a key frame does not stand in the line before the sound. Pure.

One pacer per viewer, at a multiple of the downlink estimate. Sound is sent at once, always, and only charged. Pictures and
retransmissions go straight through as long as they keep within the rate and a small burst:

    if pacer.admit(size, now):
        send(packet)                    # nearly always
    else:
        pacer.wait(item, size, ...)     # or `again` for a retransmission
        for item in pacer.due(now):
            send(item)
        # and call `due` again at `pacer.next_at`

What waits is bounded in time. When too much waits, the line is slower than thought, and a late picture is worth less than
a new one: whole pictures go, oldest first, and with them everything that refers to them, up to the next key frame.
`take_broken` names the streams that need one; `take_dropped` gives back what will never be sent, so that a history does not
answer for it.
"""

from collections import deque
from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

from media.core.rtp import MASK32

BURST_SECONDS = (
    0.04  # one ordinary picture; with a rate of 1.5 times the line, sound waits 60 ms for it at the worst
)
LIMIT_SECONDS = 0.4  # of pictures between key frames
HARD_LIMIT_SECONDS = 2.0  # of everything: a key frame on a thin line takes its time, but not for ever
MAX_WAITING = 512  # packets
MAX_AGAIN = 64  # retransmissions
AGAIN_SECONDS = 0.3  # later the viewer has asked once more, or given up
DEBT_SECONDS = 0.5  # how far sound may hold back pictures on a line too thin even for it
WAKE_SECONDS = 0.005  # a wake-up costs as much as ten packets: several leave together
LEAST_RATE = 30_000.0  # bit/s

Item = TypeVar("Item")


class _Waiting(NamedTuple, Generic[Item]):
    item: Item
    size: int
    until: float
    stream: str
    picture: int
    key: bool


class Pacer(Generic[Item]):
    """A token bucket with a queue. Sizes are bytes on the wire, rates bit/s, times seconds.

    The bucket is one number: when the line will have carried what was sent so far. A packet may leave while that is at most
    `BURST_SECONDS` ahead.
    """

    __slots__ = (
        "_again",
        "_blocked",
        "_broken",
        "_bytes",
        "_delta_bytes",
        "_dropped",
        "_free_at",
        "_pace",
        "_unserved",
        "_waiting",
        "rate",
    )

    def __init__(self, rate: float) -> None:
        self.rate = max(rate, LEAST_RATE)
        self._pace = 8 / self.rate  # seconds per byte
        self._free_at = 0.0
        self._blocked = False  # something waits, or a stream is broken: no straight way through
        self._waiting: deque[_Waiting[Item]] = deque()
        self._again: deque[tuple[Item, int, float]] = deque()
        self._bytes = self._delta_bytes = 0
        self._broken: dict[str, int] = {}  # stream: the last picture given up
        self._unserved: set[str] = set()
        self._dropped: list[Item] = []

    def set_rate(self, rate: float, now: float) -> None:
        """Change the rate; bytes that are ahead stay as many bytes ahead. Below `LEAST_RATE` it is `LEAST_RATE`."""
        pace = 8 / max(rate, LEAST_RATE)
        if self._free_at > now:
            self._free_at = now + (self._free_at - now) * pace / self._pace
        self.rate = 8 / pace
        self._pace = pace

    def admit(self, size: int, now: float) -> bool:
        """Whether a picture's packet or a retransmission may be sent this moment; if so it is counted as sent."""
        free_at = self._free_at
        if self._blocked or free_at > now + BURST_SECONDS:
            return False
        self._free_at = (free_at if free_at > now else now) + size * self._pace
        return True

    def charge(self, size: int, now: float) -> None:
        """Count a packet of sound, which never waits."""
        start = max(self._free_at, now)
        self._free_at = min(start + size * self._pace, max(start, now + DEBT_SECONDS))

    def wait(self, item: Item, size: int, *, stream: str, picture: int, key: bool, now: float) -> None:
        """Queue a packet that was not admitted.

        `picture` is its RTP timestamp as the viewer gets it; `key` is True for *every* packet of a key frame
        (only its first says so: remember its timestamp).
        """
        if stream in self._broken:
            newer = 0 < (picture - self._broken[stream]) & MASK32 < 0x80000000
            if not key or not newer:
                self._dropped.append(item)
                return
            del self._broken[stream]
            self._unserved.discard(stream)
        self._waiting.append(_Waiting(item, size, now + HARD_LIMIT_SECONDS, stream, picture, key))
        self._bytes += size
        self._delta_bytes += 0 if key else size
        while self._overfull():
            self._shed()
        self._settle()

    def again(self, item: Item, size: int, now: float) -> None:
        """Queue a retransmission that was not admitted: before all pictures, which may need it to be decoded."""
        if len(self._again) < MAX_AGAIN:
            self._again.append((item, size, now + AGAIN_SECONDS))
            self._blocked = True

    def due(self, now: float) -> list[Item]:
        """Return what may leave now, in order, and count it as sent."""
        while self._waiting and self._waiting[0].until < now:
            self._give_up(self._waiting[0].stream)
        out: list[Item] = []
        free_at = max(self._free_at, now)
        horizon = now + BURST_SECONDS
        while self._again and (free_at <= horizon or self._again[0][2] < now):
            item, size, until = self._again.popleft()
            if until >= now:
                free_at += size * self._pace
                out.append(item)
        while self._waiting and free_at <= horizon:
            packet = self._waiting.popleft()
            self._uncount(packet)
            free_at += packet.size * self._pace
            out.append(packet.item)
        if out:
            self._free_at = free_at
        self._settle()
        return out

    @property
    def next_at(self) -> float | None:
        """When to call `due`; None while nothing waits."""
        if not self._waiting and not self._again:
            return None
        return self._free_at - BURST_SECONDS + WAKE_SECONDS

    @property
    def queued(self) -> float:
        """Seconds of pictures that wait; a growing value is a reason to send fewer before any has to go."""
        return self._bytes * self._pace

    def take_broken(self) -> frozenset[str]:
        """Return the streams that have come to need a key frame since the last call; until it comes they stay silent."""
        taken = frozenset(self._unserved)
        self._unserved.clear()
        return taken

    def take_dropped(self) -> list[Item]:
        """Return what was given up since the last call."""
        dropped, self._dropped = self._dropped, []
        return dropped

    def forget(self, stream: str) -> None:
        """Drop what waits of a stream whose slot now carries another source or nothing; no key frame is asked for."""
        self._drop(lambda packet: packet.stream == stream)
        self._broken.pop(stream, None)
        self._unserved.discard(stream)
        self._settle()

    def _overfull(self) -> bool:
        return (
            self._delta_bytes * self._pace > LIMIT_SECONDS
            or self._bytes * self._pace > HARD_LIMIT_SECONDS
            or len(self._waiting) > MAX_WAITING
        )

    def _shed(self) -> None:
        """Give up pictures of the stream whose turn is next; of one that is between key frames, if there is any."""
        oldest = next((packet for packet in self._waiting if not packet.key), self._waiting[0])
        self._give_up(oldest.stream)

    def _give_up(self, stream: str) -> None:
        newest_key: int | None = None
        first = last = self._waiting[0]
        seen = False
        for packet in self._waiting:
            if packet.stream != stream:
                continue
            if not seen:
                first, seen = packet, True
            last = packet
            if packet.key:
                newest_key = packet.picture
        if newest_key is not None and first.picture != newest_key:
            # What is older than a key frame nobody needs.
            self._drop_older(stream, newest_key)
            return
        if newest_key is None or last.picture == newest_key:
            self._drop(lambda packet: packet.stream == stream)
        else:
            self._drop(lambda packet: packet.stream == stream and not packet.key)
        self._broken[stream] = last.picture
        self._unserved.add(stream)

    def _drop_older(self, stream: str, key_picture: int) -> None:
        reached = False

        def older(packet: _Waiting[Item]) -> bool:
            nonlocal reached
            if packet.stream != stream:
                return False
            reached = reached or packet.picture == key_picture
            return not reached

        self._drop(older)

    def _drop(self, unwanted: Callable[[_Waiting[Item]], bool]) -> None:
        kept: deque[_Waiting[Item]] = deque()
        for packet in self._waiting:
            if unwanted(packet):
                self._uncount(packet)
                self._dropped.append(packet.item)
            else:
                kept.append(packet)
        self._waiting = kept

    def _uncount(self, packet: _Waiting[Item]) -> None:
        self._bytes -= packet.size
        self._delta_bytes -= 0 if packet.key else packet.size

    def _settle(self) -> None:
        self._blocked = bool(self._waiting or self._again or self._broken)
