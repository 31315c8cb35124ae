"""The real room in networks that let less and less out: straight, by TURN over TCP, by TURN over TLS on port 443.

How long it takes is measured by `bench net` (M8, M8-443)."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.net.conditions import PROFILES
from tests.net.room import Room
from tests.support.media import expect_media

pytestmark = [pytest.mark.net, pytest.mark.timeout(400)]

WAY = """async () => {
    const rows = await window.roomDebug.stats();
    const by = (id) => rows.find((row) => row.id === id);
    const pair = by(rows.find((row) => row.type === 'transport' && row.selectedCandidatePairId).selectedCandidatePairId);
    const { candidateType, relayProtocol, url } = by(pair.localCandidateId);
    return candidateType === 'relay' ? [relayProtocol, new URL(url).searchParams.get('transport')] : [candidateType, null];
}"""


def way(page: Page) -> list[Any]:
    """Return how the page's media leave it."""
    found: list[Any] = page.evaluate(WAY)
    return found


@pytest.mark.parametrize(("only_tls", "relayed"), [(False, "tcp"), (True, "tls")])
def test_a_call_whose_udp_is_blocked_is_back_through_the_next_way(only_tls: bool, relayed: str) -> None:
    with Room(only_tls=only_tls) as room:
        room.meet()
        page = room.specialist.page
        assert way(page)[0] in ("host", "prflx", "srflx")
        room.network.set(1, PROFILES["P8"])
        page.reload()
        page.wait_for_function("window.roomDebug !== undefined")
        expect_media(page, videos=1, audios=1, seconds=30)
        assert way(page) == [relayed, "tcp"]
