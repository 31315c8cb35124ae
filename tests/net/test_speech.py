"""The voice of the fake microphones."""

import random

from tests.net.speech import RATE, voice


def test_the_voice_never_pauses() -> None:
    samples = voice(random.Random(1), seconds=0.5)
    window = RATE // 50  # what one Opus packet carries
    loudest = [max(map(abs, samples[at : at + window])) for at in range(0, len(samples) - window, window)]
    assert max(loudest) <= 1
    assert min(loudest) > 0.02
