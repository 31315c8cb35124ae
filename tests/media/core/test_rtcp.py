"""RTCP both ways, and whatever else may come."""

import contextlib
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.core import rtcp
from media.core.rtp import BadPacket

u32 = st.integers(0, 0xFFFFFFFF)
u64 = st.integers(0, 2**64 - 1)
sequences = st.integers(0, 0xFFFF)
blocks = st.builds(
    rtcp.ReportBlock,
    ssrc=u32,
    fraction_lost=st.integers(0, 255),
    lost=st.integers(-0x800000, 0x7FFFFF),
    highest_sequence=u32,
    jitter=u32,
    last_sender_report=u32,
    delay=u32,
)


@given(ssrc=u32, ntp=u64, rtp=u32, packets=u32, octets=u32)
def test_a_sender_report_comes_back(ssrc: int, ntp: int, rtp: int, packets: int, octets: int) -> None:
    data = rtcp.build_sender_report(ssrc=ssrc, ntp=ntp, rtp=rtp, packets=packets, octets=octets)
    assert rtcp.parse(data) == [rtcp.SenderReport(ssrc, ntp, rtp, packets, octets)]


@given(ssrc=u32, reports=st.lists(blocks, max_size=31))
def test_a_receiver_report_comes_back(ssrc: int, reports: list[rtcp.ReportBlock]) -> None:
    data = rtcp.build_receiver_report(ssrc=ssrc, blocks=reports)
    assert rtcp.parse(data) == [rtcp.ReceiverReport(ssrc, tuple(reports))]


@given(blocks.map(lambda b: [b] * 40))
def test_a_report_holds_at_most_31_blocks(reports: list[rtcp.ReportBlock]) -> None:
    parsed = rtcp.parse(rtcp.build_receiver_report(ssrc=1, blocks=reports))
    assert parsed == [rtcp.ReceiverReport(1, tuple(reports[:31]))]


@given(lost=st.sets(sequences, min_size=1, max_size=80), sender=u32, media=u32)
def test_a_nack_names_exactly_what_is_lost(lost: set[int], sender: int, media: int) -> None:
    data = rtcp.build_nack(sender_ssrc=sender, media_ssrc=media, lost=lost)
    [nack] = rtcp.parse(data)
    assert isinstance(nack, rtcp.Nack)
    assert (nack.sender_ssrc, nack.media_ssrc, set(nack.lost), len(nack.lost)) == (
        sender,
        media,
        lost,
        len(lost),
    )


def test_neighbours_share_one_entry() -> None:
    data = rtcp.build_nack(sender_ssrc=1, media_ssrc=2, lost=[100, 101, 116, 117])
    assert data[12:] == pack("!HHHH", 100, 0x8001, 117, 0)


@given(sender=u32, media=st.lists(u32, max_size=10), bitrate=st.integers(0, 1 << 40))
def test_a_remb_keeps_18_significant_bits(sender: int, media: list[int], bitrate: int) -> None:
    data = rtcp.build_remb(sender_ssrc=sender, bitrate=bitrate, media_ssrcs=media)
    [remb] = rtcp.parse(data)
    assert isinstance(remb, rtcp.Remb)
    assert (remb.sender_ssrc, remb.media_ssrcs) == (sender, tuple(media))
    assert bitrate * (1 - 2**-17) <= remb.bitrate <= bitrate


def test_small_packets_come_back() -> None:
    data = (
        rtcp.build_picture_loss(sender_ssrc=1, media_ssrc=2)
        + rtcp.build_full_intra_request(sender_ssrc=1, media_ssrc=3, command=9)
        + rtcp.build_source_description(ssrc=4, name="node")
        + rtcp.build_goodbye(ssrcs=[5, 6])
    )
    assert rtcp.parse(data) == [
        rtcp.PictureLoss(1, 2),
        rtcp.FullIntraRequest(1, (3,)),
        rtcp.SourceDescription(((4, "node"),)),
        rtcp.Goodbye((5, 6)),
    ]


@given(st.text(max_size=60))
def test_names_of_any_length_come_back(name: str) -> None:
    data = rtcp.build_source_description(ssrc=4, name=name)
    assert len(data) % 4 == 0
    assert rtcp.parse(data) == [rtcp.SourceDescription(((4, name),))]


def test_unknown_packets_are_skipped() -> None:
    unknown = pack("!BBHI", 0x80, 204, 1, 9)
    assert rtcp.parse(unknown + rtcp.build_picture_loss(sender_ssrc=1, media_ssrc=2)) == [
        rtcp.PictureLoss(1, 2)
    ]


@given(st.binary(max_size=300))
def test_no_bytes_make_it_raise_anything_else(data: bytes) -> None:
    with contextlib.suppress(BadPacket):
        rtcp.parse(data)


@given(
    first=st.integers(0x80, 0xBF),
    kind=st.sampled_from([200, 201, 202, 203, 204, 205, 206, 207]),
    body=st.binary(max_size=120).map(lambda b: b[: len(b) // 4 * 4]),
)
def test_no_well_framed_garbage_makes_it_raise_anything_else(first: int, kind: int, body: bytes) -> None:
    with contextlib.suppress(BadPacket):
        rtcp.parse(pack("!BBH", first, kind, len(body) // 4) + body)


@given(
    data=st.builds(
        lambda lost: rtcp.build_nack(sender_ssrc=1, media_ssrc=2, lost=lost), st.sets(sequences, min_size=1)
    ),
    position=st.integers(0, 400),
    value=st.integers(0, 255),
)
def test_a_flipped_byte_makes_it_raise_nothing_else(data: bytes, position: int, value: int) -> None:
    broken = bytearray(data)
    broken[position % len(broken)] = value
    with contextlib.suppress(BadPacket):
        rtcp.parse(bytes(broken))


def test_a_nack_for_more_than_a_history_is_refused() -> None:
    body = b"".join(pack("!HH", i * 17, 0xFFFF) for i in range(60))
    with pytest.raises(BadPacket):
        rtcp.parse(pack("!BBHII", 0x81, 205, 2 + len(body) // 4, 1, 2) + body)


def test_a_malformed_remb_is_refused() -> None:
    with pytest.raises(BadPacket):
        rtcp.parse(pack("!BBHII", 0x8F, 206, 5, 1, 0) + b"REMB" + bytes((5, 0, 0, 0)) + pack("!I", 1))


@given(st.floats(0, 2_000_000_000))
def test_ntp_time_comes_back(seconds: float) -> None:
    assert abs(rtcp.unix_from_ntp(rtcp.ntp_from_unix(seconds)) - seconds) < 1e-5


def test_the_round_trip_is_what_the_delay_does_not_explain() -> None:
    sent = rtcp.ntp_from_unix(1000.0)
    block = rtcp.ReportBlock(1, 0, 0, 0, 0, rtcp.middle_of_ntp(sent), int(0.5 * 65536))
    measured = rtcp.round_trip(block, ntp_now=rtcp.ntp_from_unix(1000.75))
    assert measured == pytest.approx(0.25, abs=1e-3)


def test_without_a_sender_report_there_is_no_round_trip() -> None:
    assert rtcp.round_trip(rtcp.ReportBlock(1, 0, 0, 0, 0, 0, 0), ntp_now=1 << 40) is None


def test_a_clock_of_coarser_grain_gives_no_negative_round_trip() -> None:
    now = rtcp.ntp_from_unix(1000.0)
    block = rtcp.ReportBlock(1, 0, 0, 0, 0, rtcp.middle_of_ntp(now), 5)
    assert rtcp.round_trip(block, ntp_now=now) == 0.0
