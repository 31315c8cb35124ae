"""The state machines of a call and of one person's attendance in it, whole in this file.

Session:     waiting ── both sides in the room ──▶ live ── end ──▶ ended        (waiting ── end ──▶ ended)
Attendance:  waiting ── admit ──▶ admitted ── enter ──▶ in_room ⇄ away          (any ── leave ──▶ left)

`away` keeps the place of somebody whose line broke. `left ── arrive` starts again at the waiting room, or, for somebody
who was admitted before and not removed, at `admitted`. A pair that is not in the table has no effect when the
participant is already there (messages are repeated on bad lines) and is refused otherwise.
"""

from enum import StrEnum

from django.utils.translation import gettext as _

from telehealth.consultations.enums import Presence as P
from telehealth.core.errors import Conflict


class Move(StrEnum):
    ARRIVE = "arrive"
    ADMIT = "admit"
    ENTER = "enter"
    LOSE_LINE = "lose_line"
    LEAVE = "leave"


TABLE: dict[tuple[P, Move], P] = {
    (P.LEFT, Move.ARRIVE): P.WAITING,
    (P.WAITING, Move.ADMIT): P.ADMITTED,
    (P.ADMITTED, Move.ENTER): P.IN_ROOM,
    (P.AWAY, Move.ENTER): P.IN_ROOM,
    (P.IN_ROOM, Move.LOSE_LINE): P.AWAY,
    (P.ADMITTED, Move.LOSE_LINE): P.AWAY,
    (P.WAITING, Move.LEAVE): P.LEFT,
    (P.ADMITTED, Move.LEAVE): P.LEFT,
    (P.IN_ROOM, Move.LEAVE): P.LEFT,
    (P.AWAY, Move.LEAVE): P.LEFT,
}

_WITHOUT_EFFECT = {
    (P.WAITING, Move.ARRIVE),
    (P.ADMITTED, Move.ARRIVE),
    (P.IN_ROOM, Move.ARRIVE),
    (P.AWAY, Move.ARRIVE),
    (P.ADMITTED, Move.ADMIT),
    (P.IN_ROOM, Move.ADMIT),
    (P.AWAY, Move.ADMIT),
    (P.IN_ROOM, Move.ENTER),
    (P.WAITING, Move.LOSE_LINE),
    (P.AWAY, Move.LOSE_LINE),
    (P.LEFT, Move.LOSE_LINE),
    (P.LEFT, Move.LEAVE),
}


def move(state: str, event: Move) -> P | None:
    """Return the state after `event`, or None when it changes nothing.

    Raises:
        Conflict: `room.not_admitted` (entering without having been let in), `room.gone` (admitting somebody who left).
    """
    pair = (P(state), event)
    if pair in _WITHOUT_EFFECT:
        return None
    if pair in TABLE:
        return TABLE[pair]
    if event == Move.ENTER:
        raise Conflict("room.not_admitted", _("Anh/chị chưa được mời vào phòng."))
    raise Conflict("room.gone", _("Người này đã rời phòng."))
