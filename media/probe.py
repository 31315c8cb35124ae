"""A synthetic participant: answers the node's offer with aiortc's ICE and DTLS, and sends and receives bare RTP.

Used by the operator's self-test and by the tests. It encodes nothing: what it sends has the shape of Opus and VP8,
which is all that a relay looks at.

    probe = Probe()
    answer = await probe.answer(offer)      # hand it over by the signaling
    await probe.connect(seconds=8)
    talking = asyncio.create_task(probe.talk())
    await probe.wait_for(lambda probe: probe.of("a0") and probe.of("v0"))
    ...
    await probe.close()

aiortc's private parts are used here as in `media.io`; the pinned version and `tests/media` hold them in place.
"""

import asyncio
import contextlib
import re
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from struct import Struct
from typing import Self

from aioice import Candidate, Connection
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
OPUS_SILENCE = b"\xf8\xff\xfe"
AUDIO_SECONDS = 0.02
AUDIO_PER_VIDEO = 2
KEYFRAME_EVERY = 10
CLOSE_SECONDS = 3.0
_PICTURE = Struct("!BBH")


class ProbeError(Exception):
    """No connection. `code` is `bad_offer`, `no_path` (ICE: no UDP answer comes back) or `no_keys` (DTLS failed)."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code


@dataclass(frozen=True)
class Offered:
    """What a browser takes from the offer."""

    ufrag: str
    password: str
    fingerprint: str
    candidates: tuple[tuple[str, int], ...]
    ssrcs: dict[str, int]


def read_offer(sdp: str) -> Offered:
    """Read the node's offer.

    Raises:
        ProbeError: `bad_offer`.
    """

    def one(pattern: str) -> str:
        found = re.search(pattern, sdp, re.MULTILINE)
        if found is None:
            raise ProbeError("bad_offer", f"nothing fits {pattern}")
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
        candidates=tuple((host, int(port)) for host, port in found),
        ssrcs=ssrcs,
    )


@dataclass
class Probe:
    """One connection. `packets` and `feedback` fill up as things arrive; `changed` is set at each.

    `addresses` are our own to send from; None means those this machine's routes choose for what the node announces.
    """

    packets: list[rtp.Packet] = field(default_factory=list)
    feedback: list[rtcp.Feedback] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    on_packet: Callable[[bytes], None] | None = None
    certificate: RTCCertificate = field(default_factory=RTCCertificate.generateCertificate)
    codecs: dict[str, str] = field(default_factory=lambda: {"audio": "111", "video": "96 102"})
    addresses: Sequence[str] | None = None

    async def answer(self, offer: str) -> str:
        """Gather our addresses and return the answer to `offer`.

        Raises:
            ProbeError: `bad_offer`, `no_path`.
        """
        self.offered = read_offer(offer)
        self.gatherer = RTCIceGatherer(iceServers=[])
        addresses = self.addresses or sorted({_source_for(*at) for at in self.offered.candidates})
        chosen = partial(_gather_on, self.agent.get_component_candidates, list(addresses))
        vars(self.agent)["get_component_candidates"] = chosen
        await self.gatherer.gather()
        self.ice = RTCIceTransport(self.gatherer)
        self.dtls = _Dtls(self)
        self.dtls._set_role("client")
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

    async def connect(self, seconds: float = 10) -> None:
        """Bring ICE and DTLS up within `seconds`.

        Raises:
            ProbeError: `no_path`, `no_keys`.
        """
        for host, port in self.offered.candidates:
            candidate = RTCIceCandidate(
                component=1, foundation="1", ip=host, port=port, priority=1, protocol="udp", type="host"
            )
            await self.ice.addRemoteCandidate(candidate)
        await self.ice.addRemoteCandidate(None)  # that was all: do not wait for more
        code = "no_path"
        try:
            async with asyncio.timeout(seconds):
                await self.ice.start(RTCIceParameters(self.offered.ufrag, self.offered.password))
                if self.ice.state == "completed":
                    code = "no_keys"
                    wanted = RTCDtlsFingerprint("sha-256", self.offered.fingerprint)
                    await self.dtls.start(RTCDtlsParameters([wanted]))
        except (TimeoutError, ConnectionError) as error:
            raise ProbeError(code, f"not within {seconds:g} s") from error
        if self.dtls.state != "connected":
            raise ProbeError(code, f"ICE {self.ice.state}, DTLS {self.dtls.state}")

    @property
    def agent(self) -> Connection:
        """aioice's end of our ICE transport."""
        return self.gatherer._connection

    @property
    def address(self) -> tuple[str, int]:
        """Our own UDP address."""
        candidate = self.gatherer.getLocalCandidates()[0]
        return candidate.ip, candidate.port

    async def send(self, data: bytes) -> None:
        """Send one RTP packet."""
        await self.dtls._send_rtp(data)

    async def send_audio(
        self, sequence: int, *, timestamp: int | None = None, payload: bytes = OPUS_SILENCE
    ) -> None:
        """Send 20 ms of Opus."""
        at = sequence * 960 if timestamp is None else timestamp
        await self.send(up_packet("m", OPUS.payload_type, sequence, at, payload))

    async def send_video(
        self, sequence: int, *, key: bool = False, picture_id: int = 0, mid: str = "c"
    ) -> None:
        """Send one VP8 frame in one packet (RFC 7741 §4.2, with a 15-bit picture id)."""
        head = _PICTURE.pack(0x90, 0x80, 0x8000 | picture_id)
        payload = head + bytes((KEYFRAME if key else DELTA,)) + bytes(40)
        await self.send(up_packet(mid, VP8.payload_type, sequence, sequence * 3000, payload, marker=True))

    async def talk(self) -> None:
        """Send sound and picture at a talker's pace until cancelled."""
        sequence = 0
        while True:
            await self.send_audio(sequence)
            frame, rest = divmod(sequence, AUDIO_PER_VIDEO)
            if rest == 0:
                await self.send_video(frame, key=frame % KEYFRAME_EVERY == 0, picture_id=frame & 0x7FFF)
            sequence += 1
            await asyncio.sleep(AUDIO_SECONDS)

    async def wait_for(self, condition: Callable[[Self], object], seconds: float = 5) -> None:
        """Wait until something that arrives makes `condition` true.

        Raises:
            TimeoutError
        """
        async with asyncio.timeout(seconds):
            while not condition(self):
                self.changed.clear()
                await self.changed.wait()

    def of(self, slot: str) -> list[rtp.Packet]:
        """Return what has come on a slot."""
        return [packet for packet in self.packets if packet.ssrc == self.offered.ssrcs[slot]]

    async def close(self) -> None:
        """Stop. Safe at any time; takes a bounded time."""
        for name in ("dtls", "ice"):
            part = getattr(self, name, None)
            if part is not None:
                with contextlib.suppress(TimeoutError, ConnectionError):
                    await asyncio.wait_for(part.stop(), CLOSE_SECONDS)

    def heard(self, data: bytes) -> None:
        """Take an RTP packet from the transport."""
        if self.on_packet is not None:
            self.on_packet(data)
            return
        self.packets.append(rtp.parse(data))
        self.changed.set()

    def told(self, data: bytes) -> None:
        """Take an RTCP packet from the transport."""
        self.feedback += rtcp.parse(data)
        self.changed.set()


class _Dtls(RTCDtlsTransport):
    """Hands every decrypted packet to the probe instead of aiortc's receivers."""

    def __init__(self, probe: Probe) -> None:
        super().__init__(probe.ice, [probe.certificate])
        self._probe = probe

    async def _handle_rtp_data(self, data: bytes, arrival_time_ms: int) -> None:
        self._probe.heard(data)

    async def _handle_rtcp_data(self, data: bytes) -> None:
        self._probe.told(data)


def _source_for(host: str, port: int) -> str:
    """Return the address this machine sends from when it sends there. No packet is sent.

    Raises:
        ProbeError: `no_path` when there is no route.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as asked:
        try:
            asked.connect((host, port))
        except OSError as error:
            raise ProbeError("no_path", f"no route to {host}") from error
        return str(asked.getsockname()[0])


async def _gather_on(
    gather: Callable[[int, list[str], int], Awaitable[list[Candidate]]],
    chosen: list[str],
    component: int,
    addresses: list[str],
    timeout: int = 5,  # noqa: ASYNC109 -- aioice's signature
) -> list[Candidate]:
    del addresses  # every interface of the machine
    return await gather(component, chosen, timeout)


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
