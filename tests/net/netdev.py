"""Network namespaces and TUN devices by system calls, because a minimal machine has no `ip` command.

A namespace is a file descriptor here: it lives as long as the descriptor, and nothing is left behind when we die.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import socket
import struct
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from devtool.console import Failure

T = TypeVar("T")
TUN = Path("/dev/net/tun")

_NEWNET = 0x40000000
_TUNSETIFF = 0x400454CA
_IFF_TUN_NO_PI = 0x0001 | 0x1000
_UP_RUNNING = 0x1 | 0x40
_ADD_ROUTE, _SET_FLAGS, _SET_ADDRESS, _SET_MASK = 0x890B, 0x8914, 0x8916, 0x891C
_ROUTE_UP = 0x1
_libc = ctypes.CDLL(None, use_errno=True)


def require() -> None:
    """Say in one line what is missing when this machine cannot make networks.

    Raises:
        Failure: no network namespace or TUN device may be made here.
    """
    try:
        fd = os.open(TUN, os.O_RDWR)
    except OSError as error:
        raise Failure(
            f"The network rig needs {TUN} ({error.strerror}).", "Load the tun module; run as root."
        ) from error
    os.close(fd)
    try:
        os.close(_in_thread(_new_namespace))
    except OSError as error:
        raise Failure(
            f"The network rig may not make a network namespace ({error.strerror}).",
            "Run as root (CAP_NET_ADMIN and CAP_SYS_ADMIN).",
        ) from error


def make(device: str, address: str) -> tuple[int, int]:
    """Make a namespace with a TUN device of that address in a /24, which is its default route.

    Returns the descriptors of the namespace and of the device's other end, on which IP packets are read and written.

    Raises:
        OSError: not allowed.
    """

    def work() -> tuple[int, int]:
        namespace = _new_namespace()
        tun = os.open(TUN, os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(tun, _TUNSETIFF, struct.pack("16sH22x", device.encode(), _IFF_TUN_NO_PI))
        _configure("lo", "127.0.0.1")
        _configure(device, address)
        return namespace, tun

    return _in_thread(work)


def move(namespace: int, device: str, address: str) -> None:
    """Give the device another address, as when a computer comes into another network."""

    def work() -> None:
        enter(namespace)
        _configure(device, address)

    _in_thread(work)


def enter(namespace: int) -> None:
    """Move this thread, and what it starts, into a namespace.

    Raises:
        OSError: not allowed.
    """
    _check(_libc.setns(namespace, _NEWNET))


@contextlib.contextmanager
def inside(namespace: int) -> Iterator[None]:
    """Make sockets in a namespace; afterwards this thread is back where it was."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    enter(namespace)
    try:
        yield
    finally:
        enter(home)
        os.close(home)


def _new_namespace() -> int:
    _check(_libc.unshare(_NEWNET))
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


def _configure(device: str, address: str) -> None:
    """Set address and mask, bring it up, and send everything through it."""
    name = device.encode()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, _SET_ADDRESS, struct.pack("=16s16s", name, _address(address)))
        if device == "lo":
            fcntl.ioctl(control, _SET_FLAGS, struct.pack("=16sH14x", name, _UP_RUNNING))
            return
        fcntl.ioctl(control, _SET_MASK, struct.pack("=16s16s", name, _address("255.255.255.0")))
        fcntl.ioctl(control, _SET_FLAGS, struct.pack("=16sH14x", name, _UP_RUNNING))
        named = ctypes.create_string_buffer(name)
        anywhere = _address("0.0.0.0")
        route = struct.pack(  # struct rtentry of <linux/route.h>
            "@L16s16s16sHhLPhPLLH",
            *(0, anywhere, anywhere, anywhere, _ROUTE_UP, 0, 0, 0, 0, ctypes.addressof(named), 0, 0, 0),
        )
        with contextlib.suppress(FileExistsError):  # the address changed, the route is still there
            fcntl.ioctl(control, _ADD_ROUTE, route)


def _address(text: str) -> bytes:
    return struct.pack("=HH4s8x", socket.AF_INET, 0, socket.inet_aton(text))


def _check(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _in_thread(work: Callable[[], T]) -> T:
    """A namespace belongs to a thread: do the work in one that ends with it."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(work).result()
