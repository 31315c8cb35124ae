"""Pictures of lines: paths that break where nothing was measured, and stay within their box."""

import re
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from telehealth.lines.models import LinkHour
from telehealth.web.charts import CHART_HEIGHT, CHART_WIDTH, RATE_RANGE, Scale, chart, path_of, spark

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
START = NOW - timedelta(hours=10)


def hour(
    ago: int, up_kbps: float | None = 200.0, down_kbps: float | None = 2000.0, gaps: int = 0
) -> LinkHour:
    return LinkHour(
        hour=NOW - timedelta(hours=ago), up_kbps=up_kbps, down_kbps=down_kbps, gaps=gaps, samples=1
    )


def test_a_path_joins_hours_that_follow_each_other_and_breaks_elsewhere() -> None:
    scale = Scale(width=100, height=30, start=START, end=NOW, low=20, high=20_000)
    hours = [hour(10, 20), hour(9, 20_000), hour(8, None), hour(7, 200), hour(4, 632_000), hour(0, 1)]
    assert (
        path_of(hours, lambda one: one.up_kbps, scale)
        == "M0.0 30.0h0L10.0 0.0M30.0 20.0h0M60.0 0.0h0M100.0 30.0h0"
    )


def test_a_spark_shows_the_narrower_direction() -> None:
    hours = [hour(2, 500, None), hour(1, 4000, 500)]
    assert len(set(re.findall(r" ([\d.]+)", spark(hours, start=START, now=NOW).path))) == 1


def test_hours_with_breaks_are_marked() -> None:
    drawn = chart(
        [hour(3), hour(2, gaps=2)],
        days=[NOW - timedelta(days=8), NOW - timedelta(days=1)],
        now=NOW,
        lines=[("up", lambda one: one.up_kbps)],
        levels=[(500, "0,5")],
        span=RATE_RANGE,
    )
    assert (len(drawn.breaks), [mark.text for mark in drawn.days], drawn.levels[0].text) == (
        1,
        ["23/11"],
        "0,5",
    )


@given(
    st.lists(st.tuples(st.integers(0, 167), st.none() | st.floats(0, 1e7)), unique_by=lambda pair: pair[0])
)
def test_everything_is_drawn_within_the_picture(figures: list[tuple[int, float | None]]) -> None:
    hours = sorted((hour(ago, up) for ago, up in figures), key=lambda one: one.hour)
    drawn = chart(
        hours, days=[], now=NOW, lines=[("up", lambda one: one.up_kbps)], levels=[], span=RATE_RANGE
    )
    [(_name, path)] = drawn.paths
    points = re.findall(r"[ML]([\d.]+) ([\d.]+)", path)
    assert len(points) == sum(up is not None for _ago, up in figures)
    assert all(0 <= float(x) <= CHART_WIDTH and 0 <= float(y) <= CHART_HEIGHT for x, y in points)
