"""Who has a seat at a room's media, and for whom a grant says that they have been let in: the database decides."""

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings

from media.grants import verify_grant
from signaling import truth
from signaling.people import Denied
from signaling.places import sign
from signaling.protocol.closing import CloseCode
from telehealth.consultations.domain import sessions
from telehealth.consultations.enums import Presence
from telehealth.consultations.models import Participant, Session
from telehealth.core.errors import NotFound
from tests.factories import World, make_session, make_world

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def session(world: World) -> Session:
    return make_session(world)


def placed(world: World, session: Session, **fields: Any) -> truth.Seat:
    """Give the doctor a place like this; return their seat."""
    sessions.arrive(who=world.doctor, session_id=session.id, key=None, now=NOW)
    Participant.objects.filter(session=session).update(**fields)
    return truth.seat_of(world.doctor, session_id=session.id)


def says_admitted(session: Session, seat: truth.Seat) -> bool:
    token = sign(session.id, seat, seat.epoch)
    return verify_grant(token, key=settings.MEDIA_SECRET.encode(), now=time.time()).admitted


@pytest.mark.parametrize(
    ("state", "admitted"),
    [
        (Presence.WAITING, False),
        (Presence.ADMITTED, True),
        (Presence.IN_ROOM, True),
        (Presence.AWAY, True),
        (Presence.LEFT, False),
    ],
)
def test_only_who_is_inside_now_is_granted_more_than_standing_by(
    world: World, session: Session, state: Presence, admitted: bool
) -> None:
    # Having been let in once is not enough: whoever left has to come in again first.
    seat = placed(world, session, state=state, was_admitted=True)
    assert says_admitted(session, seat) is admitted


def test_who_has_not_arrived_stands_by_under_the_name_they_will_have(world: World, session: Session) -> None:
    before = truth.seat_of(world.doctor, session_id=session.id)
    after = placed(world, session)
    assert (before.admitted, before.participant_id) == (False, after.participant_id)


def test_who_was_put_out_has_no_seat(world: World, session: Session) -> None:
    with pytest.raises(Denied) as denied:
        placed(world, session, state=Presence.LEFT, was_removed=True)
    assert denied.value.code == CloseCode.NOT_ALLOWED


def test_a_room_that_is_over_has_no_seats(world: World, session: Session) -> None:
    Session.objects.filter(id=session.id).update(ended_at=NOW)
    with pytest.raises(Denied) as denied:
        truth.seat_of(world.doctor, session_id=session.id)
    assert denied.value.code == CloseCode.ROOM_OVER


def test_a_stranger_learns_nothing(session: Session) -> None:
    with pytest.raises(NotFound):
        truth.seat_of(make_world().doctor, session_id=session.id)
