"""What the benchmarks share: percentiles, memory of a process, the machine, a time limit."""

import json
import math
import os
import signal
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from tests.support.platform import Platform


def percentile(values: Sequence[float], share: float) -> float:
    """Return the nearest-rank percentile: the smallest value that at least `share` of all are not above."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def spread(values: Sequence[float], *, digits: int = 2) -> dict[str, float | int]:
    """Return `n`, `min`, `p50`, `p95`, `p99` and `max` of some values."""
    if not values:
        return {"n": 0}
    shares = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
    found = {name: round(percentile(values, share), digits) for name, share in shares.items()}
    return {"n": len(values), "min": round(min(values), digits), **found, "max": round(max(values), digits)}


def rss_mib(pid: int) -> float:
    """Return the resident memory of a process, MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return round(int(line.split()[1]) / 1024, 1)
    raise LookupError(f"process {pid} has no VmRSS")


def cpu_seconds(pid: int) -> float:
    """Return the processor time a process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def machine() -> dict[str, Any]:
    """Return what the figures depend on."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        "",
    )
    return {
        "cores": len(os.sched_getaffinity(0)),
        "model": model,
        "kernel": os.uname().release,
        "load_average_before": round(os.getloadavg()[0], 2),
    }


def limit(seconds: int) -> None:
    """End this process with an error when it runs longer: a benchmark that hangs must not hang its caller."""

    def over(_number: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"the benchmark took longer than {seconds} s")

    signal.signal(signal.SIGALRM, over)
    signal.alarm(seconds)


def use_platform(platform: Platform) -> None:
    """Set Django up in this process on the platform's database and secrets. Its models can be imported afterwards."""
    # Benchmarks prepare rooms from within their event loop, where nobody else waits.
    ours = {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DJANGO_ALLOW_ASYNC_UNSAFE": "1",
        "LOG_LEVEL": "WARNING",
    }
    os.environ.update(platform.environment | ours)
    import django

    django.setup()


def show(result: dict[str, Any], *, as_json: bool) -> None:
    """Print the result: one JSON object, or a line a key."""
    if as_json:
        print(json.dumps(result, indent=1, ensure_ascii=False))
        return
    for name, value in result.items():
        print(f"{name:24} {json.dumps(value, ensure_ascii=False)}")
