"""Rows as `order` and `estimate` see them."""

from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID

from scheduling.calendars.slots import Interval
from scheduling.queues.enums import TicketState
from scheduling.queues.models import QueueArea, ServiceDay, Ticket
from scheduling.queues.order import Policy, Turn, Waiter


def policy_of(area: QueueArea) -> Policy:
    return Policy(priority=area.priority_share, ordinary=area.ordinary_share)


def turn_of(row: ServiceDay | None) -> Turn:
    """Return where a service stands; at the beginning when it has called nobody today."""
    if row is None:
        return Turn()
    return Turn(row.calls, row.run_series, row.run_length, row.last_came_back, row.last_online)


def waiters_of(service_id: UUID, day: date, *, back_times: int) -> list[Waiter]:
    """Return who may be called for a service."""
    waiting = (TicketState.WAITING, TicketState.RETURNED, TicketState.SKIPPED)
    return waiters(Ticket.objects.filter(service_id=service_id, day=day, state__in=waiting), back_times)


def waiters(tickets: Iterable[Ticket], back_times: int) -> list[Waiter]:
    """Return those of some numbers that may be called. Who was away too often is called again only when somebody says so."""
    return [
        _waiter(ticket)
        for ticket in tickets
        if ticket.state in {TicketState.WAITING, TicketState.RETURNED}
        or (ticket.state == TicketState.SKIPPED and ticket.skips <= back_times)
    ]


def _waiter(ticket: Ticket) -> Waiter:
    window = None
    if ticket.window_start is not None and ticket.window_end is not None:
        window = Interval(ticket.window_start, ticket.window_end)
    return Waiter(
        id=ticket.id,
        series=ticket.series,
        taken_at=ticket.taken_at,
        window=window,
        room=ticket.room_id,
        back_at=None if ticket.state == TicketState.WAITING else ticket.back_at or 0,
        here=ticket.state != TicketState.SKIPPED,
    )


def durations(tickets: Iterable[Ticket]) -> list[timedelta]:
    """Return how long those who are done took, the newest last."""
    done = [ticket for ticket in tickets if ticket.state == TicketState.DONE and ticket.called_at]
    done.sort(key=lambda ticket: ticket.ended_at or ticket.taken_at)
    return [
        ticket.ended_at - (ticket.started_at or ticket.called_at)
        for ticket in done
        if ticket.ended_at and ticket.called_at
    ]
