"""Messages of a room's chat that are too old to come with it."""

from uuid import uuid4

import pytest

from telehealth.audit.models import AuditEntry
from telehealth.consultations import room_events
from telehealth.consultations.domain import sessions
from telehealth.consultations.models import Session
from tests.factories import NOW, World, make_session, make_world
from tests.telehealth.signing_in import SignIn


@pytest.fixture
def session(world: World, monkeypatch: pytest.MonkeyPatch) -> Session:
    """Return a room with seven messages, of which the newest three fit a page."""
    monkeypatch.setattr(room_events, "CHAT_SHOWN", 3)
    made = make_session(world)
    sessions.arrive(who=world.specialist, session_id=made.id, key=None, now=NOW)
    for number in range(7):
        sessions.post_chat(
            who=world.specialist,
            session_id=made.id,
            key=uuid4(),
            text=str(number),
            document_id=None,
            now=NOW,
        )
    return made


@pytest.mark.parametrize(
    ("before", "page"),
    [
        (4, (["1", "2", "3"], 1)),
        (1, (["0"], 0)),
        (0, ([], 0)),
        (10**30, (["4", "5", "6"], 4)),
    ],
)
def test_a_page_is_what_stands_before_a_place(
    world: World, session: Session, sign_in: SignIn, before: int, page: tuple[list[str], int]
) -> None:
    answer = sign_in(world.doctor).get(f"/api/sessions/{session.id}/chat/{before}/")
    assert answer.status_code == 200
    found = answer.json()
    assert ([line["text"] for line in found["chat"]], found["chat_before"]) == page


def test_reading_it_is_written_down(world: World, session: Session, sign_in: SignIn) -> None:
    sign_in(world.doctor).get(f"/api/sessions/{session.id}/chat/4/")
    entry = AuditEntry.objects.get(action="request.chat_viewed")
    assert (entry.membership_id, entry.patient_id) == (world.doctor.membership.id, world.patient.id)


def test_to_a_stranger_there_is_no_such_chat(session: Session, sign_in: SignIn) -> None:
    answer = sign_in(make_world().doctor).get(f"/api/sessions/{session.id}/chat/4/")
    assert (answer.status_code, answer.json()["code"]) == (404, "session.not_found")
