"""What making, moving and giving back bookings have in common: filling a row, getting it past the constraints, saying why not."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast
from uuid import UUID

from django.db import IntegrityError, OperationalError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from scheduling.appointments import rules
from scheduling.appointments.callers import Caller, audited, holder_of
from scheduling.appointments.codes import Choose, make_code, make_link
from scheduling.appointments.domain.contacts import contact_of
from scheduling.appointments.domain.hints import hint_facility
from scheduling.appointments.domain.inserting import insert_unless_refused
from scheduling.appointments.domain.limits import check_limits
from scheduling.appointments.domain.slots import check_bookable
from scheduling.appointments.domain.waiting import Place, lapse_offer, offer_place
from scheduling.appointments.enums import OCCUPYING, Answer, Status
from scheduling.appointments.models import Appointment, Beneficiary, BookingPolicy, Offer
from scheduling.appointments.models.policy import policy_of
from scheduling.calendars.enums import Purpose
from scheduling.calendars.models import Resource
from scheduling.calendars.ranges import interval_of, range_of
from scheduling.calendars.slots import Interval
from telehealth.accounts.hat import Hat
from telehealth.accounts.models import Membership
from telehealth.audit.log import record
from telehealth.core.errors import Conflict, Invalid, NotAllowed
from telehealth.core.text import clean_limited
from telehealth.facilities.models import Facility
from telehealth.records.models import Patient

P = ParamSpec("P")
R = TypeVar("R")

CODE_TRIES = 5
OFFER_TRIES = 4
DEADLOCK = "40P01"


@dataclass(frozen=True)
class Wanted:
    """What is to be promised: whose time or which room (or both), what for, from when to when."""

    facility: Facility
    purpose: Purpose
    interval: Interval
    practitioner: Membership | None = None
    resource: Resource | None = None
    specialty_id: str | None = None


@dataclass(frozen=True)
class ForWhom:
    """For whom: from outside a beneficiary of one's own phone; staff may book for a patient of their facility.

    `reason` in the patient's own words; `reference` says what it is about elsewhere ("request:<id>").
    """

    beneficiary: Beneficiary | None = None
    patient: Patient | None = None
    reason: str = ""
    reference: str = ""


def check_wanted(by: Caller, wanted: Wanted, *, now: datetime, at: Facility | None = None) -> BookingPolicy:
    """Make sure that the caller may book there, and that the slot is one that is offered; return the facility's rules.

    Args:
        at: where the caller works, when the wanted person works elsewhere: a part of a meeting.

    Raises:
        NotAllowed: `booking.not_staff`; Invalid: `slot.elsewhere`; as `check_bookable`.
    """
    if isinstance(by, Hat) and not (rules.may_book(by) and by.facility.id == (at or wanted.facility).id):
        raise NotAllowed("booking.not_staff", _("Chỉ nhân viên y tế của cơ sở mới đặt lịch ở đây được."))
    for owner in (wanted.practitioner, wanted.resource):
        if owner is not None and owner.facility_id != wanted.facility.id:
            raise Invalid("slot.elsewhere", _("Bác sĩ hoặc phòng này không thuộc cơ sở đã chọn."))
    policy = policy_of(wanted.facility, now=now)
    check_bookable(
        policy=policy,
        purpose=wanted.purpose,
        interval=wanted.interval,
        practitioner=wanted.practitioner,
        resource=wanted.resource,
        now=now,
        for_staff=isinstance(by, Hat),
    )
    return policy


def new_appointment(
    by: Caller, wanted: Wanted, status: Status, choose: Choose, *, now: datetime
) -> Appointment:
    """Return an unsaved row for what is wanted."""
    return Appointment(
        code=make_code(choose),
        link=make_link(choose),
        status=status,
        kind=wanted.purpose,
        facility=wanted.facility,
        specialty_id=wanted.specialty_id,
        practitioner=wanted.practitioner,
        person_id=wanted.practitioner.user_id if wanted.practitioner else None,
        resource=wanted.resource,
        contact=None if isinstance(by, Hat) else by.contact,
        holder=holder_of(by),
        during=range_of(wanted.interval),
        created_at=now,
    )


def fill(row: Appointment, by: Caller, whom: ForWhom, policy: BookingPolicy, *, now: datetime) -> None:
    """Write into a row for whom it is, as far as the caller may say and the limits allow.

    Raises:
        Invalid: `booking.for_nobody`; NotAllowed: `contact.not_verified`, `booking.not_yours`; as `check_limits`.
    """
    one = whom.beneficiary
    if isinstance(by, Hat):
        if one is None and whom.patient is None:
            raise Invalid("booking.for_nobody", _("Hãy chọn người bệnh cho lịch hẹn này."))
        row.booked_by = by.membership
        row.contact = one.contact if one else None
    else:
        contact = contact_of(by)
        if one is None or whom.patient is not None:
            raise Invalid("booking.for_nobody", _("Hãy chọn người khám cho lịch hẹn này."))
        if one.contact_id != contact.id or one.removed_at is not None:
            raise NotAllowed(
                "booking.not_yours", _("Người này không thuộc danh sách của số điện thoại đang dùng.")
            )
        missed = check_limits(contact_id=contact.id, beneficiary_id=one.id, policy=policy, now=now)
        start = interval_of(row.during).start
        row.answer_by = rules.answer_deadline(missed=missed, policy=policy, start=start, now=now)
        row.contact = contact
    row.beneficiary = one
    row.patient = whom.patient or (one.patient if one and one.patient_id else None)
    row.reason = clean_limited(whom.reason, field="reason")
    row.reference = whom.reference
    row.hold_until = None
    row.booked_at = now


def insert(row: Appointment, choose: Choose, *, now: datetime) -> None:
    """Insert a promise. What an expired hold keeps is taken away from it first, in the same transaction.

    Raises:
        Conflict: `slot.taken`, `beneficiary.busy`.
    """
    for _n in range(CODE_TRIES):
        if insert_unless_refused(row):
            return
        if not clear_expired(row, now=now):
            refuse_if_taken(row)
            # Nothing overlaps (any more): the code was given before, or a rival has just gone.
            row.code, row.link = make_code(choose), make_link(choose)
    raise busy()


@contextmanager
def refusals(row: Appointment, *, now: datetime) -> Iterator[None]:
    """Say in words what a constraint refuses to a row that is changed, after expired holds were taken out of its way."""
    clear_expired(row, now=now)
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        refuse_if_taken(row)
        raise busy() from None
    except OperationalError as error:
        # Two who move into each other's old slot wait for each other; PostgreSQL tells one of them.
        if getattr(error.__cause__, "sqlstate", "") != DEADLOCK:
            raise
        raise busy() from None


class OffersRanOutError(Exception):
    """In the way of a promise stand offers whose deadline is over: they go to the next who wait, before anybody else."""

    def __init__(self, offers: Iterable[UUID]) -> None:
        super().__init__()
        self.offers = list(offers)


def passing_on_offers(use_case: Callable[P, R]) -> Callable[P, R]:
    """Let a use case pass on the offers that ran out in its way, and begin again.

    Passing on is a transaction of its own: it must hold although the use case is then refused. So no offer keeps a slot beyond its
    deadline even with no worker.
    """

    @wraps(use_case)
    def tried(*args: P.args, **kwargs: P.kwargs) -> R:
        for _n in range(OFFER_TRIES):
            try:
                return use_case(*args, **kwargs)
            except OffersRanOutError as error:
                for offer_id in error.offers:
                    lapse_offer(offer_id=offer_id, now=cast("datetime", kwargs["now"]))
        raise busy()

    return tried


def clear_expired(row: Appointment, *, now: datetime) -> bool:
    """Remove the expired holds a row would overlap; say whether there were any.

    Raises:
        OffersRanOutError: when one of them is an offer; for `passing_on_offers`.
    """
    expired = list(
        Appointment.objects.filter(
            _owners(row), status=Status.PENDING, hold_until__lte=now, during__overlap=row.during
        )
        .exclude(id=row.id)
        .values_list("id", flat=True)
    )
    if not expired:
        return False
    if offers := Offer.objects.filter(appointment__in=expired, answer=Answer.OPEN).values_list(
        "id", flat=True
    ):
        raise OffersRanOutError(offers)
    remove_holds(Appointment.objects.filter(id__in=expired, hold_until__lte=now))
    return True


def remove_holds(holds: QuerySet[Appointment]) -> None:
    """Delete holds in one statement, so that one that is being confirmed is looked at again when its row is free: it stays.

    A query set's `delete` looks first and deletes by id: it would take the confirmed booking away.
    """
    holds = holds.filter(status=Status.PENDING)
    holds._raw_delete(holds.db)


def refuse_if_taken(row: Appointment) -> None:
    """Say which promise stands against a row, if one does.

    Raises:
        Conflict: `slot.taken`, `beneficiary.busy`.
    """
    rivals = Appointment.objects.filter(status__in=OCCUPYING, during__overlap=row.during).exclude(id=row.id)
    person = Q(person_id=row.person_id, lane=row.lane) if row.person_id else Q(pk=None)
    thing = Q(resource_id=row.resource_id) if row.resource_id else Q(pk=None)
    if rivals.filter(person | thing).exists():
        raise Conflict(
            "slot.taken", _("Giờ này vừa có người đặt. Những gì đã nhập vẫn còn; hãy chọn giờ khác.")
        )
    if rivals.filter(_owners(row)).exists():
        raise Conflict(
            "beneficiary.busy",
            _("Người này đã có lịch hẹn khác trùng giờ. Hãy chọn giờ khác, hoặc đổi lịch hẹn kia."),
        )


def free_lane(by: Caller, wanted: Wanted, policy: BookingPolicy) -> int:
    """Return the lane in which staff may squeeze somebody in beside what is booked; 0 when the slot is free.

    Raises:
        NotAllowed: `booking.no_squeezing`; Conflict: `slot.taken`.
    """
    if not isinstance(by, Hat) or wanted.practitioner is None or policy.overbook_lanes == 0:
        raise NotAllowed("booking.no_squeezing", _("Cơ sở này không nhận thêm người vào giờ đã có hẹn."))
    used = set(
        Appointment.objects.filter(
            person_id=wanted.practitioner.user_id,
            status__in=OCCUPYING,
            during__overlap=range_of(wanted.interval),
        ).values_list("lane", flat=True)
    )
    lane = next((n for n in range(policy.overbook_lanes + 1) if n not in used), None)
    if lane is None:
        raise Conflict("slot.taken", _("Giờ này đã nhận thêm đủ người. Hãy chọn giờ khác."))
    return lane


def place_of(row: Appointment) -> Place:
    """Return what a row promises, as the waiting list sees it."""
    return Place(
        facility_id=row.facility_id,
        kind=Purpose(row.kind),
        interval=interval_of(row.during),
        practitioner=row.practitioner,
        resource_id=row.resource_id,
        lane=row.lane,
    )


def freed(place: Place, *, now: datetime) -> None:
    """Offer what was given back to whoever waits for it, in the running transaction."""
    hint_facility(place.facility_id, rules.local_day(place.interval.start).isoformat())
    if place.lane == 0:
        offer_place(place, now=now)


def note(action: str, row: Appointment, by: Caller | None, *, now: datetime, **detail: Any) -> None:
    """Write an act on a booking into the audit log, and let open lists look again."""
    who = audited(by, row.facility_id) if by else {"hat": None, "facility_id": row.facility_id}
    record(
        action,
        now=now,
        object_type="appointment",
        object_id=row.id,
        patient_id=row.patient_id,
        **who,
        **detail,
    )
    hint_facility(row.facility_id, rules.local_day(interval_of(row.during).start).isoformat())


def _owners(row: Appointment) -> Q:
    """Everybody and everything a row promises."""
    owners = Q(pk=None)
    for field in ("person_id", "resource_id", "beneficiary_id", "patient_id"):
        if value := getattr(row, field):
            owners |= Q(**{field: value})
    return owners


def busy() -> Conflict:
    """Return the refusal for who should simply try again."""
    return Conflict("slot.busy", _("Nhiều người đang cùng đặt giờ này. Chưa có gì thay đổi; hãy thử lại."))
