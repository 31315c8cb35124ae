"""A small area for the queue's tests: two services, three rooms, people who call."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from scheduling.calendars.slots import Interval
from scheduling.queues.domain.numbers import take_number
from scheduling.queues.enums import PriorityReason, RoomKind, TicketSource
from scheduling.queues.models import QueueArea, QueueRoom, QueueService, Ticket
from telehealth.accounts.enums import Role
from telehealth.accounts.hat import Hat
from telehealth.facilities.models import Facility
from tests.factories import NOW, make_facility, make_person

TODAY = date(2026, 11, 24)  # NOW is 14:00 of that day in Việt Nam


@dataclass(frozen=True)
class Queue:
    """`examination` is called by rooms 3 and 4, `imaging` (mark X) by room 5."""

    facility: Facility
    area: QueueArea
    examination: QueueService
    imaging: QueueService
    room: QueueRoom
    second_room: QueueRoom
    imaging_room: QueueRoom
    doctor: Hat
    nurse: Hat

    def take(
        self,
        *reasons: PriorityReason,
        service: QueueService | None = None,
        window: Interval | None = None,
        at: datetime = NOW,
        label: str = "Vừ Thị Mẫu",
    ) -> Ticket:
        return take_number(
            facility=self.facility,
            area=self.area,
            service=service or self.examination,
            day=TODAY,
            priority_reasons=frozenset(reasons),
            source=TicketSource.ONLINE if window else TicketSource.KIOSK,
            window=window,
            label=label,
            reference="",
            now=at,
        )

    def take_many(self, count: int, *reasons: PriorityReason) -> list[Ticket]:
        """Take numbers one second after the other."""
        return [self.take(*reasons, at=NOW + timedelta(seconds=n)) for n in range(count)]


def make_queue() -> Queue:
    facility = make_facility()
    area = QueueArea.objects.create(facility=facility, name="Khu khám bệnh", emergency_place="Khoa Cấp cứu")
    examination = QueueService.objects.create(area=area, name="Khám nội", position=1)
    imaging = QueueService.objects.create(area=area, name="X-quang", mark="X", position=2)
    rooms = [
        QueueRoom.objects.create(
            area=area, kind=RoomKind.ROOM, name=f"Phòng khám số {n}", number=n, position=n
        )
        for n in (3, 4, 5)
    ]
    rooms[0].services.add(examination)
    rooms[1].services.add(examination)
    rooms[2].services.add(imaging)
    return Queue(
        facility=facility,
        area=area,
        examination=examination,
        imaging=imaging,
        room=rooms[0],
        second_room=rooms[1],
        imaging_room=rooms[2],
        doctor=make_person(facility, Role.DOCTOR),
        nurse=make_person(facility, Role.NURSE),
    )
