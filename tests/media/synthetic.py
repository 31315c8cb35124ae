"""A synthetic browser on loopback, `media.probe` by the name the tests use, and a synthetic device that publishes by WHIP."""

from collections.abc import Sequence
from dataclasses import dataclass

from media.core import rtp
from media.probe import DELTA, KEYFRAME, UP_SSRC, Offered, Probe, read_offer, up_packet

__all__ = [
    "DELTA",
    "KEYFRAME",
    "UP_SSRC",
    "Offered",
    "SyntheticBrowser",
    "SyntheticDevice",
    "read_offer",
    "up_packet",
]


@dataclass
class SyntheticBrowser(Probe):
    """A probe that sends from 127.0.0.1."""

    addresses: Sequence[str] | None = ("127.0.0.1",)


DEVICE_VP8 = 120
_PICTURE = bytes((0x10, KEYFRAME, 0x9D, 0x01, 0x2A, 64, 1, 180, 0)) + b"an examination"


@dataclass
class SyntheticDevice(SyntheticBrowser):
    """A device with one VP8 picture, numbered as no browser would. It makes the offer."""

    async def make_offer(self) -> str:
        """Gather our address and return the offer."""
        parameters = (await self.answer(_NO_OFFER)).partition("\r\nm=video")[2]
        own = {name: value for name, _, value in (line.partition(":") for line in parameters.splitlines())}
        self.agent.ice_controlling = True
        return "\r\n".join(
            [
                *("v=0", "o=- 1 1 IN IP4 0.0.0.0", "s=-", "t=0 0", "a=group:BUNDLE picture"),
                f"m=video 9 UDP/TLS/RTP/SAVPF {DEVICE_VP8}",
                *("a=mid:picture", "a=sendonly", "a=rtcp-mux", "a=setup:actpass"),
                f"a=rtpmap:{DEVICE_VP8} VP8/90000",
                *(f"{name}:{own[name]}" for name in ("a=ice-ufrag", "a=ice-pwd", "a=fingerprint")),
                "",
            ]
        )

    async def take(self, answer: str) -> None:
        """Bring the connection up."""
        self.offered = read_offer(answer)
        await self.connect()

    async def send_picture(self, sequence: int) -> None:
        """Send a key frame in one packet."""
        head = rtp.HEADER.pack(0x80, 0x80 | DEVICE_VP8, sequence & 0xFFFF, sequence * 3600, 0x5555)
        await self.send(head + _PICTURE)


_NO_OFFER = "\r\n".join(
    [
        "a=ice-ufrag:none",
        "a=ice-pwd:none",
        "a=fingerprint:sha-256 none",
        "a=candidate:1 1 udp 1 127.0.0.1 9 typ host",
    ]
)
"""Only so that the probe gathers: the answer comes later."""
