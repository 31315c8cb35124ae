"""Keys of an encrypted room: between people inside, to whom they are meant for, never stored."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from pydantic import ValidationError

from signaling import effects as fx
from signaling.effects import Send
from signaling.protocol import messages as wire
from signaling.room import fold_all
from signaling.session import Session
from telehealth.consultations import room_events as events

AT = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
ROOM, ME, OTHER, THIRD = (UUID(int=n) for n in range(1, 5))
NONE = wire.Permissions(admit=False, mark_patient=False, remove=False, end_call=False)
INFO = events.ParticipantInfo(
    participant_id=ME, name="Lô Văn A", title="BS.", role="doctor", facility="BV", side="spoke"
)
WAITING = (events.ParticipantArrived(participant=INFO),)
INSIDE = (*WAITING, events.ParticipantAdmitted(participant_id=ME))
LEFT = (*INSIDE, events.ParticipantLeft(participant_id=ME, reason="left"))
ANNOUNCE = wire.AnnounceKey(public_key="BPub")
WRAP = wire.WrapKey(to=OTHER, public_key="BPub", wrapped="c2VjcmV0")


def session(*bodies: events.RoomEventBody, encrypted: bool = True) -> Session:
    log = [
        events.LoggedEvent(seq=seq, at=AT, body=body)
        for seq, body in enumerate((events.SessionOpened(encrypted=encrypted), *bodies), 1)
    ]
    one = Session(socket_id="b", now=0.0)
    one.receive(wire.Hello(), 0.0)
    one.receive(fx.RoomLoaded(ME, NONE, fold_all(ROOM, log), None), 0.0)
    return one


def test_a_public_key_goes_to_the_room_and_a_wrapped_one_names_its_addressee() -> None:
    one = session(*INSIDE)
    assert one.receive(ANNOUNCE, 0.0) == [fx.TellKey(ME, "BPub")]
    assert one.receive(WRAP, 0.0) == [fx.TellKey(ME, "BPub", OTHER, "c2VjcmV0")]


def test_what_is_heard_reaches_its_addressee_only() -> None:
    one = session(*INSIDE)
    assert one.receive(fx.KeyHeard(OTHER, "BOther"), 0.0) == [
        Send(wire.KeyAnnounced(participant_id=OTHER, public_key="BOther"))
    ]
    assert one.receive(fx.KeyHeard(OTHER, "BOther", ME, "aGk"), 0.0) == [
        Send(wire.KeyWrapped(participant_id=OTHER, public_key="BOther", wrapped="aGk"))
    ]
    assert one.receive(fx.KeyHeard(OTHER, "BOther", THIRD, "aGk"), 0.0) == []
    assert one.receive(fx.KeyHeard(ME, "BPub"), 0.0) == []


@pytest.mark.parametrize(
    "outside", [session(), session(*WAITING), session(*LEFT), session(*INSIDE, encrypted=False)]
)
def test_nobody_outside_and_no_plain_room_hears_or_tells_keys(outside: Session) -> None:
    assert outside.receive(ANNOUNCE, 0.0) == []
    assert outside.receive(WRAP, 0.0) == []
    assert outside.receive(fx.KeyHeard(OTHER, "BOther"), 0.0) == []
    assert outside.receive(fx.KeyHeard(OTHER, "BOther", ME, "aGk"), 0.0) == []


def test_keys_are_passed_from_the_moment_of_being_let_in_until_leaving() -> None:
    one = session(*WAITING)
    admitted = events.LoggedEvent(seq=3, at=AT, body=events.ParticipantAdmitted(participant_id=ME))
    one.receive(fx.LogRead((admitted,)), 0.0)
    assert one.receive(ANNOUNCE, 0.0) == [fx.TellKey(ME, "BPub")]
    left = events.LoggedEvent(seq=4, at=AT, body=events.ParticipantLeft(participant_id=ME, reason="lost"))
    one.receive(fx.LogRead((left,)), 0.0)
    assert one.receive(fx.KeyHeard(OTHER, "BOther", ME, "aGk"), 0.0) == []


def test_too_many_keys_are_ignored_and_the_socket_stays() -> None:
    one = session(*INSIDE)
    told = [one.receive(ANNOUNCE, 0.0) for _ in range(80)]
    assert [len(effects) for effects in told] == [1] * 60 + [0] * 20
    assert one.receive(ANNOUNCE, 10.0) == [fx.TellKey(ME, "BPub")]


@pytest.mark.parametrize(
    "message",
    [
        {"type": "e2ee_key", "public_key": "A" * 121},
        {"type": "e2ee_key", "public_key": ""},
        {"type": "e2ee_key", "public_key": "not base64url!"},
        {"type": "e2ee_wrapped", "to": str(OTHER), "public_key": "BPub", "wrapped": "A" * 241},
        {"type": "e2ee_wrapped", "to": "everybody", "public_key": "BPub", "wrapped": "AA"},
        {"type": "e2ee_wrapped", "public_key": "BPub", "wrapped": "AA"},
    ],
)
def test_a_key_that_is_too_long_or_for_nobody_is_no_message(message: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        wire.CLIENT_MESSAGE.validate_python(message)
