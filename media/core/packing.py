"""How an outgoing packet is laid out, so that one `pack_into` writes all of it. Pure.

Every packet for a viewer is an RTP header (RFC 3550 §5.1), a one-byte header extension block (RFC 8285) with the
transport-wide sequence number and, where the publisher gave one, the audio level or the orientation, for VP8 the start of
the payload descriptor with its indices, and the payload. What differs between viewers are numbers; the layout is the same
for all of them, so it is looked up once per incoming packet.
"""

import functools
from enum import IntEnum
from struct import Struct

from media.core.codecs import TRANSPORT_SEQUENCE

FIRST_BYTE = 0x90  # version 2, with an extension block
EXTENSION = 0xBEDE0002  # one-byte elements, two words of them
NUMBER_ELEMENT = TRANSPORT_SEQUENCE << 4 | 1
EXTENSION_BYTES = 24  # where the payload begins: behind the header and the extension block
EXTENSION_ALONE = Struct("!IHBH3x")


class Indices(IntEnum):
    """What of a VP8 descriptor is written anew in front of the payload."""

    NONE = 0
    PICTURE = 1
    """Its first two bytes and a 15-bit PictureID."""
    PICTURE_AND_TL0 = 2
    """The same and TL0PICIDX."""


_INDICES = {Indices.NONE: "", Indices.PICTURE: "HH", Indices.PICTURE_AND_TL0: "HHB"}


@functools.cache
def layout(indices: Indices, size: int) -> Struct:
    """Return the layout for a payload of `size` bytes.

    Fields: first byte, marker and payload type, sequence number, timestamp, SSRC, `EXTENSION`, the element that goes along
    (0, which is padding, for none), `NUMBER_ELEMENT`, transport-wide sequence number, [indices,] payload.
    """
    return Struct(f"!BBHIIIHBH3x{_INDICES[indices]}{size}s")
