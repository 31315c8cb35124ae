"""Where things are in a checkout. Everything the tool writes is below ``VAR``."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VAR = ROOT / "var"
VENV = VAR / "venv"
SETUP = VAR / "setup"
CACHE = VAR / "cache"
REQUIREMENTS = ROOT / "requirements"
FRONTEND = ROOT / "frontend"


def venv_python() -> Path:
    """The interpreter of the virtual environment."""
    return VENV / "bin" / "python"


def site_packages() -> Path:
    """The folder the locked packages are installed in.

    Raises ``FileNotFoundError`` when the virtual environment has not been made.
    """
    found = sorted((VENV / "lib").glob("python3.*/site-packages"))
    if not found:
        raise FileNotFoundError(f"no virtual environment in {VENV}")
    current = VENV / "lib" / f"python3.{sys.version_info.minor}" / "site-packages"
    return current if current in found else found[-1]


def digest(paths: Iterable[Path], *, salt: str = "") -> str:
    """A hash over names and contents of files, independent of the order they are given in."""
    hasher = hashlib.sha256(salt.encode())
    for path in sorted(paths):
        hasher.update(f"{path}\0{path.stat().st_size}\0".encode())
        hasher.update(path.read_bytes())
    return hasher.hexdigest()
