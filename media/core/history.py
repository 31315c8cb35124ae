"""What was sent to a viewer lately, so that a NACK (RFC 4585 §6.2.1) can be answered. Pure."""

from collections.abc import Iterable
from typing import Generic, TypeVar

from media.core.rtp import MASK16

VIDEO_PACKETS = 512
AUDIO_PACKETS = 256
REPEAT_SECONDS = 0.1

T = TypeVar("T")


class History(Generic[T]):
    """A ring by outgoing sequence number. `size` is a power of two so that the ring wraps with the numbers."""

    __slots__ = ("_mask", "_resent", "_ring", "ignored", "missing", "resent")

    def __init__(self, size: int) -> None:
        if size & (size - 1):
            raise ValueError("history size must be a power of two")
        self._mask = size - 1
        self._ring: list[tuple[int, T] | None] = [None] * size
        self._resent: dict[int, float] = {}
        self.resent = self.missing = self.ignored = 0

    def store(self, sequence: int, item: T) -> None:
        """Remember `item` as sent under `sequence`."""
        self._ring[sequence & self._mask] = (sequence, item)

    def answer(self, sequences: Iterable[int], *, now: float, rtt: float) -> list[tuple[int, T]]:
        """Return what to send again.

        A number asked for again within max(100 ms, one round trip) is still on its way and ignored.
        """
        wait = max(REPEAT_SECONDS, rtt)
        if len(self._resent) > len(self._ring):
            self._resent = {s: at for s, at in self._resent.items() if now - at < wait}
        found: list[tuple[int, T]] = []
        for wanted in sequences:
            sequence = wanted & MASK16
            entry = self._ring[sequence & self._mask]
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
