"""coturn with our configuration and our credentials: who gets through it, and where to."""

import asyncio
import functools
import json
import ssl
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from aioice import stun, turn
from playwright.async_api import Browser

from tests.media.coturn import SECRET, Coturn, running_coturn
from tests.media.rig import Node, own_address, page_server, running_node, until
from tests.media.test_browser import browser, open_page, seen, statistics

__all__ = ["browser"]  # a fixture


@pytest.fixture
def coturn(tmp_path: Path) -> Iterator[Coturn]:
    address = own_address()
    with running_coturn(tmp_path, address=address, peer=address) as running:
        yield running


@pytest.fixture
async def node() -> AsyncIterator[Node]:
    async with running_node(address=own_address()) as running:
        yield running


async def allocate(
    coturn: Coturn, *, transport: str = "udp", secret: str = SECRET, ttl: int = 600
) -> tuple[turn.TurnTransport, turn.TurnClientMixin]:
    """Return an allocation: its transport, and aioice's end of the conversation with the server."""
    [server] = coturn.servers(transport, secret=secret, ttl=ttl)
    transport_, _protocol = await turn.create_turn_endpoint(
        asyncio.DatagramProtocol,
        server_addr=(coturn.address, coturn.tls_port if transport == "tls" else coturn.port),
        username=str(server["username"]),
        password=str(server["credential"]),
        transport="udp" if transport == "udp" else "tcp",
        ssl=_trusting_all() if transport == "tls" else None,
    )
    return transport_, vars(transport_)["_TurnTransport__inner_protocol"]


def _trusting_all() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


async def bind(client: turn.TurnClientMixin, peer: str, channel: int) -> int:
    """Ask for a channel to a peer; return 0 or the error code."""
    request = stun.Message(message_method=stun.Method.CHANNEL_BIND, message_class=stun.Class.REQUEST)
    request.attributes["CHANNEL-NUMBER"] = channel
    request.attributes["XOR-PEER-ADDRESS"] = (peer, 7901)
    return await ask(client, request)


async def ask(client: turn.TurnClientMixin, request: stun.Message) -> int:
    try:
        await client.request_with_retry(request)
    except stun.TransactionFailed as refused:
        return int(refused.response.attributes["ERROR-CODE"][0])
    return 0


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
async def test_only_the_relay_is_reached(coturn: Coturn, transport: str) -> None:
    allocation, client = await allocate(coturn, transport=transport)
    others = ["127.0.0.1", "0.0.0.0", "169.254.169.254", "10.0.0.1", "172.16.0.1", "192.168.1.1", "8.8.8.8"]
    codes = {peer: await bind(client, peer, 0x4000 + n) for n, peer in enumerate(others)}
    assert codes == dict.fromkeys(others, 403)
    assert await bind(client, coturn.address, 0x4100) == 0
    allocation.close()


@pytest.mark.parametrize(
    ("secret", "ttl"), [("another secret", 600), (SECRET, -5)], ids=["forged", "expired"]
)
async def test_forged_and_expired_credentials_are_refused(coturn: Coturn, secret: str, ttl: int) -> None:
    with pytest.raises(stun.TransactionFailed) as refused:
        await allocate(coturn, secret=secret, ttl=ttl)
    assert refused.value.response.attributes["ERROR-CODE"][0] == 401


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
async def test_browsers_that_may_use_nothing_but_turn_see_each_other(
    browser: Browser, coturn: Coturn, node: Node, transport: str
) -> None:
    ways = json.dumps({"iceServers": coturn.servers(transport), "iceTransportPolicy": "relay"})
    async with page_server(node) as address:
        anna, binh = await open_page(browser, address), await open_page(browser, address)
        for page, name in ((anna, "anna"), (binh, "binh")):
            await page.evaluate(f"ways = {ways}")
            await page.evaluate(f"join('{name}')")
        for page in (anna, binh):
            found = await until(functools.partial(statistics, page), seen, 30)
            assert found["errors"] == []
            assert (found["way"], found["relayProtocol"]) == ("relay", transport)
