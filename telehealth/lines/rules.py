"""What the figures of a line mean: what it carries, since when, and what to tell people. Pure: values in, values out.

Also who may see whose line: predicates only; `access` enforces them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from hashlib import sha256
from statistics import median
from uuid import UUID

from telehealth.accounts.enums import CLINICAL_ROLES, Role
from telehealth.accounts.hat import Hat
from telehealth.core.text import fold
from telehealth.lines.enums import CheckKind, Metric, Step, Verdict


class Rung(IntEnum):
    """What a line is good for, worst first."""

    WRITING = 0
    SOUND = 1
    SMALL_PICTURE = 2
    PICTURE = 3


# Rates are the relay's ladder (sound from 40 kbit/s, half picture from 400, full from 1,200) with a fifth to spare, since
# a line that is just filled queues. A quarter picture shows little that a doctor can use, so below half it is sound.
_LEAST_RATE = ((1500.0, Rung.PICTURE), (500.0, Rung.SMALL_PICTURE), (50.0, Rung.SOUND))
# Speech with redundancy stays whole to 15 %, is understood to 30 %; pictures freeze long before.
_MOST_LOSS = ((0.03, Rung.PICTURE), (0.10, Rung.SMALL_PICTURE), (0.30, Rung.SOUND))
# One satellite hop (about 650 ms) still shows a picture; beyond three seconds nobody can talk.
_MOST_RTT = ((700.0, Rung.PICTURE), (1500.0, Rung.SMALL_PICTURE), (3000.0, Rung.SOUND))
_MOST_GAPS = ((2.0, Rung.PICTURE), (5.0, Rung.SMALL_PICTURE))

ADVICE_WINDOW = timedelta(hours=6)
STALE = timedelta(hours=2)
"""Older than this, a measurement says nothing about now."""
RECENT = timedelta(minutes=45)
GAP_WINDOW = timedelta(hours=1)


def rung_of(metric: Metric, value: float) -> Rung:
    """Return what a line with this one figure is good for. Rates in kbit/s, loss as a share, round trip in ms."""
    match metric:
        case Metric.UP | Metric.DOWN:
            return next((rung for least, rung in _LEAST_RATE if value >= least), Rung.WRITING)
        case Metric.LOSS:
            return next((rung for most, rung in _MOST_LOSS if value <= most), Rung.WRITING)
        case Metric.RTT:
            return next((rung for most, rung in _MOST_RTT if value <= most), Rung.WRITING)
        case Metric.GAPS:
            return next((rung for most, rung in _MOST_GAPS if value <= most), Rung.SOUND)


def rung_of_all(figures: Mapping[Metric, float | None]) -> Rung | None:
    """Return what a line with these figures is good for; None when none is known."""
    rungs = [rung_of(metric, value) for metric, value in figures.items() if value is not None]
    return min(rungs, default=None)


## Advice before a call ---


@dataclass(frozen=True)
class Reading:
    """A few minutes of a line. Rates are what it could carry, not what a call happened to use. None: not measured."""

    at: datetime
    rtt_ms: float | None = None
    loss: float | None = None
    up_kbps: float | None = None
    down_kbps: float | None = None
    gaps: int = 0

    def value(self, metric: Metric) -> float | None:
        found: float | None = getattr(self, metric.value)
        return found


@dataclass(frozen=True)
class Advice:
    """What a line is good for now.

    `rung` is None when nothing fresh is known; then `measured_at` may still say when something was measured last.
    `metric` and `value` are what limits it; None when nothing does that is known. `since` is when that began; None: not within the window.
    """

    rung: Rung | None = None
    metric: Metric | None = None
    value: float | None = None
    since: datetime | None = None
    measured_at: datetime | None = None


def advise(readings: Iterable[Reading], *, now: datetime) -> Advice:
    """Return what the figures of the last hours say about a call that would begin now.

    Every figure is judged by the median of its newest three readings, so that one slip decides nothing. The worst one limits.
    """
    ordered = sorted((r for r in readings if now - ADVICE_WINDOW <= r.at <= now), key=lambda r: r.at)
    if not ordered:
        return Advice()
    measured_at = ordered[-1].at
    if now - measured_at > STALE:
        return Advice(measured_at=measured_at)
    found = [advice for metric in Metric if (advice := _by_metric(metric, ordered, now)) is not None]
    worst = min(found, key=lambda advice: advice.rung or Rung.WRITING, default=None)
    if worst is None:
        return Advice(measured_at=measured_at)
    if worst.rung == Rung.PICTURE:
        # A call that has stepped down to sound loses nothing on a thin line: without a rate, promise no more than this.
        rate_known = any(advice.metric in {Metric.UP, Metric.DOWN} for advice in found)
        return Advice(rung=Rung.PICTURE if rate_known else Rung.SMALL_PICTURE, measured_at=measured_at)
    return Advice(worst.rung, worst.metric, worst.value, worst.since, measured_at)


def _by_metric(metric: Metric, ordered: Sequence[Reading], now: datetime) -> Advice | None:
    if metric == Metric.GAPS:
        gaps = float(sum(reading.gaps for reading in ordered if reading.at > now - GAP_WINDOW))
        rung = rung_of(metric, gaps)
        # That nothing broke says nothing about what the line carries.
        return None if rung == Rung.PICTURE else Advice(rung, metric, gaps)
    series = [(r.at, value) for r in ordered if (value := r.value(metric)) is not None]
    if not series or now - series[-1][0] > STALE:
        return None
    newest = [value for at, value in series[-3:] if series[-1][0] - at <= RECENT]
    value = median(newest)
    rung = rung_of(metric, value)
    return Advice(rung, metric, value, _since(metric, rung, series, now))


def _since(
    metric: Metric, rung: Rung, series: Sequence[tuple[datetime, float]], now: datetime
) -> datetime | None:
    """Return when the run of readings at `rung` or below began that lasts until now; one better reading does not end it."""
    began = series[-1][0]
    slips = 0
    for at, value in reversed(series):
        if rung_of(metric, value) <= rung:
            began, slips = at, 0
        else:
            slips += 1
            if slips > 1:
                return began
    # The run is as old as what we looked at: when it began is not known, unless measuring began later than the window.
    return None if began - (now - ADVICE_WINDOW) <= RECENT else began


## The line check ---


@dataclass(frozen=True)
class Outcome:
    """How one of the twelve checks turned out. `figures` by name, in the units of the names (`_ms`, `_kbps`; loss as a share)."""

    step: Step
    cause: str = ""
    figures: Mapping[str, float | str] | None = None

    def number(self, name: str) -> float | None:
        value = (self.figures or {}).get(name)
        return float(value) if isinstance(value, int | float) else None


_PATHS = (CheckKind.UDP, CheckKind.TURN_UDP, CheckKind.TURN_TCP, CheckKind.TURN_TLS)
_RUNG_VERDICTS = {
    Rung.WRITING: Verdict.WRITING,
    Rung.SOUND: Verdict.SOUND,
    Rung.SMALL_PICTURE: Verdict.SMALL_PICTURE,
    Rung.PICTURE: Verdict.READY,
}


def judge(outcomes: Mapping[CheckKind, Outcome]) -> Verdict:
    """Return the one verdict over all checks: what stands in the way first, then what the line carries."""

    def step(kind: CheckKind) -> Step:
        return outcomes[kind].step if kind in outcomes else Step.NONE

    if step(CheckKind.BROWSER) == Step.BAD:
        return Verdict.BROWSER
    if step(CheckKind.WEBSOCKET) == Step.BAD:
        return Verdict.SOCKET
    if step(CheckKind.UDP) == Step.BAD and all(step(kind) in {Step.BAD, Step.NONE} for kind in _PATHS):
        return Verdict.BLOCKED
    if step(CheckKind.MICROPHONE) == Step.BAD:
        return Verdict.MICROPHONE
    verdict = _RUNG_VERDICTS[_carries(outcomes)]
    if verdict in {Verdict.READY, Verdict.SMALL_PICTURE} and step(CheckKind.CAMERA) == Step.BAD:
        return Verdict.CAMERA
    return verdict


def _carries(outcomes: Mapping[CheckKind, Outcome]) -> Rung:
    rung = rung_of_all(figures_of(outcomes))
    if rung is None:
        return Rung.SMALL_PICTURE  # it connects, but nothing was measured: promise no more
    return rung


def figures_of(outcomes: Mapping[CheckKind, Outcome]) -> dict[Metric, float | None]:
    """Return the figures of a check that describe the line; absent ones are None."""
    rates = outcomes.get(CheckKind.RATES, Outcome(Step.NONE))
    loss = outcomes.get(CheckKind.LOSS, Outcome(Step.NONE))
    socket = outcomes.get(CheckKind.WEBSOCKET, Outcome(Step.NONE))
    media_rtt = loss.number("rtt_ms")
    lost = [share for name in ("loss_up", "loss_down") if (share := loss.number(name)) is not None]
    return {
        Metric.UP: rates.number("up_kbps"),
        Metric.DOWN: rates.number("down_kbps"),
        Metric.LOSS: max(lost, default=None),
        Metric.RTT: socket.number("rtt_ms") if media_rtt is None else media_rtt,
    }


CODE_ALPHABET = "ACEFHKMQRTXY2346789"
"""Nothing that is mistaken for something else on paper (0/O, 1/I/L, 5/S) or in the ear (B/P, D/G/V, M/N)."""
CODE_LENGTH = 4


def code_prefix(facility_name: str) -> str:
    """Return the initials of the last two words, "KS" for "TTYT Kỳ Sơn"; "NB" for somebody without a facility."""
    words = [word for word in fold(facility_name).split() if word[:1].isalpha()]
    return "".join(word[0] for word in words[-2:]).upper() or "NB"


def make_code(facility_name: str, choose: Callable[[str], str]) -> str:
    """Return a code to read over the telephone, "KS-4F7Q". `choose` takes one character of a text."""
    return f"{code_prefix(facility_name)}-" + "".join(choose(CODE_ALPHABET) for _ in range(CODE_LENGTH))


def clean_code(typed: str) -> str:
    """Return a code as it is stored, from how it was typed or heard: "ks 4f7q" is "KS-4F7Q"."""
    letters = "".join(c for c in fold(typed).upper() if c.isalnum())
    return f"{letters[:-CODE_LENGTH]}-{letters[-CODE_LENGTH:]}" if len(letters) > CODE_LENGTH else letters


def unattended_minute(facility_id: UUID) -> int:
    """Return the minute of the hour in which a site measures itself: spread, so that not all fill the server's line at once.

    Never near the full hour, when calls begin.
    """
    return 5 + int.from_bytes(sha256(facility_id.bytes).digest()[:4]) % 50


## Who may see ---


def may_see_all(hat: Hat) -> bool:
    """The province's operators look after every line."""
    return hat.role == Role.PROVINCE_OPERATOR


def may_see_own(hat: Hat) -> bool:
    """Whoever works at a facility may know its line."""
    return hat.role in CLINICAL_ROLES or hat.role == Role.FACILITY_ADMIN


def may_see_spokes(hat: Hat) -> bool:
    """Who meets spokes from a hub may know their lines before they start."""
    return hat.role in {Role.SPECIALIST, Role.COORDINATOR, Role.NURSE}
