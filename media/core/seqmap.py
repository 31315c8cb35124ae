"""Sequence numbers of one source mapped onto a slot's, with gaps closed. Pure."""

from media.core.rtp import MASK16

WINDOW = 0x2000  # packets; older stragglers are dropped
REMEMBERED = 256  # gaps; a straggler from before more gaps than this is dropped


class SequenceMap:
    """`out = in + offset`, where the offset shrinks by one at every packet that is left out.

    A straggler from before a closed gap gets the offset that held then, so that it lands in its own hole and never on
    somebody else's number.

    For the packet right behind the newest one, `map` does no more than `newest = in`, unless `in & QUIET` is 0: then it
    keeps its window in order. A caller in a hurry may do so itself.
    """

    QUIET = 0x3FF

    __slots__ = ("_breaks", "first", "newest", "offset")

    def __init__(self, first: int, out: int) -> None:
        """Let incoming `first` leave as `out`; everything older belongs to nobody."""
        self.first = first
        self.newest = (first - 1) & MASK16
        self.offset = (out - first) & MASK16
        self._breaks: list[tuple[int, int]] = []  # (incoming number left out, offset before it)

    def map(self, sequence: int) -> int | None:
        """Return the outgoing number, or None for a straggler from before the map's start."""
        ahead = (sequence - self.newest) & MASK16
        if 0 < ahead < 0x8000:
            self.newest = sequence
            if (sequence - self.first) & MASK16 > WINDOW:
                self._forget(sequence)
            return (sequence + self.offset) & MASK16
        return self._map_late(sequence)

    def leave_out(self, sequence: int) -> bool:
        """Close the gap of a packet that is not forwarded.

        Returns False when it is too late for that because later packets have already left; the caller must then fill
        the number.
        """
        if (sequence - self.newest) & MASK16 != 1:
            return False
        self._breaks.append((sequence, self.offset))
        if len(self._breaks) > REMEMBERED:
            # Older numbers cannot be told apart any more.
            self.first = (self._breaks.pop(0)[0] + 1) & MASK16
        self.newest = sequence
        self.offset = (self.offset - 1) & MASK16
        return True

    def _map_late(self, sequence: int) -> int | None:
        if (sequence - self.first) & MASK16 >= 0x8000:
            return None
        offset = self.offset
        for left_out, before in reversed(self._breaks):
            if sequence == left_out:
                return None
            if (sequence - left_out) & MASK16 < 0x8000:
                break
            offset = before
        return (sequence + offset) & MASK16

    def _forget(self, sequence: int) -> None:
        # Keep the window well inside half of the number space, or comparisons turn round.
        self.first = (sequence - WINDOW // 2) & MASK16
        self._breaks = [entry for entry in self._breaks if (entry[0] - self.first) & MASK16 < 0x8000]
