"""A synthetic browser on loopback: `media.probe`, by the name the tests use."""

from collections.abc import Sequence
from dataclasses import dataclass

from media.probe import DELTA, KEYFRAME, UP_SSRC, Offered, Probe, read_offer, up_packet

__all__ = ["DELTA", "KEYFRAME", "UP_SSRC", "Offered", "SyntheticBrowser", "read_offer", "up_packet"]


@dataclass
class SyntheticBrowser(Probe):
    """A probe that sends from 127.0.0.1."""

    addresses: Sequence[str] | None = ("127.0.0.1",)
