"""One incoming RTP stream of a participant: statistics, loss, key frames, and what viewers need of each packet. Pure."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from media.control import Source
from media.core import av1, codecs, h264, vp8, vp9
from media.core.capture import CaptureTime, SenderClock
from media.core.keyframes import KeyframeRequests
from media.core.levels import UNKNOWN, Microphone
from media.core.nack import NackTracker
from media.core.packing import Indices, layout
from media.core.red import RedHistory
from media.core.rtcp import ReportBlock, SenderReport, middle_of_ntp
from media.core.rtp import MASK16, Packet
from media.core.stats import DUPLICATE, LATE, RESTART, ReceiverStatistics

if TYPE_CHECKING:
    from media.core.slot import Sent, Slot

    Send = Callable[[Slot, Sent, float], None]

OVERHEAD = 68  # bytes around a payload on the way to a viewer: IP, UDP, RTP, its extensions, SRTP
RATE_SHARE = 0.4  # of a fresh interval in the smoothed rates
LOSS_SHARE = 0.3
_BEGINS = {
    codecs.H264.payload_type: h264.is_keyframe,
    codecs.VP9.payload_type: vp9.is_keyframe,
    codecs.AV1.payload_type: av1.is_keyframe,
}


class InboundStream:
    """A microphone, camera or screen, or one simulcast layer (`rid`) of it, as it arrives.

    `sinks` are the slots it may flow into, with their senders. `keyframe_wanted` is told the SSRC and whether to send a PLI
    now (True) or at a later `keyframes.due` (False).
    """

    __slots__ = (
        "_keyframe_wanted",
        "_last_report_at",
        "_last_report_ntp",
        "_layer_octets",
        "_measured",
        "_picture_id",
        "_skipped",
        "active",
        "capture",
        "clock_rate",
        "heard",
        "height",
        "key_timestamp",
        "keyframes",
        "last_at",
        "loss",
        "microphone",
        "nack",
        "octets",
        "participant",
        "payload_type",
        "rates",
        "red",
        "redundant",
        "rid",
        "sinks",
        "source",
        "ssrc",
        "statistics",
        "video",
    )

    def __init__(
        self,
        *,
        ssrc: int,
        participant: str,
        source: Source,
        rid: str = "",
        clock: SenderClock,
        keyframe_wanted: Callable[[int, bool], None],
        now: float,
    ) -> None:
        self.ssrc = ssrc
        self.participant = participant
        self.source: Source = source
        self.rid = rid
        self.video = source != "microphone"
        self.clock_rate = codecs.VIDEO_RATE if self.video else codecs.AUDIO_RATE
        self.statistics = ReceiverStatistics(self.clock_rate)
        self.nack = NackTracker()
        self.keyframes = KeyframeRequests()
        self.keyframes.begin(now)
        self._keyframe_wanted = keyframe_wanted
        self.capture = CaptureTime(clock, self.clock_rate)
        self.sinks: list[tuple[Slot, Send]] = []
        self.active = True
        self.last_at = now
        self.octets = 0
        self.payload_type = 0
        self.height = 0
        """Of the last key frame, pixels; 0 before the first and where it is not written in the open."""
        self.key_timestamp = -1
        """Timestamp of the last key frame, as it came."""
        self.rates: tuple[float, ...] = ()
        """Bit/s on the wire up to and with each temporal layer, smoothed; empty when nothing came lately."""
        self.loss = 0.0
        """Share of packets lost on the way here, 0–1, smoothed; also what retransmission repaired."""
        self.microphone: Microphone | None = None
        """In a large room: what is known of how loud this one is."""
        self.heard = True
        """Whether it is forwarded at all; in a large room only the loudest are."""
        self.red = None if self.video else RedHistory(codecs.OPUS.payload_type)
        self.redundant = False
        """Whether any viewer gets copies, so that plain sound has to be remembered for them."""
        self._layer_octets = [0, 0, 0, 0]
        self._skipped = self._measured = 0
        self._picture_id = 0
        self._last_report_ntp = 0
        self._last_report_at = 0.0

    def receive(self, packet: Packet, now: float) -> bool:
        """Take in a packet and prepare it for viewers. False: a duplicate, or not of a codec we offered.

        Raises:
            ValueError: the payload or its header extensions are malformed.
        """
        kind = codecs.BY_PAYLOAD_TYPE.get(packet.payload_type)
        if kind is None or kind.video != self.video:
            return False
        skipped = self.statistics.update(packet.sequence, packet.timestamp, now)
        if skipped:
            if skipped == DUPLICATE:
                return False
            self._out_of_order(packet, skipped, now)
        self.last_at = now
        self.octets += packet.size
        if kind is codecs.RED and self.red is not None:
            packet.payload = self.red.learn(packet.timestamp, packet.payload)
            packet.payload_type = codecs.OPUS.payload_type
            packet.size = len(packet.payload)
        payload = packet.payload
        self.payload_type = packet.payload_type
        if not packet.size:
            return True
        if packet.profile:
            # Extension ids are the same for everybody, but `mid` names a line of the publisher's and must not travel.
            kept = codecs.FORWARDED_EXTENSION[self.video]
            value = packet.extensions().get(kept)
            if value:
                packet.element = kept << 12 | value[0]
        indices = Indices.NONE
        layer = 0
        if self.red is not None:
            packet.red = self.red
            if self.redundant and kind is codecs.OPUS:
                self.red.remember(packet.timestamp, payload)
            if self.microphone is not None:
                self.microphone.hear(packet.element & 0xFF if packet.element else UNKNOWN, now)
        elif kind is codecs.VP8:
            picture = vp8.describe(payload)
            if picture.id_bits == 7:
                picture = self._widened(picture)
            layer = picture.temporal_id or 0
            if picture.id_bits:
                packet.picture = picture
                packet.lead = payload[0] << 8 | payload[1]
                packet.payload = payload = payload[picture.rest :]
                indices = Indices.PICTURE if picture.tl0_index is None else Indices.PICTURE_AND_TL0
            if picture.keyframe:
                packet.keyframe = True
                self.height = vp8.height(payload[picture.size - picture.rest :]) or self.height
        elif _BEGINS[packet.payload_type](payload):
            packet.keyframe = True
        if packet.keyframe:
            self.keyframes.arrived(now)
            self.key_timestamp = packet.timestamp
        self._layer_octets[layer] += packet.size + OVERHEAD
        packet.layout = layout(indices, len(payload))
        return True

    def _widened(self, picture: vp8.Picture) -> vp8.Picture:
        """Count a 7-bit PictureID on beyond 127: viewers get 15 bits, in which starting over would be a leap back."""
        ahead = (((picture.picture_id or 0) - self._picture_id + 0x40) & 0x7F) - 0x40
        picture_id = (self._picture_id + ahead) & 0x7FFF
        if ahead > 0:
            self._picture_id = picture_id
        return picture._replace(picture_id=picture_id, id_bits=15)

    def pause(self) -> None:
        """Let whatever comes next begin anew in every slot: in between nothing is forwarded."""
        for slot, _ in self.sinks:
            if slot.current is self:
                slot.current = None

    def measure(self, seconds: float) -> None:
        """Close an interval: work out `rates` and `loss`."""
        received = self.statistics.received
        expected = self._skipped + received - self._measured
        if expected > 0:
            self.loss += LOSS_SHARE * (self._skipped / expected - self.loss)
        self._measured, self._skipped = received, 0
        octets, self._layer_octets = self._layer_octets, [0, 0, 0, 0]
        if not any(octets):
            self.rates = ()
            return
        top = max(index for index in range(4) if octets[index])
        total = 0.0
        fresh_rates = []
        for index in range(top + 1):
            total += octets[index] * 8 / seconds
            fresh_rates.append(total)
        before = self.rates if len(self.rates) == top + 1 else fresh_rates
        self.rates = tuple(b + RATE_SHARE * (f - b) for b, f in zip(before, fresh_rates, strict=True))

    def _out_of_order(self, packet: Packet, skipped: int, now: float) -> None:
        if skipped == LATE:
            self.nack.arrived(packet.sequence)
        elif skipped == RESTART:
            self.nack = NackTracker()
            self._measured = self._skipped = 0
        else:
            self._skipped += skipped
            if not self.nack.gap((packet.sequence - skipped) & MASK16, skipped, now):
                self.want_keyframe(now)

    def want_keyframe(self, now: float) -> None:
        """A viewer cannot go on without a key frame; the publisher is asked until one comes."""
        if self.video:
            self._keyframe_wanted(self.ssrc, self.keyframes.request(now))

    def retire(self) -> None:
        """Flow nowhere and ask nobody any more."""
        self.active = False
        self.sinks.clear()
        self._keyframe_wanted = _nobody

    def take_sender_report(self, report: SenderReport, *, now: float) -> None:
        """Remember the publisher's clock mapping and when it came."""
        self.capture.report(report.ntp, report.rtp)
        self._last_report_ntp = middle_of_ntp(report.ntp)
        self._last_report_at = now

    def report_block(self, now: float) -> ReportBlock:
        """Return what to tell the publisher about this stream since the last call."""
        return self.statistics.report(
            ssrc=self.ssrc, last_sender_report=self._last_report_ntp, delay=now - self._last_report_at
        )


def _nobody(_ssrc: int, _due: bool) -> None:
    pass
