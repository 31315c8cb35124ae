"""Which characters a TrueType font can draw: its `cmap` table, read with the standard library.

PDF/A refuses a document with a character no font has, and a box in its place would hide what somebody
wrote. So the characters are checked before, against exactly the fonts shipped here.
"""

import struct


def coverage(font: bytes) -> frozenset[int]:
    """The code points of a font (OpenType 1.9, `cmap` formats 4 and 12).

    Raises ValueError if it is no such font.
    """
    (count,) = struct.unpack_from(">H", font, 4)
    for index in range(count):
        tag, _, offset, _ = struct.unpack_from(">4sIII", font, 12 + 16 * index)
        if tag == b"cmap":
            return _cmap(font, offset)
    raise ValueError("the font has no cmap table")


def _cmap(font: bytes, base: int) -> frozenset[int]:
    points: set[int] = set()
    (count,) = struct.unpack_from(">H", font, base + 2)
    for index in range(count):
        _, _, offset = struct.unpack_from(">HHI", font, base + 4 + 8 * index)
        (version,) = struct.unpack_from(">H", font, base + offset)
        if version == 4:
            points |= _format_4(font, base + offset)
        elif version == 12:
            points |= _format_12(font, base + offset)
    return frozenset(points)


def _format_4(font: bytes, at: int) -> set[int]:
    (twice,) = struct.unpack_from(">H", font, at + 6)
    n = twice // 2
    ends = struct.unpack_from(f">{n}H", font, at + 14)
    starts = struct.unpack_from(f">{n}H", font, at + 16 + twice)
    deltas = struct.unpack_from(f">{n}H", font, at + 16 + 2 * twice)
    ranges_at = at + 16 + 3 * twice
    ranges = struct.unpack_from(f">{n}H", font, ranges_at)
    points: set[int] = set()
    for i, (start, end) in enumerate(zip(starts, ends, strict=True)):
        for point in range(start, min(end, 0xFFFE) + 1):
            glyph = point + deltas[i]
            if ranges[i]:
                (glyph,) = struct.unpack_from(">H", font, ranges_at + 2 * i + ranges[i] + 2 * (point - start))
            if glyph & 0xFFFF:
                points.add(point)
    return points


def _format_12(font: bytes, at: int) -> set[int]:
    (groups,) = struct.unpack_from(">I", font, at + 12)
    points: set[int] = set()
    for i in range(groups):
        start, end, glyph = struct.unpack_from(">III", font, at + 16 + 12 * i)
        points.update(range(start if glyph else start + 1, end + 1))
    return points
