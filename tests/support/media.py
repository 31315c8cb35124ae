"""What a browser says about its media connection, read twice to see what grows."""

import time
from typing import Any

from playwright.sync_api import Page

_STATS = """async () => {
    const all = await window.roomDebug.stats();
    const of = (kind) => all.filter((r) => r.type === 'inbound-rtp' && r.kind === kind);
    const sum = (rows, name) => rows.reduce((total, row) => total + (row[name] ?? 0), 0);
    return {
        frames: of('video').map((row) => row.framesDecoded ?? 0),
        energy: of('audio').map((row) => row.totalAudioEnergy ?? 0),
        decoded: sum(of('video'), 'framesDecoded'),
        heard: sum(of('audio'), 'totalAudioEnergy'),
        packets: sum(of('video'), 'packetsReceived') + sum(of('audio'), 'packetsReceived'),
    };
}"""


def stats(page: Page) -> dict[str, Any]:
    """Return decoded frames and audio energy of each incoming stream, and their sums."""
    result: dict[str, Any] = page.evaluate(_STATS)
    return result


def expect_media(page: Page, *, videos: int, audios: int, seconds: float = 15) -> None:
    """Wait until at least so many incoming pictures move and voices sound, counted from now."""
    # Asked from here: `wait_for_function` takes the promise of an async function for a yes.
    deadline = time.monotonic() + seconds
    before = stats(page)
    while True:
        now = stats(page)
        if now["packets"] < before["packets"]:
            before = now  # a new connection counts from nothing
        grown = {name: _grown(before[name], now[name]) for name in ("frames", "energy")}
        if grown["frames"] >= videos and grown["energy"] >= audios:
            return
        assert time.monotonic() < deadline, f"wanted {videos} pictures and {audios} voices, got {grown}"
        page.wait_for_timeout(100)


def _grown(before: list[float], now: list[float]) -> int:
    return sum(value > (before[i] if i < len(before) else 0) for i, value in enumerate(now))
