"""What is in the database at the start: migrations and the demonstration, done again only when the code changed."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

from . import database, services
from .configuration import Options
from .console import Failure, step
from .paths import CACHE, ROOT, digest, venv_python
from .supervisor import Supervisor

_YOUNG_SECONDS = 3600.0  # a prepared copy this young may be in use by another test run
_ABOVE = {"web", "api", "selftest"}  # pages and interfaces write nothing by themselves
_SOURCES = {".py", ".json", ".csv", ".toml", ".jpg", ".png", ".pdf"}


def command(*arguments: str, variables: dict[str, str]) -> str:
    """Run ``python -m telehealth …`` and give its output; raises :class:`Failure` with the end of it."""
    done = subprocess.run(
        [str(venv_python()), "-m", "telehealth", *arguments],
        cwd=ROOT,
        env=variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        tail = "\n".join((done.stdout + done.stderr).splitlines()[-12:])
        raise Failure(f"python -m telehealth {' '.join(arguments)} failed:\n{tail}")
    return done.stdout


def ensure_data(options: Options, supervisor: Supervisor, variables: dict[str, str]) -> str:
    """Migrate and load the demonstration; gives the demonstration's accounts as text to print.

    The embedded cluster carries a note of the code it was prepared by, and is not prepared again by the same.
    """
    note = options.state / "postgres" / "telehealth.prepared"
    wanted = _fingerprint(options)
    embedded = not os.environ.get("DATABASE_URL")
    if embedded and note.exists():
        prepared_by, _, accounts = note.read_text().partition("\n")
        if prepared_by == wanted:
            return accounts
    with step("Preparing the database"):
        command("migrate", "--noinput", variables=variables)
    accounts = ""
    if options.demonstration:
        with step("Loading the demonstration province"):
            command("load_demonstration", variables=variables)
            accounts = command("demonstration_accounts", variables=variables).rstrip()
    if embedded:
        note.write_text(f"{wanted}\n{accounts}")
        if not options.durable:
            _keep_in_cache(options, supervisor)
    return accounts


def take_from_cache(options: Options, cluster: database.Cluster) -> None:
    """Start a test's cluster from a prepared copy, when one was kept for this very code."""
    kept = _kept(options)
    if kept.is_dir() and not cluster.data.exists():
        cluster.data.parent.mkdir(parents=True, exist_ok=True)
        _copy(kept, cluster.data)


def _keep_in_cache(options: Options, supervisor: Supervisor) -> None:
    """Keep a copy of a freshly prepared test cluster; a cluster is only copied while it is stopped."""
    cluster = services.cluster_in(options.state, durable=False)
    supervisor.stop("postgres")
    CACHE.mkdir(parents=True, exist_ok=True)
    for old in CACHE.glob("cluster-*"):
        if time.time() - old.stat().st_mtime > _YOUNG_SECONDS:
            shutil.rmtree(old, ignore_errors=True)
    fresh = CACHE / f"new-{os.getpid()}"
    _copy(cluster.data, fresh)
    try:
        fresh.rename(_kept(options))
    except OSError:  # somebody else was first
        shutil.rmtree(fresh, ignore_errors=True)
    supervisor.start(database.program(cluster, database.find_launch(options.state)))


def _kept(options: Options) -> Path:
    return CACHE / f"cluster-{_fingerprint(options)}"


def _copy(source: Path, target: Path) -> None:
    subprocess.run(["cp", "-a", "--reflink=auto", str(source), str(target)], check=True)


def _fingerprint(options: Options) -> str:
    """Changes whenever what migrations or the demonstration write may change."""
    packages = [
        path for path in (*(ROOT / "telehealth").iterdir(), ROOT / "scheduling") if path.name not in _ABOVE
    ]
    sources = [
        path
        for package in packages
        for path in package.rglob("*")
        if path.suffix in _SOURCES and path.is_file()
    ]
    return digest(sources, salt=f"{options.demonstration}")[:32]
