"""What the parts cost without us, measured beside us: a bare WebSocket round trip, a bare database commit."""

import asyncio
import random
import socket
import threading
import time
from asyncio.subprocess import DEVNULL

from websockets.asyncio.client import ClientConnection, connect

from devtool.paths import ROOT, venv_python
from tests.bench.http import Line
from tests.bench.measure import spread

FLOOR_SECONDS = 5


async def echo_floor(seats: int) -> dict[str, float | int]:
    """Return the round trip of the same number of sockets at the same pace through a Daphne that only echoes."""
    port = free_port()
    command = [str(venv_python()), "-m", "daphne", "-v", "0", "-p", str(port), "tests.bench.echo:application"]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=DEVNULL, stderr=DEVNULL)
    try:
        await _listening(port)
        sockets = [
            await connect(f"ws://127.0.0.1:{port}/", proxy=None, compression=None) for _ in range(seats)
        ]
        trips: list[float] = []

        async def speak(number: int, socket: ClientConnection) -> None:
            begin = time.perf_counter() + number / seats
            for turn in range(FLOOR_SECONDS):
                await asyncio.sleep(max(0.0, begin + turn - time.perf_counter()))
                at = time.perf_counter()
                await socket.send("x" * 200)
                await socket.recv()
                trips.append((time.perf_counter() - at) * 1000)

        await asyncio.gather(*(speak(number, socket) for number, socket in enumerate(sockets)))
        await asyncio.gather(*(socket.close() for socket in sockets))
        return spread(trips)
    finally:
        process.terminate()
        await asyncio.wait_for(process.wait(), 10)


def commit_floor(times: int = 400) -> dict[str, float | int]:
    """Return the time of inserting and committing one row on the platform's own PostgreSQL."""
    from django.db import connection

    trips = []
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_floor (id bigserial PRIMARY KEY, body text)")
        try:
            for _ in range(times):
                at = time.perf_counter()
                cursor.execute("INSERT INTO bench_floor (body) VALUES (%s)", ["x" * 200])
                trips.append((time.perf_counter() - at) * 1000)
        finally:
            cursor.execute("DROP TABLE bench_floor")
    return spread(trips)


def bare_bookings(seconds: float, threads: int = 8) -> int:
    """Return how many bare booking transactions a second the platform's PostgreSQL takes from so many connections.

    BEGIN, one INSERT that an exclusion constraint may refuse, COMMIT; nothing looked up, nothing audited.
    """
    import psycopg
    from django.db import connection

    connection.ensure_connection()
    where = {
        name: value
        for name, value in connection.get_connection_params().items()
        if name in {"dbname", "user", "password", "host", "port"}
    }
    table = "bench_booking"
    made = [0] * threads

    def book(number: int) -> None:
        chance = random.Random(number)
        deadline = time.perf_counter() + seconds
        with psycopg.connect(**where) as line:
            while time.perf_counter() < deadline:
                start = chance.randrange(10**9)
                with line.transaction():
                    line.execute(
                        f"INSERT INTO {table} VALUES (%s, int8range(%s, %s)) ON CONFLICT DO NOTHING",
                        [chance.randrange(20), start, start + 15],
                    )
                made[number] += 1

    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TABLE {table} (person bigint, during int8range, EXCLUDE USING gist (person WITH =, during WITH &&))"
        )
    try:
        workers = [threading.Thread(target=book, args=[n]) for n in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE {table}")
    return round(sum(made) / seconds)


async def http_floor(lines: int, seconds: float) -> int:
    """Return how many requests a second a Daphne answers that only answers, asked by the benchmarks' own client."""
    port = free_port()
    command = [str(venv_python()), "-m", "daphne", "-v", "0", "-p", str(port), "tests.bench.echo:application"]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=DEVNULL, stderr=DEVNULL)
    try:
        await _listening(port)
        deadline = time.perf_counter() + seconds
        answered = 0

        async def ask() -> None:
            nonlocal answered
            async with Line(f"http://127.0.0.1:{port}") as line:
                while time.perf_counter() < deadline:
                    await line.ask("POST", "/", body={"x": "x" * 200})
                    answered += 1

        await asyncio.gather(*(ask() for _n in range(lines)))
        return round(answered / seconds)
    finally:
        process.terminate()
        await asyncio.wait_for(process.wait(), 10)


def free_port() -> int:
    """Return a TCP port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _listening(port: int, seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            _reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return
