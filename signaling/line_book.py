"""What one participant's line has been like: whom to tell, what to write down, what to keep for the diary. Pure.

The relay reports a line whenever it changes and every ten seconds. Of that

- everybody in the room hears at once, but no more often than a line can honestly change;
- the room's log gets what has lasted: a rung that stood for five seconds, at most one line a minute;
- the site's diary gets a measurement every half a minute, and only of what was really measured.
"""

from dataclasses import dataclass
from uuid import UUID

from signaling.effects import Effect, KeepSample, NoteLine, TellLine
from signaling.limits import TokenBucket
from signaling.protocol import messages as wire
from telehealth.consultations.room_events import LineReason, LineRung

LASTS_SECONDS = 5.0
NOTE_SECONDS = 60.0
SAMPLE_SECONDS = 30.0
GAP_MS = 3000
"""Silence from here on is a break of the line."""

FULL_BITRATE = 1_200_000
_THE_LINES_OWN = ("thin_line", "loss", "delay")
_AS_GOOD_AS_FULL = ("full", "half")


@dataclass(frozen=True)
class Note:
    """What the record says of a line, both ways."""

    down: LineRung = "full"
    down_reason: LineReason | None = None
    up: LineRung = "full"
    up_reason: LineReason | None = None


def noted(line: wire.MediaLine) -> Note:
    """Return what of a line belongs into the record.

    Half a picture is where a free line stands that carries a small tile, and a camera that was switched off says nothing about
    the line: both are no trouble worth a word.
    """

    def side(rung: LineRung, reason: LineReason | None) -> tuple[LineRung, LineReason | None]:
        return ("full", None) if rung in _AS_GOOD_AS_FULL or reason == "camera_off" else (rung, reason)

    return Note(*side(line.down, line.down_reason), *side(line.up, line.up_reason))


def measured_kbps(rung: LineRung, reason: LineReason | None, bitrate: int) -> float | None:
    """Return what a line can carry, as far as that was measured.

    An estimate grows no further than there is something to send, so below the full picture it is the line's own figure only
    where the line itself is what is in the way.
    """
    narrow = rung not in _AS_GOOD_AS_FULL and reason in _THE_LINES_OWN
    return bitrate / 1000 if narrow or bitrate >= FULL_BITRATE else None


class LineBook:
    """One per socket. `now` is seconds of a steady clock."""

    def __init__(self, now: float) -> None:
        self._telling = TokenBucket(4, seconds=8, now=now)
        self._last: wire.MediaLine | None = None
        self._untold = False
        self._written: Note | None = None  # None: what the log says is not known here
        self._candidate: Note | None = None
        self._since = now
        self._asked_at = float("-inf")
        self._sampled_at = float("-inf")
        self._silent_ms = 0
        self._gaps = 0
        self._gap_ms = 0

    def hear(self, line: wire.MediaLine, now: float) -> list[Effect]:
        """Take in a report of the relay."""
        self._last = line
        note = noted(line)
        if note != self._candidate:
            self._candidate, self._since = note, now
        self._untold = True
        return [*self._tell(now), *self._sample(line, now)]

    def hear_silence(self, silent_ms: int) -> None:
        """Take in for how long nothing has come; 0: it is heard again."""
        if silent_ms == 0 and self._silent_ms >= GAP_MS:
            self._gaps += 1
            self._gap_ms += self._silent_ms
        self._silent_ms = silent_ms

    def tick(self, now: float) -> list[Effect]:
        """About every second."""
        return [*self._tell(now), *self._note(now)]

    def again(self, now: float) -> list[Effect]:
        """Tell the line once more: somebody has come who has not heard it."""
        self._untold = self._last is not None
        return self._tell(now)

    def refused(self) -> None:
        """What was asked to be written down was not: somebody else of this participant's wrote a moment ago."""
        self._written = None

    def _tell(self, now: float) -> list[Effect]:
        if self._last is None or not self._untold or not self._telling.take(now):
            return []
        self._untold = False
        return [TellLine(self._last)]

    def _note(self, now: float) -> list[Effect]:
        note, line = self._candidate, self._last
        if note is None or line is None or note == self._written:
            return []
        if now - self._since < LASTS_SECONDS or now - self._asked_at < NOTE_SECONDS:
            return []
        self._written, self._asked_at = note, now
        return [NoteLine(line.participant_id, note.down, note.down_reason, note.up, note.up_reason)]

    def _sample(self, line: wire.MediaLine, now: float) -> list[Effect]:
        if now - self._sampled_at < SAMPLE_SECONDS:
            return []
        self._sampled_at = now
        figures = line.figures
        sample = KeepSample(
            rtt_ms=float(figures.rtt_ms) or None,
            loss=min(1.0, max(figures.down_loss, figures.up_loss)),
            up_kbps=measured_kbps(line.up, line.up_reason, figures.up_bitrate),
            down_kbps=measured_kbps(line.down, line.down_reason, figures.down_bitrate),
            gaps=self._gaps,
            gap_seconds=self._gap_ms / 1000,
        )
        self._gaps = self._gap_ms = 0
        return [sample]


def line_of(
    participant_id: UUID,
    *,
    down: str,
    down_reason: str | None,
    up: str,
    up_reason: str | None,
    figures: wire.LineFigures,
) -> wire.MediaLine:
    """Return the message about a line as the relay reports it.

    Raises:
        ValidationError: the relay speaks of a rung or reason we do not know.
    """
    return wire.MediaLine.model_validate(
        {
            "participant_id": participant_id,
            "down": down,
            "down_reason": down_reason,
            "up": up,
            "up_reason": up_reason,
            "figures": figures,
        }
    )
