"""Transport-wide congestion control feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01). Pure.

Every packet of a transport carries one counter, whatever its stream; the receiver says when each came. Upwards
`ArrivalRecorder` tells a publisher, downwards `SentRing` matches what a viewer tells us with what was sent. Arrival
times are whole ticks of 250 us on the receiver's clock.
"""

from array import array
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from struct import Struct

from media.core.rtp import MASK16, BadPacket

RTPFB, FORMAT = 205, 15
TICKS_PER_SECOND = 4000
TICKS_PER_REFERENCE = 256  # the reference time counts 64 ms
MAX_STATUSES = 8192  # of one feedback; at 1000 packets/s an outage of eight seconds

# An upward feedback has at most 20 + 6 x 190 bytes: a received packet costs two of delta and at worst two chunks.
MAX_RECEIVED = 190
MAX_REPORTED = 4096  # statuses of one `build`, so that leaping numbers cost their sender's neighbours nothing
MAX_WAITING = 4096  # arrivals kept for the next `build`
LATE_SECONDS = 1.0  # a packet reported lost may still come so much later

MAX_AGE_SECONDS = 10.0  # feedback on older packets says nothing about the line now

_FIXED = Struct("!IIHHI")
_HEADER = Struct("!BBH")
_CHUNK = Struct("!H")
_NOT_RECEIVED, _SMALL, _LARGE, _RESERVED = 0, 1, 2, 3
_SEVEN_BITS = [tuple(byte >> shift & 1 for shift in range(6, -1, -1)) for byte in range(128)]


@dataclass(frozen=True, slots=True)
class TransportFeedback:
    """What became of `len(deltas)` packets, numbered on from `base_sequence`.

    `reference_time` counts 64 ms on the receiver's clock, signed 24 bits. A delta is the distance in 250 us ticks to the
    packet received before (the first: to the reference time), None for a packet that was not received.
    """

    sender_ssrc: int
    media_ssrc: int
    base_sequence: int
    reference_time: int
    feedback_count: int
    deltas: tuple[int | None, ...]

    @property
    def packets(self) -> Iterator[tuple[int, int | None]]:
        """Return (transport sequence number, delta) of every packet."""
        base = self.base_sequence
        return (((base + i) & MASK16, delta) for i, delta in enumerate(self.deltas))


# --- reading ----------------------------------------------------------------------------------------------------


def parse(body: bytes) -> TransportFeedback:
    """Parse one feedback without its RTCP header and padding; bytes behind the deltas are ignored.

    Raises:
        BadPacket: it is cut off, speaks of no packet or of more than `MAX_STATUSES`, or uses the reserved symbol.
    """
    if len(body) < 16:
        raise BadPacket("transport feedback is cut off")
    sender, media, base, count, rest = _FIXED.unpack_from(body)
    if not 0 < count <= MAX_STATUSES:
        raise BadPacket("transport feedback speaks of no packet or of too many")
    symbols, position = _symbols(body, count)
    small, large = symbols.count(_SMALL), symbols.count(_LARGE)
    if _RESERVED in symbols:
        raise BadPacket("transport feedback uses a reserved symbol")
    if position + small + 2 * large > len(body):
        raise BadPacket("transport feedback has fewer deltas than packets")
    if small == count:  # nothing lost, nothing reordered: the usual case
        deltas: tuple[int | None, ...] = tuple(body[position : position + count])
    elif (
        not small and not large
    ):  # two bytes may claim 8191 lost packets: they must not cost as much as those
        deltas = (None,) * count
    else:
        deltas = tuple(_deltas(body, position, symbols))
    return TransportFeedback(sender, media, base, _signed(rest >> 8, 24), rest & 0xFF, deltas)


def _symbols(body: bytes, count: int) -> tuple[list[int], int]:
    """Return the status symbols and where the deltas begin."""
    symbols: list[int] = []
    position = 16
    while len(symbols) < count:
        if position + 2 > len(body):
            raise BadPacket("transport feedback has fewer statuses than packets")
        chunk = body[position] << 8 | body[position + 1]
        position += 2
        if not chunk & 0x8000:
            symbols += [chunk >> 13] * min(chunk & 0x1FFF, count - len(symbols))
        elif not chunk & 0x4000:
            symbols += _SEVEN_BITS[chunk >> 7 & 0x7F]
            symbols += _SEVEN_BITS[chunk & 0x7F]
        else:
            symbols += [chunk >> shift & 3 for shift in (12, 10, 8, 6, 4, 2, 0)]
    del symbols[count:]
    return symbols, position


def _deltas(body: bytes, position: int, symbols: list[int]) -> Iterator[int | None]:
    for symbol in symbols:
        if symbol == _SMALL:
            yield body[position]
            position += 1
        elif symbol == _LARGE:
            yield _signed(body[position] << 8 | body[position + 1], 16)
            position += 2
        else:
            yield None


def _signed(value: int, bits: int) -> int:
    half = 1 << bits - 1
    return (value ^ half) - half


# --- writing ----------------------------------------------------------------------------------------------------


def build(feedback: TransportFeedback) -> bytes:
    """Return the whole RTCP packet. Deltas must fit into signed 16 bits, the reference time is cut to 24."""
    symbols = [
        _NOT_RECEIVED if delta is None else _SMALL if 0 <= delta <= 0xFF else _LARGE
        for delta in feedback.deltas
    ]
    body = bytearray(
        _FIXED.pack(
            feedback.sender_ssrc,
            feedback.media_ssrc,
            feedback.base_sequence,
            len(symbols),
            (feedback.reference_time & 0xFFFFFF) << 8 | feedback.feedback_count,
        )
    )
    for chunk in _chunks(symbols):
        body += _CHUNK.pack(chunk)
    for delta in feedback.deltas:
        if delta is None:
            continue
        if 0 <= delta <= 0xFF:
            body.append(delta)
        else:
            body += delta.to_bytes(2, signed=True)
    padding = -len(body) % 4
    if padding:
        body += bytes(padding - 1) + bytes((padding,))
    first = 0x80 | (0x20 if padding else 0) | FORMAT
    return _HEADER.pack(first, RTPFB, len(body) // 4) + body


def _chunks(symbols: list[int]) -> Iterator[int]:
    position, count = 0, len(symbols)
    while position < count:
        symbol = symbols[position]
        end = position + 1
        while end < count and symbols[end] == symbol and end - position < 0x1FFF:
            end += 1
        run = end - position
        ahead = symbols[position : position + 14]
        if run >= 14 or end == count or (run >= 7 and _LARGE in ahead):
            yield symbol << 13 | run
            position = end
        elif _LARGE in ahead:
            yield 0xC000 | _folded(symbols[position : position + 7], width=2)
            position += 7
        else:
            yield 0x8000 | _folded(ahead, width=1)
            position += 14


def _folded(symbols: list[int], *, width: int) -> int:
    """Return the symbols as the high bits of 14."""
    bits = 0
    for symbol in symbols:
        bits = bits << width | symbol
    return bits << 14 - width * len(symbols)


class ArrivalRecorder:
    """When the packets of one incoming transport came.

    `media_ssrc` may be set later and must be a stream the receiver of the feedback sends: libwebrtc drops feedback that
    names another.
    """

    __slots__ = ("_arrivals", "_feedback_count", "_missing", "_newest", "_next", "media_ssrc", "sender_ssrc")

    def __init__(self, *, sender_ssrc: int, media_ssrc: int = 0) -> None:
        self.sender_ssrc = sender_ssrc
        self.media_ssrc = media_ssrc
        self._arrivals: deque[tuple[int, float]] = deque(maxlen=MAX_WAITING)
        self._feedback_count = 0
        self._missing: dict[int, float] = {}  # unwrapped numbers reported lost, and when
        self._newest: int | None = None  # unwrapped
        self._next = 0  # the first unwrapped number no feedback has spoken of

    @property
    def waiting(self) -> bool:
        """Whether `build` has something to tell."""
        return bool(self._arrivals)

    def arrived(self, sequence: int, now: float) -> None:
        """Note a packet. All work is left to `build`: this runs once per packet."""
        self._arrivals.append((sequence, now))

    def build(self, now: float) -> list[bytes]:
        """Return feedback on what came since the last call, none when nothing did; each has at most 1200 bytes.

        Every number from the last feedback on is spoken of once; one that was reported lost and came after all is
        reported again, by itself. Of copies the first counts. A leap too wide to report starts over behind it.
        """
        times = self._unwrapped()
        if not times:
            return []
        missing = self._missing
        for number in [number for number, since in missing.items() if now - since > LATE_SECONDS]:
            del missing[number]
        packets: list[bytes] = []
        fresh: list[int] = []
        for number in sorted(times):
            if number >= self._next:
                fresh.append(number)
            elif missing.pop(number, None) is not None:
                packets.append(self._pack(number, [number], times))
        budget = MAX_REPORTED
        run: list[int] = []
        base = self._next
        for number in fresh:
            gap = number - self._next
            leap = gap > budget
            if run and (leap or not self._fits(base, run, number, times)):
                packets.append(self._pack(base, run, times))
                base, run = self._next, []
            if leap:
                base = number
            elif gap:
                budget -= gap
                missing.update(dict.fromkeys(range(self._next, number), now))
            run.append(number)
            self._next = number + 1
        if run:
            packets.append(self._pack(base, run, times))
        return packets

    def _unwrapped(self) -> dict[int, float]:
        """Take the arrivals as {unwrapped number: time}."""
        times: dict[int, float] = {}
        newest = self._newest
        started = newest is not None
        for sequence, at in self._arrivals:
            if newest is None:
                newest = number = 0x10000 + sequence
            else:
                number = newest + ((sequence - newest + 0x8000) & MASK16) - 0x8000
                if number > newest:  # noqa: PLR1730 - once per packet, where a call costs more than the comparison
                    newest = number
            times.setdefault(number, at)
        self._arrivals.clear()
        self._newest = newest
        if times and not started:
            self._next = min(times)
        return times

    @staticmethod
    def _fits(base: int, run: list[int], number: int, times: dict[int, float]) -> bool:
        if len(run) >= MAX_RECEIVED or number - base >= MAX_STATUSES:
            return False
        return abs(times[number] - times[run[-1]]) < 0x7FFF / TICKS_PER_SECOND

    def _pack(self, base: int, received: Sequence[int], times: dict[int, float]) -> bytes:
        last = round(times[received[0]] * TICKS_PER_SECOND)
        reference = last // TICKS_PER_REFERENCE
        last = reference * TICKS_PER_REFERENCE
        deltas: list[int | None] = []
        expected = base
        for number in received:
            if number != expected:
                deltas += [None] * (number - expected)
            expected = number + 1
            ticks = round(times[number] * TICKS_PER_SECOND)
            deltas.append(ticks - last)
            last = ticks
        feedback = TransportFeedback(
            self.sender_ssrc,
            self.media_ssrc,
            base & MASK16,
            _signed(reference & 0xFFFFFF, 24),
            self._feedback_count,
            tuple(deltas),
        )
        self._feedback_count = (self._feedback_count + 1) & 0xFF
        return build(feedback)


# --- what was sent ----------------------------------------------------------------------------------------------

Acknowledged = tuple[float, float | None, int]
"""(sent on our clock, arrived on the receiver's clock or None when lost, bytes)."""

_REPORTED_LOST = 1 << 32


class SentRing:
    """The last packets sent on one transport, to be matched with feedback.

    A sender on the hot path makes the two stores of `sent` itself:

        times[sequence & mask] = now
        packets[sequence & mask] = sequence << 16 | size

    `capacity` is a power of two and more than is sent in a round trip and a feedback interval.
    """

    __slots__ = ("_next", "_reference", "mask", "packets", "times", "unheard")

    def __init__(self, capacity: int = 4096) -> None:
        assert capacity & (capacity - 1) == 0
        self.mask = capacity - 1
        # Arrays: of a list every entry would be an object of its own, long out of the cache when it is replaced.
        self.times = array("d", [0.0]) * capacity
        self.packets = array("q", [-1]) * capacity
        self.unheard = 0
        """Bytes between the last feedback and the one before, which a lost feedback would have spoken of."""
        self._reference: int | None = None  # the last reference time, unwrapped
        self._next: int | None = None  # the number the next feedback should begin with

    def sent(self, sequence: int, size: int, now: float) -> None:
        """Note a packet: its 16-bit transport sequence number and its bytes (at most 65535)."""
        self.times[sequence & self.mask] = now
        self.packets[sequence & self.mask] = sequence << 16 | size

    def acknowledge(self, feedback: TransportFeedback, now: float) -> list[Acknowledged]:
        """Return what the feedback says that was not known, in the order of sending.

        A packet is received at most once, and lost at most once before that. What is not in the ring any more, was
        never sent or was sent more than `MAX_AGE_SECONDS` ago is left out. Arrival times run on over the wrap of the
        reference time.
        """
        times, packets, mask = self.times, self.packets, self.mask
        known: list[Acknowledged] = []
        ticks = self._unwrap(feedback.reference_time) * TICKS_PER_REFERENCE
        oldest = now - MAX_AGE_SECONDS
        self._skip_to(feedback.base_sequence, len(feedback.deltas), oldest)
        sequence = feedback.base_sequence - 1
        for delta in feedback.deltas:
            sequence = (sequence + 1) & MASK16
            index = sequence & mask
            packet = packets[index]
            if delta is None:
                if packet >> 16 == sequence and times[index] >= oldest:
                    known.append((times[index], None, packet & MASK16))
                    packets[index] = packet | _REPORTED_LOST
                continue
            ticks += delta
            if packet >= 0 and packet >> 16 & MASK16 == sequence and times[index] >= oldest:
                known.append((times[index], ticks / TICKS_PER_SECOND, packet & MASK16))
                packets[index] = -1
        return known

    def _skip_to(self, base: int, count: int, oldest: float) -> None:
        self.unheard = 0
        first = base if self._next is None else self._next
        ahead = (base - first) & MASK16
        if ahead >= 0x8000:  # an older feedback, overtaken
            return
        self._next = (base + count) & MASK16
        if ahead <= self.mask:
            for i in range(ahead):
                sequence = (first + i) & MASK16
                packet = self.packets[sequence & self.mask]
                if packet >> 16 == sequence and self.times[sequence & self.mask] >= oldest:
                    self.unheard += packet & MASK16

    def _unwrap(self, reference: int) -> int:
        if self._reference is None:
            self._reference = reference
        else:
            self._reference += _signed((reference - self._reference) & 0xFFFFFF, 24)
        return self._reference
