"""A feed: what one participant shows or says by one source, as one stream or in up to three simulcast layers. Pure."""

from media.control import Source
from media.core.allocation import Layer
from media.core.codecs import LAYERS
from media.core.inbound import InboundStream

STOPPED_SECONDS = 1.5  # without a packet a layer is switched off, by the publisher or by its line
HEIGHTS = {"q": 180, "h": 360, "f": 720}  # until the first key frame says it
GUESSED_RATES = {"q": 150_000.0, "h": 400_000.0, "f": 900_000.0}  # bit/s until the first is measured
ADAPTABLE = 300_000.0
"""Bit/s a publisher without layers can come down to when its viewers' lines ask for it."""
SINGLE = ""  # the rid of a source without layers


class Feed:
    """One source of one connection. `layers` by rid, in the order they appeared."""

    __slots__ = ("layers", "participant", "source")

    def __init__(self, participant: str, source: Source) -> None:
        self.participant = participant
        self.source: Source = source
        self.layers: dict[str, InboundStream] = {}

    @property
    def video(self) -> bool:
        return self.source != "microphone"

    @property
    def layered(self) -> bool:
        """Whether there is a choice."""
        return SINGLE not in self.layers

    @property
    def newest_at(self) -> float:
        """When the last packet came."""
        return max((stream.last_at for stream in self.layers.values()), default=0.0)

    @property
    def active(self) -> bool:
        return any(stream.active for stream in self.layers.values())

    def flowing(self, rid: str, now: float) -> InboundStream | None:
        """Return a layer if packets come, or the one of a source without layers."""
        stream = self.layers.get(rid)
        if stream is None or (rid != SINGLE and now - stream.last_at > STOPPED_SECONDS):
            return None
        return stream

    def offer(self, now: float) -> tuple[Layer, ...]:
        """Return the layers to choose from, lowest first, with what each costs on the wire."""
        if not self.layered:
            single = self.layers[SINGLE]
            rates = tuple(min(rate, ADAPTABLE) for rate in single.rates) or (ADAPTABLE,)
            return (Layer(SINGLE, single.height or HEIGHTS["f"], rates),)
        found = []
        for rid in LAYERS:
            stream = self.layers.get(rid)
            if stream is not None:
                rates = () if self.flowing(rid, now) is None else stream.rates or (GUESSED_RATES[rid],)
                found.append(Layer(rid, stream.height or HEIGHTS[rid], rates))
        return tuple(found)
