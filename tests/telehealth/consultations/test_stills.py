"""Which bytes may be shown to others as a still picture."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from telehealth.consultations.stills import MAX_BYTES, BadStill, Size, check_still


def jpeg(width: int = 640, height: int = 360, *, progressive: bool = False, exif: bytes = b"") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "grey").save(
        out, "JPEG", quality=60, progressive=progressive, exif=exif
    )
    return out.getvalue()


def test_a_browsers_jpeg_is_taken_whether_progressive_or_not() -> None:
    assert check_still(jpeg()) == Size(640, 360)
    assert check_still(jpeg(360, 480, progressive=True)) == Size(360, 480)


def exif() -> bytes:
    data = Image.Exif()
    data[0x010F] = "Camera"
    return data.tobytes()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "not a JPEG"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 100, "not a JPEG"),
        (b"\xff\xd8<script>alert(1)</script>\xff\xd9", "not a JPEG"),
        (jpeg()[:-10], "not a JPEG"),
        (b"\xff\xd8\xff\xe0\xff\xff\xff\xd9", "a segment is cut off"),
        (jpeg(641, 10), "too many pixels, or none"),
        (jpeg(exif=exif()), "carries EXIF"),
        (b"\xff\xd8" + b"x" * MAX_BYTES + b"\xff\xd9", "too many bytes"),
    ],
)
def test_anything_else_is_refused(content: bytes, why: str) -> None:
    with pytest.raises(BadStill, match=why):
        check_still(content)


@given(st.binary(max_size=200), st.integers(0, 900))
def test_bytes_by_chance_are_refused_or_taken_but_never_break_it(noise: bytes, at: int) -> None:
    picture = jpeg(32, 32)
    spoilt = picture[:at] + noise + picture[at + len(noise) :]
    try:
        size = check_still(spoilt)
    except BadStill:
        return
    assert size.width <= 640
