"""Temporal layers of VP8 (RFC 7741 §4.2): fewer pictures a second without a key frame. Pure.

A camera sends pictures of layer 0 that refer to layer 0 only, of layer 1 that refer to 0 and 1, and so on. Leaving out
the upper layers is the quickest way to send less: it works from the next picture on. To take a layer up again, its first
picture must refer to nothing that was left out: a picture with the layer sync bit (Y), or any after a key frame.

The viewer must not see that pictures are missing, or it waits for them: sequence numbers close over every packet left out
(`SequenceMap.leave_out`), PictureID closes by the number this filter returns. TL0PICIDX counts layer 0 only and needs nothing.
"""

from media.core.vp8 import Picture

EVERYTHING = 3  # the highest temporal id there is
REMEMBERED = 64  # pictures; more than a second, which is how long a lost packet is asked for
DROPPED = -1
ID_MASK = 0x7FFF


class TemporalFilter:
    """Which pictures of one source one viewer gets. Make a new one when the slot switches to another source or layer.

    `target` is set by the caller at any time. Down it holds from the next picture on; up one layer at a time, each at a
    picture with layer sync, or all at a key frame. `current` is what flows.
    """

    __slots__ = ("_memory", "_newest", "_verdict", "current", "dropped", "target")

    def __init__(self, target: int = EVERYTHING) -> None:
        """A slot starts a source at a key frame, so everything up to `target` flows at once."""
        self.target = target
        self.current = target
        self.dropped = 0
        """Whole pictures left out so far."""
        self._newest: int | None = None
        self._verdict: int | None = 0
        # By the lower bits of the PictureID: (PictureID, highest temporal id that passes, pictures dropped before).
        self._memory: list[tuple[int, int, int]] = [(-1, DROPPED, 0)] * REMEMBERED

    @property
    def waiting(self) -> bool:
        """Whether a layer is wanted that cannot flow yet; after a second or two a key frame is worth asking for."""
        return self.current < self.target

    def shift(self, picture: Picture) -> int | None:
        """Decide one packet by its picture.

        Returns None when it is left out: call `SequenceMap.leave_out`, and if that is too late (it was overtaken), fill the
        number with a padding packet. Else returns how many pictures were left out before this one (modulo 2**15): subtract it from
        the outgoing PictureID.

        All packets of a picture get the same answer, retransmitted ones too. A picture that was lost as a whole and comes late
        is judged by what flowed at its place; one that is left out then leaves a hole in PictureID, as the loss did.
        """
        picture_id = picture.picture_id
        if picture_id == self._newest:
            return self._verdict
        if picture_id is None:  # nothing to count by: not one of a layered stream
            return self.dropped & ID_MASK
        newest = self._newest
        if newest is not None:
            mask = (1 << picture.id_bits) - 1
            behind = (newest - picture_id) & mask
            if behind < REMEMBERED:
                return self._late(picture, picture_id)
            ahead = mask + 1 - behind
            if ahead > REMEMBERED:  # the encoder started anew
                self._memory = [(-1, DROPPED, 0)] * REMEMBERED
            else:
                self._skip(newest, ahead, mask)
        return self._decide(picture, picture_id)

    def _decide(self, picture: Picture, picture_id: int) -> int | None:
        layer = picture.temporal_id or 0
        target = self.target
        current = self.current
        if picture.keyframe or current > target:
            current = self.current = target
        elif picture.sync and layer == current + 1 and layer <= target:
            # One at a time: with layer 1 closed, what follows a synced picture of layer 2 may refer to layer 1.
            current = self.current = layer
        before = self.dropped & ID_MASK
        passes = layer <= current
        self._newest = picture_id
        self._verdict = before if passes else None
        self._memory[picture_id % REMEMBERED] = (picture_id, EVERYTHING if passes else DROPPED, before)
        if not passes:
            self.dropped += 1
        return self._verdict

    def _late(self, picture: Picture, picture_id: int) -> int | None:
        known, highest, before = self._memory[picture_id % REMEMBERED]
        if known != picture_id:  # from before this filter
            return None
        return before if (picture.temporal_id or 0) <= highest else None

    def _skip(self, newest: int, ahead: int, mask: int) -> None:
        # Lost or overtaken: nothing is known of them but what flowed when they should have come.
        entry = (self.current, self.dropped & ID_MASK)
        for step in range(1, ahead):
            skipped = (newest + step) & mask
            self._memory[skipped % REMEMBERED] = (skipped, *entry)
