"""What the parts cost without us, measured beside us: a bare WebSocket round trip, a bare database commit."""

import asyncio
import socket
import time
from asyncio.subprocess import DEVNULL

from websockets.asyncio.client import ClientConnection, connect

from devtool.paths import ROOT, venv_python
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
