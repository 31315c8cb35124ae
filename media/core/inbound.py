"""One incoming RTP stream of a participant: statistics, loss, key frames, and what viewers need of each packet. Pure."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from media.control import Source
from media.core import codecs, h264, vp8
from media.core.capture import CaptureTime, SenderClock
from media.core.keyframes import KeyframeRequests
from media.core.nack import NackTracker
from media.core.packing import Indices, layout
from media.core.rtcp import ReportBlock, SenderReport, middle_of_ntp
from media.core.rtp import MASK16, Packet
from media.core.stats import DUPLICATE, LATE, RESTART, ReceiverStatistics

if TYPE_CHECKING:
    from media.core.slot import Sent, Slot

    Send = Callable[[Slot, Sent], None]


class InboundStream:
    """A microphone, camera or screen as it arrives.

    `sinks` are the slots it may flow into, with their senders. `keyframe_wanted` is told the SSRC and whether to send a PLI
    now (True) or at a later `keyframes.due` (False).
    """

    __slots__ = (
        "_keyframe_wanted",
        "_last_report_at",
        "_last_report_ntp",
        "active",
        "capture",
        "clock_rate",
        "keyframes",
        "last_at",
        "nack",
        "octets",
        "participant",
        "payload_type",
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
        clock: SenderClock,
        keyframe_wanted: Callable[[int, bool], None],
        now: float,
    ) -> None:
        self.ssrc = ssrc
        self.participant = participant
        self.source: Source = source
        self.video = source != "microphone"
        self.clock_rate = codecs.VIDEO_RATE if self.video else codecs.AUDIO_RATE
        self.statistics = ReceiverStatistics(self.clock_rate)
        self.nack = NackTracker()
        self.keyframes = KeyframeRequests()
        self._keyframe_wanted = keyframe_wanted
        self.capture = CaptureTime(clock, self.clock_rate)
        self.sinks: list[tuple[Slot, Send]] = []
        self.active = True
        self.last_at = now
        self.octets = 0
        self.payload_type = 0
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
        payload = packet.payload
        self.last_at = now
        self.octets += packet.size
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
        if kind is codecs.VP8:
            picture = vp8.describe(payload)
            if picture.id_bits:
                packet.picture = picture
                packet.lead = payload[0] << 8 | payload[1]
                packet.payload = payload = payload[picture.rest :]
                indices = Indices.PICTURE if picture.tl0_index is None else Indices.PICTURE_AND_TL0
            if picture.keyframe:
                packet.keyframe = True
                self.keyframes.arrived()
        elif kind is codecs.H264 and h264.is_keyframe(payload):
            packet.keyframe = True
            self.keyframes.arrived()
        packet.layout = layout(indices, len(payload))
        return True

    def _out_of_order(self, packet: Packet, skipped: int, now: float) -> None:
        if skipped == LATE:
            self.nack.arrived(packet.sequence)
        elif skipped == RESTART:
            self.nack = NackTracker()
        elif not self.nack.gap((packet.sequence - skipped) & MASK16, skipped, now):
            self.want_keyframe(now)

    def want_keyframe(self, now: float) -> None:
        """A viewer cannot go on without a key frame; the publisher is asked until one comes."""
        if self.video:
            self._keyframe_wanted(self.ssrc, self.keyframes.request(now))

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
