"""The browsers of the tests: found, or installed where we may, never skipped."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from .console import Failure, step
from .frontend import node_environment
from .paths import VENV


def chromium() -> Path:
    """The Chromium to test with: ``CHROMIUM``, the machine's, Debian's package, Playwright's own."""
    return (
        _given("CHROMIUM")
        or _first_on_path("chromium", "google-chrome", "google-chrome-stable")
        or _from_playwright("chromium")
        or from_debian("chromium", program="chromium")
        or _install_playwright("chromium")
        or _none("Chromium", "CHROMIUM", "chromium")
    )


def firefox() -> Path:
    """The Firefox to test with: ``FIREFOX``, the machine's, Debian's package."""
    return (
        _given("FIREFOX")
        or _first_on_path("firefox-esr", "firefox")
        or from_debian("firefox-esr", program="firefox-esr")
        or _none("Firefox", "FIREFOX", "firefox-esr")
    )


def environment() -> dict[str, str]:
    """Our environment with both browsers named in it, and a Node.js that runs the browser driver."""
    return {**node_environment(), "CHROMIUM": str(chromium()), "FIREFOX": str(firefox())}


def _given(name: str) -> Path | None:
    value = os.environ.get(name)
    if not value:
        return None
    if not Path(value).is_file():
        raise Failure(f"{name} names {value}, which is not a program.", f"Set {name} right or unset it.")
    return Path(value)


def _first_on_path(*names: str) -> Path | None:
    found = (shutil.which(name) for name in names)
    return next((Path(path) for path in found if path), None)


def from_debian(*packages: str, program: str) -> Path | None:
    """Install Debian's packages when we are root on a Debian (Ubuntu's browsers are empty shells); give the program they bring."""
    release = Path("/etc/os-release")
    debian = release.exists() and "\nID=debian" in f"\n{release.read_text()}"
    if os.geteuid() != 0 or not debian or not shutil.which("apt-get"):
        return None
    options = ["-o", "DPkg::Lock::Timeout=300", "--yes", "--no-install-recommends"]
    with step(f"Installing {packages[0]}"):
        _quiet(["apt-get", "update"])
        _quiet(["apt-get", "install", *options, *packages, "libatomic1"])
    return _first_on_path(program)


def _from_playwright(name: str) -> Path | None:
    """A browser an earlier run fetched."""
    root = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    found = sorted(root.glob(f"{name}-*/chrome-linux*/chrome"))
    return found[-1] if found else None


def _install_playwright(name: str) -> Path | None:
    with step(f"Fetching {name} by Playwright"):
        _quiet([str(VENV / "bin" / "playwright"), "install", name], node_environment())
    return _from_playwright(name)


def _none(browser: str, variable: str, package: str) -> Path:
    raise Failure(
        f"The browser tests need {browser}, which is not here and could not be installed.",
        f"As root: apt-get install {package} libatomic1 - or set {variable} to the program.",
    )


def _quiet(command: Sequence[str], variables: dict[str, str] | None = None) -> None:
    """Run an installer; whether it worked is seen by what is there afterwards."""
    subprocess.run(
        command,
        env={**(variables or os.environ), "DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
