"""Frames that are encrypted end to end pass the relay: what is behind their first bytes is any bytes, and stays as it is."""

from hypothesis import given
from hypothesis import strategies as st

from media.core.codecs import OPUS, VP8
from media.core.vp8 import describe
from tests.media.core.test_slot import Publisher, push, slot

DESCRIPTOR = bytes((0x90, 0xC0, 0x80, 0x07, 0x09))
KEY = bytes((0x10, 0x02, 0x00, 0x9D, 0x01, 0x2A, 0x40, 0x01, 0xB4, 0x00))  # 320 x 180
DELTA = bytes((0x11, 0x02, 0x00))


@given(secret=st.binary(max_size=300))
def test_a_sealed_picture_is_known_by_its_first_bytes_and_passed_on_whole(secret: bytes) -> None:
    publisher, viewer = Publisher(), slot(video=True)
    viewer.point(publisher.stream)
    key = push(viewer, publisher, publisher.packet(VP8.payload_type, DESCRIPTOR + KEY + secret, marker=True))
    assert (viewer.waits_for_keyframe, publisher.stream.height) == (False, 180)
    later = push(
        viewer, publisher, publisher.packet(VP8.payload_type, DESCRIPTOR + DELTA + secret, marker=True)
    )
    passed = [(one and bytes(one.payload[describe(one.payload).size :])) for one in (key, later)]
    assert passed == [KEY + secret, DELTA + secret]


@given(secret=st.binary(max_size=300))
def test_sealed_sound_reaches_a_viewer_without_redundancy_as_it_is(secret: bytes) -> None:
    publisher, viewer = Publisher(video=False), slot(video=False)
    viewer.point(publisher.stream)
    heard = push(viewer, publisher, publisher.packet(OPUS.payload_type, b"\x78" + secret))
    assert heard is not None
    assert (heard.payload_type, bytes(heard.payload)) == (OPUS.payload_type, b"\x78" + secret)
