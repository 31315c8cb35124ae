"""What was sent to a viewer lately, so that a NACK (RFC 4585 §6.2.1) can be answered. Pure."""

from collections.abc import Iterable
from typing import Any, Generic, TypeVar

from media.core.rtp import MASK16

VIDEO_PACKETS = 512
AUDIO_PACKETS = 256
REPEAT_SECONDS, REPEAT_MOST = 0.1, 2.0

Entry = TypeVar("Entry", bound=tuple[int, *tuple[Any, ...]])


class History(Generic[Entry]):
    """A ring of tuples that begin with an outgoing sequence number.

    `size` is a power of two so that the ring wraps with the numbers. To remember an entry is
    `history.ring[entry[0] & history.mask] = entry`: it is done once per packet and viewer, and a call would double its cost.
    """

    __slots__ = ("_resent", "ignored", "mask", "missing", "resent", "ring")

    def __init__(self, size: int) -> None:
        if size & (size - 1):
            raise ValueError("history size must be a power of two")
        self.mask = size - 1
        self.ring: list[Entry | None] = [None] * size
        self._resent: dict[int, float] = {}
        self.resent = self.missing = self.ignored = 0

    def forget(self, entry: Entry) -> None:
        """Do not answer for an entry that was never sent after all."""
        index = entry[0] & self.mask
        if self.ring[index] is entry:
            self.ring[index] = None

    def answer(self, sequences: Iterable[int], *, now: float, rtt: float) -> list[Entry]:
        """Return what to send again.

        A number asked for again within max(100 ms, one round trip) is still on its way and ignored. A viewer may claim any
        round trip; more than two seconds of it only make us remember more.
        """
        wait = min(max(REPEAT_SECONDS, rtt), REPEAT_MOST)
        if len(self._resent) > len(self.ring):
            self._resent = {s: at for s, at in self._resent.items() if now - at < wait}
        found: list[Entry] = []
        for wanted in sequences:
            sequence = wanted & MASK16
            entry = self.ring[sequence & self.mask]
            if entry is None or entry[0] != sequence:
                self.missing += 1
                continue
            at = self._resent.get(sequence)
            if at is not None and now - at < wait:
                self.ignored += 1
                continue
            self._resent[sequence] = now
            self.resent += 1
            found.append(entry)
        return found
