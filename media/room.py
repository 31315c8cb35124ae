"""One room: who is in it, what they publish, and which slot carries it."""

from collections.abc import Callable

from media import control
from media.core.feed import Feed
from media.core.inbound import InboundStream
from media.core.levels import Loudest
from media.core.rooms import Places, Publication, assign
from media.io.peer import Peer

SCREEN_SILENCE_SECONDS = 5.0
SMALL_ROOM = 4  # microphones; with more only the loudest three are forwarded

EmitSlots = Callable[[control.Slots], None]


class Room:
    """The newest connected connection of a participant is the one that receives."""

    def __init__(
        self, name: str, epoch: int, emit: EmitSlots, *, clock: Callable[[], float], echo: bool = False
    ) -> None:
        """`clock` gives monotonic seconds."""
        self.name = name
        self.epoch = epoch
        self.echo = echo
        """Whether everybody is wired to themselves as well."""
        self.peers: dict[str, Peer] = {}
        """The connections of those who have been admitted, by connection id, oldest first."""
        self.standby: dict[str, Peer] = {}
        """The connections of those who have not: nothing below ever looks at them."""
        self.current: dict[str, Peer] = {}
        """The connection that counts, by participant, in order of arrival."""
        self.devices: dict[str, Peer] = {}
        """The device that shows an examination for them, by participant. It receives nothing and takes no place of its own."""
        self.faulty = False
        """Whether a bug has shown in what is done for it each second."""
        self._emit = emit
        self._clock = clock
        self._loudest = Loudest()
        self._listened: set[str] = set()  # whose microphones it knows; none in a small room
        self._feeds: dict[Publication, Feed] = {}
        # The screens that run, by participant and whether it is their device's; the one that began last is last.
        self._screens: dict[tuple[str, bool], Feed] = {}
        self._places: dict[str, Places] = {}
        self._tables: dict[str, tuple[control.SlotSource, ...]] = {}  # last told, by connection id

    @property
    def empty(self) -> bool:
        """Whether no connection is left."""
        return not self.peers and not self.standby

    @property
    def inside(self) -> set[str]:
        """Who takes a place in the room."""
        return {peer.participant for peer in self.peers.values()}

    def all(self) -> list[Peer]:
        """Return all connections, those on standby last."""
        return [*self.peers.values(), *self.standby.values()]

    def of(self, participant: str) -> list[Peer]:
        """Return all connections of a participant, oldest first."""
        return sorted(
            (peer for peer in self.all() if peer.participant == participant), key=lambda peer: peer.created_at
        )

    def counting(self, device: bool) -> dict[str, Peer]:
        """Return the connections that count by participant: their own, or their devices'."""
        return self.devices if device else self.current

    def publish(self, feed: Feed, *, device: bool = False) -> None:
        """Make a feed the one its participant is seen or heard by. `rewire` shows it."""
        if feed.source == "screen":
            self._screens[feed.participant, device] = feed
        else:
            self._feeds[feed.participant, feed.source] = feed

    def unpublish(self, feed: Feed) -> None:
        """Take a feed away, unless another has taken its place already."""
        self._feeds = {key: known for key, known in self._feeds.items() if known is not feed}
        self._screens = {key: known for key, known in self._screens.items() if known is not feed}

    def drop(self, peer: Peer) -> None:
        """Forget a connection and what it published. `rewire` shows it."""
        self.peers.pop(peer.connection_id, None)
        self.standby.pop(peer.connection_id, None)
        self._tables.pop(peer.connection_id, None)
        if self.current.get(peer.participant) is peer:
            del self.current[peer.participant]
            self._places.pop(peer.participant, None)
        if self.devices.get(peer.participant) is peer:
            del self.devices[peer.participant]
        for feed in peer.uplink.feeds.values():
            self.unpublish(feed)

    def rewire(self) -> None:
        """Point every slot at what it should carry, and tell whose table has changed."""
        self._seat_microphones()
        for who, viewer in self.current.items():
            places = self._places.setdefault(who, Places()).update(
                o for o in self.current if o != who or self.echo
            )
            shown = [feed for (owner, _), feed in self._screens.items() if owner != who and owner in places]
            # Nobody is shown their own screen, so the sharer sees the one shared before.
            screen = shown[-1] if shown else None
            wanted = assign(
                places=places,
                publications={*self._feeds, *((feed.participant, feed.source) for feed in shown)},
                screen_owner=None if screen is None else screen.participant,
            )
            for slot in viewer.downlink.slots:
                publication = wanted.get(slot)
                feed = None if publication is None else self._feeds.get(publication, screen)
                viewer.show(slot, feed)
            viewer.wire()
            table = tuple(
                control.SlotSource(slot=slot, participant=participant, source=source)
                for slot, (participant, source) in sorted(wanted.items())
            )
            if self._tables.get(viewer.connection_id) != table:
                self._tables[viewer.connection_id] = table
                self._emit(
                    control.Slots(
                        room=self.name, participant=who, connection_id=viewer.connection_id, slots=table
                    )
                )

    def listen(self, now: float) -> None:
        """Decide anew who is heard, at most ten times a second."""
        if now >= self._loudest.next_at and self._loudest.tick(now):
            self._let_be_heard()

    def _seat_microphones(self) -> None:
        """Choose among the microphones in a large room; in a small one everybody is heard."""
        now = self._clock()
        streams = self._microphones()
        large = len(streams) > SMALL_ROOM
        wanted = set(streams) if large else set()
        for who in self._listened - wanted:
            self._loudest.leave(who, now)
        self._listened = wanted
        for who, stream in streams.items():
            stream.microphone = self._loudest.join(who, now) if large else None
        self._let_be_heard()

    def _let_be_heard(self) -> None:
        heard = self._loudest.heard
        for who, stream in self._microphones().items():
            stream.heard = stream.microphone is None or who in heard
            if not stream.heard:
                stream.pause()

    def _microphones(self) -> dict[str, InboundStream]:
        return {
            who: stream
            for (who, source), feed in self._feeds.items()
            if source == "microphone"
            for stream in feed.layers.values()
        }

    def downlinks(self, publisher: Peer) -> list[float]:
        """Return the estimates, bit/s, of who watches a picture of the publisher's that has no layers."""
        return [
            viewer.downlink.estimate
            for who, viewer in self.current.items()
            if (who != publisher.participant or self.echo)
            and viewer.downlink.watches(publisher.uplink.feeds.values())
        ]

    def worst_loss(self, publisher: Peer) -> float:
        """Return the largest share of packets, 0–1, that any other's line loses."""
        others = (peer for who, peer in self.current.items() if who != publisher.participant)
        return max((peer.downlink.worst_loss for peer in others), default=0.0)

    def watch_screens(self, now: float) -> None:
        """End screens that have fallen silent: a browser says nothing when sharing ends, its packets just stop."""
        for feed in list(self._screens.values()):
            if now - feed.newest_at > SCREEN_SILENCE_SECONDS:
                for stream in feed.layers.values():
                    stream.active = False
                self.unpublish(feed)
                self.rewire()
