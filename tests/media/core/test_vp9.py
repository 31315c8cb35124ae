"""Where a VP9 decoder can start (RFC 9628 §4.2)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.core.vp9 import is_keyframe


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (b"\x08\x00", True),  # B
        (b"\x88\x05\x00", True),  # I, 7-bit picture id
        (b"\x88\x85\x01\x00", True),  # I, 15-bit picture id
        (b"\x48\x00", False),  # P: refers to another picture
        (b"\x00\x00", False),  # not the first packet
        (b"\x28\x00\x00", True),  # L: layer indices, spatial layer 0
        (b"\x28\x02\x00", False),  # spatial layer 1
        (b"\xa8\x05\x00\x00", True),  # I and L
        (b"\xa8\x85\x01\x00\x00", True),
        (b"\xa8\x85\x01\x02\x00", False),
        (b"\xa8\x85\x01", False),  # cut off before the layer
        (b"\xa8", False),
        (b"", False),
    ],
)
def test_a_key_frame_refers_to_nothing_and_begins_on_the_base_layer(payload: bytes, expected: bool) -> None:
    assert is_keyframe(payload) is expected


@given(st.binary(max_size=12))
def test_garbage_raises_nothing(payload: bytes) -> None:
    assert is_keyframe(payload) in (True, False)
