"""Registering for examination: a place in a session and a window to arrive in; at the day, check-in gives the queue number.

Locks: contact, registration, exam session (the counter), wish on the waiting list, audit chain.
"""

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from scheduling.appointments import access, rules
from scheduling.appointments.callers import Caller, audited
from scheduling.appointments.codes import Choose, make_code, make_link
from scheduling.appointments.domain.contacts import contact_of
from scheduling.appointments.domain.hints import hint_facility
from scheduling.appointments.domain.inserting import insert_unless_refused
from scheduling.appointments.domain.lifecycle import Event, transition
from scheduling.appointments.domain.limits import check_session_limits
from scheduling.appointments.domain.places import give_back_place, open_session, take_place
from scheduling.appointments.domain.waiting import offer_exam_place
from scheduling.appointments.enums import OCCUPYING, EndReason, Status
from scheduling.appointments.models import Beneficiary, BookingPolicy, ExamService, ExamSession, Registration
from scheduling.appointments.models.policy import policy_of
from scheduling.calendars.enums import SessionKind
from scheduling.calendars.slots import Interval
from scheduling.queues.domain.numbers import take_number
from scheduling.queues.enums import PriorityReason, TicketSource
from scheduling.queues.models import Ticket
from scheduling.queues.rules import reasons_by_birth
from telehealth.accounts.hat import Hat
from telehealth.audit.log import record
from telehealth.core.errors import Conflict, Invalid, NotAllowed, Unavailable

CODE_TRIES = 5


@dataclass(frozen=True)
class Wanted:
    """A place in a session of a service."""

    service: ExamService
    day: date
    session: SessionKind
    insured: bool


@transaction.atomic
def register(
    *, by: Caller, wanted: Wanted, beneficiary: Beneficiary, now: datetime, choose: Choose = secrets.choice
) -> Registration:
    """Register somebody for examination. The lowest free place is given; its window follows from it.

    Raises:
        NotAllowed: `contact.not_verified`, `booking.not_yours`, `booking.not_staff`; Invalid: `session.days`;
        Conflict: `session.not_open`, `session.full`, `registration.twice`, `registration.too_many_for_phone`.
    """
    service = wanted.service
    policy = policy_of(service.facility, now=now)
    first, last = rules.bookable_days(policy, now=now)
    if not first <= wanted.day <= last:
        raise Invalid(
            "session.days",
            _("Chỉ đăng ký trước được trong %(n)s ngày tới. Hãy chọn ngày khác.")
            % {"n": policy.horizon_days},
            field="day",
        )
    session = open_session(service=service, day=wanted.day, session=wanted.session, policy=policy)
    if session.closes <= now:
        raise Conflict("session.not_open", _("Buổi khám này đã kết thúc. Hãy chọn buổi hoặc ngày khác."))
    made = Registration(
        status=Status.BOOKED,
        exam_session=session,
        facility_id=service.facility_id,
        day=wanted.day,
        session=wanted.session,
        beneficiary=beneficiary,
        contact_id=beneficiary.contact_id,
        insured=wanted.insured,
        priority_reasons=reasons_of(beneficiary, on=wanted.day),
        created_at=now,
        booked_at=now,
    )
    missed = _check_caller(by, beneficiary, session, policy, now=now)
    made.booked_by = by.membership if isinstance(by, Hat) else None
    made.place, capacity = take_place(session.id)
    window = rules.arrival_window(
        place=made.place,
        capacity=capacity,
        opens=session.opens,
        closes=session.closes,
        length=timedelta(minutes=policy.arrival_minutes),
    )
    made.arrive_from, made.arrive_to = window.start, window.end
    if missed:
        made.answer_by = rules.answer_deadline(missed=missed, policy=policy, start=window.start, now=now)
    _insert(made, choose)
    _note("registration.made", made, by, now=now)
    return made


@transaction.atomic
def cancel_registration(
    *,
    by: Caller | None,
    registration_id: UUID,
    now: datetime,
    link: str = "",
    reason: EndReason | None = None,
) -> Registration:
    """Give a place back; whoever waits is offered it in the same transaction, else anybody may have it.

    Args:
        by: None for the platform itself, with a `reason`.

    Raises:
        NotFound: `booking.not_found`; Conflict: `booking.wrong_state`.
    """
    if by is None:
        rows = Registration.objects.select_for_update(of=("self",)).select_related(
            *access.REGISTRATION_RELATED
        )
        row = rows.get(id=registration_id)
    else:
        row = access.access_registration(by, registration_id, link=link, lock=True)
    if row.ticket_id is not None:
        raise Conflict(
            "registration.has_number", _("Đã lấy số thứ tự. Cần hủy, hãy báo quầy tiếp đón để hủy số.")
        )
    row.status = transition(row.status, Event.CANCEL)
    row.ended_at = now
    row.end_reason = reason or (EndReason.BY_FACILITY if isinstance(by, Hat) else EndReason.BY_PATIENT)
    row.save(update_fields=["status", "ended_at", "end_reason"])
    if offer_exam_place(row, now=now) is None:
        give_back_place(session_id=row.exam_session_id, place=row.place)
    _note("registration.cancelled", row, by, now=now, reason=row.end_reason)
    return row


@transaction.atomic
def answer_registration(*, by: Caller, registration_id: UUID, now: datetime, link: str = "") -> Registration:
    """Confirm again that somebody comes. Done twice it is done once.

    Raises:
        NotFound: `booking.not_found`; Conflict: `booking.wrong_state`.
    """
    row = access.access_registration(by, registration_id, link=link, lock=True)
    transition(row.status, Event.ANSWER)
    if row.answered_at is None:
        row.answered_at = now
        row.save(update_fields=["answered_at"])
        _note("registration.answered", row, by, now=now)
    return row


@transaction.atomic
def check_in(*, registration: Registration, now: datetime, hat: Hat | None = None) -> Ticket:
    """Record that somebody has come, and take their queue number; checked in twice they have the same number.

    Args:
        hat: the person at the desk; None at a kiosk. The caller has found the registration by its code or QR.

    Raises:
        Conflict: `registration.not_today`, `booking.wrong_state`; Unavailable: `registration.no_queue`.
    """
    row = (
        Registration.objects.select_for_update(of=("self",))
        .select_related("ticket", "beneficiary", "facility", "exam_session__service__queue_service__area")
        .get(id=registration.id)
    )
    if row.ticket is not None:
        return row.ticket
    if row.day != rules.local_day(now):
        raise Conflict(
            "registration.not_today",
            _("Đăng ký này là của ngày %(day)s, chưa lấy số được hôm nay.") % {"day": f"{row.day:%d/%m/%Y}"},
            day=row.day.isoformat(),
        )
    row.status = transition(row.status, Event.ARRIVE)
    queue = row.exam_session.service.queue_service
    if queue is None:
        raise Unavailable(
            "registration.no_queue",
            _("Cơ sở chưa nối dịch vụ này với hàng đợi. Hãy đến quầy tiếp đón để lấy số."),
        )
    ticket = take_number(
        facility=row.facility,
        area=queue.area,
        service=queue,
        day=row.day,
        priority_reasons=frozenset(PriorityReason(reason) for reason in row.priority_reasons),
        source=TicketSource.ONLINE,
        window=Interval(row.arrive_from, row.arrive_to),
        label=row.beneficiary.full_name,
        reference=f"registration:{row.id}",
        now=now,
        hat=hat,
        key=row.id,
    )
    row.ticket, row.arrived_at, row.ended_at = ticket, now, None
    row.save(update_fields=["status", "ticket", "arrived_at", "ended_at"])
    _note("registration.checked_in", row, hat, now=now)
    return ticket


def reasons_of(beneficiary: Beneficiary, *, on: date) -> list[str]:
    """Return why somebody goes first on a day: what was told, and what their age gives."""
    by_age = reasons_by_birth(birth_date=beneficiary.birth_date, birth_year=beneficiary.birth_year, on=on)
    return sorted({*beneficiary.priority_reasons, *by_age})


def close_day(*, day: date, now: datetime) -> int:
    """Mark who registered for a day that is over and never came; return how many. The platform's own act, every night."""
    rows = Registration.objects.filter(day=day, status=Status.BOOKED).values_list("id", flat=True)
    closed = 0
    for registration_id in rows:
        with transaction.atomic():
            row = Registration.objects.select_for_update().get(id=registration_id)
            if row.status == Status.BOOKED:
                row.status = transition(row.status, Event.MISS)
                row.ended_at = row.arrive_to
                row.save(update_fields=["status", "ended_at"])
                _note("registration.missed", row, None, now=now)
                closed += 1
    return closed


@transaction.atomic
def excuse_missed(*, hat: Hat, registration_id: UUID, now: datetime) -> Registration:
    """Let a missed registration not count against somebody.

    Raises:
        NotFound: `booking.not_found`; Conflict: `booking.wrong_state`.
    """
    row = access.access_registration(hat, registration_id, lock=True)
    row.status = transition(row.status, Event.EXCUSE)
    row.end_reason = EndReason.BY_FACILITY
    row.save(update_fields=["status", "end_reason"])
    _note("registration.excused", row, hat, now=now)
    return row


def _check_caller(
    by: Caller, beneficiary: Beneficiary, session: ExamSession, policy: BookingPolicy, *, now: datetime
) -> int:
    """Make sure that the caller may register this person there; return how many visits the person missed of late."""
    if isinstance(by, Hat):
        if not (rules.may_book(by) and by.facility.id == policy.facility_id):
            raise NotAllowed(
                "booking.not_staff", _("Chỉ nhân viên y tế của cơ sở mới đăng ký giúp ở đây được.")
            )
        return 0
    contact = contact_of(by)
    if beneficiary.contact_id != contact.id or beneficiary.removed_at is not None:
        raise NotAllowed(
            "booking.not_yours", _("Người này không thuộc danh sách của số điện thoại đang dùng.")
        )
    return check_session_limits(
        contact_id=contact.id, beneficiary_id=beneficiary.id, session_id=session.id, policy=policy, now=now
    )


def _insert(made: Registration, choose: Choose) -> None:
    for _n in range(CODE_TRIES):
        made.code, made.link = make_code(choose), make_link(choose)
        if insert_unless_refused(made):
            return
        same = Registration.objects.filter(
            beneficiary=made.beneficiary, day=made.day, session=made.session, status__in=OCCUPYING
        )
        if same.exists():
            raise Conflict(
                "registration.twice",
                _("Người này đã đăng ký khám trong buổi đó. Hãy xem lại mã đã cấp, hoặc chọn buổi khác."),
            )
    raise Conflict("slot.busy", _("Nhiều người đang cùng đăng ký. Chưa có gì thay đổi; hãy thử lại."))


def _note(action: str, row: Registration, by: Caller | None, *, now: datetime, **detail: Any) -> None:
    who = audited(by, row.facility_id) if by else {"hat": None, "facility_id": row.facility_id}
    record(
        action,
        now=now,
        object_type="registration",
        object_id=row.id,
        patient_id=row.beneficiary.patient_id,
        **who,
        **detail,
    )
    hint_facility(row.facility_id, row.day.isoformat())
