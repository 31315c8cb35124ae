"""When the people of a case meet: the sheet of both sides' time, proposing, answering, calling off, the invitation file."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from scheduling.calendars.ical import Entry, Party, invitation_file
from scheduling.calendars.patterns import LOCAL
from scheduling.calendars.slots import Interval
from telehealth.accounts.hat import Hat
from telehealth.consultations import rules
from telehealth.consultations.access import access_request
from telehealth.consultations.domain.meeting_sheet import sheet
from telehealth.consultations.domain.meetings import (
    answer_times,
    open_meeting,
    possible_people,
    propose_times,
    withdraw_meeting,
)
from telehealth.consultations.enums import MeetingState
from telehealth.consultations.models import Meeting, Request
from telehealth.core import clock
from telehealth.core.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from telehealth.web.http import with_hat

MINUTES = 30
REFUSALS = (Conflict, Invalid, NotAllowed)


@require_GET
@with_hat
def panel(request: HttpRequest, hat: Hat, request_id: UUID) -> HttpResponseBase:
    """Show whose time is free when, what is proposed, and what was agreed."""
    row = access_request(hat, request_id, now=clock.now(), act=None)
    return render(request, "cases/meeting.html", _context(hat, row))


def act_on_meeting(
    view: Callable[[HttpRequest, Hat, UUID], str],
) -> Callable[..., HttpResponseBase]:
    """Make a view of an act that says what was done; a refusal shows the sheet as it is, with the sentence on top."""

    def guarded(request: HttpRequest, hat: Hat, /, request_id: UUID) -> HttpResponseBase:
        try:
            done = view(request, hat, request_id)
        except REFUSALS as error:
            row = access_request(hat, request_id, now=clock.now(), act=None)
            context = _context(hat, row, error=error, typed=request.POST.getlist("times"))
            return render(request, "cases/meeting.html", context, status=error.status)
        messages.success(request, done)
        return redirect("meeting", request_id=request_id)

    return require_POST(with_hat(guarded))


@act_on_meeting
def propose(request: HttpRequest, hat: Hat, request_id: UUID) -> str:
    propose_times(
        hat=hat,
        request_id=request_id,
        times=_times(request.POST.getlist("times")),
        people=_ids(request.POST.getlist("people")),
        minutes=_minutes(request.POST.get("minutes", "")),
        now=clock.now(),
    )
    return _("Đã gửi đề nghị giờ. Những người được mời đã được báo.")


@act_on_meeting
def answer(request: HttpRequest, hat: Hat, request_id: UUID) -> str:
    accepts = _times(request.POST.getlist("times"))
    meeting = answer_times(hat=hat, request_id=request_id, accepts=accepts, now=clock.now())
    if meeting.state == MeetingState.AGREED:
        return _("Đã chốt giờ hội chẩn; mọi người đã được báo và sẽ được nhắc trước 15 phút.")
    return _("Đã ghi câu trả lời của anh/chị.")


@act_on_meeting
def withdraw(request: HttpRequest, hat: Hat, request_id: UUID) -> str:
    withdraw_meeting(hat=hat, request_id=request_id, now=clock.now())
    return _("Đã rút giờ hội chẩn. Ca không thay đổi.")


@require_GET
@with_hat
def invitation(request: HttpRequest, hat: Hat, request_id: UUID) -> HttpResponseBase:
    """Return the agreed time as an iCalendar file. It names the case by its code only: calendars lie open on many screens."""
    row = access_request(hat, request_id, now=clock.now(), act=None)
    meeting = open_meeting(row)
    if meeting is None or meeting.starts_at is None:
        raise NotFound("meeting.not_found", _("Ca này chưa chốt giờ hội chẩn."))
    entry = Entry(
        uid=f"meeting-{meeting.id}@telehealth",
        what=_("Hội chẩn %(code)s") % {"code": row.code},
        when=Interval(meeting.starts_at, meeting.starts_at + timedelta(minutes=meeting.minutes)),
        changed_at=meeting.changed_at,
        url=request.build_absolute_uri(reverse("case", args=[row.id])),
        sequence=meeting.round,
    )
    people = [one.membership.user for one in meeting.invitees.select_related("membership__user")]
    body = invitation_file(
        entry,
        organizer=Party(meeting.proposed_by.user.display_name, meeting.proposed_by.user.email),
        attendees=[Party(user.display_name, user.email) for user in people],
    )
    headers = {"Content-Disposition": f'attachment; filename="hoi-chan-{row.code}.ics"'}
    return HttpResponse(body, content_type="text/calendar; charset=utf-8", headers=headers)


def _context(
    hat: Hat, row: Request, *, error: DomainError | None = None, typed: list[str] | None = None
) -> dict[str, Any]:
    now = clock.now()
    meeting = open_meeting(row)
    may_schedule = rules.may_schedule(hat, row)
    people = possible_people(row) if may_schedule else []
    page = sheet(people, minutes=meeting.minutes if meeting else MINUTES, now=now) if people else None
    return {
        "case": row,
        "error": error,
        "typed": typed or [],
        "meeting": meeting,
        "invitees": _invitees(meeting),
        "may_answer": meeting is not None
        and meeting.state == MeetingState.PROPOSED
        and meeting.invitees.filter(membership=hat.membership).exists(),
        "may_schedule": may_schedule,
        "people": [one for one in page.people if one.membership.id != hat.membership.id] if page else [],
        "sheet": page,
        "minutes": MINUTES,
    }


def _invitees(meeting: Meeting | None) -> list[Any]:
    return (
        list(meeting.invitees.select_related("membership__user", "membership__facility")) if meeting else []
    )


def _times(texts: list[str]) -> list[datetime]:
    """Return the moments chosen, or typed as local time; what is none is left out."""
    found = [parse_datetime(text) for text in texts if text]
    return [time if time.tzinfo else time.replace(tzinfo=LOCAL) for time in found if time is not None]


def _ids(texts: list[str]) -> list[UUID]:
    try:
        return [UUID(text) for text in texts]
    except ValueError:
        return [UUID(int=0)]  # somebody nobody finds


def _minutes(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0
