"""How outgoing packets are laid out: what is written can be read."""

from hypothesis import given
from hypothesis import strategies as st

from media.core import rtp
from media.core.codecs import AUDIO_LEVEL, TRANSPORT_SEQUENCE
from media.core.packing import (
    EXTENSION,
    EXTENSION_ALONE,
    EXTENSION_BYTES,
    FIRST_BYTE,
    NUMBER_ELEMENT,
    Indices,
    layout,
)

numbers = st.integers(0, 0xFFFF)


@given(payload=st.binary(max_size=1200), number=numbers, level=st.integers(0, 255), sequence=numbers)
def test_header_extension_and_payload_are_read_back(
    payload: bytes, number: int, level: int, sequence: int
) -> None:
    packed = layout(Indices.NONE, len(payload)).pack(
        FIRST_BYTE,
        0x80 | 111,
        sequence,
        5,
        6,
        EXTENSION,
        AUDIO_LEVEL << 12 | level,
        NUMBER_ELEMENT,
        number,
        payload,
    )
    packet = rtp.parse(packed)
    assert (packet.payload_type, packet.marker, packet.sequence, packet.timestamp, packet.ssrc) == (
        111,
        0x80,
        sequence,
        5,
        6,
    )
    assert packet.payload == payload
    assert packet.extensions() == {AUDIO_LEVEL: bytes((level,)), TRANSPORT_SEQUENCE: number.to_bytes(2)}
    assert len(packed) == EXTENSION_BYTES + len(payload)


@given(number=numbers)
def test_without_an_element_only_the_number_is_there(number: int) -> None:
    packed = layout(Indices.NONE, 1).pack(FIRST_BYTE, 96, 1, 2, 3, EXTENSION, 0, NUMBER_ELEMENT, number, b"x")
    assert rtp.parse(packed).extensions() == {TRANSPORT_SEQUENCE: number.to_bytes(2)}


def test_indices_stand_in_front_of_the_rest_of_the_payload() -> None:
    head = (FIRST_BYTE, 96, 1, 2, 3, EXTENSION, 0, NUMBER_ELEMENT, 4)
    assert (
        rtp.parse(layout(Indices.PICTURE, 2).pack(*head, 0x9080, 0x8123, b"ab")).payload
        == b"\x90\x80\x81\x23ab"
    )
    with_tl0 = layout(Indices.PICTURE_AND_TL0, 2).pack(*head, 0x90C0, 0x8123, 0x45, b"ab")
    assert rtp.parse(with_tl0).payload == b"\x90\xc0\x81\x23\x45ab"


def test_one_layout_serves_all_packets_of_a_size() -> None:
    assert layout(Indices.NONE, 100) is layout(Indices.NONE, 100)


def test_a_packet_of_padding_alone_has_the_same_extension() -> None:
    packed = rtp.HEADER.pack(FIRST_BYTE | 0x20, 97, 1, 2, 3) + EXTENSION_ALONE.pack(
        EXTENSION, 0, NUMBER_ELEMENT, 9
    )
    packet = rtp.parse(packed + b"\0\0\3")
    assert (packet.size, packet.extensions()) == (0, {TRANSPORT_SEQUENCE: b"\0\x09"})
    assert len(packed) == EXTENSION_BYTES
