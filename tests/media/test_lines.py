"""What is told about people's lines, and when: on a change, and every ten seconds."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from media import control
from media.core.codecs import VP8
from media.core.feed import Feed
from media.core.ladder import Reason, Rung, Standing
from media.io.peer import Peer
from media.io.port import MediaPort
from media.lines import FIGURES_SECONDS, KEEP_SECONDS, LineWatch
from media.room import Room
from tests.fuzz.samples import SSRC, VP8_KEY, named, packet


@dataclass
class Watched:
    """A room of people who are not connected: nothing is sent, everything is looked at."""

    port: MediaPort
    echo: bool = False
    told: list[control.Wanted | control.LineState] = field(default_factory=list)
    now: float = field(default_factory=lambda: asyncio.get_running_loop().time())

    def __post_init__(self) -> None:
        self.room = Room("room", 1, lambda slots: None, clock=lambda: self.now, echo=self.echo)
        self.watch = LineWatch(self.told.append)

    def enter(self, name: str) -> Peer:
        peer = Peer(
            port=self.port,
            connection_id=f"{name}-1",
            room="room",
            participant=name,
            publish=True,
            expires_at=1e12,
            events=self,
            clock=lambda: 1_700_000_000.0,
            chance=random.Random(1),
        )
        self.room.peers[peer.connection_id] = peer
        self.room.current[name] = peer
        self.room.rewire()
        return peer

    def source_appeared(self, peer: Peer, feed: Feed) -> None:
        self.room.publish(feed)
        self.room.rewire()

    def peer_connected(self, peer: Peer) -> None: ...

    def peer_over(self, peer: Peer, reason: str) -> None: ...

    def sound_came(self, peer: Peer, now: float) -> None: ...

    def send_layers(self, peer: Peer, *rids: str, sequence: int = 1) -> None:
        for rid in rids:
            data = packet(
                VP8.payload_type,
                VP8_KEY,
                ssrc=SSRC[rid or "c"],
                sequence=sequence,
                timestamp=sequence * 3000,
                elements=named("c", rid=rid),
            )
            peer._rtp(data, self.now)
        for viewer in self.room.current.values():
            viewer.downlink.decide(self.now)

    def look(self, seconds: float = 0.0) -> list[control.Wanted | control.LineState]:
        """Let time pass while everybody is heard and layers flow; return what is told then."""
        self.now += seconds
        for peer in self.room.current.values():
            peer._transport.last_heard = self.now
            for stream in peer.uplink.streams.values():
                stream.last_at = self.now
        del self.told[:]
        self.watch.look(self.room, self.now)
        return list(self.told)

    def wanted(self, seconds: float = 0.0) -> list[tuple[tuple[str, ...], bool]]:
        return [(m.layers, m.stills) for m in self.look(seconds) if isinstance(m, control.Wanted)]

    def lines(self, seconds: float = 0.0) -> list[control.LineState]:
        return [message for message in self.look(seconds) if isinstance(message, control.LineState)]


@pytest.fixture
async def watched() -> AsyncIterator[Watched]:
    port = MediaPort.open("127.0.0.1", 0, announce=("127.0.0.1",))
    made = Watched(port)
    yield made
    for peer in list(made.room.peers.values()):
        await peer.close()
    port.close()


def carry(peer: Peer, bitrate: float, now: float) -> None:
    """Let a viewer's line carry this."""
    peer.downlink._heard = peer.downlink.paced = True
    peer.downlink.estimator.target = bitrate
    peer.downlink.decide(now)


async def test_a_line_is_told_at_first_on_a_change_and_every_ten_seconds(watched: Watched) -> None:
    anna = watched.enter("anna")
    (first,) = watched.lines()
    assert (first.room, first.participant, first.connection_id) == ("room", "anna", "anna-1")
    assert (first.down, first.down_reason, first.up, first.up_reason) == ("full", None, "full", None)
    assert watched.lines(1.0) == []
    assert watched.lines(FIGURES_SECONDS - 1.1) == []
    assert len(watched.lines(0.2)) == 1
    anna.downlink.ladder.pin()
    (changed,) = watched.lines(1.0)
    assert (changed.down, changed.down_reason) == ("sound", "by_hand")
    assert watched.lines(1.0) == []


async def test_figures_are_told_in_their_units_and_ranges(watched: Watched) -> None:
    anna = watched.enter("anna")
    anna.downlink.loss = 0.123456
    anna.downlink.report_rtt = 0.25
    anna.uplink.tell_available(640_000.0, watched.now)
    (line,) = watched.lines()
    assert (line.down_loss, line.rtt_ms, line.up_bitrate) == (0.1235, 250, 640_000)
    assert line.up == "half"
    assert line.up_reason == "thin_line"
    anna.downlink.loss = 7.0
    (line,) = watched.lines(FIGURES_SECONDS)
    assert line.down_loss == 1.0


async def test_each_person_is_told_of_by_themselves(watched: Watched) -> None:
    watched.enter("anna")
    binh = watched.enter("binh")
    assert [line.participant for line in watched.lines()] == ["anna", "binh"]
    binh.uplink.ladder.pin()
    assert [line.participant for line in watched.lines(1.0)] == ["binh"]


async def test_somebody_alone_sends_what_a_newcomer_sees_first(watched: Watched) -> None:
    anna = watched.enter("anna")
    assert watched.wanted() == []
    watched.send_layers(anna, "q", "h", "f")
    assert watched.wanted() == [(("q",), False)]
    assert watched.wanted(1.0) == []


async def test_layers_are_wanted_as_viewers_lines_carry_them(watched: Watched) -> None:
    anna, binh = watched.enter("anna"), watched.enter("binh")
    watched.send_layers(anna, "q", "h", "f")
    assert watched.wanted() == [(("q", "f"), False)]
    carry(binh, 250_000, watched.now)
    assert watched.wanted(1.0) == [(("q", "h", "f"), False)]  # the large one goes on for a while
    assert watched.wanted(KEEP_SECONDS - 1.5) == []
    assert watched.wanted(1.0) == [(("q", "h"), False)]
    assert watched.wanted(1.0) == []


async def test_what_any_viewer_wants_is_sent(watched: Watched) -> None:
    anna, binh, chi = (watched.enter(name) for name in ("anna", "binh", "chi"))
    watched.send_layers(anna, "q", "h", "f")
    carry(binh, 250_000, watched.now)
    carry(chi, 5_000_000, watched.now)
    assert watched.wanted() == [(("q", "h", "f"), False)]


async def test_a_viewer_on_stills_wants_them_and_no_large_picture(watched: Watched) -> None:
    anna, binh = watched.enter("anna"), watched.enter("binh")
    watched.send_layers(anna, "q", "h", "f")
    watched.look()
    binh.downlink.ladder.standing = Standing(Rung.STILL, Reason.THIN_LINE)
    binh.downlink.decide(watched.now)
    assert watched.wanted(1.0) == [(("q", "f"), True)]
    assert watched.wanted(KEEP_SECONDS) == [(("q",), True)]


async def test_a_publisher_whose_own_line_is_too_thin_sends_stills(watched: Watched) -> None:
    anna, _ = watched.enter("anna"), watched.enter("binh")
    watched.send_layers(anna, "q", "h", "f")
    watched.look()
    told = []
    for _ in range(8):
        anna.uplink.tell_available(50_000.0, watched.now + 1.0)
        told += watched.wanted(1.0)
    assert told == [((), True)]


async def test_a_camera_without_layers_is_not_asked_for_any(watched: Watched) -> None:
    anna, _ = watched.enter("anna"), watched.enter("binh")
    watched.send_layers(anna, "")
    assert watched.wanted() == []


async def test_in_an_echo_room_people_watch_themselves(watched: Watched) -> None:
    alone = Watched(watched.port, echo=True)
    anna = alone.enter("anna")
    alone.send_layers(anna, "q", "h", "f")
    assert alone.wanted() == [(("q", "f"), False)]
    await anna.close()


async def test_nothing_is_remembered_of_who_has_left(watched: Watched) -> None:
    anna, _ = watched.enter("anna"), watched.enter("binh")
    watched.send_layers(anna, "q", "h", "f")
    watched.look()
    watched.watch.forget("anna-1")
    watched.watch.forget("binh-1")
    kept = {name: value for name, value in vars(watched.watch).items() if isinstance(value, dict)}
    assert [name for name, value in kept.items() if value] == []
