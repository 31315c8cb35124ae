"""`python -m tests.bench.media [--json] [--quick]`: CPU per forwarded packet, ours against Janus and the floor.

Both servers are up at the same time, pinned to one core, with the same rooms; the load goes to one, then to the other,
in short turns, so that a machine that gets slower or faster meets both alike. `R8N9` is eight rooms with one publisher
and nine viewers each. Compare figures of one run only.

Each scenario is measured twice: *plain*, where both servers do the same work (forwarding, NACK, reports), and with
*feedback*, where everybody numbers packets transport-wide and tells ten times a second what came: we work out every line's
capacity from that, pace pictures and answer the publisher; Janus reads it and does nothing with it.
"""

import argparse
import asyncio
import contextlib
import json
import os
import platform
import statistics
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aioice.ice
import uvloop

from tests.bench.media import janus as janus_bench
from tests.bench.media.janus import Janus
from tests.bench.media.relay import Relay, environment

SCENARIOS = {"R1N3": (1, 3), "R1N9": (1, 9), "R8N9": (8, 9)}
MODES = {"plain": False, "feedback": True}
# Shares of what Janus takes.
TARGETS = {
    "plain": {"R1N3": 0.8, "R1N9": 0.8, "R8N9": 0.8},
    "feedback": {"R1N3": 0.8, "R8N9": 0.7},
}
CONTROL_PORT, UDP_PORT, JANUS_PORT = 21400, 21401, 21402
SERVER_CORE, CLIENT_CORE = 0, 1
ALL_CORES = sorted(os.sched_getaffinity(0))


@dataclass
class Measured:
    """What one server did in all its turns of a scenario."""

    cpu: list[float] = field(default_factory=list)
    """Microseconds per forwarded packet, by turn."""
    expected: int = 0
    received: int = 0

    def summary(self) -> dict[str, float]:
        lost = 1 - self.received / self.expected if self.expected else 0.0
        return {"us_per_packet": round(statistics.median(self.cpu), 2), "lost": round(max(lost, 0.0), 4)}


def cpu_nanoseconds(pid: int) -> int:
    """CPU time of all threads of a process, exact to the nanosecond where ticks of 10 ms would not do."""
    return sum(
        int((task / "schedstat").read_text().split()[0]) for task in Path(f"/proc/{pid}/task").iterdir()
    )


@contextlib.contextmanager
def server(command: list[str], env: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server on its core."""
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    pin(process.pid, SERVER_CORE)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(8)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def pin(pid: int, core: int) -> None:
    """Keep a process (0: this one) on one core and, where we may, ahead of what else the machine does."""
    if len(ALL_CORES) > 1:
        os.sched_setaffinity(pid, {ALL_CORES[core % len(ALL_CORES)]})
    with contextlib.suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, pid, -10)


async def turn(load: Janus | Relay, viewers: int, *, pid: int, seconds: float, into: Measured) -> None:
    """Load one server for a while and add what it cost."""
    cameras, counter = load.cameras, load.counter
    sent = sum(camera.sent for camera in cameras)
    cpu, packets = cpu_nanoseconds(pid), counter.packets
    await asyncio.gather(*(camera.run(seconds, index * 0.0137) for index, camera in enumerate(cameras)))
    seen = -1
    while counter.packets != seen:  # the last packets are on their way
        seen = counter.packets
        await asyncio.sleep(0.2)
    received = counter.packets - packets
    into.cpu.append((cpu_nanoseconds(pid) - cpu) / 1000 / max(received, 1))
    into.received += received
    into.expected += (sum(camera.sent for camera in cameras) - sent) * viewers


async def scenario(
    rooms: int,
    viewers: int,
    *,
    feedback: bool,
    relay_pid: int,
    janus_pid: int | None,
    turns: int,
    seconds: float,
) -> dict[str, Any]:
    """Measure both servers in turns."""
    ours, theirs = Measured(), Measured()
    async with contextlib.AsyncExitStack() as stack:
        relay = await Relay.connect(
            f"ws://127.0.0.1:{CONTROL_PORT}/control", rooms=rooms, viewers=viewers, feedback=feedback
        )
        stack.push_async_callback(relay.close)
        janus = None
        if janus_pid is not None:
            janus = await stack.enter_async_context(
                Janus.connected(JANUS_PORT, rooms=rooms, viewers=viewers, feedback=feedback)
            )
        warm_up = Measured()
        for number in range(turns + 1):
            length = 1.0 if number == 0 else seconds
            await turn(relay, viewers, pid=relay_pid, seconds=length, into=ours if number else warm_up)
            if janus is not None and janus_pid is not None:
                await turn(janus, viewers, pid=janus_pid, seconds=length, into=theirs if number else warm_up)
    result: dict[str, Any] = {"ours": ours.summary(), "janus": None, "ratio": None}
    if theirs.cpu:
        result["janus"] = theirs.summary()
        result["ratio"] = round(result["ours"]["us_per_packet"] / result["janus"]["us_per_packet"], 3)
    return result


def floor() -> float:
    """Return the floor, measured on the servers' core."""
    process = subprocess.Popen([sys.executable, "-m", "tests.bench.media.floor"], stdout=subprocess.PIPE)
    pin(process.pid, SERVER_CORE)
    return float(process.communicate()[0])


async def bench(*, quick: bool) -> dict[str, Any]:
    """Run all scenarios."""
    aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]
    turns, seconds = (2, 1.5) if quick else (4, 3.0)
    absent = janus_bench.missing()
    with contextlib.ExitStack() as stack:
        node = stack.enter_context(
            server([sys.executable, "-m", "tests.bench.media.relay"], environment(CONTROL_PORT, UDP_PORT))
        )
        rival: subprocess.Popen[bytes] | None = None
        if absent is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            env = janus_bench.prepare(folder, JANUS_PORT)
            rival = stack.enter_context(server(["janus", "-F", str(folder)], env))
        pin(0, CLIENT_CORE)
        await asyncio.sleep(2)  # Janus gives no sign of being ready
        scenarios: dict[str, dict[str, Any]] = {}
        for mode, feedback in MODES.items():
            scenarios[mode] = {}
            for name, (rooms, viewers) in SCENARIOS.items():
                found = await scenario(
                    rooms,
                    viewers,
                    feedback=feedback,
                    relay_pid=node.pid,
                    janus_pid=rival.pid if rival else None,
                    turns=turns,
                    seconds=seconds,
                )
                target = TARGETS[mode].get(name)
                known = target is not None and found["ratio"] is not None
                scenarios[mode][name] = found | {
                    "target": target,
                    "met": found["ratio"] <= target if known else None,
                }
    verdicts = [
        found["met"] for mode in scenarios.values() for found in mode.values() if found["met"] is not None
    ]
    return {
        "janus_missing": absent,
        "interpreter": f"{platform.python_version()}, {'optimised' if optimised() else 'not optimised'} build",
        "scenarios": scenarios,
        "floor_us_per_packet": round(floor(), 2),
        "met": all(verdicts) if verdicts else None,
    }


def optimised() -> bool:
    """Whether this Python was built with profile-guided or link-time optimisation; without, it is a fifth slower."""
    arguments = sysconfig.get_config_var("CONFIG_ARGS") or ""
    flags = sysconfig.get_config_var("PY_CORE_CFLAGS") or ""
    return "--enable-optimizations" in arguments or "-flto" in flags or "-fprofile-use" in flags


def show(result: dict[str, Any]) -> None:
    """Print the result for people."""
    print(
        f"CPU microseconds per forwarded packet (floor {result['floor_us_per_packet']}: protect and sendto)"
    )
    for mode, scenarios in result["scenarios"].items():
        print(f"{mode}:")
        for name, found in scenarios.items():
            rival = found["janus"]["us_per_packet"] if found["janus"] else result["janus_missing"]
            ratio = f"ratio {found['ratio']}" if found["ratio"] is not None else ""
            verdict = (
                ""
                if found["met"] is None
                else f"target {found['target']} {'met' if found['met'] else 'missed'}"
            )
            ours = found["ours"]
            print(
                f"  {name}  ours {ours['us_per_packet']}  janus {rival}  {ratio}  {verdict}  lost {ours['lost']}"
            )


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench media", description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="a third of the time, less exact")
    options = parser.parse_args()
    result = uvloop.run(bench(quick=options.quick))
    if options.json:
        print(json.dumps(result, indent=2))
    else:
        show(result)
    return 0


if __name__ == "__main__":
    sys.exit(main())
