"""What the person at the terminal reads: steps in plain words, and failures with their cure."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Failure(Exception):
    """Something the person has to put right: one sentence of what happened, one of what to do."""

    def __init__(self, happened: str, cure: str = "") -> None:
        super().__init__(happened)
        self.happened = happened
        self.cure = cure

    def __str__(self) -> str:
        return f"{self.happened} {self.cure}".strip()


def say(text: str = "") -> None:
    """Print one line, at once even when the output is a pipe."""
    print(text, flush=True)


def complain(text: str) -> None:
    """Print one line on standard error."""
    print(text, file=sys.stderr, flush=True)


@contextmanager
def step(title: str) -> Iterator[None]:
    """Name a step, show that time passes while it runs, and say how long it took."""
    started = time.monotonic()
    live = sys.stdout.isatty()
    finished = threading.Event()

    def tick() -> None:
        while not finished.wait(1.0):
            print(f"\r  {title} … {time.monotonic() - started:.0f} s", end="", flush=True)

    ticker = threading.Thread(target=tick, daemon=True)
    if live:
        print(f"  {title} …", end="", flush=True)
        ticker.start()
    outcome = "failed after"
    try:
        yield
        outcome = ""
    finally:
        finished.set()
        if live:
            ticker.join()
        took = f"{time.monotonic() - started:.1f} s"
        start = "\r" if live else ""
        say(f"{start}  {title} … {outcome + ' ' if outcome else ''}{took}")
