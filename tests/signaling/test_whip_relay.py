"""A machine's picture, from the pass to another person's screen: real sockets, real database, real relay."""

from typing import Any

import pytest

from media import control
from media.client import MediaNodes
from signaling.process import Process
from telehealth.core import clock
from telehealth.devices.passes import issue_pass
from tests.factories import make_session, make_world
from tests.media.rig import SECRET, running_node, settled
from tests.media.synthetic import SyntheticBrowser, SyntheticDevice
from tests.signaling.fakes import FakeMediaNodes
from tests.signaling.rig import QUICK, Client, House, in_database
from tests.signaling.test_whip import ask

pytestmark = pytest.mark.django_db(transaction=True)


async def connected(client: Client, connection_id: str) -> SyntheticBrowser:
    """Bring up the media connection of somebody who is in the room."""
    browser = SyntheticBrowser()
    await client.send(type="media_join", connection_id=connection_id)
    offer = await client.until_type("media_offer", "media_lost")
    await client.send(
        type="media_answer", connection_id=connection_id, sdp=await browser.answer(offer["sdp"])
    )
    await browser.connect()
    await client.until_type("media_connected")
    return browser


async def test_a_machines_picture_is_seen_by_the_others_until_its_participant_leaves(settings: Any) -> None:
    settings.MEDIA_SECRET = SECRET.decode()
    world = await in_database(make_world)
    session = await in_database(lambda: make_session(world))
    async with running_node() as node:
        process = Process(
            lambda on_event: MediaNodes([node.url], secret=SECRET, on_event=on_event), timings=QUICK
        )
        built = House(process, FakeMediaNodes())
        specialist = await built.enter(world.specialist, session.id)
        doctor = await built.enter(world.doctor, session.id)
        await settled(lambda: bool(process.media.nodes.up()))
        await specialist.do("arrive")
        await doctor.do("arrive")
        await specialist.do("admit", participant_id=doctor.me)
        own = await connected(specialist, "0e3a1a8c-3c26-4d06-9e1c-3f3b2ad7a001")
        seeing = await connected(doctor, "0e3a1a8c-3c26-4d06-9e1c-3f3b2ad7a002")

        token = await in_database(
            lambda: issue_pass(hat=world.specialist, session_id=session.id, now=clock.now())
        )
        device = SyntheticDevice()
        answer = await ask(built, "POST", "/whip/", await device.make_offer(), bearer=token)
        assert answer["status"] == 201
        await device.take(answer["body"].decode())
        identifier = answer["headers"]["location"].split("/")[3]
        await node.event(control.Connected, connection_id=identifier)
        await device.send_picture(1)
        table = await doctor.until_type("media_slots")
        while not table["slots"]:
            table = await doctor.until_type("media_slots")
        assert table["slots"] == [{"slot": "v5", "participant": specialist.me, "source": "screen"}]
        await device.send_picture(2)
        await seeing.wait_for(lambda browser: browser.of("v5"))

        await specialist.do("leave")
        over = await node.event(control.Disconnected, connection_id=identifier)
        assert over.reason == "left"
        for end in (own, seeing, device):
            await end.close()
        await built.close()
