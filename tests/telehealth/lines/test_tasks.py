"""What runs by the clock: the tasks exist under the names the schedule calls, and do what they say."""

from datetime import timedelta

import pytest
from django.conf import settings

from telehealth.core import clock
from telehealth.lines import tasks
from telehealth.lines.domain.samples import record_link_sample
from telehealth.lines.enums import Source
from telehealth.lines.models import LinkHour, LinkSample
from tests.factories import make_facility


def test_the_schedule_calls_them_by_their_names() -> None:
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert {tasks.roll_up.name, tasks.prune.name} <= scheduled


@pytest.mark.django_db
def test_they_add_up_what_is_fresh_and_delete_what_is_old() -> None:
    site, now = make_facility(), clock.now()
    for days in (0, 9):
        record_link_sample(facility=site, source=Source.CALL, at=now - timedelta(days=days), rtt_ms=40)
    LinkHour.objects.all().delete()
    tasks.roll_up()
    tasks.prune()
    assert (LinkHour.objects.count(), LinkSample.objects.count()) == (1, 1)
