"""`python -m tests.bench.media.estimator [--json]`: what congestion control costs per packet, in microseconds.

Feedback on a viewer's line comes ten times a second with a hundred packets each, sent as pictures are: some in a burst,
sound in between. Each figure is the least of several rounds: what the code costs, not what else the machine did.
"""

import argparse
import json
import os
import time
from collections.abc import Callable

from media.core import twcc
from media.core.estimator import Estimator

PACKETS, FEEDBACKS, ROUNDS = 100, 200, 7
INTERVAL = 0.1


def _sent() -> list[tuple[int, float]]:
    """Return (size, time) of the packets of one interval: bursts of eight and sound every 20 ms."""
    video = [(1200, 0.02 * (i // 16) + 0.001 * (i % 16)) for i in range(80)]
    audio = [(110, 0.005 * i + 0.0003) for i in range(PACKETS - len(video))]
    return sorted(video + audio, key=lambda packet: packet[1])


def _bodies(lose_every: int) -> tuple[twcc.SentRing, list[bytes]]:
    ring, recorder = twcc.SentRing(1 << 15), twcc.ArrivalRecorder(sender_ssrc=1)
    bodies: list[bytes] = []
    sequence = 0
    for i in range(FEEDBACKS):
        for size, offset in _sent():
            now = i * INTERVAL + offset
            ring.sent(sequence, size, now)
            if not lose_every or sequence % lose_every:
                recorder.arrived(sequence, now + 0.05)
            sequence = (sequence + 1) & 0xFFFF
        bodies += [packet[4:] for packet in recorder.build((i + 1) * INTERVAL)]
    return ring, bodies


def _acknowledged(lose_every: int) -> Callable[[], tuple[float, float, float]]:
    def work() -> tuple[float, float, float]:
        ring, bodies = _bodies(lose_every)
        start = time.perf_counter()
        feedbacks = [twcc.parse(body) for body in bodies]
        parsed = time.perf_counter()
        batches = [
            ring.acknowledge(feedback, (i + 1) * INTERVAL + 0.1) for i, feedback in enumerate(feedbacks)
        ]
        matched = time.perf_counter()
        estimator = Estimator(0.0)
        for i, batch in enumerate(batches):
            estimator.acknowledged(batch, (i + 1) * INTERVAL + 0.1, 0.1)
        end = time.perf_counter()
        count = PACKETS * FEEDBACKS / 1e6
        return (parsed - start) / count, (matched - parsed) / count, (end - matched) / count

    return work


def _recorded() -> tuple[float, float]:
    recorder = twcc.ArrivalRecorder(sender_ssrc=1)
    arrived = recorder.arrived
    noting = building = 0.0
    for i in range(FEEDBACKS):
        times = [(i * PACKETS + k, i * INTERVAL + offset) for k, (_, offset) in enumerate(_sent())]
        start = time.perf_counter()
        for sequence, at in times:
            arrived(sequence & 0xFFFF, at)
        noted = time.perf_counter()
        recorder.build((i + 1) * INTERVAL)
        building += time.perf_counter() - noted
        noting += noted - start
    count = PACKETS * FEEDBACKS / 1e6
    return noting / count, building / count


def measure() -> dict[str, dict[str, float]]:
    """Return microseconds per packet."""
    figures: dict[str, dict[str, float]] = {}
    for name, lose_every in (("clean", 0), ("lossy", 5)):
        rounds = [_acknowledged(lose_every)() for _ in range(ROUNDS)]
        parse, match, estimate = (min(column) for column in zip(*rounds, strict=True))
        figures[f"acknowledged_{name}"] = {
            "parse": round(parse, 3),
            "match": round(match, 3),
            "estimate": round(estimate, 3),
            "all": round(parse + match + estimate, 3),
        }
    noting, building = (min(column) for column in zip(*(_recorded() for _ in range(ROUNDS)), strict=True))
    figures["recorded"] = {
        "note": round(noting, 3),
        "build": round(building, 3),
        "all": round(noting + building, 3),
    }
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    before = {"cores": len(os.sched_getaffinity(0)), "load_average": round(os.getloadavg()[0], 2)}
    figures = measure()
    if arguments.json:
        print(json.dumps({"machine_before": before, "us_per_packet": figures}, indent=2))
        return
    for name, parts in figures.items():
        print(
            f"{name:20}", "  ".join(f"{part} {value:.2f}" for part, value in parts.items()), "us per packet"
        )


if __name__ == "__main__":
    main()
