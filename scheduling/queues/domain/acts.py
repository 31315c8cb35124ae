"""The frame of everything that changes numbers: the area's log locked, a repeated command found, events written gap-free.

::

    @queue_command
    def recall(*, hat: Hat, room_id: UUID, ticket_id: UUID, key: UUID, now: datetime) -> int:
        act = begin(hat, room_id, key=key, now=now)
        act.move(act.ticket(ticket_id), Step.RECALL, EventKind.RECALLED)
        return act.finish()
"""

from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from typing import Any, ParamSpec
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from scheduling.queues.access import access_room
from scheduling.queues.domain.hints import hint_area
from scheduling.queues.domain.numbers import info_of, number_ticket
from scheduling.queues.enums import EventKind
from scheduling.queues.lifecycle import Step, transition
from scheduling.queues.models import AreaLog, QueueEvent, QueueRoom, ServiceDay, Ticket
from scheduling.queues.rules import local_day
from telehealth.accounts.hat import Hat
from telehealth.audit.log import record
from telehealth.core.errors import Conflict, NotFound

P = ParamSpec("P")

UNDOABLE = ("state", "room_id", "called_at", "started_at", "ended_at", "calls", "skips", "back_at")
"""The columns of a number that an act changes, and that undoing puts back."""
TURN = ("calls", "run_series", "run_length", "last_came_back", "last_online")


class Repeated(Exception):
    """This command took effect before; `seq` is where the log stood after it."""

    def __init__(self, seq: int) -> None:
        super().__init__(seq)
        self.seq = seq


def queue_command(use_case: Callable[P, int]) -> Callable[P, int]:
    """Make a use case one transaction; a command that took effect before gets its first answer and no second effect."""

    @wraps(use_case)
    def run(*args: P.args, **kwargs: P.kwargs) -> int:
        try:
            with transaction.atomic():
                return use_case(*args, **kwargs)
        except Repeated as repeated:
            return repeated.seq

    return run


class Act:
    """One press of a button at one room. Its area's log is locked; nobody else changes the area's numbers meanwhile."""

    def __init__(
        self, room: QueueRoom, logs: dict[UUID, AreaLog], *, hat: Hat, key: UUID, now: datetime
    ) -> None:
        self.room = room
        self.area = room.area
        self.now = now
        self.day: date = local_day(now)
        self.hat = hat
        self.key = key
        self._logs = logs
        self._kinds: list[str] = []

    def ticket(self, ticket_id: UUID) -> Ticket:
        """Return one of the area's numbers of today.

        Raises:
            NotFound: `ticket.not_found`.
        """
        ticket = (
            Ticket.objects.filter(id=ticket_id, area=self.area, day=self.day)
            .select_related("service")
            .first()
        )
        if ticket is None:
            raise NotFound("ticket.not_found", _("Không có số này trong khu vực hôm nay."))
        return ticket

    def own(self, ticket_id: UUID) -> Ticket:
        """Return a number that this room has called.

        Raises:
            NotFound: `ticket.not_found`; Conflict: `queue.not_in_this_room`.
        """
        ticket = self.ticket(ticket_id)
        if ticket.room_id != self.room.id:
            raise Conflict(
                "queue.not_in_this_room", _("Số này không do phòng của anh/chị gọi. Không có gì thay đổi.")
            )
        return ticket

    def turn_of(self, service_id: UUID) -> ServiceDay:
        """Return where a service stands today."""
        return ServiceDay.objects.get_or_create(service_id=service_id, day=self.day)[0]

    def move(
        self,
        ticket: Ticket,
        step: Step,
        kind: EventKind,
        *,
        turn: ServiceDay | None = None,
        **changes: Any,
    ) -> None:
        """Take a number through a step of its life, store and log it. `turn`: the service's, before it is changed."""
        before = {name: _plain(getattr(ticket, name)) for name in UNDOABLE}
        if turn is not None:
            before["turn"] = {name: getattr(turn, name) for name in TURN}
        ticket.state = transition(ticket.state, step)
        for name, value in changes.items():
            setattr(ticket, name, value)
        ticket.save(update_fields=list(UNDOABLE))
        self.write(ticket, kind, before)

    def write(self, ticket: Ticket, kind: EventKind, before: dict[str, Any] | None) -> None:
        """Append an event to the log of the number's area."""
        log = self._logs[ticket.area_id]
        log.seq += 1
        self._kinds.append(kind.value)
        QueueEvent.objects.create(
            area_id=ticket.area_id,
            seq=log.seq,
            at=self.now,
            day=self.day,
            act=self.key,
            kind=kind,
            ticket=ticket,
            room=self.room,
            by=self.hat.membership,
            body=info_of(ticket).model_dump(mode="json"),
            before=before,
        )

    def take(self, ticket: Ticket) -> None:
        """Give a new number, as part of this act."""
        log = self._logs[ticket.area_id]
        log.save(update_fields=["seq"])
        log.seq = number_ticket(ticket, act=self.key, by=self.hat, room=self.room, now=self.now)
        self._kinds.append(EventKind.TAKEN.value)

    def finish(self) -> int:
        """Close the act; return the sequence of the room's area."""
        for log in self._logs.values():
            log.save(update_fields=["seq"])
            hint_area(log.area_id, log.seq)
        record(
            "queue.called" if EventKind.CALLED.value in self._kinds else "queue.changed",
            now=self.now,
            hat=self.hat,
            object_type="queue",
            object_id=self.area.id,
            room=str(self.room.id),
            events=self._kinds,
        )
        return self._logs[self.area.id].seq


def begin(hat: Hat, room_id: UUID, *, key: UUID, now: datetime, also: UUID | None = None) -> Act:
    """Lock the log of the room's area (and of another area, always in the same order) and return the act to be done.

    Raises:
        NotFound: `queue.not_found`; NotAllowed: `queue.not_yours_to_call`; Repeated.
    """
    room = access_room(hat, room_id)
    logs = lock_logs({room.area_id} | ({also} if also else set()))
    done = (
        QueueEvent.objects.filter(act=key, area_id=room.area_id).order_by("-seq").values_list("seq").first()
    )
    if done is not None:
        raise Repeated(done[0])
    return Act(room, logs, hat=hat, key=key, now=now)


def lock_logs(area_ids: set[UUID]) -> dict[UUID, AreaLog]:
    """Lock the logs of some areas, in the order of their ids, so that no two acts wait for each other."""
    rows = AreaLog.objects.select_for_update().filter(area_id__in=area_ids).order_by("area_id")
    logs = {log.area_id: log for log in rows}
    if len(logs) < len(area_ids):  # an area's first act of all
        AreaLog.objects.bulk_create([AreaLog(area_id=area_id) for area_id in area_ids], ignore_conflicts=True)
        logs = {log.area_id: log for log in rows.all()}
    return logs


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
