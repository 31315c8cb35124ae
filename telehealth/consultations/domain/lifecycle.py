"""The state machine of a request (case), whole in this file.

Theory of operation: a request moves only through `transition`, on a row its caller holds locked. The table says which
event takes which state where; who may cause an event is said by `rules`. A pair that is not in the table is refused
with a sentence. A call ending never concludes a case: the request outlives its calls.

    draft ── submit ──▶ submitted ── claim ──▶ accepted ⇄ in_session        (open_session / end_session)
      │                                           ▲
      ├─ arrange (a visit) ───────────────────────┘   accepted, in_session ── complete (a visit) ──▶ closed
      │                    │   │                  │  │        │
      └─ cancel ──▶ cancelled ◀┴──── cancel ──────┘  └─ sign ─┴──▶ concluded ── decide ──▶ closed
                           └──────────── close (with a reason) ───────────────────────────▶ closed
"""

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from telehealth.consultations.enums import RequestState as S
from telehealth.core.errors import Conflict


class Event(StrEnum):
    SUBMIT = "submit"
    CLAIM = "claim"
    ARRANGE = "arrange"
    """A visit is booked with its practitioner: nobody has to claim it."""
    OPEN_SESSION = "open_session"
    END_SESSION = "end_session"
    SIGN = "sign"
    COMPLETE = "complete"
    """The practitioner of a visit signs its summary: who advises is who treats, so nothing is left to be decided."""
    DECIDE = "decide"
    CANCEL = "cancel"
    CLOSE = "close"


TABLE: dict[tuple[S, Event], S] = {
    (S.DRAFT, Event.SUBMIT): S.SUBMITTED,
    (S.DRAFT, Event.ARRANGE): S.ACCEPTED,
    (S.DRAFT, Event.CANCEL): S.CANCELLED,
    (S.SUBMITTED, Event.CLAIM): S.ACCEPTED,
    (S.SUBMITTED, Event.CANCEL): S.CANCELLED,
    (S.SUBMITTED, Event.CLOSE): S.CLOSED,
    (S.ACCEPTED, Event.OPEN_SESSION): S.IN_SESSION,
    (S.ACCEPTED, Event.SIGN): S.CONCLUDED,  # answered in writing
    (S.ACCEPTED, Event.COMPLETE): S.CLOSED,
    (S.ACCEPTED, Event.CANCEL): S.CANCELLED,
    (S.ACCEPTED, Event.CLOSE): S.CLOSED,
    (S.IN_SESSION, Event.OPEN_SESSION): S.IN_SESSION,
    (S.IN_SESSION, Event.END_SESSION): S.ACCEPTED,
    (S.IN_SESSION, Event.SIGN): S.CONCLUDED,
    (S.IN_SESSION, Event.COMPLETE): S.CLOSED,
    (S.CONCLUDED, Event.END_SESSION): S.CONCLUDED,
    (S.CONCLUDED, Event.DECIDE): S.CLOSED,
    (S.CONCLUDED, Event.CLOSE): S.CLOSED,
    (S.CLOSED, Event.END_SESSION): S.CLOSED,
}

REFUSALS: dict[Event, Promise] = {
    Event.SUBMIT: _("Yêu cầu này đã được gửi hoặc đã hủy, không gửi lại được."),
    Event.CLAIM: _("Ca này không còn chờ nhận."),
    Event.ARRANGE: _("Buổi khám từ xa này đã được lập."),
    Event.COMPLETE: _("Bản tóm tắt chỉ ký được một lần, khi buổi khám còn mở."),
    Event.OPEN_SESSION: _("Chỉ mở được phòng khi ca đã có bác sĩ nhận và chưa kết luận."),
    Event.END_SESSION: _("Ca này không có phòng đang mở."),
    Event.SIGN: _("Chỉ ký được kết luận khi ca đã được nhận và chưa kết luận."),
    Event.DECIDE: _("Chỉ ghi quyết định điều trị sau khi kết luận đã được ký."),
    Event.CANCEL: _(
        "Ca đang hội chẩn hoặc đã kết luận thì không hủy được. Hãy kết thúc cuộc gọi, hoặc đóng ca có lý do."
    ),
    Event.CLOSE: _("Ca ở trạng thái này không đóng được. Nếu đang hội chẩn, hãy kết thúc cuộc gọi trước."),
}


def transition(state: str, event: Event) -> S:
    """Return the state after `event`.

    Raises:
        Conflict: `request.wrong_state`; nothing was changed.
    """
    try:
        return TABLE[S(state), event]
    except KeyError:
        raise Conflict("request.wrong_state", REFUSALS[event], state=state, event=event.value) from None


def can(state: str, event: Event) -> bool:
    """Say whether the table has the pair, so that no button lies."""
    return (S(state), event) in TABLE
