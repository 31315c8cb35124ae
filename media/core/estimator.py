"""How much a viewer's line carries, from transport-wide feedback (draft-ietf-rmcat-gcc-02, after libwebrtc). Pure.

- *Delay* is the main sign. When a queue grows (`media.core.delay`) the target falls below the rate that comes out, by 15 %
  (libwebrtc's 0.85) and by up to 50 % while a long queue has to drain. When it is gone the target goes back to 85 % of
  what came out, and grows: by 8 % a second, 15 % after five seconds in peace, or, close to where the queue grew last, by
  about one packet per response time (at least 4 kbit/s a second), as libwebrtc's AimdRateControl does.
- *Loss* may be the line's own or ours; `media.core.loss` finds out which. Only loss beyond the line's own counts: above 2 %
  of it the target does not grow, above 10 % it goes down to what gets through.
- *Evidence.* The target grows at most to 1.15 times what is sent; beyond that only a probe (`media.core.probing`) takes it.
- Without feedback for two seconds the rule of `media.core.bandwidth` on receiver reports takes over, and REMB caps it.

Whoever answers to delay gives way to who answers to loss only: beside a download that fills a deep buffer the target falls,
on a thin line to `FLOOR`, and comes back afterwards.
"""

from collections.abc import Sequence

from media.core.bandwidth import RateController
from media.core.delay import OVER, UNDER, DelayTrend, StandingQueue
from media.core.loss import HELD_QUEUE, LOSS_HIGH, LOSS_LOW, OUTAGE_PACKETS, OUTAGE_SECONDS, LossShare
from media.core.probing import UTILISATION, Probe, ProbeController
from media.core.throughput import Throughput
from media.core.twcc import Acknowledged

START = 300_000.0  # bit/s; libwebrtc's start, and little enough for a thin line
FLOOR = 30_000.0  # sound alone
CEILING = 12_000_000.0

BACK_OFF, BACK_OFF_MOST = 0.85, 0.5
DRAIN_SECONDS = 1.5  # in which a queue should be gone
LEAST_QUEUE, LEAST_QUEUED = 0.01, 2 * 9600  # seconds, bits; a rising line below either is noise
IDLE = 0.5  # of the target: with less sent, a cut goes by the target and not by what comes out
EMPTY_QUEUE = 0.02  # whatever the trend still says
LONG_QUEUE = 0.2  # to be drained even when it grows no more
RTT_MOST = 0.2  # between two cuts
GROWTH, GROWTH_IN_PEACE = 0.08, 0.15  # a second
PEACE_SECONDS = 5.0
NEAR = 1.1  # of the rate at which the queue grew last
FORGET_SECONDS = 30.0  # that rate
LEAST_GROWTH = 4000.0  # bit/s a second
USED, USED_STEP = 1.15, 10_000.0
PROBE_REST = 4.0  # seconds after a cut
PROBE_TRIAL = 3.0  # a cut so soon after a probe raised the target: the probe was wrong

SILENCE_SECONDS = 2.0
REMB_SECONDS = 5.0


class Estimator:
    """The estimate for one line. Rates in bit/s, times in seconds.

    Public: `target`, what to send at most; `loss`, 0–1, smoothed; `queue_delay`; `over_using`.
    """

    __slots__ = (
        "_arrivals",
        "_before_trial",
        "_ceiling",
        "_cut_at",
        "_doubted",
        "_drained",
        "_fallback",
        "_feedback_at",
        "_floor",
        "_heard",
        "_high",
        "_last_sent",
        "_link",
        "_loss",
        "_mark",
        "_probes",
        "_raised_at",
        "_remb",
        "_remb_at",
        "_sending",
        "_standing",
        "_trend",
        "_updated_at",
        "_was_over",
        "over_using",
        "target",
    )

    def __init__(
        self, now: float, *, start: float = START, floor: float = FLOOR, ceiling: float = CEILING
    ) -> None:
        self.target = start
        self.over_using = False
        self._floor, self._ceiling = floor, ceiling
        self._arrivals, self._sending = Throughput(), Throughput()
        self._trend, self._standing = DelayTrend(), StandingQueue()
        self._loss = LossShare(now)
        self._probes = ProbeController()
        self._heard = False
        self._was_over = False  # at the feedback before
        self._feedback_at = self._updated_at = now
        self._last_sent = now  # when the last packet that came was sent
        self._link: float | None = None  # the rate that came out when the queue grew last
        self._cut_at = now - PEACE_SECONDS
        self._drained = True  # since then
        self._doubted = False  # a cut that should have drained the queue whatever the line loses by itself
        self._mark: tuple[float, float] | None = None  # (since, queue): is a long queue getting shorter?
        self._raised_at = now - 2 * PROBE_TRIAL
        self._before_trial = start
        self._high = False  # much was lost in the last interval
        self._fallback: RateController | None = None
        self._remb = self._remb_at = 0.0

    @property
    def loss(self) -> float:
        return self._loss.smoothed

    @property
    def queue_delay(self) -> float:
        return self._standing.delay

    # --- with feedback --------------------------------------------------------------------------------------------

    def acknowledged(
        self, packets: Sequence[Acknowledged], now: float, rtt: float, *, unheard: int = 0
    ) -> None:
        """Take in what `SentRing.acknowledge` returned for one feedback, in the order of sending.

        `unheard` are the bytes right before them whose feedback was lost (`SentRing.unheard`).
        """
        if not packets:
            return
        self._feedback_at = now
        self._heard = True
        self._fallback = None
        self._count(packets, now, unheard)
        self._trend.take(self._probes.split(packets) or ())
        self.over_using = self._trend.state == OVER and self.queue_delay > self._least_queue()
        elapsed = min(max(now - self._updated_at, 0.0), 1.0)
        self._updated_at = now
        self._follow_delay(now, rtt, elapsed)
        if self._loss.interval(now):
            self._follow_loss(now, rtt)
        found = self._probes.result(packets, now, own_loss=self._loss.own)
        if found is not None and found > self.target and not self.over_using:
            self.target = found
            self._raised_at = now
            if self._link is not None and found > NEAR * self._link:
                self._link = None
        self._clamp()

    def _count(self, packets: Sequence[Acknowledged], now: float, unheard: int) -> None:
        """Add up rates, transit and loss. Once per packet: comparisons instead of `max` and `min`, which cost thrice."""
        received = size_received = size_total = lost = bursts = run = 0
        first_arrived, last_arrived, shortest = 1e300, -1e300, 1e300
        since, last_sent = self._loss.since, self._last_sent
        for sent, arrived, size in packets:
            size_total += size
            if arrived is None:
                if sent >= since:
                    run += 1
                continue
            size_received += size
            if arrived - sent < shortest:  # noqa: PLR1730
                shortest = arrived - sent
            if arrived < first_arrived:  # noqa: PLR1730
                first_arrived = arrived
            if arrived > last_arrived:  # noqa: PLR1730
                last_arrived = arrived
            if sent >= since:
                received += 1
            if run:
                if run < OUTAGE_PACKETS or sent - last_sent < OUTAGE_SECONDS:
                    lost += run
                    bursts += 1
                run = 0
            last_sent = sent
        if run < OUTAGE_PACKETS or packets[-1][0] - last_sent < OUTAGE_SECONDS:
            lost += run
            bursts += run > 0
        self._last_sent = last_sent
        self._loss.add(received=received, lost=lost, bursts=bursts)
        self._probes.sent(size_total)
        self._sending.add(packets[0][0], packets[-1][0], size_total, before=unheard)
        if size_received:
            came = unheard * size_received // size_total
            self._arrivals.add(first_arrived, last_arrived, size_received, before=came)
            self._standing.take(shortest, now)

    def _follow_delay(self, now: float, rtt: float, elapsed: float) -> None:
        queue = self.queue_delay
        emptying = self._trend.state == UNDER
        again, self._was_over = self._was_over, self.over_using
        if self.over_using:
            # A short queue has to show twice: once may be a machine that was busy with something else.
            if again or queue >= HELD_QUEUE:
                self._cut(now, rtt)
        elif queue > LONG_QUEUE:
            # With a queue so long less must be sent than comes out; after that it is given time to get shorter.
            if self._drained and self.target > self._through():
                self._cut(now, rtt)
            elif not emptying and not self._drains(now, rtt, queue):
                self._doubted = True
                self._cut(now, rtt)
        elif queue < HELD_QUEUE:
            if not self._drained and (not emptying or queue < EMPTY_QUEUE):
                self._drained, self._doubted = True, False
                if self._link is not None:
                    # Back to where the line was before its queue had to drain.
                    self.target = max(self.target, BACK_OFF * self._link)
            if not emptying and self._loss.excess <= LOSS_LOW and not self._loss.trying:
                self._grow(now, rtt, elapsed)

    def _least_queue(self) -> float:
        return min(max(LEAST_QUEUE, LEAST_QUEUED / (self._through() + 1)), HELD_QUEUE)

    def _through(self) -> float:
        """Return the rate to send at of which the line lets through just what came out."""
        return self._received() / (1 - self._loss.own)

    def _received(self) -> float:
        rate = self._arrivals.rate
        return self.target if rate is None else rate

    def _cut(self, now: float, rtt: float) -> None:
        through = self._through()
        sent = self._sending.rate
        # Where hardly anything is sent, what comes out says little about the line, and a busy machine looks like a short
        # queue. If the line is thin, the next feedback says so again.
        idle = self.queue_delay < HELD_QUEUE and sent is not None and sent < IDLE * self.target
        if now - self._cut_at < min(max(rtt, 0.01), RTT_MOST) and (idle or through > 0.5 * self.target):
            return
        keep = max(min(BACK_OFF, 1 - self.queue_delay / DRAIN_SECONDS), BACK_OFF_MOST)
        if now - self._raised_at < PROBE_TRIAL + rtt:
            self._probes.disappoint(now)
        if idle:
            self.target *= keep
        else:
            self.target = min(self.target, keep * (self._received() if self._doubted else through))
            self._link = through
        self._cut_at = now
        self._drained = False
        self._mark = (now, self.queue_delay)
        self._probes.hold_off(now + PROBE_REST)

    def _drains(self, now: float, rtt: float, queue: float) -> bool:
        """Return whether a long queue is getting shorter, or is too young to tell."""
        if self._mark is None:
            self._mark = (now, queue)
            return True
        since, before = self._mark
        if now - since < 1.0 + rtt:
            return True
        if queue < before - 0.05 * (now - since):
            self._mark = (now, queue)
            return True
        self._mark = None
        if self._doubted and abs(queue - before) < 0.05:
            # We send less than comes out, and the delay stays as it is: no queue of ours, a longer way.
            self._standing.forget()
            return True
        return False

    def _grow(self, now: float, rtt: float, elapsed: float) -> None:
        through, sending = self._through(), self._sending.rate
        peace = now - self._cut_at
        if self._link is not None and (through > NEAR * self._link or peace > FORGET_SECONDS):
            self._link = None
        response = 2 * (rtt + 0.1)
        if self._link is not None:
            frame = self.target / 30
            packet = frame / max(1.0, -(-frame // 9600))
            grown = self.target + elapsed * max(LEAST_GROWTH, packet / response)
        else:
            growth = GROWTH_IN_PEACE if peace > PEACE_SECONDS else GROWTH
            grown = self.target * (1 + growth) ** (elapsed / max(1.0, response))
        if sending is not None:
            self.target = max(self.target, min(grown, USED * sending + USED_STEP))

    def _follow_loss(self, now: float, rtt: float) -> None:
        loss = self._loss
        queue = self.queue_delay
        if loss.trying:
            if loss.judge(queue=queue) and not self.over_using:
                self.target = max(self.target, self._before_trial)
            return
        high, self._high = self._high, loss.excess > LOSS_HIGH
        if self._high and queue >= HELD_QUEUE:
            self._cut(now, rtt)
        # Two intervals: one alone may be a burst.
        if ((high and self._high) or loss.retrial_due(now)) and queue < HELD_QUEUE:
            self._high = False
            self._before_trial = self.target if self._drained else 0.0
            self.target = min(self.target, UTILISATION * self._received())
            self._probes.hold_off(now + PROBE_REST)
            loss.try_lower(now)
        else:
            loss.drift(queue=queue)

    # --- probing --------------------------------------------------------------------------------------------------

    def probe(self, now: float, wanted: float) -> Probe | None:
        """Return padding to send now when `wanted` bit/s is more than is known to get through, and the line is at ease."""
        if (
            not self._heard
            or self._fallback is not None
            or self.over_using
            or self.queue_delay >= HELD_QUEUE
            or self._loss.trying
            or self._loss.excess > LOSS_LOW
        ):
            return None
        return self._probes.propose(now, target=self.target, wanted=min(wanted, self._ceiling))

    # --- without feedback -----------------------------------------------------------------------------------------

    def report(self, fraction_lost: float, now: float, *, rate: float = 0.0) -> None:
        """Take in a receiver report: the share lost (0–1) and, when known, the rate sent. Used when feedback is missing."""
        if now - self._feedback_at < SILENCE_SECONDS:
            return
        if self._fallback is None:
            self._fallback = RateController(self.target)
            self._trend, self._standing = DelayTrend(), StandingQueue()
            self._arrivals, self._sending = Throughput(), Throughput()
            self.over_using = False
        self._loss.smoothed += 0.3 * (fraction_lost - self._loss.smoothed)
        self.target = self._fallback.tick(rate=rate, loss=fraction_lost)
        self._cap_by_remb(now)

    def remb(self, bitrate: float, now: float) -> None:
        """Take in a receiver's own estimate; it caps the target while feedback is missing."""
        self._remb, self._remb_at = bitrate, now
        if self._fallback is not None:
            self._cap_by_remb(now)

    def _cap_by_remb(self, now: float) -> None:
        if self._remb and now - self._remb_at < REMB_SECONDS:
            self.target = min(self.target, self._remb)
        self._clamp()

    def _clamp(self) -> None:
        self.target = min(max(self.target, self._floor), self._ceiling)
