"""Small pictures of a line, as numbers for inline SVG: the templates only draw them. Pure.

Rates and round trips are drawn on logarithmic scales: what matters is whether a line is ten times too thin, not a tenth.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import log10

from telehealth.lines.models import LinkHour

HOUR = timedelta(hours=1)
RATE_RANGE = (20.0, 50_000.0)  # kbit/s
RTT_RANGE = (10.0, 5_000.0)  # ms
LEVELS = (50.0, 500.0, 1500.0)
"""kbit/s from which sound, a small picture, and a picture go (`lines.rules`)."""

Value = Callable[[LinkHour], float | None]


@dataclass(frozen=True)
class Scale:
    """A box of the picture, and the values and times that fit in it."""

    width: float
    height: float
    start: datetime
    end: datetime
    low: float
    high: float
    left: float = 0
    top: float = 0

    def x(self, at: datetime) -> float:
        return round(self.left + self.width * ((at - self.start) / (self.end - self.start)), 1)

    def y(self, value: float) -> float:
        held = min(max(value, self.low), self.high)
        share = (log10(held) - log10(self.low)) / (log10(self.high) - log10(self.low))
        return round(self.top + self.height * (1 - share), 1)


def path_of(hours: Sequence[LinkHour], value: Value, scale: Scale) -> str:
    """Return the SVG path of one figure by the hour; an hour without it breaks the line, a lone hour is a dot."""
    parts: list[str] = []
    before: datetime | None = None
    for hour in hours:
        figure = value(hour)
        if figure is None or not scale.start <= hour.hour <= scale.end:
            continue
        # A stroke without length and round caps is a dot.
        joined = before is not None and hour.hour - before <= HOUR
        point = f"{scale.x(hour.hour)} {scale.y(figure)}"
        parts.append(f"L{point}" if joined else f"M{point}h0")
        before = hour.hour
    return "".join(parts)


def narrower_rate(hour: LinkHour) -> float | None:
    """Return the rate of the narrower direction."""
    rates = [rate for rate in (hour.up_kbps, hour.down_kbps) if rate is not None]
    return min(rates, default=None)


@dataclass(frozen=True)
class Spark:
    """The trend of a row: the narrower direction over two days, and the level below which pictures do not go."""

    path: str
    picture_y: float


SPARK_WIDTH, SPARK_HEIGHT = 120, 32


def spark(hours: Sequence[LinkHour], *, start: datetime, now: datetime) -> Spark:
    """Return the small trend of one site."""
    scale = Scale(SPARK_WIDTH - 4, SPARK_HEIGHT - 4, start, now, *RATE_RANGE, left=2, top=2)
    return Spark(path_of(hours, narrower_rate, scale), scale.y(LEVELS[1]))


@dataclass(frozen=True)
class Mark:
    """A line of the grid with what stands beside it."""

    at: float
    text: str


@dataclass(frozen=True)
class Chart:
    """A picture of seven days: lines, grid, and where the line broke."""

    paths: Sequence[tuple[str, str]]
    """(name of the style, path)"""
    levels: Sequence[Mark]
    days: Sequence[Mark]
    breaks: Sequence[float]
    left: float
    bottom: float
    right: float


CHART_WIDTH, CHART_HEIGHT, MARGIN_LEFT, MARGIN_BOTTOM = 760, 200, 84, 24


def chart(
    hours: Sequence[LinkHour],
    *,
    days: Sequence[datetime],
    now: datetime,
    lines: Sequence[tuple[str, Value]],
    levels: Sequence[tuple[float, str]],
    span: tuple[float, float],
) -> Chart:
    """Return the picture of a week.

    Args:
        days: midnights to draw, oldest first; the picture begins a week before `now`.
        lines: (name of the style, figure) of each line.
        levels: (value, text) of each horizontal line.
        span: smallest and largest value drawn.
    """
    scale = Scale(
        CHART_WIDTH - MARGIN_LEFT - 8,
        CHART_HEIGHT - MARGIN_BOTTOM - 8,
        now - timedelta(days=7),
        now,
        *span,
        left=MARGIN_LEFT,
        top=8,
    )
    return Chart(
        paths=[(name, path_of(hours, value, scale)) for name, value in lines],
        levels=[Mark(scale.y(value), text) for value, text in levels],
        days=[Mark(scale.x(day), f"{day:%d/%m}") for day in days if scale.start <= day <= scale.end],
        breaks=[scale.x(hour.hour) for hour in hours if hour.gaps and hour.hour >= scale.start],
        left=MARGIN_LEFT,
        bottom=CHART_HEIGHT - MARGIN_BOTTOM,
        right=CHART_WIDTH - 8,
    )
