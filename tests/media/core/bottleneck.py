"""A line with a bottleneck and a sender that follows its estimate, in virtual time. Everything in it is repeatable."""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from random import Random

from media.core import twcc
from media.core.estimator import START, Estimator

AUDIO_BYTES, AUDIO_SECONDS = 110, 0.02  # 44 kbit/s, as on the wire
PACKET_BYTES = 1200
AUDIO_RATE = 8 * AUDIO_BYTES / AUDIO_SECONDS
FRAME_SECONDS = 0.04
PACED = 0.4  # of the frame's time: browsers send at two and a half times their rate
FEEDBACK_HEADER = 4
CLOCK_OFFSET, CLOCK_RATE = 5000.0, 1.0001  # the receiver's clock is another one, and a little fast


def never(_: Random) -> Iterator[bool]:
    while True:
        yield False


def at_random(share: float) -> Callable[[Random], Iterator[bool]]:
    """Lose each packet with the same chance."""

    def losses(random: Random) -> Iterator[bool]:
        while True:
            yield random.random() < share

    return losses


def in_bursts(mean: float, burst: float) -> Callable[[Random], Iterator[bool]]:
    """Gilbert-Elliott: in the bad state all is lost; `burst` packets long on average, `mean` of all lost."""

    def losses(random: Random) -> Iterator[bool]:
        bad = False
        while True:
            leave, enter = 1 / burst, mean / (1 - mean) / burst
            bad = random.random() >= leave if bad else random.random() < enter
            yield bad

    return losses


@dataclass
class Line:
    """A first-in first-out queue in front of a rate that may change in steps."""

    rates: list[tuple[float, float]]
    """(from, bit/s), the first from 0."""
    delay: float = 0.05
    """One way, seconds."""
    queue: float = 0.3
    """Seconds at which the tail is dropped."""
    losses: Callable[[Random], Iterator[bool]] = never
    jitter: float = 0.0
    """Longest extra delay, seconds; packets are not reordered by it."""
    dark: Callable[[float], bool] = lambda _: False
    """Whether nothing gets through at a time."""
    seed: int = 1
    busy_until: float = 0.0

    def __post_init__(self) -> None:
        self._random = Random(self.seed)
        self._lost = self.losses(self._random)
        self._last = 0.0

    def waiting(self, now: float) -> float:
        """Return how long a packet would wait now."""
        return max(self.busy_until - now, 0.0)

    def send(self, size: int, now: float) -> float | None:
        """Return when the packet arrives, None when it does not."""
        if self.dark(now) or self.waiting(now) > self.queue:
            return None
        self.busy_until = self._served(8 * size, max(now, self.busy_until))
        if next(self._lost):
            return None
        self._last = max(self._last, self.busy_until + self.delay + self._random.random() * self.jitter)
        return self._last

    def _served(self, bits: float, start: float) -> float:
        for i, (_, rate) in enumerate(self.rates):
            end = self.rates[i + 1][0] if i + 1 < len(self.rates) else float("inf")
            if end <= start:
                continue
            if (end - start) * rate >= bits:
                return start + bits / rate
            bits -= (end - start) * rate
            start = end
        raise AssertionError("the last rate never ends")


@dataclass
class Moment:
    """What was so at one time, every tenth of a second."""

    at: float
    target: float
    waiting: float
    received: int
    """Bytes in all."""
    queue_delay: float
    loss: float


@dataclass
class Call:
    """One viewer: sound always, pictures as the target allows, up to `demand`."""

    line: Line
    probing: bool = True
    demand: Callable[[float], float] = lambda _: float("inf")
    """Bit/s there are to send at a time."""
    wanted: float = 4e6
    foreign: float = 0.0
    """Bit/s of somebody else's sound on the same line."""
    layers: tuple[float, ...] = ()
    """Bit/s of the pictures there are to choose from; none: any rate."""
    feedback_lost: float = 0.0
    """Share of feedback that does not come back."""
    feedback: float = 0.1
    """Seconds between two feedbacks."""
    start: float = START
    moments: list[Moment] = field(default_factory=list)
    probes: list[tuple[float, float]] = field(default_factory=list)
    """(time, rate)."""
    sending: list[tuple[float, float]] = field(default_factory=list)
    """(time, bit/s of pictures)."""
    padding: int = 0
    """Bytes in all."""

    def __post_init__(self) -> None:
        self.estimator = Estimator(0.0, start=self.start)
        self.ring = twcc.SentRing()
        self.recorder = twcc.ArrivalRecorder(sender_ssrc=1)
        self.received = 0
        self._random = Random(self.line.seed)
        self.over_using: list[float] = []
        self._sequence = 65_000  # wraps soon
        self._order = 0
        self._events: list[tuple[float, int, Callable[[float], None]]] = []
        self._debt = 0.0
        self._at(0.0, self._audio)
        self._at(0.005, self._frame)
        self._at(self.feedback, self._feedback)
        if self.foreign:
            self._at(0.003, self._foreign)

    def run(self, until: float) -> "Call":
        while self._events[0][0] < until:
            at, _, event = heapq.heappop(self._events)
            event(at)
        return self

    def between(self, start: float, end: float) -> list[Moment]:
        return [moment for moment in self.moments if start <= moment.at < end]

    def target(self, start: float, end: float) -> float:
        """Return the mean target, bit/s."""
        moments = self.between(start, end)
        return sum(moment.target for moment in moments) / len(moments)

    def goodput(self, start: float, end: float) -> float:
        """Return the rate received, bit/s."""
        moments = self.between(start, end)
        return 8 * (moments[-1].received - moments[0].received) / (moments[-1].at - moments[0].at)

    def _at(self, time: float, event: Callable[[float], None]) -> None:
        self._order += 1
        heapq.heappush(self._events, (time, self._order, event))

    def _send(self, size: int, now: float) -> None:
        sequence = self._sequence = (self._sequence + 1) & 0xFFFF
        self.ring.sent(sequence, size, now)
        arrival = self.line.send(size, now)
        if arrival is not None:
            self._at(arrival, partial(self._arrive, sequence, size))

    def _arrive(self, sequence: int, size: int, now: float) -> None:
        self.received += size
        self.recorder.arrived(sequence, CLOCK_OFFSET + CLOCK_RATE * now)

    def _audio(self, now: float) -> None:
        self._send(AUDIO_BYTES, now)
        self._at(now + AUDIO_SECONDS, self._audio)

    def _foreign(self, now: float) -> None:
        self.line.send(AUDIO_BYTES, now)
        self._at(now + 8 * AUDIO_BYTES / self.foreign, self._foreign)

    def _frame(self, now: float) -> None:
        rate = min(self.estimator.target, self.demand(now)) - AUDIO_RATE
        if self.layers:
            rate = max((layer for layer in self.layers if layer <= rate), default=0.0)
            self.wanted = AUDIO_RATE + min((layer for layer in self.layers if layer > rate), default=0.0)
        self.sending.append((now, rate))
        self._debt = max(self._debt + rate * FRAME_SECONDS / 8, 0.0)
        sizes = [PACKET_BYTES] * int(self._debt // PACKET_BYTES)
        self._debt -= sum(sizes)
        for i, size in enumerate(sizes):
            self._at(now + FRAME_SECONDS * PACED * i / len(sizes), partial(self._send, size))
        self._at(now + FRAME_SECONDS, self._frame)

    def _feedback(self, now: float) -> None:
        for packet in self.recorder.build(CLOCK_OFFSET + CLOCK_RATE * now):
            padding = packet[-1] if packet[0] & 0x20 else 0
            feedback = twcc.parse(packet[FEEDBACK_HEADER : len(packet) - padding])
            if self._random.random() >= self.feedback_lost:
                self._at(now + self.line.delay, partial(self._acknowledge, feedback))
        self.moments.append(
            Moment(
                now,
                self.estimator.target,
                self.line.waiting(now),
                self.received,
                self.estimator.queue_delay,
                self.estimator.loss,
            )
        )
        self._at(now + self.feedback, self._feedback)

    def _acknowledge(self, feedback: twcc.TransportFeedback, now: float) -> None:
        rtt = 2 * self.line.delay + self.line.waiting(now)
        packets = self.ring.acknowledge(feedback, now)
        self.estimator.acknowledged(packets, now, rtt, unheard=self.ring.unheard)
        if self.estimator.over_using:
            self.over_using.append(now)
        probe = self.estimator.probe(now, self.wanted) if self.probing else None
        if probe is None:
            return
        self.probes.append((now, probe.rate))
        self.padding += probe.size
        count = max(5, -(-probe.size // PACKET_BYTES))
        size = -(-probe.size // count)
        for i in range(count):
            self._at(now + 8 * size * i / probe.rate, partial(self._send, size))
