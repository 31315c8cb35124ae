"""The province's time: always something to show, loaded once or many times, in any month."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from scheduling.calendars.domain.queries import on_call_now, open_windows, sessions_of
from scheduling.calendars.domain.swaps import accept_swap
from scheduling.calendars.enums import Purpose
from scheduling.calendars.models import (
    Availability,
    Holiday,
    Leave,
    OnCallShift,
    Resource,
    Roster,
    ShiftSwap,
    WorkingHours,
)
from telehealth.accounts.hat import Hat
from telehealth.accounts.models import Membership
from telehealth.demonstration.calendars import load_calendars
from telehealth.demonstration.ids import demonstration_id
from telehealth.demonstration.load import _load_facilities, _load_lists, _load_people
from telehealth.facilities.models import Facility, Specialty

COUNTED = (
    WorkingHours,
    Holiday,
    Resource,
    Availability,
    Roster,
    OnCallShift,
    Leave,
    ShiftSwap,
)
HOLIDAY = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
SUNDAY_OF_A_SHORT_MONTH = datetime(2027, 2, 28, 16, 0, tzinfo=UTC)
LAST_OF_A_YEAR = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def load(now: datetime) -> None:
    _load_lists()
    _load_facilities()
    _load_people(now)
    load_calendars(now=now)


@pytest.mark.parametrize("now", [HOLIDAY, SUNDAY_OF_A_SHORT_MONTH, LAST_OF_A_YEAR])
def test_loading_again_adds_nothing_and_today_is_worked(now: datetime) -> None:
    load(now)
    first = {model.__name__: model._default_manager.count() for model in COUNTED}
    load(now + timedelta(minutes=5))
    assert first == {model.__name__: model._default_manager.count() for model in COUNTED}
    assert all(first.values())
    today = timezone.localdate(now)
    for facility in Facility.objects.exclude(kind="department_of_health"):
        assert len(sessions_of(facility=facility, day=today)) == 2


def test_the_hub_has_somebody_on_call_each_evening_but_the_open_one() -> None:
    load(HOLIDAY)
    hub = Facility.objects.get(id=demonstration_id("facility", "hndk"))
    stroke = Specialty.objects.get(key="stroke")
    evening = HOLIDAY.replace(hour=15)  # 22:00 here
    nobody = [
        timezone.localdate(moment)
        for moment in (evening + timedelta(days=n) for n in range(30))
        if not any(
            one.user.username in {"bs.dotquy", "bs.ngoaithankinh", "bs.hoisuc"}
            for one in on_call_now(facility=hub, specialty=stroke, now=moment)
        )
    ]
    assert [str(day) for day in nobody] == ["2026-12-12"]
    everybody = on_call_now(facility=hub, specialty=None, now=evening)
    assert len({one.user_id for one in everybody}) == 3


def test_specialists_have_time_today_and_the_swap_can_be_agreed_to() -> None:
    load(HOLIDAY)
    cardiologist = Membership.objects.get(user__username="bs.timmach")
    today = timezone.localdate(HOLIDAY)
    remote = open_windows(practitioner=cardiologist, days=(today, today), purpose=Purpose.REMOTE)
    assert [(w.start.hour, w.end.hour) for w in remote] == [(13, 17)]
    swap = ShiftSwap.objects.get()
    accept_swap(hat=Hat(cardiologist), swap_id=swap.id, now=HOLIDAY)
    swap.shift.refresh_from_db()
    assert swap.shift.membership == cardiologist
