"""What comes from one participant: their streams, what they are, what is missing, and the feedback on it. Pure.

Packets are told apart by SSRC. A browser names the m-line and the layer in the first packets of each only, so the name is
kept. Copies (RFC 4588) are put back where they belong; most of them are a browser trying its line, and a copy of
what is known already is dropped as early as can be.
"""

import dataclasses
from collections.abc import Callable, Iterable

from media.control import Source
from media.core import bandwidth, codecs, rtcp, rtp
from media.core.capture import SenderClock
from media.core.feed import SINGLE, STOPPED_SECONDS, Feed
from media.core.inbound import InboundStream
from media.core.ladder import Ladder, Line, Rung, Standing
from media.core.rooms import UPWARD
from media.core.twcc import ArrivalRecorder

MAX_SSRCS = 16  # a browser uses nine with copies; more is a flood
RTCP_SSRC = 1  # we send no media of our own under it
AVAILABLE_SECONDS = 10.0  # how long what a browser says of its line holds
TRIAL_SECONDS = 45.0  # without moving pictures before they are tried again
FRESH_SECONDS = 2.0  # how long a publisher's transport-wide numbers count as being sent


class Uplink:
    """The receiving half of one connection.

    `appeared` is told of a stream that begins, or begins again; `keyframe_wanted` as `InboundStream` says.
    """

    def __init__(
        self,
        participant: str,
        *,
        appeared: Callable[[InboundStream], None],
        keyframe_wanted: Callable[[int, bool], None],
        parse: Callable[[bytes], rtp.Packet] = rtp.parse,
    ) -> None:
        """`parse` gives packets in our numbers; a client that numbers its own way has one of its own (`Numbering`)."""
        self.participant = participant
        self._parse = parse
        self.streams: dict[int, InboundStream] = {}
        self.feeds: dict[Source, Feed] = {}
        self.arrivals = ArrivalRecorder(sender_ssrc=RTCP_SSRC)
        self.clock = SenderClock()
        self.ladder = Ladder()
        self.available: float | None = None
        """Bit/s the browser believes it can send, as it told last."""
        self._available_at = float("-inf")
        self._down_since: float | None = None
        self._appeared = appeared
        self._keyframe_wanted = keyframe_wanted
        self._copies: dict[int, InboundStream] = {}  # by the SSRC of the copies
        self._numbered_at = float("-inf")
        self._rate = bandwidth.RateController()
        self._queues: dict[int, bandwidth.QueueDelay] = {}
        self._octets_before = 0

    def receive(self, data: bytes, now: float) -> tuple[InboundStream, rtp.Packet] | None:
        """Take in a packet. None: there is nothing to forward.

        Raises:
            BadPacket, ValueError: it is malformed.
        """
        packet = self._parse(data)
        if packet.profile:
            number = packet.extensions().get(codecs.TRANSPORT_SEQUENCE)
            if number is not None and len(number) == 2:
                self.arrivals.arrived(number[0] << 8 | number[1], now)
                self._numbered_at = now
        stream = self.streams.get(packet.ssrc)
        if stream is None:
            again = packet.payload_type in codecs.RETRANSMITTED
            stream = self._restore(packet) if again else self._learn(packet, now)
            if stream is None:
                return None
        if not stream.active:
            stream.active = True
            # Before its first packet is taken in: that is of a key frame, and whoever wants the stream begins with it.
            stream.keyframes.begin(now)
            self._appeared(stream)
        if not stream.receive(packet, now):
            return None
        return stream, packet

    def follows(self, ssrc: int) -> bool:
        """Whether packets of an SSRC are taken in."""
        return ssrc in self.streams or ssrc in self._copies

    def _learn(self, packet: rtp.Packet, now: float) -> InboundStream | None:
        """Find out what a new SSRC is."""
        source, rid = self._named(packet, codecs.RID)
        codec = codecs.BY_PAYLOAD_TYPE.get(packet.payload_type)
        if source is None or codec is None or codec.video != (source != "microphone"):
            return None
        if len(self.streams) >= MAX_SSRCS or (rid and rid not in codecs.LAYERS):
            return None
        stream = InboundStream(
            ssrc=packet.ssrc,
            participant=self.participant,
            source=source,
            rid=rid,
            clock=self.clock,
            keyframe_wanted=self._keyframe_wanted,
            now=now,
        )
        feed = self.feeds.setdefault(source, Feed(self.participant, source))
        for before, old in list(feed.layers.items()):
            if before == rid or SINGLE in (
                before,
                rid,
            ):  # the browser changed its SSRC, or to layers and back
                old.active = False
                del feed.layers[before]
        feed.layers[rid] = stream
        self.streams[packet.ssrc] = stream
        self.arrivals.media_ssrc = packet.ssrc  # of the sender itself, else it does not read it
        self._queues[packet.ssrc] = bandwidth.QueueDelay()
        self._appeared(stream)
        return stream

    def _restore(self, packet: rtp.Packet) -> InboundStream | None:
        """Turn a copy back into the packet it repeats (RFC 4588 §4). None: it is empty, or of nothing known."""
        stream = self._copies.get(packet.ssrc)
        if stream is None:
            source, rid = self._named(packet, codecs.REPAIRED_RID)
            feed = self.feeds.get(source) if source else None
            stream = feed.layers.get(rid) if feed else None
            if stream is None or len(self._copies) >= MAX_SSRCS:
                return None
            self._copies[packet.ssrc] = stream
        if packet.size <= 2:
            return None
        packet.sequence = packet.payload[0] << 8 | packet.payload[1]
        packet.payload = packet.payload[2:]
        packet.size -= 2
        packet.payload_type = codecs.RETRANSMITTED[packet.payload_type]
        packet.ssrc = stream.ssrc
        return stream

    @staticmethod
    def _named(packet: rtp.Packet, rid: int) -> tuple[Source | None, str]:
        elements = packet.extensions()
        mid = elements.get(codecs.MID)
        source = UPWARD.get(mid.decode("ascii", "replace")) if mid else None
        return source, elements.get(rid, b"").decode("ascii", "replace")

    def hear(self, report: rtcp.SenderReport, *, now: float, now_unix: float) -> None:
        """Take in a sender report of one of the streams."""
        stream = self.streams.get(report.ssrc)
        if stream is not None:
            self.clock.report(report.ntp, now_unix)
            stream.take_sender_report(report, now=now)

    def retire(self) -> None:
        """Tell nobody anything any more: the connection is over. Who listened need not wait for the collector."""
        self._appeared = _nothing
        self._keyframe_wanted = _nothing
        for stream in self.streams.values():
            stream.retire()

    def end(self, ssrcs: Iterable[int], now: float) -> None:
        """Take in a goodbye: whoever watches a stream for silence need not wait."""
        for ssrc in ssrcs:
            if ssrc in self.streams:
                self.streams[ssrc].last_at = min(self.streams[ssrc].last_at, now - 60)

    # --- feedback ---------------------------------------------------------------------------------------------

    def missing(self, now: float, rtt: float) -> tuple[list[bytes], bool, bool]:
        """Return what to ask for now, whether packets are missing still, and whether key frames are awaited."""
        asked: list[bytes] = []
        losses = keyframes = False
        for stream in self.streams.values():
            if stream.nack.missing:
                lost = stream.nack.due(now=now, rtt=rtt)
                if lost:
                    asked.append(rtcp.build_nack(sender_ssrc=RTCP_SSRC, media_ssrc=stream.ssrc, lost=lost))
                losses = losses or bool(stream.nack.missing)
            if stream.keyframes.due(now):
                asked.append(rtcp.build_picture_loss(sender_ssrc=RTCP_SSRC, media_ssrc=stream.ssrc))
            keyframes = keyframes or stream.keyframes.waiting
        return asked, losses, keyframes

    def report_blocks(self, now: float, *, downstream_loss: float = 0.0) -> list[rtcp.ReportBlock]:
        """Return the blocks of the next receiver report.

        `downstream_loss` is the worst share lost on a viewer's line: a microphone is told that, too, for its encoder adds
        forward error correction by what it thinks is lost on the whole way.
        """
        blocks = []
        for stream in self.streams.values():
            if stream.active:
                block = stream.report_block(now)
                if not stream.video:
                    worst = max(block.fraction_lost, min(int(downstream_loss * 256), 255))
                    block = dataclasses.replace(block, fraction_lost=worst)
                blocks.append(block)
        return blocks

    def measure(self, seconds: float) -> None:
        """Close an interval of the streams' rates and losses."""
        for stream in self.streams.values():
            stream.measure(seconds)

    @property
    def rate(self) -> float:
        """Bit/s that come."""
        return sum(stream.rates[-1] for stream in self.streams.values() if stream.rates)

    @property
    def loss(self) -> float:
        """The largest share of packets, 0–1, that a stream lost on the way here before any repair."""
        return max((stream.loss for stream in self.streams.values() if stream.active), default=0.0)

    def tell_available(self, bitrate: float, now: float) -> None:
        """Take in what the browser believes it can send, bit/s."""
        self.available, self._available_at = bitrate, now

    def estimate(self, now: float) -> float:
        """Return what the publisher's line carries, bit/s: the browser's belief if it is fresh, else ours."""
        if self.available is not None and now - self._available_at < AVAILABLE_SECONDS:
            return max(self.available, self.rate)
        return max(self._rate.target, self.rate)

    def look(self, now: float, *, silent: float) -> Standing:
        """Take stock of the publisher's line; about once a second."""
        for stream in self.streams.values():
            if stream.rid and now - stream.last_at > STOPPED_SECONDS:
                stream.active = False  # a layer that was switched off; it appears again with its first packet
        rung = self.ladder.look(
            Line(estimate=self.estimate(now), silent=silent, loss=self.loss, delay=0.0), now
        ).rung
        if not Rung.STILL <= rung <= Rung.SOUND or self.ladder.pinned:
            self._down_since = None
        elif self._down_since is None:
            self._down_since = now
        elif now - self._down_since > TRIAL_SECONDS:
            # A browser that sends sound alone does not find out that its line has become better: it has to try.
            self._down_since = None
            self.ladder = Ladder(Rung.LOW_RATE)
        return self.ladder.standing

    def limit(self, seconds: float, now: float, downlinks: list[float]) -> bytes | None:
        """Return the REMB for this interval, or None while no picture comes.

        A browser that numbers its packets transport-wide works out its own line from our feedback; then only what the
        viewers can use is a limit, and a queue that stands still: browsers notice those that grow. `downlinks` are the
        estimates, bit/s, of those who watch a source without layers.
        """
        ssrcs = [s.ssrc for s in self.streams.values() if s.video and s.active]
        if not ssrcs:
            return None
        uplink = self._control(seconds, numbered=now - self._numbered_at < FRESH_SECONDS)
        return rtcp.build_remb(
            sender_ssrc=RTCP_SSRC, bitrate=bandwidth.publisher_limit(uplink, downlinks), media_ssrcs=ssrcs
        )

    def _control(self, seconds: float, *, numbered: bool) -> float:
        streams = [s for s in self.streams.values() if s.active]
        octets = sum(s.octets for s in self.streams.values())
        rate = (octets - self._octets_before) * 8 / seconds
        self._octets_before = octets
        queue = 0.0
        for stream in streams:
            queue = max(queue, self._queues[stream.ssrc].tick(stream.statistics.shortest_transit))
            stream.statistics.shortest_transit = None
        loss = 0.0 if numbered else max((stream.loss for stream in streams), default=0.0)
        target = self._rate.tick(rate=rate, loss=loss, queue=queue)
        return float(bandwidth.CEILING) if numbered and not self._rate.queued else target


def _nothing(*_: object) -> None:
    pass
