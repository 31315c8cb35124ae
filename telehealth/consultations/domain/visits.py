"""Visits: remote appointments of patients, from the booking to the room. What is read afterwards is in `summaries`.

Locks are taken in the order visit, appointment, request, session, audit chain.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from scheduling.appointments.callers import Visitor
from scheduling.appointments.domain import visits as bookings
from scheduling.appointments.domain.lifecycle import Event as BookingEvent
from scheduling.appointments.domain.lifecycle import can as booking_can
from scheduling.appointments.enums import Status
from telehealth.accounts.hat import Hat
from telehealth.audit.log import record
from telehealth.consultations import rules
from telehealth.consultations.domain import guests
from telehealth.consultations.domain.acts import begin_unattended
from telehealth.consultations.domain.announcements import announce_request, audit_request
from telehealth.consultations.domain.lifecycle import Event, can, transition
from telehealth.consultations.domain.sessions import begin_session
from telehealth.consultations.enums import Mode, SessionState
from telehealth.consultations.models import Request, Session, Visit
from telehealth.consultations.principals import Guest, Principal
from telehealth.core.announce import announce_on_commit
from telehealth.core.counters import next_number
from telehealth.core.errors import Conflict, NotAllowed
from telehealth.records.enums import DatePrecision
from telehealth.records.models import Patient

OPENS_BEFORE = timedelta(minutes=30)
"""From then on the patient may come to the waiting room."""
OPEN_AFTER = timedelta(hours=2)
"""So long after its end a visit that did not take place can still begin: practitioners run late."""


@transaction.atomic
def open_visit(*, who: Principal, visit_id: UUID, now: datetime) -> Session:
    """Open the visit's room, or return the one that is open. Whoever comes first opens it: the practitioner or the patient.

    The first time a request is made of the visit, and a record for a patient who has none.

    Raises:
        NotFound: `visit.not_found`; NotAllowed: `room.not_allowed`;
        Conflict: `visit.cancelled`, `visit.too_early`, `visit.over`, `request.wrong_state`.
    """
    visit = guests.lock_visit(visit_id)
    if visit is None or not _may_come(who, visit):
        raise guests.no_such_visit()
    if visit.is_cancelled:
        raise Conflict("visit.cancelled", _("Buổi khám này đã hủy nên không có phòng."))
    if isinstance(who, Guest):
        _check_time(visit, now=now)
        _note_arrival(visit, now=now)
    request = lock_request_of(visit)
    session = guests.session_open(visit)
    if session is not None:
        return session
    if isinstance(who, Hat) and not (rules.is_practitioner(who, visit) or rules.may_open_visits(who)):
        raise NotAllowed(
            "room.not_allowed", _("Chỉ bác sĩ của buổi khám hoặc điều phối viên mới mở được phòng.")
        )
    if visit.signed_at:
        raise Conflict("visit.over", _("Buổi khám này đã xong. Bản tóm tắt ở ngay trên trang này."))
    request = request or _make_request(visit, who=who, now=now)
    if request.owner_id != visit.practitioner.id:
        # Somebody else has taken the appointment over since the last call.
        request.owner = visit.practitioner
        request.save(update_fields=["owner"])
    return begin_session(request=request, who=who, opened_by=visit.practitioner, encrypted=False, now=now)


def close_cancelled(*, now: datetime) -> int:
    """End the calls and requests of visits whose appointment was cancelled; return how many there were."""
    ended = Visit.objects.filter(
        appointment__status=Status.CANCELLED, request__state__in=("accepted", "in_session")
    )
    closed = 0
    for visit_id in ended.values_list("appointment_id", flat=True):
        with transaction.atomic():
            visit = guests.lock_visit(visit_id)
            if visit is not None and visit.is_cancelled:
                _close_cancelled(visit, now=now)
                closed += 1
    return closed


def lock_request_of(visit: Visit) -> Request | None:
    """Lock the request of a visit whose row the caller holds; None: its room was never opened."""
    return Request.objects.select_for_update(of=("self",)).filter(visit=visit).first()


def note_fulfilled(visit: Visit, *, hat: Hat, now: datetime) -> None:
    """Tell the booking that the visit took place, in the running transaction."""
    if booking_can(visit.appointment.status, BookingEvent.FULFIL):
        bookings.mark_fulfilled(hat=hat, appointment_id=visit.id, now=now)


def joins_from(visit: Visit) -> datetime:
    """Return when the patient may come to the waiting room."""
    return visit.starts_at - OPENS_BEFORE


def joins_until(visit: Visit) -> datetime:
    """Return until when a visit that has no room can still be begun by the patient."""
    return visit.ends_at + OPEN_AFTER


@transaction.atomic
def access_visit(hat: Hat, visit_id: UUID, *, now: datetime, act: str | None = "viewed") -> Visit:
    """Return a visit the hat may see, and audit the look.

    Raises:
        NotFound: `visit.not_found`.
    """
    visit = guests.lock_visit(visit_id)
    if visit is None or not rules.may_see_visit(hat, visit):
        raise guests.no_such_visit()
    if act:
        record(
            f"visit.{act}",
            now=now,
            hat=hat,
            object_type="visit",
            object_id=visit.id,
            patient_id=visit.appointment.patient_id,
        )
    return visit


def announce_visit(visit: Visit, *, now: datetime) -> None:
    """Tell the practitioner's facility that its visits changed."""
    topics = ["worklist", f"visit:{visit.id}"]
    announce_on_commit(
        "inbox", now=now, facility=str(visit.appointment.facility_id), topics=topics, ring=None
    )


def _may_come(who: Principal, visit: Visit) -> bool:
    if isinstance(who, Guest):
        return who.link.visit_id == visit.id and guests.is_valid(who.link)
    return rules.may_see_visit(who, visit)


def _check_time(visit: Visit, *, now: datetime) -> None:
    """Let a patient in at their time. A room that was opened for them stays open to them."""
    if guests.session_open(visit) is not None:
        return
    if now < joins_from(visit):
        raise Conflict(
            "visit.too_early",
            _("Phòng chờ mở lúc %(time)s. Anh/chị có thể thử máy trước ở ngay trang này.")
            % {"time": f"{timezone.localtime(joins_from(visit)):%H:%M}"},
        )
    if now > joins_until(visit):
        raise Conflict("visit.over", _("Giờ hẹn này đã qua. Hãy gọi cơ sở y tế hoặc đặt lịch mới."))


def _note_arrival(visit: Visit, *, now: datetime) -> None:
    booking = visit.appointment
    if booking.status != Status.ARRIVED and booking_can(booking.status, BookingEvent.ARRIVE):
        visitor = Visitor(holder="", contact=booking.contact)
        bookings.mark_arrived(by=visitor, appointment_id=booking.id, link=booking.link, now=now)


def _make_request(visit: Visit, *, who: Principal, now: datetime) -> Request:
    practitioner = visit.practitioner
    patient = visit.appointment.patient or _register(visit, now=now)
    year = timezone.localtime(now).year
    request = Request.objects.create(
        code=f"KX{year % 100:02d}-{next_number(f'visit:{year}'):06d}",
        patient=patient,
        state=transition("draft", Event.ARRANGE),
        mode=Mode.DIRECT_TO_PATIENT,
        specialty=practitioner.specialties.order_by("position").first(),
        facility_id=practitioner.facility_id,
        department_id=practitioner.department_id,
        requester=practitioner,
        owner=practitioner,
        chief_complaint=visit.reason,
        allergies=patient.allergies,
        created_at=now,
        accepted_at=now,
    )
    visit.request = request
    visit.save(update_fields=["request"])
    audit_request("request.created", request=request, who=who, now=now, visit=str(visit.id))
    return request


def _register(visit: Visit, *, now: datetime) -> Patient:
    """Return the record of the person booked for, or make one of what the booking says.

    Nobody has looked at a card: no number is entered, and none is claimed.
    """
    about = visit.appointment.beneficiary
    assert about is not None, "an appointment is for somebody"
    if about.patient is not None:
        return about.patient
    facility = visit.practitioner.facility
    exact = about.birth_precision == DatePrecision.DAY
    patient = Patient.objects.create(
        full_name=about.full_name,
        birth_date=about.birth_date if exact else None,
        birth_year=about.birth_year,
        birth_precision=about.birth_precision,
        sex=about.sex,
        phone=visit.phone,
        home_facility=facility,
        created_at=now,
        is_demonstration=facility.is_demonstration,
    )
    record(
        "patient.created",
        now=now,
        hat=None,
        facility_id=facility.id,
        object_type="patient",
        object_id=patient.id,
        patient_id=patient.id,
    )
    return patient


def _close_cancelled(visit: Visit, *, now: datetime) -> None:
    session = guests.session_open(visit)
    if session is not None:
        act = begin_unattended(session.id, now=now)
        if act.session.state != SessionState.ENDED:
            act.end("cancelled", by=None)
            act.audit("session.ended", session=str(session.id), reason="cancelled")
            act.finish()
    request = lock_request_of(visit)
    if request is not None and can(request.state, Event.CANCEL):
        request.state = transition(request.state, Event.CANCEL)
        request.closed_at = now
        request.save(update_fields=["state", "closed_at"])
        audit_request("request.cancelled", request=request, who=None, now=now)
        announce_request(request, now=now)
    announce_visit(visit, now=now)
