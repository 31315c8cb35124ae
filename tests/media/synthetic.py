"""A synthetic browser: answers the node's offer with aiortc's own ICE and DTLS, and sends and receives bare RTP."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from struct import Struct

import aioice
from aiortc import (
    RTCCertificate,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
    RTCIceCandidate,
    RTCIceGatherer,
    RTCIceParameters,
    RTCIceTransport,
)

from media.core import rtcp, rtp
from media.core.codecs import MID, OPUS, VP8
from media.core.sdp import MIDS

KEYFRAME, DELTA = 0x00, 0x01
UP_SSRC = {"m": 0x1111, "c": 0x2222, "s": 0x3333}
_U16 = Struct("!H")


@dataclass
class Offered:
    """What a browser takes from the offer."""

    ufrag: str
    password: str
    fingerprint: str
    candidates: list[tuple[str, int]]
    ssrcs: dict[str, int]


def read_offer(sdp: str) -> Offered:
    def one(pattern: str) -> str:
        found = re.search(pattern, sdp, re.MULTILINE)
        assert found is not None, f"the offer has no {pattern}"
        return found[1]

    ssrcs = {}
    for section in sdp.split("\r\nm=")[1:]:
        mid = re.search(r"^a=mid:(\S+)", section, re.MULTILINE)
        ssrc = re.search(r"^a=ssrc:(\d+) cname", section, re.MULTILINE)
        if mid is not None and ssrc is not None:
            ssrcs[mid[1]] = int(ssrc[1])
    found = re.findall(r"^a=candidate:\S+ 1 udp \d+ (\S+) (\d+) typ host", sdp, re.MULTILINE)
    return Offered(
        ufrag=one(r"^a=ice-ufrag:(\S+)"),
        password=one(r"^a=ice-pwd:(\S+)"),
        fingerprint=one(r"^a=fingerprint:sha-256 (\S+)"),
        candidates=[(host, int(port)) for host, port in found],
        ssrcs=ssrcs,
    )


@dataclass
class SyntheticBrowser:
    """One connection. `packets` and `feedback` fill up as things arrive; `changed` is set at each."""

    packets: list[rtp.Packet] = field(default_factory=list)
    feedback: list[rtcp.Feedback] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    on_packet: Callable[[bytes], None] | None = None
    certificate: RTCCertificate = field(default_factory=RTCCertificate.generateCertificate)
    codecs: dict[str, str] = field(default_factory=lambda: {"audio": "111", "video": "96 102"})

    async def answer(self, offer: str) -> str:
        """Gather on loopback and return the answer to `offer`."""
        self.offered = read_offer(offer)
        self.gatherer = RTCIceGatherer(iceServers=[])
        self.agent = self.gatherer._connection = _LoopbackAgent(ice_controlling=False)
        await self.gatherer.gather()
        self.ice = RTCIceTransport(self.gatherer)
        self.dtls = _Dtls(self.ice, self.certificate, self)
        local = self.gatherer.getLocalParameters()
        fingerprint = next(
            f.value for f in self.dtls.getLocalParameters().fingerprints if f.algorithm == "sha-256"
        )
        lines = ["v=0", "o=- 1 1 IN IP4 0.0.0.0", "s=-", "t=0 0", "a=group:BUNDLE " + " ".join(MIDS)]
        for mid in MIDS:
            kind = "audio" if mid[0] in "ma" else "video"
            lines += [
                f"m={kind} 9 UDP/TLS/RTP/SAVPF {self.codecs[kind]}",
                f"a=mid:{mid}",
                f"a=ice-ufrag:{local.usernameFragment}",
                f"a=ice-pwd:{local.password}",
                f"a=fingerprint:sha-256 {fingerprint}",
                "a=setup:active",
            ]
        return "\r\n".join(lines) + "\r\n"

    async def connect(self) -> None:
        """Bring ICE and DTLS up."""
        for host, port in self.offered.candidates:
            candidate = RTCIceCandidate(
                component=1, foundation="1", ip=host, port=port, priority=1, protocol="udp", type="host"
            )
            await self.ice.addRemoteCandidate(candidate)
        await self.ice.start(RTCIceParameters(self.offered.ufrag, self.offered.password))
        assert self.ice.state == "completed", self.ice.state
        await self.dtls.start(RTCDtlsParameters([RTCDtlsFingerprint("sha-256", self.offered.fingerprint)]))
        assert self.dtls.state == "connected", self.dtls.state

    @property
    def address(self) -> tuple[str, int]:
        """Our own UDP address."""
        candidate = self.gatherer.getLocalCandidates()[0]
        return candidate.ip, candidate.port

    async def send(self, data: bytes) -> None:
        await self.dtls._send_rtp(data)

    async def send_audio(
        self, sequence: int, *, timestamp: int | None = None, payload: bytes = b"\xf8\xff\xfe"
    ) -> None:
        at = sequence * 960 if timestamp is None else timestamp
        await self.send(up_packet("m", OPUS.payload_type, sequence, at, payload))

    async def send_video(
        self, sequence: int, *, key: bool = False, picture_id: int = 0, mid: str = "c"
    ) -> None:
        head = bytes((0x90, 0x80, 0x80 | picture_id >> 8, picture_id & 0xFF, KEYFRAME if key else DELTA))
        payload = head + bytes(40)
        await self.send(up_packet(mid, VP8.payload_type, sequence, sequence * 3000, payload, marker=True))

    async def wait_for(self, condition: Callable[["SyntheticBrowser"], bool], seconds: float = 5) -> None:
        """Wait until something that arrives makes `condition` true."""
        async with asyncio.timeout(seconds):
            while not condition(self):
                self.changed.clear()
                await self.changed.wait()

    def of(self, slot: str) -> list[rtp.Packet]:
        """What has come on a slot."""
        return [packet for packet in self.packets if packet.ssrc == self.offered.ssrcs[slot]]

    async def close(self) -> None:
        for part in (self.dtls, self.ice):
            await asyncio.wait_for(part.stop(), 5)

    def rtp_received(self, data: bytes) -> None:
        if self.on_packet is not None:
            self.on_packet(data)
            return
        self.packets.append(rtp.parse(data))
        self.changed.set()

    def rtcp_received(self, data: bytes) -> None:
        self.feedback += rtcp.parse(data)
        self.changed.set()


class _LoopbackAgent(aioice.Connection):
    async def get_component_candidates(
        self,
        component: int,
        addresses: list[str],
        timeout: int = 5,  # noqa: ASYNC109
    ) -> list[aioice.Candidate]:
        return await super().get_component_candidates(component, ["127.0.0.1"], timeout)


class _Dtls(RTCDtlsTransport):
    """DTLS client whose packets go to the browser as they are."""

    def __init__(self, ice: RTCIceTransport, certificate: RTCCertificate, browser: SyntheticBrowser) -> None:
        super().__init__(ice, [certificate])
        self._set_role("client")
        self._browser = browser

    async def _handle_rtp_data(self, data: bytes, arrival_time_ms: int) -> None:
        self._browser.rtp_received(data)

    async def _handle_rtcp_data(self, data: bytes) -> None:
        self._browser.rtcp_received(data)


def up_packet(
    mid: str,
    payload_type: int,
    sequence: int,
    timestamp: int,
    payload: bytes,
    *,
    marker: bool = False,
    ssrc: int = 0,
) -> bytes:
    """Return an RTP packet as a browser sends it, naming its m-line."""
    extension = rtp.build_extension([(MID, mid.encode())])
    head = rtp.HEADER.pack(
        0x90,
        (0x80 if marker else 0) | payload_type,
        sequence & 0xFFFF,
        timestamp & 0xFFFFFFFF,
        ssrc or UP_SSRC[mid],
    )
    return head + extension + payload
