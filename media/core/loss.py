"""Is it the line that loses, or do we send too much? Pure.

A radio link loses at any rate; a full queue loses what is too much. Nothing but sending less tells one from the other:
when much is lost, the target is lowered for a moment to what gets through, and what is lost even then is the line's own.
The thresholds of 2 % and 10 % are those of draft-ietf-rmcat-gcc-02 §6, on top of the line's own loss.
"""

from math import sqrt

LOSS_HIGH, LOSS_LOW = 0.10, 0.02
HELD_QUEUE = 0.1  # seconds; above, loss is ours and nothing grows
OWN_LOSS_DRIFT = 0.10  # own loss taken for granted without a trial
OWN_LOSS_MOST = 0.6
CHANCE_MOST = 0.2
RETRIAL_SECONDS, RETRIAL_MOST = 30.0, 300.0
OUTAGE_SECONDS, OUTAGE_PACKETS = 0.5, 10  # nothing at all came: no matter of rate


class LossShare:
    """How much is lost, and how much of it at any rate."""

    __slots__ = (
        "_before",
        "_burst",
        "_bursts",
        "_lost",
        "_most",
        "_pause",
        "_received",
        "_started",
        "_tried_at",
        "excess",
        "own",
        "share",
        "since",
        "smoothed",
        "trying",
    )

    def __init__(self, now: float) -> None:
        self.own = 0.0
        """What the line loses at any rate, 0–1."""
        self.smoothed = 0.0
        self.share = 0.0
        self.excess = 0.0
        """Of the last interval above `own`, less what chance explains."""
        self._lost = self._received = self._bursts = 0
        self._burst = 1.0  # packets lost in a row, on average
        self._most = OWN_LOSS_DRIFT  # to which own loss may drift up
        self.since = now
        """Only packets sent after count."""
        self.trying = False
        """Whether the target was lowered to see what becomes of the loss."""
        self._started = now
        self._before = 0.0  # the share lost before that
        self._tried_at = now
        self._pause = RETRIAL_SECONDS

    def add(self, *, received: int, lost: int, bursts: int) -> None:
        """Count packets sent after `since`, and the runs in which they were lost."""
        self._received += received
        self._lost += lost
        self._bursts += bursts

    def interval(self, now: float) -> bool:
        """End an interval of half a second or more when it tells enough, and return whether it does."""
        count = self._received + self._lost
        length = now - self._started
        if length < 0.5 or count < 20 or (count < 100 and length < 1.0):
            return False
        self.share = self._lost / count
        self.smoothed += 0.3 * (self.share - self.smoothed)
        if self._lost:
            self._burst += 0.3 * (self._lost / max(self._bursts, 1) - self._burst)
        # Two standard deviations; losses in bursts vary as a sample so many times smaller would.
        independent = count / max(2 * self._burst - 1, 1.0)
        chance = min(2 * sqrt(max(self.own, 0.02) * (1 - self.own) / independent), CHANCE_MOST)
        self.excess = max(self.share - self.own - chance, self.share - OWN_LOSS_MOST, 0.0)
        self._lost = self._received = self._bursts = 0
        self._started = now
        return True

    def drift(self, *, queue: float) -> None:
        """Let the own loss follow a little: down freely, up only near what a trial has shown."""
        if self.share < self.own:
            self.own += 0.1 * (self.share - self.own)
        elif self.own < self._most and queue < HELD_QUEUE and self.excess < LOSS_HIGH:
            self.own = min(self.own + 0.1 * (self.share - self.own), self._most)

    def retrial_due(self, now: float) -> bool:
        """Return whether it is time to doubt the own loss: a wrong verdict must not last for ever."""
        return self.own >= OWN_LOSS_DRIFT and now - self._tried_at > self._pause

    def try_lower(self, now: float) -> None:
        """The target is lowered now to what gets through: loss of our doing would be gone."""
        self.trying = True
        self._before = self.share
        self.since = self._started = self._tried_at = now
        self._lost = self._received = self._bursts = 0

    def judge(self, *, queue: float) -> bool:
        """Take what is lost at the lower rate for the line's own; return whether that is most of what was lost before.

        Loss beside a queue is never the line's own.
        """
        self.trying = False
        if queue >= HELD_QUEUE:
            return False
        known = self.own >= OWN_LOSS_DRIFT
        self.own = min(self.share, OWN_LOSS_MOST)
        self.excess = 0.0
        stayed = self.share > self._before / 2
        self._most = min(max(1.5 * self.own, OWN_LOSS_DRIFT), OWN_LOSS_MOST) if stayed else OWN_LOSS_DRIFT
        self._pause = min(2 * self._pause, RETRIAL_MOST) if stayed and known else RETRIAL_SECONDS
        return stayed
