"""One viewer's requests for key frames, and what they cost the publisher and everybody else."""

from media.core import rtcp
from media.io.peer import Peer
from tests.media.test_lines import Watched, watched

__all__ = ["watched"]  # a fixture


def ask(viewer: Peer, now: float, *, full: bool = False) -> None:
    """Say that a picture is lost (RFC 4585 §6.3.1), or ask for a whole one (RFC 5104 §4.3.1)."""
    ssrc = viewer.downlink.slots["v0"].ssrc
    if full:
        entry = ssrc.to_bytes(4) + bytes((int(now * 100) & 0xFF, 0, 0, 0))
        viewer._rtcp(bytes((0x84, 206, 0, 4)) + (9).to_bytes(4) + bytes(4) + entry, now)
    else:
        viewer._rtcp(rtcp.build_picture_loss(sender_ssrc=9, media_ssrc=ssrc), now)


async def test_a_viewer_who_asks_a_hundred_times_a_second_costs_few_key_frames(watched: Watched) -> None:
    anna, binh, chi = (watched.enter(name) for name in ("anna", "binh", "chi"))
    watched.send_layers(anna, "")
    watched.room.rewire()
    (camera,) = anna.uplink.streams.values()
    camera.keyframes.arrived(watched.now)
    caused: list[float] = []

    def answered(at: float) -> None:
        """The camera gives a key frame whenever it is asked for one."""
        if camera.keyframes.sent > len(caused) + before:
            caused.append(at)
            camera.keyframes.arrived(start + at)

    start, before = float(int(watched.now) + 2), camera.keyframes.sent
    for tick in range(12 * 128):
        at = start + 1 + tick / 128
        ask(binh, at, full=tick % 2 == 0)
        answered(at - start)
        if tick % 64 == 63:
            binh.measure(0.5)
    assert caused == [1.0, 1.5, 3.0, 3.5, 5.0, 7.0, 10.0]
    # Somebody else who asks once is served at once.
    ask(chi, start + 13)
    answered(13)
    assert caused[-1] == 13
