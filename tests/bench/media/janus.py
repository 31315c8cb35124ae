"""Janus's VideoRoom under the same load, as the mark to be measured against. Only where Debian's `janus` is installed."""

import asyncio
import contextlib
import itertools
import json
import os
import re
import shutil
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCRtpSender, RTCSessionDescription
from aiortc.rtcconfiguration import RTCBundlePolicy
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.bench.media.load import Arrivals, Camera, Counter

HERE = Path(__file__).parent
LIBRARIES = sorted(Path("/usr/lib").glob("*/janus"))
RTP_PORTS = "21500-21999"


def missing() -> str | None:
    """Return why Janus cannot be measured here, or None."""
    if shutil.which("janus") is None or not LIBRARIES:
        return "janus is not installed"
    if shutil.which("cc") is None and shutil.which("gcc") is None:
        return "there is no C compiler for the loopback shim"
    return None


def prepare(folder: Path, port: int) -> dict[str, str]:
    """Write a configuration with nothing but the VideoRoom and one loopback WebSocket; return the environment."""
    for kind, name in (("plugins", "libjanus_videoroom.so"), ("transports", "libjanus_websockets.so")):
        (folder / kind).mkdir()
        (folder / kind / name).symlink_to(LIBRARIES[0] / kind / name)
    (folder / "none").mkdir()
    (folder / "janus.jcfg").write_text(
        f"""general: {{
    configs_folder = "{folder}"
    plugins_folder = "{folder}/plugins"
    transports_folder = "{folder}/transports"
    events_folder = "{folder}/none"
    loggers_folder = "{folder}/none"
    debug_level = 2
    session_timeout = 600
}}
certificates: {{ }}
media: {{ ipv6 = false  rtp_port_range = "{RTP_PORTS}" }}
nat: {{ ice_enforce_list = "lo,127.0.0.1"  ignore_mdns = true }}
plugins: {{ }}
transports: {{ }}
"""
    )
    (folder / "janus.plugin.videoroom.jcfg").write_text("general: { }\n")
    (folder / "janus.transport.websockets.jcfg").write_text(
        f'general: {{ json = "compact"  ws = true  ws_port = {port}  ws_ip = "127.0.0.1"  wss = false }}\n'
        "admin: { admin_ws = false }\n"
    )
    shim = folder / "loopback.so"
    compiler = shutil.which("cc") or shutil.which("gcc") or "cc"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", shim, HERE / "loopback.c", "-ldl"], check=True)
    return os.environ | {"LD_PRELOAD": str(shim)}


class _Silent(MediaStreamTrack):
    """A track that gives nothing: the load is sent past it."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    async def recv(self) -> Any:
        await asyncio.Event().wait()


class _Session:
    """Janus's WebSocket API, one session."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._waiting: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._reader = asyncio.create_task(self._read())
        self._session: int | None = None

    async def _read(self) -> None:
        async for text in self._socket:
            message = json.loads(text)
            waiter = self._waiting.get(message.get("transaction", ""))
            if waiter is not None and message["janus"] != "ack" and not waiter.done():
                waiter.set_result(message)

    async def request(self, **fields: Any) -> dict[str, Any]:
        transaction = str(next(self._numbers))
        waiter = self._waiting[transaction] = asyncio.get_running_loop().create_future()
        if self._session is not None:
            fields["session_id"] = self._session
        await self._socket.send(json.dumps({"transaction": transaction, **fields}))
        return await asyncio.wait_for(waiter, 10)

    async def open(self) -> None:
        self._session = (await self.request(janus="create"))["data"]["id"]

    async def attach(self) -> int:
        return int((await self.request(janus="attach", plugin="janus.plugin.videoroom"))["data"]["id"])

    async def message(
        self, handle: int, body: dict[str, Any], sdp: dict[str, str] | None = None
    ) -> dict[str, Any]:
        more = {"jsep": sdp} if sdp else {}
        return await self.request(janus="message", handle_id=handle, body=body, **more)

    def close(self) -> None:
        self._reader.cancel()


@dataclass
class Janus:
    """Rooms on Janus, each with one publisher."""

    counter: Counter
    cameras: list[Camera]
    peers: list[RTCPeerConnection]
    feedback: bool
    """Whether viewers give transport-wide feedback."""
    telling: list[asyncio.Task[None]] = field(default_factory=list)

    @classmethod
    @contextlib.asynccontextmanager
    async def connected(
        cls, port: int, *, rooms: int, viewers: int, feedback: bool
    ) -> "AsyncIterator[Janus]":
        """Set up `rooms` with one publisher and `viewers` each."""
        async with connect(
            f"ws://127.0.0.1:{port}",
            subprotocols=[Subprotocol("janus-protocol")],
            proxy=None,
            ping_interval=None,
        ) as socket:
            session = _Session(socket)
            await session.open()
            janus = cls(Counter(), [], [], feedback)
            for _ in range(rooms):
                await janus._room(session, viewers)
            try:
                yield janus
            finally:
                for task in janus.telling:
                    task.cancel()
                await asyncio.gather(*(peer.close() for peer in janus.peers), return_exceptions=True)
                session.close()

    async def _room(self, session: _Session, viewers: int) -> None:
        handle = await session.attach()
        created = await session.message(
            handle,
            {
                "request": "create",
                "publishers": 3,
                "bitrate": 5_000_000,
                "videocodec": "vp8",
                "audiocodec": "opus",
            },
        )
        room = created["plugindata"]["data"]["room"]
        joined = await session.message(handle, {"request": "join", "ptype": "publisher", "room": room})
        feed = joined["plugindata"]["data"]["id"]
        publisher = self._peer()
        for kind in ("audio", "video"):
            publisher.addTransceiver(_Silent(kind), "sendonly")
        _prefer(publisher)
        await publisher.setLocalDescription(await publisher.createOffer())
        answered = await session.message(handle, {"request": "configure"}, _description(publisher))
        await publisher.setRemoteDescription(RTCSessionDescription(**_plain(answered["jsep"])))
        await _up(publisher)
        audio, video = publisher.getTransceivers()
        self.cameras.append(
            Camera(
                audio.sender.transport._send_rtp,
                audio=(audio._codecs[0].payloadType or 0, audio.sender._ssrc),
                video=(video._codecs[0].payloadType or 0, video.sender._ssrc),
                name_lines=False,
            )
        )
        for _ in range(viewers):
            await self._viewer(session, room, feed)

    async def _viewer(self, session: _Session, room: int, feed: int) -> None:
        handle = await session.attach()
        offered = await session.message(
            handle, {"request": "join", "ptype": "subscriber", "room": room, "streams": [{"feed": feed}]}
        )
        viewer = self._peer()
        await viewer.setRemoteDescription(RTCSessionDescription(**_plain(offered["jsep"])))
        await viewer.setLocalDescription(await viewer.createAnswer())
        await session.message(handle, {"request": "start"}, _description(viewer))
        await _up(viewer)
        transport = viewer.getTransceivers()[0].receiver.transport
        arrivals = None
        if self.feedback:
            # The same feedback as our viewers give, so that both servers are woken and told as often.
            [ssrc, *_] = re.findall(r"^a=ssrc:(\d+)", offered["jsep"]["sdp"], re.MULTILINE)
            arrivals = Arrivals(transport._send_rtp, int(ssrc))
            self.telling.append(asyncio.create_task(arrivals.tell()))
        self.counter.watch(transport.transport._connection, arrivals)

    def _peer(self) -> RTCPeerConnection:
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
        self.peers.append(peer)
        return peer


def _prefer(peer: RTCPeerConnection) -> None:
    for transceiver in peer.getTransceivers():
        known = RTCRtpSender.getCapabilities(transceiver.kind).codecs
        wanted = "video/VP8" if transceiver.kind == "video" else "audio/opus"
        transceiver.setCodecPreferences([codec for codec in known if codec.mimeType == wanted])


def _description(peer: RTCPeerConnection) -> dict[str, str]:
    local = peer.localDescription
    # Janus reads the first fingerprint only.
    kept = [
        line
        for line in local.sdp.splitlines()
        if not line.startswith(("a=fingerprint:sha-3", "a=fingerprint:sha-5"))
    ]
    return {"type": local.type, "sdp": "\r\n".join(kept) + "\r\n"}


def _plain(jsep: dict[str, Any]) -> dict[str, str]:
    return {"type": jsep["type"], "sdp": jsep["sdp"]}


async def _up(peer: RTCPeerConnection) -> None:
    async with asyncio.timeout(15):
        while True:
            if peer.connectionState == "connected":
                return
            await asyncio.sleep(0.01)
