"""The synthetic participant that the operator's self-test uses."""

import asyncio
import re
import socket

import pytest

from media import control
from media.probe import Probe, ProbeError, read_offer
from tests.media.rig import Node, grant


async def connected(node: Node, participant: str) -> Probe:
    probe = Probe(addresses=("127.0.0.1",))
    offer = await node.nodes.join(node.name, participant, grant("room", participant))
    await node.nodes.answer(node.name, participant, await probe.answer(offer))
    await probe.connect()
    await node.event(control.Connected, connection_id=participant)
    return probe


async def test_two_probes_hear_and_see_each_other(node: Node) -> None:
    anna, binh = await connected(node, "anna"), await connected(node, "binh")
    talkers = [asyncio.create_task(probe.talk()) for probe in (anna, binh)]
    try:
        for probe in (anna, binh):
            await probe.wait_for(lambda probe: probe.of("a0") and probe.of("v0"))
    finally:
        for talker in talkers:
            talker.cancel()
        await asyncio.gather(*talkers, return_exceptions=True)
        await anna.close()
        await binh.close()


async def test_says_that_no_udp_answer_comes_back(node: Node) -> None:
    probe = Probe(addresses=("127.0.0.1",))
    offer = await node.nodes.join(node.name, "anna", grant("room", "anna"))
    with socket.socket(type=socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        elsewhere = re.sub(r"(udp \d+ \S+ )\d+( typ host)", rf"\g<1>{silent.getsockname()[1]}\2", offer)
        await probe.answer(elsewhere)
        with pytest.raises(ProbeError) as caught:
            await probe.connect(seconds=0.5)
    assert caught.value.code == "no_path"
    await probe.close()


async def test_notices_another_key_than_the_offered_one(node: Node) -> None:
    probe = Probe(addresses=("127.0.0.1",))
    offer = await node.nodes.join(node.name, "anna", grant("room", "anna"))
    forged = re.sub(r"(fingerprint:sha-256 )\S+", r"\g<1>" + ":".join(["00"] * 32), offer)
    await node.nodes.answer(node.name, "anna", await probe.answer(forged))
    with pytest.raises(ProbeError) as caught:
        await probe.connect()
    assert caught.value.code == "no_keys"
    await probe.close()


def test_refuses_an_offer_that_is_none() -> None:
    with pytest.raises(ProbeError) as caught:
        read_offer("v=0\r\n")
    assert caught.value.code == "bad_offer"
