"""What is told of a number to everybody who watches an area. Pure: no Django here.

These classes are the bodies of the area's log *and* what travels to boards and pages, so both are written once. Each event
carries the number whole, so folding the log is: put it in its place. Nothing here names a person or a reason.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

SeriesLetter = Literal["A", "U", "C"]
State = Literal["waiting", "called", "serving", "done", "skipped", "returned", "moved", "cancelled"]
Kind = Literal[
    "taken",
    "called",
    "recalled",
    "started",
    "skipped",
    "returned",
    "sent",
    "moved",
    "finished",
    "cancelled",
    "undone",
]

GONE: frozenset[str] = frozenset({"done", "moved", "cancelled"})


class QueueModel(BaseModel):
    # An undeclared field is a schema bug; fail where the event is made.
    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_serialization_defaults_required=True)


class TicketInfo(QueueModel):
    """A number as boards and staff see it. `label` is masked; `calls` says how often it was called."""

    ticket_id: UUID
    code: str
    series: SeriesLetter
    label: str
    service_id: UUID
    room_id: UUID | None
    state: State
    taken_at: datetime
    called_at: datetime | None = None
    calls: int = 0
    skips: int = 0
    from_online: bool = False


class LoggedQueueEvent(QueueModel):
    """One row of an area's log. `seq` has no gaps."""

    seq: int
    at: datetime
    kind: Kind
    ticket: TicketInfo


class QueueSnapshot(QueueModel):
    """The live numbers of an area after event `seq`, in the order they were taken."""

    seq: int
    day: str
    tickets: tuple[TicketInfo, ...]


def fold(snapshot: QueueSnapshot, events: Iterable[LoggedQueueEvent]) -> QueueSnapshot:
    """Return the snapshot after these events. The browser does the same (`frontend/src/queues/fold.ts`)."""
    tickets = {ticket.ticket_id: ticket for ticket in snapshot.tickets}
    seq = snapshot.seq
    for event in events:
        seq = event.seq
        if event.ticket.state in GONE:
            tickets.pop(event.ticket.ticket_id, None)
        else:
            tickets[event.ticket.ticket_id] = event.ticket
    ordered = sorted(tickets.values(), key=lambda ticket: (ticket.taken_at, str(ticket.ticket_id)))
    return QueueSnapshot(seq=seq, day=snapshot.day, tickets=tuple(ordered))
