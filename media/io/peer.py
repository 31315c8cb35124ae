"""One participant's connection: what comes in, what goes out, and the feedback of both. Knows no room.

This is the data plane: a packet comes in through `_rtp`, is prepared once, and goes out through every slot it flows into,
in the same call, unless it is a picture's and the viewer's line is too thin for it right now. What is decided is decided by
`Uplink` and `Downlink`; here are the socket, the timers and the room's ear.
"""

import asyncio
import logging
import random
from collections.abc import Callable
from typing import Protocol

from media.core import rtcp, rtp
from media.core.downlink import Downlink, Item
from media.core.feed import Feed
from media.core.inbound import OVERHEAD, InboundStream
from media.core.packing import EXTENSION_BYTES
from media.core.probing import LEAST_PACKETS
from media.core.publication import Publication, make_answer
from media.core.sdp import Answer, make_offer
from media.core.slot import Sent, Slot
from media.core.twcc import MAX_STATUSES, TransportFeedback
from media.core.uplink import RTCP_SSRC, Uplink
from media.io.port import MediaPort
from media.io.transport import ConnectFailed, PeerTransport

logger = logging.getLogger(__name__)

MAX_PACKETS = 1000  # in one rate interval of half a second
MAX_OCTETS = 500_000
MAX_FEEDBACK = 200  # RTCP datagrams in one rate interval; a browser on a bad line sends a quarter of that
MAX_FEEDBACK_OCTETS = 48_000
MAX_RESENT = 500_000  # octets in one rate interval: what a few bytes of NACK may ask for
MAX_RTCP = 1200
NACK_SECONDS = 0.02
KEYFRAME_SECONDS = 0.1
ARRIVALS_SECONDS = (
    0.2  # between transport-wide feedbacks to a publisher; browsers take up to a quarter of a second
)
PADDING = 255  # bytes of a packet that only tries the line


class PeerEvents(Protocol):
    """What a peer tells the room."""

    def source_appeared(self, peer: "Peer", feed: Feed) -> None:
        """A feed begins, begins again after a pause, or has one more layer."""

    def sound_came(self, peer: "Peer", now: float) -> None:
        """A packet of sound came in a large room."""

    def peer_connected(self, peer: "Peer") -> None:
        """Media can flow."""

    def peer_over(self, peer: "Peer", reason: str) -> None:
        """The connection failed (`failed`) or died (`lost`, `left`)."""


class Peer:
    """A connection. `clock` gives Unix seconds, the event loop the monotonic ones.

    A device's connection (`publication`: what it offered) only sends, and is numbered as its client likes.
    """

    def __init__(
        self,
        *,
        port: MediaPort,
        connection_id: str,
        room: str,
        participant: str,
        publish: bool,
        expires_at: float,
        events: PeerEvents,
        clock: Callable[[], float],
        chance: random.Random,
        publication: Publication | None = None,
    ) -> None:
        self.connection_id = connection_id
        self.room = room
        self.participant = participant
        self.publish = publish
        self.expires_at = expires_at
        self.device = publication is not None
        self.connected = False
        self.closed = False
        self.over = False
        """No longer the participant's newest connection: receives nothing any more."""
        self.silent_ms = 0
        self.faulty = False
        """Whether a bug has shown in what is done for it twice a second."""
        self.created_at = port.loop.time()
        self.forwarded = 0
        self.dropped = 0
        self._loop = port.loop
        self._events = events
        self._clock = clock
        self._transport = PeerTransport(
            port, on_rtp=self._rtp, on_rtcp=self._rtcp, on_lost=self._lost, offers=not self.device
        )
        self._batch = port.batch
        self._on_pulse = port.on_pulse
        self.uplink = Uplink(
            participant,
            appeared=self._appeared,
            keyframe_wanted=self._keyframe_wanted,
            parse=rtp.parse if publication is None else publication.numbering.parse,
        )
        self.downlink = Downlink(now=self.created_at, bits=chance.getrandbits)
        self._answer: str | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._pacing: asyncio.TimerHandle | None = None
        self._telling: asyncio.TimerHandle | None = None
        self._trying: list[asyncio.TimerHandle] = []
        self._connecting: asyncio.Task[None] | None = None
        self._window_packets = self._window_octets = 0
        self._window_feedback = self._window_feedback_octets = 0
        self._window_statuses = self._window_resent = 0
        self.description = self._describe(chance.getrandbits(62), publication)
        """Our end: the offer of a browser's connection, the answer of a device's."""

    def _describe(self, session_id: int, publication: Publication | None) -> str:
        local = self._transport.local
        if publication is not None:
            return make_answer(publication, session_id=session_id, local=local)
        slots = self.downlink.slots.values()
        return make_offer(
            session_id=session_id,
            local=local,
            ssrcs={slot.name: slot.ssrc for slot in slots},
            copies={slot.name: slot.copy_ssrc for slot in slots if slot.copy_ssrc},
        )

    # --- life -------------------------------------------------------------------------------------------------

    def answer(self, sdp: str, answer: Answer) -> bool:
        """Start connecting with the browser's answer. False: another answer was given before."""
        if self._answer is not None:
            return self._answer == sdp
        self._answer = sdp
        for name, slot in self.downlink.slots.items():
            slot.accepts = answer.accepted.get(name, frozenset())
        self._connecting = asyncio.create_task(self._connect(answer))
        return True

    async def close(self) -> None:
        """Stop at once; returns when everything is released."""
        if self.closed:
            return
        self.closed = True
        self.connected = False
        self.stop_receiving()
        for stream in self.uplink.streams.values():
            for slot, _ in stream.sinks:
                if slot.target is stream:  # else it has moved on already
                    slot.point(None)
            stream.retire()
        for timer in (self._timer, self._pacing, self._telling, *self._trying):
            if timer is not None:
                timer.cancel()
        if self._connecting is not None and self._connecting is not asyncio.current_task():
            self._connecting.cancel()
        await self._transport.close()
        self.uplink.retire()

    async def _connect(self, answer: Answer) -> None:
        try:
            await self._transport.connect(answer)
        except ConnectFailed:
            self._events.peer_over(self, "failed")
        except Exception:
            logger.exception("setting up a connection failed")
            self._events.peer_over(self, "failed")
        else:
            if not self.closed:
                self.connected = True
                self._events.peer_connected(self)

    def _lost(self, reason: str) -> None:
        self._events.peer_over(self, "left" if reason == "closed" else "lost")

    @property
    def stun_rtt(self) -> float:
        """Last STUN round trip, seconds."""
        return self._transport.rtt

    @property
    def rtt(self) -> float:
        """Round trip in seconds, from receiver reports or else from STUN."""
        reported = self.downlink.report_rtt
        return reported if reported is not None else self._transport.rtt

    def tune(self, *, sound_only: bool | None, uplink: int | None, heights: dict[str, int] | None) -> None:
        """Take in what this end says about itself; None: no news."""
        if sound_only is not None:
            for ladder in (self.downlink.ladder, self.uplink.ladder):
                if sound_only:
                    ladder.pin()
                else:
                    ladder.unpin()
        if uplink is not None:
            self.uplink.tell_available(uplink, self._loop.time())
        if heights is not None:
            self.downlink.heights = {name: heights[name] for name in heights if name in self.downlink.slots}
        self.wire()

    def silent_for(self, now: float) -> float:
        """Return the seconds since anything authenticated came."""
        return now - self._transport.last_heard

    def silence(self, now: float) -> float:
        """Seconds since anything authenticated came; asks for a sign of life after one."""
        silent = self.silent_for(now)
        if silent > 1.0:
            self._transport.probe()
        return silent

    # --- media in ---------------------------------------------------------------------------------------------

    def _rtp(self, data: bytes, now: float) -> None:
        self._window_packets += 1
        self._window_octets += len(data)
        if self._window_packets > MAX_PACKETS or self._window_octets > MAX_OCTETS or not self.publish:
            self._drop(data)
            return
        uplink = self.uplink
        try:
            arrived = uplink.receive(data, now)
        except ValueError:
            self._drop(data)
            raise
        if uplink.arrivals.waiting and self._telling is None:
            self._telling = self._loop.call_at(self._on_pulse(now + ARRIVALS_SECONDS), self._tell_arrivals)
        if arrived is None:
            self._drop(data)
            return
        stream, packet = arrived
        if stream.nack.missing:
            self._arm(NACK_SECONDS)
        if stream.microphone is not None:
            self._events.sound_came(self, now)
            if not stream.heard:
                return
        for slot, send in stream.sinks:
            sent = slot.take(stream, packet, now)
            if sent is not None:
                send(slot, sent, now)
                self.forwarded += 1

    def _drop(self, data: bytes) -> None:
        self.dropped += 1
        if not self.uplink.follows(int.from_bytes(data[8:12])):
            self._transport.ignored(data[8:12])

    def _appeared(self, stream: InboundStream) -> None:
        self._events.source_appeared(self, self.uplink.feeds[stream.source])
        self.limit(1.0, [])

    # --- media out --------------------------------------------------------------------------------------------

    def show(self, name: str, feed: Feed | None) -> None:
        """Let slot `name` carry a feed, from its next key frame on; None silences it. `wire` makes it so."""
        self.downlink.show(name, feed)

    def wire(self) -> None:
        """Choose layers and point every slot at what it should carry."""
        self.downlink.decide(self._loop.time())
        self._point()

    def stop_receiving(self) -> None:
        """Silence every slot."""
        for name in self.downlink.slots:
            self.downlink.show(name, None)
        self._point()

    def _point(self) -> None:
        for name, stream in self.downlink.targets.items():
            slot = self.downlink.slots[name]
            if slot.target is not stream:
                self._point_slot(slot, stream)

    def _point_slot(self, slot: Slot, stream: InboundStream | None) -> None:
        previous = slot.target
        if previous is not None and previous is not slot.current:
            _unsink(previous, slot)
        if stream is None:
            if slot.current is not None:
                _unsink(slot.current, slot)
            self.downlink.pacer.forget(slot.name)
        slot.point(stream)
        if stream is None:
            return
        if all(sink is not slot for sink, _ in stream.sinks):
            stream.sinks.append((slot, self._send))
        if slot.waits_for_keyframe:
            stream.want_keyframe(self._loop.time())

    def _send(self, slot: Slot, sent: Sent, now: float) -> None:
        line = self.downlink
        if line.paced:
            size = sent[1].size + OVERHEAD
            if not slot.video:
                line.pacer.charge(size, now)
            elif not line.pacer.admit(size, now):
                self._hold(slot, sent, size, now)
                return
        number = line.number
        line.number = (number + 1) & rtp.MASK16
        batch = self._batch
        size = slot.write(sent, number, batch.buffers[batch.count])
        ring = line.ring
        ring.times[number & ring.mask] = now
        ring.packets[number & ring.mask] = number << 16 | size
        self._transport.send_rtp(size)

    def _send_again(self, slot: Slot, sent: Sent, now: float) -> None:
        line = self.downlink
        self._send_written(slot.write_again(sent, line.number, self._buffer), now)

    @property
    def _buffer(self) -> bytearray:
        """Where the next packet is written."""
        return self._batch.buffers[self._batch.count]

    def _send_written(self, size: int, now: float) -> None:
        line = self.downlink
        line.ring.sent(line.number, size, now)
        line.number = (line.number + 1) & rtp.MASK16
        self._transport.send_rtp(size)

    def _hold(self, slot: Slot, sent: Sent, size: int, now: float) -> None:
        """Let a picture's packet wait until the line is free for it."""
        packet = sent[1]
        current = slot.current
        self.downlink.pacer.wait(
            Item(slot, sent),
            size,
            stream=slot.name,
            picture=(packet.timestamp + sent[3].timestamp) & rtp.MASK32,
            key=current is not None and packet.timestamp == current.key_timestamp,
            now=now,
        )
        self._give_up(now)
        self._pace()

    def _pace(self) -> None:
        at = self.downlink.pacer.next_at
        if at is not None and self._pacing is None and not self.closed:
            self._pacing = self._loop.call_at(at, self._release)

    def _release(self) -> None:
        self._pacing = None
        now = self._loop.time()
        pacer = self.downlink.pacer
        for slot, sent, again in pacer.due(now):
            if again:
                self._send_again(slot, sent, now)
            else:
                self._send_written(slot.write(sent, self.downlink.number, self._buffer), now)
        self._batch.flush()
        self._give_up(now)
        self._pace()

    def _give_up(self, now: float) -> None:
        """Forget what the pacer will never send, and ask for the key frames that takes."""
        pacer = self.downlink.pacer
        for item in pacer.take_dropped():
            item.slot.forget(item.sent)
        for name in pacer.take_broken():
            stream = self.downlink.slots[name].current
            if stream is not None:
                stream.want_keyframe(now)

    def tidy(self) -> None:
        """Forget sinks whose slot has moved on to another stream."""
        for stream in self.uplink.streams.values():
            if any(slot.current is not stream and slot.target is not stream for slot, _ in stream.sinks):
                stream.sinks = [
                    (slot, send) for slot, send in stream.sinks if stream in (slot.current, slot.target)
                ]

    # --- feedback in ------------------------------------------------------------------------------------------

    def _rtcp(self, data: bytes, now: float) -> None:
        self._window_feedback += 1
        self._window_feedback_octets += len(data)
        if self._window_feedback > MAX_FEEDBACK or self._window_feedback_octets > MAX_FEEDBACK_OCTETS:
            self.dropped += 1
            return
        for packet in rtcp.parse(data):
            match packet:
                case TransportFeedback():
                    self._window_statuses += len(packet.deltas)
                    if self._window_statuses > MAX_STATUSES:
                        self.dropped += 1
                    elif self.downlink.heard_arrivals(packet, now, self.rtt):
                        self._point()
                case rtcp.SenderReport():
                    self.uplink.hear(packet, now=now, now_unix=self._clock())
                    self._report_blocks(packet.reports)
                case rtcp.ReceiverReport():
                    self._report_blocks(packet.reports)
                case rtcp.Nack():
                    self._nack(packet, now)
                case rtcp.PictureLoss():
                    self._picture_loss(packet.media_ssrc, now)
                case rtcp.FullIntraRequest():
                    for ssrc in packet.media_ssrcs:
                        self._picture_loss(ssrc, now)
                case rtcp.Goodbye():
                    self.uplink.end(packet.sources, now)
                case rtcp.Remb():
                    self.downlink.heard_limit(packet.bitrate, now)
                case _:
                    pass

    def _report_blocks(self, blocks: tuple[rtcp.ReportBlock, ...]) -> None:
        ntp_now = rtcp.ntp_from_unix(self._clock())
        for block in blocks:
            self.downlink.heard_report(block, ntp_now)

    def _nack(self, nack: rtcp.Nack, now: float) -> None:
        slot = self.downlink.slot_of(nack.media_ssrc)
        if slot is None:
            return
        pacer = self.downlink.pacer
        twice = slot.video and self.downlink.sends_twice
        for sent in slot.resend(nack.lost, now=now, rtt=self.rtt):
            size = sent[1].size + OVERHEAD
            self._window_resent += size
            if self._window_resent > MAX_RESENT:
                break
            if slot.video and self.downlink.paced and not pacer.admit(size, now):
                pacer.again(Item(slot, sent, again=True), size, now)
            else:
                self._send_again(slot, sent, now)
                if twice and pacer.admit(size, now):
                    self._send_again(slot, sent, now)
        self._pace()

    def _picture_loss(self, ssrc: int, now: float) -> None:
        slot = self.downlink.slot_of(ssrc)
        stream = None if slot is None else slot.target or slot.current
        if slot is None or stream is None:
            return
        # One that is on its way serves this viewer, too, and is not their doing.
        if stream.keyframes.waiting or slot.allowance.take(now):
            stream.want_keyframe(now)

    # --- feedback out -----------------------------------------------------------------------------------------

    def _keyframe_wanted(self, ssrc: int, due: bool) -> None:
        if due:
            self._transport.send_rtcp(rtcp.build_picture_loss(sender_ssrc=RTCP_SSRC, media_ssrc=ssrc))
        self._arm(KEYFRAME_SECONDS)

    def _arm(self, seconds: float) -> None:
        """Look at what is due after a while. The timer runs only while something is missing."""
        at = self._loop.time() + seconds
        if self.closed or (self._timer is not None and self._timer.when() <= at):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(at, self._feed_back)

    def _feed_back(self) -> None:
        self._timer = None
        asked, losses, keyframes = self.uplink.missing(self._loop.time(), self.rtt)
        for packet in asked:
            self._transport.send_rtcp(packet)
        if losses or keyframes:
            self._arm(NACK_SECONDS if losses else KEYFRAME_SECONDS)

    def _tell_arrivals(self) -> None:
        self._telling = None
        for packet in self.uplink.arrivals.build(self._loop.time()):
            self._transport.send_rtcp(packet)

    def send_reports(self, now: float, *, downstream_loss: float) -> None:
        """Send sender reports of the slots and the report blocks of the incoming streams."""
        now_unix = self._clock()
        slots = self.downlink.slots.values()
        parts = [r for slot in slots if (r := slot.sender_report(now_unix)) is not None]
        blocks = self.uplink.report_blocks(now, downstream_loss=downstream_loss)
        if blocks:
            parts.append(rtcp.build_receiver_report(ssrc=RTCP_SSRC, blocks=blocks))
        compound = b""
        for part in parts:
            if len(compound) + len(part) > MAX_RTCP:
                self._transport.send_rtcp(compound)
                compound = b""
            compound += part
        if compound:
            self._transport.send_rtcp(compound)

    def measure(self, seconds: float) -> None:
        """Close an interval of what comes in."""
        self._window_packets = self._window_octets = 0
        self._window_feedback = self._window_feedback_octets = 0
        self._window_statuses = self._window_resent = 0
        self.uplink.measure(seconds)

    def limit(self, seconds: float, downlinks: list[float]) -> None:
        """Tell the publisher how much to send. `downlinks`: bit/s of those who watch a source without layers."""
        limit = self.uplink.limit(seconds, self._loop.time(), downlinks)
        if limit is not None:
            self._transport.send_rtcp(limit)

    def look(self, seconds: float) -> None:
        """Take stock of the viewer's line and act on it."""
        now = self._loop.time()
        self.downlink.look(now, seconds, silent=self.silent_for(now))
        self._point()
        self._try_line(now)

    def _try_line(self, now: float) -> None:
        """Send a cluster of padding, evenly spread, to find out whether the line carries more."""
        probe = self.downlink.probe(now)
        if probe is None:
            return
        pictures = [slot for slot in self.downlink.slots.values() if slot.video]
        slot = next((slot for slot in pictures if slot.current), pictures[0])
        count = max(LEAST_PACKETS, -(-probe.size // (PADDING + EXTENSION_BYTES)))
        size = probe.size // count
        step = size * 8 / probe.rate
        self._trying = [
            self._loop.call_later(index * step, self._send_padding, slot, size - EXTENSION_BYTES)
            for index in range(count)
        ]

    def _send_padding(self, slot: Slot, padding: int) -> None:
        size = slot.write_padding(padding, self.downlink.number, self._buffer)
        if size and not self.closed:
            self._send_written(size, self._loop.time())
            self._batch.flush()


def _unsink(stream: InboundStream, slot: Slot) -> None:
    stream.sinks = [(other, send) for other, send in stream.sinks if other is not slot]
