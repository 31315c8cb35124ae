"""A media connection is made while its person still waits, and goes live when they are let in: in every order."""

from itertools import permutations
from uuid import UUID, uuid4

import pytest

from signaling import effects as fx
from signaling.effects import Close, Effect, Send
from signaling.protocol import messages as wire
from signaling.protocol.closing import CloseCode
from signaling.session import Session
from telehealth.consultations import room_events as events
from tests.signaling.test_session import ADMITTED, ARRIVED, ENTERED, ME, OTHER, loaded, logged, opened, sent

AWAY = events.ParticipantAway(participant_id=ME)
LEFT = events.ParticipantLeft(participant_id=ME, reason="left")
GIVEN_UP = events.ParticipantLeft(participant_id=ME, reason="lost")


def standing_by(session: Session, node: str = "n1", epoch: int = 1) -> UUID:
    """Give a session a connection that is up and stands by."""
    connection = uuid4()
    assert session.receive(wire.MediaJoin(connection_id=connection), 0.0) == [fx.JoinMedia(connection)]
    offered = fx.MediaOffered(connection, node, epoch, "sdp", admitted=False)
    assert session.receive(offered, 0.0) == [
        Send(wire.MediaOffer(connection_id=connection, epoch=epoch, sdp="sdp"))
    ]
    assert session.receive(fx.MediaUp(connection), 0.0) == [
        Send(wire.MediaConnected(connection_id=connection))
    ]
    return connection


def lost(connection: UUID, code: str, *, retry: bool, wait: int = 0) -> Send:
    return Send(wire.MediaLost(connection_id=connection, code=code, retry=retry, retry_after_ms=wait))


def admissions(effects: list[Effect]) -> list[Effect]:
    return [effect for effect in effects if isinstance(effect, fx.AdmitMedia)]


@pytest.mark.parametrize("before", [(), (ARRIVED,), (ARRIVED, GIVEN_UP)])
def test_whoever_may_see_the_room_gets_a_connection_that_stands_by(
    before: tuple[events.RoomEventBody, ...],
) -> None:
    standing_by(opened(*before))


def test_being_let_in_makes_it_live_before_anything_is_written_down() -> None:
    session = opened(ARRIVED)
    connection = standing_by(session)
    admitted = logged(ADMITTED, after=2)
    assert session.receive(fx.LogRead(admitted), 0.0) == [
        Send(wire.Events(events=admitted)),
        fx.AdmitMedia(connection, "n1", 1),
        fx.Enter(),
    ]
    entered = logged(ENTERED, after=3)
    assert session.receive(fx.LogRead(entered), 0.0) == [Send(wire.Events(events=entered))]


def test_every_order_of_asking_offering_connecting_and_being_let_in_ends_live_with_one_admission() -> None:
    connection = uuid4()
    steps = {
        "ask": wire.MediaJoin(connection_id=connection),
        "offer": fx.MediaOffered(connection, "n1", 1, "sdp", admitted=False),
        "up": fx.MediaUp(connection),
        "let in": fx.LogRead(logged(ADMITTED, after=2)),
        "entered": fx.LogRead(logged(ENTERED, after=3)),
    }
    orders = [
        order
        for order in permutations(steps)
        if order.index("ask") < order.index("offer") < order.index("up")
        and order.index("let in") < order.index("entered")
    ]
    assert len(orders) == 10
    for order in orders:
        session = opened(ARRIVED)
        done: list[Effect] = []
        for step in order:
            done += session.receive(steps[step], 0.0)  # type: ignore[arg-type]
        assert admissions(done) == [fx.AdmitMedia(connection, "n1", 1)], order


def test_a_connection_offered_live_needs_no_admission() -> None:
    session, connection = opened(ARRIVED), uuid4()
    session.receive(wire.MediaJoin(connection_id=connection), 0.0)
    # The database knew before the log told us.
    session.receive(fx.MediaOffered(connection, "n1", 1, "sdp", admitted=True), 0.0)
    assert admissions(session.receive(fx.LogRead(logged(ADMITTED, after=2)), 0.0)) == []


def test_others_being_let_in_is_none_of_its_business() -> None:
    session = opened(ARRIVED)
    standing_by(session)
    theirs = logged(events.ParticipantAdmitted(participant_id=OTHER), after=2)
    assert admissions(session.receive(fx.LogRead(theirs), 0.0)) == []


def test_being_let_in_is_learned_from_a_snapshot_too() -> None:
    session = opened(ARRIVED)
    connection = standing_by(session)
    session.receive(wire.Hello(last_seq=2), 0.0)
    assert session.receive(loaded(ARRIVED, ADMITTED, ENTERED), 0.0)[1:] == [
        fx.AdmitMedia(connection, "n1", 1),
        fx.Touch(ME),
    ]


def test_who_is_outside_by_a_snapshot_has_no_live_connection() -> None:
    session = opened(ARRIVED, ADMITTED, ENTERED)
    connection = uuid4()
    session.receive(wire.MediaJoin(connection_id=connection), 0.0)
    session.receive(fx.MediaOffered(connection, "n1", 1, "sdp", admitted=True), 0.0)
    session.receive(wire.Hello(last_seq=4), 0.0)
    assert session.receive(loaded(ARRIVED, ADMITTED, ENTERED, GIVEN_UP), 0.0)[1:] == [
        fx.LeaveMedia(connection, "n1"),
        lost(connection, "room.not_admitted", retry=True),
    ]


def test_an_admission_that_fails_is_made_good_by_a_new_connection() -> None:
    session = opened(ARRIVED)
    connection = standing_by(session)
    session.receive(fx.LogRead(logged(ADMITTED, after=2)), 0.0)
    assert session.receive(fx.MediaFailed(connection, "unavailable", True, 200), 0.0) == [
        lost(connection, "unavailable", retry=True, wait=200)
    ]


def test_leaving_and_coming_in_again_needs_a_new_connection() -> None:
    session = opened(ARRIVED)
    first = standing_by(session)
    session.receive(fx.LogRead(logged(ADMITTED, ENTERED, after=2)), 0.0)
    assert session.receive(fx.LogRead(logged(GIVEN_UP, after=4)), 0.0)[1:] == [fx.LeaveMedia(first, "n1")]
    second = standing_by(session)
    back = session.receive(fx.LogRead(logged(ARRIVED, ADMITTED, after=5)), 0.0)
    assert admissions(back) == [fx.AdmitMedia(second, "n1", 1)]


def test_a_connection_asked_for_inside_is_not_handed_to_somebody_outside() -> None:
    session, connection = opened(ARRIVED, ADMITTED, ENTERED), uuid4()
    session.receive(wire.MediaJoin(connection_id=connection), 0.0)
    session.receive(fx.LogRead(logged(GIVEN_UP, after=4)), 0.0)
    assert session.receive(fx.MediaOffered(connection, "n1", 1, "sdp", admitted=True), 0.0) == [
        fx.LeaveMedia(connection, "n1")
    ]


def test_who_has_left_or_was_put_out_gets_none() -> None:
    connection = uuid4()
    for reason in ("left", "removed"):
        session, key = opened(ARRIVED), uuid4()
        session.receive(wire.Command(key=key, action=wire.Leave()), 0.0)  # keeps the socket open a moment
        left = events.ParticipantLeft(participant_id=ME, reason=reason)
        session.receive(fx.LogRead(logged(left, after=2)), 0.0)
        assert session.receive(wire.MediaJoin(connection_id=connection), 0.0) == [
            lost(connection, "room.not_admitted", retry=False)
        ]


def test_leaving_the_waiting_room_closes_what_stands_by() -> None:
    session = opened(ARRIVED)
    connection = standing_by(session)
    assert session.receive(fx.LogRead(logged(LEFT, after=2)), 0.0)[1:] == [
        fx.LeaveMedia(connection, "n1"),
        Close(CloseCode.NORMAL),
    ]


def test_nobody_gets_one_before_the_room_is_open() -> None:
    session, connection = Session(socket_id="b", now=0.0), uuid4()
    session.receive(wire.Hello(), 0.0)
    assert session.receive(wire.MediaJoin(connection_id=connection), 0.0) == [
        lost(connection, "not_ready", retry=True, wait=500)
    ]


def test_half_an_hour_of_waiting_is_half_an_hour_of_renewals() -> None:
    session = opened(ARRIVED)
    connection = standing_by(session)
    renewals = [
        effect
        for second in range(1, 1801)
        for effect in session.receive(fx.Ticked(), float(second))
        if isinstance(effect, fx.RenewMedia)
    ]
    assert renewals == [fx.RenewMedia(connection, "n1", 1)] * 15
    assert admissions(session.receive(fx.LogRead(logged(ADMITTED, after=2)), 1801.0))


def test_a_node_that_dies_or_drains_is_left_while_waiting_too() -> None:
    session = opened(ARRIVED)
    first = standing_by(session)
    assert session.receive(fx.NodeLost("n1"), 0.0) == [fx.MoveMedia("n1", 1)]
    moved = logged(events.MediaMoved(epoch=2), after=2)
    assert session.receive(fx.LogRead(moved), 0.0)[1:] == []
    assert session.receive(wire.MediaLeave(connection_id=first), 0.0) == [fx.LeaveMedia(first, "n1")]
    second = standing_by(session, "n2", epoch=2)
    assert session.receive(fx.MediaOver(second, "draining", 300), 0.0) == [
        fx.MoveMedia("n2", 2),
        lost(second, "draining", retry=True, wait=300),
    ]


def test_the_line_of_somebody_waiting_is_nobodys_concern() -> None:
    session = opened(ARRIVED)
    connection = standing_by(session)
    assert session.receive(fx.MediaSilent(connection, 5000), 0.0) == []
    assert session.receive(wire.ReportQuality(quality="poor"), 0.0) == []


def test_the_end_of_the_call_closes_what_stands_by() -> None:
    session = opened(ARRIVED)
    connection = standing_by(session)
    over = logged(events.SessionEnded(reason="finished"), after=2)
    assert session.receive(fx.LogRead(over), 0.0) == [
        Send(wire.Events(events=over)),
        fx.CloseMediaRoom(),
        Close(CloseCode.ROOM_OVER),
    ]
    assert sent(session.receive(fx.MediaOver(connection, "room_closed", 0), 0.0)) == []


def test_standing_by_uses_up_the_same_offers() -> None:
    session = opened(ARRIVED)
    for _ in range(5):
        session.receive(wire.MediaLeave(connection_id=standing_by(session)), 0.0)
    connection = uuid4()
    assert session.receive(wire.MediaJoin(connection_id=connection), 0.0) == [
        lost(connection, "limit.offers", retry=True, wait=2100)
    ]
