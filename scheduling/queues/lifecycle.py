"""The state machine of a queue number, whole in this file.

Theory of operation: a number moves only through `transition`, while its area's log is locked. Undoing is not a move: it puts
back what the log says the number was before the last act (`domain.undo`).

    waiting ── call ──▶ called ── start ──▶ serving ── finish ──▶ done
       ▲                 │ ▲ └──────────── finish ───────────────▶ done
       │                 │ └─ call (after N calls) ─┐
       │                 ├─ skip ──▶ skipped ───────┤
       │                 └─ put back ─▶ returned ───┘   skipped ── put back ──▶ returned
       └──── send (to another room) ── any that is live
    any that is live ── move (to another service) ──▶ moved;   any but serving ── cancel ──▶ cancelled
"""

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from scheduling.queues.enums import TicketState as T
from telehealth.core.errors import Conflict


class Step(StrEnum):
    CALL = "call"
    RECALL = "recall"
    START = "start"
    SKIP = "skip"
    PUT_BACK = "put_back"
    SEND = "send"
    MOVE = "move"
    FINISH = "finish"
    CANCEL = "cancel"


TABLE: dict[tuple[T, Step], T] = {
    (T.WAITING, Step.CALL): T.CALLED,
    (T.WAITING, Step.SEND): T.WAITING,
    (T.WAITING, Step.MOVE): T.MOVED,
    (T.WAITING, Step.CANCEL): T.CANCELLED,
    (T.RETURNED, Step.CALL): T.CALLED,
    (T.RETURNED, Step.SEND): T.WAITING,
    (T.RETURNED, Step.MOVE): T.MOVED,
    (T.RETURNED, Step.CANCEL): T.CANCELLED,
    (T.SKIPPED, Step.CALL): T.CALLED,
    (T.SKIPPED, Step.PUT_BACK): T.RETURNED,
    (T.SKIPPED, Step.SEND): T.WAITING,
    (T.SKIPPED, Step.MOVE): T.MOVED,
    (T.SKIPPED, Step.CANCEL): T.CANCELLED,
    (T.CALLED, Step.RECALL): T.CALLED,
    (T.CALLED, Step.START): T.SERVING,
    (T.CALLED, Step.SKIP): T.SKIPPED,
    (T.CALLED, Step.PUT_BACK): T.RETURNED,
    (T.CALLED, Step.SEND): T.WAITING,
    (T.CALLED, Step.MOVE): T.MOVED,
    (T.CALLED, Step.FINISH): T.DONE,
    (T.CALLED, Step.CANCEL): T.CANCELLED,
    (T.SERVING, Step.PUT_BACK): T.RETURNED,  # sent for a test, and comes back
    (T.SERVING, Step.SEND): T.WAITING,
    (T.SERVING, Step.MOVE): T.MOVED,
    (T.SERVING, Step.FINISH): T.DONE,
}

REFUSALS: dict[Step, Promise] = {
    Step.CALL: _("Số này đã được gọi hoặc đã xong. Không có gì thay đổi; hãy gọi số khác."),
    Step.RECALL: _("Chỉ gọi lại được số vừa gọi mà chưa vào."),
    Step.START: _("Số này không ở trạng thái đã gọi. Không có gì thay đổi."),
    Step.SKIP: _("Chỉ ghi vắng được số đã gọi mà chưa vào."),
    Step.PUT_BACK: _("Số này không cho quay lại chờ được: đang chờ sẵn, hoặc đã xong."),
    Step.SEND: _("Số này đã xong hoặc đã hủy, không chuyển phòng được."),
    Step.MOVE: _("Số này đã xong hoặc đã hủy, không chuyển dịch vụ được."),
    Step.FINISH: _("Số này chưa được gọi hoặc đã xong. Không có gì thay đổi."),
    Step.CANCEL: _("Số đang khám hoặc đã xong thì không hủy được."),
}


def transition(state: str, step: Step) -> T:
    """Return the state after `step`.

    Raises:
        Conflict: `queue.wrong_state`; nothing was changed.
    """
    try:
        return TABLE[T(state), step]
    except KeyError:
        raise Conflict("queue.wrong_state", REFUSALS[step], state=str(state), step=step.value) from None


def can(state: str, step: Step) -> bool:
    """Say whether the table has the pair, so that no button lies."""
    return (T(state), step) in TABLE
