"""Which bytes are a still picture of the room. Pure: bytes in, verdict out; nothing is decoded."""

from dataclasses import dataclass

MAX_BYTES = 60 * 1024
MAX_SIDE = 640
"""Pixels of the longer side."""

_START, _END = b"\xff\xd8", b"\xff\xd9"
_FRAME = frozenset({0xC0, 0xC1, 0xC2})  # baseline, extended, progressive: what browsers write and read
_EXIF = 0xE1
_SCAN = 0xDA


class BadStill(ValueError):
    """These bytes are no still picture; the text says why, without quoting them."""


@dataclass(frozen=True)
class Size:
    width: int
    height: int


def check_still(content: bytes) -> Size:
    """Return the size of a JPEG that may be shown to others.

    EXIF is refused: a picture drawn by a page has none, so what has was taken from elsewhere, and may say where.

    Raises:
        BadStill: too large, not a JPEG, larger than 640 pixels, or with EXIF.
    """
    if len(content) > MAX_BYTES:
        raise BadStill("too many bytes")
    if not (content.startswith(_START) and content.endswith(_END)):
        raise BadStill("not a JPEG")
    size: Size | None = None
    at = 2
    while True:
        if at + 4 > len(content) or content[at] != 0xFF:
            raise BadStill("not a JPEG")
        marker = content[at + 1]
        length = int.from_bytes(content[at + 2 : at + 4])
        if length < 2 or at + 2 + length > len(content):
            raise BadStill("a segment is cut off")
        if marker == _EXIF:
            raise BadStill("carries EXIF")
        if marker in _FRAME:
            size = _size(content[at + 4 : at + 2 + length])
        if marker == _SCAN:
            break
        at += 2 + length
    if size is None:
        raise BadStill("no frame before the scan")
    return size


def _size(frame: bytes) -> Size:
    """Read a frame header (ITU-T T.81, B.2.2)."""
    if len(frame) < 6:
        raise BadStill("a frame header is cut off")
    size = Size(width=int.from_bytes(frame[3:5]), height=int.from_bytes(frame[1:3]))
    if not (0 < size.width <= MAX_SIDE and 0 < size.height <= MAX_SIDE):
        raise BadStill("too many pixels, or none")
    return size
