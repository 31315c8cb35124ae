"""Calls over bad lines: `python -m tests.bench.net [--json] [--only P4,M5] [--short]`, or `bin/dev.py bench net`.

Every bar has a rig of its own: a relay, the lines and real Chromium in network namespaces (see `tests/net`). Each line is measured
before it is used; a bar whose line is not what it should be is *not run*, never passed. The lines are emulated in user space
on every machine, so that figures of different kernels compare. Keys of the JSON object:

    machine     cores, model, kernel, load_average_before
    seed        of all losses and jitter
    short       whether times were cut to fit into minutes; `seconds` in each bar says to what
    bars        for each: says, verdict (passed, failed, not run), figures (value, target, passed), checks of the lines, plots
    passed, failed, not_run    names of bars

Exit status 0 when nothing failed. Plots and the JSON are kept in `var/net/`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
import traceback
from collections.abc import Callable, Coroutine
from dataclasses import asdict
from typing import Any

from devtool.console import Failure, complain
from tests.bench.measure import machine, percentile
from tests.bench.net import bars, crowds, rooms
from tests.bench.net.plot import draw
from tests.bench.net.run import Figure, NotRunError, Run
from tests.net import netdev
from tests.net.rig import FOLDER

Bar = Callable[[Run], Coroutine[Any, Any, None] | None]
BARS: dict[str, Bar] = {**bars.BARS, **rooms.BARS, **crowds.BARS}
PROFILE_BARS = {
    "P0": ["M1"],
    "P1": ["M1", "M3"],
    "P2": ["M2", "M3"],
    "P3": ["M2"],
    "P4": ["M4", "M6"],
    "P5": ["M1", "M7"],
    "P8": ["M8", "M8-443"],
}
"""Which bars a profile's name chooses."""
TRIES = 2
"""A bar that was not run, because the machine was busy with something else, is tried once more."""
LAG_P99_MS, LAG_MOST_MS = 20.0, 200.0


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench net", description="Calls over bad lines.")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--short", action="store_true", help="some minutes in all instead of hours")
    parser.add_argument("--only", default="", help="bars or profiles, by comma: P4,M5")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    try:
        chosen = choose(options.only)
        netdev.require()
    except Failure as failure:
        complain(str(failure))
        return 2
    result = measure(chosen, short=options.short, seed=options.seed)
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "result.json").write_text(json.dumps(result, indent=1, ensure_ascii=False))
    if options.json:
        print(json.dumps(result, indent=1, ensure_ascii=False))
    return 1 if result["failed"] else 0


def choose(only: str) -> list[str]:
    """Return the bars to measure, in order.

    Raises:
        Failure: there is no such bar or profile.
    """
    if not only:
        return list(BARS)
    wanted: set[str] = set()
    for name in only.upper().split(","):
        names = [name] if name in BARS else PROFILE_BARS.get(name, [])
        if not names:
            raise Failure(
                f"There is no bar or profile {name}.", f"Bars: {', '.join(BARS)}; profiles: P0 to P8."
            )
        wanted.update(names)
    return [name for name in BARS if name in wanted]


def measure(names: list[str], *, short: bool, seed: int) -> dict[str, Any]:
    """Measure some bars one after the other, telling each on standard error as it ends."""
    about = machine()
    found: dict[str, dict[str, Any]] = {}
    loads: list[dict[str, Any]] = []
    for name in names:
        for _ in range(TRIES):
            run = Run(name, short, seed)
            found[name] = _measure(run, BARS[name])
            if found[name]["verdict"] != "not run":
                break
        loads += run.loads
        _tell(name, found[name])
    found["M12"] = _loop_lag(loads)
    _tell("M12", found["M12"])
    verdicts = {
        verdict: [name for name, bar in found.items() if bar["verdict"] == verdict.replace("_", " ")]
        for verdict in ("passed", "failed", "not_run")
    }
    return {
        "machine": about,
        "emulator": "user space",
        "seed": seed,
        "short": short,
        "bars": found,
        **verdicts,
    }


def _measure(run: Run, bar: Bar) -> dict[str, Any]:
    began = time.monotonic()
    reason = ""
    try:
        measuring = bar(run)
        if measuring is not None:  # the whole platform's bars are no coroutines
            asyncio.run(measuring)
    except NotRunError as error:
        reason = str(error)
    except Exception as error:  # the other bars are measured all the same
        traceback.print_exc()
        run.figures.append(Figure("error", f"{type(error).__name__}: {error}", "none", passed=False))
    judged = [figure.passed for figure in run.figures if figure.passed is not None]
    verdict = "not run" if reason or not judged else "passed" if all(judged) else "failed"
    return {
        "says": (bar.__doc__ or "").strip(),
        "verdict": verdict,
        "why_not_run": reason,
        "figures": [asdict(figure) for figure in run.figures],
        "measured_seconds": run.seconds,
        "took_seconds": round(time.monotonic() - began, 1),
        "checks": run.checks,
        "plots": _plots(run),
    }


def _plots(run: Run) -> list[str]:
    folder = FOLDER / "plots"
    folder.mkdir(parents=True, exist_ok=True)
    kept = []
    for trace in run.traces:
        path = folder / f"{run.bar}-{trace.title.replace(': ', '-').replace(' ', '-')}.svg"
        path.write_text(draw(trace))
        kept.append(str(path.relative_to(FOLDER.parent.parent)))
    return kept


def _loop_lag(loads: list[dict[str, Any]]) -> dict[str, Any]:
    """M12 over all runs: the relay's own worst lag of each second."""
    lags = [load["loop_lag_ms"] for load in loads if load["connections"]]
    if not lags:
        return {"says": "", "verdict": "not run", "why_not_run": "no bar was measured", "figures": []}
    figures = Run("M12", short=False, seed=0)
    figures.at_most("loop_lag_p99_ms", percentile(lags, 0.99), LAG_P99_MS)
    figures.at_most("loop_lag_max_ms", max(lags), LAG_MOST_MS)
    return {
        "says": "The relay's event loop is late by ≤ 20 ms at p99 and ≤ 200 ms ever, in all of the above.",
        "verdict": "passed" if all(figure.passed for figure in figures.figures) else "failed",
        "why_not_run": "",
        "figures": [asdict(figure) for figure in figures.figures],
        "seconds_seen": len(lags),
    }


def _tell(name: str, bar: dict[str, Any]) -> None:
    complain(f"{name}  {bar['verdict']}  {bar['says']}  {bar['why_not_run']}")
    for figure in bar["figures"]:
        mark = {True: "ok", False: "MISSED", None: ""}[figure["passed"]]
        complain(f"      {figure['name']:32} {figure['value']!s:>12}  {figure['target']:10} {mark}")


if __name__ == "__main__":
    sys.exit(main())
