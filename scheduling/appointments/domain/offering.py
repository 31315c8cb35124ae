"""Looking through what is free for whoever waits: added hours, a raised capacity, a hold that nobody confirmed."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from scheduling.appointments import rules
from scheduling.appointments.domain.places import (
    SessionPlaces,
    give_back_place,
    open_session,
    open_sessions,
    take_place,
)
from scheduling.appointments.domain.slots import bookable_slots, practitioners_of
from scheduling.appointments.domain.waiting import Place, offer_exam_place, offer_place
from scheduling.appointments.enums import WaitingState
from scheduling.appointments.models import BookingPolicy, Offer, Registration, WaitingEntry
from scheduling.appointments.models.policy import policy_of
from scheduling.calendars.enums import Purpose
from telehealth.core.errors import Conflict


def offer_slots(*, now: datetime) -> int:
    """Offer free slots; return how many."""
    wishes: defaultdict[tuple[UUID, str], list[WaitingEntry]] = defaultdict(list)
    for entry in _waiting().exclude(kind="").select_related("facility"):
        wishes[entry.facility_id, entry.kind].append(entry)
    made = 0
    for (_facility, kind), waiting in wishes.items():
        entries = waiting
        facility = entries[0].facility
        people = {one.id: one for one in practitioners_of(facility)}
        days = min(entry.first_day for entry in entries), max(entry.last_day for entry in entries)
        offered = _offered_before(entries)
        for slot in bookable_slots(
            policy=policy_of(facility, now=now),
            purpose=Purpose(kind),
            days=days,
            practitioners=list(people.values()),
            now=now,
        ):
            place = Place(facility.id, Purpose(kind), slot.interval, people[slot.practitioner or facility.id])
            if any(_would_take(entry, place) and (entry.id, slot.start) not in offered for entry in entries):
                with transaction.atomic():
                    offer = offer_place(place, now=now)
                if offer is not None:
                    made += 1
                    entries = [entry for entry in entries if entry.id != offer.entry_id]
            if not entries:
                break
    return made


def offer_exam_places(*, now: datetime) -> int:
    """Offer free places of exam sessions; return how many."""
    wishes: defaultdict[UUID, list[WaitingEntry]] = defaultdict(list)
    for entry in _waiting().filter(kind="").select_related("service__facility"):
        assert entry.service_id is not None
        wishes[entry.service_id].append(entry)
    made = 0
    for entries in wishes.values():
        service = entries[0].service
        assert service is not None
        policy = policy_of(service.facility, now=now)
        days = min(entry.first_day for entry in entries), max(entry.last_day for entry in entries)
        for session in open_sessions(service=service, days=days, policy=policy, now=now):
            wanted = sum(
                entry.first_day <= session.day <= entry.last_day and entry.session in ("", session.session)
                for entry in entries
            )
            for _n in range(min(session.left, wanted)):
                if not _offer_one(session, policy, now=now):
                    break
                made += 1
    return made


@transaction.atomic
def _offer_one(session: SessionPlaces, policy: BookingPolicy, *, now: datetime) -> bool:
    """Take a place from the counter and offer it; give it back when nobody is left to offer it to."""
    row = open_session(service=session.service, day=session.day, session=session.session, policy=policy)
    try:
        place, capacity = take_place(row.id)
    except Conflict:
        return False
    window = rules.arrival_window(
        place=place,
        capacity=capacity,
        opens=row.opens,
        closes=row.closes,
        length=timedelta(minutes=policy.arrival_minutes),
    )
    free = Registration(
        exam_session=row,
        facility_id=session.service.facility_id,
        place=place,
        arrive_from=window.start,
        arrive_to=window.end,
    )
    if offer_exam_place(free, now=now) is None:
        give_back_place(session_id=row.id, place=place)
        return False
    return True


def _waiting() -> QuerySet[WaitingEntry]:
    return WaitingEntry.objects.filter(state=WaitingState.WAITING)


def _offered_before(entries: Iterable[WaitingEntry]) -> set[tuple[UUID, datetime]]:
    return set(Offer.objects.filter(entry__in=list(entries)).values_list("entry_id", "start"))


def _would_take(entry: WaitingEntry, place: Place) -> bool:
    """Say whether a place may suit a wish; whether the person is free then says the constraint."""
    return (
        entry.first_day <= place.day <= entry.last_day
        and entry.session in ("", place.session)
        and (
            entry.practitioner_id is None
            or place.practitioner is None
            or entry.practitioner_id == place.practitioner.id
        )
    )
