"""A call on a machine that has time for it: a busy one is a bad line of its own, and says nothing about ours."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps

from tests.net.conditions import PROFILES
from tests.net.rig import Rig

TRIES = 2
LATE_SECONDS = 0.015
"""The lines may deliver so late at p99."""
LOOK_SECONDS = 0.6
"""A page that looks five times a second and comes to it less often than this (p95) has no processor to decode sound with."""


class TooBusyError(Exception):
    """Nothing can be said: the machine did other things meanwhile."""


def on_a_calm_machine(
    *, clients: int, seed: int = 5
) -> Callable[[Callable[[Rig], Awaitable[None]]], Callable[[], Awaitable[None]]]:
    """Give a test a rig with clear lines of 20 ms. When the machine was too busy the test is repeated, once."""

    def with_rig(test: Callable[[Rig], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        @wraps(test)
        async def run() -> None:
            for left in reversed(range(TRIES)):
                failed: Exception | None = None
                async with Rig(clients=clients, seed=seed) as rig:
                    for client in range(clients):
                        rig.network.set(client, PROFILES["P0"])
                    try:
                        await test(rig)
                    except (AssertionError, TimeoutError) as error:
                        failed = error
                    busy = await why_busy(rig)
                if not busy:
                    if failed is not None:
                        raise failed
                    return
                if not left:
                    raise TooBusyError(f"Not run, {TRIES} times: {busy}.") from failed

        del run.__wrapped__  # pytest would take the rig for a fixture
        return run

    return with_rig


async def why_busy(rig: Rig) -> str:
    """Return what shows that the machine had no time for a run; empty when it had."""
    late = rig.network.late()
    if late > LATE_SECONDS:
        return f"the lines delivered {late * 1000:.0f} ms late (p99)"
    looks = await rig.looks()
    if looks > LOOK_SECONDS:
        return f"the browsers came to look only every {looks:.1f} s (p95) instead of every 0.2 s"
    return ""
