"""A slot: whatever is mapped to it, the viewer's browser sees one endless stream. Pure.

The SSRC is constant. Sequence number, timestamp, VP8 PictureID and TL0PICIDX continue over every change of source:

1. Video changes only at a key frame of the new source; until then the old one runs on. Audio changes at once, with the
   marker bit set (RFC 3551 §4.1: a new talkspurt).
2. The first packet takes the next sequence number and PictureID; its timestamp is as far from the last one as the two
   captures were apart (by both sources' sender reports), else as the arrivals were, but at least one tick.
3. Stragglers of the old source, and of the new one from before the change, are dropped.
4. Padding closes its sequence gap, or fills its number when later packets have already left.
"""

from media.core import vp8
from media.core.history import AUDIO_PACKETS, VIDEO_PACKETS, History
from media.core.inbound import InboundStream
from media.core.rtcp import build_sender_report, ntp_from_unix
from media.core.rtp import HEADER, MASK16, MASK32, Packet, padding_packet
from media.core.seqmap import SequenceMap

Sent = tuple[Packet, int, int, int, int]  # packet, marker, timestamp, PictureID, TL0PICIDX
LONGEST_PAUSE = 3600.0  # seconds a timestamp may jump by at a change of source


class Slot:
    """One downward stream of one viewer. The start values come from a random source of the caller."""

    __slots__ = (
        "_capture",
        "_history",
        "_in_timestamp",
        "_picture_id",
        "_picture_offset",
        "_sent_at",
        "_sequence",
        "_sequences",
        "_started",
        "_timestamp",
        "_timestamp_offset",
        "_tl0",
        "_tl0_offset",
        "accepts",
        "current",
        "name",
        "octets",
        "packets",
        "ssrc",
        "switches",
        "target",
        "video",
    )

    def __init__(
        self,
        *,
        name: str,
        ssrc: int,
        video: bool,
        sequence: int,
        timestamp: int,
        picture_id: int = 0,
        tl0_index: int = 0,
    ) -> None:
        self.name = name
        self.ssrc = ssrc
        self.video = video
        self.accepts: frozenset[int] = frozenset()
        self.current: InboundStream | None = None
        self.target: InboundStream | None = None
        self.packets = self.octets = self.switches = 0
        self._sequence = sequence
        self._timestamp = timestamp
        self._picture_id = picture_id
        self._tl0 = tl0_index
        self._started = False
        self._sequences = SequenceMap(0, 0)
        self._in_timestamp = 0
        self._timestamp_offset = self._picture_offset = self._tl0_offset = 0
        self._sent_at = 0.0
        self._history: History[Sent] = History(VIDEO_PACKETS if video else AUDIO_PACKETS)

    def point(self, stream: InboundStream | None) -> None:
        """Let the slot carry `stream` as soon as it can; None makes it silent at once."""
        self.target = stream
        if stream is None:
            self.current = None

    @property
    def waits_for_keyframe(self) -> bool:
        return self.video and self.target is not None and self.current is not self.target

    def push(self, stream: InboundStream, packet: Packet, now: float) -> bytes | None:
        """Return the packet as this viewer gets it, or None when the viewer does not."""
        marker = packet.marker
        if stream is not self.current:
            if stream is not self.target or packet.payload_type not in self.accepts or not packet.payload:
                return None
            if self.video:
                if not packet.keyframe:
                    return None
            else:
                marker = 0x80
            self._switch(stream, packet, now)
        sequences = self._sequences
        if not packet.payload and sequences.leave_out(packet.sequence):
            return None
        sequence = sequences.map(packet.sequence)
        if sequence is None:
            return None
        timestamp = (packet.timestamp + self._timestamp_offset) & MASK32
        picture = packet.picture
        if picture is None:
            picture_id = tl0 = 0
        else:
            picture_id = ((picture.picture_id or 0) + self._picture_offset) & vp8.PICTURE_ID_MASK
            tl0 = ((picture.tl0_index or 0) + self._tl0_offset) & vp8.TL0_MASK
        if (sequence - self._sequence) & MASK16 < 0x8000:
            self._sequence, self._timestamp, self._in_timestamp = sequence, timestamp, packet.timestamp
            self._sent_at = now
            if picture is not None:
                self._picture_id, self._tl0 = picture_id, tl0
        sent = (packet, marker, timestamp, picture_id, tl0)
        self._history.store(sequence, sent)
        self.packets += 1
        self.octets += len(packet.payload)
        return self._compose(sequence, sent)

    def resend(self, sequences: tuple[int, ...], *, now: float, rtt: float) -> list[bytes]:
        """Answer a NACK with plain copies on the same SSRC.

        They are counted in no report: a receiver that gets them counts the packets as received.
        """
        return [
            self._compose(number, sent) for number, sent in self._history.answer(sequences, now=now, rtt=rtt)
        ]

    def sender_report(self, now_unix: float) -> bytes | None:
        """Return the slot's report on the node's clock, or None while the source's own clock is unknown.

        All slots of a viewer are on one clock, so the browser keeps lips and voice together over every change of source.
        """
        if self.current is None or not self.packets:
            return None
        captured = self.current.capture.timestamp_at(now_unix)
        if captured is None:
            return None
        return build_sender_report(
            ssrc=self.ssrc,
            ntp=ntp_from_unix(now_unix),
            rtp=(captured + self._timestamp_offset) & MASK32,
            packets=self.packets,
            octets=self.octets,
        )

    def _switch(self, stream: InboundStream, packet: Packet, now: float) -> None:
        if self._started:
            elapsed = self._capture_distance(stream, packet)
            if elapsed is None or not -1 < elapsed < LONGEST_PAUSE:
                elapsed = min(now - self._sent_at, LONGEST_PAUSE)
            # A tick of 1 ms at least: two pictures never share a timestamp.
            step = max(int(elapsed * stream.clock_rate), stream.clock_rate // 1000)
            timestamp = (self._timestamp + step) & MASK32
        else:
            timestamp = self._timestamp
        self._sequences = SequenceMap(packet.sequence, (self._sequence + 1) & MASK16)
        self._timestamp_offset = (timestamp - packet.timestamp) & MASK32
        if packet.picture is not None:
            self._picture_offset = self._picture_id + 1 - (packet.picture.picture_id or 0)
            self._tl0_offset = self._tl0 + 1 - (packet.picture.tl0_index or 0)
        self.current = stream
        self._capture = stream.capture
        self._started = True
        self.switches += 1

    def _capture_distance(self, stream: InboundStream, packet: Packet) -> float | None:
        captured, last = stream.capture.unix_of(packet.timestamp), self._capture.unix_of(self._in_timestamp)
        return None if captured is None or last is None else captured - last

    def _compose(self, sequence: int, sent: Sent) -> bytes:
        packet, marker, timestamp, picture_id, tl0 = sent
        extension = packet.forwarded_extension
        picture = packet.picture
        if picture is not None:
            extension += vp8.indices(packet.payload, picture, picture_id, tl0)
        elif not packet.payload:
            return padding_packet(
                payload_type=packet.payload_type, sequence=sequence, timestamp=timestamp, ssrc=self.ssrc
            )
        first = 0x90 if packet.forwarded_extension else 0x80
        head = HEADER.pack(first, marker | packet.payload_type, sequence, timestamp, self.ssrc)
        return head + extension + packet.body
