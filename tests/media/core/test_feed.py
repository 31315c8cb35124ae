"""A feed: one source as one stream or in layers."""

import pytest

from media.control import Source
from media.core.allocation import Layer
from media.core.capture import SenderClock
from media.core.feed import ADAPTABLE, GUESSED_RATES, HEIGHTS, SINGLE, STOPPED_SECONDS, Feed
from media.core.inbound import InboundStream


def stream(
    rid: str = SINGLE,
    *,
    source: Source = "camera",
    at: float = 10.0,
    rates: tuple[float, ...] = (),
    height: int = 0,
) -> InboundStream:
    made = InboundStream(
        ssrc=1,
        participant="anna",
        source=source,
        rid=rid,
        clock=SenderClock(),
        keyframe_wanted=lambda ssrc, due: None,
        now=at,
    )
    made.rates = rates
    made.height = height
    return made


def feed(*streams: InboundStream) -> Feed:
    made = Feed("anna", streams[0].source if streams else "camera")
    for one in streams:
        made.layers[one.rid] = one
    return made


def test_a_microphone_has_no_picture() -> None:
    assert feed(stream(source="camera")).video
    assert feed(stream(source="screen")).video
    assert not feed(stream(source="microphone")).video


def test_layers_are_a_choice_and_a_single_stream_is_none() -> None:
    assert feed(stream("q"), stream("f")).layered
    assert not feed(stream()).layered


def test_the_newest_packet_of_any_layer_counts() -> None:
    assert feed(stream("q", at=3.0), stream("f", at=7.0)).newest_at == 7.0
    assert Feed("anna", "camera").newest_at == 0.0


def test_it_is_active_while_any_layer_is() -> None:
    one, other = stream("q"), stream("h")
    made = feed(one, other)
    one.active = False
    assert made.active
    other.active = False
    assert not made.active


@pytest.mark.parametrize(
    ("silent", "flows"), [(0.0, True), (STOPPED_SECONDS, True), (STOPPED_SECONDS + 0.01, False)]
)
def test_a_layer_without_packets_has_stopped(silent: float, flows: bool) -> None:
    made = feed(stream("q", at=10.0))
    assert (made.flowing("q", 10.0 + silent) is not None) == flows
    assert made.flowing("h", 10.0) is None


def test_a_source_without_layers_never_stops() -> None:
    assert feed(stream(at=10.0)).flowing(SINGLE, 100.0) is not None


def test_layers_are_offered_lowest_first_with_what_they_cost() -> None:
    made = feed(
        stream("f", rates=(400_000.0, 900_000.0), height=1080),
        stream("q", rates=(60_000.0, 120_000.0)),
        stream("h", at=10.0),
    )
    assert made.offer(11.0) == (
        Layer("q", HEIGHTS["q"], (60_000.0, 120_000.0)),
        Layer("h", HEIGHTS["h"], (GUESSED_RATES["h"],)),
        Layer("f", 1080, (400_000.0, 900_000.0)),
    )


def test_a_layer_that_has_stopped_keeps_its_place_and_costs_nothing() -> None:
    made = feed(stream("q", rates=(100_000.0,)), stream("h", at=1.0, rates=(300_000.0,)))
    assert made.offer(10.0) == (Layer("q", 180, (100_000.0,)), Layer("h", 360, ()))


def test_a_source_without_layers_costs_no_more_than_it_can_come_down_to() -> None:
    assert feed(stream(rates=(100_000.0, 2_000_000.0))).offer(10.0) == (
        Layer(SINGLE, HEIGHTS["f"], (100_000.0, ADAPTABLE)),
    )
    assert feed(stream(height=480)).offer(10.0) == (Layer(SINGLE, 480, (ADAPTABLE,)),)
