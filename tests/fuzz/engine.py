"""Bent inputs: a valid one with a few bytes changed, cut out, doubled or put in, or no sense at all.

The short hunt of every test run lets Hypothesis choose, which makes what it finds small. The long one is ours: it tries
a hundred times as many inputs a second, and makes small what it finds by leaving out whatever can be left out.
"""

import hashlib
import time
from pathlib import Path
from random import Random

import hypothesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from tests.fuzz.targets import SEPARATOR, Target

CRASHES = Path(__file__).parents[1] / "media" / "crashes"
LOOK_EVERY = 100  # inputs between two looks at the clock
MAX_INPUT = 20_000
_EDGES = (
    0,
    1,
    2,
    3,
    0x0F,
    0x10,
    0x1F,
    0x20,
    0x3F,
    0x40,
    0x7F,
    0x80,
    0x81,
    0x9F,
    0xBE,
    0xC8,
    0xCD,
    0xF0,
    0xFE,
    0xFF,
)


def bend(target: Target, chance: Random) -> bytes:
    """Return an input to try."""
    if chance.random() < 0.1:
        return chance.randbytes(chance.randrange(300))
    data = bytearray(chance.choice(target.seeds))
    for _ in range(chance.choice((1, 1, 2, 3, 5, 12))):
        _bend_once(data, target, chance)
    return bytes(data[:MAX_INPUT])


def _bend_once(data: bytearray, target: Target, chance: Random) -> None:
    at = chance.randrange(len(data) + 1)
    length = chance.choice((1, 1, 2, 4, 8, 40))
    match chance.randrange(8):
        case 0:
            del data[at : at + length]
        case 1:
            data[at:at] = data[at : at + length]
        case 2:
            del data[max(at, 1) :]
        case 3:
            data[at:at] = chance.randbytes(length)
        case 4:
            data[at:at] = chance.choice((SEPARATOR, b"\xff" * 4, bytes(4)))
        case 5:
            data[at:at] = chance.choice(target.seeds)
        case 6 if at < len(data):
            data[at] = chance.choice(_EDGES)
        case _ if at < len(data):
            data[at] ^= 1 << chance.randrange(8)


def run(target: Target, *, examples: int) -> None:
    """Let Hypothesis try so many inputs, the same ones each time.

    Raises:
        whatever the target raised, for the smallest input found.
    """

    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    @hypothesis.given(st.randoms(use_true_random=False))
    def check(chance: Random) -> None:
        data = bend(target, chance)
        hypothesis.note(f"input: {data.hex()}")
        target.check(data)

    check()


def hunt(name: str, target: Target, *, seconds: float, seed: int) -> tuple[int, Path | None]:
    """Try inputs for so long, keep the first that breaks a promise; return how many were tried and where it is kept."""
    chance = Random(f"{name} {seed}")
    until = time.monotonic() + seconds
    tried = 0
    while time.monotonic() < until:
        for _ in range(LOOK_EVERY):
            data = bend(target, chance)
            tried += 1
            if _breaks(target, data):
                return tried, keep(name, _smaller(target, data))
    return tried, None


def _breaks(target: Target, data: bytes) -> bool:
    try:
        target.check(data)
    except Exception:
        return True
    return False


def _smaller(target: Target, data: bytes) -> bytes:
    size = len(data)
    while size:
        at = 0
        while at < len(data):
            less = data[:at] + data[at + size :]
            if _breaks(target, less):
                data = less
            else:
                at += size
        size //= 2
    return data


def keep(name: str, data: bytes) -> Path:
    """Write a crash input where it is replayed from then on."""
    folder = CRASHES / name
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{hashlib.sha256(data).hexdigest()[:16]}.bin"
    path.write_bytes(data)
    return path


def crashes(name: str) -> list[Path]:
    """Return the kept crash inputs of a target."""
    return sorted((CRASHES / name).glob("*.bin"))
