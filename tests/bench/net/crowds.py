"""The bars M9 to M11: crowds of synthetic people around one or two real browsers."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

from devtool.paths import ROOT
from tests.bench.measure import cpu_seconds, rss_mib
from tests.bench.net.run import SMALL, Run, in_call
from tests.net import figures
from tests.net.network import SERVER
from tests.net.rig import Rig, first, variables

JOINERS = 9
TALKERS = 8
JOIN_SECONDS = 5.0
"""Until seven synthetic people are in the room and seen."""


async def m9_keyframes(run: Run) -> None:
    """Nine people join within 2 s: the publisher makes at most 3 key frames in each layer."""
    async with run.rig(clients=1) as rig:
        anna = await rig.person(0, "anna")
        await anna.join()
        await anna.until(
            lambda sample: figures.total([sample], figures.sent, "framesEncoded") >= 0, "sending"
        )
        await asyncio.sleep(6)
        began = run.mark("nine join")
        told = await crowd(rig, "join", JOINERS, 2.0)
        seen = figures.between(await anna.samples(), began - 0.3, time.time())
        layers = {name for sample in seen for name in sample.sent if name.startswith("c")}
        run.told("joined_within_s", told["seconds"])
        for layer in sorted(layers):
            made = sum(
                figures.growth(
                    {layer: a.sent.get(layer, {})}, {layer: b.sent.get(layer, {})}, "keyFramesEncoded"
                )
                for a, b in pairwise(seen)
            )
            run.at_most(f"keyframes {layer}", made, 3)
        await run.keep("joiners", anna)


async def m10_capacity(run: Run) -> None:
    """Ten in a room, 2 Chromium and 8 synthetic: ≤ 70 % of a core, added latency p99 ≤ 15 ms, ≤ 0.1 % not forwarded."""
    seconds = run.length("talk", full=60, short=15)
    async with run.rig(clients=2) as rig:
        people = [await rig.person(client, name, size=SMALL) for client, name in enumerate(("anna", "binh"))]
        for person in people:
            await person.join()
        for person in people:
            await in_call(person)
        talking = asyncio.create_task(crowd(rig, "talk", TALKERS - 1, seconds + JOIN_SECONDS))
        await asyncio.sleep(JOIN_SECONDS)
        hearing = asyncio.create_task(crowd(rig, "hear", 1, seconds))
        await asyncio.sleep(4)
        cpu, began = cpu_seconds(rig.relay_pid), time.monotonic()
        await asyncio.sleep(seconds - 4)
        used = (cpu_seconds(rig.relay_pid) - cpu) / (time.monotonic() - began)
        told = await hearing
        await talking
        run.at_most("relay_core", used, 0.7)
        run.at_most("late_p99_ms", told["late_p99_ms"], 15)
        run.told("late_p50_ms", told["late_p50_ms"])
        run.at_most("not_forwarded", told["lost"], 0.001)
        run.told("packets_a_second", max(load["packets_per_second"] for load in rig.loads()))
        await run.keep("ten", *people)


async def m11_soak(run: Run) -> None:
    """2,000 joins and leaves: descriptors and threads back (± 2), memory ≤ 4 MiB more than after the first tenth."""
    joins = int(run.length("joins", full=2000, short=100))
    async with run.rig(clients=1) as rig:
        await crowd(rig, "churn", max(joins // 10, 40))
        await asyncio.sleep(3)
        before = _state(rig.relay_pid)
        told = await crowd(rig, "churn", joins)
        await asyncio.sleep(3)
        after = _state(rig.relay_pid)
        run.told("seconds", told["seconds"])
        run.at_most("descriptors_more", after["descriptors"] - before["descriptors"], 2)
        run.at_most("threads_more", after["threads"] - before["threads"], 2)
        run.at_most("memory_more_mib", after["memory"] - before["memory"], 4)
        run.told("memory_mib", after["memory"])
        run.at_most("connections_left", rig.loads()[-1]["connections"], 0)


def _state(pid: int) -> dict[str, float]:
    folder = Path(f"/proc/{pid}")
    return {
        "memory": rss_mib(pid),
        "descriptors": len(list((folder / "fd").iterdir())),
        "threads": len(list((folder / "task").iterdir())),
    }


async def crowd(rig: Rig, what: str, number: int, seconds: float = 0.0) -> dict[str, Any]:
    """Run a crowd in the server's namespace and return what it says.

    Raises:
        RuntimeError: it failed; its trace is above.
    """
    command = rig.network.command(
        SERVER, *first(), sys.executable, "-m", "tests.net.crowd", what, str(number), str(seconds)
    )
    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, env=variables(), stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    if process.returncode != 0:
        raise RuntimeError(f"the crowd ({what}) ended with status {process.returncode}")
    found: dict[str, Any] = json.loads(output)
    return found


BARS = {"M9": m9_keyframes, "M10": m10_capacity, "M11": m11_soak}
