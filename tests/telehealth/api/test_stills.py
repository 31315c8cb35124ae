"""Still pictures of a room: by whom, for whom, for how long, and what is written down about it."""

from uuid import UUID

import pytest
from django.core.cache import cache
from django.test import Client

from telehealth.accounts.hat import Hat
from telehealth.audit.models import AuditEntry
from telehealth.consultations.domain import sessions
from telehealth.consultations.models import Session
from telehealth.core import announce
from tests.factories import NOW, World, make_session
from tests.telehealth.consultations.test_stills import jpeg
from tests.telehealth.signing_in import SignIn


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    cache.clear()


def who(session: Session, hat: Hat) -> UUID:
    return sessions.participant_id_of(session.id, hat.membership.id)


@pytest.fixture
def session(world: World) -> Session:
    """Return a room with the doctor and the specialist in it; the nurse waits outside."""
    made = make_session(world)
    for hat in (world.specialist, world.doctor, world.nurse):
        sessions.arrive(who=hat, session_id=made.id, key=None, now=NOW)
    guest = who(made, world.doctor)
    sessions.admit(who=world.specialist, session_id=made.id, participant_id=guest, key=None, now=NOW)
    return made


def put(client: Client, session: Session, content: bytes) -> int:
    return client.put(f"/api/sessions/{session.id}/still/", content, content_type="image/jpeg").status_code


def test_the_newest_picture_is_seen_inside_the_room_once_and_then_not_sent_again(
    world: World, session: Session, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[dict[str, object]] = []
    monkeypatch.setitem(announce._subscribers, "still", [told.append])
    picture = jpeg()
    assert put(sign_in(world.doctor), session, picture) == 204
    address = f"/api/sessions/{session.id}/stills/{who(session, world.doctor)}/"
    viewer = sign_in(world.specialist)
    seen = viewer.get(address)
    assert (seen.status_code, seen.content, seen.headers["Content-Type"]) == (200, picture, "image/jpeg")
    assert seen.headers["Cache-Control"] == "no-store"
    again = viewer.get(address, headers={"if-none-match": seen.headers["ETag"]})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", seen.headers["ETag"])
    assert [(t["session"], t["participant_id"], f'"{t["seq"]}"') for t in told] == [
        (str(session.id), str(who(session, world.doctor)), seen.headers["ETag"])
    ]


def test_each_access_is_audited_once_a_viewer_and_call(
    world: World, session: Session, sign_in: SignIn
) -> None:
    client, viewer = sign_in(world.doctor), sign_in(world.specialist)
    address = f"/api/sessions/{session.id}/stills/{who(session, world.doctor)}/"
    for _ in range(3):
        cache.delete(f"still-pause:{who(session, world.doctor)}")
        assert put(client, session, jpeg()) == 204
        assert viewer.get(address).status_code == 200
    entries = AuditEntry.objects.filter(action__startswith="session.still").order_by("at", "action")
    assert [(entry.action, entry.membership_id, entry.patient_id) for entry in entries] == [
        ("session.still_sent", world.doctor.membership.id, world.patient.id),
        ("session.still_viewed", world.specialist.membership.id, world.patient.id),
    ]


def test_who_waits_is_elsewhere_or_was_put_out_sees_and_sends_nothing(
    world: World, session: Session, sign_in: SignIn
) -> None:
    assert put(sign_in(world.doctor), session, jpeg()) == 204
    address = f"/api/sessions/{session.id}/stills/{who(session, world.doctor)}/"
    for outsider in (world.nurse, world.coordinator):
        client = sign_in(outsider)
        assert (put(client, session, jpeg()), client.get(address).status_code) == (404, 404)
    doctor = sign_in(world.doctor)
    assert doctor.get(address).status_code == 200
    guest = who(session, world.doctor)
    sessions.remove(who=world.specialist, session_id=session.id, participant_id=guest, key=None, now=NOW)
    assert (put(doctor, session, jpeg()), doctor.get(address).status_code) == (404, 404)
    # Nor does anybody see a picture of somebody who is no longer there.
    assert sign_in(world.specialist).get(address).status_code == 404


def test_pictures_end_with_the_call(world: World, session: Session, sign_in: SignIn) -> None:
    doctor = sign_in(world.doctor)
    assert put(doctor, session, jpeg()) == 204
    sessions.end_session(who=world.specialist, session_id=session.id, reason="finished", key=None, now=NOW)
    address = f"/api/sessions/{session.id}/stills/{who(session, world.doctor)}/"
    assert (put(doctor, session, jpeg()), doctor.get(address).status_code) == (404, 404)


def test_what_is_no_small_jpeg_or_comes_too_soon_is_refused(
    world: World, session: Session, sign_in: SignIn
) -> None:
    client = sign_in(world.doctor)
    assert put(client, session, b"<html>") == 422
    assert put(client, session, b"\xff\xd8" + b"x" * 70_000 + b"\xff\xd9") == 422
    assert put(client, session, jpeg()) == 204
    assert put(client, session, jpeg()) == 409


def test_a_page_of_another_site_cannot_send_a_picture(
    world: World, session: Session, sign_in: SignIn
) -> None:
    careful = Client(enforce_csrf_checks=True)
    careful.cookies = sign_in(world.doctor).cookies
    assert put(careful, session, jpeg()) == 403


def test_a_room_that_is_encrypted_end_to_end_has_no_stills(
    world: World, session: Session, sign_in: SignIn
) -> None:
    Session.objects.filter(id=session.id).update(encrypted=True)
    assert put(sign_in(world.doctor), session, jpeg()) == 409
