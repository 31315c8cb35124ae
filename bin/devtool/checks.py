"""``dev.py check`` and ``dev.py test``: named, timed steps; all run, every failure told, none skipped."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import browser, compose, frontend, machines, run, services
from .console import Failure, complain, say
from .paths import FRONTEND, ROOT, VAR, VENV, venv_python

_PACKAGES = ["telehealth", "scheduling", "signaling", "media", "tests", "bin"]


@dataclass(frozen=True)
class Check:
    """One step: a name to choose it by, what it shows, and an action that raises :class:`Failure`."""

    name: str
    shows: str
    action: Callable[[], None]


def run_all(checks: Sequence[Check], only: Iterable[str] | None = None) -> int:
    """Run the checks, print a table at the end, give the exit status."""
    known = [check.name for check in checks]
    wanted = set(only or known)
    if unknown := wanted - set(known):
        raise Failure(f"There is no step called {', '.join(sorted(unknown))}.", f"Steps: {', '.join(known)}.")
    run.ensure_translations()
    results = []
    for check in (one for one in checks if one.name in wanted):
        say(f"\n=== {check.name}: {check.shows}")
        started = time.monotonic()
        failure = ""
        try:
            check.action()
        except Failure as error:
            failure = str(error)
            complain(failure)
        results.append((check.name, time.monotonic() - started, failure))
    say()
    for name, seconds, failure in results:
        say(f"{'FAILED' if failure else 'ok':6}  {name:14} {seconds:7.1f} s")
    failed = [name for name, _, failure in results if failure]
    say(f"\n{len(results) - len(failed)} of {len(results)} steps passed.")
    return 1 if failed else 0


def _call(command: Sequence[str], *, variables: dict[str, str] | None = None) -> None:
    done = subprocess.run(
        command, cwd=ROOT, env=variables or _variables(), stdin=subprocess.DEVNULL, check=False
    )
    if done.returncode != 0:
        shown = " ".join(command).replace(f"{VENV}/bin/", "")
        raise Failure(f"{shown} ended with status {done.returncode}.")


def _tool(name: str, *arguments: str) -> None:
    _call([str(VENV / "bin" / name), *arguments])


def _manage(*arguments: str) -> None:
    _call([str(venv_python()), "-m", "telehealth", *arguments])


def _variables() -> dict[str, str]:
    """For commands that only read code: the test settings."""
    python_path = f"{ROOT}{os.pathsep}{ROOT / 'bin'}"
    return {
        **os.environ,
        "TELEHEALTH_ENV": "test",
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "PYTHONPATH": python_path,
    }


def _lint() -> None:
    _tool("ruff", "check", *_PACKAGES)
    _tool("ruff", "format", "--check", *_PACKAGES)


def _generated() -> None:
    _call([str(venv_python()), "-m", "signaling.protocol.generate", "--check"])


def _migrations() -> None:
    """With a database, because Django also compares with the history of the one it is given."""
    command = [str(venv_python()), "-m", "telehealth", "makemigrations", "--check", "--dry-run"]
    with (
        tempfile.TemporaryDirectory(prefix="test-", dir=VAR) as state,
        services.temporary(Path(state)) as addresses,
    ):
        _call(command, variables={**_variables(), **addresses.environment()})


def _compose() -> None:
    """The real docker-compose reads the files with the example's variables; an unset one is an error."""
    for files in compose.WAYS:
        compose.read(*files)


def _pytest(*arguments: str, variables: dict[str, str] | None = None) -> None:
    _call(
        [str(venv_python()), "-m", "pytest", "-q", *arguments],
        variables={**(variables or dict(os.environ)), "DJANGO_SETTINGS_MODULE": "tests.settings"},
    )


def _python_tests() -> None:
    machines.ensure()
    _pytest("-m", "not e2e and not kill and not firefox and not net", "-n", "2")


def _frontend_static() -> None:
    frontend.ensure_modules()
    _npm("typecheck")


def _frontend_tests() -> None:
    frontend.ensure_modules()
    _npm("test")


def _npm(script: str) -> None:
    if not (FRONTEND / "package.json").exists():
        raise Failure("frontend/package.json is missing.")
    if (status := frontend.npm(["run", "--silent", script])) != 0:
        raise Failure(f"npm run {script} ended with status {status}.")


def _browser_tests() -> None:
    frontend.ensure_build()
    _pytest("-m", "e2e or kill", variables=browser.environment())


def _firefox_tests() -> None:
    """In a network of its own, whose one address Firefox takes for a real one."""
    frontend.ensure_build()
    pytest = [str(venv_python()), "-m", "pytest", "-q", "-m", "firefox"]
    variables = {**browser.environment(), "DJANGO_SETTINGS_MODULE": "tests.settings"}
    _call([str(venv_python()), "-m", "tests.support.apart", *pytest], variables=variables)


def _net_tests() -> None:
    """Relay and browsers in network namespaces of their own. Who lacks the device or the right is told by the tests."""
    frontend.ensure_modules()
    machines.ensure()
    _pytest("-m", "net", "tests/net", variables=browser.environment())


STATIC = (
    Check("lint", "style and formatting (ruff)", _lint),
    Check("types", "types (mypy --strict)", lambda: _tool("mypy", *_PACKAGES)),
    Check("imports", "import directions (import-linter)", lambda: _tool("lint-imports")),
    Check("generated", "schema and TypeScript types are current", _generated),
    Check("translations", "every text has its English", lambda: _manage("check_translations")),
    Check("migrations", "models and migrations agree", _migrations),
    Check("compose", "docker-compose.yml, alone and with TURN over TLS (docker-compose config)", _compose),
    Check("frontend-static", "types of the TypeScript (tsc, strict)", _frontend_static),
)
ALL = (
    *STATIC,
    Check("python", "unit and integration tests on real PostgreSQL and Valkey", _python_tests),
    Check("frontend", "frontend tests", _frontend_tests),
    Check("browser", "the main job and the kill tests in Chromium", _browser_tests),
    Check("firefox", "one call between Chromium and Firefox", _firefox_tests),
)
NET = Check("net", "calls over bad lines (as root, with a TUN device)", _net_tests)
"""Only when asked for by name: beside anything else a machine of two cores is too busy, and its lines are not what they say."""
