"""Calls over bad lines, in real browsers: the short version of `bench net`. The bars themselves are measured there."""

import time

import pytest

from tests.net import figures
from tests.net.calm import on_a_calm_machine
from tests.net.conditions import PROFILES, Line, Way, far, lossy
from tests.net.rig import Person, Rig

pytestmark = [pytest.mark.net, pytest.mark.timeout(240)]

CLEAR_LINE = PROFILES["P0"]
SMALL = "640x360"


async def meet(rig: Rig, *names: str, size: str = SMALL) -> list[Person]:
    people = [await rig.person(client, name, size=size) for client, name in enumerate(names)]
    for person in people:
        await person.join()
    for person in people:
        await person.until(
            lambda sample: figures.pictures(sample) > 0 and figures.heard(sample) > 0, "sees and hears"
        )
    return people


async def hears_again(person: Person) -> None:
    silent = figures.heard((await person.samples())[-1])
    await person.until(lambda sample: figures.heard(sample) != silent, "hears again", after=time.time())


@on_a_calm_machine(clients=2)
async def test_sound_stays_whole_while_every_seventh_packet_is_lost(rig: Rig) -> None:
    _, binh = await meet(rig, "anna", "binh")
    rig.network.set(1, lossy(0.15))
    heard = await binh.during(15)
    assert figures.concealment(heard) < 0.06


@on_a_calm_machine(clients=2)
async def test_a_round_trip_of_one_and_a_half_seconds_ends_nothing(rig: Rig) -> None:
    """Consent checks once gave up after 31 s."""
    _, binh = await meet(rig, "anna", "binh")
    rig.network.set(1, far(1.5))
    heard = await binh.during(36)
    assert "rebuilding" not in await binh.status()
    assert [event for event in rig.events if event["event"] == "Disconnected"] == []
    assert figures.concealment(heard[-50:]) < 0.1


@on_a_calm_machine(clients=2)
async def test_a_line_that_gets_narrow_gets_a_picture_that_fits(rig: Rig) -> None:
    _, binh = await meet(rig, "anna", "binh", size="1280x720")
    await binh.until(lambda sample: figures.width(sample) >= 640, "a wide picture")
    narrow = Way(delay=0.03, rate=250_000, queue=0.5)
    rig.network.set(1, Line(up=Way(delay=0.03), down=narrow))
    after = await binh.during(20)
    assert 20_000 < figures.video_rate(after[-40:]) < 230_000
    assert figures.concealment(after[-40:]) < 0.1


@on_a_calm_machine(clients=3)
async def test_one_viewer_on_a_thin_line_does_not_take_anything_from_another(rig: Rig) -> None:
    anna = await rig.person(0, "anna", size=SMALL)
    binh, chi = [await rig.person(client, name, listen=True) for client, name in ((1, "binh"), (2, "chi"))]
    for person in (anna, binh, chi):
        await person.join()
    await chi.until(lambda sample: figures.width(sample) >= 640, "a wide picture")
    before = await chi.during(8)
    rig.network.set(1, PROFILES["P4"])
    after = await chi.during(12)
    assert figures.video_rate(after) > 0.8 * figures.video_rate(before)
    assert figures.concealment(after) < 0.02
    assert await binh.status() == await chi.status()


@on_a_calm_machine(clients=2)
async def test_a_thin_line_keeps_its_sound(rig: Rig) -> None:
    _, binh = await meet(rig, "anna", "binh")
    rig.network.set(1, PROFILES["P4"])
    heard = await binh.during(20)
    assert figures.concealment(heard[-60:]) < 0.1


@on_a_calm_machine(clients=2)
async def test_a_call_goes_on_after_the_line_was_dark(rig: Rig) -> None:
    anna, binh = await meet(rig, "anna", "binh")
    rig.network.set(1, CLEAR_LINE.dark())
    await binh.during(5)
    rig.network.set(1, CLEAR_LINE)
    for person in (anna, binh):
        await hears_again(person)
    heard = await binh.during(8)
    assert figures.concealment(heard[-20:]) < 0.05


@on_a_calm_machine(clients=2)
async def test_where_udp_is_blocked_a_call_goes_by_turn_over_tcp(rig: Rig) -> None:
    assert rig.has_turn, "coturn is not installed: apt-get install coturn"
    rig.network.set(1, PROFILES["P8"])
    people = [
        await rig.person(0, "anna", size=SMALL),
        await rig.person(1, "binh", size=SMALL, turn=True),
    ]
    for person in people:
        await person.join()
    for person in people:
        await person.until(
            lambda sample: figures.pictures(sample) > 0 and figures.heard(sample) > 0, "sees and hears", 15
        )
