"""When a media node counts as lost, by what is seen of it."""

from collections.abc import Coroutine
from typing import Any

from signaling.effects import News, NodeDraining, NodeLost
from signaling.media_rooms import MediaRooms
from tests.signaling.fakes import FakeMediaNodes


class Watch:
    """The rooms of a process that has one socket. What takes time is kept until `pass_grace`."""

    def __init__(self, *names: str) -> None:
        self.nodes = FakeMediaNodes(names)
        self.told: list[News] = []
        self._later: list[Coroutine[Any, Any, Any]] = []
        self.rooms = MediaRooms(self.nodes.make, spawn=self._later.append, node_grace=0.0)
        self.rooms.add("socket", self.told.append)

    async def start(self) -> "Watch":
        await self.rooms.start()
        return self

    async def pass_grace(self) -> None:
        while self._later:
            await self._later.pop(0)


async def test_a_node_out_of_sight_for_a_moment_keeps_its_rooms() -> None:
    watch = await Watch("a", "b").start()
    instance = watch.nodes.lose_sight("a")
    watch.nodes.see_again("a", instance)
    await watch.pass_grace()
    assert watch.told == []


async def test_a_node_out_of_sight_for_longer_loses_them_if_there_is_another() -> None:
    watch = await Watch("a", "b").start()
    watch.nodes.lose_sight("a")
    assert watch.told == []
    await watch.pass_grace()
    assert watch.told == [NodeLost("a")]
    watch.nodes.lose_sight("b")
    await watch.pass_grace()
    assert watch.told == [NodeLost("a")]


async def test_a_node_whose_port_refuses_loses_them_at_once_if_there_is_another() -> None:
    watch = await Watch("a", "b").start()
    watch.nodes.vanish("a")
    assert watch.told == [NodeLost("a")]
    assert not watch.rooms.may_return("a")
    watch.nodes.vanish("b")
    assert watch.told == [NodeLost("a")]
    await watch.pass_grace()


async def test_a_restarted_node_has_lost_them_for_certain() -> None:
    watch = await Watch("a").start()
    watch.nodes.restart("a")
    assert watch.told == [NodeLost("a")]
    await watch.pass_grace()


async def test_a_node_that_drains_is_left_as_soon_as_there_is_another() -> None:
    watch = await Watch("a", "b").start()
    b = watch.nodes.lose_sight("b")
    watch.nodes.drain("a")
    assert (watch.told, watch.rooms.choose()) == ([], None)
    watch.nodes.see_again("b", b)
    watch.nodes.drain("a")
    assert (watch.told, watch.rooms.choose()) == ([NodeDraining("a")], "b")
    await watch.pass_grace()


async def test_a_node_that_has_drained_and_come_back_is_chosen_again() -> None:
    watch = await Watch("a").start()
    watch.nodes.drain("a")
    assert watch.rooms.is_draining("a")
    watch.nodes.draining.clear()
    watch.nodes.restart("a")
    assert not watch.rooms.is_draining("a")
    assert watch.rooms.choose() == "a"
    await watch.pass_grace()
