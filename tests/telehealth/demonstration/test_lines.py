"""A week of the demonstration's lines: plausible, the same however often it is loaded, with one that is thin right now."""

from datetime import UTC, datetime, timedelta

import pytest

from telehealth.demonstration.ids import demonstration_id
from telehealth.demonstration.lines import PROFILES, load_lines
from telehealth.facilities.enums import FacilityKind
from telehealth.facilities.models import Facility
from telehealth.lines.domain.queries import link_advice, week_of
from telehealth.lines.domain.samples import record_link_sample, roll_up
from telehealth.lines.enums import Metric, Source
from telehealth.lines.models import LinkHour, LinkSample
from telehealth.lines.rules import Rung

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 8, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def sites() -> dict[str, Facility]:
    return {
        key: Facility.objects.create(
            id=demonstration_id("facility", key), name=key, short_name=key, kind=FacilityKind.MEDICAL_CENTRE
        )
        for key in PROFILES
    }


def test_stations_have_a_whole_week_and_figures_of_real_lines(sites: dict[str, Facility]) -> None:
    load_lines(now=NOW)
    assert len(week_of(sites["kyson"], now=NOW)) == 7 * 24
    for hour in LinkHour.objects.all():
        assert 5 < (hour.rtt_ms or 0) <= (hour.rtt_p95_ms or 0) < 3000
        assert 0 <= (hour.loss or 0) <= 0.4
        assert 50 < (hour.up_kbps or 0) < (hour.down_kbps or 0)


def test_one_mountain_site_is_thin_right_now_and_the_hospital_is_not(sites: dict[str, Facility]) -> None:
    load_lines(now=NOW)
    thin = link_advice(sites["kyson"], NOW)
    assert (thin.rung, thin.metric) == (Rung.SOUND, Metric.UP)
    assert thin.since is not None
    assert timedelta(minutes=40) <= NOW - thin.since <= timedelta(minutes=60)
    assert link_advice(sites["hndk"], NOW).rung == Rung.PICTURE


def test_loading_again_changes_nothing_and_a_day_later_adds_the_day(sites: dict[str, Facility]) -> None:
    load_lines(now=NOW)
    before = list(LinkHour.objects.order_by("id").values_list())
    samples = LinkSample.objects.count()
    load_lines(now=NOW)
    assert list(LinkHour.objects.order_by("id").values_list()) == before
    assert LinkSample.objects.count() == samples
    load_lines(now=NOW + timedelta(days=1))
    assert LinkHour.objects.filter(facility=sites["hndk"]).count() == 8 * 24


def test_what_was_really_measured_stays(sites: dict[str, Facility]) -> None:
    record_link_sample(facility=sites["vinh"], source=Source.CALL, at=NOW, up_kbps=123)
    load_lines(now=NOW)
    roll_up(now=NOW)
    assert week_of(sites["vinh"], now=NOW)[-1].up_kbps == 123
    assert LinkSample.objects.filter(facility=sites["vinh"]).count() == 1
