"""Queues of the demonstration province: areas at two hospitals, and a day of which half is over."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from uuid import UUID, uuid5

from scheduling.calendars.slots import Interval
from scheduling.queues.domain import calls
from scheduling.queues.domain.numbers import take_number
from scheduling.queues.enums import PriorityReason, RoomKind, TicketSource
from scheduling.queues.models import QueueArea, QueueRoom, QueueService, Ticket
from scheduling.queues.rules import LOCAL, local_day
from telehealth.accounts.hat import Hat
from telehealth.accounts.models import Membership
from telehealth.core.errors import Conflict
from telehealth.demonstration.ids import demonstration_id

WINDOW = timedelta(minutes=30)
SPREAD = timedelta(hours=3)
NAMES = (
    "Lô Thị Xuân", "Vừ Bá Dềnh", "Nguyễn Văn Hòa", "Moong Thị Ón", "Trần Thị Lan Anh", "Lương Văn Pắn", "Hờ Y Mỷ",
    "Nguyễn Thị Tư", "Vi Văn Thắng", "Kha Thị Mùi", "Phan Đình Quế", "Già Bá Chò", "Hồ Thị Nga", "Cụt Văn Lượng",
)  # fmt: skip


@dataclass(frozen=True)
class Room:
    name: str
    number: int
    services: tuple[str, ...]
    kind: RoomKind = RoomKind.ROOM


@dataclass(frozen=True)
class Area:
    """`services`: key, name, mark, minutes. `takers`: so many numbers were taken today; `username` called for the first room."""

    facility: str
    key: str
    name: str
    place: str
    services: tuple[tuple[str, str, str, int], ...]
    rooms: tuple[Room, ...]
    takers: int
    username: tuple[str, str]


AREAS = (
    Area(
        "kyson",
        "kham",
        "Khu khám bệnh",
        "Nhà A, tầng 1",
        (
            ("noi", "Khám nội", "", 8),
            ("ngoai", "Khám ngoại – sản", "N", 10),
            ("xquang", "X-quang – siêu âm", "X", 6),
        ),
        (
            Room("Phòng khám số 1", 1, ("noi",)),
            Room("Phòng khám số 2", 2, ("noi", "ngoai")),
            Room("Phòng khám số 3", 3, ("ngoai",)),
            Room("Phòng X-quang số 4", 4, ("xquang",)),
        ),
        takers=22,
        username=("bs.kyson", "doctor"),
    ),
    Area(
        "hndk",
        "kham-b",
        "Khoa Khám bệnh",
        "Nhà B, tầng 1",
        (("tim", "Khám tim mạch", "T", 10), ("noi", "Khám nội tổng hợp", "", 8)),
        (
            Room("Phòng khám số 11", 11, ("tim",)),
            Room("Phòng khám số 12", 12, ("tim",)),
            Room("Phòng khám số 14", 14, ("noi",)),
            Room("Phòng khám số 15", 15, ("noi",)),
        ),
        takers=30,
        username=("bs.timmach", "specialist"),
    ),
    Area(
        "hndk",
        "vien-phi",
        "Tiếp đón và viện phí",
        "Nhà B, sảnh chính",
        (("don", "Tiếp đón", "", 3), ("phi", "Nộp viện phí", "V", 3)),
        (
            Room("Quầy số 1", 1, ("don",), RoomKind.COUNTER),
            Room("Quầy số 2", 2, ("don", "phi"), RoomKind.COUNTER),
            Room("Quầy số 3", 3, ("phi",), RoomKind.COUNTER),
        ),
        takers=14,
        username=("dd.hndk", "nurse"),
    ),
)


def load_queues(*, now: datetime) -> None:
    """Load the areas, and for a day that has no numbers yet a half-used one."""
    for area in AREAS:
        _load_area(area)
        row = QueueArea.objects.select_related("facility").get(id=_area_id(area))
        day = local_day(now)
        if not Ticket.objects.filter(area=row, day=day).exists():
            _play_day(area, row, day, now)


def _area_id(area: Area) -> UUID:
    return demonstration_id("queue_area", f"{area.facility}:{area.key}")


def _service_id(area: Area, key: str) -> UUID:
    return demonstration_id("queue_service", f"{area.facility}:{area.key}:{key}")


def _room_id(area: Area, room: Room) -> UUID:
    return demonstration_id("queue_room", f"{area.facility}:{area.key}:{room.number}")


def _load_area(area: Area) -> None:
    row = QueueArea(
        id=_area_id(area),
        facility_id=demonstration_id("facility", area.facility),
        name=area.name,
        place=area.place,
        emergency_place="Khoa Cấp cứu, cổng số 2",
        position=[other.key for other in AREAS].index(area.key),
    )
    QueueArea.objects.bulk_create([row], ignore_conflicts=True)
    services = [
        QueueService(
            id=_service_id(area, key), area=row, name=name, mark=mark, minutes=minutes, position=position
        )
        for position, (key, name, mark, minutes) in enumerate(area.services)
    ]
    QueueService.objects.bulk_create(services, ignore_conflicts=True)
    rooms = [
        QueueRoom(
            id=_room_id(area, room),
            area=row,
            kind=room.kind,
            name=room.name,
            number=room.number,
            position=position,
        )
        for position, room in enumerate(area.rooms)
    ]
    QueueRoom.objects.bulk_create(rooms, ignore_conflicts=True)
    through = QueueRoom.services.through
    links = [
        through(queueroom_id=_room_id(area, room), queueservice_id=_service_id(area, key))
        for room in area.rooms
        for key in room.services
    ]
    through._default_manager.bulk_create(links, ignore_conflicts=True)


def _play_day(area: Area, row: QueueArea, day: date, now: datetime) -> None:
    """Let people take numbers over the last hours, and half of them be called."""
    chance = Random(f"{area.facility} {area.key} {day}")  # noqa: S311 -- invented people, not a secret
    midnight = datetime.combine(day, time(), LOCAL)
    spread = min(SPREAD, now - midnight)
    username, role = area.username
    hat = Hat(
        Membership.objects.select_related("user", "facility").get(
            id=demonstration_id("membership", f"{username}:{area.facility}:{role}")
        )
    )
    times = sorted(now - spread * chance.uniform(0.04, 1) for _ in range(area.takers))
    for number, at in enumerate(times):
        _take(area, row, number, at, chance)
        # Every second comer somebody is called, in the rooms' turn.
        if number % 2:
            _call(area, number, at + timedelta(seconds=20), hat)


def _take(area: Area, row: QueueArea, number: int, at: datetime, chance: Random) -> None:
    key, *_more = area.services[number % len(area.services)]
    reasons = {chance.choice((PriorityReason.AGE_75, PriorityReason.UNDER_6, PriorityReason.PREGNANT))}
    online = chance.random() < 0.25
    take_number(
        facility=row.facility,
        area=row,
        service=QueueService.objects.get(id=_service_id(area, key)),
        day=local_day(at),
        priority_reasons=reasons if chance.random() < 0.2 else frozenset(),
        source=TicketSource.ONLINE if online else TicketSource.KIOSK,
        window=Interval(at, at + WINDOW) if online else None,
        label=NAMES[number % len(NAMES)],
        reference="",
        now=at,
        key=uuid5(_area_id(area), f"{local_day(at)} take {number}"),
    )


def _call(area: Area, number: int, at: datetime, hat: Hat) -> None:
    room = area.rooms[(number // 2) % len(area.rooms)]
    try:
        calls.call_next(
            hat=hat,
            room_id=_room_id(area, room),
            key=uuid5(_area_id(area), f"{local_day(at)} call {number}"),
            now=at,
        )
    except Conflict:
        return  # nobody waits for this room yet
