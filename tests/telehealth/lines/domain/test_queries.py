"""The link diary as pages read it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from telehealth.accounts.enums import Role
from telehealth.facilities.models import HubLink
from telehealth.lines.domain.checks import save_line_check
from telehealth.lines.domain.queries import checks_of, link_advice, site_lines, week_of
from telehealth.lines.domain.samples import record_link_sample
from telehealth.lines.enums import Metric, Source
from telehealth.lines.rules import Advice, Rung
from tests.factories import NOW, World, make_facility, make_person

pytestmark = pytest.mark.django_db


def measure(site: object, minutes_ago: int, up_kbps: float) -> None:
    record_link_sample(
        facility=site,  # type: ignore[arg-type]
        source=Source.CALL,
        at=NOW - timedelta(minutes=minutes_ago),
        up_kbps=up_kbps,
        down_kbps=9000,
    )


def test_advice_comes_from_the_samples_of_the_last_hours(world: World) -> None:
    for minutes_ago, up_kbps in ((0, 400), (1, 420), (10, 410), (20, 390), (30, 5000), (40, 5000)):
        measure(world.spoke, minutes_ago, up_kbps)
    assert link_advice(world.spoke, NOW) == Advice(
        Rung.SOUND, Metric.UP, 410.0, NOW - timedelta(minutes=20), NOW
    )
    assert link_advice(world.hub, NOW) == Advice()


def test_a_list_shows_ones_sites_the_worst_first(world: World) -> None:
    good, unknown = make_facility("A tốt"), make_facility("B chưa đo")
    for site in (good, unknown):
        HubLink.objects.create(hub=world.hub, spoke=site)
    measure(good, 0, 9000)
    measure(world.spoke, 0, 300)
    make_facility("nơi khác")
    lines = site_lines(world.coordinator, now=NOW)
    shown = [(line.site, line.advice.rung, line.latest.up_kbps if line.latest else None) for line in lines]
    assert shown == [
        (world.spoke, Rung.SOUND, 300.0),
        (good, Rung.PICTURE, 9000.0),
        *sorted(
            [(unknown, None, None), (world.hub, None, None)],
            key=lambda row: row[0].name,
        ),
    ]


def test_a_list_costs_the_same_whatever_it_shows(world: World) -> None:
    operator = make_person(world.hub, Role.PROVINCE_OPERATOR)
    measure(world.spoke, 0, 300)
    with CaptureQueriesContext(connection) as few:
        site_lines(operator, now=NOW)
    for _ in range(3):
        measure(make_facility(), 0, 9000)
    with CaptureQueriesContext(connection) as many:
        site_lines(operator, now=NOW)
    assert len(many) == len(few) == 3


def test_a_week_has_seven_days_of_hours(world: World) -> None:
    for days in (0, 6, 8):
        measure(world.spoke, days * 24 * 60, 1000 + days)
    assert [hour.up_kbps for hour in week_of(world.spoke, now=NOW)] == [1006.0, 1000.0]


def test_checks_of_a_site_are_the_newest_of_the_week(world: World) -> None:
    old, new = (
        save_line_check(hat=world.doctor, outcomes={}, now=NOW - timedelta(days=days)) for days in (2, 1)
    )
    save_line_check(hat=world.doctor, outcomes={}, now=NOW - timedelta(days=8))
    save_line_check(hat=world.specialist, outcomes={}, now=NOW)
    assert checks_of(world.spoke, now=NOW) == [new, old]
