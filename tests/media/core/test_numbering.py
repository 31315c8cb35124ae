"""Packets that are numbered as a WHIP client likes."""

import pytest

from media.core import codecs, rtp
from media.core.inbound import InboundStream
from media.core.numbering import Numbering
from media.core.uplink import Uplink

THEIRS = Numbering(
    mid=b"s", payload_types={120: codecs.VP8.payload_type}, extensions={5: codecs.TRANSPORT_SEQUENCE}
)
KEYFRAME = bytes((0x10, 0, 0x9D, 0x01, 0x2A, 64, 1, 180, 0)) + bytes(20)


def packet(payload_type: int, *, sequence: int = 7, elements: tuple[tuple[int, bytes], ...] = ()) -> bytes:
    extension = rtp.build_extension(elements)
    head = rtp.HEADER.pack(0x90 if extension else 0x80, payload_type, sequence, 90_000, 0xABCD)
    return head + extension + KEYFRAME


def test_payload_type_and_extensions_become_ours_and_the_line_is_named() -> None:
    parsed = THEIRS.parse(packet(120, elements=((5, b"\x01\x02"), (9, b"unknown"))))
    assert parsed.payload_type == codecs.VP8.payload_type
    assert parsed.extensions() == {codecs.MID: b"s", codecs.TRANSPORT_SEQUENCE: b"\x01\x02"}


def test_without_extensions_the_line_is_named_all_the_same() -> None:
    assert THEIRS.parse(packet(120)).extensions() == {codecs.MID: b"s"}


@pytest.mark.parametrize("data", [packet(96), packet(121), b"", packet(120)[:11]])
def test_what_was_not_agreed_on_or_is_no_packet_is_malformed(data: bytes) -> None:
    with pytest.raises(rtp.BadPacket):
        THEIRS.parse(data)


def test_an_uplink_takes_it_for_a_screen() -> None:
    appeared: list[InboundStream] = []
    uplink = Uplink("anna", appeared=appeared.append, keyframe_wanted=lambda *_: None, parse=THEIRS.parse)
    arrived = uplink.receive(packet(120, elements=((5, b"\x00\x09"),)), 1.0)
    assert arrived is not None
    stream, parsed = arrived
    assert (stream.source, stream.rid, stream.ssrc, parsed.keyframe) == ("screen", "", 0xABCD, True)
    assert appeared == [stream]
    assert uplink.arrivals.waiting
