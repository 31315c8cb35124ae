"""Redundant audio (RFC 2198) around Opus: each packet carries copies of the ones before it. Pure.

At 15 % loss one copy takes what a listener misses from 15 % to 2 %, two take it to a third of a per cent. The relay takes
redundancy off for browsers that did not negotiate it, and puts it on from its own memory for viewers on lossy lines.

Sequence numbers and timestamps of the RTP packet are not touched: they are the primary's with or without copies.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from media.core.rtp import MASK32

MAX_OFFSET = 0x3FFF  # ticks, 14 bits: 341 ms at 48 kHz
MAX_LENGTH = 0x3FF  # bytes, 10 bits
MAX_BLOCKS = 32  # more headers than this are an attack on our time, not redundancy
MAX_PAYLOAD = (
    1150  # bytes; with RTP, SRTP, UDP and IPv6 headers a packet stays below 1280, which every line carries
)
REMEMBERED = 4

Copies = Literal[0, 1, 2]

ONE_COPY, TWO_COPIES = 0.03, 0.10  # loss (0-1) from which on
NO_MORE_TWO, NO_MORE_ONE = 0.07, 0.015  # loss below which they are given up again


class BadRedundancy(ValueError):
    """The payload is not what RFC 2198 §3 says."""


class Block(NamedTuple):
    """One of the payloads in a packet. The primary is the last one and has offset 0."""

    payload_type: int
    offset: int
    """Ticks of the codec's clock before the packet's own timestamp."""
    payload: bytes


def parse(payload: bytes) -> list[Block]:
    """Return the blocks of a RED payload in their order, oldest first, primary last.

    Blocks may be empty: a sender that has nothing to repeat writes length zero.

    Raises:
        BadRedundancy: a header or block is cut off, or there are more than `MAX_BLOCKS`.
    """
    headers: list[tuple[int, int, int]] = []
    position = 0
    size = len(payload)
    while True:
        if position >= size:
            raise BadRedundancy("RED header is cut off")
        first = payload[position]
        if not first & 0x80:
            break
        if position + 4 > size:
            raise BadRedundancy("RED header is cut off")
        packed = payload[position + 1] << 16 | payload[position + 2] << 8 | payload[position + 3]
        headers.append((first & 0x7F, packed >> 10, packed & MAX_LENGTH))
        if len(headers) >= MAX_BLOCKS:
            raise BadRedundancy("RED has too many blocks")
        position += 4
    position += 1
    blocks: list[Block] = []
    for payload_type, offset, length in headers:
        end = position + length
        if end > size:
            raise BadRedundancy("RED block is cut off")
        blocks.append(Block(payload_type, offset, payload[position:end]))
        position = end
    blocks.append(Block(first, 0, payload[position:]))
    return blocks


def strip(payload: bytes) -> bytes:
    """Return the primary alone; it may be empty (treat the packet as padding then).

    Runs once per packet: it looks at headers only and copies nothing but the primary.

    Raises:
        BadRedundancy: as `parse`.
    """
    position = skipped = 0
    try:
        while payload[position] & 0x80:
            skipped += (payload[position + 2] & 0x03) << 8 | payload[position + 3]
            position += 4
    except IndexError as error:
        raise BadRedundancy("RED header is cut off") from error
    start = position + 1 + skipped
    if start > len(payload):
        raise BadRedundancy("RED block is cut off")
    if position >= 4 * MAX_BLOCKS:
        raise BadRedundancy("RED has too many blocks")
    return payload[start:]


def build(primary: bytes, redundant: Sequence[tuple[int, bytes]] = (), *, payload_type: int) -> bytes:
    """Return a RED payload. `redundant` are (offset in ticks, payload), oldest first; all have the primary's type.

    Raises:
        ValueError: an offset or a length does not fit its 14 or 10 bits.
    """
    head = b""
    for offset, payload in redundant:
        if not 0 < offset <= MAX_OFFSET or len(payload) > MAX_LENGTH:
            raise ValueError("a redundant block does not fit its RED header")
        head += (0x80000000 | payload_type << 24 | offset << 10 | len(payload)).to_bytes(4)
    return b"".join((head, bytes((payload_type,)), *(payload for _, payload in redundant), primary))


class RedHistory:
    """The last payloads of one microphone, from which copies are made for every viewer who needs them.

    Per incoming packet first `remember` (plain Opus) or `learn` (RED), then `wrap` once per viewer. What `wrap` returns
    depends on the packet and the number of copies only, so viewers with the same need share one object.
    """

    __slots__ = ("_made", "_payloads", "_type")

    def __init__(self, payload_type: int) -> None:
        """`payload_type`: the type of the payloads inside (Opus), not that of RED."""
        self._type = payload_type
        self._payloads: list[tuple[int, bytes]] = []  # (timestamp, payload), oldest first
        self._made: dict[tuple[int, int], bytes] = {}  # (timestamp, copies): what `wrap` returned

    def remember(self, timestamp: int, payload: bytes) -> None:
        """Take in a payload; one that comes late is put in its place, one known already is left alone."""
        if not payload:
            return
        kept = self._payloads
        if kept and (timestamp - kept[-1][0]) & MASK32 > MAX_OFFSET * 0x100:
            # Backwards, or so far ahead (87 s) that nothing before it matters.
            if (kept[-1][0] - timestamp) & MASK32 > MAX_OFFSET * 0x100:
                kept.clear()
            else:
                self._insert(timestamp, payload)
                return
        elif kept and kept[-1][0] == timestamp:
            return
        kept.append((timestamp, payload))
        if len(kept) > REMEMBERED:
            del kept[0]
        self._made.clear()

    def learn(self, timestamp: int, payload: bytes) -> bytes:
        """Take in a RED payload with all its blocks, and return its primary.

        Blocks that were lost on the way here come back by this: viewers get them as copies, too.

        Raises:
            BadRedundancy: as `parse`; nothing is taken in.
        """
        *copies, primary = parse(payload)
        for block in copies:
            if block.payload_type == self._type and block.offset:
                self.remember((timestamp - block.offset) & MASK32, block.payload)
        if primary.payload_type == self._type:
            self.remember(timestamp, primary.payload)
        return primary.payload

    def wrap(self, timestamp: int, primary: bytes, copies: Copies) -> bytes:
        """Return a RED payload of `primary` with up to `copies` of the payloads before it.

        A payload too far back for 14 bits (after a pause of DTX), too long for 10 bits, or that would make the packet longer
        than `MAX_PAYLOAD`, is left out, and older ones with it.
        """
        key = (timestamp, copies)
        made = self._made.get(key)
        if made is not None:
            return made
        chosen: list[tuple[int, bytes]] = []
        total = 1 + len(primary)
        for before, payload in reversed(self._payloads):
            if len(chosen) >= copies:
                break
            offset = (timestamp - before) & MASK32
            if not offset or offset >= 0x80000000:  # the packet itself, or one after it
                continue
            total += 4 + len(payload)
            if offset > MAX_OFFSET or len(payload) > MAX_LENGTH or total > MAX_PAYLOAD:
                break
            chosen.append((offset, payload))
        chosen.reverse()
        if len(self._made) >= REMEMBERED * 3:  # packets that were not remembered, empty ones
            self._made.clear()
        made = build(primary, chosen, payload_type=self._type)
        self._made[key] = made
        return made

    def _insert(self, timestamp: int, payload: bytes) -> None:
        kept = self._payloads
        for index in range(len(kept) - 1, -1, -1):
            behind = (timestamp - kept[index][0]) & MASK32
            if behind == 0:
                return
            if behind < 0x80000000:
                kept.insert(index + 1, (timestamp, payload))
                break
        else:
            if len(kept) >= REMEMBERED:
                return
            kept.insert(0, (timestamp, payload))
        if len(kept) > REMEMBERED:
            del kept[0]
        self._made.clear()


def redundancy(loss: float, current: Copies = 0) -> Copies:
    """Return how many copies a viewer should get, from the share of packets their line loses (0-1) and what they get now.

    More at once, fewer only well below the threshold, so that a line at the threshold does not go to and fro.
    """
    if loss >= TWO_COPIES or (current == 2 and loss >= NO_MORE_TWO):
        return 2
    if loss >= ONE_COPY or (current >= 1 and loss >= NO_MORE_ONE):
        return 1
    return 0


def affordable(copies: Copies, *, audio: float, downlink: float) -> Copies:
    """Return as many of `copies` as leave sound with copies within half of the downlink (bit/s).

    On a thin line the queue is what loses packets; then copies would make it worse. `audio`: bit/s of all sound without copies.
    """
    while copies and audio * (1 + copies) > downlink / 2:
        copies = 1 if copies == 2 else 0
    return copies
