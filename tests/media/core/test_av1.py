"""Where an AV1 decoder can start (RTP Payload Format For AV1, §4.4)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.core.av1 import is_keyframe


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (b"\x18\x0a", True),  # N and one element
        (b"\x08\x0a", True),
        (b"\x10\x32", False),  # no new sequence
        (b"\x98\x0a", False),  # Z goes on with an element of the packet before
        (b"\x18", False),  # the header alone
        (b"", False),
    ],
)
def test_a_new_coded_video_sequence_begins_with_a_whole_element(payload: bytes, expected: bool) -> None:
    assert is_keyframe(payload) is expected


@given(st.binary(max_size=4))
def test_garbage_raises_nothing(payload: bytes) -> None:
    assert is_keyframe(payload) in (True, False)
