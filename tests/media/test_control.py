"""The control connection: who may open it, and that repeating a command changes nothing."""

import asyncio
import json
import time

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from media import control
from media.client import MediaError, MediaNodes, NodeDown, NodeGone, NodeUp
from media.grants import sign_control
from tests.media.rig import SECRET, Journal, Node, grant, joined, running_node
from tests.media.synthetic import SyntheticBrowser


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer nonsense"},
        {"Authorization": f"Basic {sign_control(key=SECRET, now=4e9)}"},
        {"Authorization": f"Bearer {sign_control(key=b'another secret', now=4e9)}"},
        {"Authorization": f"Bearer {sign_control(key=SECRET, now=1.0)}"},
    ],
)
async def test_a_connection_without_a_valid_token_is_refused(node: Node, headers: dict[str, str]) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with connect(node.url, additional_headers=headers, proxy=None):
            pass
    assert refused.value.response.status_code == 401


async def test_a_grant_is_no_control_token(node: Node) -> None:
    with pytest.raises(InvalidStatus):
        async with connect(
            node.url, additional_headers={"Authorization": f"Bearer {grant('room', 'anna')}"}, proxy=None
        ):
            pass


async def test_other_paths_do_not_exist(node: Node) -> None:
    token = sign_control(key=SECRET, now=time.time())
    with pytest.raises(InvalidStatus) as refused:
        async with connect(
            node.url.replace("/control", "/other"),
            additional_headers={"Authorization": f"Bearer {token}"},
            proxy=None,
        ):
            pass
    assert refused.value.response.status_code == 404


async def test_health_needs_no_token(node: Node) -> None:
    host, port = node.url.removeprefix("ws://").removesuffix("/control").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(f"GET /healthz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    assert (await reader.readline()).startswith(b"HTTP/1.1 200")
    writer.close()


async def test_a_message_that_is_none_of_the_protocol_is_refused_and_the_connection_stays(node: Node) -> None:
    token = sign_control(key=SECRET, now=time.time())
    async with connect(
        node.url, additional_headers={"Authorization": f"Bearer {token}"}, proxy=None
    ) as socket:
        for bad in (
            "no json",
            "[]",
            '{"type": "unknown"}',
            '{"type": "leave", "request_id": "1", "connection_id": "c", "more": 1}',
            b"\xff\xfe",
        ):
            await socket.send(bad)
        await socket.send(control.Leave(request_id="9", connection_id="nobody").model_dump_json())
        answers: list[dict[str, str]] = []
        while not answers or answers[-1].get("request_id") != "9":
            message = json.loads(await socket.recv())
            if message["type"] in ("failed", "done"):
                answers.append(message)
    assert [a["type"] for a in answers] == ["failed"] * 5 + ["done"]


async def test_every_command_can_be_repeated(node: Node) -> None:
    nodes, name = node.nodes, node.name
    token = grant("room", "anna")
    offer = await nodes.join(name, "anna-1", token)
    assert await nodes.join(name, "anna-1", token) == offer
    browser = SyntheticBrowser()
    answer = await browser.answer(offer)
    await nodes.answer(name, "anna-1", answer)
    await nodes.answer(name, "anna-1", answer)
    await browser.connect()
    await node.event(control.Connected, connection_id="anna-1")
    assert await nodes.join(name, "anna-1", token) == offer
    for _ in range(2):
        await nodes.renew(name, "anna-1", token)
    for _ in range(2):
        await nodes.leave(name, "anna-1")
    for _ in range(2):
        await nodes.remove(name, "room", "anna")
    for _ in range(2):
        await nodes.close_room(name, "room")
    over = [e.reason for e in node.journal.events if isinstance(e, control.Disconnected)]
    assert over == ["left"]
    await browser.close()


async def test_another_answer_for_the_same_connection_is_refused(node: Node) -> None:
    offer = await node.nodes.join(node.name, "anna-1", grant("room", "anna"))
    browser, other = SyntheticBrowser(), SyntheticBrowser()
    await node.nodes.answer(node.name, "anna-1", await browser.answer(offer))
    with pytest.raises(MediaError, match="bad_sdp"):
        await node.nodes.answer(node.name, "anna-1", await other.answer(offer))
    await browser.ice.stop()
    await other.ice.stop()


@pytest.mark.parametrize("sdp", ["", "v=0", "x" * (control.MAX_SDP_BYTES + 1)])
async def test_a_bad_answer_is_refused_and_a_good_one_still_works(node: Node, sdp: str) -> None:
    offer = await node.nodes.join(node.name, "anna-1", grant("room", "anna"))
    with pytest.raises(MediaError, match="bad_sdp"):
        await node.nodes.answer(node.name, "anna-1", sdp)
    browser = SyntheticBrowser()
    await node.nodes.answer(node.name, "anna-1", await browser.answer(offer))
    await browser.connect()
    await node.event(control.Connected, connection_id="anna-1")
    await browser.close()


async def test_closing_a_room_ends_everybodys_connection(node: Node) -> None:
    async with joined(node, "anna"), joined(node, "binh"):
        await node.nodes.close_room(node.name, "room")
        for who in ("anna", "binh"):
            over = await node.event(control.Disconnected, participant=who)
            assert over.reason == "room_closed"
    assert node.service.empty


async def test_every_web_process_hears_every_event(node: Node) -> None:
    journal = Journal()
    other = MediaNodes([node.url], secret=SECRET, on_event=journal.heard)
    await other.start(wait_seconds=5)
    async with joined(node, "anna"):
        await journal.wait_for(lambda: any(isinstance(e, control.Connected) for e in journal.events))
    await other.close()


async def test_a_web_process_hears_of_a_nodes_death_and_of_its_new_instance() -> None:
    journal = Journal()
    async with running_node("first") as node:
        port = int(node.url.removesuffix("/control").rpartition(":")[2])
        watcher = MediaNodes([node.url], secret=SECRET, on_event=journal.heard)
        await watcher.start(wait_seconds=5)
        before = watcher.instance("first")
    await journal.wait_for(lambda: any(isinstance(e, NodeDown) for e in journal.events))
    await journal.wait_for(lambda: NodeGone("first", before or "") in journal.events)  # nobody listens there
    assert watcher.instance("first") is None
    with pytest.raises(MediaError, match="unavailable"):
        await watcher.leave("first", "anybody")
    async with running_node("first", control_port=port):
        up = await journal.wait_for(
            lambda: next((e for e in journal.events if isinstance(e, NodeUp) and e.restarted), None)
        )
        assert up is not None
        assert up.instance == watcher.instance("first") != before
        await watcher.close()


async def test_a_new_room_goes_to_the_node_with_fewer_connections() -> None:
    async with running_node("one") as one, running_node("two") as two:
        journal = Journal()
        nodes = MediaNodes([one.url, two.url], secret=SECRET, on_event=journal.heard)
        await nodes.start()
        await journal.wait_for(lambda: set(nodes.loads()) == {"one", "two"})
        for index in range(3):
            await nodes.join("one", f"c{index}", grant(f"room{index}", "anna"))
        await journal.wait_for(lambda: nodes.loads()["one"].connections == 3)
        assert nodes.pick() == "two"
        assert nodes.pick(exclude=["two"]) == "one"
        assert nodes.pick(exclude=["one", "two"]) is None
        await nodes.close()


async def test_rooms_placed_all_at_once_spread_before_the_next_report() -> None:
    async with running_node("one") as one, running_node("two") as two:
        journal = Journal()
        nodes = MediaNodes([one.url, two.url], secret=SECRET, on_event=journal.heard)
        await nodes.start()
        await journal.wait_for(lambda: set(nodes.loads()) == {"one", "two"})
        assert sorted(str(nodes.pick()) for _ in range(6)) == ["one"] * 3 + ["two"] * 3
        await nodes.close()


async def test_a_command_for_an_unknown_node_is_unavailable(node: Node) -> None:
    with pytest.raises(MediaError, match="unavailable"):
        await node.nodes.join("nowhere", "c", grant("room", "anna"))
