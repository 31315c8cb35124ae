"""The state machine of a meeting's time, whole in this file, and the rule by which a time is agreed.

proposed ── agree ──▶ agreed ── hold ──▶ held          (answer: stays proposed until one time suits everybody)
   ▲  │                 │  │
   │  └─── withdraw ────┼──┴─▶ withdrawn
   └────── move ────────┘
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from telehealth.consultations.enums import MeetingState as S
from telehealth.core.errors import Conflict


class Event(StrEnum):
    ANSWER = "answer"
    AGREE = "agree"
    MOVE = "move"
    WITHDRAW = "withdraw"
    HOLD = "hold"


TABLE: dict[tuple[S, Event], S] = {
    (S.PROPOSED, Event.ANSWER): S.PROPOSED,
    (S.PROPOSED, Event.AGREE): S.AGREED,
    (S.PROPOSED, Event.MOVE): S.PROPOSED,
    (S.PROPOSED, Event.WITHDRAW): S.WITHDRAWN,
    (S.PROPOSED, Event.HOLD): S.WITHDRAWN,  # they met without waiting for a time
    (S.AGREED, Event.MOVE): S.PROPOSED,
    (S.AGREED, Event.WITHDRAW): S.WITHDRAWN,
    (S.AGREED, Event.HOLD): S.HELD,
}

REFUSALS: dict[Event, Promise] = {
    Event.ANSWER: _("Giờ hội chẩn này đã được chốt hoặc đã rút. Hãy xem lại ca."),
    Event.AGREE: _("Giờ hội chẩn này đã được chốt hoặc đã rút. Hãy xem lại ca."),
    Event.MOVE: _("Giờ hội chẩn này đã rút hoặc cuộc họp đã diễn ra nên không đổi được."),
    Event.WITHDRAW: _("Giờ hội chẩn này đã rút hoặc cuộc họp đã diễn ra."),
    Event.HOLD: _("Giờ hội chẩn này đã rút."),
}


def transition(state: str, event: Event) -> S:
    """Return the state after `event`.

    Raises:
        Conflict: `meeting.wrong_state`; nothing was changed.
    """
    try:
        return TABLE[S(state), event]
    except KeyError:
        raise Conflict("meeting.wrong_state", REFUSALS[event], state=state, event=event.value) from None


def can(state: str, event: Event) -> bool:
    """Say whether the table has the pair, so that no button lies."""
    return (S(state), event) in TABLE


def agreed_time(times: Sequence[datetime], answers: Sequence[Collection[datetime] | None]) -> datetime | None:
    """Return the earliest time that suits everybody; None while somebody has not answered (None), or nothing suits all."""
    if not answers or any(answer is None for answer in answers):
        return None
    suits_all = [time for time in times if all(answer is not None and time in answer for answer in answers)]
    return min(suits_all, default=None)
