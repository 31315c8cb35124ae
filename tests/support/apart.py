"""Run a command in a network of its own: `python -m tests.support.apart COMMAND …`.

Firefox gathers no candidate from 127.0.0.1, so a test with it needs another address that leads nowhere else. The new
namespace has a loopback interface only, which also answers to `ADDRESS`; nothing in it can reach the world.
"""

import ctypes
import fcntl
import os
import socket
import struct
import sys
from pathlib import Path

ADDRESS = "10.77.0.1"

_CLONE_NEWNET = 0x40000000
_CLONE_NEWUSER = 0x10000000
_SIOCADDRT = 0x890B
_SIOCSIFFLAGS = 0x8914
_SIOCSIFADDR = 0x8916
_IFF_UP_RUNNING = 0x1 | 0x40
_RTF_UP = 0x1


def _address(text: str) -> bytes:
    return struct.pack("=HH4s8x", socket.AF_INET, 0, socket.inet_aton(text))


def isolate() -> None:
    """Move this process, and whatever it starts, into the new network.

    Raises:
        OSError: not allowed, or the kernel has no network namespaces.
    """
    user, group = os.geteuid(), os.getegid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNET | (_CLONE_NEWUSER if user else 0)) != 0:
        raise OSError(ctypes.get_errno(), "the kernel does not let us make a network namespace")
    if user:
        # In a user namespace of our own we may configure its network, until the next exec; we stay who we are.
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, _SIOCSIFFLAGS, struct.pack("=16sH14x", b"lo", _IFF_UP_RUNNING))
        fcntl.ioctl(control, _SIOCSIFADDR, struct.pack("=16s16s", b"lo:1", _address(ADDRESS)))
        # A default route: without one Firefox believes there is no network at all. struct rtentry of <linux/route.h>.
        device = ctypes.create_string_buffer(b"lo")
        route = struct.pack(
            "@L16s16s16sHhLPhPLLH",
            0,
            _address("0.0.0.0"),
            _address("0.0.0.0"),
            _address("0.0.0.0"),
            _RTF_UP,
            0,
            0,
            0,
            0,
            ctypes.addressof(device),
            0,
            0,
            0,
        )
        fcntl.ioctl(control, _SIOCADDRT, route)


if __name__ == "__main__":
    isolate()
    os.environ["MEDIA_ANNOUNCE"] = ADDRESS
    os.execvp(sys.argv[1], sys.argv[1:])
