"""The waiting list: what frees is offered in order, each place to one person at a time, who has until a deadline.

An offer is a hold in the person's name, so nobody else can have the place meanwhile. It ends by an answer or by its deadline, whichever
is first to lock the wish; then the place goes to the next, in the same transaction. Nothing is ever offered twice at a time.

Locks: contact, appointment or registration, wish (only ever skipped when somebody else has it, or taken first), offer.
"""

import secrets
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from scheduling.appointments import access, rules
from scheduling.appointments.callers import Caller, audited
from scheduling.appointments.codes import Choose, make_code, make_link
from scheduling.appointments.domain.contacts import contact_of, own_beneficiary
from scheduling.appointments.domain.hints import hint_facility
from scheduling.appointments.domain.inserting import insert_unless_refused
from scheduling.appointments.domain.lifecycle import Event, WaitingEvent, transition, waiting_transition
from scheduling.appointments.domain.places import give_back_place
from scheduling.appointments.domain.telling import tell_offer
from scheduling.appointments.enums import Answer, Status, WaitingState
from scheduling.appointments.models import (
    Appointment,
    Beneficiary,
    ExamService,
    Offer,
    Registration,
    WaitingEntry,
)
from scheduling.appointments.models.policy import policy_of
from scheduling.calendars.enums import Purpose, SessionKind
from scheduling.calendars.patterns import LOCAL
from scheduling.calendars.ranges import interval_of, range_of
from scheduling.calendars.slots import Interval
from telehealth.accounts.hat import Hat
from telehealth.accounts.models import Membership
from telehealth.audit.log import record
from telehealth.core.errors import Conflict, Invalid, NotAllowed
from telehealth.core.text import clean_limited
from telehealth.facilities.models import Facility

NOON = time(12)
ASKED_AT_ONCE = 20
"""How many in the order are looked at for one place; those before are busy at that time."""


@dataclass(frozen=True)
class Place:
    """A slot that is free (again)."""

    facility_id: UUID
    kind: Purpose
    interval: Interval
    practitioner: Membership | None = None
    resource_id: UUID | None = None
    lane: int = 0

    @property
    def day(self) -> date:
        return rules.local_day(self.interval.start)

    @property
    def session(self) -> SessionKind:
        at = self.interval.start.astimezone(LOCAL).time()
        return SessionKind.MORNING if at < NOON else SessionKind.AFTERNOON


@dataclass(frozen=True)
class Wish:
    """What somebody would take: for a registration `service`, for an appointment `kind`. Empty choices mean any."""

    facility: Facility
    first_day: date
    last_day: date
    kind: Purpose | None = None
    practitioner: Membership | None = None
    specialty_id: str | None = None
    service: ExamService | None = None
    session: SessionKind | None = None
    insured: bool = False
    reason: str = ""


@transaction.atomic
def join_waiting_list(*, by: Caller, beneficiary: Beneficiary, wish: Wish, now: datetime) -> WaitingEntry:
    """Put a person on the waiting list. The same wish again is found, not doubled: nobody gains by asking twice.

    Raises:
        NotAllowed: `contact.not_verified`; NotFound: `beneficiary.not_found`; Invalid: `waiting.days`, `waiting.for_nothing`.
    """
    if isinstance(by, Hat):
        if not (rules.may_book(by) and by.facility.id == wish.facility.id):
            raise NotAllowed(
                "booking.not_staff", _("Chỉ nhân viên y tế của cơ sở mới ghi tên chờ ở đây được.")
            )
        contact = beneficiary.contact
    else:
        contact = contact_of(by)
    one = own_beneficiary(contact, beneficiary.id, lock=True)
    today, last = rules.bookable_days(policy_of(wish.facility, now=now), now=now)
    first_day, last_day = max(wish.first_day, today), min(wish.last_day, last)
    if first_day > last_day:
        raise Invalid("waiting.days", _("Hãy chọn những ngày sắp tới có thể nhận chỗ."), field="last_day")
    if (wish.kind is None) == (wish.service is None):
        raise Invalid("waiting.for_nothing", _("Hãy chọn chờ lịch hẹn hay chờ chỗ đăng ký khám."))
    values = {
        "facility": wish.facility,
        "kind": wish.kind or "",
        "practitioner": wish.practitioner,
        "specialty_id": wish.specialty_id,
        "service": wish.service,
        "session": wish.session or "",
        "first_day": first_day,
        "last_day": last_day,
    }
    live = (WaitingState.WAITING, WaitingState.OFFERED)
    known = WaitingEntry.objects.filter(beneficiary=one, state__in=live, **values).first()
    if known is not None:
        return known
    entry = WaitingEntry.objects.create(
        contact=contact,
        beneficiary=one,
        insured=wish.insured,
        reason=clean_limited(wish.reason, field="reason"),
        created_at=now,
        **values,
    )
    _note("waiting.joined", entry, by, now=now)
    return entry


def place_in_line(entry: WaitingEntry) -> int:
    """Return how many wait for the same before this wish, plus one; for a person to know, not a promise."""
    before = Q(passed__lt=entry.passed) | Q(passed=entry.passed, created_at__lt=entry.created_at)
    return (
        WaitingEntry.objects.filter(
            before,
            facility_id=entry.facility_id,
            state__in=(WaitingState.WAITING, WaitingState.OFFERED),
            kind=entry.kind,
            service_id=entry.service_id,
            first_day__lte=entry.last_day,
            last_day__gte=entry.first_day,
        ).count()
        + 1
    )


@transaction.atomic
def leave_waiting_list(*, by: Caller, entry_id: UUID, now: datetime) -> WaitingEntry:
    """Take a wish back. What was offered for it goes to the next.

    Raises:
        NotFound: `booking.not_found`; Conflict: `waiting.wrong_state`.
    """
    entry = access.access_entry(by, entry_id, lock=True)
    entry.state = waiting_transition(entry.state, WaitingEvent.LEAVE)
    entry.ended_at = now
    entry.save(update_fields=["state", "ended_at"])
    offer = entry.offers.select_for_update().filter(answer=Answer.OPEN).first()
    if offer is not None:
        _close(offer, Answer.DECLINED, now=now)
        _pass_on(offer, now=now)
    _note("waiting.left", entry, by, now=now)
    return entry


@transaction.atomic
def take_offer(*, link: str, now: datetime) -> Offer:
    """Take what was offered. Of an answer and a deadline, or two answers at once, exactly one counts.

    Raises:
        NotFound: `booking.not_found`; Conflict: `offer.over`.
    """
    offer, entry = _locked(access.offer_by_link(link).id)
    if offer.answer == Answer.TAKEN:
        return offer  # pressed twice
    kept = _kept(offer)
    if offer.answer != Answer.OPEN or offer.deadline <= now or kept is None:
        raise Conflict(
            "offer.over",
            _(
                "Lời mời đã hết hạn, chỗ này đã mời người kế tiếp. Tên anh/chị vẫn trong danh sách chờ nếu chưa rút."
            ),
        )
    kept.status = transition(kept.status, Event.CONFIRM)
    kept.hold_until, kept.booked_at = None, now
    kept.save(update_fields=["status", "hold_until", "booked_at"])
    entry.state = waiting_transition(entry.state, WaitingEvent.TAKE)
    entry.ended_at = now
    entry.save(update_fields=["state", "ended_at"])
    _close(offer, Answer.TAKEN, now=now)
    if isinstance(kept, Appointment):
        offer.appointment = kept
    else:
        offer.registration = kept
    _note("waiting.taken", entry, None, now=now)
    return offer


@transaction.atomic
def decline_offer(*, link: str, now: datetime) -> Offer:
    """Let an offer go to the next at once. The wish keeps its place in the order: saying no early helps others.

    Raises:
        NotFound: `booking.not_found`; Conflict: `offer.over`.
    """
    offer, entry = _locked(access.offer_by_link(link).id)
    if offer.answer == Answer.DECLINED:
        return offer
    if offer.answer != Answer.OPEN:
        raise Conflict("offer.over", _("Lời mời này đã được trả lời hoặc đã hết hạn. Không có gì thay đổi."))
    entry.state = waiting_transition(entry.state, WaitingEvent.PASS)
    entry.save(update_fields=["state"])
    _close(offer, Answer.DECLINED, now=now)
    _pass_on(offer, now=now)
    _note("waiting.declined", entry, None, now=now)
    return offer


@transaction.atomic
def lapse_offer(*, offer_id: UUID, now: datetime) -> bool:
    """Pass an unanswered offer on when its deadline is over; say whether this call did it.

    Who let one pass goes behind those who did not; after `PASSES_ALLOWED` their wish ends.
    """
    offer, entry = _locked(offer_id)
    if offer.answer != Answer.OPEN or offer.deadline > now:
        return False
    entry.passed += 1
    tired = entry.passed >= rules.PASSES_ALLOWED
    entry.state = waiting_transition(entry.state, WaitingEvent.GIVE_UP if tired else WaitingEvent.PASS)
    entry.ended_at = now if tired else None
    entry.save(update_fields=["state", "passed", "ended_at"])
    _close(offer, Answer.LAPSED, now=now)
    _pass_on(offer, now=now)
    _note("waiting.lapsed", entry, None, now=now)
    return True


def offer_place(place: Place, *, now: datetime, choose: Choose = secrets.choice) -> Offer | None:
    """Offer a free slot to the first who waits for one like it and is free then; None when there is nobody. In a transaction."""
    facility = Facility.objects.get(id=place.facility_id)
    deadline = rules.offer_deadline(policy=policy_of(facility, now=now), start=place.interval.start, now=now)
    if deadline is None:
        return None
    whose = Q(practitioner=None)
    what = Q(specialty=None)
    if place.practitioner is not None:
        whose |= Q(practitioner=place.practitioner)
        what |= Q(specialty__in=place.practitioner.specialties.all())
    wanted = Q(whose, what, facility_id=place.facility_id, kind=place.kind)
    for entry in _in_order(wanted, place.day, place.session, place.interval.start):
        hold = Appointment(
            code=make_code(choose),
            link=make_link(choose),
            status=Status.PENDING,
            kind=place.kind,
            facility_id=place.facility_id,
            specialty_id=entry.specialty_id,
            practitioner=place.practitioner,
            person_id=place.practitioner.user_id if place.practitioner else None,
            resource_id=place.resource_id,
            contact_id=entry.contact_id,
            beneficiary=entry.beneficiary,
            patient_id=entry.beneficiary.patient_id,
            during=range_of(place.interval),
            reason=entry.reason,
            hold_until=deadline,
            created_at=now,
        )
        if insert_unless_refused(hold):
            return _offer(entry, place.interval.start, deadline, choose, now=now, appointment=hold)
    return None


def offer_exam_place(
    given_back: Registration, *, now: datetime, choose: Choose = secrets.choice
) -> Offer | None:
    """Offer the place of a registration that was given up, with its arrival window; None when nobody waits. In a transaction."""
    session = given_back.exam_session
    facility = Facility.objects.get(id=given_back.facility_id)
    start = given_back.arrive_from
    deadline = rules.offer_deadline(policy=policy_of(facility, now=now), start=start, now=now)
    if deadline is None:
        return None
    wanted = Q(service_id=session.service_id)
    for entry in _in_order(wanted, session.day, SessionKind(session.session), start):
        hold = Registration(
            code=make_code(choose),
            link=make_link(choose),
            status=Status.PENDING,
            exam_session=session,
            facility_id=given_back.facility_id,
            day=session.day,
            session=session.session,
            place=given_back.place,
            arrive_from=given_back.arrive_from,
            arrive_to=given_back.arrive_to,
            contact_id=entry.contact_id,
            beneficiary=entry.beneficiary,
            insured=entry.insured,
            priority_reasons=entry.beneficiary.priority_reasons,
            hold_until=deadline,
            created_at=now,
        )
        if insert_unless_refused(hold):
            return _offer(entry, start, deadline, choose, now=now, registration=hold)
    return None


def _in_order(wanted: Q, day: date, session: SessionKind, start: datetime) -> QuerySet[WaitingEntry]:
    """Return who waits, first first, with their rows locked, without those who were offered this start before.

    A row somebody else has locked is being answered: it is skipped.
    """
    return (
        WaitingEntry.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("beneficiary", "contact")
        .filter(wanted, state=WaitingState.WAITING, first_day__lte=day, last_day__gte=day)
        .filter(Q(session="") | Q(session=session))
        .exclude(Exists(Offer.objects.filter(entry=OuterRef("pk"), start=start)))
        .order_by("passed", "created_at", "id")[:ASKED_AT_ONCE]
    )


def _offer(
    entry: WaitingEntry,
    start: datetime,
    deadline: datetime,
    choose: Choose,
    *,
    now: datetime,
    appointment: Appointment | None = None,
    registration: Registration | None = None,
) -> Offer:
    entry.state = waiting_transition(entry.state, WaitingEvent.OFFER)
    entry.save(update_fields=["state"])
    offer = Offer.objects.create(
        entry=entry,
        appointment=appointment,
        registration=registration,
        start=start,
        link=make_link(choose),
        made_at=now,
        deadline=deadline,
    )
    tell_offer(offer, now=now)
    _note("waiting.offered", entry, None, now=now)
    return offer


def _locked(offer_id: UUID) -> tuple[Offer, WaitingEntry]:
    """Return an offer and its wish, locked in the order everybody locks them."""
    entry_id = Offer.objects.values_list("entry_id", flat=True).get(id=offer_id)
    entry = (
        WaitingEntry.objects.select_for_update(of=("self",))
        .select_related("facility", "contact", "beneficiary")
        .get(id=entry_id)
    )
    offer = (
        Offer.objects.select_for_update(of=("self",))
        .select_related("appointment", "registration__exam_session")
        .get(id=offer_id)
    )
    offer.entry = entry
    return offer, entry


def _kept(offer: Offer) -> Appointment | Registration | None:
    """Return the hold behind an offer, locked."""
    if offer.appointment_id:
        return Appointment.objects.select_for_update().filter(id=offer.appointment_id).first()
    if offer.registration_id:
        return Registration.objects.select_for_update().filter(id=offer.registration_id).first()
    return None


def _close(offer: Offer, answer: Answer, *, now: datetime) -> None:
    offer.answer, offer.answered_at = answer, now
    offer.save(update_fields=["answer", "answered_at"])


def _pass_on(offer: Offer, *, now: datetime) -> None:
    """Take the hold away and offer its place to the next; a place nobody waits for is open to everybody again."""
    appointment, registration = offer.appointment, offer.registration
    if appointment is not None:
        place = Place(
            facility_id=appointment.facility_id,
            kind=Purpose(appointment.kind),
            interval=interval_of(appointment.during),
            practitioner=appointment.practitioner,
            resource_id=appointment.resource_id,
        )
        appointment.delete()
        offer_place(place, now=now)
        hint_facility(place.facility_id, place.day.isoformat())
    elif registration is not None:
        registration.delete()
        if offer_exam_place(registration, now=now) is None:
            give_back_place(session_id=registration.exam_session_id, place=registration.place)
        hint_facility(registration.facility_id, registration.day.isoformat())


def _note(action: str, entry: WaitingEntry, by: Caller | None, *, now: datetime) -> None:
    who = audited(by, entry.facility_id) if by else {"hat": None, "facility_id": entry.facility_id}
    record(action, now=now, object_type="waiting_entry", object_id=entry.id, **who)
