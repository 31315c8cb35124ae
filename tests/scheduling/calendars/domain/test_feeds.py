"""A person's calendar: at a secret address, with what, where and when, and nothing else."""

from datetime import timedelta

import pytest
from icalendar import Calendar

from scheduling.calendars.domain.feeds import feed_of, issue_feed, read_feed, revoke_feed
from scheduling.calendars.enums import LeaveKind, LeaveState
from scheduling.calendars.models import CalendarFeed, Leave
from scheduling.calendars.ranges import range_of
from telehealth.core.errors import NotFound
from tests.factories import NOW, World
from tests.scheduling.factories import MONDAY, make_roster, make_shift, stretch

pytestmark = pytest.mark.django_db
NIGHT = stretch(MONDAY, "17:00", "07:00", 1)


def summaries(secret: str) -> list[tuple[str, str]]:
    calendar = Calendar.from_ical(read_feed(secret=secret, now=NOW))
    return [(str(event["SUMMARY"]), str(event["LOCATION"])) for event in calendar.walk("VEVENT")]


def test_a_feed_has_ones_own_duties_and_leave_only(world: World) -> None:
    roster = make_roster(world.hub, world.specialty)
    make_shift(roster, world.specialist.membership, NIGHT)
    make_shift(roster, world.second_specialist.membership, stretch(MONDAY, "07:00", "17:00"))
    Leave.objects.create(
        membership=world.specialist.membership,
        kind=LeaveKind.STUDY,
        note="Dự hội nghị",
        during=range_of(stretch(MONDAY + timedelta(days=5), "00:00", "00:00", 1)),
        state=LeaveState.GRANTED,
        asked_at=NOW,
    )
    secret = issue_feed(user=world.specialist.user, now=NOW)
    assert sorted(summaries(secret)) == [("Nghỉ", world.hub.short_name), ("Trực chính", world.hub.name)]
    body = read_feed(secret=secret, now=NOW).decode()
    assert world.specialty.name_vi not in body
    assert "hội nghị" not in body


def test_the_secret_is_not_kept_and_a_new_one_ends_the_old(world: World) -> None:
    user = world.specialist.user
    first = issue_feed(user=user, now=NOW)
    second = issue_feed(user=user, now=NOW)
    assert not CalendarFeed.objects.filter(digest__in=[first, second]).exists()
    for secret in (first, "", "x" * 43):
        with pytest.raises(NotFound):
            read_feed(secret=secret, now=NOW)
    assert summaries(second) == []
    assert revoke_feed(user=user, now=NOW)
    assert (feed_of(user), revoke_feed(user=user, now=NOW)) == (None, False)
    with pytest.raises(NotFound):
        read_feed(secret=second, now=NOW)


def test_who_may_not_sign_in_has_no_calendar(world: World) -> None:
    user = world.specialist.user
    secret = issue_feed(user=user, now=NOW)
    user.is_active = False
    user.save()
    with pytest.raises(NotFound):
        read_feed(secret=secret, now=NOW)


def test_a_feed_stays_the_same_all_day(world: World) -> None:
    make_shift(make_roster(world.hub), world.specialist.membership, NIGHT)
    secret = issue_feed(user=world.specialist.user, now=NOW)
    assert read_feed(secret=secret, now=NOW) == read_feed(secret=secret, now=NOW + timedelta(hours=3))
