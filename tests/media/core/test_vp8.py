"""The VP8 payload descriptor."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.core.vp8 import BadDescriptor, Picture, describe


def descriptor(picture_id: int | None, tl0: int | None, temporal: int | None, *, wide: bool = True) -> bytes:
    flags = (picture_id is not None) << 7 | (tl0 is not None) << 6 | (temporal is not None) << 5
    out = bytes((0x90, flags))
    if picture_id is not None:
        out += bytes((0x80 | picture_id >> 8, picture_id & 0xFF)) if wide else bytes((picture_id,))
    if tl0 is not None:
        out += bytes((tl0,))
    if temporal is not None:
        out += bytes((temporal << 6,))
    return out


@given(
    picture_id=st.none() | st.integers(0, 0x7FFF),
    tl0=st.none() | st.integers(0, 255),
    temporal=st.none() | st.integers(0, 3),
    body=st.binary(min_size=1, max_size=20),
)
def test_a_descriptor_is_read_as_it_was_written(
    picture_id: int | None, tl0: int | None, temporal: int | None, body: bytes
) -> None:
    head = descriptor(picture_id, tl0, temporal)
    picture = describe(head + body)
    assert (picture.size, picture.picture_id, picture.tl0_index, picture.temporal_id, picture.starts) == (
        len(head),
        picture_id,
        tl0,
        temporal,
        True,
    )
    assert picture.keyframe == (body[0] & 1 == 0)


@given(
    picture_id=st.integers(0, 0x7F),
    wide=st.booleans(),
    tl0=st.none() | st.integers(0, 255),
    temporal=st.none() | st.integers(0, 3),
)
def test_the_rest_begins_behind_the_indices(
    picture_id: int, wide: bool, tl0: int | None, temporal: int | None
) -> None:
    payload = descriptor(picture_id, tl0, temporal, wide=wide) + b"body"
    picture = describe(payload)
    behind = b"" if temporal is None else bytes((temporal << 6,))
    assert payload[picture.rest :] == behind + b"body"
    assert picture.id_bits == (15 if wide else 7)


def test_a_picture_without_indices_is_left_alone() -> None:
    assert describe(b"\x10\x00\x9d") == Picture(
        size=1,
        picture_id=None,
        tl0_index=None,
        temporal_id=None,
        starts=True,
        keyframe=True,
        id_bits=0,
        rest=0,
    )


def test_only_the_first_packet_of_a_key_picture_is_a_keyframe() -> None:
    assert describe(b"\x00\x00\x9d").keyframe is False
    assert describe(b"\x11\x00\x9d").keyframe is False


@given(temporal=st.integers(0, 3), sync=st.booleans())
def test_layer_sync_is_read_beside_the_temporal_layer(temporal: int, sync: bool) -> None:
    payload = b"\x90\xe0\x81\x02\x03" + bytes((temporal << 6 | sync << 5,)) + b"\x01"
    assert describe(payload) == Picture(
        size=6,
        picture_id=0x102,
        tl0_index=3,
        temporal_id=temporal,
        starts=True,
        keyframe=False,
        id_bits=15,
        rest=5,
        sync=sync,
    )


def test_without_a_temporal_layer_the_bit_means_nothing() -> None:
    assert describe(b"\x90\x10\x3f\x01").sync is False


@given(st.binary(max_size=8))
def test_no_payload_makes_it_raise_anything_else(payload: bytes) -> None:
    with contextlib.suppress(BadDescriptor):
        describe(payload)


@pytest.mark.parametrize("payload", [b"", b"\x90", b"\x90\x80", b"\x90\x80\x80", b"\x90\xe0\x01\x02"])
def test_a_descriptor_that_is_cut_off_is_refused(payload: bytes) -> None:
    with pytest.raises(BadDescriptor):
        describe(payload)
