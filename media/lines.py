"""What the node tells about people's lines: which layers anybody wants, and how far each line has come down."""

from collections.abc import Callable

from media import control
from media.core.ladder import Rung
from media.io.peer import Peer
from media.room import Room

FIGURES_SECONDS = 10.0  # between two reports of a line on which nothing has changed
KEEP_SECONDS = 6.0  # a layer nobody wants any more goes on so long: switching it on again costs a key frame
SAFETY_LAYER = "q"
"""Always sent, unless the publisher's own line is too thin: what a line that breaks down falls back to, and what somebody
who comes in sees at once."""

Emit = Callable[[control.Wanted | control.LineState], None]


class LineWatch:
    """Remembers what was told, by connection id."""

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._wanted: dict[str, tuple[tuple[str, ...], bool]] = {}
        self._last_wanted: dict[
            tuple[str, str], float
        ] = {}  # connection id and layer: when somebody last wanted it
        self._states: dict[str, tuple[object, ...]] = {}
        self._told_at: dict[str, float] = {}

    def look(self, room: Room, now: float) -> None:
        """Tell what has changed in a room."""
        for peer in room.current.values():
            peer.uplink.look(now, silent=peer.silent_for(now))
        for peer in room.current.values():
            self._tell_wanted(room, peer, now)
            self._tell_line(peer, now)

    def tell_wanted(self, room: Room, now: float) -> None:
        """Tell at once what has changed in what is wanted: somebody came, or a picture did."""
        for peer in room.current.values():
            self._tell_wanted(room, peer, now)

    def forget(self, connection_id: str) -> None:
        """Forget a connection that is over."""
        for known in (self._wanted, self._states, self._told_at):
            known.pop(connection_id, None)
        self._last_wanted = {k: at for k, at in self._last_wanted.items() if k[0] != connection_id}

    def _tell_wanted(self, room: Room, peer: Peer, now: float) -> None:
        feed = peer.uplink.feeds.get("camera")
        if feed is None or not feed.layered:
            return
        own = peer.uplink.ladder.standing.rung
        viewers = [v for v in room.current.values() if (v is not peer or room.echo) and v.downlink.sees(feed)]
        targets = {rid for v in viewers for rid in v.downlink.wishes(feed)} | {SAFETY_LAYER}
        if own >= Rung.STILL:
            targets = set()
        identity = peer.connection_id
        for rid in targets:
            self._last_wanted[identity, rid] = now
        kept = bool(targets)
        layers = tuple(
            rid
            for rid in ("q", "h", "f")
            if rid in targets
            or (kept and now - self._last_wanted.get((identity, rid), -KEEP_SECONDS) < KEEP_SECONDS)
        )
        rungs = [max(own, v.downlink.standing.rung) for v in viewers]
        stills = any(rung is Rung.STILL for rung in rungs)
        if self._wanted.get(identity) != (layers, stills):
            self._wanted[identity] = layers, stills
            self._emit(
                control.Wanted(
                    room=peer.room,
                    participant=peer.participant,
                    connection_id=identity,
                    layers=layers,
                    stills=stills,
                )
            )

    def _tell_line(self, peer: Peer, now: float) -> None:
        down, up = peer.downlink.standing, peer.uplink.ladder.standing
        state = (down, up)
        identity = peer.connection_id
        if self._states.get(identity) == state and now - self._told_at[identity] < FIGURES_SECONDS:
            return
        self._states[identity] = state
        self._told_at[identity] = now
        self._emit(
            control.LineState(
                room=peer.room,
                participant=peer.participant,
                connection_id=identity,
                down=down.rung.name.lower(),
                down_reason=down.reason,
                up=up.rung.name.lower(),
                up_reason=up.reason,
                down_bitrate=int(peer.downlink.estimate),
                up_bitrate=int(peer.uplink.estimate(now)),
                down_loss=round(min(peer.downlink.worst_loss, 1.0), 4),
                up_loss=round(min(peer.uplink.loss, 1.0), 4),
                rtt_ms=int(peer.rtt * 1000),
            )
        )
