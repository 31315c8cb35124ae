"""What happens to a room by itself: silence, abandonment, and where its media lives."""

from datetime import timedelta

import pytest

from telehealth.consultations import room_events as events
from telehealth.consultations.domain import rooms, sessions, upkeep
from telehealth.consultations.enums import Presence, SessionState
from telehealth.consultations.models import Participant, Session
from tests import factories
from tests.factories import NOW, World

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
        sessions.arrive(hat=hat, session_id=session.id, key=None, now=NOW)
    doctor = Participant.objects.get(session=session, membership=world.doctor.membership)
    sessions.admit(hat=world.specialist, session_id=session.id, participant_id=doctor.id, key=None, now=NOW)
    for hat in (world.specialist, world.doctor):
        sessions.enter(hat=hat, session_id=session.id, now=NOW)
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


def test_media_is_placed_once_per_epoch(session: Session) -> None:
    assert upkeep.place_media(session_id=session.id, node="a", if_epoch=0, now=NOW) == ("a", 1)
    assert upkeep.place_media(session_id=session.id, node="b", if_epoch=0, now=NOW) == ("a", 1)
    assert upkeep.place_media(session_id=session.id, node="b", if_epoch=1, now=NOW) == ("b", 2)
    moved = [e.body for e in rooms.events_after(session_id=session.id, seq=1)]
    assert moved == [events.MediaMoved(epoch=1), events.MediaMoved(epoch=2)]
