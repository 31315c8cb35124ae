"""The emulator between real namespaces, and the rig's own honesty. Needs /dev/net/tun and CAP_NET_ADMIN."""

import socket
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.net import netdev
from tests.net.conditions import PROFILES, Line, Way, both
from tests.net.network import SERVER, SERVER_ADDRESS, Network
from tests.net.selfcheck import check

pytestmark = pytest.mark.net


@pytest.fixture
def network() -> Iterator[Network]:
    with Network(clients=2, seed=3) as network:
        yield network


def udp(network: Network, who: int) -> socket.socket:
    with netdev.inside(network.namespace(who)):
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    one.bind((network.address(who), 0))
    one.settimeout(5)
    return one


@pytest.mark.parametrize("name", ["P4", "P8"])
def test_a_line_is_what_its_profile_says(network: Network, name: str) -> None:
    checked = check(network, 0, PROFILES[name])
    assert checked.ok or check(network, 0, PROFILES[name]).wrong == []  # the machine may be busy once


def test_a_line_that_is_something_else_is_found_out(network: Network) -> None:
    class Lying(Network):
        def set(self, client: int, line: Line) -> float:
            return super().set(client, replace(line, down=replace(line.down, loss=line.down.loss * 1.6)))

    with Lying(clients=1, seed=3) as lying:
        checked = check(lying, 0, both(Way(delay=0.01, loss=0.1)))
    assert [wrong.split()[0] for wrong in checked.wrong] == ["loss_down"]


def test_clients_do_not_share_a_line(network: Network) -> None:
    network.set(0, PROFILES["P0"].dark())
    server = udp(network, SERVER)
    for client in (0, 1):
        udp(network, client).sendto(bytes((client,)), server.getsockname())
    assert server.recv(10) == b"\x01"


def test_after_a_move_packets_go_to_and_come_from_the_new_address(network: Network) -> None:
    server = udp(network, SERVER)
    network.move(0, "10.77.0.99")
    client = udp(network, 0)
    client.sendto(b"moved", server.getsockname())
    data, source = server.recvfrom(10)
    assert (data, source[0]) == (b"moved", "10.77.0.99")
    server.sendto(b"back", source)
    assert client.recv(10) == b"back"
    assert network.address(SERVER) == SERVER_ADDRESS
