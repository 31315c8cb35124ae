"""What is sent when: plans, wishes, quiet hours."""

from datetime import UTC, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from telehealth.notifications.catalogue import SPECS
from telehealth.notifications.enums import Channel
from telehealth.notifications.kinds import Kind
from telehealth.notifications.rules import NIGHT, Hours, Planned, Wish, is_wanted, plan, quiet_until

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
BEGIN = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
PHONE = frozenset({Channel.ZALO, Channel.SMS})
HERE, THERE = UUID(int=1), UUID(int=2)


def at(hour: int, minute: int = 0, day: int = 24) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ZONE)


def test_a_telephone_hears_by_zalo_first_and_by_sms_when_nobody_reads() -> None:
    assert plan(SPECS[Kind.MOVED], PHONE, begin=BEGIN) == [
        Planned(Channel.ZALO, 0, BEGIN),
        Planned(Channel.SMS, 1, BEGIN + timedelta(hours=1)),
    ]


def test_without_a_time_the_next_channel_waits_for_a_failure() -> None:
    assert plan(SPECS[Kind.BOOKED], PHONE, begin=BEGIN)[1] == Planned(Channel.SMS, 1, None)


def test_the_first_reachable_channel_comes_forward() -> None:
    assert plan(SPECS[Kind.BOOKED], frozenset({Channel.EMAIL}), begin=BEGIN) == [
        Planned(Channel.EMAIL, 0, BEGIN)
    ]


@given(st.sampled_from(list(SPECS.values())), st.frozensets(st.sampled_from(list(Channel))))
def test_a_plan_takes_reachable_channels_once_and_begins_somewhere(
    spec: object, reachable: frozenset[Channel]
) -> None:
    from telehealth.notifications.kinds import Spec

    assert isinstance(spec, Spec)
    ways = plan(spec, reachable, begin=BEGIN)
    assert {way.channel for way in ways} == reachable & set(spec.channels)
    assert len({way.channel for way in ways}) == len(ways)
    assert not ways or ways[0] == Planned(ways[0].channel, 0, BEGIN)
    dues = [way.due_at for way in ways if way.due_at]
    assert dues == sorted(dues)


def test_what_is_said_about_a_facility_goes_before_what_is_said_in_general() -> None:
    spec = SPECS[Kind.REQUEST_CLAIMED]

    def wanted(wishes: list[Wish], facility: UUID | None = HERE) -> bool:
        return is_wanted(
            wishes, spec=spec, kind=Kind.REQUEST_CLAIMED, channel=Channel.WEB_PUSH, facility=facility
        )

    never = Wish(Kind.REQUEST_CLAIMED, Channel.WEB_PUSH, None, wanted=False)
    but_here = Wish(Kind.REQUEST_CLAIMED, Channel.WEB_PUSH, HERE, wanted=True)
    other = Wish(Kind.REQUEST_DECIDED, Channel.WEB_PUSH, None, wanted=False)
    assert wanted([])
    assert wanted([other])
    assert not wanted([never])
    assert wanted([but_here, never])
    assert not wanted([but_here, never], THERE)
    assert not wanted([never], None)


def test_a_one_time_code_cannot_be_turned_off() -> None:
    never = Wish(Kind.ONE_TIME_CODE, Channel.SMS, None, wanted=False)
    assert is_wanted(
        [never], spec=SPECS[Kind.ONE_TIME_CODE], kind=Kind.ONE_TIME_CODE, channel=Channel.SMS, facility=None
    )


def test_the_night_ends_in_the_morning_across_midnight_and_month() -> None:
    assert quiet_until(NIGHT, now=at(20, 59), zone=ZONE) is None
    assert quiet_until(NIGHT, now=at(21), zone=ZONE) == at(6, day=25)
    assert quiet_until(NIGHT, now=at(23, 30, day=30), zone=ZONE) == datetime(2026, 12, 1, 6, tzinfo=ZONE)
    assert quiet_until(NIGHT, now=at(5, 59), zone=ZONE) == at(6)
    assert quiet_until(NIGHT, now=at(6), zone=ZONE) is None


def test_hours_that_begin_where_they_end_are_none() -> None:
    assert quiet_until(Hours(time(6), time(6)), now=at(6), zone=ZONE) is None
    assert quiet_until(None, now=at(3), zone=ZONE) is None


@given(
    st.builds(
        Hours, st.times().map(whole := lambda t: t.replace(second=0, microsecond=0)), st.times().map(whole)
    ),
    st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2027, 12, 31)),  # noqa: DTZ001
)
def test_the_end_of_quiet_hours_is_later_within_a_day_and_not_quiet(hours: Hours, moment: datetime) -> None:
    now = moment.replace(tzinfo=ZONE)
    end = quiet_until(hours, now=now, zone=ZONE)
    if end is not None:
        assert now < end <= now + timedelta(days=1)
        assert quiet_until(hours, now=end, zone=ZONE) is None
