"""The call: coming, being let in, going live, leaving, ending."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction

from telehealth.accounts.hat import Hat
from telehealth.consultations import room_events as events
from telehealth.consultations import rules
from telehealth.consultations.domain import rooms, sessions, upkeep
from telehealth.consultations.enums import Presence, RequestState, SessionState
from telehealth.consultations.models import Participant, RoomEvent, Session
from telehealth.core.errors import Conflict, NotAllowed, NotFound
from tests import factories
from tests.factories import NOW, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return factories.make_world()


@pytest.fixture
def session(world: World) -> Session:
    return factories.make_session(world)


def arrive(session: Session, *hats: Hat) -> list[Participant]:
    for hat in hats:
        sessions.arrive(who=hat, session_id=session.id, key=None, now=NOW)
    return [Participant.objects.get(session=session, membership=hat.membership) for hat in hats]


def go_live(session: Session, world: World) -> tuple[Participant, Participant]:
    specialist, doctor = arrive(session, world.specialist, world.doctor)
    sessions.admit(who=world.specialist, session_id=session.id, participant_id=doctor.id, key=None, now=NOW)
    for hat in (world.specialist, world.doctor):
        sessions.enter(who=hat, session_id=session.id, now=NOW)
    return specialist, doctor


def kinds(session: Session) -> list[str]:
    return [event.body.kind for event in rooms.events_after(session_id=session.id, seq=0)]


def test_opening_twice_gives_the_same_room(world: World) -> None:
    request = factories.make_claimed(world)
    first = sessions.open_session(hat=world.doctor, request_id=request.id, now=NOW)
    assert sessions.open_session(hat=world.specialist, request_id=request.id, now=NOW) == first
    request.refresh_from_db()
    assert request.state == RequestState.IN_SESSION


def test_a_physician_opens_an_encrypted_room_and_nobody_changes_it(world: World) -> None:
    request = factories.make_claimed(world)
    first = sessions.open_session(hat=world.doctor, request_id=request.id, encrypted=True, now=NOW)
    again = sessions.open_session(hat=world.specialist, request_id=request.id, encrypted=False, now=NOW)
    assert (first.encrypted, again.encrypted) == (True, True)
    assert rooms.snapshot(session=first).encrypted
    assert not rules.may_be_recorded(first)
    opened = rooms.events_after(session_id=first.id, seq=0)[0].body
    assert opened == events.SessionOpened(encrypted=True)


def test_a_coordinator_opens_plain_rooms_only(world: World) -> None:
    request = factories.make_claimed(world)
    with pytest.raises(NotAllowed) as refused:
        sessions.open_session(hat=world.coordinator, request_id=request.id, encrypted=True, now=NOW)
    assert refused.value.code == "room.not_yours_to_encrypt"
    plain = sessions.open_session(hat=world.coordinator, request_id=request.id, now=NOW)
    assert not plain.encrypted
    assert rules.may_be_recorded(plain)


def test_an_unclaimed_request_has_no_room(world: World) -> None:
    request = factories.make_submitted(world)
    with pytest.raises(Conflict):
        sessions.open_session(hat=world.doctor, request_id=request.id, now=NOW)


def test_the_owner_is_admitted_by_arriving_and_others_wait(session: Session, world: World) -> None:
    specialist, doctor, second = arrive(session, world.specialist, world.doctor, world.second_specialist)
    assert [p.state for p in (specialist, doctor, second)] == [
        Presence.ADMITTED,
        Presence.WAITING,
        Presence.WAITING,
    ]


def test_nobody_enters_without_being_admitted(session: Session, world: World) -> None:
    arrive(session, world.doctor)
    with pytest.raises(Conflict) as refused:
        sessions.enter(who=world.doctor, session_id=session.id, now=NOW)
    assert refused.value.code == "room.not_admitted"


def test_only_the_hub_admits_and_only_from_inside(session: Session, world: World) -> None:
    doctor, nurse = arrive(session, world.doctor, world.nurse)
    for hat in (world.doctor, world.specialist):  # the specialist has not arrived yet
        with pytest.raises(NotAllowed):
            sessions.admit(who=hat, session_id=session.id, participant_id=nurse.id, key=None, now=NOW)
    arrive(session, world.specialist)
    sessions.admit(who=world.specialist, session_id=session.id, participant_id=doctor.id, key=None, now=NOW)
    doctor.refresh_from_db()
    assert doctor.state == Presence.ADMITTED


def test_the_call_is_live_when_both_sides_are_in(session: Session, world: World) -> None:
    go_live(session, world)
    session.refresh_from_db()
    assert (session.state, session.live_since) == (SessionState.LIVE, NOW)
    assert kinds(session) == [
        "session_opened",
        "participant_arrived",
        "participant_admitted",
        "participant_arrived",
        "participant_admitted",
        "participant_entered",
        "participant_entered",
        "went_live",
    ]


def test_the_sequence_has_no_gaps_and_the_log_cannot_be_changed(session: Session, world: World) -> None:
    go_live(session, world)
    sequence = list(RoomEvent.objects.filter(session=session).order_by("seq").values_list("seq", flat=True))
    assert sequence == list(range(1, len(sequence) + 1))
    for act in (
        lambda: RoomEvent.objects.filter(session=session).update(seq=99),
        lambda: RoomEvent.objects.filter(session=session).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


def test_a_repeated_command_has_one_effect(session: Session, world: World) -> None:
    go_live(session, world)
    key = uuid4()

    def post() -> int:
        return sessions.post_chat(
            who=world.doctor, session_id=session.id, text="Chào bác sĩ", document_id=None, key=key, now=NOW
        )

    assert post() == post()
    assert kinds(session).count("chat_posted") == 1


def test_a_full_room_refuses_the_seventh(session: Session, world: World) -> None:
    from telehealth.accounts.enums import Role

    arrive(session, *(factories.make_person(world.spoke, Role.NURSE) for _ in range(6)))
    with pytest.raises(Conflict) as refused:
        arrive(session, world.doctor)
    assert refused.value.code == "room.full"


def test_a_lost_line_keeps_the_place_and_coming_back_needs_no_new_admission(
    session: Session, world: World
) -> None:
    _specialist, doctor = go_live(session, world)
    upkeep.lose_line(session_id=session.id, participant_id=doctor.id, now=NOW)
    doctor.refresh_from_db()
    assert doctor.state == Presence.AWAY
    sessions.arrive(who=world.doctor, session_id=session.id, key=None, now=NOW)
    sessions.enter(who=world.doctor, session_id=session.id, now=NOW)
    doctor.refresh_from_db()
    assert doctor.state == Presence.IN_ROOM


def test_a_removed_person_stays_out(session: Session, world: World) -> None:
    _specialist, doctor = go_live(session, world)
    sessions.remove(who=world.specialist, session_id=session.id, participant_id=doctor.id, key=None, now=NOW)
    with pytest.raises(NotAllowed) as refused:
        sessions.arrive(who=world.doctor, session_id=session.id, key=None, now=NOW)
    assert refused.value.code == "room.removed"


def test_ending_puts_the_unanswered_request_back_and_it_can_be_called_again(
    session: Session, world: World
) -> None:
    go_live(session, world)
    sessions.end_session(who=world.doctor, session_id=session.id, reason="interrupted", key=None, now=NOW)
    session.refresh_from_db()
    session.request.refresh_from_db()
    assert (session.state, session.end_reason, session.request.state) == (
        SessionState.ENDED,
        "interrupted",
        RequestState.ACCEPTED,
    )
    again = sessions.open_session(hat=world.doctor, request_id=session.request_id, now=NOW)
    assert (again.number, again.id == session.id) == (2, False)


def test_acts_in_an_ended_room_are_refused(session: Session, world: World) -> None:
    arrive(session, world.doctor)
    sessions.end_session(who=world.doctor, session_id=session.id, reason="finished", key=None, now=NOW)
    acts: list[Callable[[], int]] = [
        lambda: sessions.arrive(who=world.specialist, session_id=session.id, key=None, now=NOW),
        lambda: sessions.mark_patient(
            who=world.doctor, session_id=session.id, present=True, key=None, now=NOW
        ),
        lambda: sessions.leave(who=world.doctor, session_id=session.id, key=None, now=NOW),
    ]
    for act in acts:
        with pytest.raises(Conflict) as refused:
            act()
        assert refused.value.code == "room.over"


def test_only_the_spoke_says_the_patient_is_present(session: Session, world: World) -> None:
    arrive(session, world.nurse, world.specialist)
    sessions.mark_patient(who=world.nurse, session_id=session.id, present=True, key=None, now=NOW)
    session.refresh_from_db()
    assert session.patient_present
    with pytest.raises(NotAllowed):
        sessions.mark_patient(who=world.specialist, session_id=session.id, present=False, key=None, now=NOW)


def test_strangers_find_no_room(session: Session) -> None:
    stranger = factories.make_world().doctor
    with pytest.raises(NotFound):
        sessions.arrive(who=stranger, session_id=session.id, key=None, now=NOW)
