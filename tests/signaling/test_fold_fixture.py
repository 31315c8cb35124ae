"""The room is folded twice, here and in the browser. One file holds both to the same result."""

import json
from pathlib import Path

from signaling.room import empty_room, fold
from telehealth.consultations.room_events import LoggedEvent, RoomEventBody, RoomSnapshot

FIXTURE = Path(__file__).parents[2] / "frontend" / "src" / "room" / "fold.fixture.json"


def test_every_event_of_the_shared_log_folds_to_the_shared_room() -> None:
    shared = json.loads(FIXTURE.read_text(encoding="utf-8"))
    log = [LoggedEvent.model_validate(event) for event in shared["events"]]
    expected = [RoomSnapshot.model_validate(room) for room in shared["rooms"]]
    room = empty_room(expected[0].session_id)
    folded = [room := fold(room, event) for event in log]
    assert folded == expected


def test_the_shared_log_holds_every_kind_of_event() -> None:
    shared = json.loads(FIXTURE.read_text(encoding="utf-8"))
    union = RoomEventBody.__origin__  # type: ignore[attr-defined]
    kinds = {body.model_fields["kind"].default for body in union.__args__}
    # Nobody writes that something is withheld: it is put in an event's place on its way to a guest.
    assert {event["body"]["kind"] for event in shared["events"]} == kinds - {"withheld"}
