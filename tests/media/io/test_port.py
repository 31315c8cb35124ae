"""How the port reads: woken by single datagrams, looking now and then when they come all the time; and its pulse."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator

import pytest
from aioice import stun

from media.io.port import BURST, DENSE, PULSE_SECONDS, Address, MediaPort
from tests.media.rig import settled


class Recorder:
    """An endpoint that notes what it gets."""

    ufrag = "anna"

    def __init__(self, port: MediaPort) -> None:
        self.port = port
        self.got: list[bytes] = []
        self.pulses = 0
        self.changed = asyncio.Event()

    def srtp_received(self, size: int, now: float) -> None:
        self.got.append(bytes(self.port.incoming[:size]))
        self.changed.set()

    def pulse(self) -> None:
        self.pulses += 1
        self.changed.set()

    def dtls_received(self, data: bytes) -> None:
        raise AssertionError

    def request_received(self, message: stun.Message, address: Address) -> None:
        raise AssertionError

    def response_received(self, message: stun.Message, address: Address, elapsed: float) -> bool:
        raise AssertionError

    async def wait_for(self, count: int) -> None:
        async with asyncio.timeout(10):
            while len(self.got) < count:
                self.changed.clear()
                await self.changed.wait()


@pytest.fixture
async def port() -> AsyncIterator[MediaPort]:
    port = MediaPort.open("127.0.0.1", 0, announce=("127.0.0.1",))
    yield port
    port.close()


@pytest.fixture
def sock() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        yield sock


@pytest.fixture
def anna(port: MediaPort, sock: socket.socket) -> Recorder:
    recorder = Recorder(port)
    port._validated[sock.getsockname()] = recorder
    return recorder


def datagram(number: int) -> bytes:
    return b"\x80\x60" + number.to_bytes(4) + bytes(20)


async def send(
    sock: socket.socket, port: MediaPort, anna: Recorder, numbers: Iterator[int], count: int
) -> None:
    """Send one by one, each when the one before has come."""
    for _ in range(count):
        sock.sendto(datagram(next(numbers)), ("127.0.0.1", port.number))
        await anna.wait_for(len(anna.got) + 1)


async def test_a_port_with_much_to_read_looks_now_and_then_and_loses_nothing(
    port: MediaPort, sock: socket.socket, anna: Recorder
) -> None:
    numbers = iter(range(1000))
    assert not port.polling
    async with asyncio.timeout(20):
        while not port.polling:  # a machine that is busy with something else takes more than DENSE
            await send(sock, port, anna, numbers, 1)
    assert len(anna.got) >= DENSE
    await send(sock, port, anna, numbers, 5)
    assert anna.got == [datagram(number) for number in range(len(anna.got))]


async def test_more_than_one_look_can_take_is_taken_at_once(
    port: MediaPort, sock: socket.socket, anna: Recorder
) -> None:
    numbers = iter(range(1000))
    async with asyncio.timeout(20):
        while not port.polling:
            await send(sock, port, anna, numbers, 1)
    before = len(anna.got)
    for number in range(3 * BURST):
        sock.sendto(datagram(number), ("127.0.0.1", port.number))
    await anna.wait_for(before + 3 * BURST)
    assert anna.got[before:] == [datagram(number) for number in range(3 * BURST)]


async def test_a_port_that_has_become_quiet_is_woken_again(
    port: MediaPort, sock: socket.socket, anna: Recorder
) -> None:
    numbers = iter(range(1000))
    async with asyncio.timeout(20):
        while not port.polling:
            await send(sock, port, anna, numbers, 1)
        await settled(lambda: not port.polling)
    await send(sock, port, anna, numbers, 1)
    assert not port.polling


async def test_what_is_put_off_happens_at_one_moment_for_all(port: MediaPort, anna: Recorder) -> None:
    other = Recorder(port)
    at = port.on_pulse(port.loop.time())
    port.at_pulse(anna)
    port.at_pulse(other)
    async with asyncio.timeout(10):
        await anna.changed.wait()
    assert (anna.pulses, other.pulses) == (1, 1)
    assert port.loop.time() >= at - 0.002  # timers count whole milliseconds


def test_pulses_are_a_grid_on_the_clock() -> None:
    grid = MediaPort.on_pulse
    assert [grid(at * PULSE_SECONDS) / PULSE_SECONDS for at in (0.0, 0.01, 1.0, 1.5, 40.0)] == pytest.approx(
        [0, 1, 1, 2, 40]
    )
