"""PostgreSQL and Valkey together: what the platform and every test need, embedded or given by address."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from . import cache, database
from .console import Failure
from .processes import Program, await_ready, last_lines, spawn, stop


@dataclass(frozen=True)
class Addresses:
    """Where the two services answer."""

    database_url: str
    redis_url: str

    def environment(self) -> dict[str, str]:
        """The two variables the settings read."""
        return {"DATABASE_URL": self.database_url, "REDIS_URL": self.redis_url}


@contextmanager
def running(program: Program) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program for the length of a block; raises :class:`Failure` when it does not come up."""
    child = spawn(program)
    try:
        if not await_ready(child, program):
            raise Failure(f"{program.name} did not start:\n{last_lines(program.log)}")
        yield child
    finally:
        stop(child, program)


@contextmanager
def valkey(state: Path) -> Iterator[str]:
    """Run a Valkey of its own below ``state`` and give its address."""
    sockets = database.socket_folder(state / "valkey")
    with running(cache.program(sockets, state / "log" / "valkey.log")):
        yield cache.url(sockets)


@contextmanager
def postgres(state: Path, *, durable: bool = False) -> Iterator[str]:
    """Run a PostgreSQL of its own below ``state`` and give the address of its database."""
    cluster = cluster_in(state, durable=durable)
    launch = database.find_launch(state)
    database.prepare(cluster, launch)
    with running(database.program(cluster, launch)):
        database.create_database(cluster, launch)
        yield cluster.url


@contextmanager
def temporary(state: Path, given: Mapping[str, str] = os.environ) -> Iterator[Addresses]:
    """Run what is not given by ``DATABASE_URL`` and ``REDIS_URL``, not durable, for the length of a block."""
    with ExitStack() as stack:
        yield Addresses(
            database_url=given.get("DATABASE_URL") or stack.enter_context(postgres(state)),
            redis_url=given.get("REDIS_URL") or stack.enter_context(valkey(state)),
        )


def cluster_in(state: Path, *, durable: bool) -> database.Cluster:
    """The cluster a state folder holds."""
    return database.Cluster(
        data=state / "postgres",
        sockets=database.socket_folder(state / "pgsocket"),
        log=state / "log" / "postgres.log",
        durable=durable,
    )
