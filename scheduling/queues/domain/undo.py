"""Taking back the last act of a room: the numbers are again what the log says they were before it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from scheduling.queues.access import access_room
from scheduling.queues.domain.acts import TURN, UNDOABLE, begin, queue_command
from scheduling.queues.enums import EventKind, TicketState
from scheduling.queues.models import QueueEvent, QueueRoom, ServiceDay, Ticket
from scheduling.queues.rules import local_day
from telehealth.accounts.hat import Hat
from telehealth.core.errors import Conflict

_TIMES = ("called_at", "started_at", "ended_at")


@queue_command
def undo(*, hat: Hat, room_id: UUID, key: UUID, now: datetime) -> int:
    """Take back what this room did last. One step: what was undone is not undone again.

    A number that was given out by the act (a move to another service) is cancelled, not given again.

    Raises:
        NotFound; NotAllowed; Conflict: `queue.nothing_to_undo`; `queue.changed_since`, when somebody has gone on with it.
    """
    # Looked up before the lock, to know which logs to lock; what counts is what is there after it.
    room = access_room(hat, room_id)
    elsewhere = _other_area(_last_act(room, now), room)
    act = begin(hat, room_id, key=key, now=now, also=elsewhere)
    events = _last_act(room, now)
    if not events or events[-1].kind == EventKind.UNDONE:
        raise Conflict("queue.nothing_to_undo", _("Không có thao tác nào của phòng này để hoàn tác."))
    if _other_area(events, room) != elsewhere or _gone_on(events):
        raise Conflict(
            "queue.changed_since",
            _("Số này đã được người khác xử lý tiếp, không hoàn tác được nữa. Không có gì thay đổi."),
        )
    for event in reversed(events):
        ticket = Ticket.objects.get(id=event.ticket_id)
        if event.before is None:
            ticket.state, ticket.ended_at = TicketState.CANCELLED, now
            ticket.save(update_fields=["state", "ended_at"])
        else:
            _restore(ticket, event.before)
        act.write(ticket, EventKind.UNDONE, None)
    return act.finish()


def _last_act(room: QueueRoom, now: datetime) -> list[QueueEvent]:
    """Return the events of a room's last act of today, in order; it may have events in two areas."""
    events = QueueEvent.objects.filter(room=room, day=local_day(now))
    last = events.order_by("-id").first()
    return list(events.filter(act=last.act).order_by("id")) if last else []


def _other_area(events: list[QueueEvent], room: QueueRoom) -> UUID | None:
    return next((event.area_id for event in events if event.area_id != room.area_id), None)


def _gone_on(events: list[QueueEvent]) -> bool:
    """Say whether something has happened since to a number of these events."""
    act = events[0].act
    tickets = {event.ticket_id for event in events}
    newest = max(event.id for event in events)
    return QueueEvent.objects.filter(ticket_id__in=tickets, id__gt=newest).exclude(act=act).exists()


def _restore(ticket: Ticket, before: dict[str, Any]) -> None:
    for name in UNDOABLE:
        value = before[name]
        if name in _TIMES and value is not None:
            value = datetime.fromisoformat(value)
        elif name == "room_id" and value is not None:
            value = UUID(value)
        setattr(ticket, name, value)
    ticket.save(update_fields=list(UNDOABLE))
    if (turn := before.get("turn")) is not None:
        # Only while it is the service's last call: the calls that others made since stay as they are.
        ServiceDay.objects.filter(
            service_id=ticket.service_id, day=ticket.day, calls=turn["calls"] + 1
        ).update(**{name: turn[name] for name in TURN})
