"""Recording measurements of lines, and adding them up by the hour."""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import connection, transaction

from telehealth.facilities.models import Facility
from telehealth.lines.enums import Source
from telehealth.lines.models import LineCheck, LinkHour, LinkSample

SAMPLE_DAYS = 8

_ADD_UP = """
    INSERT INTO lines_linkhour
        (facility_id, hour, samples, rtt_ms, rtt_p95_ms, loss, jitter_ms, up_kbps, down_kbps, gaps, gap_seconds)
    SELECT facility_id, date_trunc('hour', at, 'UTC'), count(*),
        percentile_cont(0.5) WITHIN GROUP (ORDER BY rtt_ms),
        percentile_cont(0.95) WITHIN GROUP (ORDER BY rtt_ms),
        avg(loss),
        percentile_cont(0.5) WITHIN GROUP (ORDER BY jitter_ms),
        percentile_cont(0.5) WITHIN GROUP (ORDER BY up_kbps),
        percentile_cont(0.5) WITHIN GROUP (ORDER BY down_kbps),
        sum(gaps), sum(gap_seconds)
    FROM lines_linksample
    WHERE at >= %(start)s AND at < %(end)s AND (%(facility)s::uuid IS NULL OR facility_id = %(facility)s::uuid)
    GROUP BY 1, 2
    ON CONFLICT (facility_id, hour) DO UPDATE SET
        samples = EXCLUDED.samples, rtt_ms = EXCLUDED.rtt_ms, rtt_p95_ms = EXCLUDED.rtt_p95_ms, loss = EXCLUDED.loss,
        jitter_ms = EXCLUDED.jitter_ms, up_kbps = EXCLUDED.up_kbps, down_kbps = EXCLUDED.down_kbps,
        gaps = EXCLUDED.gaps, gap_seconds = EXCLUDED.gap_seconds
"""


def hour_of(at: datetime) -> datetime:
    """Return the beginning of the hour, UTC (Việt Nam is a whole number of hours away, so its hours are the same)."""
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


@transaction.atomic
def record_link_sample(
    *,
    facility: Facility,
    source: Source,
    at: datetime,
    rtt_ms: float | None = None,
    loss: float | None = None,
    jitter_ms: float | None = None,
    up_kbps: float | None = None,
    down_kbps: float | None = None,
    gaps: int = 0,
    gap_seconds: float = 0.0,
) -> None:
    """Write down one measurement of a facility's line and bring its hour up to date. The only door to the link diary.

    Rates are what the line could carry (a bandwidth estimate), not what was used; `loss` is a share, 0–1, of the worse direction.
    A sample without any figure is not kept. Calls should send one a person every 30 seconds or slower. Safe to call from many
    processes at once; call it in a transaction of its own, since it waits for others of the same facility.
    """
    figures = (rtt_ms, loss, jitter_ms, up_kbps, down_kbps)
    if all(figure is None for figure in figures) and not gaps:
        return
    # Taken first, so that whoever adds up sees every sample of who added up before; without it two could each miss the other's.
    _one_at_a_time(facility)
    LinkSample.objects.create(
        facility=facility,
        source=source,
        at=at,
        rtt_ms=rtt_ms,
        loss=loss,
        jitter_ms=jitter_ms,
        up_kbps=up_kbps,
        down_kbps=down_kbps,
        gaps=gaps,
        gap_seconds=gap_seconds,
    )
    _add_up(hour_of(at), hour_of(at) + timedelta(hours=1), facility)


@transaction.atomic
def roll_up(*, now: datetime) -> None:
    """Add up this hour and the one before again for every facility: heals what an import or a restored back-up left out."""
    start = hour_of(now) - timedelta(hours=1)
    ids = LinkSample.objects.filter(at__gte=start).values("facility").order_by("facility").distinct()
    for facility in Facility.objects.filter(id__in=ids).order_by("id"):
        _one_at_a_time(facility)
    _add_up(start, hour_of(now) + timedelta(hours=1), None)


def prune(*, now: datetime) -> None:
    """Delete what is older than it is kept: samples after some days, hours and checks after `LINE_HISTORY_DAYS`."""
    kept_from = now - timedelta(days=settings.LINE_HISTORY_DAYS)
    LinkSample.objects.filter(at__lt=now - timedelta(days=SAMPLE_DAYS)).delete()
    LinkHour.objects.filter(hour__lt=kept_from).delete()
    LineCheck.objects.filter(at__lt=kept_from).delete()


def _one_at_a_time(facility: Facility) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 11))", [str(facility.id)])


def _add_up(start: datetime, end: datetime, facility: Facility | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            _ADD_UP, {"start": start, "end": end, "facility": str(facility.id) if facility else None}
        )
