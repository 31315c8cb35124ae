"""RTCP packets (RFC 3550 §6, RFC 4585, RFC 5104, draft-alvestrand-rmcat-remb). Pure.

Only what a forwarding unit needs is understood; other packets are skipped. Whatever the bytes, `parse` raises nothing
but `BadPacket`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from struct import Struct

from media.core import twcc
from media.core.rtp import MASK16, BadPacket
from media.core.twcc import TransportFeedback

SR, RR, SDES, BYE, RTPFB, PSFB = 200, 201, 202, 203, 205, 206
NACK_FORMAT = 1
PLI_FORMAT, FIR_FORMAT, REMB_FORMAT = 1, 4, 15
MAX_NACKED = 512  # sequence numbers taken from one NACK packet

NTP_EPOCH_OFFSET = 2_208_988_800  # seconds from 1900 to 1970

_HEADER = Struct("!BBH")
_SENDER_INFO = Struct("!QIII")
_BLOCK = Struct("!IIIIII")
_TWO_SSRC = Struct("!BBHII")
_PAIR = Struct("!HH")
_U32 = Struct("!I")


@dataclass(frozen=True, slots=True)
class ReportBlock:
    """Reception quality of one source. `fraction_lost` in 1/256, `jitter` in timestamp units, `delay` (DLSR) in
    1/65536 s; `lost` is signed."""

    ssrc: int
    fraction_lost: int
    lost: int
    highest_sequence: int
    jitter: int
    last_sender_report: int
    delay: int


@dataclass(frozen=True, slots=True)
class SenderReport:
    """`ntp` is a 64-bit NTP timestamp of the moment `rtp` stands for."""

    ssrc: int
    ntp: int
    rtp: int
    packets: int
    octets: int
    reports: tuple[ReportBlock, ...] = ()


@dataclass(frozen=True, slots=True)
class ReceiverReport:
    ssrc: int
    reports: tuple[ReportBlock, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceDescription:
    """CNAMEs by source."""

    names: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Goodbye:
    sources: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Nack:
    """Generic NACK: `lost` are sequence numbers of `media_ssrc`."""

    sender_ssrc: int
    media_ssrc: int
    lost: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PictureLoss:
    sender_ssrc: int
    media_ssrc: int


@dataclass(frozen=True, slots=True)
class FullIntraRequest:
    sender_ssrc: int
    media_ssrcs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Remb:
    """Receiver estimated maximum bitrate, bit/s, over all `media_ssrcs` together."""

    sender_ssrc: int
    bitrate: int
    media_ssrcs: tuple[int, ...]


Feedback = (
    SenderReport
    | ReceiverReport
    | SourceDescription
    | Goodbye
    | Nack
    | TransportFeedback
    | PictureLoss
    | FullIntraRequest
    | Remb
)


# --- reading ----------------------------------------------------------------------------------------------------


def parse(data: bytes) -> list[Feedback]:
    """Parse a compound or reduced-size (RFC 5506) RTCP packet; unknown types are left out.

    Raises:
        BadPacket: lengths do not fit, the version is wrong, or its transport feedback together speaks of more packets than
            one may.
    """
    packets: list[Feedback] = []
    statuses = 0
    position, end = 0, len(data)
    if end < 4:
        raise BadPacket("RTCP packet shorter than its header")
    while position < end:
        if position + 4 > end:
            raise BadPacket("RTCP header is cut off")
        first, kind, words = _HEADER.unpack_from(data, position)
        if first & 0xC0 != 0x80:
            raise BadPacket("not RTCP version 2")
        stop = position + 4 * (words + 1)
        if stop > end:
            raise BadPacket("RTCP length runs over the end of the packet")
        body_stop = stop
        if first & 0x20:
            padding = data[stop - 1]
            if padding == 0 or padding > stop - position - 4:
                raise BadPacket("RTCP padding does not fit")
            body_stop -= padding
        packet = _parse_one(first & 0x1F, kind, data[position + 4 : body_stop])
        if packet is not None:
            packets.append(packet)
            if type(packet) is TransportFeedback:
                statuses += len(packet.deltas)
                if statuses > twcc.MAX_STATUSES:
                    raise BadPacket("RTCP speaks of too many packets")
        position = stop
    return packets


def _parse_one(count: int, kind: int, body: bytes) -> Feedback | None:
    if kind == SR:
        _need(body, 24 + 24 * count)
        ntp, rtp, packets, octets = _SENDER_INFO.unpack_from(body, 4)
        return SenderReport(_u32(body, 0), ntp, rtp, packets, octets, _blocks(body, 24, count))
    if kind == RR:
        _need(body, 4 + 24 * count)
        return ReceiverReport(_u32(body, 0), _blocks(body, 4, count))
    if kind == SDES:
        return SourceDescription(tuple(_names(body, count)))
    if kind == BYE:
        _need(body, 4 * count)
        return Goodbye(tuple(_u32(body, 4 * i) for i in range(count)))
    if kind == RTPFB and count == NACK_FORMAT:
        _need(body, 8)
        return Nack(_u32(body, 0), _u32(body, 4), tuple(_nacked(body)))
    if kind == RTPFB and count == twcc.FORMAT:
        return twcc.parse(body)
    if kind == PSFB:
        _need(body, 8)
        return _payload_feedback(count, body)
    return None


def _payload_feedback(form: int, body: bytes) -> Feedback | None:
    sender, media = _u32(body, 0), _u32(body, 4)
    if form == PLI_FORMAT:
        return PictureLoss(sender, media)
    if form == FIR_FORMAT:
        if (len(body) - 8) % 8:
            raise BadPacket("FIR entry is cut off")
        return FullIntraRequest(sender, tuple(_u32(body, at) for at in range(8, len(body), 8)))
    if form == REMB_FORMAT and body[8:12] == b"REMB":
        _need(body, 16)
        count = body[12]
        _need(body, 16 + 4 * count)
        mantissa = (body[13] & 0x03) << 16 | body[14] << 8 | body[15]
        # The exponent may ask for absurd numbers; no line is faster than this.
        bitrate = min(mantissa << (body[13] >> 2), 1 << 40)
        return Remb(sender, bitrate, tuple(_u32(body, 16 + 4 * i) for i in range(count)))
    return None


def _need(body: bytes, size: int) -> None:
    if len(body) < size:
        raise BadPacket("RTCP body is cut off")


def _u32(data: bytes, offset: int) -> int:
    return int.from_bytes(data[offset : offset + 4])


def _blocks(body: bytes, offset: int, count: int) -> tuple[ReportBlock, ...]:
    blocks: list[ReportBlock] = []
    for i in range(count):
        ssrc, loss, highest, jitter, lsr, dlsr = _BLOCK.unpack_from(body, offset + 24 * i)
        lost = loss & 0xFFFFFF
        if lost & 0x800000:
            lost -= 0x1000000
        blocks.append(ReportBlock(ssrc, loss >> 24, lost, highest, jitter, lsr, dlsr))
    return tuple(blocks)


def _nacked(body: bytes) -> Iterable[int]:
    if len(body) % 4:
        raise BadPacket("NACK entry is cut off")
    found: list[int] = []
    for at in range(8, len(body), 4):
        first, bits = _PAIR.unpack_from(body, at)
        found.append(first)
        found += [(first + i + 1) & MASK16 for i in range(16) if bits >> i & 1]
        if len(found) > MAX_NACKED:
            raise BadPacket("NACK asks for more than a history holds")
    return found


def _names(body: bytes, count: int) -> Iterable[tuple[int, str]]:
    names: list[tuple[int, str]] = []
    position = 0
    for _ in range(count):
        _need(body, position + 4)
        ssrc = _u32(body, position)
        position += 4
        while position < len(body) and body[position] != 0:
            _need(body, position + 2)
            stop = position + 2 + body[position + 1]
            _need(body, stop)
            if body[position] == 1:
                names.append((ssrc, body[position + 2 : stop].decode("utf-8", "replace")))
            position = stop
        position += 4 - position % 4  # the terminating null octets reach the next word
    return names


# --- writing ----------------------------------------------------------------------------------------------------


def build_sender_report(*, ssrc: int, ntp: int, rtp: int, packets: int, octets: int) -> bytes:
    """`ntp` is 64 bits; counters are cut to 32 bits."""
    return (
        _HEADER.pack(0x80, SR, 6)
        + _U32.pack(ssrc)
        + _SENDER_INFO.pack(ntp, rtp, packets & 0xFFFFFFFF, octets & 0xFFFFFFFF)
    )


def build_receiver_report(*, ssrc: int, blocks: Sequence[ReportBlock]) -> bytes:
    """Return one report; more than 31 blocks do not fit into one and the rest is left out (RFC 3550 §6.4.2)."""
    blocks = blocks[:31]
    body = b"".join(
        _BLOCK.pack(
            block.ssrc,
            (block.fraction_lost & 0xFF) << 24 | max(-0x800000, min(block.lost, 0x7FFFFF)) & 0xFFFFFF,
            block.highest_sequence & 0xFFFFFFFF,
            block.jitter & 0xFFFFFFFF,
            block.last_sender_report,
            block.delay & 0xFFFFFFFF,
        )
        for block in blocks
    )
    return _HEADER.pack(0x80 | len(blocks), RR, 1 + len(body) // 4) + _U32.pack(ssrc) + body


def build_source_description(*, ssrc: int, name: str) -> bytes:
    """Return the CNAME item; `name` has at most 255 bytes."""
    raw = name.encode()
    item = _U32.pack(ssrc) + bytes((1, len(raw))) + raw
    item += b"\0" * (4 - len(item) % 4)
    return _HEADER.pack(0x81, SDES, len(item) // 4) + item


def build_goodbye(*, ssrcs: Sequence[int]) -> bytes:
    """Return one BYE for at most 31 sources."""
    return _HEADER.pack(0x80 | len(ssrcs), BYE, len(ssrcs)) + b"".join(_U32.pack(ssrc) for ssrc in ssrcs)


def build_nack(*, sender_ssrc: int, media_ssrc: int, lost: Iterable[int]) -> bytes:
    """Return a generic NACK with the numbers folded into (first, bit mask) pairs."""
    pairs: list[tuple[int, int]] = []
    for sequence in sorted(lost, key=lambda s: s & MASK16):
        if pairs:
            distance = (sequence - pairs[-1][0]) & MASK16
            if 0 < distance <= 16:
                pairs[-1] = (pairs[-1][0], pairs[-1][1] | 1 << distance - 1)
                continue
            if distance == 0:
                continue
        pairs.append((sequence & MASK16, 0))
    body = b"".join(_PAIR.pack(*pair) for pair in pairs)
    return _TWO_SSRC.pack(0x80 | NACK_FORMAT, RTPFB, 2 + len(pairs), sender_ssrc, media_ssrc) + body


def build_picture_loss(*, sender_ssrc: int, media_ssrc: int) -> bytes:
    return _TWO_SSRC.pack(0x80 | PLI_FORMAT, PSFB, 2, sender_ssrc, media_ssrc)


def build_full_intra_request(*, sender_ssrc: int, media_ssrc: int, command: int) -> bytes:
    """`command` counts up by one per request (RFC 5104 §4.3.1)."""
    return (
        _TWO_SSRC.pack(0x80 | FIR_FORMAT, PSFB, 4, sender_ssrc, 0)
        + _U32.pack(media_ssrc)
        + bytes((command & 0xFF, 0, 0, 0))
    )


def build_remb(*, sender_ssrc: int, bitrate: int, media_ssrcs: Sequence[int]) -> bytes:
    """`bitrate` in bit/s, rounded down to 18 significant bits; at most 255 sources."""
    exponent = max(0, bitrate.bit_length() - 18)
    mantissa = bitrate >> exponent
    body = b"REMB" + bytes(
        (len(media_ssrcs), exponent << 2 | mantissa >> 16, mantissa >> 8 & 0xFF, mantissa & 0xFF)
    )
    body += b"".join(_U32.pack(ssrc) for ssrc in media_ssrcs)
    return _TWO_SSRC.pack(0x80 | REMB_FORMAT, PSFB, 2 + len(body) // 4, sender_ssrc, 0) + body


# --- time -------------------------------------------------------------------------------------------------------


def ntp_from_unix(seconds: float) -> int:
    """Return the 64-bit NTP timestamp of a Unix time."""
    return int((seconds + NTP_EPOCH_OFFSET) * 4294967296.0) & 0xFFFFFFFFFFFFFFFF


def unix_from_ntp(ntp: int) -> float:
    return ntp / 4294967296.0 - NTP_EPOCH_OFFSET


def middle_of_ntp(ntp: int) -> int:
    """Return the middle 32 bits, as LSR fields carry them."""
    return ntp >> 16 & 0xFFFFFFFF


def round_trip(block: ReportBlock, *, ntp_now: int) -> float | None:
    """Return the round trip in seconds a report block shows, or None when it answers no sender report."""
    if not block.last_sender_report:
        return None
    units = (middle_of_ntp(ntp_now) - block.last_sender_report - block.delay) & 0xFFFFFFFF
    if units & 0x80000000:  # clocks of different grain may give a little less than nothing
        return 0.0
    return units / 65536
