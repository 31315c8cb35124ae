"""One participant's connection: incoming streams, outgoing slots, and the feedback of both. Knows no room.

This is the data plane: a packet comes in through `_rtp`, is prepared once, and goes out through every slot it flows into,
in the same call. Nothing is queued, so audio never waits behind video.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from typing import Protocol

from media.control import Source
from media.core import bandwidth, codecs, rtcp, rtp
from media.core.capture import SenderClock
from media.core.inbound import InboundStream
from media.core.rooms import SLOTS, UPWARD
from media.core.sdp import Answer, make_offer
from media.core.slot import Sent, Slot
from media.io.port import MediaPort
from media.io.transport import ConnectFailed, PeerTransport

logger = logging.getLogger(__name__)

MAX_SSRCS = 12  # a browser uses three; more is a flood
MAX_PACKETS = 750  # in one rate interval of half a second
MAX_OCTETS = 500_000
RTCP_SSRC = 1  # we send no media of our own under it
MAX_RTCP = 1200
NACK_SECONDS = 0.02
KEYFRAME_SECONDS = 0.1


class PeerEvents(Protocol):
    """What a peer tells the room."""

    def source_appeared(self, peer: "Peer", stream: InboundStream) -> None:
        """A stream begins, or begins again after a pause."""

    def peer_connected(self, peer: "Peer") -> None:
        """Media can flow."""

    def peer_over(self, peer: "Peer", reason: str) -> None:
        """The connection failed (`failed`) or died (`lost`, `left`)."""


class Peer:
    """A connection. `clock` gives Unix seconds, the event loop the monotonic ones."""

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
    ) -> None:
        self.connection_id = connection_id
        self.room = room
        self.participant = participant
        self.publish = publish
        self.expires_at = expires_at
        self.connected = False
        self.closed = False
        self.over = False
        """No longer the participant's newest connection: receives nothing any more."""
        self.silent_ms = 0
        self.created_at = port.loop.time()
        self.streams: dict[int, InboundStream] = {}
        self.forwarded = 0
        self.dropped = 0
        self._loop = port.loop
        self._events = events
        self._clock = clock
        self._sender_clock = SenderClock()
        self._transport = PeerTransport(port, on_rtp=self._rtp, on_rtcp=self._rtcp, on_lost=self._lost)
        self._report_rtt: float | None = None
        self._answer: str | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._outgoing = port.outgoing
        self._number = 0  # transport-wide sequence number of what is sent
        self._window_packets = self._window_octets = 0
        self._uplink = bandwidth.RateController()
        self._downlink = bandwidth.RateController()
        self._queues: dict[int, bandwidth.QueueDelay] = {}
        self._octets_before = 0
        self._sent_before = self._sent_octets_before = 0
        self._lost_share = 0.0
        self._nacked = 0
        ssrc = chance.randrange(0x10000, 0xFFFF0000)
        self.slots = {
            name: Slot(
                name=name,
                ssrc=ssrc + index,
                video=name.startswith("v"),
                sequence=chance.getrandbits(15),
                timestamp=chance.getrandbits(32),
                picture_id=chance.getrandbits(15),
                tl0_index=chance.getrandbits(8),
            )
            for index, name in enumerate(SLOTS)
        }
        self._slot_by_ssrc = {slot.ssrc: slot for slot in self.slots.values()}
        self.offer = make_offer(
            session_id=chance.getrandbits(62),
            local=self._transport.local,
            ssrcs={name: slot.ssrc for name, slot in self.slots.items()},
        )

    # --- life -------------------------------------------------------------------------------------------------

    def answer(self, sdp: str, answer: Answer) -> bool:
        """Start connecting with the browser's answer. False: another answer was given before."""
        if self._answer is not None:
            return self._answer == sdp
        self._answer = sdp
        for name, slot in self.slots.items():
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
        for stream in self.streams.values():
            for slot, _ in stream.sinks:
                if slot.target is stream:  # else it has moved on already
                    slot.point(None)
            stream.sinks.clear()
            stream.active = False
        if self._timer is not None:
            self._timer.cancel()
        if self._connecting is not None and self._connecting is not asyncio.current_task():
            self._connecting.cancel()
        await self._transport.close()

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
        return self._report_rtt if self._report_rtt is not None else self._transport.rtt

    def silence(self, now: float) -> float:
        """Seconds since anything authenticated came; asks for a sign of life after one."""
        silent = now - self._transport.last_heard
        if silent > 1.0:
            self._transport.probe()
        return silent

    # --- media in ---------------------------------------------------------------------------------------------

    def _rtp(self, data: bytes, now: float) -> None:
        self._window_packets += 1
        self._window_octets += len(data)
        if self._window_packets > MAX_PACKETS or self._window_octets > MAX_OCTETS or not self.publish:
            self.dropped += 1
            return
        packet = rtp.parse(data)
        stream = self.streams.get(packet.ssrc)
        if stream is None:
            stream = self._learn(packet, now)
            if stream is None:
                self.dropped += 1
                return
        if not stream.receive(packet, now):
            return
        if stream.nack.missing:
            self._arm(NACK_SECONDS)
        if not stream.active:
            stream.active = True
            self._events.source_appeared(self, stream)
        for slot, send in stream.sinks:
            sent = slot.take(stream, packet, now)
            if sent is not None:
                send(slot, sent)
                self.forwarded += 1

    def _learn(self, packet: rtp.Packet, now: float) -> InboundStream | None:
        """Find out what a new SSRC is: browsers name the m-line in the first packets only, so it is kept."""
        mid = packet.extensions().get(codecs.MID)
        source: Source | None = UPWARD.get(mid.decode("ascii", "replace")) if mid else None
        codec = codecs.BY_PAYLOAD_TYPE.get(packet.payload_type)
        if source is None or codec is None or codec.video != (source != "microphone"):
            return None
        if len(self.streams) >= MAX_SSRCS:
            return None
        for other in [s for s in self.streams.values() if s.source == source]:
            # The browser changed its SSRC: the old stream is over.
            other.active = False
        stream = InboundStream(
            ssrc=packet.ssrc,
            participant=self.participant,
            source=source,
            clock=self._sender_clock,
            keyframe_wanted=self._keyframe_wanted,
            now=now,
        )
        self.streams[packet.ssrc] = stream
        self._queues[packet.ssrc] = bandwidth.QueueDelay()
        self._events.source_appeared(self, stream)
        self._send_remb()
        return stream

    # --- media out --------------------------------------------------------------------------------------------

    def point(self, name: str, stream: InboundStream | None) -> None:
        """Let slot `name` carry `stream`, from its next key frame on; None silences it."""
        slot = self.slots[name]
        if slot.target is stream:
            return
        previous = slot.target
        if previous is not None and previous is not slot.current:
            self._unsink(previous, slot)
        if stream is None and slot.current is not None:
            self._unsink(slot.current, slot)
        slot.point(stream)
        if stream is None:
            return
        if all(sink is not slot for sink, _ in stream.sinks):
            stream.sinks.append((slot, self._send))
        if slot.waits_for_keyframe:
            stream.want_keyframe(self._loop.time())

    def _send(self, slot: Slot, sent: Sent) -> None:
        number = self._number
        self._number = (number + 1) & rtp.MASK16
        self._transport.send_rtp(slot.write(sent, number, self._outgoing))

    def stop_receiving(self) -> None:
        """Silence every slot."""
        for name in self.slots:
            self.point(name, None)

    def tidy(self) -> None:
        """Forget sinks whose slot has moved on to another stream."""
        for stream in self.streams.values():
            if any(slot.current is not stream and slot.target is not stream for slot, _ in stream.sinks):
                stream.sinks = [
                    (slot, send) for slot, send in stream.sinks if stream in (slot.current, slot.target)
                ]

    def _unsink(self, stream: InboundStream, slot: Slot) -> None:
        stream.sinks = [(other, send) for other, send in stream.sinks if other is not slot]

    # --- feedback in ------------------------------------------------------------------------------------------

    def _rtcp(self, data: bytes, now: float) -> None:
        for packet in rtcp.parse(data):
            match packet:
                case rtcp.SenderReport():
                    self._sender_report(packet, now)
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
                    for ssrc in packet.sources:
                        if ssrc in self.streams:
                            self.streams[ssrc].last_at = min(self.streams[ssrc].last_at, now - 60)
                case _:
                    pass  # REMB of a viewer is no capacity figure; the rest is information

    def _sender_report(self, report: rtcp.SenderReport, now: float) -> None:
        stream = self.streams.get(report.ssrc)
        if stream is not None:
            self._sender_clock.report(report.ntp, self._clock())
            stream.take_sender_report(report, now=now)

    def _report_blocks(self, blocks: tuple[rtcp.ReportBlock, ...]) -> None:
        ntp_now = rtcp.ntp_from_unix(self._clock())
        for block in blocks:
            slot = self._slot_by_ssrc.get(block.ssrc)
            if slot is None:
                continue
            rtt = rtcp.round_trip(block, ntp_now=ntp_now)
            if rtt is not None and rtt < 60:
                self._report_rtt = rtt
            self._lost_share = max(self._lost_share, block.fraction_lost / 256)

    def _nack(self, nack: rtcp.Nack, now: float) -> None:
        slot = self._slot_by_ssrc.get(nack.media_ssrc)
        if slot is None:
            return
        copies = slot.resend(nack.lost, now=now, rtt=self.rtt)
        self._nacked += len(copies)
        for sent in copies:
            self._send(slot, sent)

    def _picture_loss(self, ssrc: int, now: float) -> None:
        slot = self._slot_by_ssrc.get(ssrc)
        stream = None if slot is None else slot.target or slot.current
        if stream is not None:
            stream.want_keyframe(now)

    # --- feedback out -----------------------------------------------------------------------------------------

    def _keyframe_wanted(self, ssrc: int, due: bool) -> None:
        if due:
            self._send_picture_loss(ssrc)
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
        now = self._loop.time()
        losses = requests = False
        for stream in self.streams.values():
            if stream.nack.missing:
                lost = stream.nack.due(now=now, rtt=self.rtt)
                if lost:
                    self._transport.send_rtcp(
                        rtcp.build_nack(sender_ssrc=RTCP_SSRC, media_ssrc=stream.ssrc, lost=lost)
                    )
                losses = losses or bool(stream.nack.missing)
            if stream.keyframes.due(now):
                self._send_picture_loss(stream.ssrc)
            requests = requests or stream.keyframes.waiting
        if losses or requests:
            self._arm(NACK_SECONDS if losses else KEYFRAME_SECONDS)

    def _send_picture_loss(self, ssrc: int) -> None:
        self._transport.send_rtcp(rtcp.build_picture_loss(sender_ssrc=RTCP_SSRC, media_ssrc=ssrc))

    def send_reports(self, now: float) -> None:
        """Send sender reports of the slots and the report blocks of the incoming streams."""
        now_unix = self._clock()
        parts = [r for slot in self.slots.values() if (r := slot.sender_report(now_unix)) is not None]
        blocks = [stream.report_block(now) for stream in self.streams.values() if stream.active]
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

    def control_rate(self, seconds: float, downlinks: Mapping[str, float]) -> None:
        """Close a rate interval of `seconds` and tell the publisher its limit.

        `downlinks` are the viewers' estimates by participant, bit/s.
        """
        self._window_packets = self._window_octets = 0
        streams = [s for s in self.streams.values() if s.active]
        if not streams:
            return
        octets = sum(s.octets for s in self.streams.values())
        rate = (octets - self._octets_before) * 8 / seconds
        self._octets_before = octets
        queue = 0.0
        for stream in streams:
            queue = max(queue, self._queues[stream.ssrc].tick(stream.statistics.shortest_transit))
            stream.statistics.shortest_transit = None
        loss = max(s.statistics.take_loss() for s in streams)
        self._uplink.tick(rate=rate, loss=loss, queue=queue)
        self._send_remb(list(downlinks.values()))

    def estimate_downlink(self, seconds: float) -> float:
        """Close an interval of the viewer's own line and return its estimate, bit/s."""
        packets = sum(slot.packets for slot in self.slots.values())
        octets = sum(slot.octets for slot in self.slots.values())
        sent, rate = packets - self._sent_before, (octets - self._sent_octets_before) * 8 / seconds
        self._sent_before, self._sent_octets_before = packets, octets
        # Resent packets are counted as received in reports, so loss shows in the NACKs too.
        nacked = self._nacked / sent if sent > 20 else 0.0
        loss = max(self._lost_share, nacked)
        self._nacked = 0
        self._lost_share = 0.0
        return self._downlink.tick(rate=rate, loss=min(loss, 1.0))

    def _send_remb(self, downlinks: list[float] | None = None) -> None:
        ssrcs = [s.ssrc for s in self.streams.values() if s.video and s.active]
        if ssrcs:
            limit = bandwidth.publisher_limit(self._uplink.target, downlinks or [])
            self._transport.send_rtcp(
                rtcp.build_remb(sender_ssrc=RTCP_SSRC, bitrate=limit, media_ssrcs=ssrcs)
            )
