"""What a room does with numbers: call, recall, let in, skip, put back, send on, finish, cancel.

Every use case is one transaction on the locked log of the area: guard, write, events, audit, hint. All return the log's
sequence after the act. `key` names the command: sent again it has no second effect.
"""

import secrets
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from scheduling.queues.access import access_area
from scheduling.queues.domain.acts import Act, begin, queue_command
from scheduling.queues.domain.numbers import TOKEN_BYTES
from scheduling.queues.domain.waiting import policy_of, turn_of, waiters_of
from scheduling.queues.enums import IN_ROOM, EventKind, TicketSource, TicketState
from scheduling.queues.lifecycle import Step
from scheduling.queues.models import QueueRoom, QueueService, Ticket
from scheduling.queues.order import Choice, Waiter, Why, choose_among, next_call
from telehealth.accounts.hat import Hat
from telehealth.core.errors import Conflict, NotFound
from telehealth.core.ids import uuid7


@queue_command
def call_next(*, hat: Hat, room_id: UUID, key: UUID, now: datetime, service_id: UUID | None = None) -> int:
    """Call whose turn it is, and let whoever is in the room go as done.

    `service_id`: only from this one of the room's services.

    Raises:
        NotFound; NotAllowed; Conflict: `queue.empty`, and then whoever is in the room stays.
    """
    act = begin(hat, room_id, key=key, now=now)
    services = act.room.services.filter(is_active=True)
    if service_id is not None:
        services = services.filter(id=service_id)
    choices = [
        choice
        for service in services
        if (
            choice := next_call(
                waiters_of(service.id, act.day, back_times=act.area.back_times),
                turn=turn_of(act.turn_of(service.id)),
                policy=policy_of(act.area),
                now=now,
                room=act.room.id,
            )
        )
    ]
    choice = choose_among(choices)
    if choice is None:
        raise Conflict("queue.empty", _("Không còn ai chờ gọi ở phòng này. Người đang khám vẫn giữ nguyên."))
    _finish_current(act)
    _call(act, act.ticket(choice.waiter.id), choice)
    return act.finish()


@queue_command
def call_ticket(*, hat: Hat, room_id: UUID, ticket_id: UUID, key: UUID, now: datetime) -> int:
    """Call one number out of turn, and let whoever is in the room go as done.

    Raises:
        NotFound; NotAllowed; Conflict: `queue.wrong_state`, `queue.not_for_this_room`.
    """
    act = begin(hat, room_id, key=key, now=now)
    ticket = act.ticket(ticket_id)
    if not act.room.services.filter(id=ticket.service_id).exists():
        raise Conflict(
            "queue.not_for_this_room",
            _("Phòng này không gọi số của dịch vụ đó. Không có gì thay đổi; hãy chuyển dịch vụ nếu cần."),
        )
    if ticket.room_id != act.room.id or ticket.state not in IN_ROOM:
        _finish_current(act)
    waiter = Waiter(id=ticket.id, series=ticket.series, taken_at=ticket.taken_at)
    _call(act, ticket, Choice(waiter, Why.CHOSEN))
    return act.finish()


@queue_command
def recall(*, hat: Hat, room_id: UUID, ticket_id: UUID, key: UUID, now: datetime) -> int:
    """Call the same number once more.

    Raises:
        NotFound; NotAllowed; Conflict: `queue.wrong_state`, `queue.not_in_this_room`.
    """
    act = begin(hat, room_id, key=key, now=now)
    ticket = act.own(ticket_id)
    act.move(ticket, Step.RECALL, EventKind.RECALLED, called_at=now, calls=ticket.calls + 1)
    return act.finish()


@queue_command
def start(*, hat: Hat, room_id: UUID, ticket_id: UUID, key: UUID, now: datetime) -> int:
    """Note that who was called has come in.

    Raises:
        NotFound; NotAllowed; Conflict: `queue.wrong_state`, `queue.not_in_this_room`.
    """
    act = begin(hat, room_id, key=key, now=now)
    act.move(act.own(ticket_id), Step.START, EventKind.STARTED, started_at=now)
    return act.finish()


@queue_command
def skip(*, hat: Hat, room_id: UUID, ticket_id: UUID, key: UUID, now: datetime) -> int:
    """Note that who was called has not come. They come back by themselves after some calls, so often as the area allows.

    Raises:
        NotFound; NotAllowed; Conflict: `queue.wrong_state`, `queue.not_in_this_room`.
    """
    act = begin(hat, room_id, key=key, now=now)
    ticket = act.own(ticket_id)
    back_at = act.turn_of(ticket.service_id).calls + act.area.back_after
    act.move(
        ticket,
        Step.SKIP,
        EventKind.SKIPPED,
        skips=ticket.skips + 1,
        back_at=back_at,
        room_id=_kept_room(ticket),
    )
    return act.finish()


@queue_command
def put_back(*, hat: Hat, room_id: UUID, ticket_id: UUID, key: UUID, now: datetime) -> int:
    """Let somebody wait again: who was away and is here now, or who goes for a test and returns. Due after some calls.

    Raises:
        NotFound; NotAllowed; Conflict: `queue.wrong_state`.
    """
    act = begin(hat, room_id, key=key, now=now)
    ticket = act.ticket(ticket_id)
    due = act.turn_of(ticket.service_id).calls + act.area.back_after
    # Whoever was away has waited since then: their turn is not pushed back by saying that they are here.
    if ticket.state == TicketState.SKIPPED and ticket.back_at is not None:
        due = min(due, ticket.back_at)
    # Who was being seen goes on with the same doctor.
    room_id_kept = act.room.id if ticket.state == TicketState.SERVING else _kept_room(ticket)
    act.move(ticket, Step.PUT_BACK, EventKind.RETURNED, back_at=due, room_id=room_id_kept)
    return act.finish()


@queue_command
def send_to_room(
    *, hat: Hat, room_id: UUID, ticket_id: UUID, to_room_id: UUID, key: UUID, now: datetime
) -> int:
    """Let another room of the area call this number; it keeps its place.

    Raises:
        NotFound: also `queue.no_such_room`; NotAllowed; Conflict: `queue.wrong_state`.
    """
    act = begin(hat, room_id, key=key, now=now)
    ticket = act.ticket(ticket_id)
    there = QueueRoom.objects.filter(
        id=to_room_id, area=act.area, is_active=True, services=ticket.service_id
    ).first()
    if there is None:
        raise NotFound("queue.no_such_room", _("Phòng đó không gọi số của dịch vụ này. Số vẫn ở chỗ cũ."))
    act.move(ticket, Step.SEND, EventKind.SENT, room_id=there.id, back_at=None)
    return act.finish()


@queue_command
def move_to_service(
    *, hat: Hat, room_id: UUID, ticket_id: UUID, service_id: UUID, key: UUID, now: datetime
) -> int:
    """Give somebody a number of another service of the facility; the ticket in their hand leads to the new one.

    Who comes back to a service they came from goes on with the same room and is due after some calls; who is new there
    waits like everybody who takes a number now.

    Raises:
        NotFound: also `queue.no_such_service`; NotAllowed; Conflict: `queue.wrong_state`.
    """
    there = QueueService.objects.filter(id=service_id, is_active=True).select_related("area").first()
    if there is None or there.area.facility_id != hat.facility.id or not there.area.is_active:
        raise NotFound("queue.no_such_service", _("Không có dịch vụ này ở cơ sở. Số vẫn ở chỗ cũ."))
    access_area(hat, there.area_id)
    act = begin(hat, room_id, key=key, now=now, also=there.area_id)
    ticket = act.ticket(ticket_id)
    if ticket.service_id == there.id:
        raise Conflict("queue.same_service", _("Số này đang chờ đúng dịch vụ đó rồi."))
    act.move(ticket, Step.MOVE, EventKind.MOVED, ended_at=now)
    following = Ticket(
        id=uuid7(),
        service=there,
        area=there.area,
        day=act.day,
        series=ticket.series,
        state=TicketState.WAITING,
        label=ticket.label,
        reference=ticket.reference,
        source=TicketSource.TRANSFER,
        priority_reasons=ticket.priority_reasons,
        taken_at=now,
        token=secrets.token_urlsafe(TOKEN_BYTES),
        moved_from=ticket,
    )
    earlier = _earlier_visit(ticket, there.id)
    if earlier is not None:
        following.state = TicketState.RETURNED
        following.room_id = earlier.room_id
        following.back_at = act.turn_of(there.id).calls + there.area.back_after
    act.take(following)
    return act.finish()


@queue_command
def finish(*, hat: Hat, room_id: UUID, ticket_id: UUID, key: UUID, now: datetime) -> int:
    """Let whoever is in the room go as done, and call nobody.

    Raises:
        NotFound; NotAllowed; Conflict: `queue.wrong_state`, `queue.not_in_this_room`.
    """
    act = begin(hat, room_id, key=key, now=now)
    act.move(act.own(ticket_id), Step.FINISH, EventKind.FINISHED, ended_at=now)
    return act.finish()


@queue_command
def cancel(*, hat: Hat, room_id: UUID, ticket_id: UUID, key: UUID, now: datetime) -> int:
    """Take a number out: its holder has gone home. The number is not given again.

    Raises:
        NotFound; NotAllowed; Conflict: `queue.wrong_state`.
    """
    act = begin(hat, room_id, key=key, now=now)
    act.move(act.ticket(ticket_id), Step.CANCEL, EventKind.CANCELLED, ended_at=now)
    return act.finish()


def _call(act: Act, ticket: Ticket, choice: Choice) -> None:
    turn = act.turn_of(ticket.service_id)
    act.move(
        ticket,
        Step.CALL,
        EventKind.CALLED,
        turn=turn,
        room_id=act.room.id,
        called_at=act.now,
        calls=ticket.calls + 1,
        back_at=None,
    )
    after = turn_of(turn).after(choice)
    turn.calls, turn.run_series, turn.run_length = after.calls, after.run_series, after.run_length
    turn.last_came_back, turn.last_online = after.last_came_back, after.last_online
    turn.save()


def _finish_current(act: Act) -> None:
    current = Ticket.objects.filter(room=act.room, day=act.day, state__in=IN_ROOM).select_related("service")
    for ticket in current:
        act.move(ticket, Step.FINISH, EventKind.FINISHED, ended_at=act.now)


def _kept_room(ticket: Ticket) -> UUID | None:
    """Any room of the service may call somebody again who has not been seen yet."""
    return ticket.room_id if ticket.started_at else None


def _earlier_visit(ticket: Ticket, service_id: UUID) -> Ticket | None:
    earlier: Ticket | None = ticket
    while earlier is not None and earlier.service_id != service_id:
        earlier = earlier.moved_from
    return earlier
