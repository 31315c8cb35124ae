"""The embedded PostgreSQL and Valkey, started by our own launcher."""

from __future__ import annotations

import os
import signal
import stat
from pathlib import Path

import psycopg
import pytest
import redis

from devtool import database, services
from devtool.processes import await_ready, spawn, stop


def ask(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def test_both_services_run_for_the_length_of_the_block(tmp_path: Path) -> None:
    with services.temporary(tmp_path, {}) as addresses:
        version = ask(addresses.database_url, "SHOW server_version")
        with redis.from_url(addresses.redis_url) as client:
            assert client.ping()

    assert str(version).startswith("18.")
    with pytest.raises(psycopg.OperationalError):
        ask(addresses.database_url, "SELECT 1")


def test_given_addresses_replace_the_embedded_services(tmp_path: Path) -> None:
    given = {"DATABASE_URL": "postgresql://db.example/telehealth", "REDIS_URL": "redis://cache.example"}

    with services.temporary(tmp_path, given) as addresses:
        assert addresses == services.Addresses(given["DATABASE_URL"], given["REDIS_URL"])

    assert list(tmp_path.iterdir()) == []


def test_what_the_domain_needs_of_the_database_is_there(tmp_path: Path) -> None:
    with services.postgres(tmp_path) as url, psycopg.connect(url) as connection:
        for extension in ("btree_gist", "pg_trgm", "unaccent"):
            connection.execute(f"CREATE EXTENSION {extension}")
        row = connection.execute("SELECT unaccent('Nguyễn Thị Đào Ước')").fetchone()

    assert row == ("Nguyen Thi Dao Uoc",)


def test_nobody_else_may_reach_the_sockets_or_the_data(tmp_path: Path) -> None:
    with services.postgres(tmp_path):
        modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("pgsocket", "postgres")]

    assert modes == [0o700, 0o700]


@pytest.mark.parametrize("durable", [True, False])
def test_committed_rows_survive_a_killed_server(tmp_path: Path, durable: bool) -> None:
    cluster = services.cluster_in(tmp_path, durable=durable)
    launch = database.find_launch(tmp_path)
    database.prepare(cluster, launch)
    program = database.program(cluster, launch)
    with services.running(program) as first:
        database.create_database(cluster, launch)
        with psycopg.connect(cluster.url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 'signed' AS state")
        os.kill(first.pid, signal.SIGKILL)
        first.wait()

    for _ in range(
        20
    ):  # its backends may hold the shared memory for a moment; the supervisor also tries again
        second = spawn(program)
        if await_ready(second, program):
            break
        second.wait()
    try:
        assert ask(cluster.url, "SELECT state FROM kept") == "signed"
    finally:
        stop(second, program)


def test_creating_an_existing_database_changes_nothing(tmp_path: Path) -> None:
    with services.postgres(tmp_path) as url:
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE kept ()")
        cluster = services.cluster_in(tmp_path, durable=False)
        database.create_database(cluster, database.find_launch(tmp_path))

        assert ask(url, "SELECT count(*) FROM pg_tables WHERE tablename = 'kept'") == 1


def test_socket_folder_is_short_when_the_checkout_path_is_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    long = tmp_path / ("x" * 100) / "pgsocket"

    folder = database.socket_folder(long)

    assert folder.parent == tmp_path
    assert folder == database.socket_folder(long)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
