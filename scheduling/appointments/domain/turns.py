"""Telling those who registered that their turn is near, and that it has come: each once, over the channels they left."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from scheduling.appointments.models import Registration
from scheduling.queues.domain.queries import Place, view_of
from scheduling.queues.enums import TicketState
from scheduling.queues.rules import local_day
from telehealth.notifications.domain.telling import notify
from telehealth.notifications.kinds import Kind
from telehealth.notifications.recipients import ToPhone

PLACE_PATH = "/t/{token}/"
"""The live place of a number, for whoever holds it."""


def tell_turns(*, now: datetime) -> int:
    """Tell everybody of today whose turn is near or has come; return how many were looked at. Done again it tells nobody twice."""
    rows = (
        Registration.objects.filter(day=local_day(now), contact__isnull=False)
        .filter(ticket__state__in=(TicketState.WAITING, TicketState.RETURNED, TicketState.CALLED))
        .select_related("ticket", "contact")
    )
    looked = 0
    for area_id, here in _by_area(rows).items():
        view = view_of(area_id=area_id, now=now)
        for row in here:
            place = view.places.get(row.ticket.id) if row.ticket else None
            if place is not None and place.is_near(view.area.near):
                _tell(row, place, now)
                looked += 1
    return looked


def _by_area(rows: Iterable[Registration]) -> dict[UUID, list[Registration]]:
    found: defaultdict[UUID, list[Registration]] = defaultdict(list)
    for row in rows:
        if row.ticket is not None:
            found[row.ticket.area_id].append(row)
    return found


def _tell(row: Registration, place: Place, now: datetime) -> None:
    called = place.ticket.state == TicketState.CALLED
    if row.contact is None:
        return
    context = {"number": place.ticket.code} | ({} if called else {"ahead": str(place.ahead or 0)})
    notify(
        kind=Kind.TURN_NOW if called else Kind.TURN_NEAR,
        recipient=ToPhone(row.contact.phone),
        key=f"registration:{row.id}",
        context=context,
        now=now,
        facility_id=row.facility_id,
        path=PLACE_PATH.format(token=place.ticket.token),
        language=row.contact.language,
    )
