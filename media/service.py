"""The rooms of one node: who may come in, who is wired to whom, and the clocks that drive feedback.

Commands come in as methods, events go out through `emit`. Everything runs on one event loop; nothing here waits for a
network, so a command is done when its method returns.
"""

import asyncio
import gc
import itertools
import logging
import random
import time
from collections.abc import Callable

from media import control
from media.core.feed import Feed
from media.core.publication import Publication, read_publication
from media.core.rooms import MAX_PARTICIPANTS
from media.core.sdp import Answer, BadSdp, read_answer
from media.grants import GRANT_SECONDS, BadGrant, Grant, verify_grant
from media.io.peer import Peer
from media.io.port import MediaPort
from media.io.transport import CONNECT_SECONDS
from media.lines import LineWatch
from media.room import Room

logger = logging.getLogger(__name__)

TICK = 0.5
WEAK_SECONDS = 3.0
LOST_SECONDS = 30.0
OVERLAP_SECONDS = 2.0  # how long a replaced connection may still be a source
ANSWER_SECONDS = 30.0  # how long an offer waits for its answer
MAX_PENDING = 2  # connections of one participant that are not up yet
MAX_PENDING_ON_NODE = 64  # a storm of joins is better spread than queued past its deadline
MAX_STANDBY = 2 * MAX_PARTICIPANTS  # connections of one room that wait for their person to be let in
COLLECT_EVERY = 32  # closed connections, each of which leaves a few small objects that refer to each other; on an empty node
COLLECT_AT_LAST = 1024  # and on a busy one, where walking over all histories takes a fifth of a second
REMOVAL_SECONDS = 6 * GRANT_SECONDS

Emit = Callable[
    [
        control.Connected
        | control.Disconnected
        | control.Slots
        | control.Weak
        | control.Wanted
        | control.LineState
        | control.Load
    ],
    None,
]


class Refused(Exception):
    """A command cannot be done. `code` is one of `control.Failed`'s."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


class Service:
    """All rooms of a node."""

    def __init__(
        self,
        *,
        port: MediaPort,
        node: str,
        instance: str,
        secret: bytes,
        emit: Emit,
        room_size: int = MAX_PARTICIPANTS,
        clock: Callable[[], float] = time.time,
        chance: random.Random | None = None,
    ) -> None:
        self.node = node
        self.instance = instance
        self.draining = False
        self._port = port
        self._secret = secret
        self._room_size = room_size
        self._emit = emit
        self._clock = clock
        self._chance = chance or random.SystemRandom()
        self._loop = port.loop
        self._rooms: dict[str, Room] = {}
        self._peers: dict[str, Peer] = {}
        self._removed: dict[tuple[str, str], float] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._uncollected = 0  # closed connections since the collector last looked
        self.departed = 0
        """Connections that are over since the start."""
        self._forwarded = 0
        self._lines = LineWatch(emit)
        self._load = _LoadMeter(port.loop.time())
        self._ticking: asyncio.Task[None] | None = None

    # --- commands ---------------------------------------------------------------------------------------------

    def join(self, connection_id: str, token: str) -> str:
        """Return the offer of a new connection; the same one again for a repeated command.

        Raises:
            Refused: bad_grant, room_full, draining, busy.
        """
        grant = self._grant(token)
        if grant.device:
            raise Refused("bad_grant", "the grant is for a device that publishes")
        return self._connect(connection_id, grant).description

    def publish(self, connection_id: str, token: str, sdp: str) -> str:
        """Return the answer to a device's offer; the same one again for a repeated command. `Connected` follows.

        Raises:
            Refused: bad_grant, bad_sdp, room_full, draining, busy.
        """
        grant = self._grant(token)
        if not (grant.device and grant.admitted) or grant.echo:
            raise Refused("bad_grant", "the grant is not for a device in a room")
        try:
            offered = read_publication(sdp)
        except BadSdp as error:
            raise Refused("bad_sdp", str(error)) from error
        peer = self._connect(connection_id, grant, offered)
        if not peer.answer(sdp, Answer(offered.ufrag, offered.password, offered.fingerprint, {})):
            raise Refused("bad_sdp", "another offer was already given")
        return peer.description

    def _connect(self, connection_id: str, grant: Grant, offered: Publication | None = None) -> Peer:
        """Return a new connection, or the one of that id."""
        known = self._peers.get(connection_id)
        if known is not None:
            self._take_grant(known, grant)
            return known
        if self.draining:
            raise Refused("draining", "this node is going down, use another")
        room = self._room(grant)
        if grant.admitted:
            self._check_place(room, grant.participant)
        elif len(room.standby) >= MAX_STANDBY:
            raise Refused("busy", f"a room has at most {MAX_STANDBY} connections on standby")
        if sum(not peer.connected for peer in self._peers.values()) >= MAX_PENDING_ON_NODE:
            raise Refused("busy", "too many connections are being set up, try again in a moment")
        others = room.of(grant.participant)
        waiting = [peer for peer in others if not peer.connected and peer.device == grant.device]
        for stale in waiting[: len(waiting) - MAX_PENDING + 1]:
            self._close(stale, "replaced")
        peer = Peer(
            port=self._port,
            connection_id=connection_id,
            room=grant.room,
            participant=grant.participant,
            publish=grant.publish and grant.admitted,
            expires_at=grant.expires_at,
            events=self,
            clock=self._clock,
            chance=self._chance,
            publication=offered,
        )
        self._rooms[room.name] = room
        connections = room.peers if grant.admitted else room.standby
        self._peers[connection_id] = connections[connection_id] = peer
        return peer

    def answer(self, connection_id: str, sdp: str) -> None:
        """Take the browser's answer; `Connected` or `Disconnected` follows.

        Raises:
            Refused: unknown_connection, bad_sdp.
        """
        peer = self.peer(connection_id)
        try:
            if not peer.answer(sdp, read_answer(sdp)):
                raise Refused("bad_sdp", "another answer was already given")
        except BadSdp as error:
            raise Refused("bad_sdp", str(error)) from error

    def renew(self, connection_id: str, token: str) -> None:
        """Let a connection live as long as a newer grant says, and let its participant in if the grant says so.

        Raises:
            Refused: bad_grant, unknown_connection, room_full.
        """
        grant = self._grant(token)
        self._take_grant(self.peer(connection_id), grant)

    def tune(self, command: control.Tune) -> None:
        """Take in what one end of a connection says about itself.

        Raises:
            Refused: unknown_connection.
        """
        self.peer(command.connection_id).tune(
            sound_only=command.sound_only, uplink=command.uplink, heights=command.heights
        )

    def leave(self, connection_id: str) -> None:
        """Close a connection, if it is still there."""
        peer = self._peers.get(connection_id)
        if peer is not None:
            self._close(peer, "left")

    def remove(self, room: str, participant: str) -> None:
        """Close everything of a participant in a room now, and refuse grants issued up to now."""
        self._removed[room, participant] = self._clock()
        found = self._rooms.get(room)
        for peer in found.of(participant) if found is not None else ():
            self._close(peer, "removed")

    def close_room(self, name: str) -> None:
        """Close a room, if it is there."""
        room = self._rooms.get(name)
        if room is not None:
            for peer in room.all():
                self._close(peer, "room_closed")

    def load_now(self) -> control.Load:
        """Return the load as it was last measured, for a web process that has just connected."""
        return self._report(*self._load.last)

    def _measure_load(self) -> control.Load:
        return self._report(*self._load.take(self._loop.time(), self._total_forwarded()))

    def _report(self, cpu: float, lag: float, packets: float) -> control.Load:
        return control.Load(
            node=self.node,
            instance=self.instance,
            rooms=len(self._rooms),
            connections=len(self._peers),
            packets_per_second=round(packets, 1),
            cpu=round(cpu, 3),
            loop_lag_ms=round(lag * 1000, 1),
            draining=self.draining,
        )

    def start(self) -> None:
        """Start the clocks."""
        self._ticking = asyncio.create_task(self._tick())

    def drain(self) -> None:
        """Take nobody in any more, and say so at once: the web processes take the rooms elsewhere. Media flows on."""
        self.draining = True
        self._emit(self.load_now())

    async def close(self) -> None:
        """Close every connection and stop the clocks."""
        for peer in list(self._peers.values()):
            self._close(peer, "draining")
        if self._closing:
            await asyncio.gather(*self._closing, return_exceptions=True)
        if self._ticking is not None:
            self._ticking.cancel()

    @property
    def empty(self) -> bool:
        """Whether no connection is left."""
        return not self._peers

    # --- events of peers --------------------------------------------------------------------------------------

    def peer_connected(self, peer: Peer) -> None:
        """Let a connection count, or stand by."""
        if self._peers.get(peer.connection_id) is not peer:
            return  # closed in the same moment
        room = self._rooms[peer.room]
        waits = peer.connection_id in room.standby
        newer = room.of(peer.participant)[-1] if waits else room.counting(peer.device).get(peer.participant)
        if newer is not None and newer.connected and newer.created_at > peer.created_at:
            self._close(peer, "replaced")
            return
        self._emit(
            control.Connected(room=peer.room, participant=peer.participant, connection_id=peer.connection_id)
        )
        if waits:
            for other in room.of(peer.participant):
                if other is not peer and other.connected and other.connection_id in room.standby:
                    self._close(other, "replaced")
        else:
            self._go_live(room, peer)

    def _go_live(self, room: Room, peer: Peer) -> None:
        """Make a connection the one of its participant that counts."""
        counting = room.counting(peer.device)
        previous = counting.get(peer.participant)
        counting[peer.participant] = peer
        if previous is not None:
            # The old connection stays a source until the new one's first key frame; it receives no more.
            previous.over = True
            previous.stop_receiving()
            self._loop.call_later(OVERLAP_SECONDS, self._close, previous, "replaced")
        for feed in peer.uplink.feeds.values():
            if feed.active:
                room.publish(feed, device=peer.device)
        room.rewire()
        self._lines.tell_wanted(room, self._loop.time())

    def source_appeared(self, peer: Peer, feed: Feed) -> None:
        """Show a feed that begins, if its connection counts."""
        room = self._rooms.get(peer.room)
        if room is not None and room.counting(peer.device).get(peer.participant) is peer:
            room.publish(feed, device=peer.device)
            room.rewire()
            self._lines.tell_wanted(room, self._loop.time())

    def sound_came(self, peer: Peer, now: float) -> None:
        """Decide, every now and then, who of a large room is heard."""
        room = self._rooms.get(peer.room)
        if room is not None:
            room.listen(now)

    def peer_over(self, peer: Peer, reason: str) -> None:
        """Close a connection that failed or died by itself."""
        self._close(peer, reason)

    def _close(self, peer: Peer, reason: str) -> None:
        if self._peers.get(peer.connection_id) is not peer:
            return
        del self._peers[peer.connection_id]
        self._lines.forget(peer.connection_id)
        room = self._rooms[peer.room]
        room.drop(peer)
        self._forwarded += peer.forwarded
        # From its first step on, closing sends and receives nothing.
        task = self._loop.create_task(peer.close())
        self._closing.add(task)
        task.add_done_callback(self._closed)
        self._emit(
            control.Disconnected(
                room=peer.room, participant=peer.participant, connection_id=peer.connection_id, reason=reason
            )
        )
        if room.empty:
            del self._rooms[room.name]
        else:
            room.rewire()

    def _closed(self, task: asyncio.Task[None]) -> None:
        self._closing.discard(task)
        self.departed += 1
        self._uncollected += 1
        if self._uncollected >= (COLLECT_EVERY if self.empty else COLLECT_AT_LAST):
            self._uncollected = 0
            gc.collect()

    def _room(self, grant: Grant) -> Room:
        room = self._rooms.get(grant.room)
        if room is not None and room.epoch > grant.epoch:
            raise Refused("bad_grant", "the room has moved on to a newer epoch")
        if room is not None and room.epoch < grant.epoch:
            # The room lived elsewhere in between: what is left here is void.
            self.close_room(grant.room)
            room = None
        return room or Room(grant.room, grant.epoch, self._emit, clock=self._loop.time, echo=grant.echo)

    def _check_place(self, room: Room, participant: str) -> None:
        if participant not in room.inside and len(room.inside) >= self._room_size:
            raise Refused("room_full", f"a room holds {self._room_size}")

    def _take_grant(self, peer: Peer, grant: Grant) -> None:
        """Let a connection live, and its participant in, as a newer grant says."""
        room = self._rooms[peer.room]
        shown = (grant.room, grant.participant, grant.epoch, grant.device)
        if (peer.room, peer.participant, room.epoch, peer.device) != shown:
            raise Refused(
                "bad_grant", "the grant is for another participant, room, epoch or kind of connection"
            )
        waits = peer.connection_id in room.standby
        if not grant.admitted and not waits:
            raise Refused("bad_grant", "the participant is no longer admitted")
        if grant.admitted and waits:
            self._admit(room, peer, publish=grant.publish)
        peer.expires_at = max(peer.expires_at, grant.expires_at)
        device = room.devices.get(peer.participant)
        if device is not None and grant.admitted:  # it is here for as long as its participant may be
            device.expires_at = max(device.expires_at, grant.expires_at)

    def _admit(self, room: Room, peer: Peer, *, publish: bool) -> None:
        """Take a connection from standby into the room."""
        self._check_place(room, peer.participant)
        current = room.current.get(peer.participant)
        if current is not None and current.created_at > peer.created_at:
            self._close(peer, "replaced")
            return
        room.peers[peer.connection_id] = room.standby.pop(peer.connection_id)
        peer.publish = publish
        if peer.connected:
            self._go_live(room, peer)

    def _grant(self, token: str) -> Grant:
        try:
            grant = verify_grant(token, key=self._secret, now=self._clock())
        except BadGrant as error:
            raise Refused("bad_grant", str(error)) from error
        removed_at = self._removed.get((grant.room, grant.participant))
        if removed_at is not None and grant.issued_at <= removed_at:
            raise Refused("bad_grant", "the participant was removed")
        return grant

    def peer(self, connection_id: str) -> Peer:
        """Return a connection.

        Raises:
            Refused: unknown_connection.
        """
        peer = self._peers.get(connection_id)
        if peer is None:
            raise Refused("unknown_connection")
        return peer

    def _total_forwarded(self) -> int:
        return self._forwarded + sum(peer.forwarded for peer in self._peers.values())

    # --- clocks -----------------------------------------------------------------------------------------------

    async def _tick(self) -> None:
        expected = self._port.on_pulse(self._loop.time())
        for count in itertools.count(1):
            expected += TICK
            await asyncio.sleep(max(0.0, expected - self._loop.time()))
            now = self._loop.time()
            self._load.lag(now - expected)
            if now - expected > 1:  # the machine slept; do not catch up tick by tick
                expected = self._port.on_pulse(now)
            try:
                self._beat(now, second=count % 2 == 0)
            except Exception:  # a bug in one beat must not stop the clock of all rooms
                logger.exception("a beat of the media service failed")

    def _beat(self, now: float, *, second: bool) -> None:
        for room in self._rooms.values():
            for peer in room.peers.values():
                if peer.connected:
                    self._guard(peer, self._measure, room, peer)
        if second:
            for room in self._rooms.values():
                for viewer in room.current.values():
                    self._guard(viewer, viewer.look, 2 * TICK)
            self._watch(now)
            for peer in list(self._peers.values()):
                if peer.connected:
                    self._guard(peer, self._report_to, peer, now)
            self._emit(self._measure_load())

    def _guard(self, owner: Peer | Room, step: Callable[..., None], *given: object) -> None:
        """Do one step of a beat for one connection or room; a bug that one participant can reach stops nobody else's clock."""
        try:
            step(*given)
        except Exception:
            if not owner.faulty:  # told once: twice a second would fill the log
                owner.faulty = True
                logger.exception("a step of a beat of the media service failed")

    def _report_to(self, peer: Peer, now: float) -> None:
        peer.send_reports(now, downstream_loss=self._rooms[peer.room].worst_loss(peer))

    @staticmethod
    def _measure(room: Room, peer: Peer) -> None:
        peer.measure(TICK)
        peer.tidy()
        peer.limit(TICK, room.downlinks(peer))

    def _watch(self, now: float) -> None:
        now_unix = self._clock()
        for peer in list(self._peers.values()):
            if peer.expires_at <= now_unix:
                self._close(peer, "expired")
            elif peer.connected:
                self._watch_silence(peer, peer.silence(now))
            elif now - peer.created_at > ANSWER_SECONDS + CONNECT_SECONDS:
                self._close(peer, "failed")
        for room in list(self._rooms.values()):
            self._guard(room, room.watch_screens, now)
            self._guard(room, self._lines.look, room, now)
        self._removed = {k: at for k, at in self._removed.items() if now_unix - at < REMOVAL_SECONDS}

    def _watch_silence(self, peer: Peer, silent: float) -> None:
        if silent >= LOST_SECONDS:
            self._close(peer, "lost")
            return
        silent_ms = int(silent * 1000) if silent >= WEAK_SECONDS else 0
        if silent_ms or peer.silent_ms:
            peer.silent_ms = silent_ms
            self._emit(
                control.Weak(
                    room=peer.room,
                    participant=peer.participant,
                    connection_id=peer.connection_id,
                    silent_ms=silent_ms,
                )
            )


class _LoadMeter:
    """CPU share, worst loop lag and packet rate between two readings."""

    def __init__(self, now: float) -> None:
        self._at = now
        self._cpu = time.process_time()
        self._packets = 0
        self._worst = 0.0
        self.last = (0.0, 0.0, 0.0)

    def lag(self, seconds: float) -> None:
        self._worst = max(self._worst, seconds)

    def take(self, now: float, packets: int) -> tuple[float, float, float]:
        elapsed = max(now - self._at, 1e-3)
        cpu = time.process_time()
        self.last = ((cpu - self._cpu) / elapsed, self._worst, (packets - self._packets) / elapsed)
        self._at, self._cpu, self._packets, self._worst = now, cpu, packets, 0.0
        return self.last
