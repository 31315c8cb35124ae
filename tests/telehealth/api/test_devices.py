"""Passes for machines, asked for in the room."""

from telehealth.consultations.domain import sessions
from telehealth.consultations.models import Session
from telehealth.core import clock
from telehealth.devices.models import DevicePass
from tests.factories import World, make_session
from tests.telehealth.signing_in import SignIn


def test_somebody_in_the_room_gets_an_address_and_a_token_of_which_only_the_digest_is_kept(
    world: World, sign_in: SignIn
) -> None:
    session = make_session(world)
    sessions.arrive(who=world.specialist, session_id=session.id, key=None, now=clock.now())
    response = sign_in(world.specialist).post(f"/api/sessions/{session.id}/devices/")
    told = response.json()
    assert response.status_code == 201
    assert response.headers["Cache-Control"] == "no-store"
    assert told == {
        "url": "http://testserver/whip/",
        "token": told["token"],
        "url_with_token": f"http://testserver/whip/{told['token']}/",
        "seconds": 900,
    }
    issued = DevicePass.objects.get()
    assert told["token"] not in str(vars(issued))
    assert (issued.expires_at - issued.issued_at).total_seconds() == 900


def test_who_is_not_in_the_room_gets_none(world: World, sign_in: SignIn) -> None:
    session = make_session(world)
    address = f"/api/sessions/{session.id}/devices/"
    before_arriving = sign_in(world.doctor).post(address)
    sessions.arrive(who=world.doctor, session_id=session.id, key=None, now=clock.now())
    waiting = sign_in(world.doctor).post(address)
    assert (before_arriving.status_code, before_arriving.json()["code"]) == (409, "room.not_arrived")
    assert (waiting.status_code, waiting.json()["code"]) == (403, "room.not_in")
    assert sign_in(world.doctor).get(address).status_code == 405
    assert not DevicePass.objects.exists()


def test_no_machine_is_let_into_an_encrypted_room(world: World, sign_in: SignIn) -> None:
    session = make_session(world)
    Session.objects.filter(id=session.id).update(encrypted=True)
    sessions.arrive(who=world.specialist, session_id=session.id, key=None, now=clock.now())
    refused = sign_in(world.specialist).post(f"/api/sessions/{session.id}/devices/")
    assert (refused.status_code, refused.json()["code"]) == (409, "device.room_encrypted")
