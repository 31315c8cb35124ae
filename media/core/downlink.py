"""What goes to one viewer: their slots, what their line carries, and what they get of it. Pure.

Every packet has a transport-wide number; the viewer's feedback on those gives an estimate of the line, the estimate buys
layers, and the ladder says in words where that has come to. Sound goes first, always; pictures are paced.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from media.core import red, rtcp
from media.core.allocation import Allocator, Choice, Demand, Priority
from media.core.codecs import LAYERS, RED
from media.core.estimator import Estimator
from media.core.feed import HEIGHTS, Feed
from media.core.inbound import InboundStream
from media.core.ladder import BACK_BITRATE, FIGURES, Ladder, Line, Rung, Standing
from media.core.pacer import Pacer
from media.core.probing import Probe
from media.core.rooms import SCREEN_SLOT, SLOTS
from media.core.slot import Sent, Slot
from media.core.temporal import EVERYTHING
from media.core.twcc import SentRing, TransportFeedback

START = 500_000.0  # bit/s before anything is known: half a picture and its sound
BLIND = 3_000_000.0  # taken for a viewer who gives no feedback whatever
PACE = 2.5  # times the estimate: a key frame may be sent faster than the line, but not all at once
PACE_QUEUED = 1.0  # while the line has a queue: sound stands in it, so pictures must not add to it
QUEUED_SECONDS = 0.1
HEADROOM = 2.0  # times what is sent: an estimate below is worth trying, or pictures wait for no reason
FALL = 0.9  # an estimate below this share of what pictures cost does not wait for the next look
FALL_SECONDS = 0.1
NEEDED = {figure.rid: figure.least for figure in FIGURES.values() if figure.rid and figure.temporal > 1}
"""Bit/s of the estimate from which on a layer is taken."""
LOSSY = 0.05  # of packets
BIGGEST = 1080  # pixels; a tile whose height was never told
SOUND_BITRATE = 50_000.0  # of a microphone that has not been measured


class Item(NamedTuple):
    """A packet on its way to the viewer."""

    slot: Slot
    sent: Sent
    again: bool = False
    """A retransmission."""


class Downlink:
    """The sending half of one connection.

    The caller writes and sends packets, calls `heard_*` with feedback and `look` twice a second, and wires the slots as
    `targets` says.
    """

    def __init__(self, *, now: float, bits: Callable[[int], int]) -> None:
        """`bits` gives a random number of so many bits; the slots start from such."""
        self.ring = SentRing()
        self.number = 0
        """Transport-wide number of the next packet."""
        self.estimator = Estimator(now, start=START)
        self.ladder = Ladder()
        self.pacer: Pacer[Item] = Pacer(PACE * START)
        self.paced = False
        """Whether the viewer's feedback tells what their line carries; without, nothing is held back."""
        self.targets: dict[str, InboundStream | None] = dict.fromkeys(SLOTS)
        """What each slot should carry."""
        self.heights: dict[str, int] = {}
        """Pixels of the viewer's tiles by slot, 0 for hidden; as the viewer told."""
        self.loss = 0.0
        """The last share of packets lost that the viewer reported, 0–1; retransmission may have hidden more."""
        self.report_rtt: float | None = None
        self.wanted: float | None = None
        """The estimate at which more could be sent; None when nothing is missing."""
        self._allocator = Allocator()
        self._feeds: dict[str, Feed] = {}
        self._choices: dict[str, Choice] = {}
        self._spent = 0.0
        self._decided_at = now
        self._heard = False
        self._octets_before = 0
        self._rate = 0.0  # bit/s really sent
        ssrc = 0x10000 + bits(31)
        self.slots = {
            name: Slot(
                name=name,
                ssrc=ssrc + index,
                video=name.startswith("v"),
                copy_ssrc=ssrc + len(SLOTS) + index if name.startswith("v") else 0,
                sequence=bits(15),
                timestamp=bits(32),
                picture_id=bits(15),
                tl0_index=bits(8),
            )
            for index, name in enumerate(SLOTS)
        }
        self._slot_by_ssrc = {slot.ssrc: slot for slot in self.slots.values()}

    @property
    def estimate(self) -> float:
        """Bit/s the line carries, as far as is known."""
        return self.estimator.target if self._heard else BLIND

    @property
    def standing(self) -> Standing:
        """Where the viewer's line has come to."""
        return self.ladder.standing

    @property
    def worst_loss(self) -> float:
        """The share lost on the viewer's line, 0–1, as estimator and reports have it."""
        return max(self.estimator.loss, self.loss) if self._heard else self.loss

    @property
    def sends_twice(self) -> bool:
        """Whether retransmissions go out twice: much is lost, and not for want of room."""
        return self.paced and self.worst_loss > LOSSY and self.estimator.queue_delay < QUEUED_SECONDS

    def slot_of(self, ssrc: int) -> Slot | None:
        return self._slot_by_ssrc.get(ssrc)

    # --- what the viewer gets ---------------------------------------------------------------------------------

    def show(self, name: str, feed: Feed | None) -> None:
        """Let slot `name` carry a feed, or nothing. `look` or `decide` chooses the layer."""
        if feed is None:
            self._feeds.pop(name, None)
            self.targets[name] = None
        else:
            self._feeds[name] = feed

    def watches(self, feeds: Iterable[Feed]) -> bool:
        """Whether any slot carries one of the feeds that has no layers."""
        return any(f in self._feeds.values() and f.video and not f.layered for f in feeds)

    def sees(self, feed: Feed) -> bool:
        """Whether a slot carries the feed at all, picture or not."""
        return feed in self._feeds.values()

    def wishes(self, feed: Feed) -> set[str]:
        """Return the layers of a feed this viewer gets or could use with more of a line than now.

        One layer more than what flows is asked of the publisher, so that it is there when the line allows it, and the one below
        when what flows is too much for a smooth picture.
        """
        found: set[str] = set()
        for name, shown in self._feeds.items():
            choice = self._choices.get(name)
            if shown is feed and choice is not None and self.standing.rung < Rung.STILL:
                height = self.heights.get(name, BIGGEST)
                if height > 0:
                    found |= _useful(choice, feed, height, self.estimate)
        return found

    def decide(self, now: float) -> None:
        """Choose what every slot carries, into `targets` and the slots' temporal layers."""
        self._decided_at = now
        sound = 0.0
        demands: dict[str, Demand] = {}
        moving = self.standing.rung < Rung.STILL
        for name, feed in self._feeds.items():
            if not feed.video:
                stream = next(iter(feed.layers.values()), None)
                self.targets[name] = stream
                if stream is not None:
                    sound += _sound_rate(stream) * (1 + self.slots[name].copies)
                continue
            exam = name == SCREEN_SLOT
            demands[name] = Demand(
                source=f"{feed.participant} {feed.source}",
                priority=Priority.EXAM if exam else Priority.OTHER,
                max_height=self.heights.get(name, BIGGEST) if moving else 0,
                layers=feed.offer(now),
            )
        found = self._allocator.decide(now=now, downlink=self.estimate, audio=sound, demands=demands)
        self._spent = found.spent + sound
        # What flows should never wait for no reason; and without moving pictures nothing else would show a better line.
        needed = HEADROOM * self._rate
        if not moving and not self.ladder.pinned:
            needed = max(needed, HEADROOM * BACK_BITRATE)
        self.wanted = found.next_downlink or (needed if self.estimate < needed else None)
        for name, choice in found.choices.items():
            self._follow(name, choice)
        self._choices = found.choices

    def _follow(self, name: str, choice: Choice) -> None:
        slot, feed = self.slots[name], self._feeds[name]
        stream = None if choice.rid is None else feed.layers.get(choice.rid)
        self.targets[name] = stream
        current = slot.current
        if stream is None or current is None:
            return
        if current is stream:
            slot.thin(choice.temporal)
        elif current.participant == stream.participant and current.height > stream.height:
            # The smaller picture begins with its next key frame; until then the larger one costs as little as it can.
            slot.thin(0)

    def look(self, now: float, seconds: float, *, silent: float) -> None:
        """Take stock of the last `seconds`. `silent`: seconds since the viewer gave a sign of life."""
        octets = sum(slot.octets for slot in self.slots.values())
        self._rate = rate = (octets - self._octets_before) * 8 / seconds
        self._octets_before = octets
        if self._heard:
            self.estimator.report(self.loss, now, rate=rate)
        self.ladder.look(
            Line(
                estimate=self.estimate * (1 - self.worst_loss),  # what comes through of what may be sent
                silent=silent,
                loss=self.worst_loss,
                delay=self.estimator.queue_delay if self.paced else 0.0,
            ),
            now,
        )
        self._protect_sound()
        self._set_pace(now)
        self.decide(now)

    def _set_pace(self, now: float) -> None:
        queued = self.paced and self.estimator.queue_delay > QUEUED_SECONDS
        self.pacer.set_rate((PACE_QUEUED if queued else PACE) * self.estimate, now)

    def _protect_sound(self) -> None:
        for name, feed in self._feeds.items():
            slot = self.slots[name]
            if feed.video or RED.payload_type not in slot.accepts:
                continue
            stream = next(iter(feed.layers.values()), None)
            if stream is None:
                continue
            copies = red.redundancy(max(self.worst_loss, stream.loss), slot.copies)
            slot.copies = red.affordable(copies, audio=_sound_rate(stream), downlink=self.estimate)
            stream.redundant = stream.redundant or slot.copies > 0

    def probe(self, now: float) -> Probe | None:
        """Return padding to send now, if trying the line is worth it."""
        return None if self.wanted is None or not self.paced else self.estimator.probe(now, self.wanted)

    # --- what the viewer says ---------------------------------------------------------------------------------

    def heard_arrivals(self, feedback: TransportFeedback, now: float, rtt: float) -> bool:
        """Take in transport-wide feedback. True: the line has become much thinner, what is sent must change now."""
        self._heard = self.paced = True
        acknowledged = self.ring.acknowledge(feedback, now)
        self.estimator.acknowledged(acknowledged, now, rtt, unheard=self.ring.unheard)
        self._set_pace(now)
        if self.estimator.target < FALL * self._spent and now - self._decided_at > FALL_SECONDS:
            self.decide(now)
            return True
        return False

    def heard_report(self, block: rtcp.ReportBlock, ntp_now: int) -> None:
        """Take in a block of a receiver report."""
        if block.ssrc not in self._slot_by_ssrc:
            return
        rtt = rtcp.round_trip(block, ntp_now=ntp_now)
        if rtt is not None and rtt < 60:
            self.report_rtt = rtt
        self._heard = True
        self.loss = max(self.loss * 0.7, block.fraction_lost / 256)

    def heard_limit(self, bitrate: float, now: float) -> None:
        """Take in a REMB of the viewer; it counts only while transport-wide feedback is missing."""
        self.estimator.remb(bitrate, now)


def _sound_rate(microphone: InboundStream) -> float:
    """Return what a microphone takes on the wire without copies, bit/s."""
    return microphone.rates[-1] if microphone.rates else SOUND_BITRATE


def _useful(choice: Choice, feed: Feed, height: int, estimate: float) -> set[str]:
    """Return the layer that flows, its neighbours, and those above that the line carries; none larger than the tile can show."""
    order = list(LAYERS)
    at = order.index(choice.rid) if choice.rid in order else -1
    found = {order[at]} if at >= 0 else set()
    if at > 0 and choice.temporal < EVERYTHING:
        found.add(order[at - 1])
    for number in range(at + 1, len(order)):
        if number:
            below = feed.layers.get(order[number - 1])
            known = below.height if below is not None else 0
            if (known or HEIGHTS[order[number - 1]]) >= height:
                break
        found.add(order[number])
        if estimate < NEEDED[order[number]]:
            break
    return found
