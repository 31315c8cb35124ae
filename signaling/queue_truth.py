"""What the queue's sockets ask the domain, in its threads: who may be here, what an area looks like, what an action does."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, assert_never
from uuid import UUID

import segno

from scheduling.queues import rules
from scheduling.queues.access import access_area, access_device, access_ticket, visible_areas
from scheduling.queues.domain import calls, queries
from scheduling.queues.domain.numbers import take_number
from scheduling.queues.domain.queries import AreaView, Place, ServiceView
from scheduling.queues.domain.undo import undo
from scheduling.queues.enums import DeviceKind, PriorityReason, TicketSource
from scheduling.queues.models import QueueArea, QueueRoom, QueueService, Ticket
from scheduling.queues.queue_events import LoggedQueueEvent, QueueSnapshot
from scheduling.queues.rules import local_day
from signaling.people import Badge, Denied, hat_of
from signaling.protocol import queues as wire
from signaling.protocol.closing import CloseCode
from signaling.texts import text_of
from telehealth.accounts.hat import Hat
from telehealth.core.errors import Conflict, NotAllowed, NotFound

MISSED_AT_MOST = 200
"""A client that lacks more events gets the snapshot."""
BOARD_NEXT = 8
STAFF_NEXT = 200


@dataclass(frozen=True)
class Visitor:
    """Who stands behind a queue's socket."""

    audience: wire.Audience
    area_id: UUID
    hat: Hat | None = None
    device_id: UUID | None = None
    ticket: Ticket | None = None

    @property
    def permissions(self) -> wire.QueuePermissions:
        at_desk = self.audience == "staff" and self.hat is not None and rules.may_call(self.hat)
        return wire.QueuePermissions(call=at_desk, take=at_desk or self.audience == "kiosk")


def visitor_of(
    audience: wire.Audience, *, badge: Badge, device_key: str, area_id: UUID | None, token: str, now: datetime
) -> Visitor:
    """Return who may be here: a ticket's holder, a board or kiosk by its key, or a person of the house.

    Raises:
        Denied: SIGNED_OUT, NOT_ALLOWED, NOT_FOUND.
    """
    try:
        if audience == "ticket":
            ticket = access_ticket(token, now=now)
            return Visitor("ticket", ticket.area_id, ticket=ticket)
        if area_id is None:
            raise Denied(CloseCode.NOT_FOUND)
        if audience != "staff" and device_key:
            device = access_device(device_key, area_id, kind=DeviceKind(audience))
            return Visitor(audience, area_id, device_id=device.id)
        hat = hat_of(badge)
        return Visitor(audience, access_area(hat, area_id).id, hat=hat)
    except NotFound:
        raise Denied(CloseCode.NOT_FOUND) from None


@dataclass(frozen=True)
class AreaNow:
    """What one look at an area gives to all its sockets."""

    day: str
    seq: int
    area: wire.AreaInfo
    board: wire.Forecast
    staff: wire.Forecast
    places: dict[UUID, wire.Place]
    """By the id of the number; live ones only."""


def look(area_id: UUID, *, now: datetime) -> AreaNow:
    """Look at an area.

    Raises:
        QueueArea.DoesNotExist.
    """
    view = queries.view_of(area_id=area_id, now=now)
    return AreaNow(
        day=view.day.isoformat(),
        seq=view.seq,
        area=_area_info(view),
        board=_forecast(view, _for_board, BOARD_NEXT),
        staff=_forecast(view, _for_staff, STAFF_NEXT),
        places={ticket_id: _place(place, view.area) for ticket_id, place in view.places.items()},
    )


@dataclass(frozen=True)
class Loaded:
    """What a `hello` is answered with, besides the outlook. `seq`: where the client stands then."""

    day: str
    seq: int
    snapshot: QueueSnapshot | None
    missed: tuple[LoggedQueueEvent, ...]
    elsewhere: tuple[wire.Elsewhere, ...]


def load(visitor: Visitor, *, last_seq: int | None, day: str, now: datetime) -> Loaded:
    """Return what a client lacks of its area: the events after `last_seq`, or all of it."""
    area_id, today = visitor.area_id, local_day(now)
    seq = queries.log_seq(area_id)
    if visitor.audience == "ticket":
        return Loaded(today.isoformat(), seq, None, (), ())
    elsewhere = _elsewhere(visitor)
    if last_seq is not None and day == today.isoformat() and 0 <= seq - last_seq <= MISSED_AT_MOST:
        missed = queries.events_after(area_id=area_id, seq=last_seq, limit=seq - last_seq)
        return Loaded(day, seq, None, tuple(missed), elsewhere)
    snapshot = queries.snapshot(area_id=area_id, day=today)
    return Loaded(today.isoformat(), snapshot.seq, snapshot, (), elsewhere)


def place_now(token: str, *, now: datetime) -> tuple[UUID, UUID, wire.Place]:
    """Return the area, number and place of whoever holds a ticket, whatever has become of it.

    Raises:
        NotFound: `ticket.not_found`.
    """
    ticket = access_ticket(token, now=now)
    return ticket.area_id, ticket.id, _place(queries.place_of(ticket, now=now), ticket.area)


def perform(
    visitor: Visitor, *, key: UUID, action: wire.QueueAction, origin: str, now: datetime
) -> wire.Done:
    """Do an action. Raises what the use case raises, and NotAllowed: `queue.not_yours`."""
    if isinstance(action, wire.Take):
        return _take(visitor, key, action, origin, now)
    if visitor.audience != "staff" or visitor.hat is None:
        raise NotAllowed("queue.not_yours", text_of("queue.not_yours"))
    base: dict[str, Any] = {"hat": visitor.hat, "room_id": action.room_id, "key": key, "now": now}
    match action:
        case wire.CallNext(service_id=service_id):
            seq = calls.call_next(service_id=service_id, **base)
        case wire.OnNumber(do=do, ticket_id=ticket_id):
            seq = ON_NUMBER[do](ticket_id=ticket_id, **base)
        case wire.SendOn(ticket_id=ticket_id, to_room_id=to_room_id):
            seq = calls.send_to_room(ticket_id=ticket_id, to_room_id=to_room_id, **base)
        case wire.MoveOn(ticket_id=ticket_id, service_id=service_id):
            seq = calls.move_to_service(ticket_id=ticket_id, service_id=service_id, **base)
        case wire.Undo():
            seq = undo(**base)
        case _:
            assert_never(action)
    return wire.Done(key=key, seq=seq)


ON_NUMBER: dict[str, Callable[..., int]] = {
    "call": calls.call_ticket,
    "recall": calls.recall,
    "start": calls.start,
    "skip": calls.skip,
    "put_back": calls.put_back,
    "finish": calls.finish,
    "cancel": calls.cancel,
}


def _take(visitor: Visitor, key: UUID, action: wire.Take, origin: str, now: datetime) -> wire.Done:
    if not visitor.permissions.take:
        raise NotAllowed("queue.not_yours", text_of("queue.not_yours"))
    reasons = frozenset(PriorityReason(reason) for reason in action.reasons)
    at_kiosk = visitor.audience == "kiosk"
    if at_kiosk and PriorityReason.EMERGENCY in reasons:
        # Who cannot wait must not stand before a machine; whether they cannot is a person's to say.
        raise Conflict("queue.emergency_at_desk", text_of("queue.emergency_at_desk"))
    service = (
        QueueService.objects.filter(id=action.service_id, area_id=visitor.area_id)
        .select_related("area__facility")
        .first()
    )
    if service is None:
        raise NotFound("queue.no_such_service", text_of("queue.no_such_service"))
    ticket = take_number(
        facility=service.area.facility,
        area=service.area,
        service=service,
        day=local_day(now),
        priority_reasons=reasons,
        source=TicketSource.KIOSK if at_kiosk else TicketSource.DESK,
        window=None,
        label=action.name,
        reference="",
        now=now,
        hat=None if at_kiosk else visitor.hat,
        key=key,
    )
    return wire.Done(
        key=key, seq=queries.log_seq(service.area_id), issued=issued(ticket, origin=origin, now=now)
    )


def issued(ticket: Ticket, *, origin: str, now: datetime) -> wire.Issued:
    """Return a number as it is printed. `origin`: scheme and host that a telephone reaches us by."""
    place = queries.place_of(ticket, now=now)
    url = f"{origin}/t/{ticket.token}/"
    rows = segno.make(url, error="m", micro=False).matrix
    return wire.Issued.model_validate(
        {
            "code": ticket.code,
            "series": str(ticket.series),
            "label": ticket.label,
            "service": ticket.service.name,
            "area": ticket.area.name,
            "place": ticket.area.place,
            "facility": ticket.area.facility.short_name,
            "taken_at": ticket.taken_at,
            "ahead": place.ahead,
            "low": place.estimate.low if place.estimate else None,
            "high": place.estimate.high if place.estimate else None,
            "url": url,
            "qr": tuple("".join("1" if dark else "0" for dark in row) for row in rows),
        }
    )


def _area_info(view: AreaView) -> wire.AreaInfo:
    area = view.area
    return wire.AreaInfo(
        area_id=area.id,
        name=area.name,
        place=area.place,
        facility=area.facility.short_name,
        emergency_place=area.emergency_place,
        voices=tuple(area.voices) or ("vi",),
        services=tuple(
            wire.ServiceInfo(service_id=one.service.id, name=one.service.name, mark=one.service.mark)
            for one in view.services
        ),
        rooms=tuple(_room_info(room) for room in view.rooms),
    )


def _room_info(room: QueueRoom) -> wire.RoomInfo:
    return wire.RoomInfo.model_validate(
        {
            "room_id": room.id,
            "name": room.name,
            "number": room.number,
            "kind": str(room.kind),
            "services": tuple(service.id for service in room.services.all()),
        }
    )


def _elsewhere(visitor: Visitor) -> tuple[wire.Elsewhere, ...]:
    if visitor.audience != "staff" or visitor.hat is None:
        return ()
    services = (
        QueueService.objects.filter(area__in=visible_areas(visitor.hat), is_active=True)
        .exclude(area_id=visitor.area_id)
        .select_related("area")
        .order_by("area__position", "area__name", "position")
    )
    return tuple(wire.Elsewhere(service_id=s.id, name=s.name, area=s.area.name) for s in services)


def _forecast(
    view: AreaView, shown: Callable[[AreaView, ServiceView, int], tuple[wire.Foreseen, ...]], most: int
) -> wire.Forecast:
    return wire.Forecast(
        seq=view.seq,
        services=tuple(
            wire.ServiceForecast.model_validate(
                {
                    "service_id": one.service.id,
                    "waiting": len(one.next),
                    "rooms": one.pace.rooms,
                    "each_minutes": max(1, round(one.pace.each.total_seconds() / 60)),
                    "basis": one.pace.basis.value,
                    "next": shown(view, one, most),
                }
            )
            for one in view.services
        ),
    )


def _for_board(_view: AreaView, service: ServiceView, most: int) -> tuple[wire.Foreseen, ...]:
    return tuple(wire.Foreseen(ticket_id=choice.waiter.id) for choice in service.next[:most])


def _for_staff(view: AreaView, service: ServiceView, most: int) -> tuple[wire.Foreseen, ...]:
    return tuple(
        wire.Foreseen.model_validate(
            {
                "ticket_id": choice.waiter.id,
                "why": choice.why.value,
                "reasons": tuple(view.places[choice.waiter.id].ticket.priority_reasons),
            }
        )
        for choice in service.next[:most]
    )


def _place(place: Place, area: QueueArea) -> wire.Place:
    ticket, guess = place.ticket, place.estimate
    return wire.Place.model_validate(
        {
            "code": ticket.code,
            "series": str(ticket.series),
            "state": str(ticket.state),
            "service": ticket.service.name,
            "area": area.name,
            "place": area.place,
            "room": ticket.room.name if ticket.room else None,
            "ahead": place.ahead,
            "low": guess.low if guess else None,
            "high": guess.high if guess else None,
            "basis": guess.basis.value if guess else None,
            "each_minutes": guess.each_minutes if guess else None,
            "rooms": guess.rooms if guess else None,
            "near": place.is_near(area.near),
            "after_calls": place.calls_until_back,
            "window_start": ticket.window_start,
            "window_end": ticket.window_end,
            "taken_at": ticket.taken_at,
            "called_at": ticket.called_at,
            "calls": ticket.calls,
        }
    )
