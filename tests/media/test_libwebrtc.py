"""libwebrtc outside a browser (as in native applications), as publisher and as subscriber, with each codec that is offered."""

import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
import webrtc

from media import control
from media.core import codecs
from tests.media.rig import Node, grant, own_address, running_node, until

CODECS = {"VP8": codecs.VP8, "VP9": codecs.VP9, "AV1": codecs.AV1}
"""Those that the package has: H.264 is not built into it."""


@pytest.fixture
async def node() -> AsyncIterator[Node]:
    async with running_node(address=own_address()) as running:
        yield running


@dataclass(frozen=True)
class Received:
    """What a client's statistics say of one slot. `decoder` is the MIME type of what is decoded."""

    decoder: str
    frames: int
    energy: float


@dataclass
class Client:
    """A person with libwebrtc, who answers as the room's page does."""

    name: str
    connection: webrtc.RTCPeerConnection = field(default_factory=webrtc.RTCPeerConnection)

    async def join(self, node: Node, *, only: str | None = None) -> None:
        """Connect with microphone and camera; `only`: as a client that knows no other codec of pictures."""
        identifier = f"{self.name}-1"
        offer = await node.nodes.join(node.name, identifier, grant("room", self.name))
        if only is not None:
            offer = with_one_codec(offer, only)
        connection = self.connection
        await connection.set_remote_description(webrtc.RTCSessionDescriptionInit("offer", offer))
        stream = await webrtc.media_devices.get_user_media(
            webrtc.MediaStreamConstraints(audio=True, video=True)
        )
        lines = {line.mid: line for line in connection.get_transceivers()}
        for mid, tracks in (
            ("m", stream.get_audio_tracks()),
            ("c", stream.get_video_tracks()),
            ("s", []),
        ):
            lines[mid].direction = webrtc.RTCRtpTransceiverDirection.sendonly
            if tracks:
                await lines[mid].sender.replace_track(tracks[0])
        await connection.set_local_description(await connection.create_answer())
        assert connection.local_description is not None
        await node.nodes.answer(node.name, identifier, connection.local_description.sdp)
        await node.event(control.Connected, connection_id=identifier)

    async def received(self) -> dict[str, Received]:
        """Return what has come, by slot."""
        rows = (await self.connection.get_stats()).values()
        decoders = {row.id: row.mime_type for row in rows if isinstance(row, webrtc.RTCCodecStats)}
        return {
            row.mid: Received(
                decoder=decoders.get(row.codec_id or "", ""),
                frames=row.frames_decoded or 0,
                energy=row.total_audio_energy or 0.0,
            )
            for row in rows
            if isinstance(row, webrtc.RTCInboundRtpStreamStats) and row.mid is not None
        }


def with_one_codec(offer: str, name: str) -> str:
    """Return the offer without the pictures' other codecs."""
    number = CODECS[name].payload_type
    kept = {number, codecs.RETRANSMISSION[number]}
    numbers = {codec.payload_type for codec in codecs.VIDEO}
    dropped = (numbers | {codecs.RETRANSMISSION[one] for one in numbers}) - kept
    about = re.compile(rf"^a=(?:rtpmap|fmtp|rtcp-fb):(?:{'|'.join(map(str, dropped))}) .*\r\n", re.MULTILINE)
    listed = rf"\1 {' '.join(map(str, sorted(kept)))}\r"
    return re.sub(r"^(m=video \d+ \S+) .*\r$", listed, about.sub("", offer), flags=re.MULTILINE)


def seen(found: dict[str, Received], frames: int = 20) -> bool:
    picture, sound = found.get("v0"), found.get("a0")
    return picture is not None and sound is not None and picture.frames >= frames and sound.energy > 0


@contextlib.asynccontextmanager
async def meeting(node: Node, codec: str) -> AsyncIterator[tuple[Client, Client]]:
    """Anna, who has one codec, and Bình, who has all."""
    anna, binh = Client("anna"), Client("binh")
    try:
        await anna.join(node, only=codec)
        await binh.join(node)
        yield anna, binh
    finally:
        for one in (anna, binh):
            one.connection.close()


@pytest.mark.parametrize("codec", CODECS)
async def test_a_publisher_is_seen_in_the_codec_it_has_and_heard(node: Node, codec: str) -> None:
    async with meeting(node, codec) as (anna, binh):
        found = await until(binh.received, seen, 30)
        assert found["v0"].decoder == f"video/{codec}"
        # Back comes what Bình sends: VP8, the first of the offer, to whoever has it.
        if codec == "VP8":
            back = await until(anna.received, seen, 30)
            assert back["v0"].decoder == "video/VP8"
