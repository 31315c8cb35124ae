"""The VP8 payload descriptor (RFC 7741 §4.2). Pure.

`media.core.slot` writes PictureID and TL0PICIDX anew. Nothing of the picture itself is touched, so this works for
end-to-end encrypted payloads too, as long as the descriptor and the first payload byte stay readable.
"""

from typing import NamedTuple


class Picture(NamedTuple):
    """What a descriptor says. Indices are None when the sender does not write them."""

    size: int
    """Bytes of descriptor before the VP8 payload."""
    picture_id: int | None
    tl0_index: int | None
    temporal_id: int | None
    starts: bool
    """First packet of a picture's first partition."""
    keyframe: bool
    """First packet of a key frame."""
    id_bits: int
    """7 or 15, 0 without PictureID."""
    rest: int
    """Where the bytes behind the indices begin, which a rewriter leaves as they are."""
    sync: bool = False
    """Layer sync (Y): refers to nothing but the base layer's picture of this TL0PICIDX."""


def height(payload: bytes) -> int:
    """Return a key frame's height in pixels from its first ten bytes (RFC 6386 §9.1), 0 when they are not there."""
    if len(payload) < 10 or payload[3:6] != b"\x9d\x01\x2a":
        return 0
    return int.from_bytes(payload[8:10], "little") & 0x3FFF


class BadDescriptor(ValueError):
    """The payload ends inside the descriptor."""


def describe(payload: bytes) -> Picture:
    """Read the descriptor in front of a VP8 payload.

    Raises:
        BadDescriptor: the payload is cut off.
    """
    try:
        first = payload[0]
        size = 1
        picture_id: int | None = None
        tl0: int | None = None
        temporal: int | None = None
        sync = False
        bits = 0
        if first & 0x80:
            flags = payload[1]
            size = 2
            if flags & 0x80:
                if payload[2] & 0x80:
                    picture_id = (payload[2] & 0x7F) << 8 | payload[3]
                    size, bits = 4, 15
                else:
                    picture_id = payload[2]
                    size, bits = 3, 7
            if flags & 0x40:
                tl0 = payload[size]
                size += 1
            if flags & 0x30:
                layers = payload[size]
                if flags & 0x20:
                    temporal = layers >> 6
                    sync = layers & 0x20 != 0
                size += 1
        starts = first & 0x17 == 0x10
        rest = 0 if not bits else (4 if bits == 15 else 3) + (tl0 is not None)
        # The P bit of the payload header: 0 marks a key frame (RFC 7741 §4.3).
        keyframe = starts and not payload[size] & 1
        return Picture(size, picture_id, tl0, temporal, starts, keyframe, bits, rest, sync)
    except IndexError as error:
        raise BadDescriptor("VP8 descriptor is cut off") from error
