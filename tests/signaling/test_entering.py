"""Somebody who was let in gets in, even when the database was away at the first try."""

from datetime import UTC, datetime
from uuid import UUID

from signaling import effects as fx
from signaling.protocol import messages as wire
from signaling.session import ENTER_AGAIN_SECONDS, Session
from telehealth.consultations import room_events as events

ME = UUID(int=1)
AT = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
PERMISSIONS = wire.Permissions(admit=False, mark_patient=False, remove=False, end_call=False)


def room(state: events.PresenceState) -> fx.RoomLoaded:
    info = events.ParticipantInfo(
        participant_id=ME, name="Lô Văn A", title="BS.", role="doctor", facility="BV 1", side="spoke"
    )
    snapshot = events.RoomSnapshot(
        session_id=UUID(int=2),
        seq=3,
        state="waiting",
        epoch=0,
        patient_present=False,
        opened_at=AT,
        live_since=None,
        ended_at=None,
        end_reason=None,
        participants=(events.RoomParticipant(info=info, state=state),),
        chat=(),
    )
    return fx.RoomLoaded(participant_id=ME, permissions=PERMISSIONS, snapshot=snapshot, missed=None)


def entering(session: Session, now: float) -> list[fx.Effect]:
    return [effect for effect in session.receive(fx.Ticked(), now) if isinstance(effect, fx.Enter)]


def test_asks_again_until_it_is_in() -> None:
    session = Session(socket_id="a", now=0)
    session.receive(wire.Hello(), 0)
    assert fx.Enter() in session.receive(room("admitted"), 0)
    assert entering(session, 1) == []
    assert entering(session, 1 + ENTER_AGAIN_SECONDS) == [fx.Enter()]
    entered = events.LoggedEvent(seq=4, at=AT, body=events.ParticipantEntered(participant_id=ME))
    session.receive(fx.LogRead((entered,)), 5)
    assert entering(session, 6) == []
    assert entering(session, 6 + ENTER_AGAIN_SECONDS) == []


def test_does_not_ask_while_it_waits_to_be_let_in() -> None:
    session = Session(socket_id="a", now=0)
    session.receive(wire.Hello(), 0)
    session.receive(room("waiting"), 0)
    assert entering(session, 1) == []
    assert entering(session, 1 + ENTER_AGAIN_SECONDS) == []
