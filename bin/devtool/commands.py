"""The command line of ``bin/dev.py``."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from . import bare, checks, environment, run
from .configuration import Options, usual_media_nodes
from .console import Failure, complain, say
from .frontend import node_environment
from .paths import CACHE, ROOT, VAR, venv_python
from .statefile import StateFile, only_one

_KEPT_BY_RESET = {"venv", "setup", "cache"}


def main(arguments: Sequence[str]) -> int:
    """Run one command; gives the exit status. What the person must put right is one line, not a trace."""
    options = _parser().parse_args(arguments)
    try:
        status = options.action(options)
    except Failure as failure:
        complain(f"\n{failure}")
        return 1
    except KeyboardInterrupt:
        return 130
    return int(status or 0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="dev.py", description="Set up, run and test the platform.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, text: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=text, description=text)

    one = add("run", "Start the whole platform with the demonstration province.")
    one.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    one.add_argument("--port", type=int, default=8000, help="port of the pages (default %(default)s)")
    one.add_argument(
        "--media-port", type=int, default=7901, help="UDP port of the first relay (default %(default)s)"
    )
    one.add_argument("--media-nodes", type=int, help="how many relays (default: one per core)")
    one.add_argument("--state", type=Path, default=VAR, help="folder for everything that is kept")
    one.add_argument("--no-build", action="store_true", help="do not build the frontend")
    one.add_argument("--no-demonstration", action="store_true", help="start with an empty database")
    one.add_argument(
        "--test", action="store_true", help="fast and forgetful, for tests: no waiting for the disk"
    )
    one.set_defaults(action=_run)

    one = add("test", "Run every check and every test.")
    one.add_argument("--only", action="append", metavar="NAME", help="run only this step (repeatable)")
    one.set_defaults(
        action=lambda options: _check((*checks.ALL, checks.NET) if options.only else checks.ALL, options.only)
    )

    one = add("check", "Run the checks that need no running platform.")
    one.add_argument("--only", action="append", metavar="NAME", help="run only this step (repeatable)")
    one.set_defaults(action=lambda options: _check(checks.STATIC, options.only))

    one = add("selftest", "Walk two synthetic people through the running platform; exit status = verdict.")
    one.add_argument("--json", action="store_true")
    one.add_argument("--url", default="", help="address to test (default: the running platform's own)")
    one.add_argument("--language", default="", help="vi (default) or en")
    one.add_argument("--state", type=Path, default=VAR)
    one.set_defaults(action=_selftest)

    one = add("bench", "Measure: media, join, signaling, kill, handover, net, pages, booking or soak.")
    one.add_argument("name")
    one.add_argument("options", nargs=argparse.REMAINDER, help="--json, and what the benchmark itself knows")
    one.set_defaults(action=_bench)

    one = add("services", "Start PostgreSQL and Valkey in the background and print their addresses.")
    one.add_argument("--stop", action="store_true")
    one.add_argument("--foreground", action="store_true")
    one.set_defaults(action=_services)

    one = add("reset", "Put the platform's data aside (into var/trash-…) to start afresh; packages are kept.")
    one.set_defaults(action=_reset)

    one = add("bare", "Prove `run` on a bare Debian in fresh chroots (root and debootstrap needed).")
    one.add_argument("--release", action="append", choices=bare.RELEASES)
    one.add_argument("--user", action="append", choices=bare.USERS)
    one.add_argument("--test", action="store_true", help="also run the whole `make test` there")
    one.set_defaults(action=lambda options: bare.prove(options.release, options.user, test=options.test))
    return parser


def _run(options: argparse.Namespace) -> None:
    run.run(
        Options(
            host=options.host,
            port=options.port,
            media_port=options.media_port,
            media_nodes=max(1, options.media_nodes or usual_media_nodes()),
            state=options.state.absolute(),
            build=not options.no_build,
            demonstration=not options.no_demonstration,
            durable=not options.test,
        )
    )


def _check(steps: Sequence[checks.Check], only: list[str] | None) -> int:
    environment.ensure_packages("dev")
    return checks.run_all(steps, only)


def _selftest(options: argparse.Namespace) -> int:
    written = StateFile(options.state.absolute()).read()
    variables = {**os.environ, **written.get("environment", {})}
    if "DATABASE_URL" not in variables:
        raise Failure("The platform is not running.", "Start it first: python3 bin/dev.py run")
    command = [str(venv_python()), "-m", "telehealth", "selftest", *(["--json"] if options.json else [])]
    for name in ("url", "language"):
        if value := getattr(options, name):
            command += [f"--{name}", value]
    return subprocess.run(command, cwd=ROOT, env=variables, check=False).returncode


def _bench(options: argparse.Namespace) -> int:
    environment.ensure_packages("dev")
    command = [str(venv_python()), "-m", f"tests.bench.{options.name}", *options.options]
    variables = {**node_environment(), "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'bin'}"}
    return subprocess.run(command, cwd=ROOT, env=variables, check=False).returncode


def _services(options: argparse.Namespace) -> None:
    state = VAR / "services"
    file = StateFile(state)
    if options.foreground:
        run.run_services(state)
        return
    if options.stop:
        _stop_running(state)
        return
    environment.ensure_packages("runtime")
    log = state / "log" / "services.log"
    background = None
    if not _held(state):
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            background = subprocess.Popen(
                [sys.executable, str(ROOT / "bin" / "dev.py"), "services", "--foreground"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
    while (content := file.read()).get("phase") != "ready":
        if background and background.poll() is not None:
            raise Failure(log.read_text().strip())
        time.sleep(0.05)
    for name, value in content["environment"].items():
        say(f"export {name}='{value}'")


def _reset(options: argparse.Namespace) -> None:
    with only_one(VAR):
        trash = VAR / f"trash-{time.strftime('%Y%m%d-%H%M%S')}"
        kept = ("trash-", "run.", "services", "test-", "platform-")
        moved = [path for path in sorted(VAR.iterdir()) if path.name not in _KEPT_BY_RESET]
        moved = [path for path in moved if not path.name.startswith(kept)]
        if moved:
            trash.mkdir()
        for path in moved:
            path.rename(trash / path.name)
    shutil.rmtree(CACHE, ignore_errors=True)
    say(
        f"Put aside in {trash}: delete it when you miss nothing."
        if moved
        else "There was nothing to put aside."
    )


def _held(state: Path) -> bool:
    """Whether a supervisor runs in a state folder."""
    try:
        with only_one(state):
            return False
    except Failure:
        return True


def _stop_running(state: Path) -> None:
    pid = StateFile(state).read().get("pid")
    if not pid or not _held(state):
        say("Nothing is running.")
        return
    os.kill(pid, signal.SIGTERM)
    while _held(state):
        time.sleep(0.05)
