"""`python -m tests.fuzz [target ...] --seconds N`: hunt for inputs that break a promise.

The first one found is kept in `tests/media/crashes/<target>/`, where every test run replays it. Exit status 1 then.
"""

import argparse
import sys
import time

from tests.fuzz.engine import hunt
from tests.fuzz.targets import TARGETS


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument(
        "targets", nargs="*", metavar="target", help=f"of {', '.join(TARGETS)}; all by default"
    )
    parser.add_argument("--seconds", type=float, default=60, help="for each target (default %(default)s)")
    parser.add_argument("--seed", type=int, default=None, help="to repeat a hunt; by default the clock's")
    options = parser.parse_args()
    if unknown := set(options.targets) - set(TARGETS):
        parser.error(f"there is no target called {', '.join(sorted(unknown))}")
    seed = int(time.time()) if options.seed is None else options.seed
    status = 0
    for name in options.targets or TARGETS:
        tried, found = hunt(name, TARGETS[name], seconds=options.seconds, seed=seed)
        print(f"{name:10} {tried:9,} inputs, seed {seed}: {found or 'nothing'}", flush=True)
        status = status or (1 if found else 0)
    return status


if __name__ == "__main__":
    sys.exit(main())
