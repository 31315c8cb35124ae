"""A voice for the fake microphones: speech-like, without pauses, so that whatever is missing was lost.

Chromium's own beep is silent most of the time, and silence that is made up by the receiver does not count as concealment.
"""

from __future__ import annotations

import math
import random
import struct
import wave
from pathlib import Path

RATE = 48_000
SECONDS = 6.0
FORMANTS = ((700.0, 130.0, 1.0), (1220.0, 170.0, 0.5), (2600.0, 250.0, 0.25))
"""Centre and width in Hz, and height, of an open vowel's formants."""
HARMONICS = 24
PEAK = 0.6


def write(path: Path, seed: int = 1) -> None:
    """Write a WAV file, mono, 16 bit, that can be played in a loop."""
    samples = voice(random.Random(seed))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(struct.pack(f"<{len(samples)}h", *(int(32767 * PEAK * one) for one in samples)))


def voice(chance: random.Random, seconds: float = SECONDS) -> list[float]:
    """Return syllables of 120 to 280 ms one after the other, each with its own pitch and vowel; within -1 to 1."""
    samples: list[float] = []
    phase = 0.0
    while len(samples) < seconds * RATE:
        count = int(chance.uniform(0.12, 0.28) * RATE)
        pitch, glide, shift = chance.uniform(105, 190), chance.uniform(-25, 25), chance.uniform(0.8, 1.25)
        heights = [
            sum(
                height * math.exp(-(((number * pitch - centre * shift) / width) ** 2))
                for centre, width, height in FORMANTS
            )
            + 0.3 / number
            for number in range(1, HARMONICS + 1)
        ]
        total = sum(heights)
        for index in range(count):
            part = index / count
            phase += (pitch + glide * part) / RATE
            loud = 0.25 + 0.75 * math.sin(math.pi * part)  # never silent between syllables
            wave_now = sum(
                height * math.sin(2 * math.pi * number * phase) for number, height in enumerate(heights, 1)
            )
            samples.append(loud * wave_now / total)
    return samples
