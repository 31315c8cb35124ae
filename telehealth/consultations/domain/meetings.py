"""Agreeing on a time for a case: propose, answer, move, withdraw. Locks: request, meeting, bookings, audit chain.

An agreed time is a booking of everybody in it, so the database refuses to promise anybody's time twice.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from scheduling.appointments.codes import make_code, make_link
from scheduling.appointments.enums import Status
from scheduling.appointments.models import Appointment
from scheduling.calendars.enums import Purpose
from scheduling.calendars.patterns import LOCAL
from scheduling.calendars.ranges import range_of
from scheduling.calendars.slots import Interval
from telehealth.accounts.hat import Hat
from telehealth.accounts.models import Membership
from telehealth.consultations import rules
from telehealth.consultations.access import access_request
from telehealth.consultations.domain.announcements import announce_request, audit_request
from telehealth.consultations.domain.meeting_states import Event, agreed_time, transition
from telehealth.consultations.enums import MeetingState
from telehealth.consultations.models import Invitee, Meeting, Request
from telehealth.core.errors import Conflict, Invalid, NotAllowed, NotFound
from telehealth.notifications.domain.telling import notify_all, settle
from telehealth.notifications.kinds import Kind
from telehealth.notifications.recipients import ToUser

MAX_TIMES = 6
MAX_PEOPLE = 6
REMIND_BEFORE = timedelta(minutes=15)
OPEN = (MeetingState.PROPOSED, MeetingState.AGREED)


@transaction.atomic
def propose_times(
    *,
    hat: Hat,
    request_id: UUID,
    times: Sequence[datetime],
    people: Sequence[UUID],
    minutes: int,
    now: datetime,
) -> Meeting:
    """Ask the people of a case which of some times suit them. Whoever asks can make all of them.

    With a meeting open its times are moved instead: everybody answers anew, and what was booked is given back.

    Raises:
        NotFound; NotAllowed: `meeting.not_yours`; Invalid: `meeting.times`, `meeting.people`, `meeting.length`;
        Conflict: `meeting.wrong_state`, `meeting.taken`.
    """
    request = _locked(hat, request_id, now=now)
    chosen = sorted(set(times))
    if not chosen or len(chosen) > MAX_TIMES or chosen[0] <= now:
        raise Invalid(
            "meeting.times",
            _("Hãy chọn từ 1 đến %(n)s giờ còn ở phía trước.") % {"n": MAX_TIMES},
            field="times",
        )
    if not 10 <= minutes <= 120:
        raise Invalid("meeting.length", _("Cuộc họp dài từ 10 đến 120 phút."), field="minutes")
    possible = {one.id: one for one in possible_people(request)}
    invited = {hat.membership.id: hat.membership} | {one: possible[one] for one in people if one in possible}
    if len(invited) < 2 or len(invited) > MAX_PEOPLE or any(one not in possible for one in people):
        raise Invalid("meeting.people", _("Hãy chọn ít nhất một người khác của ca này."), field="people")
    meeting = open_meeting(request)
    if meeting is None:
        meeting = Meeting(request=request, state=MeetingState.PROPOSED)
    else:
        _take_back(meeting, now=now)
        meeting.state = transition(meeting.state, Event.MOVE)
        meeting.round += 1
    meeting.proposed_by, meeting.times, meeting.minutes = hat.membership, chosen, minutes
    meeting.starts_at, meeting.changed_at = None, now
    meeting.save()
    meeting.invitees.all().delete()
    for membership in invited.values():
        own = membership.id == hat.membership.id
        Invitee.objects.create(
            meeting=meeting,
            membership=membership,
            accepts=chosen if own else [],
            answered_at=now if own else None,
        )
    audit_request("meeting.proposed", request=request, who=hat, now=now, meeting=str(meeting.id))
    others = [m for m in invited.values() if m.id != hat.membership.id]
    _tell(meeting, Kind.CONSULTATION_PROPOSED, others, chosen[0], now=now)
    announce_request(request, now=now)
    return meeting


@transaction.atomic
def answer_times(*, hat: Hat, request_id: UUID, accepts: Sequence[datetime], now: datetime) -> Meeting:
    """Say which of the times suit. When one suits everybody the earliest is agreed, and everybody's time is booked.

    Raises:
        NotFound: `request.not_found`, `meeting.not_found`; Conflict: `meeting.wrong_state`, `meeting.taken`.
    """
    request = access_request(hat, request_id, now=now, act=None, lock=True)
    meeting = open_meeting(request)
    invitee = meeting.invitees.filter(membership=hat.membership).first() if meeting else None
    if meeting is None or invitee is None:
        raise NotFound("meeting.not_found", _("Không có đề nghị giờ nào đang chờ anh/chị trả lời."))
    transition(meeting.state, Event.ANSWER)
    invitee.accepts = [time for time in meeting.times if time in set(accepts)]
    invitee.answered_at = now
    invitee.save(update_fields=["accepts", "answered_at"])
    audit_request("meeting.answered", request=request, who=hat, now=now, meeting=str(meeting.id))
    answers = [set(one.accepts) if one.answered_at else None for one in meeting.invitees.all()]
    agreed = agreed_time([time for time in meeting.times if time > now], answers)
    if agreed is not None:
        _agree(meeting, agreed, now=now)
        audit_request("meeting.agreed", request=request, who=hat, now=now, meeting=str(meeting.id))
    announce_request(request, now=now)
    return meeting


@transaction.atomic
def withdraw_meeting(*, hat: Hat, request_id: UUID, now: datetime) -> Meeting:
    """Call the time off; the case stays as it is.

    Raises:
        NotFound; NotAllowed: `meeting.not_yours`; Conflict: `meeting.wrong_state`.
    """
    request = _locked(hat, request_id, now=now)
    meeting = open_meeting(request)
    if meeting is None:
        raise NotFound("meeting.not_found", _("Ca này không có giờ hội chẩn nào đang mở."))
    agreed = meeting.starts_at if meeting.state == MeetingState.AGREED else None
    _take_back(meeting, now=now)
    meeting.state = transition(meeting.state, Event.WITHDRAW)
    meeting.changed_at = now
    meeting.save(update_fields=["state", "changed_at"])
    audit_request("meeting.withdrawn", request=request, who=hat, now=now, meeting=str(meeting.id))
    if agreed is not None:
        people = [one.membership for one in meeting.invitees.select_related("membership")]
        others = [m for m in people if m.id != hat.membership.id]
        _tell(meeting, Kind.CONSULTATION_CANCELLED, others, agreed, now=now)
    announce_request(request, now=now)
    return meeting


def note_held(request: Request, *, now: datetime) -> None:
    """Record that the people of a case meet, in the transaction that opens its room. The reminder is not sent any more."""
    meeting = open_meeting(request)
    if meeting is not None:
        meeting.state = transition(meeting.state, Event.HOLD)
        meeting.changed_at = now
        meeting.save(update_fields=["state", "changed_at"])
        settle(key=_key(meeting), now=now)


def open_meeting(request: Request) -> Meeting | None:
    """Return the meeting of a case that is asked for or agreed."""
    return request.meetings.filter(state__in=OPEN).first()


def possible_people(request: Request) -> list[Membership]:
    """Return who may be asked: who wrote the case, and the specialists of the asked hospital in its specialty."""
    asked = Membership.objects.filter(
        facility=request.hub_id, specialties=request.specialty_id, role="specialist", is_active=True
    )
    own = Membership.objects.filter(id=request.requester_id, is_active=True)
    return list(
        (own | asked).distinct().select_related("user", "facility").order_by("facility", "user__full_name")
    )


def _locked(hat: Hat, request_id: UUID, *, now: datetime) -> Request:
    request = access_request(hat, request_id, now=now, act=None, lock=True)
    if not rules.may_schedule(hat, request):
        raise NotAllowed(
            "meeting.not_yours", _("Chỉ bác sĩ hai bên của ca đang mở mới hẹn được giờ hội chẩn.")
        )
    return request


def _agree(meeting: Meeting, start: datetime, *, now: datetime) -> None:
    meeting.state = transition(meeting.state, Event.AGREE)
    meeting.starts_at, meeting.changed_at = start, now
    meeting.save(update_fields=["state", "starts_at", "changed_at"])
    people = [one.membership for one in meeting.invitees.select_related("membership")]
    _book(meeting, people, start, now=now)
    settle(key=_key(meeting), now=now)
    _tell(meeting, Kind.CONSULTATION_SET, people, start, now=now)
    _tell(meeting, Kind.CONSULTATION_SOON, people, start, now=now, not_before=start - REMIND_BEFORE)


def _book(meeting: Meeting, people: Sequence[Membership], start: datetime, *, now: datetime) -> None:
    during = range_of(Interval(start, start + timedelta(minutes=meeting.minutes)))
    first: Appointment | None = None
    try:
        with transaction.atomic():
            for membership in people:
                made = Appointment.objects.create(
                    code=make_code(secrets.choice),
                    link=make_link(secrets.choice),
                    status=Status.BOOKED,
                    kind=Purpose.CONSULTATION,
                    facility_id=membership.facility_id,
                    practitioner=membership,
                    person_id=membership.user_id,
                    patient=None if first else meeting.request.patient,
                    part_of=first,
                    during=during,
                    reference=_reference(meeting),
                    created_at=now,
                    booked_at=now,
                )
                first = first or made
    except IntegrityError:
        raise Conflict(
            "meeting.taken",
            _("Giờ này vừa có người trong nhóm bận việc khác. Câu trả lời chưa được ghi; hãy chọn giờ khác."),
        ) from None


def _take_back(meeting: Meeting, *, now: datetime) -> None:
    """Give back what was booked, and send no more reminders of it."""
    booked = Appointment.objects.filter(reference=_reference(meeting), status=Status.BOOKED)
    booked.update(status=Status.CANCELLED, ended_at=now)
    settle(key=_key(meeting), now=now)


def _tell(
    meeting: Meeting,
    kind: Kind,
    people: Sequence[Membership],
    start: datetime,
    *,
    now: datetime,
    not_before: datetime | None = None,
) -> None:
    local = start.astimezone(LOCAL)
    when = {"time": f"{local:%H:%M}"}
    if kind != Kind.CONSULTATION_SOON:
        when["date"] = f"{local:%d/%m/%Y}"
    notify_all(
        kind=kind,
        recipients=[ToUser(membership.user_id) for membership in people],
        key=_key(meeting),
        context=when,
        now=now,
        not_before=not_before,
        facility_id=meeting.request.facility_id,
        path=f"/requests/{meeting.request_id}/",
    )


def _key(meeting: Meeting) -> str:
    return f"meeting:{meeting.id}:{meeting.round}"


def _reference(meeting: Meeting) -> str:
    return f"request:{meeting.request_id}"
