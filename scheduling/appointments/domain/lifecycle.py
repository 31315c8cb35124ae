"""The state machines of a booking and of a wish on the waiting list, whole in this file.

Theory of operation: an appointment and a registration move only through `transition`, on a row their caller holds locked. A
pair that is not in the table is refused with a sentence. A hold that expired is not a state: its row is removed by whoever
wants the place next, in the same transaction, so a dead worker never keeps a place from anybody.

    hold ──▶ pending ── confirm ──▶ booked ⇄ move ──▶ arrived ──▶ fulfilled
                │                    │  ▲  └ miss ──▶ noshow        ▲ (fulfil)
             release                 │  └── unarrive ──┘ │          │
                ▼                 cancel                 ├─ arrive ─┘  (came after all, or was marked by mistake)
            (removed)                ▼                   └─ excuse ──▶ cancelled
                                 cancelled

    waiting ── offer ──▶ offered ── take ──▶ taken
       ▲  └ leave ▶ left  │  │ └ leave ──▶ left
       └──── pass (first) ┘  └── give_up (declined for good, or passed too often) ──▶ lapsed
"""

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from scheduling.appointments.enums import Status as S
from scheduling.appointments.enums import WaitingState as W
from telehealth.core.errors import Conflict


class Event(StrEnum):
    CONFIRM = "confirm"
    RELEASE = "release"
    MOVE = "move"
    ANSWER = "answer"
    CANCEL = "cancel"
    ARRIVE = "arrive"
    UNARRIVE = "unarrive"
    FULFIL = "fulfil"
    MISS = "miss"
    EXCUSE = "excuse"


TABLE: dict[tuple[S, Event], S] = {
    (S.PENDING, Event.CONFIRM): S.BOOKED,
    (S.PENDING, Event.RELEASE): S.CANCELLED,  # the row itself is removed
    (S.BOOKED, Event.MOVE): S.BOOKED,
    (S.BOOKED, Event.ANSWER): S.BOOKED,
    (S.BOOKED, Event.CANCEL): S.CANCELLED,
    (S.BOOKED, Event.ARRIVE): S.ARRIVED,
    (S.BOOKED, Event.FULFIL): S.FULFILLED,  # a remote visit has no desk to arrive at
    (S.BOOKED, Event.MISS): S.NO_SHOW,
    (S.ARRIVED, Event.UNARRIVE): S.BOOKED,
    (S.ARRIVED, Event.FULFIL): S.FULFILLED,
    (S.ARRIVED, Event.CANCEL): S.CANCELLED,  # had to leave before being seen
    (S.NO_SHOW, Event.ARRIVE): S.ARRIVED,
    (S.NO_SHOW, Event.EXCUSE): S.CANCELLED,
}

REFUSALS: dict[Event, Promise] = {
    Event.CONFIRM: _(
        "Chỗ này không còn ở trạng thái giữ. Hãy xem lại lịch hẹn của mình, hoặc chọn giờ khác."
    ),
    Event.RELEASE: _("Chỗ này đã được đặt, không còn là chỗ giữ tạm. Nếu không cần nữa, hãy hủy lịch hẹn."),
    Event.MOVE: _(
        "Chỉ đổi được giờ của lịch hẹn chưa diễn ra. Lịch này đã xong hoặc đã hủy; hãy đặt lịch mới."
    ),
    Event.ANSWER: _("Lịch hẹn này đã xong hoặc đã hủy, không cần xác nhận nữa."),
    Event.CANCEL: _("Lịch hẹn này đã xong hoặc đã hủy từ trước. Không có gì thay đổi."),
    Event.ARRIVE: _("Lịch hẹn này đã hủy hoặc đã khám xong, không ghi nhận đến được."),
    Event.UNARRIVE: _("Lịch hẹn này chưa được ghi nhận đến, hoặc đã khám xong."),
    Event.FULFIL: _("Chỉ ghi khám xong cho lịch hẹn đang chờ hoặc đã đến."),
    Event.MISS: _("Chỉ ghi vắng cho lịch hẹn đã đặt mà người bệnh chưa đến."),
    Event.EXCUSE: _("Chỉ bỏ ghi vắng cho lịch hẹn đang ghi là không đến."),
}


class WaitingEvent(StrEnum):
    OFFER = "offer"
    TAKE = "take"
    PASS = "pass"  # noqa: S105 -- lets an offer pass
    GIVE_UP = "give_up"
    LEAVE = "leave"


WAITING_TABLE: dict[tuple[W, WaitingEvent], W] = {
    (W.WAITING, WaitingEvent.OFFER): W.OFFERED,
    (W.WAITING, WaitingEvent.LEAVE): W.LEFT,
    (W.WAITING, WaitingEvent.GIVE_UP): W.LAPSED,  # its last day has passed
    (W.OFFERED, WaitingEvent.TAKE): W.TAKEN,
    (W.OFFERED, WaitingEvent.PASS): W.WAITING,
    (W.OFFERED, WaitingEvent.GIVE_UP): W.LAPSED,
    (W.OFFERED, WaitingEvent.LEAVE): W.LEFT,
}

WAITING_REFUSALS: dict[WaitingEvent, Promise] = {
    WaitingEvent.OFFER: _("Người này không còn chờ."),
    WaitingEvent.TAKE: _("Lời mời này không còn hiệu lực. Nếu vẫn cần, hãy ghi tên chờ lại."),
    WaitingEvent.PASS: _("Lời mời này không còn hiệu lực."),
    WaitingEvent.GIVE_UP: _("Người này không còn trong danh sách chờ."),
    WaitingEvent.LEAVE: _("Tên này đã rời danh sách chờ từ trước. Không có gì thay đổi."),
}


def transition(status: str, event: Event) -> S:
    """Return the status after `event`.

    Raises:
        Conflict: `booking.wrong_state`; nothing was changed.
    """
    try:
        return TABLE[S(status), event]
    except KeyError:
        raise Conflict("booking.wrong_state", REFUSALS[event], status=status, event=event.value) from None


def can(status: str, event: Event) -> bool:
    """Say whether the table has the pair, so that no button lies."""
    return (S(status), event) in TABLE


def waiting_transition(state: str, event: WaitingEvent) -> W:
    """Return the state of a wish after `event`.

    Raises:
        Conflict: `waiting.wrong_state`; nothing was changed.
    """
    try:
        return WAITING_TABLE[W(state), event]
    except KeyError:
        raise Conflict(
            "waiting.wrong_state", WAITING_REFUSALS[event], state=state, event=event.value
        ) from None
