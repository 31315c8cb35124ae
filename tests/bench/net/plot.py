"""A plot of a run as SVG: rates, picture width, losses and made-up sound over time. Plain text, no libraries."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from tests.bench.net.run import Trace
from tests.net import figures
from tests.net.figures import Sample

WIDTH, PANEL, LEFT, RIGHT, TOP, GAP = 900, 110, 70, 20, 44, 34
WINDOW = 1.0
"""Seconds a point is averaged over."""
COLOURS = ("#1b5e8c", "#c4661f")
INK, GRID = "#333", "#ddd"

Point = tuple[float, float]


@dataclass(frozen=True)
class Panel:
    """One set of axes. `lines` are named curves of (seconds, value)."""

    title: str
    lines: dict[str, list[Point]]


def draw(trace: Trace) -> str:
    """Return the SVG of one person's run."""
    samples = trace.samples
    begin = samples[0].at if samples else 0.0
    seconds = max(1.0, samples[-1].at - begin) if samples else 1.0
    panels = _panels(samples, begin)
    height = TOP + len(panels) * (PANEL + GAP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="11">',
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
        f'<text x="{LEFT}" y="18" font-size="14" fill="{INK}">{escape(trace.title)}</text>',
    ]
    for at, what in trace.marks:
        if begin <= at <= begin + seconds:
            x = _x(at - begin, seconds)
            parts.append(
                f'<line x1="{x}" x2="{x}" y1="{TOP - 8}" y2="{height - GAP}" stroke="#999" stroke-dasharray="3 3"/>'
            )
            parts.append(f'<text x="{x + 3}" y="{TOP - 12}" fill="#555">{escape(what)}</text>')
    for index, panel in enumerate(panels):
        parts += _panel(panel, TOP + index * (PANEL + GAP), seconds)
    parts.append("</svg>")
    return "\n".join(parts)


def _panels(samples: Sequence[Sample], begin: float) -> list[Panel]:
    return [
        Panel(
            "received kbit/s",
            {
                "picture": _rate(samples, begin, figures.video, "bytesReceived", 8 / 1000),
                "sound": _rate(samples, begin, figures.audio, "bytesReceived", 8 / 1000),
            },
        ),
        Panel("picture width, pixels", {"width": [(one.at - begin, figures.width(one)) for one in samples]}),
        Panel(
            "packets lost a second",
            {
                "picture": _rate(samples, begin, figures.video, "packetsLost", 1),
                "sound": _rate(samples, begin, figures.audio, "packetsLost", 1),
            },
        ),
        Panel("sound made up, %", {"made up": _concealed(samples, begin)}),
    ]


def _windows(samples: Sequence[Sample]) -> list[Sequence[Sample]]:
    found: list[Sequence[Sample]] = []
    first = 0
    for index, sample in enumerate(samples):
        if sample.at - samples[first].at >= WINDOW:
            found.append(samples[first : index + 1])
            first = index
    return found


def _rate(
    samples: Sequence[Sample], begin: float, kind: figures.Kind, name: str, factor: float
) -> list[Point]:
    return [
        (
            window[-1].at - begin,
            figures.total(window, kind, name) * factor / (window[-1].at - window[0].at),
        )
        for window in _windows(samples)
    ]


def _concealed(samples: Sequence[Sample], begin: float) -> list[Point]:
    return [(window[-1].at - begin, 100 * figures.concealment(window)) for window in _windows(samples)]


def _panel(panel: Panel, top: int, seconds: float) -> list[str]:
    most = _nice(max((value for line in panel.lines.values() for _, value in line), default=1.0))
    bottom = top + PANEL
    parts = [f'<text x="{LEFT}" y="{top - 3}" fill="{INK}">{escape(panel.title)}</text>']
    for share in (0.0, 0.5, 1.0):
        y = bottom - share * PANEL
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}" stroke="{GRID}"/>')
        parts.append(
            f'<text x="{LEFT - 6}" y="{y + 4}" text-anchor="end" fill="{INK}">{share * most:g}</text>'
        )
    step = _nice(seconds / 8)
    for number in range(int(seconds / step) + 1):
        x = _x(number * step, seconds)
        parts.append(
            f'<text x="{x}" y="{bottom + 13}" text-anchor="middle" fill="{INK}">{number * step:g} s</text>'
        )
    for index, (name, line) in enumerate(panel.lines.items()):
        colour = COLOURS[index]
        for piece in _pieces(line):
            points = " ".join(
                f"{_x(at, seconds):.1f},{bottom - min(value / most, 1) * PANEL:.1f}" for at, value in piece
            )
            parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.4"/>')
        if len(panel.lines) > 1:
            x = WIDTH - RIGHT - 120 + 65 * index
            parts.append(f'<text x="{x}" y="{top - 3}" fill="{colour}">{escape(name)}</text>')
    return parts


def _pieces(line: Sequence[Point]) -> list[list[Point]]:
    """Cut a curve where nothing was sampled for a while."""
    pieces: list[list[Point]] = [[]]
    for before, point in pairwise([(-math.inf, 0.0), *line]):
        if point[0] - before[0] > 3 * WINDOW and pieces[-1]:
            pieces.append([])
        pieces[-1].append(point)
    return [piece for piece in pieces if len(piece) > 1]


def _x(at: float, seconds: float) -> float:
    return round(LEFT + at / seconds * (WIDTH - LEFT - RIGHT), 1)


def _nice(value: float) -> float:
    """Return the next of 1, 2, 5 times a power of ten."""
    if value <= 0:
        return 1.0
    power = 10 ** math.floor(math.log10(value))
    return float(next(step * power for step in (1, 2, 5, 10) if step * power >= value * 0.999))
