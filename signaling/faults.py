"""Telling of our own errors without a word of what people sent: an exception's message may quote it."""

import traceback
from pathlib import Path

FRAMES = 8


def describe(error: BaseException) -> str:
    """Return the kind of an error and the last places it came through."""
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    places = " > ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames)
    return f"{type(error).__name__} at {places}"
