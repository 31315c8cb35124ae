"""Places in exam sessions: taken in one statement from a counter row, so that none is given twice and none is lost."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from scheduling.appointments import rules
from scheduling.appointments.models import BookingPolicy, ExamService, ExamSession
from scheduling.calendars.domain.queries import facility_days
from scheduling.calendars.enums import SessionKind
from scheduling.calendars.patterns import Session, days_between
from telehealth.core.errors import Conflict

_TAKE = """
UPDATE appointments_examsession SET
    last = CASE WHEN cardinality(freed) = 0 THEN issued + 1 ELSE freed[1] END,
    issued = CASE WHEN cardinality(freed) = 0 THEN issued + 1 ELSE issued END,
    freed = freed[2:]
WHERE id = %s AND issued - cardinality(freed) < capacity
RETURNING last, capacity
"""


@dataclass(frozen=True)
class SessionPlaces:
    """How full a session of a service is. `left` may be 0; a session that is not worked is not listed."""

    service: ExamService
    day: date
    session: SessionKind
    opens: datetime
    closes: datetime
    capacity: int
    taken: int

    @property
    def left(self) -> int:
        return max(0, self.capacity - self.taken)


def take_place(session_id: int) -> tuple[int, int]:
    """Return the lowest free place of a session and how many places it has. In the caller's transaction: undone with it.

    Raises:
        Conflict: `session.full`.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [session_id])
        row = cursor.fetchone()
    if row is None:
        raise Conflict(
            "session.full",
            _("Buổi khám này vừa hết chỗ. Hãy chọn buổi khác, hoặc ghi tên chờ: có chỗ trống sẽ được nhắn."),
        )
    return int(row[0]), int(row[1])


@transaction.atomic
def give_back_place(*, session_id: int, place: int) -> None:
    """Make a place free again; it is given out next, lowest first."""
    session = ExamSession.objects.select_for_update().get(id=session_id)
    freed = sorted({*session.freed, place})
    # Places at the end need not be remembered: issuing goes on from there.
    while freed and freed[-1] == session.issued:
        freed.pop()
        session.issued -= 1
    session.freed = freed
    session.save(update_fields=["freed", "issued"])


def open_session(
    *, service: ExamService, day: date, session: SessionKind, policy: BookingPolicy
) -> ExamSession:
    """Return the counter row of a session, made when it is first asked for.

    Raises:
        Conflict: `session.not_open`, when the service has no such session that day (a holiday, the wrong weekday).
    """
    known = ExamSession.objects.filter(service=service, day=day, session=session).first()
    if known is not None:
        return known
    worked = _worked(service, (day, day)).get((day, session))
    if worked is None:
        raise Conflict(
            "session.not_open",
            _("Cơ sở không khám dịch vụ này vào buổi đã chọn. Hãy chọn ngày hoặc buổi khác."),
        )
    made, _new = ExamSession.objects.get_or_create(
        service=service,
        day=day,
        session=session,
        defaults={
            "capacity": rules.with_overbooking(service.capacity, policy),
            "opens": worked.interval.start,
            "closes": worked.interval.end,
        },
    )
    return made


def open_sessions(
    *, service: ExamService, days: tuple[date, date], policy: BookingPolicy, now: datetime
) -> list[SessionPlaces]:
    """Return the sessions of a service one can still register for, with what is left, in order; full ones too."""
    first, last = rules.bookable_days(policy, now=now)
    first, last = max(first, days[0]), min(last, days[1])
    if first > last or not service.is_active:
        return []
    rows = {
        (row.day, row.session): row
        for row in ExamSession.objects.filter(service=service, day__range=(first, last))
    }
    found = []
    for (day, kind), worked in sorted(
        _worked(service, (first, last)).items(), key=lambda item: item[1].interval
    ):
        if worked.interval.end <= now:
            continue
        row = rows.get((day, kind))
        found.append(
            SessionPlaces(
                service=service,
                day=day,
                session=SessionKind(kind),
                opens=row.opens if row else worked.interval.start,
                closes=row.closes if row else worked.interval.end,
                capacity=row.capacity if row else rules.with_overbooking(service.capacity, policy),
                taken=row.issued - len(row.freed) if row else 0,
            )
        )
    return found


@transaction.atomic
def set_capacity(*, session_id: int, capacity: int) -> None:
    """Change how many places a session has. Who is registered keeps their place even beyond it."""
    ExamSession.objects.filter(id=session_id).update(capacity=capacity)


def _worked(service: ExamService, days: tuple[date, date]) -> dict[tuple[date, str], Session]:
    """Return the sessions in which a service examines."""
    house = facility_days([service.facility_id], days)[service.facility_id]
    wanted = set(service.sessions) or {SessionKind.MORNING, SessionKind.AFTERNOON}
    return {
        (day, session.kind): session
        for day in days_between(*days)
        if not service.weekdays or day.isoweekday() in service.weekdays
        for session in house.sessions(day)
        if session.kind in wanted
    }


def service_of(facility_id: UUID, key: str) -> ExamService | None:
    """Return a service one can register for at a facility, by its key."""
    return ExamService.objects.filter(facility_id=facility_id, key=key, is_active=True).first()
