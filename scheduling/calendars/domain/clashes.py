"""What the database refuses about duties, as sentences that name the clash."""

from collections.abc import Sequence
from uuid import UUID

from django.db import IntegrityError
from django.utils.translation import gettext as _
from psycopg.errors import IntegrityError as RefusedByDatabase

from scheduling.calendars.enums import DutyRank
from scheduling.calendars.models import OnCallShift, Roster
from scheduling.calendars.ranges import interval_of, range_of
from scheduling.calendars.slots import Interval
from scheduling.calendars.words import stretch_text
from telehealth.accounts.models import Membership
from telehealth.core.errors import Conflict

Wanted = tuple[UUID, Membership, Roster, DutyRank, Interval]
"""A duty as it was to be: its id, who, where, as what, when."""


def shift_clash(error: IntegrityError, wanted: Sequence[Wanted]) -> Conflict:
    """Return the conflict that made the database refuse, with the duty that stands in the way.

    Raises:
        IntegrityError: `error` itself, when it is none of the constraints about duties.
    """
    cause = error.__cause__
    name = cause.diag.constraint_name if isinstance(cause, RefusedByDatabase) else None
    ours = [shift_id for shift_id, *_rest in wanted]
    standing = OnCallShift.objects.filter(cancelled_at=None).exclude(id__in=ours)
    standing = standing.select_related("facility", "membership__user")
    for _id, membership, roster, rank, during in wanted:
        others = standing.filter(during__overlap=range_of(during))
        person = membership.user.display_name
        if name == "shift_at_one_facility":
            there = others.filter(user=membership.user).exclude(facility=roster.facility).first()
            if there is not None:
                return Conflict(
                    "shift.elsewhere",
                    _(
                        "%(name)s đã trực tại %(facility)s %(when)s. Một người không hành nghề cùng lúc ở hai cơ sở"
                        " (Luật 15/2023/QH15, Điều 36). Lịch trực chưa đổi."
                    )
                    % {"name": person, "facility": there.facility.short_name, "when": _when(there)},
                    field="person",
                )
        elif name == "shift_one_place_per_person":
            there = others.filter(user=membership.user, roster=roster).first()
            if there is not None:
                return Conflict(
                    "shift.twice",
                    _("%(name)s đã có ca trực này, %(rank)s %(when)s. Lịch trực chưa đổi.")
                    % {
                        "name": person,
                        "rank": str(DutyRank(there.rank).label).lower(),
                        "when": _when(there),
                    },
                    field="person",
                )
        elif name == "shift_one_person_per_place":
            there = others.filter(roster=roster, rank=rank).first()
            if there is not None:
                return Conflict(
                    "shift.place_taken",
                    _("%(rank)s %(when)s đã có %(name)s. Lịch trực chưa đổi; hãy đổi người ở ca ấy.")
                    % {
                        "rank": rank.label,
                        "when": _when(there),
                        "name": there.membership.user.display_name,
                    },
                    field="starts",
                )
        else:
            raise error
    # Whoever stood in the way has gone since, or two of ours clash with each other.
    return Conflict(
        "shift.clash", _("Hai ca trực chồng nhau. Lịch trực chưa đổi; hãy tải lại trang rồi thử lại.")
    )


def _when(shift: OnCallShift) -> str:
    return stretch_text(interval_of(shift.during))
