"""What happens to a room by itself: silence, abandonment, where its media lives, and in which order it is locked."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction

from telehealth.consultations import room_events as events
from telehealth.consultations.domain import rooms, sessions, upkeep
from telehealth.consultations.enums import Presence, SessionState
from telehealth.consultations.models import Participant, Request, Session
from tests import factories
from tests.factories import NOW, World
from tests.support.races import await_its_waiting

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return factories.make_world()


@pytest.fixture
def session(world: World) -> Session:
    return factories.make_session(world)


def go_live(session: Session, world: World) -> Participant:
    """Bring both sides into the room; return the doctor's place."""
    for hat in (world.specialist, world.doctor):
        sessions.arrive(who=hat, session_id=session.id, key=None, now=NOW)
    doctor = Participant.objects.get(session=session, membership=world.doctor.membership)
    sessions.admit(who=world.specialist, session_id=session.id, participant_id=doctor.id, key=None, now=NOW)
    for hat in (world.specialist, world.doctor):
        sessions.enter(who=hat, session_id=session.id, now=NOW)
    return doctor


def test_the_sweep_does_what_a_dead_web_process_could_not(session: Session, world: World) -> None:
    doctor = go_live(session, world)
    upkeep.touch(participant_ids=[doctor.id], now=NOW + timedelta(seconds=60))
    upkeep.sweep_rooms(now=NOW + timedelta(seconds=60))
    states = dict(session.participants.values_list("membership__role", "state"))
    assert states == {"specialist": Presence.AWAY, "doctor": Presence.IN_ROOM}
    upkeep.sweep_rooms(now=NOW + timedelta(minutes=40))
    session.refresh_from_db()
    assert (session.state, session.end_reason) == (SessionState.ENDED, "abandoned")


def test_a_room_swept_at_every_moment_while_people_arrive_goes_on(world: World) -> None:
    late = NOW + timedelta(hours=5)  # of the case; the room is new
    session = factories.make_session(world, now=late)
    for minute, hat in enumerate((world.specialist, world.doctor, world.nurse)):
        now = late + timedelta(minutes=10 * minute)
        upkeep.sweep_rooms(now=now)
        sessions.arrive(who=hat, session_id=session.id, key=None, now=now)
        upkeep.sweep_rooms(now=now)
    session.refresh_from_db()
    assert session.state != SessionState.ENDED


def test_media_is_placed_once_per_epoch(session: Session) -> None:
    assert upkeep.place_media(session_id=session.id, node="a", if_epoch=0, now=NOW) == ("a", 1)
    assert upkeep.place_media(session_id=session.id, node="b", if_epoch=0, now=NOW) == ("a", 1)
    assert upkeep.place_media(session_id=session.id, node="b", if_epoch=1, now=NOW) == ("b", 2)
    moved = [e.body for e in rooms.events_after(session_id=session.id, seq=1)]
    assert moved == [events.MediaMoved(epoch=1), events.MediaMoved(epoch=2)]


@pytest.mark.django_db(transaction=True)
def test_room_is_locked_after_its_request_as_by_every_other_use_case(session: Session) -> None:
    def place() -> tuple[str, int]:
        try:
            return upkeep.place_media(session_id=session.id, node="a", if_epoch=0, now=NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            Request.objects.select_for_update().get(id=session.request_id)
            placed = other.submit(place)
            await_its_waiting(placed)
            # Were the session locked by who waits for the request, this would fail, and whoever holds the request and
            # wants the session would wait for ever.
            Session.objects.select_for_update(nowait=True).get(id=session.id)
        assert placed.result(10) == ("a", 1)


def note(session: Session, who: Participant, rung: events.LineRung, seconds: float) -> int | None:
    reason: events.LineReason | None = None if rung == "full" else "thin_line"
    change = events.LineChanged(
        participant_id=who.id, down=rung, down_reason=reason, up="full", up_reason=None
    )
    return upkeep.note_line(session_id=session.id, change=change, now=NOW + timedelta(seconds=seconds))


def noted(session: Session) -> list[events.LineRung]:
    log = rooms.events_after(session_id=session.id, seq=0)
    return [event.body.down for event in log if isinstance(event.body, events.LineChanged)]


def test_a_line_is_written_down_only_when_it_differs_from_what_was_written_last(
    session: Session, world: World
) -> None:
    doctor = go_live(session, world)
    seqs = [note(session, doctor, "full", 0), note(session, doctor, "still", 10)]
    seqs += [note(session, doctor, "still", 80), note(session, doctor, "full", 140)]
    assert noted(session) == ["still", "full"]
    before = session.seq
    session.refresh_from_db()
    assert (seqs[1] == seqs[2], seqs[3], before < session.seq) == (True, session.seq, True)


def test_a_line_that_flaps_over_many_sockets_is_written_down_once_a_minute(
    session: Session, world: World
) -> None:
    doctor = go_live(session, world)
    written = [
        note(session, doctor, "still", 0),
        note(session, doctor, "full", 10),
        note(session, doctor, "full", 56),
    ]
    assert [seq is not None for seq in written] == [True, False, True]
    assert noted(session) == ["still", "full"]
