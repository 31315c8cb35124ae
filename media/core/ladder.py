"""How far a consultation has come down, and why: from the full picture to sound to writing. Pure.

One ladder per viewer (their downlink) and one per publisher (their uplink). `media.core.allocation` chooses the layers of
each picture; the ladder names the step for people, decides whether moving pictures flow at all, and is slow where people
notice. All figures are in `FIGURES` and the constants below it.
"""

from enum import IntEnum, StrEnum
from typing import NamedTuple


class Rung(IntEnum):
    """The steps; larger is further down."""

    FULL = 0
    HALF = 1
    QUARTER = 2
    LOW_RATE = 3
    """The quarter picture with fewer pictures a second."""
    STILL = 4
    """A still picture every few seconds beside the sound."""
    SOUND = 5
    WRITING = 6
    """Nothing comes through: store and forward, and the telephone."""


class Reason(StrEnum):
    """Why it is not the full picture; shown to both sides and written into the event log."""

    THIN_LINE = "thin_line"
    LOSS = "loss"
    DELAY = "delay"
    BY_HAND = "by_hand"
    CAMERA_OFF = "camera_off"
    FAR_SIDE = "far_side"
    SILENT = "silent"


class Figure(NamedTuple):
    """What one rung means."""

    least: float
    """Bit/s of the estimate from which on the line carries it."""
    rid: str | None
    """The largest layer with it; None without moving pictures."""
    temporal: int
    """The highest temporal layer with it."""
    stills: bool


FIGURES: dict[Rung, Figure] = {
    Rung.FULL: Figure(1_200_000, "f", 3, False),
    Rung.HALF: Figure(400_000, "h", 3, False),
    Rung.QUARTER: Figure(180_000, "q", 3, False),
    Rung.LOW_RATE: Figure(120_000, "q", 1, False),
    Rung.STILL: Figure(40_000, None, 0, True),
    Rung.SOUND: Figure(0, None, 0, False),
    Rung.WRITING: Figure(0, None, 0, False),
}

LEAVE_SECONDS = (
    5.0  # the estimate must be too low this long before the moving picture, or the still one, is given up
)
BACK_BITRATE = 250_000  # bit/s for moving pictures again, well above what they were left for
BACK_STILL_BITRATE = 60_000
BACK_SECONDS = 15.0
CLIMB_MARGIN = 1.15  # times `least` before a sharper picture is named
CLIMB_SECONDS = 5.0
SILENT_SECONDS = 15.0  # without any media before writing is offered
HIGH_LOSS = 0.10
HIGH_DELAY = 0.5  # seconds of queueing or jitter, not the line's own length


class Line(NamedTuple):
    """One look at a line."""

    estimate: float
    """Bit/s in the ladder's direction."""
    silent: float = 0.0
    """Seconds since any media or valid sign of life came over it."""
    loss: float = 0.0
    """Share of packets, 0-1."""
    delay: float = 0.0
    """Seconds of queueing."""
    camera: bool = True
    """Whether a camera or screen is switched on at all (publisher's ladder; a viewer's stays True)."""


class Standing(NamedTuple):
    """Where a ladder stands. `reason` is None exactly on `FULL`."""

    rung: Rung
    reason: Reason | None


def carried(estimate: float) -> Rung:
    """Return the best rung a line of `estimate` bit/s carries."""
    for rung, figure in FIGURES.items():
        if estimate >= figure.least:
            return rung
    return Rung.SOUND  # an estimate below zero


def together(publisher: Standing, viewer: Standing) -> Standing:
    """Return what the viewer gets of the publisher: the lower of both, `FAR_SIDE` when that is the publisher's line.

    What the publisher's people did on purpose keeps its own reason.
    """
    if publisher.rung <= viewer.rung:
        return viewer
    if publisher.reason in {Reason.BY_HAND, Reason.CAMERA_OFF, Reason.SILENT}:
        return publisher
    return Standing(publisher.rung, Reason.FAR_SIDE)


class _Since:
    """How long something has been true without a break, as far as was looked."""

    __slots__ = ("_at",)

    def __init__(self) -> None:
        self._at: float | None = None

    def holds(self, condition: bool, seconds: float, now: float) -> bool:
        """Take in one look; True once it has been true for `seconds`, and counting starts over then."""
        if not condition:
            self._at = None
            return False
        if self._at is None:
            self._at = now
        if now - self._at < seconds:
            return False
        self._at = None
        return True

    def clear(self) -> None:
        self._at = None


class Ladder:
    """The state machine of one line. Call `look` about once a second.

    Rules, strongest first:

    1. *Writing* after `SILENT_SECONDS` without media, and never else; with the first sign of life it is *sound*, from where
       the rules below climb.
    2. By hand ("giữ âm thanh"): *sound*, whatever the line could carry, until unpinned. Unpinning goes at once to what the
       line carries then.
    3. Camera off: *sound*. Switched on again: at once what the line carries.
    4. Moving pictures end when the estimate has been below 120 kbit/s for 5 s and come back above 250 kbit/s for 15 s.
       Without them: *still* pictures end below 40 kbit/s for 5 s and come back above 60 kbit/s for 15 s.
    5. Among moving pictures: down at once, up when the estimate has been 15 % above what the rung needs for 5 s.
    """

    __slots__ = ("_back", "_carried", "_climb", "_leave", "_line", "_reason", "pinned", "standing")

    def __init__(self, rung: Rung = Rung.FULL) -> None:
        """`rung`: where to start while nothing is known of the line."""
        self._carried = rung  # by rules 4 and 5 alone
        self._reason = Reason.THIN_LINE
        self._line = Line(FIGURES[rung].least)
        self._leave, self._back, self._climb = _Since(), _Since(), _Since()
        self.pinned = False
        self.standing = self._stand()

    def look(self, line: Line, now: float) -> Standing:
        """Take in how the line is now; return where the ladder stands."""
        before, self._line = self._line, line
        if before.silent >= SILENT_SECONDS > line.silent:
            self._settle(Rung.SOUND, line)
            self._start_over()
        elif line.silent < SILENT_SECONDS:
            if line.camera and not before.camera:
                self._settle(carried(line.estimate), line)
                self._start_over()
            self._follow(line, now)
        self.standing = self._stand()
        return self.standing

    def pin(self) -> Standing:
        """By hand: sound only."""
        self.pinned = True
        self.standing = self._stand()
        return self.standing

    def unpin(self) -> Standing:
        """By hand: let the line decide again."""
        if self.pinned:
            self.pinned = False
            self._settle(carried(self._line.estimate), self._line)
            self._start_over()
            self.standing = self._stand()
        return self.standing

    def _stand(self) -> Standing:
        if self._line.silent >= SILENT_SECONDS:
            return Standing(Rung.WRITING, Reason.SILENT)
        if self.pinned:
            return Standing(Rung.SOUND, Reason.BY_HAND)
        if not self._line.camera:
            return Standing(Rung.SOUND, Reason.CAMERA_OFF)
        return Standing(self._carried, None if self._carried is Rung.FULL else self._reason)

    def _follow(self, line: Line, now: float) -> None:
        rung = self._carried
        could = carried(line.estimate)
        if rung <= Rung.LOW_RATE:
            self._follow_moving(line, could, now)
        elif self._back.holds(line.estimate > BACK_BITRATE, BACK_SECONDS, now):
            self._start_over()
            self._settle(could, line)
        elif rung is Rung.STILL:
            if self._leave.holds(could > Rung.STILL, LEAVE_SECONDS, now):
                self._settle(Rung.SOUND, line)
                self._climb.clear()
        elif self._climb.holds(line.estimate > BACK_STILL_BITRATE, BACK_SECONDS, now):
            self._settle(Rung.STILL, line)
            self._leave.clear()

    def _follow_moving(self, line: Line, could: Rung, now: float) -> None:
        rung = self._carried
        if self._leave.holds(could > Rung.LOW_RATE, LEAVE_SECONDS, now):
            self._start_over()
            self._settle(Rung.STILL, line)
        elif could > rung:
            self._climb.clear()
            self._settle(min(could, Rung.LOW_RATE), line)
        else:
            better = carried(line.estimate / CLIMB_MARGIN)
            if self._climb.holds(better < rung, CLIMB_SECONDS, now):
                self._settle(better, line)

    def _settle(self, rung: Rung, line: Line) -> None:
        if rung > self._carried or self._carried is Rung.FULL:
            if line.loss >= HIGH_LOSS:
                self._reason = Reason.LOSS
            elif line.delay >= HIGH_DELAY:
                self._reason = Reason.DELAY
            else:
                self._reason = Reason.THIN_LINE
        self._carried = rung

    def _start_over(self) -> None:
        self._leave.clear()
        self._back.clear()
        self._climb.clear()
