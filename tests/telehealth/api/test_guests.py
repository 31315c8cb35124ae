"""What a guest's browser may ask for over HTTP: of the room it was let into, and of nothing else."""

from uuid import uuid4

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from telehealth.consultations.domain import guests, sessions, visits
from telehealth.consultations.models import Participant, Session, Visit
from telehealth.consultations.principals import Guest
from telehealth.core import clock
from tests.factories import World, guest_at, make_session, make_visit
from tests.telehealth.consultations.test_stills import jpeg

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    cache.clear()


@pytest.fixture
def visit(world: World) -> Visit:
    return make_visit(world, starts_at=clock.now())


@pytest.fixture
def session(world: World, visit: Visit) -> Session:
    """Return the visit's room with the specialist inside."""
    made = visits.open_visit(who=world.specialist, visit_id=visit.id, now=clock.now())
    sessions.arrive(who=world.specialist, session_id=made.id, key=None, now=clock.now())
    return made


def known(guest: Guest) -> Client:
    client = Client()
    session = client.session
    guests.remember(session, guest.link, now=clock.now())
    session.save()
    return client


def come_in(world: World, session: Session, guest: Guest) -> None:
    now = clock.now()
    sessions.arrive(who=guest, session_id=session.id, key=None, now=now)
    place = Participant.objects.get(session=session, guest=guest.link)
    sessions.admit(who=world.specialist, session_id=session.id, participant_id=place.id, key=None, now=now)


def answers(client: Client, session: Session) -> dict[str, int]:
    """Ask for everything a guest's page asks for; return the statuses."""
    host = session.participants.exclude(membership=None).first()
    whom = host.id if host else uuid4()
    base = f"/api/guests/{session.id}"
    file = SimpleUploadedFile("don-thuoc.pdf", PDF)
    return {
        "still": client.put(f"{base}/still/", jpeg(), content_type="image/jpeg").status_code,
        "still_of": client.get(f"{base}/stills/{whom}/").status_code,
        "documents": client.post(f"{base}/documents/", {"file": file}).status_code,
        "document": client.get(f"{base}/documents/{uuid4()}/").status_code,
    }


NOTHING = {"still": 404, "still_of": 404, "documents": 404, "document": 404}


def test_inside_a_guest_sends_and_sees(world: World, visit: Visit, session: Session) -> None:
    guest = guest_at(visit)
    come_in(world, session, guest)
    # There is no still of the host, and no such document: answered as to anybody inside.
    assert answers(known(guest), session) == {
        "still": 204,
        "still_of": 404,
        "documents": 201,
        "document": 404,
    }


def test_who_waits_may_do_nothing_yet(world: World, visit: Visit, session: Session) -> None:
    guest = guest_at(visit)
    sessions.arrive(who=guest, session_id=session.id, key=None, now=clock.now())
    assert answers(known(guest), session) == NOTHING | {"documents": 403}


def test_everybody_else_gets_the_same_answer(
    world: World, visit: Visit, session: Session, client: Client
) -> None:
    guest = guest_at(visit)
    come_in(world, session, guest)
    stranger = known(guest_at(make_visit(world, starts_at=clock.now(), name="Người khác")))
    assert answers(client, session) == answers(stranger, session) == NOTHING
    assert answers(known(guest), make_session(world)) == NOTHING
    guests.revoke_link(hat=world.specialist, link_id=guest.link.id, now=clock.now())
    assert answers(known(guest), session) == NOTHING


def test_a_guests_cookie_opens_no_page_of_the_staff(world: World, visit: Visit, session: Session) -> None:
    guest = guest_at(visit)
    come_in(world, session, guest)
    client = known(guest)
    request = session.request
    pages = (
        "/",
        "/patients/",
        f"/patients/{request.patient_id}/",
        f"/requests/{request.id}/",
        f"/requests/{request.id}/panel/",
        f"/rooms/{session.id}/",
        f"/visits/{visit.id}/",
        f"/visits/{visit.id}/panel/",
        "/visits/",
        "/line-check/",
    )
    assert {path: client.get(path).status_code for path in pages} == dict.fromkeys(pages, 302)
    programs = (
        f"/api/sessions/{session.id}/documents/",
        f"/api/sessions/{session.id}/devices/",
        f"/api/requests/{request.id}/documents/",
    )
    assert {path: client.post(path).status_code for path in programs} == dict.fromkeys(programs, 401)
    assert client.put(f"/api/visits/{visit.id}/summary/", "version=0").status_code == 401
    assert client.put(f"/api/sessions/{session.id}/still/", jpeg()).status_code == 401
