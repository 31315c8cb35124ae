"""Finding H.264 key frames."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.core.h264 import is_keyframe


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (b"\x67\x42", True),  # SPS
        (b"\x65\x88", True),  # IDR slice
        (b"\x61\x88", False),  # slice of another picture
        (b"\x68\xce", False),  # PPS alone
        (b"\x7c\x85\x88", True),  # FU-A, first fragment of an IDR slice
        (b"\x7c\x05\x88", False),  # FU-A, middle fragment
        (b"\x7c\x81\x88", False),  # FU-A of another picture
        (b"\x78\x00\x02\x67\x42\x00\x02\x68\xce", True),  # STAP-A: SPS, PPS
        (b"\x78\x00\x02\x68\xce\x00\x02\x65\x88", True),  # STAP-A: PPS, IDR
        (b"\x78\x00\x02\x61\x88", False),
        (b"", False),
        (b"\x7c", False),
        (b"\x78\x00", False),
    ],
)
def test_a_decoder_can_start_at(payload: bytes, expected: bool) -> None:
    assert is_keyframe(payload) is expected


@given(st.binary(max_size=60))
def test_garbage_never_raises(payload: bytes) -> None:
    assert is_keyframe(payload) in (True, False)
