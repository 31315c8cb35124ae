"""Taking a number: one statement, so that numbers have no gaps and no twins, and the counter is locked for no longer than that.

The statement locks the area's log row first, then the service's counter, as everything that changes an area does.
"""

import json
import secrets
from collections.abc import Set
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from scheduling.calendars.slots import Interval
from scheduling.queues.domain.hints import hint_area
from scheduling.queues.enums import EventKind, PriorityReason, TicketSource, TicketState
from scheduling.queues.models import QueueArea, QueueRoom, QueueService, Ticket
from scheduling.queues.names import mask_name
from scheduling.queues.queue_events import TicketInfo
from scheduling.queues.rules import series_of
from telehealth.accounts.hat import Hat
from telehealth.audit.log import record
from telehealth.core.errors import Conflict, Invalid
from telehealth.core.ids import uuid7
from telehealth.facilities.models import Facility

TOKEN_BYTES = 16


_TAKE = """
WITH log AS (
    INSERT INTO queues_arealog (area_id, seq) VALUES (%(area)s, 1)
    ON CONFLICT (area_id) DO UPDATE SET seq = queues_arealog.seq + 1
    RETURNING seq
), counter AS (
    INSERT INTO queues_queuecounter (service_id, day, series, value)
    SELECT %(service)s, %(day)s, %(series)s, 1 FROM log
    ON CONFLICT (service_id, day, series) DO UPDATE SET value = queues_queuecounter.value + 1
    RETURNING value
), ticket AS (
    INSERT INTO queues_ticket (
        id, service_id, area_id, day, series, number, code, state, label, reference, source, priority_reasons,
        window_start, window_end, taken_at, room_id, calls, skips, back_at, moved_from_id, token, key
    )
    SELECT
        %(id)s, %(service)s, %(area)s, %(day)s, %(series)s, value,
        %(prefix)s || lpad(value::text, greatest(3, length(value::text)), '0'),
        %(state)s, %(label)s, %(reference)s, %(source)s, %(reasons)s, %(window_start)s, %(window_end)s, %(now)s,
        %(kept_room)s, 0, 0, %(back_at)s, %(moved_from)s, %(token)s, %(key)s
    FROM counter
    RETURNING number, code
)
INSERT INTO queues_queueevent (area_id, seq, at, day, act, kind, ticket_id, room_id, by_id, body)
SELECT %(area)s, seq, %(now)s, %(day)s, %(act)s, %(kind)s, %(id)s, %(room)s, %(by)s,
       %(body)s::jsonb || jsonb_build_object('code', code)
FROM log, ticket
RETURNING seq, (SELECT number FROM ticket), (SELECT code FROM ticket)
"""


def take_number(
    *,
    facility: Facility,
    area: QueueArea,
    service: QueueService,
    day: date,
    priority_reasons: Set[PriorityReason],
    source: TicketSource,
    window: Interval | None,
    label: str,
    reference: str,
    now: datetime,
    hat: Hat | None = None,
    key: UUID | None = None,
) -> Ticket:
    """Take the next number of a service on a day.

    Args:
        priority_reasons: what the person says or a card shows; they choose the series (C before U before A).
        window: for who registered online: the arrival window that was promised. It counts when they come by its end.
        label: the person's name; stored masked, whatever is given. "" when nobody asked.
        reference: whose number it is, to who asks for it: "registration:<id>". Never shown.
        hat: the person at the desk who gives it out; None at a kiosk. The area's log is the record of numbers nobody gave.
        key: of the command; the same key again gets the same number.

    Raises:
        Invalid: `queue.not_here`, the three do not belong together; Conflict: `queue.closed`.
    """
    if service.area_id != area.id or area.facility_id != facility.id:
        raise Invalid(
            "queue.not_here", _("Dịch vụ này không thuộc khu vực đã chọn. Chưa lấy số; hãy chọn lại dịch vụ.")
        )
    if not (area.is_active and service.is_active):
        raise Conflict(
            "queue.closed", _("Dịch vụ này hiện không phát số. Chưa lấy số; hãy hỏi quầy hướng dẫn.")
        )
    if key is not None and (taken := Ticket.objects.filter(key=key).first()) is not None:
        return taken
    ticket = Ticket(
        id=uuid7(),
        service=service,
        area=area,
        day=day,
        series=series_of(priority_reasons),
        state=TicketState.WAITING,
        label=mask_name(label)[:60],
        reference=reference,
        source=source,
        priority_reasons=sorted(priority_reasons),
        window_start=window.start if window else None,
        window_end=window.end if window else None,
        taken_at=now,
        token=secrets.token_urlsafe(TOKEN_BYTES),
        key=key,
    )
    try:
        with transaction.atomic():
            number_ticket(ticket, act=key or ticket.id, by=hat, now=now)
            if hat is not None:
                record(
                    "queue.taken", now=now, hat=hat, object_type="queue", object_id=area.id, code=ticket.code
                )
    except IntegrityError:
        taken = Ticket.objects.filter(key=key).first() if key is not None else None
        if taken is None:
            raise
        return taken
    return ticket


def number_ticket(
    ticket: Ticket, *, act: UUID, by: Hat | None, now: datetime, room: QueueRoom | None = None
) -> int:
    """Give an unsaved ticket its number, store it and log it, in one statement; return the log's sequence."""
    body = info_of(ticket, code="").model_dump(mode="json", exclude={"code"})
    with connection.cursor() as cursor:
        cursor.execute(
            _TAKE,
            {
                "id": ticket.id,
                "service": ticket.service_id,
                "area": ticket.area_id,
                "day": ticket.day,
                "series": str(ticket.series),
                "prefix": f"{ticket.series}{ticket.service.mark}",
                "state": str(ticket.state),
                "label": ticket.label,
                "reference": ticket.reference,
                "source": str(ticket.source),
                "reasons": [str(reason) for reason in ticket.priority_reasons],
                "window_start": ticket.window_start,
                "window_end": ticket.window_end,
                "now": now,
                "kept_room": ticket.room_id,
                "back_at": ticket.back_at,
                "moved_from": ticket.moved_from_id,
                "token": ticket.token,
                "key": ticket.key,
                "act": act,
                "kind": EventKind.TAKEN.value,
                "room": room.id if room else None,
                "by": by.membership.id if by else None,
                "body": json.dumps(body),
            },
        )
        seq, ticket.number, ticket.code = cursor.fetchone()
    ticket._state.adding = False
    ticket._state.db = connection.alias
    hint_area(ticket.area_id, int(seq))
    return int(seq)


def info_of(ticket: Ticket, *, code: str | None = None) -> TicketInfo:
    """Return a number as the area's log and its watchers see it."""
    return TicketInfo.model_validate(
        {
            "ticket_id": ticket.id,
            "code": ticket.code if code is None else code,
            "series": str(ticket.series),
            "label": ticket.label,
            "service_id": ticket.service_id,
            "room_id": ticket.room_id,
            "state": str(ticket.state),
            "taken_at": ticket.taken_at,
            "called_at": ticket.called_at,
            "calls": ticket.calls,
            "skips": ticket.skips,
            "from_online": ticket.source == TicketSource.ONLINE,
        }
    )
