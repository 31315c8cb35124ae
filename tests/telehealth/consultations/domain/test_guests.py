"""People without an account: their links, and what they may do in the one room that is theirs."""

import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from telehealth.accounts.hat import Origin
from telehealth.audit.models import AuditEntry
from telehealth.consultations import rules
from telehealth.consultations.access import access_session
from telehealth.consultations.domain import guest_files, guests, rooms, sessions, visits
from telehealth.consultations.enums import GuestKind, Presence
from telehealth.consultations.models import GuestLink, Participant, Session, Visit
from telehealth.consultations.principals import Guest
from telehealth.core.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from tests.factories import NOW, World, guest_at, make_session, make_visit, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def visit(world: World) -> Visit:
    return make_visit(world)


@pytest.fixture
def guest(visit: Visit) -> Guest:
    return guest_at(visit)


@pytest.fixture
def session(guest: Guest) -> Session:
    """Return the visit's room, opened by the patient."""
    return visits.open_visit(who=guest, visit_id=guest.link.visit_id, now=NOW)


def come_in(world: World, session: Session, guest: Guest) -> Participant:
    """Let a guest into the call with the practitioner."""
    sessions.arrive(who=world.specialist, session_id=session.id, key=None, now=NOW)
    sessions.enter(who=world.specialist, session_id=session.id, now=NOW)
    sessions.arrive(who=guest, session_id=session.id, key=None, now=NOW)
    place = Participant.objects.get(session=session, guest=guest.link)
    sessions.admit(who=world.specialist, session_id=session.id, participant_id=place.id, key=None, now=NOW)
    sessions.enter(who=guest, session_id=session.id, now=NOW)
    place.refresh_from_db()
    return place


# --- the link --------------------------------------------------------------------------------------------------


def test_an_address_opens_its_link_and_is_stored_as_a_digest_only(guest: Guest) -> None:
    token = guests.token_of(guest.link.id)
    assert re.fullmatch(r"[A-Za-z0-9_-]{46}", token)
    assert guests.open_link(token=token, now=NOW) == guest.link
    stored = [str(value) for value in GuestLink.objects.values_list().get(id=guest.link.id)]
    assert token not in " ".join(stored)
    assert guests.digest_of(token) in stored


@given(st.text(max_size=80) | st.binary(min_size=34, max_size=34).map(lambda raw: raw.hex()))
def test_nothing_else_opens_anything(token: str) -> None:
    with pytest.raises(NotFound) as refused:
        guests.open_link(token=token, now=NOW)
    assert refused.value.code == "guest.link_unknown"


def test_an_address_made_with_another_secret_is_refused_though_its_digest_were_there(
    guest: Guest, monkeypatch: pytest.MonkeyPatch
) -> None:
    forged = guests.token_of(guest.link.id)
    GuestLink.objects.filter(id=guest.link.id).update(digest=guests.digest_of(forged))
    monkeypatch.setattr(settings, "SECRET_KEY", "another secret of at least thirty-two characters")
    with pytest.raises(NotFound):
        guests.open_link(token=forged, now=NOW)


def test_a_link_ends_with_its_time_and_when_revoked(world: World, guest: Guest) -> None:
    token = guests.token_of(guest.link.id)
    with pytest.raises(NotFound):
        guests.open_link(token=token, now=guests.ends_at(guest.link))
    guests.revoke_link(hat=world.specialist, link_id=guest.link.id, now=NOW)
    with pytest.raises(NotFound):
        guests.open_link(token=token, now=NOW)


def test_a_new_link_of_the_patient_ends_the_one_before(world: World, visit: Visit, guest: Guest) -> None:
    fresh = guests.renew_patient_link(hat=world.specialist, visit_id=visit.id, now=NOW)
    guest.link.refresh_from_db()
    assert (guest.link.revoked_at, fresh.revoked_at) == (NOW, None)
    assert fresh.digest != guest.link.digest


def test_only_those_who_look_after_the_visit_invite_and_revoke(
    world: World, visit: Visit, guest: Guest
) -> None:
    for stranger in (world.doctor, world.nurse, world.second_specialist):
        with pytest.raises(NotFound):
            guests.invite_relative(hat=stranger, visit_id=visit.id, name="A", phone="+84912345678", now=NOW)
        with pytest.raises(NotFound):
            guests.revoke_link(hat=stranger, link_id=guest.link.id, now=NOW)
        with pytest.raises(NotFound):
            guests.renew_patient_link(hat=stranger, visit_id=visit.id, now=NOW)
    for number in range(guests.MAX_RELATIVES):
        guests.invite_relative(
            hat=world.coordinator, visit_id=visit.id, name=f"Người {number}", phone="+84912345678", now=NOW
        )
    with pytest.raises(Invalid) as refused:
        guests.invite_relative(
            hat=world.specialist, visit_id=visit.id, name="Nữa", phone="+84912345678", now=NOW
        )
    assert refused.value.code == "guest.too_many"


def test_a_browser_is_known_for_its_own_link_and_not_for_ever(
    visit: Visit, guest: Guest, session: Session
) -> None:
    browser: dict[str, object] = {}
    assert guests.guest_of(browser, session_id=session.id, origin=Origin(), now=NOW) is None
    guests.remember(browser, guest.link, now=NOW)
    found = guests.guest_of(browser, session_id=session.id, origin=Origin(), now=NOW)
    assert found is not None
    assert found.link == guest.link
    later = NOW + guests.REMEMBERED_FOR
    assert guests.guest_of(browser, session_id=session.id, origin=Origin(), now=later) is None


# --- the room --------------------------------------------------------------------------------------------------


def test_a_guest_waits_until_the_practitioner_lets_them_in_and_the_call_is_live(
    world: World, session: Session, guest: Guest
) -> None:
    sessions.arrive(who=guest, session_id=session.id, key=None, now=NOW)
    with pytest.raises(Conflict) as refused:
        sessions.enter(who=guest, session_id=session.id, now=NOW)
    assert refused.value.code == "room.not_admitted"
    place = come_in(world, session, guest)
    assert (place.state, place.side, place.membership) == (Presence.IN_ROOM, "spoke", None)
    shown = rooms.snapshot(session=session)
    assert shown.state == "live"
    assert [(p.info.name, p.info.role, p.info.facility) for p in shown.participants] == [
        ("Vừ Thị Mẫu", "patient", ""),
        (world.specialist.user.full_name, "specialist", world.hub.short_name),
    ]


WHOM = UUID(int=1)
Deed = Callable[[Guest, Session, UUID], object]
# Every room command by a guest who is in the call: what becomes of it. None: it is done.
COMMANDS: dict[str, tuple[Deed, str | None]] = {
    "arrive": (lambda g, s, w: sessions.arrive(who=g, session_id=s.id, key=uuid4(), now=NOW), None),
    "enter": (lambda g, s, w: sessions.enter(who=g, session_id=s.id, now=NOW), None),
    "set_media": (
        lambda g, s, w: sessions.set_media(
            who=g, session_id=s.id, microphone=True, camera=True, screen=False, key=uuid4(), now=NOW
        ),
        None,
    ),
    "post_chat": (
        lambda g, s, w: sessions.post_chat(
            who=g, session_id=s.id, text="Chào bác sĩ", document_id=None, key=uuid4(), now=NOW
        ),
        None,
    ),
    "leave": (lambda g, s, w: sessions.leave(who=g, session_id=s.id, key=uuid4(), now=NOW), None),
    "admit": (
        lambda g, s, w: sessions.admit(who=g, session_id=s.id, participant_id=w, key=uuid4(), now=NOW),
        "room.not_yours_to_admit",
    ),
    "remove": (
        lambda g, s, w: sessions.remove(who=g, session_id=s.id, participant_id=w, key=uuid4(), now=NOW),
        "room.not_yours_to_remove",
    ),
    "mark_patient": (
        lambda g, s, w: sessions.mark_patient(who=g, session_id=s.id, present=True, key=uuid4(), now=NOW),
        "room.not_spoke",
    ),
    "end_call": (
        lambda g, s, w: sessions.end_session(who=g, session_id=s.id, reason="finished", key=uuid4(), now=NOW),
        "room.not_yours_to_end",
    ),
}


def refusal(deed: Callable[[], object]) -> str | None:
    try:
        deed()
    except DomainError as error:
        return error.code
    return None


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_of_a_guest_inside_gets_the_declared_answer(
    command: str, world: World, session: Session, guest: Guest
) -> None:
    come_in(world, session, guest)
    host = Participant.objects.get(session=session, membership=world.specialist.membership)
    deed, expected = COMMANDS[command]
    assert refusal(lambda: deed(guest, session, host.id)) == expected
    session.refresh_from_db()
    assert session.state == "live"


@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_reaches_another_room(command: str, world: World, session: Session, guest: Guest) -> None:
    other = make_visit(world, name="Người khác")
    elsewhere = visits.open_visit(who=guest_at(other), visit_id=other.id, now=NOW)
    case = make_session(world)
    deed, _answer = COMMANDS[command]
    for room in (elsewhere, case):
        before = room.seq
        assert refusal(partial(deed, guest, room, WHOM)) == "session.not_found"
        room.refresh_from_db()
        assert room.seq == before


def test_permissions_promise_a_guest_nothing(session: Session, guest: Guest) -> None:
    asked = (rules.may_admit, rules.may_remove, rules.may_end_call, rules.may_mark_patient)
    assert [may(guest, session.request) for may in asked] == [False] * 4


def test_what_is_done_by_hats_elsewhere_is_not_there_for_the_facilitys_other_physicians(
    world: World, session: Session
) -> None:
    allowed = {
        name
        for name in ("doctor", "nurse", "specialist", "second_specialist", "coordinator")
        if rules.may_see(getattr(world, name), session.request)
    }
    assert allowed == {"specialist", "coordinator"}


def test_revoking_puts_a_guest_out_at_once_and_for_good(world: World, session: Session, guest: Guest) -> None:
    place = come_in(world, session, guest)
    guests.revoke_link(hat=world.specialist, link_id=guest.link.id, now=NOW)
    place.refresh_from_db()
    assert (place.state, place.was_removed) == (Presence.LEFT, True)
    assert (
        refusal(lambda: sessions.arrive(who=guest, session_id=session.id, key=None, now=NOW))
        == "session.not_found"
    )


def test_an_act_of_a_guest_is_in_the_chain_of_the_practitioners_facility(
    world: World, session: Session, guest: Guest
) -> None:
    come_in(world, session, guest)
    acts = AuditEntry.objects.filter(detail__guest=str(guest.link.id), action__startswith="session.")
    assert set(acts.values_list("chain", "user_id", "action")) == {
        (str(world.hub.id), None, "session.opened"),
        (str(world.hub.id), None, "session.arrived"),
        (str(world.hub.id), None, "session.entered"),
    }


def test_a_relative_joins_beside_the_patient(
    world: World, visit: Visit, session: Session, guest: Guest
) -> None:
    relative = guest_at(visit, kind=GuestKind.RELATIVE)
    come_in(world, session, guest)
    place = come_in(world, session, relative)
    assert place.state == Presence.IN_ROOM
    assert access_session(relative, session.id) == session


# --- files -----------------------------------------------------------------------------------------------------

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def test_a_guest_opens_what_was_shown_to_them_and_nothing_else(
    world: World, session: Session, guest: Guest
) -> None:
    sessions.arrive(who=guest, session_id=session.id, key=None, now=NOW)
    with pytest.raises(NotAllowed):
        guest_files.attach_as_guest(guest=guest, session_id=session.id, name="a.pdf", content=PDF, now=NOW)
    come_in(world, session, guest)
    own, kept_back = (
        guest_files.attach_as_guest(guest=guest, session_id=session.id, name="a.pdf", content=PDF, now=NOW)
        for _ in range(2)
    )
    sessions.post_chat(who=guest, session_id=session.id, text="", document_id=own.id, key=None, now=NOW)
    opened = guest_files.document_for_guest(
        guest=guest, session_id=session.id, document_id=own.id, now=NOW + timedelta(minutes=1)
    )
    assert (opened, opened.created_by, opened.facility) == (own, None, world.hub)
    with pytest.raises(NotFound):
        guest_files.document_for_guest(guest=guest, session_id=session.id, document_id=kept_back.id, now=NOW)
