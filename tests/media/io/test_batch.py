"""Many datagrams, one system call, nobody else's datagram lost."""

import socket
from collections.abc import Iterator

import pytest

from media.io.batch import COUNT, Addressee, Batch


@pytest.fixture(params=["127.0.0.1", "::1"])
def sockets(request: pytest.FixtureRequest) -> Iterator[list[socket.socket]]:
    """A sender and two receivers of one family."""
    family = socket.AF_INET6 if ":" in request.param else socket.AF_INET
    opened = [socket.socket(family, socket.SOCK_DGRAM) for _ in range(3)]
    for one in opened:
        one.bind((request.param, 0))
        one.setblocking(False)
    yield opened
    for one in opened:
        one.close()


def put(batch: Batch, data: bytes, addressee: Addressee) -> None:
    batch.buffers[batch.count][: len(data)] = data
    batch.add(len(data), addressee)


def everything(sock: socket.socket) -> list[bytes]:
    found = []
    while True:
        try:
            found.append(sock.recv(2048))
        except BlockingIOError:
            return found


def test_every_datagram_goes_to_its_own_addressee_in_order(sockets: list[socket.socket]) -> None:
    sender, anna, binh = sockets
    batch = Batch(sender.fileno())
    to = [Addressee(sock.getsockname()[:2]) for sock in (anna, binh)]
    for number in range(4):
        put(batch, b"packet %d" % number, to[number % 2])
    assert everything(anna) == []
    batch.flush()
    assert everything(anna) == [b"packet 0", b"packet 2"]
    assert everything(binh) == [b"packet 1", b"packet 3"]
    assert (batch.count, batch.failed) == (0, 0)


def test_a_full_line_leaves_by_itself(sockets: list[socket.socket]) -> None:
    sender, anna, _ = sockets
    batch = Batch(sender.fileno())
    to = Addressee(anna.getsockname()[:2])
    for number in range(COUNT + 1):
        put(batch, b"%d" % number, to)
    assert everything(anna) == [b"%d" % number for number in range(COUNT)]
    batch.flush()
    assert everything(anna) == [b"%d" % COUNT]


def test_one_that_cannot_be_sent_costs_the_others_nothing(sockets: list[socket.socket]) -> None:
    sender, anna, _ = sockets
    batch = Batch(sender.fileno())
    to, nobody = Addressee(anna.getsockname()[:2]), Addressee((anna.getsockname()[0], 0))
    put(batch, b"first", to)
    put(batch, b"to port 0", nobody)
    put(batch, b"last", to)
    batch.flush()
    assert everything(anna) == [b"first", b"last"]
    assert batch.failed == 1


def test_an_empty_line_does_nothing(sockets: list[socket.socket]) -> None:
    Batch(sockets[0].fileno()).flush()
