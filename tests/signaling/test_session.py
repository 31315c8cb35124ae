"""One client's conversation, as messages in and effects out."""

from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID, uuid4

from media.control import SlotSource
from signaling import effects as fx
from signaling.effects import Close, Complain, Effect, Refuse, Send
from signaling.protocol import messages as wire
from signaling.protocol.closing import CloseCode
from signaling.room import empty_room, fold_all
from signaling.session import Session
from telehealth.consultations import room_events as events

AT = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
ROOM, ME, OTHER = UUID(int=1), UUID(int=2), UUID(int=3)
NONE = wire.Permissions(admit=False, mark_patient=False, remove=False, end_call=False)


def logged(*bodies: events.RoomEventBody, after: int = 0) -> tuple[events.LoggedEvent, ...]:
    return tuple(events.LoggedEvent(seq=seq, at=AT, body=body) for seq, body in enumerate(bodies, after + 1))


def info(who: UUID) -> events.ParticipantInfo:
    return events.ParticipantInfo(
        participant_id=who, name="Lô Văn A", title="BS.", role="doctor", facility="BV", side="spoke"
    )


ARRIVED = events.ParticipantArrived(participant=info(ME))
ADMITTED = events.ParticipantAdmitted(participant_id=ME)
ENTERED = events.ParticipantEntered(participant_id=ME)


def loaded(
    *bodies: events.RoomEventBody, missed: tuple[events.LoggedEvent, ...] | None = None
) -> fx.RoomLoaded:
    return fx.RoomLoaded(ME, NONE, fold_all(ROOM, logged(events.SessionOpened(), *bodies)), missed)


def opened(*bodies: events.RoomEventBody) -> Session:
    """Return a session that has been welcomed to the room after these events."""
    session = Session(socket_id="b", now=0.0)
    assert session.receive(wire.Hello(), 0.0) == [fx.LoadRoom(None)]
    welcome, announce, *_sign_of_life = session.receive(loaded(*bodies), 0.0)
    assert isinstance(welcome, Send)
    assert announce == fx.Announce(ME)
    return session


def in_room() -> Session:
    return opened(ARRIVED, ADMITTED, ENTERED)


def with_media(session: Session, node: str = "n1", epoch: int = 0) -> UUID:
    """Give a session a connected media connection."""
    connection = uuid4()
    assert session.receive(wire.MediaJoin(connection_id=connection), 0.0) == [fx.JoinMedia(connection)]
    session.receive(fx.MediaOffered(connection, node, epoch, "offer", admitted=True), 0.0)
    assert session.receive(fx.MediaUp(connection), 0.0) == [
        Send(wire.MediaConnected(connection_id=connection))
    ]
    return connection


def sent(effects: Iterable[Effect]) -> list[wire.ServerMessage]:
    return [effect.message for effect in effects if isinstance(effect, Send)]


# --- hello --------------------------------------------------------------------------------------------------------


def test_anything_before_hello_closes() -> None:
    session = Session(socket_id="b", now=0.0)
    assert session.receive(wire.Ping(n=1), 0.0) == [Close(CloseCode.HELLO_FIRST)]
    assert session.receive(wire.Hello(), 0.0) == []


def test_silence_instead_of_hello_closes_after_ten_seconds() -> None:
    session = Session(socket_id="b", now=0.0)
    assert session.receive(fx.Ticked(), 9.9) == []
    assert session.receive(fx.Ticked(), 10.0) == [Close(CloseCode.HELLO_FIRST)]


def test_other_protocol_version_is_told_and_closed() -> None:
    session = Session(socket_id="b", now=0.0)
    assert session.receive(wire.Hello(protocol=2), 0.0) == [
        Complain("wrong_version"),
        Close(CloseCode.POLICY),
    ]


def test_welcome_carries_the_snapshot_or_only_what_was_missed() -> None:
    session = Session(socket_id="b", now=0.0)
    session.receive(wire.Hello(), 0.0)
    room = loaded(ARRIVED)
    assert session.receive(room, 0.0) == [
        Send(wire.Welcome(participant_id=ME, permissions=NONE, snapshot=room.snapshot)),
        fx.Announce(ME),
        fx.Touch(ME),
    ]
    missed = logged(ARRIVED, after=1)
    assert session.receive(wire.Hello(last_seq=1), 0.0) == [fx.LoadRoom(1)]
    assert session.receive(loaded(ARRIVED, missed=missed), 0.0) == [
        Send(wire.Welcome(participant_id=ME, permissions=NONE, events=missed)),
        fx.Touch(ME),
    ]


def test_ended_room_is_shown_and_closed() -> None:
    session = Session(socket_id="b", now=0.0)
    session.receive(wire.Hello(), 0.0)
    effects = session.receive(loaded(events.SessionEnded(reason="finished")), 0.0)
    assert effects[1:] == [Close(CloseCode.ROOM_OVER)]


def test_room_that_cannot_be_loaded_is_to_be_tried_later() -> None:
    session = Session(socket_id="b", now=0.0)
    session.receive(wire.Hello(), 0.0)
    assert session.receive(fx.RoomUnavailable(), 0.0) == [Close(CloseCode.TRY_AGAIN_LATER)]
    assert opened().receive(fx.RoomUnavailable(), 0.0) == []


def test_back_from_a_lost_line_enters_again() -> None:
    session = Session(socket_id="b", now=0.0)
    session.receive(wire.Hello(), 0.0)
    away = events.ParticipantAway(participant_id=ME)
    assert session.receive(loaded(ARRIVED, ADMITTED, ENTERED, away), 0.0)[-1] == fx.Enter()


# --- the log ------------------------------------------------------------------------------------------------------


def test_log_is_delivered_once_and_in_order() -> None:
    session = opened()
    first, second = logged(ARRIVED, ADMITTED, after=1)
    assert sent(session.receive(fx.LogRead((first,)), 0.0)) == [wire.Events(events=(first,))]
    assert session.receive(fx.LogRead((first,)), 0.0) == []
    assert session.receive(fx.LogRead((first, second)), 0.0) == [
        Send(wire.Events(events=(second,))),
        fx.Enter(),
    ]


def test_gap_is_read_and_not_delivered() -> None:
    session = opened()
    first, second = logged(ARRIVED, ADMITTED, after=1)
    assert session.receive(fx.LogRead((second,)), 0.0) == [fx.ReadLog(1)]
    assert session.receive(fx.LogRead((first, second)), 0.0) == [
        Send(wire.Events(events=(first, second))),
        fx.Enter(),
    ]


def test_gap_that_could_not_be_read_is_read_again() -> None:
    session = opened()
    _first, second = logged(ARRIVED, ADMITTED, after=1)
    assert session.receive(fx.LogRead((second,)), 0.0) == [fx.ReadLog(1)]
    assert session.receive(fx.Ticked(), 1.0) == []
    assert session.receive(fx.ReadFailed(), 1.0) == []
    assert session.receive(fx.Ticked(), 2.0) == [fx.ReadLog(1)]


def test_what_is_heard_while_the_room_loads_is_read_afterwards() -> None:
    session = Session(socket_id="b", now=0.0)
    session.receive(wire.Hello(), 0.0)
    assert session.receive(fx.LogRead(logged(ARRIVED, after=1)), 0.0) == []
    assert session.receive(loaded(), 0.0)[-1] == fx.ReadLog(1)


def test_long_log_is_sent_in_pieces() -> None:
    session = opened()
    many = logged(*[events.PatientPresenceChanged(present=True, by=OTHER)] * 120, after=1)
    assert [
        len(m.events) for m in sent(session.receive(fx.LogRead(many), 0.0)) if isinstance(m, wire.Events)
    ] == [
        20,
        20,
        20,
        20,
        20,
        20,
    ]


def test_who_is_taken_for_lost_says_that_they_are_here() -> None:
    session = in_room()
    away = logged(events.ParticipantAway(participant_id=ME), after=4)
    assert session.receive(fx.LogRead(away), 0.0)[-1] == fx.Enter()


def test_end_of_the_call_closes_media_and_socket_after_the_event() -> None:
    session = in_room()
    over = logged(events.SessionEnded(reason="finished"), after=4)
    assert session.receive(fx.LogRead(over), 0.0) == [
        Send(wire.Events(events=over)),
        fx.CloseMediaRoom(),
        Close(CloseCode.ROOM_OVER),
    ]
    assert session.left_for_good


def test_ones_own_command_is_answered_before_the_close_it_causes() -> None:
    session = in_room()
    key = uuid4()
    session.receive(wire.Command(key=key, action=wire.EndCall()), 0.0)
    over = logged(events.SessionEnded(reason="finished"), after=4)
    assert Close(CloseCode.ROOM_OVER) not in session.receive(fx.LogRead(over), 0.0)
    assert session.receive(fx.CommandDone(key, 5), 0.0) == [
        Send(wire.Ack(key=key, seq=5)),
        Close(CloseCode.ROOM_OVER),
    ]


def test_close_does_not_wait_for_ever_for_an_answer() -> None:
    session = in_room()
    session.receive(wire.Command(key=uuid4(), action=wire.EndCall()), 0.0)
    session.receive(fx.LogRead(logged(events.SessionEnded(reason="finished"), after=4)), 0.0)
    assert session.receive(fx.Ticked(), 4.0)[-1] == Close(CloseCode.ROOM_OVER)


def test_removed_person_loses_media_and_socket() -> None:
    session = in_room()
    with_media(session)
    gone = logged(events.ParticipantLeft(participant_id=ME, reason="removed"), after=4)
    assert session.receive(fx.LogRead(gone), 0.0) == [
        Send(wire.Events(events=gone)),
        fx.RemoveMedia(ME, 5),
        Close(CloseCode.NOT_ALLOWED),
    ]


def test_everybody_sees_to_it_that_a_removed_person_gets_no_media() -> None:
    gone = logged(events.ParticipantLeft(participant_id=OTHER, reason="removed"), after=4)
    assert in_room().receive(fx.LogRead(gone), 0.0)[1:] == [fx.RemoveMedia(OTHER, 5)]


def test_leaving_closes_ones_connections() -> None:
    session = in_room()
    connection = with_media(session)
    gone = logged(events.ParticipantLeft(participant_id=ME, reason="left"), after=4)
    assert session.receive(fx.LogRead(gone), 0.0)[1:] == [
        fx.LeaveMedia(connection, "n1"),
        Close(CloseCode.NORMAL),
    ]


# --- commands -----------------------------------------------------------------------------------------------------


def test_command_is_performed_and_answered() -> None:
    session, key = in_room(), uuid4()
    command = wire.Command(key=key, action=wire.PostChat(text="Chào"))
    assert session.receive(command, 0.0) == [fx.Perform(key, command.action)]
    assert session.receive(command, 0.0) == []  # still under way: one answer will do
    assert session.receive(fx.CommandDone(key, 7), 0.0) == [Send(wire.Ack(key=key, seq=7))]
    assert session.receive(command, 0.0) == [fx.Perform(key, command.action)]
    assert session.receive(fx.CommandRefused(key, "room.over", "Hết", False), 0.0) == [
        Send(wire.Refused(key=key, code="room.over", text="Hết", retry=False))
    ]


def test_command_before_welcome_is_refused() -> None:
    session = Session(socket_id="b", now=0.0)
    session.receive(wire.Hello(), 0.0)
    key = uuid4()
    assert session.receive(wire.Command(key=key, action=wire.Arrive()), 0.0) == [
        Refuse(key, "not_ready", True)
    ]


def test_eleventh_chat_line_in_ten_seconds_is_refused_and_nothing_closes() -> None:
    session = in_room()
    answers = [
        session.receive(wire.Command(key=UUID(int=n), action=wire.PostChat(text="a")), 0.0) for n in range(11)
    ]
    assert answers[10] == [Refuse(UUID(int=10), "limit.chat", retry=True)]
    assert all(isinstance(effects[0], fx.Perform) for effects in answers[:10])


def test_flood_closes_the_socket() -> None:
    session = in_room()
    effects: list[Effect] = []
    for n in range(200):
        effects += session.receive(wire.Ping(n=n), 0.0)
    assert effects[-1] == Close(CloseCode.POLICY)
    assert len(effects) == 100  # hello was one of the hundred


def test_malformed_message_is_answered() -> None:
    assert in_room().receive(fx.Garbled(), 0.0) == [Complain("bad_message")]
    assert in_room().receive(fx.Oversized(), 0.0) == [Close(CloseCode.TOO_BIG)]


# --- access and other sockets -------------------------------------------------------------------------------------


def test_lost_access_stops_media_and_closes() -> None:
    session = in_room()
    with_media(session)
    assert session.receive(fx.AccessLost(CloseCode.SIGNED_OUT), 0.0) == [
        fx.RemoveMedia(ME, 0),
        Close(CloseCode.SIGNED_OUT),
    ]


def test_newer_socket_of_the_same_person_wins() -> None:
    session = in_room()
    assert session.receive(fx.SocketOpened(OTHER, "c"), 0.0) == []
    assert session.receive(fx.SocketOpened(ME, "b"), 0.0) == []
    assert session.receive(fx.SocketOpened(ME, "a"), 0.0) == []
    assert session.receive(fx.SocketOpened(ME, "c"), 0.0) == [Close(CloseCode.SUPERSEDED)]
    assert session.left_for_good


def test_clock_drives_touch_access_check_and_renewal() -> None:
    session = in_room()
    connection = with_media(session)
    assert session.receive(fx.Ticked(), 9.0) == []
    assert session.receive(fx.Ticked(), 10.0) == [fx.Touch(ME)]
    assert session.receive(fx.Ticked(), 30.0) == [fx.CheckAccess(), fx.Touch(ME)]
    assert session.receive(fx.Ticked(), 120.0) == [
        fx.CheckAccess(),
        fx.Touch(ME),
        fx.RenewMedia(connection, "n1", 0),
    ]


def test_sockets_that_came_together_do_not_look_and_write_together() -> None:
    session = Session(socket_id="b", now=0.0, spread=0.5)
    session.receive(wire.Hello(), 0.0)
    session.receive(loaded(ARRIVED, ADMITTED, ENTERED), 0.0)
    connection = with_media(session)

    assert session.receive(fx.Ticked(), 4.0) == []
    assert session.receive(fx.Ticked(), 5.0) == [fx.Touch(ME)]
    assert session.receive(fx.Ticked(), 14.0) == []
    assert session.receive(fx.Ticked(), 15.0) == [fx.CheckAccess(), fx.Touch(ME)]
    assert fx.RenewMedia(connection, "n1", 0) not in session.receive(fx.Ticked(), 89.0)
    assert fx.RenewMedia(connection, "n1", 0) in session.receive(fx.Ticked(), 90.0)


def test_stopping_server_says_so() -> None:
    session = in_room()
    assert session.receive(fx.Draining(700), 0.0) == [Send(wire.Draining(retry_after_ms=700))]
    assert session.receive(fx.Stopping(), 0.0) == [Close(CloseCode.SERVICE_RESTART)]


# --- media --------------------------------------------------------------------------------------------------------


def lost(connection: UUID, code: str, *, retry: bool, wait: int = 0) -> Send:
    return Send(wire.MediaLost(connection_id=connection, code=code, retry=retry, retry_after_ms=wait))


def test_offer_answer_and_slots_reach_the_client() -> None:
    session, connection = in_room(), uuid4()
    session.receive(wire.MediaJoin(connection_id=connection), 0.0)
    assert session.receive(fx.MediaOffered(connection, "n1", 3, "sdp", admitted=True), 0.0) == [
        Send(wire.MediaOffer(connection_id=connection, epoch=3, sdp="sdp"))
    ]
    assert session.receive(wire.MediaAnswer(connection_id=connection, sdp="a"), 0.0) == [
        fx.AnswerMedia(connection, "n1", "a")
    ]
    slots = (SlotSource(slot="a0", participant=str(OTHER), source="microphone"),)
    assert session.receive(fx.SlotsChanged(connection, slots), 0.0) == [
        Send(wire.MediaSlots(connection_id=connection, slots=slots))
    ]


def test_offer_for_a_connection_given_up_is_returned() -> None:
    session, connection = in_room(), uuid4()
    session.receive(wire.MediaJoin(connection_id=connection), 0.0)
    session.receive(wire.MediaLeave(connection_id=connection), 0.0)
    assert session.receive(fx.MediaOffered(connection, "n1", 0, "sdp", admitted=True), 0.0) == [
        fx.LeaveMedia(connection, "n1")
    ]


def test_sixth_offer_in_ten_seconds_has_to_wait() -> None:
    session = in_room()
    for _ in range(5):
        with_media(session)
    connection = uuid4()
    (answer,) = session.receive(wire.MediaJoin(connection_id=connection), 0.0)
    assert answer == lost(connection, "limit.offers", retry=True, wait=2100)


def test_answer_for_an_unknown_connection_asks_for_a_new_one() -> None:
    connection = uuid4()
    assert in_room().receive(wire.MediaAnswer(connection_id=connection, sdp="a"), 0.0) == [
        lost(connection, "unknown_connection", retry=True)
    ]


def test_replaced_connection_is_news_only_when_somebody_else_replaced_it() -> None:
    session = in_room()
    first, second = with_media(session), with_media(session)
    assert session.receive(fx.MediaOver(first, "replaced", 0), 0.0) == []
    assert session.receive(fx.MediaOver(second, "replaced", 5), 0.0) == [
        lost(second, "replaced", retry=False)
    ]


def test_lost_connection_is_to_be_made_again_and_a_removed_one_is_not() -> None:
    session = in_room()
    first = with_media(session)
    assert session.receive(fx.MediaOver(first, "lost", 300), 0.0) == [
        lost(first, "lost", retry=True, wait=300)
    ]
    second = with_media(session)
    assert session.receive(fx.MediaOver(second, "removed", 300), 0.0) == [
        lost(second, "removed", retry=False)
    ]


def test_lost_node_moves_the_room_and_the_log_tells_the_client() -> None:
    session = in_room()
    connection = with_media(session, node="n1", epoch=1)
    assert session.receive(fx.NodeLost("n2"), 0.0) == []
    assert session.receive(fx.NodeLost("n1"), 0.0) == [fx.MoveMedia("n1", 1)]
    moved = logged(events.MediaMoved(epoch=2), after=4)
    assert session.receive(fx.LogRead(moved), 0.0) == [Send(wire.Events(events=moved))]
    assert session.receive(fx.NodeLost("n1"), 0.0) == []  # told again: the room is elsewhere by now
    assert session.receive(fx.MediaOver(connection, "lost", 300), 0.0) == []


def test_node_that_drains_is_left_and_the_old_connection_is_the_clients_to_close() -> None:
    session = in_room()
    old = with_media(session, node="n1", epoch=1)
    assert session.receive(fx.NodeDraining("n2"), 0.0) == []
    assert session.receive(fx.NodeDraining("n1"), 0.0) == [fx.MoveMedia("n1", 1)]
    moved = logged(events.MediaMoved(epoch=2), after=4)
    assert session.receive(fx.LogRead(moved), 0.0) == [Send(wire.Events(events=moved))]
    assert session.receive(fx.NodeDraining("n1"), 0.0) == []
    with_media(session, node="n2", epoch=2)
    assert session.receive(fx.SlotsChanged(old, ()), 0.0) == [
        Send(wire.MediaSlots(connection_id=old, slots=()))
    ]
    assert session.receive(wire.MediaLeave(connection_id=old), 0.0) == [fx.LeaveMedia(old, "n1")]


def test_old_connection_nobody_closes_is_closed_in_the_end() -> None:
    session = in_room()
    old = with_media(session, node="n1", epoch=1)
    session.receive(fx.LogRead(logged(events.MediaMoved(epoch=2), after=4)), 100.0)
    assert fx.LeaveMedia(old, "n1") not in session.receive(fx.Ticked(), 111.9)
    assert fx.LeaveMedia(old, "n1") in session.receive(fx.Ticked(), 112.0)


def test_room_that_cannot_be_moved_is_to_be_tried_later() -> None:
    session = in_room()
    connection = with_media(session)
    session.receive(fx.NodeLost("n1"), 0.0)
    assert session.receive(fx.MoveFailed(800), 0.0) == [
        lost(connection, "media_unavailable", retry=True, wait=800)
    ]


def test_first_placement_does_not_void_the_connection_it_was_made_for() -> None:
    session, connection = in_room(), uuid4()
    session.receive(wire.MediaJoin(connection_id=connection), 0.0)
    placed = logged(events.MediaMoved(epoch=1), after=4)
    assert session.receive(fx.LogRead(placed), 0.0) == [Send(wire.Events(events=placed))]
    assert sent(session.receive(fx.MediaOffered(connection, "n1", 1, "sdp", admitted=True), 0.0)) == [
        wire.MediaOffer(connection_id=connection, epoch=1, sdp="sdp")
    ]


def test_offer_of_an_epoch_that_is_over_is_not_handed_out() -> None:
    session, connection = in_room(), uuid4()
    session.receive(wire.MediaJoin(connection_id=connection), 0.0)
    session.receive(fx.LogRead(logged(events.MediaMoved(epoch=2), after=4)), 0.0)
    assert session.receive(fx.MediaOffered(connection, "n1", 1, "sdp", admitted=True), 0.0) == [
        fx.LeaveMedia(connection, "n1"),
        lost(connection, "media_moved", retry=True),
    ]


def test_silent_line_is_shown_as_poor_until_it_is_heard_again() -> None:
    session = in_room()
    connection = with_media(session)
    assert session.receive(wire.ReportQuality(quality="weak"), 0.0) == [fx.TellQuality(ME, "weak")]
    assert session.receive(fx.MediaSilent(connection, 3000), 0.0) == [fx.TellQuality(ME, "poor")]
    assert session.receive(fx.MediaSilent(connection, 0), 0.0) == [fx.TellQuality(ME, "weak")]


def test_room_before_its_first_event_is_empty() -> None:
    assert empty_room(ROOM).model_dump(exclude_defaults=True)["seq"] == 0


# --- lines ---------------------------------------------------------------------------------------------------------


def line(
    who: UUID = ME, down: events.LineRung = "still", reason: events.LineReason = "loss"
) -> wire.MediaLine:
    figures = wire.LineFigures(
        down_bitrate=90_000, up_bitrate=1_500_000, down_loss=0.12, up_loss=0.0, rtt_ms=210
    )
    return wire.MediaLine(
        participant_id=who, down=down, down_reason=reason, up="full", up_reason=None, figures=figures
    )


SAMPLE = fx.KeepSample(rtt_ms=210.0, loss=0.12, up_kbps=1500.0, down_kbps=90.0, gaps=0, gap_seconds=0.0)


def test_what_a_client_says_about_its_connection_goes_to_the_relay_of_that_connection() -> None:
    session = in_room()
    connection = with_media(session)
    tune = wire.MediaTune(connection_id=connection, uplink_bitrate=400_000)
    assert session.receive(tune, 1.0) == [fx.TuneMedia("n1", tune)]
    assert session.receive(wire.MediaTune(connection_id=uuid4(), sound_only=True), 1.0) == []


def test_figures_beyond_the_limit_are_dropped_but_never_what_was_chosen_by_hand() -> None:
    session = in_room()
    connection = with_media(session)
    figures = wire.MediaTune(connection_id=connection, uplink_bitrate=400_000)
    assert sum(len(session.receive(figures, 1.0)) for _ in range(30)) == 20
    by_hand = wire.MediaTune(connection_id=connection, sound_only=True)
    assert session.receive(by_hand, 1.0) == [fx.TuneMedia("n1", by_hand)]


def test_wanted_layers_are_told_to_whose_camera_it_is() -> None:
    session = in_room()
    connection = with_media(session)
    assert session.receive(fx.WantedChanged(connection, ("q",), stills=True), 1.0) == [
        Send(wire.MediaWanted(connection_id=connection, layers=("q",), stills=True))
    ]
    assert session.receive(fx.WantedChanged(uuid4(), ("q",), stills=True), 1.0) == []


def test_own_line_is_told_to_everybody_and_kept_in_the_diary() -> None:
    session = in_room()
    connection = with_media(session)
    assert session.receive(fx.LineHeard(connection, line()), 1.0) == [fx.TellLine(line()), SAMPLE]
    assert session.receive(fx.LineHeard(connection, line(OTHER)), 1.0) == []


def test_others_lines_and_stills_are_shown_only_to_who_is_inside() -> None:
    still = wire.StillReady(participant_id=OTHER, seq=7, taken_at=AT)
    inside, waiting = in_room(), opened(ARRIVED)
    assert inside.receive(fx.LineTold(line(OTHER)), 1.0) == [Send(line(OTHER))]
    assert inside.receive(fx.StillTold(still), 1.0) == [Send(still)]
    assert waiting.receive(fx.LineTold(line(OTHER)), 1.0) == []
    assert waiting.receive(fx.StillTold(still), 1.0) == []


def test_who_comes_in_hears_how_the_others_lines_are() -> None:
    session = in_room()
    connection = with_media(session)
    session.receive(fx.LineHeard(connection, line()), 1.0)
    came = logged(events.ParticipantEntered(participant_id=OTHER), after=4)
    assert session.receive(fx.LogRead(came), 5.0)[1:] == [fx.TellLine(line())]


def test_a_rung_that_lasts_is_written_down_once() -> None:
    session = in_room()
    connection = with_media(session)
    session.receive(fx.LineHeard(connection, line()), 1.0)
    notes = [
        e for at in range(2, 120) for e in session.receive(fx.Ticked(), at) if isinstance(e, fx.NoteLine)
    ]
    assert notes == [fx.NoteLine(ME, "still", "loss", "full", None)]
