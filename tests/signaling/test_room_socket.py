"""The room's socket over the real ASGI application, PostgreSQL and Valkey."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from asgiref.sync import sync_to_async
from django.db import connection, transaction
from django.test import Client as Browser
from django.test import override_settings

from media.grants import GRANT_SECONDS
from signaling.process import Timings
from telehealth.accounts.access import deactivate_membership, end_all_sessions
from telehealth.consultations.domain import sessions
from telehealth.consultations.models import Participant, RoomEvent, Session
from telehealth.consultations.room_events import ChatPosted
from telehealth.core import clock
from tests.factories import World, make_session, make_world
from tests.signaling.rig import PATIENCE, Client, House, house, in_database, sign_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
async def world() -> World:
    return await in_database(make_world)


@pytest.fixture
async def session(world: World) -> Session:
    return await in_database(lambda: make_session(world))


@pytest.fixture
async def built() -> AsyncIterator[House]:
    async with house() as made:
        yield made


async def both_inside(built: House, world: World, session: Session) -> tuple[Client, Client]:
    """Bring the specialist and the doctor into the room."""
    specialist = await built.enter(world.specialist, session.id)
    doctor = await built.enter(world.doctor, session.id)
    assert (await specialist.do("arrive"))["type"] == "ack"
    assert (await doctor.do("arrive"))["type"] == "ack"
    await specialist.until_event("participant_entered", participant_id=specialist.me)
    assert (await specialist.do("admit", participant_id=doctor.me))["type"] == "ack"
    await specialist.until_event("went_live")
    await doctor.until_event("went_live")
    return specialist, doctor


async def media_of(built: House, client: Client) -> str:
    """Give a client a connected media connection; return its id."""
    connection_id = str(uuid4())
    await client.send(type="media_join", connection_id=connection_id)
    assert (await client.until_type("media_offer", "media_lost"))["type"] == "media_offer"
    await client.send(type="media_answer", connection_id=connection_id, sdp="answer")
    built.nodes.connect(connection_id)
    await client.until_type("media_connected")
    return connection_id


async def unannounced(act: Callable[[], Any]) -> None:
    """Commit something whose announcement is lost, as when a process dies right after its commit."""

    def run() -> None:
        with transaction.atomic():
            act()
            connection.run_on_commit = []

    await in_database(run)


async def events_of(session: Session) -> list[str]:
    kinds = await in_database(
        lambda: list(
            RoomEvent.objects.filter(session=session).order_by("seq").values_list("body__kind", flat=True)
        )
    )
    return [str(kind) for kind in kinds]


# --- the main path ------------------------------------------------------------------------------------------------


async def test_a_connection_comes_with_turn_servers_whose_credentials_are_its_own(
    built: House, world: World, session: Session, settings: Any
) -> None:
    settings.TURN_URLS, settings.TURN_SECRET = ["turn:turn.example.org:3478?transport=tcp"], "north"
    _specialist, doctor = await both_inside(built, world, session)
    names = set()
    for _ in range(2):
        connection_id = uuid4()
        await doctor.send(type="media_join", connection_id=str(connection_id))
        [server] = (await doctor.until_type("media_offer"))["ice_servers"]
        expiry, _, name = server["username"].partition(":")
        assert (server["urls"], name) == (settings.TURN_URLS, connection_id.hex)
        assert 0 < int(expiry) - time.time() <= GRANT_SECONDS
        names.add(server["username"])
    assert len(names) == 2


async def test_two_people_come_together_talk_and_end_the_call(
    built: House, world: World, session: Session
) -> None:
    specialist, doctor = await both_inside(built, world, session)
    connection_id = str(uuid4())
    await doctor.send(type="media_join", connection_id=connection_id)
    assert await doctor.until_type("media_offer", "media_lost") == {
        "type": "media_offer",
        "connection_id": connection_id,
        "epoch": 1,
        "sdp": f"offer for {connection_id}",
        "ice_servers": [],
    }
    await doctor.send(type="media_answer", connection_id=connection_id, sdp="answer")
    built.nodes.connect(connection_id)
    assert await doctor.until_type("media_connected") == {
        "type": "media_connected",
        "connection_id": connection_id,
    }
    assert ("answer", "node-1", connection_id, "answer") in built.nodes.asked

    assert (await doctor.do("mark_patient", present=True))["type"] == "ack"
    assert (await doctor.do("post_chat", text="Mạch 96", document_id=None))["type"] == "ack"
    assert (await specialist.until_event("chat_posted"))["text"] == "Mạch 96"

    assert (await specialist.do("end_call", reason="finished"))["type"] == "ack"
    assert await doctor.until_closed() == 4410
    assert await specialist.until_closed() == 4410
    assert ("close_room", "node-1", str(session.id)) in built.nodes.asked
    assert (await events_of(session))[-6:] == [
        "media_moved",
        "patient_presence_changed",
        "chat_posted",
        "participant_left",
        "participant_left",
        "session_ended",
    ]


async def test_permissions_tell_the_two_sides_apart(built: House, world: World, session: Session) -> None:
    assert (await built.enter(world.specialist, session.id)).permissions == {
        "admit": True,
        "mark_patient": False,
        "remove": True,
        "end_call": True,
    }
    assert (await built.enter(world.nurse, session.id)).permissions == {
        "admit": False,
        "mark_patient": True,
        "remove": False,
        "end_call": False,
    }


# --- resuming -----------------------------------------------------------------------------------------------------


async def test_client_gets_a_snapshot_first_and_only_what_it_missed_later(
    built: House, world: World, session: Session
) -> None:
    doctor = await built.visit(world.doctor, f"/ws/rooms/{session.id}/")
    first = await doctor.hello()
    assert (first["snapshot"]["seq"], first["events"]) == (1, [])
    await doctor.do("arrive")
    await doctor.until_event("participant_arrived")
    seen = doctor.seq
    await doctor.leave_line()

    specialist = await built.enter(world.specialist, session.id)
    await specialist.do("arrive")
    await specialist.until_event("participant_entered")

    again = await built.visit(world.doctor, f"/ws/rooms/{session.id}/")
    again.seq = seen
    welcome = await again.hello(last_seq=seen)
    assert welcome["snapshot"] is None
    assert [e["body"]["kind"] for e in welcome["events"]] == [
        "participant_arrived",
        "participant_admitted",
        "participant_entered",
    ]


async def test_client_that_knows_more_than_the_log_gets_a_snapshot(
    built: House, world: World, session: Session
) -> None:
    doctor = await built.visit(world.doctor, f"/ws/rooms/{session.id}/")
    assert (await doctor.hello(last_seq=999))["snapshot"]["seq"] == 1


async def test_lost_hint_costs_time_only(built: House, world: World, session: Session) -> None:
    specialist = await built.enter(world.specialist, session.id)
    await unannounced(
        lambda: sessions.arrive(who=world.doctor, session_id=session.id, key=None, now=clock.now())
    )
    await specialist.until_event("participant_arrived")


async def test_event_of_another_process_arrives_by_hint(world: World, session: Session) -> None:
    patient = Timings(tick=0.05, poll=60.0, grace=0.2, beat=0.1)
    async with house(patient) as one, house(patient) as two:
        specialist = await one.enter(world.specialist, session.id)
        doctor = await two.enter(world.doctor, session.id)
        await doctor.do("arrive")
        await specialist.until_event("participant_arrived")


NO_LAYER = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": ["unix:///nowhere/valkey.sock"]},
    }
}


async def test_room_works_without_the_channel_layer(world: World, session: Session) -> None:
    with override_settings(CHANNEL_LAYERS=NO_LAYER):
        async with house() as built:
            specialist = await built.enter(world.specialist, session.id)
            doctor = await built.enter(world.doctor, session.id)
            assert (await doctor.do("arrive"))["type"] == "ack"
            await specialist.until_event("participant_arrived")


# --- commands -----------------------------------------------------------------------------------------------------


async def test_repeated_command_has_one_effect_and_the_same_answer(
    built: House, world: World, session: Session
) -> None:
    specialist, doctor = await both_inside(built, world, session)
    key = uuid4()
    answers = [await doctor.do("post_chat", key=key, text="một lần", document_id=None) for _ in range(3)]
    assert answers[0]["type"] == "ack"
    assert answers == [answers[0]] * 3
    await doctor.leave_line()
    again = await built.enter(world.doctor, session.id)
    assert await again.do("post_chat", key=key, text="một lần", document_id=None) == answers[0]
    await specialist.until_event("chat_posted")
    assert (await events_of(session)).count("chat_posted") == 1


async def test_refusal_has_a_code_and_a_sentence(built: House, world: World, session: Session) -> None:
    nurse = await built.enter(world.nurse, session.id)
    key = uuid4()
    assert await nurse.do("end_call", key=key, reason="finished") == {
        "type": "refused",
        "key": str(key),
        "code": "room.not_yours_to_end",
        "text": "Chỉ bác sĩ hai bên mới kết thúc được cuộc gọi cho mọi người.",
        "retry": False,
    }


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("vi", "Trang vừa gửi một thông điệp không hợp lệ nên không có gì thay đổi. Hãy tải lại trang."),
        ("en", "The page sent an invalid message, so nothing was changed. Please reload the page."),
    ],
)
async def test_problem_is_told_in_the_users_language(
    built: House, world: World, session: Session, language: str, text: str
) -> None:
    nurse = await built.enter(world.nurse, session.id, language=language)
    await nurse.send_raw("{")
    assert await nurse.next() == {"type": "problem", "code": "bad_message", "text": text, "retry": False}


async def test_command_the_database_does_not_answer_is_to_be_tried_again_and_happens_once(
    world: World, session: Session
) -> None:
    async with house(Timings(tick=0.05, poll=0.3, grace=0.2, database=0.4, beat=0.1)) as built:
        doctor = await built.enter(world.doctor, session.id)
        locked, release = asyncio.Event(), asyncio.Event()
        loop = asyncio.get_running_loop()

        def hold() -> None:
            with transaction.atomic():
                Session.objects.select_for_update().get(id=session.id)
                loop.call_soon_threadsafe(locked.set)
                asyncio.run_coroutine_threadsafe(release.wait(), loop).result(PATIENCE)

        holding = asyncio.create_task(in_database(hold))
        await locked.wait()
        key = uuid4()
        refusal = await doctor.do("arrive", key=key)
        assert (refusal["type"], refusal["code"], refusal["retry"]) == ("refused", "unavailable", True)
        await doctor.send(type="ping", n=5)
        await doctor.until_type("pong")  # the heartbeat does not wait for the database
        release.set()
        await holding
        assert (await doctor.do("arrive", key=key))["type"] == "ack"
    assert (await events_of(session)).count("participant_arrived") == 1


async def test_too_many_chat_lines_are_refused_without_closing(
    built: House, world: World, session: Session
) -> None:
    _specialist, doctor = await both_inside(built, world, session)
    answers = [await doctor.do("post_chat", text=str(n), document_id=None) for n in range(12)]
    assert [a["type"] for a in answers[:10]] == ["ack"] * 10
    assert answers[10]["code"] == "limit.chat"
    assert answers[10]["retry"]


async def test_flood_is_closed_as_a_broken_rule(built: House, world: World, session: Session) -> None:
    doctor = await built.enter(world.doctor, session.id)
    for n in range(300):
        await doctor.send(type="ping", n=n)
    assert await doctor.until_closed() == 1008


async def test_message_that_is_too_big_closes(built: House, world: World, session: Session) -> None:
    doctor = await built.enter(world.doctor, session.id)
    await doctor.send_raw('"' + "đ" * 40_000 + '"')
    assert await doctor.until_closed() == 1009


async def test_binary_message_is_a_bad_message(built: House, world: World, session: Session) -> None:
    doctor = await built.enter(world.doctor, session.id)
    await doctor.socket.send_input({"type": "websocket.receive", "bytes": b"\x00\xff"})
    assert (await doctor.next())["code"] == "bad_message"


async def test_client_that_does_not_read_is_closed_and_resumes_later(
    built: House, world: World, session: Session
) -> None:
    cookie = await sign_in(world.doctor)
    deaf = Client(built.application, f"/ws/rooms/{session.id}/", cookie)
    never = asyncio.Event()
    stuck = asyncio.Event()
    sent: list[dict[str, Any]] = []

    async def send(event: dict[str, Any]) -> None:
        if event["type"] == "websocket.send":
            stuck.set()
            await never.wait()
        sent.append(event)

    incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    incoming.put_nowait({"type": "websocket.connect"})
    incoming.put_nowait(
        {"type": "websocket.receive", "text": '{"type":"hello","protocol":1,"last_seq":null}'}
    )
    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
        group.create_task(_run(built.application(deaf.socket.scope, incoming.get, send)))
        await stuck.wait()
        await in_database(lambda: _write_long_chat(session, lines=80))
    assert [event["type"] for event in sent] == ["websocket.accept", "websocket.close"]
    assert sent[-1]["code"] == 1013


async def _run(application: Awaitable[None]) -> None:
    await application


def _write_long_chat(session: Session, *, lines: int) -> None:
    """Let more happen than a socket keeps for a client."""
    line = ChatPosted(message_id=uuid4(), participant_id=uuid4(), text="a" * 4000).model_dump(mode="json")
    rows = [RoomEvent(session=session, seq=1 + n, at=clock.now(), body=line) for n in range(1, lines + 1)]
    RoomEvent.objects.bulk_create(rows)


# --- who may be here ----------------------------------------------------------------------------------------------

ALLOWED = "http://127.0.0.1:8000"


@pytest.mark.parametrize(
    ("origin", "welcome"),
    [
        (ALLOWED, True),
        ("http://evil.example", False),
        (None, False),
        ("null", False),
        ("http://127.0.0.1:8001", False),
        ("https://127.0.0.1:8000", False),
        ("http://sub.127.0.0.1:8000", False),
        ("http://127.0.0.1:8000.evil.example", False),
        ("http://127.0.0.1:8000@evil.example", False),
    ],
)
async def test_only_our_own_pages_may_open_a_socket(
    built: House, world: World, session: Session, origin: str | None, welcome: bool
) -> None:
    cookie = await sign_in(world.doctor)
    for path in (f"/ws/rooms/{session.id}/", "/ws/inbox/"):
        client = Client(built.application, path, cookie, origin=origin)
        assert await client.open() is welcome
        client.socket.stop(exceptions=False)


async def test_stranger_is_told_to_sign_in(built: House, session: Session) -> None:
    client = Client(built.application, f"/ws/rooms/{session.id}/", "no-such-session")
    assert await client.open()
    assert (await client.hello())["code"] == 4401


async def test_room_of_others_and_no_room_look_the_same(built: House, session: Session) -> None:
    stranger = (await in_database(make_world)).doctor
    for room in (session.id, UUID(int=7)):
        client = await built.visit(stranger, f"/ws/rooms/{room}/")
        assert (await client.hello())["code"] == 4404


async def test_other_addresses_are_refused(built: House, world: World) -> None:
    client = Client(built.application, "/ws/other/", await sign_in(world.doctor))
    assert not await client.open()


async def test_signing_out_closes_the_socket_and_stops_media(
    built: House, world: World, session: Session
) -> None:
    _specialist, doctor = await both_inside(built, world, session)
    await media_of(built, doctor)
    cookie = dict(doctor.socket.scope["headers"])[b"cookie"].decode().split(";")[0].split("=")[1]

    def sign_out() -> None:
        browser = Browser()
        browser.cookies["sessionid"] = cookie
        browser.logout()

    await in_database(sign_out)
    assert await doctor.until_closed() == 4401
    assert ("remove", "node-1", str(session.id), doctor.me) in built.nodes.asked


async def test_ending_all_sessions_closes_every_socket_of_the_person(
    built: House, world: World, session: Session
) -> None:
    doctor = await built.enter(world.doctor, session.id)
    inbox = await built.visit(world.doctor, "/ws/inbox/")
    await inbox.until_type("changed")
    await in_database(lambda: end_all_sessions(user=world.doctor.user, now=clock.now()))
    assert await doctor.until_closed() == 4401
    assert await inbox.until_closed() == 4401


async def test_losing_the_role_closes_the_room(built: House, world: World, session: Session) -> None:
    doctor = await built.enter(world.doctor, session.id)
    await in_database(lambda: deactivate_membership(membership=world.doctor.membership, now=clock.now()))
    assert await doctor.until_closed() == 4403


async def test_removed_person_is_out_for_good(built: House, world: World, session: Session) -> None:
    specialist, doctor = await both_inside(built, world, session)
    await media_of(built, doctor)
    assert (await specialist.do("remove", participant_id=doctor.me))["type"] == "ack"
    assert await doctor.until_closed() == 4403
    assert ("remove", "node-1", str(session.id), doctor.me) in built.nodes.asked
    again = await built.visit(world.doctor, f"/ws/rooms/{session.id}/")
    assert (await again.hello())["code"] == 4403


async def test_removal_reaches_a_node_that_could_not_be_asked_at_that_moment(
    built: House, world: World, session: Session
) -> None:
    specialist, doctor = await both_inside(built, world, session)
    await media_of(built, doctor)
    instance = built.nodes.lose_sight("node-1")
    assert (await specialist.do("remove", participant_id=doctor.me))["type"] == "ack"
    assert await doctor.until_closed() == 4403
    removal = ("remove", "node-1", str(session.id), doctor.me)
    assert removal not in built.nodes.asked
    built.nodes.see_again("node-1", instance)
    await specialist.send(type="ping", n=1)
    await specialist.until_type("pong")
    assert removal in built.nodes.asked


# --- presence -----------------------------------------------------------------------------------------------------


async def test_second_tab_takes_over_without_a_word_to_the_others(
    built: House, world: World, session: Session
) -> None:
    specialist, doctor = await both_inside(built, world, session)
    second = await built.enter(world.doctor, session.id)
    assert await doctor.until_closed() == 4409
    await second.do("post_chat", text="vẫn ở đây", document_id=None)
    await specialist.until_event("chat_posted")
    assert "participant_away" not in await events_of(session)


async def test_broken_line_is_shown_after_a_moment_and_undone_by_coming_back(
    built: House, world: World, session: Session
) -> None:
    specialist, doctor = await both_inside(built, world, session)
    await doctor.leave_line()
    await specialist.until_event("participant_away", participant_id=doctor.me)
    specialist.events.clear()
    await built.enter(world.doctor, session.id)
    await specialist.until_event("participant_entered", participant_id=doctor.me)


async def test_quick_return_is_not_shown_at_all(world: World, session: Session) -> None:
    async with house(Timings(tick=0.05, poll=0.3, grace=1.0, beat=0.1)) as built:
        _specialist, doctor = await both_inside(built, world, session)
        await doctor.leave_line()
        again = await built.enter(world.doctor, session.id)
        await asyncio.sleep(1.2)
        await again.do("post_chat", text="vẫn ở đây", document_id=None)
        assert "participant_away" not in await events_of(session)


async def test_leaving_closes_and_tells_the_others(built: House, world: World, session: Session) -> None:
    specialist, doctor = await both_inside(built, world, session)
    assert (await doctor.do("leave"))["type"] == "ack"
    assert await doctor.until_closed() == 1000
    await specialist.until_event("participant_left", participant_id=doctor.me)


async def test_quality_reaches_everybody_and_is_not_stored(
    built: House, world: World, session: Session
) -> None:
    specialist, doctor = await both_inside(built, world, session)
    before = await events_of(session)
    await doctor.send(type="report_quality", quality="weak")
    assert await specialist.until_type("participant_quality") == {
        "type": "participant_quality",
        "participant_id": doctor.me,
        "quality": "weak",
    }
    assert await events_of(session) == before


async def test_draining_process_says_so_and_closes_everybody(
    built: House, world: World, session: Session
) -> None:
    doctor = await built.enter(world.doctor, session.id)
    inbox = await built.visit(world.doctor, "/ws/inbox/")
    await inbox.until_type("changed")
    await built.process.drain(seconds=0.2)
    for client in (doctor, inbox):
        assert 0 <= (await client.until_type("draining"))["retry_after_ms"] <= 5000
        assert await client.until_closed() == 1012
    hasty = await built.visit(world.doctor, f"/ws/rooms/{session.id}/")
    assert await hasty.until_closed() == 1012


# --- media --------------------------------------------------------------------------------------------------------


async def test_connection_stands_by_until_its_person_is_let_in_and_again_after_they_left(
    built: House, world: World, session: Session
) -> None:
    specialist = await built.enter(world.specialist, session.id)
    await specialist.do("arrive")
    await specialist.until_event("participant_entered", participant_id=specialist.me)
    doctor = await built.enter(world.doctor, session.id)
    connection_id = await media_of(built, doctor)  # checking devices, not even in the waiting room
    assert built.nodes.granted[connection_id] is False
    await doctor.do("arrive")
    await doctor.until_event("participant_arrived")
    assert built.nodes.granted[connection_id] is False
    await specialist.do("admit", participant_id=doctor.me)
    await doctor.until_event("participant_entered", participant_id=doctor.me)
    await built.nodes.until(lambda nodes: nodes.granted[connection_id])
    assert [command[0] for command in built.nodes.asked] == ["join", "answer", "renew"]

    await doctor.do("leave")
    assert await doctor.until_closed() == 1000
    again = await built.enter(world.doctor, session.id)
    second = await media_of(built, again)
    assert built.nodes.granted[second] is False
    await again.do("arrive")  # let in at once: they were in before
    await built.nodes.until(lambda nodes: nodes.granted[second])


async def test_admission_the_node_refuses_is_made_good_by_a_new_connection(
    built: House, world: World, session: Session
) -> None:
    specialist = await built.enter(world.specialist, session.id)
    connection_id = await media_of(built, specialist)
    built.nodes.failing["renew"] = "unknown_connection"
    await specialist.do("arrive")
    lost = await specialist.until_type("media_lost")
    assert (lost["connection_id"], lost["code"], lost["retry"]) == (connection_id, "unknown_connection", True)
    second = await media_of(built, specialist)
    assert built.nodes.granted[second] is True


async def test_whoever_was_put_out_while_standing_by_gets_no_connection_any_more(
    built: House, world: World, session: Session
) -> None:
    specialist = await built.enter(world.specialist, session.id)
    await specialist.do("arrive")
    await specialist.until_event("participant_entered", participant_id=specialist.me)
    doctor = await built.enter(world.doctor, session.id)
    connection_id = await media_of(built, doctor)
    await doctor.do("arrive")
    await doctor.until_event("participant_arrived")
    await specialist.do("remove", participant_id=doctor.me)
    assert await doctor.until_closed() == 4403
    await built.nodes.until(lambda nodes: ("remove", "node-1", str(session.id), doctor.me) in nodes.asked)
    assert built.nodes.granted[connection_id] is False


async def test_two_processes_agree_on_one_node(world: World, session: Session) -> None:
    async with house() as one, house() as two:
        for built in (one, two):
            built.nodes.instances = {"node-1": "i", "node-2": "i"}
        specialist = await one.enter(world.specialist, session.id)
        doctor = await two.enter(world.doctor, session.id)
        await specialist.do("arrive")
        await doctor.do("arrive")
        await specialist.until_event("participant_entered", participant_id=specialist.me)
        await specialist.do("admit", participant_id=doctor.me)
        await doctor.until_event("participant_entered", participant_id=doctor.me)
        for client in (specialist, doctor):
            await client.send(type="media_join", connection_id=uuid4())
        offers = [await client.until_type("media_offer") for client in (specialist, doctor)]
        assert [offer["epoch"] for offer in offers] == [1, 1]
    row = await in_database(lambda: Session.objects.get(id=session.id))
    assert (row.media_node, row.media_epoch) == ("node-1", 1)


async def test_restarted_node_gets_the_room_anew_and_everybody_is_told(
    built: House, world: World, session: Session
) -> None:
    specialist, doctor = await both_inside(built, world, session)
    await media_of(built, specialist)
    await media_of(built, doctor)
    built.nodes.restart("node-1")
    for client in (specialist, doctor):
        await client.until_event("media_moved", epoch=2)
        connection_id = str(uuid4())
        await client.send(type="media_join", connection_id=connection_id)
        assert (await client.until_type("media_offer"))["epoch"] == 2
    row = await in_database(lambda: Session.objects.get(id=session.id))
    assert (row.media_node, row.media_epoch) == ("node-1", 2)


async def test_dead_node_loses_its_rooms_to_another(built: House, world: World, session: Session) -> None:
    _specialist, doctor = await both_inside(built, world, session)
    await media_of(built, doctor)
    built.nodes.instances["node-2"] = "i"
    built.nodes.die("node-1")
    await doctor.until_event("media_moved", epoch=2)
    row = await in_database(lambda: Session.objects.get(id=session.id))
    assert (row.media_node, row.media_epoch) == ("node-2", 2)


async def test_without_a_node_the_client_is_to_try_again(
    built: House, world: World, session: Session
) -> None:
    _specialist, doctor = await both_inside(built, world, session)
    built.nodes.instances.clear()
    await doctor.send(type="media_join", connection_id=uuid4())
    answer = await doctor.until_type("media_offer", "media_lost")
    assert (answer["type"], answer["code"], answer["retry"]) == ("media_lost", "media_unavailable", True)


@pytest.mark.parametrize(("code", "retry"), [("room_full", False), ("busy", True)])
async def test_refusal_of_the_node_says_whether_to_try_again(
    built: House, world: World, session: Session, code: str, retry: bool
) -> None:
    _specialist, doctor = await both_inside(built, world, session)
    built.nodes.failing["join"] = code
    await doctor.send(type="media_join", connection_id=uuid4())
    answer = await doctor.until_type("media_offer", "media_lost")
    assert (answer["type"], answer["code"], answer["retry"]) == ("media_lost", code, retry)


async def test_line_that_broke_keeps_its_media(built: House, world: World, session: Session) -> None:
    specialist, doctor = await both_inside(built, world, session)
    connection_id = await media_of(built, doctor)
    await doctor.leave_line()
    await specialist.until_event("participant_away", participant_id=doctor.me)
    assert ("leave", "node-1", connection_id) not in built.nodes.asked
    seen = await in_database(lambda: Participant.objects.get(id=doctor.me).seen_at)
    assert await sync_to_async(lambda: seen <= clock.now())()
