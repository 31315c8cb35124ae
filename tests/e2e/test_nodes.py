"""Two media relays and calls on them: one of them dies, is told to stop, or both are restarted one after the other."""

import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page

from tests.e2e import steps
from tests.support import listening
from tests.support.browser import Person
from tests.support.media import expect_media
from tests.support.platform import Platform

pytestmark = [pytest.mark.e2e, pytest.mark.kill, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def two_nodes() -> Iterator[Platform]:
    with Platform(demonstration=True, media_nodes=2) as running:
        yield running


@pytest.fixture(scope="module")
def url(two_nodes: Platform) -> str:
    """What `visitor` visits."""
    return two_nodes.url


@dataclass
class Call:
    """A live call of a district doctor and a specialist."""

    platform: Platform
    people: tuple[Person, Person]

    @property
    def pages(self) -> list[Page]:
        return [someone.page for someone in self.people]

    @property
    def home(self) -> tuple[str, int]:
        """The relay the room lives on, and its epoch."""
        return steps.home(self.platform, self.pages[0])

    def await_epoch(self, epoch: int) -> None:
        """Wait until everybody's page knows that the room has moved."""
        for page in self.pages:
            until(page, "window.roomDebug.state().room.epoch", epoch)

    def expect_all_well(self) -> None:
        """Everybody sees and hears the other, and nobody but these two is in the room."""
        for page in self.pages:
            expect_media(page, videos=1, audios=1, seconds=20)
            room = page.evaluate("window.roomDebug.state().room")
            assert [one["state"] for one in room["participants"]] == ["in_room", "in_room"]
            assert page.evaluate("window.heard.voices") == 1

    def begin_listening(self) -> None:
        for page in self.pages:
            listening.listen(page)

    def gaps(self) -> list[float]:
        return [listening.longest_gap(page) for page in self.pages]


@pytest.fixture
def call(two_nodes: Platform, visitor: Callable[..., Person]) -> Iterator[Call]:
    """People whose consoles may complain: relays die on purpose."""
    made = meet(two_nodes, visitor("bs.kyson"), visitor("bs.timmach"))
    yield made
    steps.leave_for_all(made.people[0])


def meet(platform: Platform, doctor: Person, specialist: Person) -> Call:
    for someone in (doctor, specialist):
        listening.watch(someone.context)
    steps.meet(doctor, specialist, f"Lầu Bá {time.monotonic_ns() % 100_000}")
    return Call(platform, (doctor, specialist))


def until(page: Page, expression: str, wanted: object) -> None:
    deadline = time.monotonic() + 30
    while (found := page.evaluate(expression)) != wanted:
        assert time.monotonic() < deadline, f"{expression} stayed {found}"
        page.wait_for_timeout(50)


def test_relay_dies_and_its_room_goes_on_on_the_other(call: Call) -> None:
    node, epoch = call.home
    dead = call.platform.kill(node, signal.SIGKILL)
    call.await_epoch(epoch + 1)
    call.expect_all_well()
    call.platform.await_restart(node, after=dead)
    call.expect_all_well()
    assert call.home == (other(node), epoch + 1)


def test_relay_that_is_told_to_stop_hands_its_room_over(call: Call) -> None:
    node, epoch = call.home
    call.expect_all_well()
    call.begin_listening()
    old = call.platform.kill(node, signal.SIGTERM)
    call.await_epoch(epoch + 1)
    call.platform.await_restart(node, after=old)  # it has ended, and waited for nobody
    call.expect_all_well()
    gaps = call.gaps()
    assert call.home == (other(node), epoch + 1)
    print({"gaps_s": gaps})  # `bench kill --nodes 2` measures them
    assert "draining" in call.platform.log(node)


def test_both_relays_are_restarted_one_after_the_other_and_the_call_goes_on(call: Call) -> None:
    _node, epoch = call.home
    call.expect_all_well()
    call.begin_listening()
    steps.say(call.people[0], "Trước")
    for moves, node in enumerate((call.home[0], other(call.home[0])), start=1):
        old = call.platform.kill(node, signal.SIGTERM)
        call.await_epoch(epoch + moves)
        call.platform.await_restart(node, after=old)
        call.platform.await_media(node)  # as the runbook says
        call.expect_all_well()
    gaps = call.gaps()
    print({"gaps_s": gaps})  # `bench kill --nodes 2` measures them
    steps.say(call.people[1], "Sau")
    until(call.pages[0], "window.roomDebug.state().room.chat.map((line) => line.text).join()", "Trước,Sau")
    assert call.home[1] == epoch + 2


def other(node: str) -> str:
    return {"media-1": "media-2", "media-2": "media-1"}[node]
