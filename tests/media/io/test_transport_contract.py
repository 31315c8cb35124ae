"""The private parts of aiortc, aioice and pylibsrtp the transport stands on.

A failure here after an upgrade says which part moved. Do not loosen a test: read the new source first.
"""

import inspect
from importlib.metadata import version

import aioice
import pytest
from aioice import stun
from aioice.ice import StunProtocol
from aiortc import RTCCertificate, RTCDtlsTransport, RTCIceGatherer, RTCIceTransport
from pylibsrtp import Policy, Session

from media.core import rtcp, rtp
from tests.media.rig import Node, joined


@pytest.mark.parametrize(
    ("package", "pinned"), [("aiortc", "1.16.0"), ("aioice", "0.13.0"), ("pylibsrtp", "1.0.0")]
)
def test_the_versions_are_the_ones_that_were_read(package: str, pinned: str) -> None:
    assert version(package) == pinned


async def test_an_agent_has_the_parts_that_are_replaced_and_read() -> None:
    agent = aioice.Connection(ice_controlling=True)
    assert agent._protocols == []
    assert agent._local_candidates == []
    assert (agent._local_candidates_start, agent._local_candidates_end) == (False, False)
    assert agent._nominated == {}
    assert agent._queue.qsize() == 0
    assert StunProtocol(agent).transactions == {}
    agent.data_received(b"datagram", 1)
    assert await agent._queue.get() == (b"datagram", 1)
    await agent.close()


def test_consent_and_gathering_are_methods_that_can_be_overridden() -> None:
    assert inspect.iscoroutinefunction(aioice.Connection.query_consent)
    assert inspect.iscoroutinefunction(aioice.Connection.gather_candidates)
    source = inspect.getsource(aioice.Connection.connect)
    assert "self.query_consent()" in source
    assert "self._local_candidates_end" in source


async def test_the_transports_use_the_agent_of_their_gatherer() -> None:
    gatherer = RTCIceGatherer(iceServers=[])
    agent = aioice.Connection(ice_controlling=True)
    gatherer._connection = agent
    ice = RTCIceTransport(gatherer)
    assert ice._connection is agent
    dtls = RTCDtlsTransport(ice, [RTCCertificate.generateCertificate()])
    dtls._set_role("server")
    assert dtls.state == "new"
    assert {"_rx_srtp", "_tx_srtp"} <= vars(dtls).keys()
    await ice.stop()


@pytest.mark.parametrize(
    ("profile", "added"),
    [
        (Policy.SRTP_PROFILE_AEAD_AES_256_GCM, 16),
        (Policy.SRTP_PROFILE_AEAD_AES_128_GCM, 16),
        (Policy.SRTP_PROFILE_AES128_CM_SHA1_80, 10),
    ],
)
def test_srtp_adds_the_same_number_of_bytes_to_every_packet(profile: int, added: int) -> None:
    session = Session(Policy(key=bytes(46), ssrc_type=Policy.SSRC_ANY_OUTBOUND, srtp_profile=profile))
    for sequence, size in enumerate((0, 1, 79, 1100)):
        packet = rtp.HEADER.pack(0x80, 96, sequence, 0, 1) + bytes(size)
        assert len(session.protect(packet)) == len(packet) + added


def test_a_stun_message_checks_its_own_integrity() -> None:
    request = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
    request.attributes["USERNAME"] = "here:there"
    request.add_message_integrity(b"password")
    parsed = stun.parse_message(bytes(request))
    assert parsed.check_message_integrity(b"password")
    assert not parsed.check_message_integrity(b"another")


async def test_a_real_stack_connects_as_dtls_client_with_aes_gcm(node: Node) -> None:
    async with joined(node, "anna") as anna:
        assert anna.dtls._ssl is not None
        assert anna.dtls._ssl.get_selected_srtp_profile() == b"SRTP_AEAD_AES_256_GCM"


async def test_two_real_stacks_exchange_media_through_the_node(node: Node) -> None:
    async with joined(node, "anna") as anna, joined(node, "binh") as binh:
        for sequence in range(5):
            await anna.send_audio(sequence, payload=bytes((sequence,)) * 20)
        await binh.wait_for(lambda b: len(b.of("a0")) == 5)
        assert [packet.payload for packet in binh.of("a0")] == [bytes((n,)) * 20 for n in range(5)]
        assert anna.packets == []


async def test_reports_reach_both_ends(node: Node) -> None:
    async with joined(node, "anna") as anna, joined(node, "binh") as binh:
        await anna.send(
            rtcp.build_sender_report(
                ssrc=0x1111, ntp=rtcp.ntp_from_unix(1_700_000_000), rtp=0, packets=0, octets=0
            )
        )
        for sequence in range(3):
            await anna.send_audio(sequence)
        await anna.send(
            rtcp.build_sender_report(
                ssrc=0x1111, ntp=rtcp.ntp_from_unix(1_700_000_000), rtp=0, packets=3, octets=9
            )
        )
        await binh.wait_for(lambda b: any(isinstance(f, rtcp.SenderReport) for f in b.feedback))
        await anna.wait_for(lambda a: any(isinstance(f, rtcp.ReceiverReport) for f in a.feedback))
        report = next(f for f in binh.feedback if isinstance(f, rtcp.SenderReport))
        assert (report.ssrc, report.packets, report.octets) == (binh.offered.ssrcs["a0"], 3, 9)
        block = next(f for f in anna.feedback if isinstance(f, rtcp.ReceiverReport)).reports[0]
        assert (block.ssrc, block.highest_sequence, block.lost, block.fraction_lost) == (0x1111, 2, 0, 0)
