"""A slot: whatever is mapped to it, the viewer's browser sees one endless stream. Pure.

The SSRC is constant. Sequence number, timestamp, VP8 PictureID and TL0PICIDX continue over every change of source:

1. Video changes only at a key frame of the new source; until then the old one runs on. Audio changes at once, with the
   marker bit set (RFC 3551 §4.1: a new talkspurt).
2. The first packet takes the next sequence number and PictureID; its timestamp is as far from the last one as the two
   captures were apart (by both sources' sender reports), else as the arrivals were, but at least one tick.
3. Stragglers of the old source, and of the new one from before the change, are dropped.
4. Padding closes its sequence gap, or fills its number when later packets have already left.
"""

from typing import NamedTuple

from media.core.capture import CaptureTime
from media.core.codecs import RED, RETRANSMISSION
from media.core.history import AUDIO_PACKETS, VIDEO_PACKETS, History
from media.core.inbound import InboundStream
from media.core.keyframes import KeyframeAllowance
from media.core.packing import (
    EXTENSION,
    EXTENSION_ALONE,
    EXTENSION_BYTES,
    FIRST_BYTE,
    NUMBER_ELEMENT,
    Indices,
)
from media.core.packing import layout as layout_of
from media.core.red import Copies
from media.core.rtcp import build_sender_report, ntp_from_unix
from media.core.rtp import HEADER, MASK16, MASK32, Packet, blank, padding_packet
from media.core.seqmap import SequenceMap
from media.core.temporal import EVERYTHING, TemporalFilter

LONGEST_PAUSE = 3600.0  # seconds a timestamp may jump by at a change of source


class Offsets(NamedTuple):
    """What is added to a source's own numbers while it flows into a slot."""

    timestamp: int = 0
    picture: int = 0
    tl0: int = 0


Sent = tuple[int, Packet, int, Offsets]  # outgoing sequence number, packet, marker, offsets


class Slot:
    """One downward stream of one viewer. The start values come from a random source of the caller."""

    __slots__ = (
        "_capture",
        "_history",
        "_newest",
        "_offsets",
        "_sent_at",
        "_sequences",
        "_shifted",
        "_start",
        "accepts",
        "allowance",
        "copies",
        "copy_sequence",
        "copy_ssrc",
        "current",
        "name",
        "octets",
        "packets",
        "ssrc",
        "switches",
        "target",
        "temporal",
        "video",
    )

    def __init__(
        self,
        *,
        name: str,
        ssrc: int,
        video: bool,
        copy_ssrc: int = 0,
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
        self.allowance = KeyframeAllowance()
        self.copies: Copies = 0
        """How many earlier payloads go along with each of sound (RFC 2198), if the viewer takes that."""
        self.copy_ssrc = copy_ssrc
        """SSRC of retransmissions (RFC 4588), 0 for plain ones on the slot's own."""
        self.copy_sequence = sequence
        self.temporal: TemporalFilter | None = None
        """Only once temporal layers have been left out of this source."""
        self.packets = self.octets = self.switches = 0
        self._shifted = (0, Offsets())
        self._start = (sequence, timestamp, picture_id, tl0_index)
        self._sequences = SequenceMap(0, 0)
        self._offsets = Offsets()
        self._newest: Sent | None = None
        self._capture: CaptureTime | None = None
        self._sent_at = 0.0
        self._history: History[Sent] = History(VIDEO_PACKETS if video else AUDIO_PACKETS)

    def point(self, stream: InboundStream | None) -> None:
        """Let the slot carry `stream` as soon as it can; None makes it silent at once."""
        self.target = stream
        if stream is None:
            self.current = None

    def thin(self, temporal: int) -> None:
        """Let temporal layers up to `temporal` flow from the next picture on."""
        if self.temporal is None:
            if temporal >= EVERYTHING:
                return
            self.temporal = TemporalFilter()
            self._shifted = (0, self._offsets)
        self.temporal.target = temporal

    @property
    def waits_for_keyframe(self) -> bool:
        return self.video and self.target is not None and self.current is not self.target

    def take(self, stream: InboundStream, packet: Packet, now: float) -> Sent | None:
        """Return what of a packet this viewer gets, to be written by `write`; None when the viewer does not get it."""
        marker = packet.marker
        if stream is not self.current:
            if stream is not self.target or packet.payload_type not in self.accepts or not packet.size:
                return None
            if self.video:
                if not packet.keyframe:
                    return None
            else:
                marker = 0x80
            self._switch(stream, packet, now)
        sequences = self._sequences
        size = packet.size
        incoming = packet.sequence
        offsets = self._offsets
        if self.temporal is not None and packet.picture is not None:
            shift = self.temporal.shift(packet.picture)
            if shift is None:
                if sequences.leave_out(incoming):
                    return None
                packet = blank(packet)  # it was overtaken: its number must not stay empty
                size = 0
            elif shift:
                if shift != self._shifted[0]:
                    self._shifted = (shift, offsets._replace(picture=offsets.picture - shift))
                offsets = self._shifted[1]
        if size and (incoming - sequences.newest) & MASK16 == 1 and incoming & SequenceMap.QUIET:
            # Nearly every packet: the next one. A call for it would cost as much as the rest.
            sequences.newest = incoming
            sequence = (incoming + sequences.offset) & MASK16
            self._newest = sent = (sequence, packet, marker, offsets)
            self._sent_at = now
        else:
            if not size and sequences.leave_out(incoming):
                return None
            late = sequences.map(incoming)
            if late is None:
                return None
            sequence = late
            sent = (sequence, packet, marker, offsets)
            if sequences.newest == incoming:
                self._newest = sent
                self._sent_at = now
        history = self._history
        history.ring[sequence & history.mask] = sent
        self.packets += 1
        self.octets += size
        return sent

    def resend(self, sequences: tuple[int, ...], *, now: float, rtt: float) -> list[Sent]:
        """Answer a NACK: what to send again, to be written by `write_again`."""
        return self._history.answer(sequences, now=now, rtt=rtt)

    def forget(self, sent: Sent) -> None:
        """Note that a packet was given up before it was sent."""
        self._history.forget(sent)

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
            rtp=(captured + self._offsets.timestamp) & MASK32,
            packets=self.packets,
            octets=self.octets,
        )

    def _switch(self, stream: InboundStream, packet: Packet, now: float) -> None:
        sequence, timestamp, picture_id, tl0 = self._start
        if self._newest is not None:
            sequence, last, _, offsets = self._newest
            elapsed = self._capture_distance(stream, packet, last)
            if elapsed is None or not -1 < elapsed < LONGEST_PAUSE:
                elapsed = min(now - self._sent_at, LONGEST_PAUSE)
            # A tick of 1 ms at least: two pictures never share a timestamp.
            step = max(int(elapsed * stream.clock_rate), stream.clock_rate // 1000)
            timestamp = last.timestamp + offsets.timestamp + step
            if last.picture is not None:
                picture_id = (last.picture.picture_id or 0) + offsets.picture
                tl0 = (last.picture.tl0_index or 0) + offsets.tl0
        picture = packet.picture
        self._sequences = SequenceMap(packet.sequence, (sequence + 1) & MASK16)
        self._offsets = Offsets(
            (timestamp - packet.timestamp) & MASK32,
            0 if picture is None else picture_id + 1 - (picture.picture_id or 0),
            0 if picture is None else tl0 + 1 - (picture.tl0_index or 0),
        )
        self.current = stream
        self.temporal = None
        self._capture = stream.capture
        self.switches += 1

    def _capture_distance(self, stream: InboundStream, packet: Packet, last: Packet) -> float | None:
        if self._capture is None:
            return None
        captured, before = stream.capture.unix_of(packet.timestamp), self._capture.unix_of(last.timestamp)
        return None if captured is None or before is None else captured - before

    def write(self, sent: Sent, number: int, into: bytearray) -> int:
        """Write the packet to the beginning of `into`, under the transport-wide sequence `number`; return its bytes."""
        # Once per packet and viewer: as few objects as possible.
        sequence, packet, marker, offsets = sent
        second = marker | packet.payload_type
        timestamp = (packet.timestamp + offsets[0]) & MASK32
        if not packet.size:
            filler = padding_packet(
                payload_type=packet.payload_type, sequence=sequence, timestamp=timestamp, ssrc=self.ssrc
            )
            into[: len(filler)] = filler
            return len(filler)
        layout = packet.layout
        picture = packet.picture
        if picture is None:
            payload = packet.payload
            if self.copies and packet.red is not None:
                payload = packet.red.wrap(packet.timestamp, payload, self.copies)
                second = marker | RED.payload_type
                layout = layout_of(Indices.NONE, len(payload))
            layout.pack_into(
                into, 0, FIRST_BYTE, second, sequence, timestamp, self.ssrc,
                EXTENSION, packet.element, NUMBER_ELEMENT, number, payload,
            )  # fmt: skip
            return layout.size
        tl0 = picture.tl0_index
        picture_id = 0x8000 | ((picture.picture_id or 0) + offsets[1]) & 0x7FFF
        if tl0 is None:
            layout.pack_into(
                into, 0, FIRST_BYTE, second, sequence, timestamp, self.ssrc,
                EXTENSION, packet.element, NUMBER_ELEMENT, number, packet.lead, picture_id, packet.payload,
            )  # fmt: skip
        else:
            tl0 = (tl0 + offsets[2]) & 0xFF
            layout.pack_into(
                into, 0, FIRST_BYTE, second, sequence, timestamp, self.ssrc,
                EXTENSION, packet.element, NUMBER_ELEMENT, number, packet.lead, picture_id, tl0, packet.payload,
            )  # fmt: skip
        return layout.size

    def write_again(self, sent: Sent, number: int, into: bytearray) -> int:
        """Write a packet the viewer has missed, as `write` does: a retransmission (RFC 4588 §4) where that was
        negotiated, else a plain copy.

        Plain copies are counted in no report: a receiver that gets them counts the packets as received.
        """
        size = self.write(sent, number, into)
        again = RETRANSMISSION.get(sent[1].payload_type)
        if not self.copy_ssrc or again is None or again not in self.accepts or not sent[1].size:
            return size
        into[EXTENSION_BYTES + 2 : size + 2] = into[EXTENSION_BYTES:size]
        into[EXTENSION_BYTES : EXTENSION_BYTES + 2] = sent[0].to_bytes(2)
        self.copy_sequence = (self.copy_sequence + 1) & MASK16
        HEADER.pack_into(
            into, 0, FIRST_BYTE, into[1] & 0x80 | again, self.copy_sequence,
            int.from_bytes(into[4:8]), self.copy_ssrc,
        )  # fmt: skip
        return size + 2

    def write_padding(self, size: int, number: int, into: bytearray) -> int:
        """Write a packet of up to 255 bytes of padding among the retransmissions: it only tries the line.

        0: the viewer takes none. Nothing depends on it, so it may be lost.
        """
        again = next((again for again in RETRANSMISSION.values() if again in self.accepts), None)
        if not self.copy_ssrc or again is None:
            return 0
        sent = self._newest
        size = min(max(size, 1), 255)
        self.copy_sequence = (self.copy_sequence + 1) & MASK16
        timestamp = self._start[1] if sent is None else (sent[1].timestamp + sent[3].timestamp) & MASK32
        HEADER.pack_into(into, 0, FIRST_BYTE | 0x20, again, self.copy_sequence, timestamp, self.copy_ssrc)
        EXTENSION_ALONE.pack_into(into, HEADER.size, EXTENSION, 0, NUMBER_ELEMENT, number)
        into[EXTENSION_BYTES : EXTENSION_BYTES + size] = bytes(size - 1) + bytes((size,))
        return EXTENSION_BYTES + size
