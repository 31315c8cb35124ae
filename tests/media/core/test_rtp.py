"""RTP parsing and header extensions."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.core.rtp import (
    HEADER,
    BadPacket,
    build_extension,
    is_rtcp,
    newer,
    padding_packet,
    parse,
    parse_elements,
)

sequences = st.integers(0, 0xFFFF)
elements = st.dictionaries(st.integers(1, 14), st.binary(min_size=1, max_size=16), max_size=6)


@given(
    payload=st.binary(max_size=60),
    sequence=sequences,
    timestamp=st.integers(0, 0xFFFFFFFF),
    marker=st.booleans(),
    csrcs=st.integers(0, 15),
    items=elements,
    padding=st.integers(0, 20),
)
def test_parsing_gives_back_what_was_packed(
    *,
    payload: bytes,
    sequence: int,
    timestamp: int,
    marker: bool,
    csrcs: int,
    items: dict[int, bytes],
    padding: int,
) -> None:
    extension = build_extension(items.items())
    first = 0x80 | (0x10 if extension else 0) | (0x20 if padding else 0) | csrcs
    tail = bytes(padding - 1) + bytes((padding,)) if padding else b""
    head = HEADER.pack(first, (0x80 if marker else 0) | 111, sequence, timestamp, 7) + bytes(4 * csrcs)
    packet = parse(head + extension + payload + tail)
    assert (packet.payload_type, packet.marker, packet.sequence, packet.timestamp, packet.ssrc) == (
        111,
        0x80 if marker else 0,
        sequence,
        timestamp,
        7,
    )
    assert packet.payload == payload
    assert packet.extensions() == items


def test_two_byte_extensions_are_read() -> None:
    assert parse_elements(0x1000, b"\x01\x00\x02\x03abc\x00\x00") == {1: b"", 2: b"abc"}


def test_an_unknown_extension_profile_has_no_elements() -> None:
    assert parse_elements(0x1234, b"\x10\xff\xff\xff") == {}


def test_element_fifteen_ends_a_one_byte_block() -> None:
    assert parse_elements(0xBEDE, b"\x10\xaa\xf0\x00\x20\xbb") == {1: b"\xaa"}


@given(st.binary(max_size=200))
def test_no_bytes_make_the_parser_raise_anything_else(data: bytes) -> None:
    with contextlib.suppress(BadPacket):
        parse(data).extensions()


@given(st.binary(min_size=1, max_size=60), st.sampled_from([0xBEDE, 0x1000, 0x1005]))
def test_no_extension_block_makes_the_parser_raise_anything_else(block: bytes, profile: int) -> None:
    with contextlib.suppress(BadPacket):
        parse_elements(profile, block)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        bytes(11),
        bytes(12),
        HEADER.pack(0x90, 0, 0, 0, 0),
        HEADER.pack(0x90, 0, 0, 0, 0) + b"\xbe\xde\x00\x05",
        HEADER.pack(0x8F, 0, 0, 0, 0),
        HEADER.pack(0xA0, 0, 0, 0, 0) + b"\x00",
        HEADER.pack(0xA0, 0, 0, 0, 0) + b"\x09",
    ],
)
def test_a_packet_whose_lengths_do_not_fit_is_refused(data: bytes) -> None:
    with pytest.raises(BadPacket):
        parse(data)


def test_a_padding_packet_has_no_payload() -> None:
    packet = parse(padding_packet(payload_type=96, sequence=5, timestamp=6, ssrc=7))
    assert (packet.payload, packet.sequence, packet.timestamp, packet.ssrc) == (b"", 5, 6, 7)


@given(sequences, st.integers(1, 0x7FFF))
def test_newer_goes_round_with_the_numbers(sequence: int, ahead: int) -> None:
    assert newer((sequence + ahead) & 0xFFFF, sequence)
    assert not newer(sequence, (sequence + ahead) & 0xFFFF)
    assert not newer(sequence, sequence)


def test_rtcp_is_told_by_its_second_byte() -> None:
    assert [b for b in range(256) if is_rtcp(b)] == list(range(192, 224))
