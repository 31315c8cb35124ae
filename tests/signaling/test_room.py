"""`fold(events) == snapshot`: what a client builds from the log is what the rows say, whatever people do."""

import contextlib
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signaling.room import empty_room, fold, fold_all
from telehealth.accounts.hat import Hat
from telehealth.consultations.domain import rooms, sessions, upkeep
from telehealth.consultations.models import Session
from telehealth.consultations.room_events import (
    CHAT_SHOWN,
    LineChanged,
    LineReason,
    LineRung,
    LoggedEvent,
    SessionOpened,
)
from telehealth.core.errors import DomainError
from tests.factories import NOW, World, make_session, make_world

PEOPLE = ("doctor", "nurse", "specialist", "second_specialist", "coordinator")
STEP = timedelta(seconds=7)


class Play:
    """People acting on one room, each act seven seconds after the one before."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.session = make_session(world)
        self.now = NOW

    def act(self, use_case: Callable[..., object], **arguments: object) -> None:
        self.now += STEP
        with contextlib.suppress(DomainError), transaction.atomic():
            use_case(session_id=self.session.id, now=self.now, **arguments)

    def hat(self, name: str) -> Hat:
        hat: Hat = getattr(self.world, name)
        return hat

    def whom(self, name: str) -> dict[str, object]:
        membership = self.hat(name).membership
        return {"participant_id": sessions.participant_id_of(self.session.id, membership.id)}

    def note_line(self, name: str, down: LineRung) -> None:
        who = sessions.participant_id_of(self.session.id, self.hat(name).membership.id)
        reason: LineReason | None = None if down == "full" else "loss"
        change = LineChanged(participant_id=who, down=down, down_reason=reason, up="full", up_reason=None)
        self.act(upkeep.note_line, change=change)

    def wait(self, pause: timedelta) -> None:
        self.now += pause
        with transaction.atomic():
            upkeep.sweep_rooms(now=self.now)


Act = Callable[[Play], None]
somebody = st.sampled_from(PEOPLE)
rungs = st.sampled_from(["full", "quarter", "still"])


def _does(use_case: Callable[..., object], who: str, **arguments: object) -> Act:
    return lambda play: play.act(use_case, who=play.hat(who), **arguments)


def _to(use_case: Callable[..., object], who: str, whom: str) -> Act:
    return lambda play: play.act(use_case, who=play.hat(who), key=None, **play.whom(whom))


def _comes(who: str) -> Act:
    def act(play: Play) -> None:
        play.act(sessions.arrive, who=play.hat(who), key=uuid4())
        play.act(sessions.enter, who=play.hat(who))

    return act


acts: st.SearchStrategy[Act] = st.one_of(
    st.builds(_comes, somebody),
    st.builds(partial(_does, sessions.arrive, key=None), somebody),
    st.builds(partial(_does, sessions.enter), somebody),
    st.builds(partial(_to, sessions.admit), somebody, somebody),
    st.builds(partial(_to, sessions.remove), st.just("specialist"), somebody),
    st.builds(
        lambda whom: lambda play: play.act(upkeep.lose_line, **play.whom(whom)),
        somebody,
    ),
    st.builds(partial(_does, sessions.leave, key=None), somebody),
    st.builds(
        lambda who, present: _does(sessions.mark_patient, who, key=None, present=present),
        somebody,
        st.booleans(),
    ),
    st.builds(
        lambda who, **sends: _does(sessions.set_media, who, key=None, **sends),
        somebody,
        microphone=st.booleans(),
        camera=st.booleans(),
        screen=st.booleans(),
        exam=st.booleans(),
        auscultation=st.booleans(),
    ),
    st.builds(lambda whom, down: lambda play: play.note_line(whom, down), somebody, rungs),
    st.builds(
        lambda who, text: _does(sessions.post_chat, who, key=uuid4(), text=text, document_id=None),
        somebody,
        st.text(max_size=20),
    ),
    st.builds(
        lambda epoch: lambda play: play.act(upkeep.place_media, node="n1", if_epoch=epoch),
        st.integers(0, 3),
    ),
    st.builds(lambda minutes: lambda play: play.wait(timedelta(minutes=minutes)), st.sampled_from([0.5, 16])),
)
endings = st.one_of(
    st.none(),
    st.builds(partial(_does, sessions.end_session, key=None, reason="finished"), somebody),
    st.builds(lambda: lambda play: play.wait(timedelta(hours=1))),
)


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(script=st.lists(acts, max_size=20), ending=endings)
def test_fold_of_the_log_is_the_snapshot(world: World, script: list[Act], ending: Act | None) -> None:
    with transaction.atomic():
        play = Play(world)
        for act in [_comes("specialist"), *script, *([ending] if ending else [])]:
            act(play)
        session = Session.objects.get(id=play.session.id)
        log = rooms.events_after(session_id=session.id, seq=0)
        assert [event.seq for event in log] == list(range(1, session.seq + 1))
        assert fold_all(session.id, log) == rooms.snapshot(session=session)
        transaction.set_rollback(True)


def test_of_a_long_chat_the_room_holds_the_newest_messages_and_how_many_came_before(world: World) -> None:
    play = Play(world)
    _comes("specialist")(play)
    for number in range(CHAT_SHOWN + 3):
        play.act(sessions.post_chat, who=world.specialist, key=uuid4(), text=str(number), document_id=None)
    room = rooms.snapshot(session=play.session)
    assert room == fold_all(play.session.id, rooms.events_after(session_id=play.session.id, seq=0))
    assert room.chat_before == 3
    assert [line.text for line in room.chat] == [str(number) for number in range(3, CHAT_SHOWN + 3)]


def test_event_that_does_not_follow_is_refused() -> None:
    room = empty_room(uuid4())
    event = LoggedEvent(seq=2, at=datetime.fromisoformat("2026-11-24T07:00:00Z"), body=SessionOpened())
    with pytest.raises(ValueError, match="event 2 does not follow 0"):
        fold(room, event)
