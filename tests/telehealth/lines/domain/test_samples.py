"""Samples of a line and the hours they add up to."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from django.db import IntegrityError, connection

from telehealth.facilities.models import Facility
from telehealth.lines.domain.samples import prune, record_link_sample, roll_up
from telehealth.lines.enums import Source
from telehealth.lines.models import LineCheck, LinkHour, LinkSample
from tests.factories import make_facility

AT = datetime(2026, 11, 24, 7, 10, tzinfo=UTC)
HOUR = AT.replace(minute=0)


def hour_of(facility: Facility, hour: datetime = HOUR) -> dict[str, object]:
    fields = [f.name for f in LinkHour._meta.fields if f.name not in {"id", "facility", "hour"}]
    return dict(LinkHour.objects.filter(facility=facility, hour=hour).values(*fields).get())


@pytest.mark.django_db
def test_an_hour_is_the_middle_and_the_edge_of_its_samples() -> None:
    site = make_facility()
    for minute, rtt in enumerate((40, 60, 50, 400)):
        record_link_sample(
            facility=site,
            source=Source.CALL,
            at=AT + timedelta(minutes=minute),
            rtt_ms=rtt,
            loss=0.1 if minute == 0 else 0.0,
            jitter_ms=4 + minute,
            up_kbps=800 if minute else None,
            gaps=minute == 3,
            gap_seconds=2.5 if minute == 3 else 0,
        )
    assert hour_of(site) == {
        "samples": 4,
        "rtt_ms": 55.0,
        "rtt_p95_ms": pytest.approx(349.0),
        "loss": pytest.approx(0.025),
        "jitter_ms": 5.5,
        "up_kbps": 800.0,
        "down_kbps": None,
        "gaps": 1,
        "gap_seconds": 2.5,
    }


@pytest.mark.django_db
def test_hours_and_sites_are_kept_apart() -> None:
    site, other = make_facility(), make_facility()
    record_link_sample(facility=site, source=Source.CHECK, at=AT, rtt_ms=40)
    record_link_sample(facility=site, source=Source.CHECK, at=AT + timedelta(minutes=50), rtt_ms=80)
    record_link_sample(facility=other, source=Source.CHECK, at=AT, rtt_ms=500)
    found = LinkHour.objects.values_list("facility", "hour", "rtt_ms").order_by("rtt_ms")
    assert list(found) == [
        (site.id, HOUR, 40.0),
        (site.id, HOUR + timedelta(hours=1), 80.0),
        (other.id, HOUR, 500.0),
    ]


@pytest.mark.django_db
def test_a_sample_without_figures_is_not_kept() -> None:
    record_link_sample(facility=make_facility(), source=Source.CALL, at=AT)
    assert (LinkSample.objects.count(), LinkHour.objects.count()) == (0, 0)


@pytest.mark.django_db
def test_loss_is_a_share() -> None:
    with pytest.raises(IntegrityError):
        record_link_sample(facility=make_facility(), source=Source.CALL, at=AT, loss=3)


@pytest.mark.django_db
def test_rolling_up_again_changes_nothing_and_heals_what_is_missing() -> None:
    site = make_facility()
    record_link_sample(facility=site, source=Source.CALL, at=AT, rtt_ms=40)
    whole = hour_of(site)
    roll_up(now=AT + timedelta(minutes=30))
    assert hour_of(site) == whole
    LinkHour.objects.all().delete()
    roll_up(now=AT + timedelta(minutes=60))
    assert hour_of(site) == whole


@pytest.mark.django_db
def test_what_is_old_goes_hours_long_after_samples() -> None:
    site = make_facility()
    for days in (0, 9, 401):
        at = AT - timedelta(days=days)
        record_link_sample(facility=site, source=Source.CALL, at=at, rtt_ms=40)
        LineCheck.objects.create(code=f"KS-{days}", facility=site, at=at, verdict="ready", outcomes={})
    prune(now=AT)
    assert (LinkSample.objects.count(), LinkHour.objects.count(), LineCheck.objects.count()) == (1, 2, 2)


@pytest.mark.django_db(transaction=True)
def test_samples_of_many_at_once_are_all_in_the_hour() -> None:
    site = make_facility()
    threads, each = 8, 10
    barrier = Barrier(threads)

    def record(number: int) -> None:
        barrier.wait(timeout=10)
        try:
            for n in range(each):
                record_link_sample(facility=site, source=Source.CALL, at=AT, rtt_ms=number * each + n, gaps=1)
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(record, range(threads)))
    hour = LinkHour.objects.get()
    assert (hour.samples, hour.gaps, hour.rtt_ms) == (80, 80, 39.5)
