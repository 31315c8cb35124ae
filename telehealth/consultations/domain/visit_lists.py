"""Reading visits: a practitioner's day, who waits, and where one patient stands in the line. A fixed number of queries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from scheduling.appointments.enums import Status
from scheduling.appointments.models import Appointment
from scheduling.calendars.enums import Purpose
from telehealth.accounts.enums import Role
from telehealth.accounts.hat import Hat
from telehealth.consultations.domain import guests
from telehealth.consultations.domain.visits import joins_until
from telehealth.consultations.domain.waiting_line import Estimate, Place, Standing, estimate
from telehealth.consultations.enums import Presence, SessionState
from telehealth.consultations.models import Participant, Session, Visit

VisitState = Literal["planned", "waiting", "in_call", "away", "to_sign", "done", "missed", "cancelled"]
HERE = (Presence.WAITING, Presence.ADMITTED, Presence.IN_ROOM)


@dataclass(frozen=True)
class VisitRow:
    """A visit as the practitioner's list shows it. `guests` are the names of who is there by a link."""

    visit: Visit
    state: VisitState
    session: Session | None
    waiting_since: datetime | None
    guests: tuple[str, ...]


def visits_between(hat: Hat, *, days: tuple[date, date], now: datetime) -> list[VisitRow]:
    """Return the visits a hat looks after, by time; local days, both included. Three queries."""
    if not hat.is_clinical:
        return []
    whose = Q(practitioner=hat.membership)
    if hat.role in {Role.COORDINATOR, Role.NURSE}:
        whose |= Q(facility=hat.facility)
    return [row_of(visit, now=now) for visit in _visits(whose, days)]


def visit_row(visit_id: UUID, *, now: datetime) -> VisitRow:
    """Return how one visit stands. Its access was checked by the caller. Three queries."""
    return row_of(_with_rooms(Visit.objects.filter(appointment_id=visit_id)).get(), now=now)


def row_of(visit: Visit, *, now: datetime) -> VisitRow:
    """Return how one visit stands; what `_with_rooms` has prefetched is used."""
    rooms = _rooms(visit)
    session = next((room for room in rooms if room.state != SessionState.ENDED), None)
    people = [p for p in session.participants.all() if p.guest] if session else []
    here = [p for p in people if p.state in HERE]
    waiting = [p.arrived_at for p in here if p.state == Presence.WAITING]
    return VisitRow(
        visit=visit,
        state=_state(visit, rooms, people, now),
        session=session,
        waiting_since=min(waiting, default=None),
        guests=tuple(p.display_name for p in here),
    )


def line_of(visit: Visit, *, now: datetime) -> Estimate:
    """Return where a visit stands among its practitioner's visits of the same day. Two queries."""
    day = timezone.localtime(visit.starts_at).date()
    same = _visits(Q(person=visit.practitioner.user_id), (day, day))
    return estimate([_place(row_of(one, now=now)) for one in same], visit_id=visit.id, now=now)


def waiting_count(hat: Hat) -> int:
    """Return how many of a hat's visits have somebody waiting now."""
    if not hat.is_clinical:
        return 0
    return (
        Participant.objects.filter(
            session__request__visit__appointment__practitioner=hat.membership,
            state=Presence.WAITING,
            guest__isnull=False,
        )
        .exclude(session__state=SessionState.ENDED)
        .values("session")
        .distinct()
        .count()
    )


def _visits(whose: Q, days: tuple[date, date]) -> list[Visit]:
    """Return the visits of some appointments by time, those included that nobody has looked at yet."""
    begin, end = (timezone.make_aware(datetime.combine(day, time())) for day in days)
    appointments = Appointment.objects.filter(
        whose,
        kind=Purpose.REMOTE,
        part_of=None,
        during__startswith__gte=begin,
        during__startswith__lt=end + timedelta(days=1),
    ).exclude(status=Status.PENDING)
    for appointment in appointments.filter(visit=None):
        guests.visit_of(appointment)
    return list(_with_rooms(Visit.objects.filter(appointment__in=appointments)))


def _with_rooms(visits: QuerySet[Visit]) -> QuerySet[Visit]:
    people = Prefetch("participants", Participant.objects.select_related("guest", "membership__user"))
    rooms = Prefetch("request__sessions", Session.objects.prefetch_related(people).order_by("number"))
    return (
        visits.select_related(*guests.VISIT_RELATED)
        .prefetch_related(rooms)
        .order_by("appointment__during", "appointment_id")
    )


def _rooms(visit: Visit) -> Sequence[Session]:
    return list(visit.request.sessions.all()) if visit.request else []


def _state(
    visit: Visit, rooms: Sequence[Session], people: Iterable[Participant], now: datetime
) -> VisitState:
    if visit.is_cancelled:
        return "cancelled"
    states = {p.state for p in people}
    if states & {Presence.ADMITTED, Presence.IN_ROOM}:
        return "in_call"
    if Presence.WAITING in states:
        return "waiting"
    if Presence.AWAY in states:
        return "away"
    if visit.signed_at:
        return "done"
    if visit.appointment.status == Status.NO_SHOW:
        return "missed"
    if any(room.live_since for room in rooms):
        return "to_sign"
    if now > joins_until(visit):
        return "missed"
    return "planned"


_STANDING: dict[VisitState, Standing] = {
    "planned": "expected",
    "waiting": "waiting",
    "away": "waiting",
    "in_call": "in_room",
}


def _place(row: VisitRow) -> Place:
    began = row.session.live_since if row.session else None
    return Place(
        visit_id=row.visit.id,
        starts_at=row.visit.starts_at,
        ends_at=row.visit.ends_at,
        standing=_STANDING.get(row.state, "over"),
        began_at=began,
    )


def visit_of_request(request_id: UUID) -> Visit | None:
    """Return the visit a request was made of; None for a case."""
    return Visit.objects.select_related(*guests.VISIT_RELATED).filter(request_id=request_id).first()
