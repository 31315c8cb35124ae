"""What somebody hears who has a place at the relay but no key: the relay's own view of a room."""

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from uuid import uuid4

import psycopg

from media.client import MediaNodes
from media.core import vp8
from media.core.rtp import Packet
from media.grants import Grant, sign_grant
from media.probe import Probe
from tests.support.platform import Platform


@dataclass(frozen=True)
class Overheard:
    """Payloads of one voice and one picture; of the picture whole frames, beginning with a key frame."""

    sounds: tuple[bytes, ...]
    frames: tuple[bytes, ...]


def overhear(platform: Platform, session_id: str, *, frames: int = 30, seconds: float = 30) -> Overheard:
    """Listen in on a room of a running platform with a grant as the web process signs it."""
    with ThreadPoolExecutor(1) as thread:  # the browser's driver has the loop of this one
        return thread.submit(asyncio.run, _overhear(platform, session_id, frames, seconds)).result()


async def _overhear(platform: Platform, session_id: str, wanted: int, seconds: float) -> Overheard:
    environment = platform.environment
    with psycopg.connect(environment["DATABASE_URL"]) as database:
        row = database.execute(
            "SELECT media_node, media_epoch FROM consultations_session WHERE id = %s", [session_id]
        ).fetchone()
    assert row is not None
    node, epoch = row
    secret = environment["MEDIA_SECRET"].encode()
    now = time.time()
    grant = Grant(
        room=session_id,
        participant=str(uuid4()),
        epoch=epoch,
        issued_at=now,
        expires_at=now + 60,
        admitted=True,
        publish=False,
    )
    nodes = MediaNodes(
        environment["MEDIA_NODES"].replace(",", " ").split(), secret=secret, on_event=lambda node, event: None
    )
    connection, probe = str(uuid4()), Probe()
    await nodes.start(wait_seconds=5)
    try:
        offer = await nodes.join(node, connection, sign_grant(grant, key=secret))
        await nodes.answer(node, connection, await probe.answer(offer))
        await probe.connect(seconds=8)
        await probe.wait_for(
            lambda probe: len(list(whole_frames(probe.of("v0")))) >= wanted and len(probe.of("a0")) >= wanted,
            seconds,
        )
        return Overheard(
            sounds=tuple(bytes(packet.payload) for packet in probe.of("a0") if packet.payload),
            frames=tuple(whole_frames(probe.of("v0"))),
        )
    finally:
        await nodes.leave(node, connection)
        await probe.close()
        await nodes.close()


def whole_frames(packets: list[Packet]) -> Iterator[bytes]:
    """Yield the VP8 frames of packets in order, from the first key frame on, up to the first gap."""
    frame, begun, expected = b"", False, None
    for packet in packets:
        payload = bytes(packet.payload)
        if not payload:
            continue
        if expected is not None and packet.sequence != expected and begun:
            return
        expected = packet.sequence + 1 & 0xFFFF
        picture = vp8.describe(payload)
        begun = begun or picture.keyframe
        if not begun:
            continue
        frame = payload[picture.size :] if picture.starts else frame + payload[picture.size :]
        if packet.marker:
            yield frame
