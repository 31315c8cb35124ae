"""What docker-compose makes of our files, without Docker."""

from __future__ import annotations

import json
import os
import re
import subprocess
from typing import Any

from .console import Failure
from .paths import ROOT, site_packages

WAYS = (("docker-compose.yml",), ("docker-compose.yml", "deploy/turn-tls.yml"))
"""The files of an installation, without and with TURN over TLS."""
EXAMPLE = ROOT / "deploy" / "example.env"


def example() -> dict[str, str]:
    """Return all variables of the example, those that are commented out, too."""
    lines = re.finditer(r"^(?:# )?([A-Z_]+)=(\S+)$", EXAMPLE.read_text(), re.MULTILINE)
    return {line[1]: line[2] for line in lines if line[1] != "COMPOSE_FILE"}


def read(*files: str, values: dict[str, str] | None = None) -> dict[str, Any]:
    """Return the merged files with these values, the example's without.

    Raises:
        Failure: docker-compose refuses them; what it said.
    """
    named = [part for file in files for part in ("-f", str(ROOT / file))]
    done = subprocess.run(
        [str(site_packages() / "compose" / "docker-compose"), *named, "config", "--format", "json"],
        env={**os.environ, **(values or example())},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise Failure(f"docker-compose refuses {' with '.join(files)}:\n{done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found
