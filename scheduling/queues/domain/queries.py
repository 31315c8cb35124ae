"""Reading an area: its log, its live numbers, and what can be said of everybody's wait."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q

from scheduling.queues.domain.numbers import info_of
from scheduling.queues.domain.waiting import durations, policy_of, turn_of, waiters
from scheduling.queues.enums import IN_ROOM, LIVE, TicketState
from scheduling.queues.estimate import Basis, Estimate, Pace, estimate, pace_of
from scheduling.queues.models import (
    AreaLog,
    QueueArea,
    QueueEvent,
    QueueRoom,
    QueueService,
    ServiceDay,
    Ticket,
)
from scheduling.queues.order import Choice, foresee
from scheduling.queues.queue_events import LoggedQueueEvent, QueueSnapshot, TicketInfo
from scheduling.queues.rules import local_day

ROOM_OPEN = timedelta(minutes=45)
"""A room that has called nobody for longer does not count when waits are estimated."""


def log_seq(area_id: UUID) -> int:
    """Return where an area's log stands."""
    return AreaLog.objects.filter(area_id=area_id).values_list("seq", flat=True).first() or 0


def events_after(*, area_id: UUID, seq: int, limit: int) -> list[LoggedQueueEvent]:
    """Return at most `limit` events of an area's log after `seq`, in order."""
    rows = QueueEvent.objects.filter(area_id=area_id, seq__gt=seq).order_by("seq")
    return [
        LoggedQueueEvent.model_validate(
            {"seq": number, "at": at, "kind": kind, "ticket": TicketInfo.model_validate(body)}
        )
        for number, at, kind, body in rows.values_list("seq", "at", "kind", "body")[:limit]
    ]


def snapshot(*, area_id: UUID, day: date) -> QueueSnapshot:
    """Return the live numbers of a day. Folding the day's whole log gives the same (a tested promise)."""
    seq = log_seq(area_id)  # first: what comes in between is told again by the log
    live = Ticket.objects.filter(area_id=area_id, day=day, state__in=LIVE).order_by("taken_at", "id")
    return QueueSnapshot(seq=seq, day=day.isoformat(), tickets=tuple(info_of(ticket) for ticket in live))


@dataclass(frozen=True)
class Place:
    """Where one number stands. `ahead` and `estimate` are None when it does not wait."""

    ticket: Ticket
    ahead: int | None = None
    estimate: Estimate | None = None
    calls_until_back: int | None = None

    def is_near(self, near: int) -> bool:
        """Say whether its holder should be at the door: called, or with at most so many before them and due."""
        if self.ticket.state == TicketState.CALLED:
            return True
        due = self.estimate is not None and self.estimate.basis != Basis.WINDOW
        return self.ahead is not None and self.ahead < near and due


@dataclass(frozen=True)
class ServiceView:
    """One service now: who will be called, in order, and how fast it goes."""

    service: QueueService
    pace: Pace
    next: tuple[Choice, ...]


@dataclass(frozen=True)
class AreaView:
    """One area at one moment, worked out once for everybody who watches it."""

    area: QueueArea
    day: date
    now: datetime
    seq: int
    rooms: tuple[QueueRoom, ...]
    services: tuple[ServiceView, ...]
    places: Mapping[UUID, Place]
    """By the id of the number; live ones only."""


def view_of(*, area_id: UUID, now: datetime) -> AreaView:
    """Work out everything that can be said of an area now.

    Raises:
        QueueArea.DoesNotExist.
    """
    area = QueueArea.objects.select_related("facility").get(id=area_id)
    day = local_day(now)
    seq = log_seq(area_id)
    services = list(area.services.filter(is_active=True))
    rooms = tuple(area.rooms.filter(is_active=True).prefetch_related("services"))
    tickets = _tickets_by_service(area_id, day)
    turns = {row.service_id: row for row in ServiceDay.objects.filter(service__area=area, day=day)}
    views, places = [], {}
    for service in services:
        mine = tickets[service.id]
        pace = pace_of(
            durations(mine),
            usual=timedelta(minutes=service.minutes),
            rooms=_open_rooms(service, rooms, tickets.values(), now),
        )
        turn = turn_of(turns.get(service.id))
        coming = tuple(
            foresee(
                waiters(mine, area.back_times),
                turn=turn,
                policy=policy_of(area),
                now=now,
                every=pace.between_calls,
            )
        )
        views.append(ServiceView(service, pace, coming))
        by_id = {ticket.id: ticket for ticket in mine}
        places.update(
            {ticket.id: Place(ticket) for ticket in mine if ticket.state != TicketState.DONE}
            | {
                choice.waiter.id: Place(
                    ticket=by_id[choice.waiter.id],
                    ahead=ahead,
                    estimate=estimate(ahead=ahead, pace=pace, due_at=choice.waiter.due_at, now=now),
                    calls_until_back=_until_back(choice, turn.calls),
                )
                for ahead, choice in enumerate(coming)
            }
        )
    return AreaView(area, day, now, seq, rooms, tuple(views), places)


def place_of(ticket: Ticket, *, now: datetime) -> Place:
    """Return where one number stands now, by itself; sockets take it from a view that many share."""
    return view_of(area_id=ticket.area_id, now=now).places.get(ticket.id, Place(ticket))


def waiting_by_area(areas: Iterable[QueueArea], *, day: date) -> dict[UUID, int]:
    """Return how many wait in each of some areas; areas where nobody waits are left out."""
    waiting = (TicketState.WAITING, TicketState.RETURNED)
    rows = Ticket.objects.filter(area__in=[area.id for area in areas], day=day, state__in=waiting)
    return dict(rows.values_list("area").annotate(count=Count("id")).order_by())


def _tickets_by_service(area_id: UUID, day: date) -> defaultdict[UUID, list[Ticket]]:
    wanted = Q(state__in=LIVE) | Q(state=TicketState.DONE, called_at__isnull=False)
    found: defaultdict[UUID, list[Ticket]] = defaultdict(list)
    for ticket in (
        Ticket.objects.filter(wanted, area_id=area_id, day=day)
        .order_by("taken_at", "id")
        .select_related("service", "room")
    ):
        found[ticket.service_id].append(ticket)
    return found


def _open_rooms(
    service: QueueService, rooms: Iterable[QueueRoom], tickets: Iterable[list[Ticket]], now: datetime
) -> int:
    at_work = {
        ticket.room_id
        for of_service in tickets
        for ticket in of_service
        if ticket.called_at is not None
        and (ticket.state in IN_ROOM or now - (ticket.ended_at or ticket.called_at) < ROOM_OPEN)
    }
    return sum(room.id in at_work and service in room.services.all() for room in rooms)


def _until_back(choice: Choice, calls: int) -> int | None:
    return None if choice.waiter.back_at is None else max(0, choice.waiter.back_at - calls)
