"""How many bookings a person and a phone may have open, and who has to confirm theirs again. Counted under the contact's lock."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from scheduling.appointments.models import BookingPolicy
from telehealth.core.errors import Conflict

_LOCK = "SELECT 1 FROM appointments_contact WHERE id = %(contact)s FOR UPDATE"
_COUNT = """
SELECT
    count(*) FILTER (WHERE facility_id = %(facility)s AND status IN ('booked', 'arrived') AND upper(during) > %(now)s),
    count(*) FILTER (WHERE facility_id = %(facility)s AND status IN ('booked', 'arrived') AND upper(during) > %(now)s
        AND beneficiary_id = %(beneficiary)s),
    count(*) FILTER (WHERE beneficiary_id = %(beneficiary)s AND status = 'noshow' AND ended_at > %(since)s)
    + (SELECT count(*) FROM appointments_registration WHERE contact_id = %(contact)s AND beneficiary_id = %(beneficiary)s
        AND status = 'noshow' AND ended_at > %(since)s)
FROM appointments_appointment WHERE contact_id = %(contact)s
"""
_COUNT_SESSION = """
SELECT
    count(*) FILTER (WHERE exam_session_id = %(session)s AND status IN ('pending', 'booked', 'arrived')),
    count(*) FILTER (WHERE beneficiary_id = %(beneficiary)s AND status = 'noshow' AND ended_at > %(since)s)
    + (SELECT count(*) FROM appointments_appointment WHERE contact_id = %(contact)s AND beneficiary_id = %(beneficiary)s
        AND status = 'noshow' AND ended_at > %(since)s)
FROM appointments_registration WHERE contact_id = %(contact)s
"""
# Whoever is booked for by staff keeps their phone as the booking's contact, so a contact's rows are all there are of its people.


def check_limits(*, contact_id: UUID, beneficiary_id: UUID, policy: BookingPolicy, now: datetime) -> int:
    """Lock the contact and return how many visits the person missed of late, at any facility.

    Raises:
        Conflict: `booking.too_many_for_person`, `booking.too_many_for_phone`.
    """
    with connection.cursor() as cursor:
        # Two statements: what the second counts must be seen after the lock is had.
        cursor.execute(_LOCK, {"contact": contact_id})
        cursor.execute(
            _COUNT,
            {
                "contact": contact_id,
                "beneficiary": beneficiary_id,
                "facility": policy.facility_id,
                "now": now,
                "since": now - timedelta(days=policy.no_show_days),
            },
        )
        of_phone, of_person, missed = cursor.fetchone()
    if of_person >= policy.per_person:
        raise Conflict(
            "booking.too_many_for_person",
            _(
                "Người này đã có %(n)s lịch hẹn sắp tới tại đây, là số nhiều nhất được đặt. Hãy hủy bớt một lịch."
            )
            % {"n": of_person},
        )
    if of_phone >= policy.per_phone:
        raise Conflict(
            "booking.too_many_for_phone",
            _(
                "Số điện thoại này đã có %(n)s lịch hẹn sắp tới tại đây. Cần thêm, hãy nhờ quầy tiếp đón đặt giúp."
            )
            % {"n": of_phone},
        )
    return int(missed)


def check_session_limits(
    *, contact_id: UUID, beneficiary_id: UUID, session_id: int, policy: BookingPolicy, now: datetime
) -> int:
    """Lock the contact and return how many visits the person missed of late. As `check_limits`, for one exam session.

    Raises:
        Conflict: `registration.too_many_for_phone`.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, {"contact": contact_id})
        cursor.execute(
            _COUNT_SESSION,
            {
                "contact": contact_id,
                "beneficiary": beneficiary_id,
                "session": session_id,
                "since": now - timedelta(days=policy.no_show_days),
            },
        )
        of_phone, missed = cursor.fetchone()
    if of_phone >= policy.per_phone_session:
        raise Conflict(
            "registration.too_many_for_phone",
            _(
                "Số điện thoại này đã đăng ký %(n)s người trong buổi đó. Hãy chọn buổi khác, hoặc đến quầy tiếp đón."
            )
            % {"n": of_phone},
        )
    return int(missed)
