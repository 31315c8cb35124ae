"""What the samples of a page say: concealment, gaps, freezes, layers, rates. Pure.

The counters are those of `RTCStatsReport` (W3C webrtc-stats), added up over all lines that ever received something. When
the count of packets falls, the line belongs to a new connection and counts from nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

SAMPLES_PER_SECOND = 48_000
PACKETS = ("packetsReceived", "packetsSent")
GAP_SHARE = 0.5
"""From this share of made-up sound on, an interval belongs to a gap."""

Row = dict[str, Any]
Kind = Callable[["Sample"], dict[str, Row]]


@dataclass(frozen=True, slots=True)
class Sample:
    """One look at a page's connection, all counters raw."""

    at: float
    """Unix seconds."""
    audio: dict[str, Row]
    """By mid."""
    video: dict[str, Row]
    sent: dict[str, Row]
    """By mid, with the layer's name behind a colon."""
    rtt: float | None
    """Round trip by STUN, seconds."""


def read(raw: Row) -> Sample:
    """Return a page's sample."""
    return Sample(raw["at"], raw["audio"], raw["video"], raw["sent"], raw["rtt"])


def between(samples: Sequence[Sample], begin: float, end: float) -> list[Sample]:
    """Return the samples of a stretch of time."""
    return [one for one in samples if begin <= one.at <= end]


def growth(before: dict[str, Row], after: dict[str, Row], name: str) -> float:
    """Return how much a counter grew over all lines. Losses may shrink: a packet that comes late was not lost."""
    grown = 0.0
    for mid, row in after.items():
        old = before.get(mid, {})
        fresh = any(row.get(packets, 0) < old.get(packets, 0) for packets in PACKETS)
        grown += row.get(name, 0) - (0 if fresh else old.get(name, 0))
    return grown


def total(samples: Sequence[Sample], kind: Kind, name: str) -> float:
    """Return how much a counter grew over a stretch, across new connections."""
    return sum(growth(kind(a), kind(b), name) for a, b in pairwise(samples))


def audio(sample: Sample) -> dict[str, Row]:
    """Select the sound that is received."""
    return sample.audio


def video(sample: Sample) -> dict[str, Row]:
    """Select the pictures that are received."""
    return sample.video


def sent(sample: Sample) -> dict[str, Row]:
    """Select what is sent."""
    return sample.sent


def concealment(samples: Sequence[Sample]) -> float:
    """Return the share of the sound that was made up because it was missing, 0 to 1. Silence made up does not count.

    Time in which no sound was played at all counts as made up.
    """
    if len(samples) < 2:
        return 1.0
    made_up = total(samples, audio, "concealedSamples") - total(samples, audio, "silentConcealedSamples")
    played = total(samples, audio, "totalSamplesReceived")
    expected = (samples[-1].at - samples[0].at) * SAMPLES_PER_SECOND
    absent = max(0.0, 0.98 * expected - played)
    return (made_up + absent) / max(expected, played)


def longest_gap(samples: Sequence[Sample]) -> float:
    """Return the longest stretch without real sound, seconds; resolution is that of the samples."""
    longest = run = 0.0
    for before, after in pairwise(samples):
        seconds = after.at - before.at
        played = growth(before.audio, after.audio, "totalSamplesReceived") / SAMPLES_PER_SECOND
        made_up = growth(before.audio, after.audio, "concealedSamples") / SAMPLES_PER_SECOND
        missing = made_up + max(0.0, seconds - played - 0.05)
        run = run + min(missing, seconds) if missing >= GAP_SHARE * seconds else 0.0
        longest = max(longest, run)
    return longest


def missing(samples: Sequence[Sample]) -> float:
    """Return the seconds of a stretch in which no real sound was played; exact, where it is all one gap."""
    seconds = samples[-1].at - samples[0].at
    played = total(samples, audio, "totalSamplesReceived") - total(samples, audio, "concealedSamples")
    return max(0.0, seconds - played / SAMPLES_PER_SECOND)


def frozen(samples: Sequence[Sample]) -> tuple[float, float]:
    """Return the share of time the picture stood still though it should not, and freezes a minute.

    A picture that is off on purpose does not freeze. A freeze that has not ended is not in the browser's figure yet.
    """
    seconds = max(samples[-1].at - samples[0].at, 1e-3)
    still = total(samples, video, "totalFreezesDuration")
    return still / seconds, total(samples, video, "freezeCount") * 60 / seconds


def width(sample: Sample) -> int:
    """Return the widest picture that is received now, pixels; 0 without one."""
    return max((int(row.get("frameWidth", 0)) for row in sample.video.values()), default=0)


def video_rate(samples: Sequence[Sample]) -> float:
    """Return the received pictures' mean rate, bit/s."""
    return total(samples, video, "bytesReceived") * 8 / max(samples[-1].at - samples[0].at, 1e-3)


def frame_rate(samples: Sequence[Sample]) -> float:
    """Return decoded frames a second."""
    return total(samples, video, "framesDecoded") / max(samples[-1].at - samples[0].at, 1e-3)


def changes(values: Iterable[int]) -> int:
    """Return how often a value changes."""
    return sum(a != b for a, b in pairwise(values))


def playout_delay(samples: Sequence[Sample]) -> float:
    """Return how long sound waited in the receiver's buffer on average, seconds."""
    count = total(samples, audio, "jitterBufferEmittedCount")
    return total(samples, audio, "jitterBufferDelay") / count if count else 0.0


def first(samples: Sequence[Sample], condition: Callable[[Sample], bool]) -> float | None:
    """Return when a condition first held, Unix seconds."""
    return next((one.at for one in samples if condition(one)), None)


def pictures(sample: Sample) -> int:
    """Return the frames decoded so far."""
    return int(sum(row.get("framesDecoded", 0) for row in sample.video.values()))


def heard(sample: Sample) -> float:
    """Return the energy of all that was heard so far."""
    return float(sum(row.get("totalAudioEnergy", 0.0) for row in sample.audio.values()))
