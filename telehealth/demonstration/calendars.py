"""Time in the demonstration province: hours, holidays, who is where when, rooms and machines, rosters of the hub."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.utils import timezone

from scheduling.calendars.domain.queries import FacilityDays, facility_days
from scheduling.calendars.duty import duty_of
from scheduling.calendars.enums import (
    DayKind,
    DutyRank,
    LeaveKind,
    Purpose,
    ResourceKind,
    RosterCover,
    SessionKind,
    Weekday,
)
from scheduling.calendars.holidays import public_holidays
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
from scheduling.calendars.patterns import LOCAL, days_between
from scheduling.calendars.ranges import range_of
from scheduling.calendars.slots import whole_days
from telehealth.accounts.enums import PHYSICIAN_ROLES, Role
from telehealth.demonstration import sources
from telehealth.demonstration.ids import demonstration_id

HUB = "hndk"
MORNING = (SessionKind.MORNING, time(7, 0), time(11, 30))
AFTERNOON = (SessionKind.AFTERNOON, time(13, 30), time(17, 0))

# Who takes turns on each roster of the hub; None is the whole house. Nobody here works anywhere else.
ROTATIONS: dict[str | None, tuple[str, ...]] = {
    None: ("bs.than", "bs.truyennhiem", "bs.bong", "bs.hohap"),
    "cardiology": ("bs.timmach", "bs.timmach2"),
    "stroke": ("bs.dotquy", "bs.ngoaithankinh", "bs.hoisuc"),
}
# The day of the month nobody has taken yet, so that a gap can be seen.
_OPEN_DAY = {"stroke": 12}

_ROOMS = (
    (ResourceKind.TELE_ROOM, "Phòng hội chẩn từ xa", "Tầng 2, nhà hành chính", False),
    (ResourceKind.EXAM_ROOM, "Phòng khám 1", "Khoa Khám bệnh", False),
)
_HUB_ROOMS = (
    (ResourceKind.TELE_ROOM, "Phòng hội chẩn 1", "Tầng 3, nhà A", True),
    (ResourceKind.TELE_ROOM, "Phòng hội chẩn 2", "Tầng 3, nhà A", False),
    (ResourceKind.EXAM_ROOM, "Phòng khám tim mạch", "Tầng 1, nhà B", False),
    (ResourceKind.EXAM_ROOM, "Phòng khám nội", "Tầng 1, nhà B", False),
    (ResourceKind.ULTRASOUND_CART, "Xe siêu âm tim", "Khoa Tim mạch", True),
)


def load_calendars(*, now: datetime) -> None:
    """Add what is missing. Rosters are filled month by month; a month that has any duty stays as it is."""
    today = timezone.localdate(now)
    _load_hours()
    _load_holidays(today)
    _load_resources()
    _load_availability()
    _load_rosters(today, now)
    _load_wishes(today, now)


def _facilities() -> list[sources.FacilityRow]:
    return [row for row in sources.facilities() if row.role != "authority"]


def _load_hours() -> None:
    def hours(row: sources.FacilityRow) -> Iterator[WorkingHours]:
        days = [(weekday, (MORNING, AFTERNOON)) for weekday in list(Weekday)[:5]]
        if row.kind != "health_station":
            days.append((Weekday.SATURDAY, (MORNING,)))  # type: ignore[arg-type]
        for weekday, sessions in days:
            for kind, opens, closes in sessions:
                yield WorkingHours(
                    id=demonstration_id("hours", f"{row.key}:{weekday}:{kind}"),
                    facility_id=demonstration_id("facility", row.key),
                    weekday=weekday,
                    session=kind,
                    opens=opens,
                    closes=closes,
                )

    rows = [one for row in _facilities() for one in hours(row)]
    WorkingHours.objects.bulk_create(rows, ignore_conflicts=True)


def _load_holidays(today: date) -> None:
    rows = [
        Holiday(id=demonstration_id("holiday", str(day)), day=day, name=name)
        for year in (today.year, today.year + 1)
        for day, name in public_holidays(year).items()
    ]
    Holiday.objects.bulk_create(rows, ignore_conflicts=True)
    # The day it is loaded is worked everywhere: there must be something to show.
    ids = {demonstration_id("facility", row.key): row.key for row in _facilities()}
    days = facility_days(list(ids), (today, today))
    worked = [
        Holiday(
            id=demonstration_id("holiday", f"{key}:{today}"),
            day=today,
            facility_id=facility,
            kind=DayKind.OPEN,
            works_as=Weekday.MONDAY if today.isoweekday() > 5 else None,
            name="Khám cả ngày nghỉ",
        )
        for facility, key in ids.items()
        if len(days[facility].sessions(today)) < 2
    ]
    Holiday.objects.bulk_create(worked, ignore_conflicts=True)


def _load_resources() -> None:
    rows = [
        Resource(
            id=demonstration_id("resource", f"{row.key}:{name}"),
            facility_id=demonstration_id("facility", row.key),
            kind=kind,
            name=name,
            place=place,
            around_the_clock=around_the_clock,
        )
        for row in _facilities()
        for kind, name, place, around_the_clock in (_HUB_ROOMS if row.key == HUB else _ROOMS)
    ]
    Resource.objects.bulk_create(rows, ignore_conflicts=True)


def _load_availability() -> None:
    """Doctors see people in the mornings, and from a distance in the afternoons. Who has two posts shares the week between them."""
    rows = []
    for person in sources.people():
        posts = [one for one in person.memberships if one.role in PHYSICIAN_ROLES]
        for number, post in enumerate(posts):
            for weekday in list(Weekday)[:6]:
                if (weekday - 1) % len(posts) != number:
                    continue
                for (_kind, starts, ends), purposes in (
                    (MORNING, [Purpose.IN_PERSON, Purpose.CONSULTATION]),
                    (AFTERNOON, [Purpose.REMOTE, Purpose.CONSULTATION]),
                ):
                    key = f"{person.username}:{post.facility}:{post.role}"
                    rows.append(
                        Availability(
                            id=demonstration_id("availability", f"{key}:{weekday}:{starts}"),
                            membership_id=demonstration_id("membership", key),
                            weekday=weekday,
                            starts=starts,
                            ends=ends,
                            purposes=purposes,
                            valid_from=date(2026, 1, 5),
                        )
                    )
    Availability.objects.bulk_create(rows, ignore_conflicts=True)


def _load_rosters(today: date, now: datetime) -> None:
    facility = demonstration_id("facility", HUB)
    first = today.replace(day=1)
    months = [first, (first + timedelta(days=31)).replace(day=1)]
    house = facility_days([facility], (first, months[1] + timedelta(days=40)))[facility]
    for specialty in ROTATIONS:
        roster, _made = Roster.objects.get_or_create(
            facility_id=facility,
            specialty_id=specialty,
            defaults={
                "id": demonstration_id("roster", f"{HUB}:{specialty}"),
                "cover": RosterCover.OUTSIDE_HOURS,
            },
        )
        for month in months:
            last = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
            within = whole_days(month, last, LOCAL)
            begun = {"during__startswith__gte": within.start, "during__startswith__lt": within.end}
            if not OnCallShift.objects.filter(roster=roster, **begun).exists():
                OnCallShift.objects.bulk_create(_shifts(roster, days_between(month, last), house, now))


def _shifts(
    roster: Roster, days: Iterator[date], house: FacilityDays, now: datetime
) -> Iterator[OnCallShift]:
    specialty = roster.specialty_id
    rotation = ROTATIONS[specialty]
    ranks = [DutyRank.PRIMARY, DutyRank.BACKUP]
    if specialty is None:
        ranks.append(DutyRank.HEAD)
    for day in days:
        if _OPEN_DAY.get(specialty or "") == day.day:
            continue
        turn = day.toordinal()
        for rank in ranks:
            username = rotation[(turn + rank - 1) % len(rotation)]
            yield OnCallShift(
                id=demonstration_id("shift", f"{specialty}:{day}:{rank}"),
                roster=roster,
                membership_id=_post(username),
                user_id=demonstration_id("user", username),
                facility_id=roster.facility_id,
                rank=rank,
                during=range_of(duty_of(RosterCover.OUTSIDE_HOURS, day, house.sessions)),
                changed_at=now,
            )


def _post(username: str) -> UUID:
    return demonstration_id("membership", f"{username}:{HUB}:{Role.SPECIALIST}")


def _load_wishes(today: date, now: datetime) -> None:
    """A leave that waits for its answer, and a swap that waits for its consent."""
    first = (today.replace(day=1) + timedelta(days=31)).replace(day=1)
    if not Leave.objects.filter(membership=_post("bs.hohap")).exists():
        Leave.objects.create(
            id=demonstration_id("leave", f"bs.hohap:{first}"),
            membership_id=_post("bs.hohap"),
            kind=LeaveKind.ANNUAL,
            during=range_of(whole_days(first + timedelta(days=19), first + timedelta(days=20), LOCAL)),
            asked_at=now,
        )
    asker, asked = "bs.timmach2", "bs.timmach"
    shift = (
        OnCallShift.objects.filter(
            user=demonstration_id("user", asker),
            rank=DutyRank.PRIMARY,
            during__startswith__gt=now + timedelta(days=3),
        )
        .order_by("during")
        .first()
    )
    local = shift.during.lower.astimezone(LOCAL) if shift else now
    if shift is not None and not ShiftSwap.objects.filter(asked_by=_post(asker)).exists():
        ShiftSwap.objects.create(
            id=demonstration_id("swap", f"{asker}:{shift.id}"),
            shift=shift,
            in_return_id=demonstration_id("shift", f"cardiology:{local.date()}:{DutyRank.BACKUP}"),
            asked_by_id=_post(asker),
            asked_id=_post(asked),
            note="Nhà có việc, xin đổi vị trí đêm ấy.",
            proposed_at=now,
        )
