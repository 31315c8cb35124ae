"""Reading the link diary: the newest hours of many sites, the week of one, and advice, in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from telehealth.accounts.hat import Hat
from telehealth.facilities.models import Facility
from telehealth.lines.access import visible_sites
from telehealth.lines.domain.samples import hour_of
from telehealth.lines.models import LineCheck, LinkHour
from telehealth.lines.rules import ADVICE_WINDOW, Advice, Reading, advise

WEEK = timedelta(days=7)
TREND = timedelta(hours=48)

# Five minutes are short enough to say since when, and long enough that a busy call does not outweigh the rest.
_READINGS = """
    SELECT facility_id, date_bin('5 minutes', at, TIMESTAMPTZ '2026-01-01 00:00:00+00'),
        percentile_cont(0.5) WITHIN GROUP (ORDER BY rtt_ms), avg(loss),
        percentile_cont(0.5) WITHIN GROUP (ORDER BY up_kbps),
        percentile_cont(0.5) WITHIN GROUP (ORDER BY down_kbps), sum(gaps)::int
    FROM lines_linksample
    WHERE facility_id = ANY(%(facilities)s) AND at > %(start)s AND at <= %(now)s
    GROUP BY 1, 2
"""


@dataclass(frozen=True)
class SiteLine:
    """One site's line as the list shows it. `hours` are the last two days', oldest first; `latest` the newest with figures."""

    site: Facility
    hours: Sequence[LinkHour]
    advice: Advice

    @property
    def latest(self) -> LinkHour | None:
        return self.hours[-1] if self.hours else None


def link_advice(facility: Facility, now: datetime) -> Advice:
    """Return what a facility's line is good for now, for whoever is about to start a call with it."""
    return _advice_of([facility.id], now)[facility.id]


def site_lines(hat: Hat, *, now: datetime) -> list[SiteLine]:
    """Return the lines a hat may look at, what needs attention first. Three queries."""
    sites = list(visible_sites(hat).order_by("name"))
    ids = [site.id for site in sites]
    hours: defaultdict[UUID, list[LinkHour]] = defaultdict(list)
    for row in LinkHour.objects.filter(facility__in=ids, hour__gt=now - TREND, hour__lte=now):
        hours[row.facility_id].append(row)
    advice = _advice_of(ids, now)
    lines = [SiteLine(site, hours[site.id], advice[site.id]) for site in sites]
    return sorted(lines, key=lambda line: (line.advice.rung is None, line.advice.rung, line.site.name))


def week_of(site: Facility, *, now: datetime) -> list[LinkHour]:
    """Return the hours of a site's last seven days that have figures, oldest first."""
    return list(
        LinkHour.objects.filter(facility=site, hour__gt=hour_of(now) - WEEK, hour__lte=now).order_by("hour")
    )


def checks_of(site: Facility, *, now: datetime) -> list[LineCheck]:
    """Return a site's newest line checks of the last seven days."""
    checks = LineCheck.objects.filter(facility=site, at__gt=now - WEEK).select_related("membership__user")
    return list(checks.order_by("-at")[:20])


def _advice_of(facilities: Collection[UUID], now: datetime) -> dict[UUID, Advice]:
    readings: defaultdict[UUID, list[Reading]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_READINGS, {"facilities": list(facilities), "start": now - ADVICE_WINDOW, "now": now})
        for facility, at, rtt_ms, loss, up_kbps, down_kbps, gaps in cursor.fetchall():
            readings[facility].append(Reading(at, rtt_ms, loss, up_kbps, down_kbps, gaps))
    return {facility: advise(readings[facility], now=now) for facility in facilities}
