"""Several datagrams in one system call: `sendmmsg(2)`. Linux only, like the rest of the relay's deployment.

A forwarded packet goes to every viewer at once. Python's `sendto` looks at the address anew each time and enters the
kernel once per viewer; here the addresses are kept as the kernel wants them and it is entered once per packet.
"""

import socket
import sys
from typing import Any

from cffi import FFI

SIZE = 2048  # bytes of one buffer: a datagram and libsrtp's trailer
COUNT = 32  # datagrams; more viewers than that take another call

ffi = FFI()
ffi.cdef("""
    struct iovec { void *iov_base; size_t iov_len; };
    struct msghdr {
        void *msg_name; unsigned int msg_namelen; struct iovec *msg_iov; size_t msg_iovlen;
        void *msg_control; size_t msg_controllen; int msg_flags;
    };
    struct mmsghdr { struct msghdr msg_hdr; unsigned int msg_len; };
    int sendmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags);
""")
_libc: Any = ffi.dlopen(None)


class Addressee:
    """A socket address in the kernel's form."""

    __slots__ = ("_memory", "pointer", "size")

    def __init__(self, address: tuple[str, int]) -> None:
        host, port = address
        if ":" in host:
            family, raw = socket.AF_INET6, bytes(4) + socket.inet_pton(socket.AF_INET6, host) + bytes(4)
        else:
            family, raw = socket.AF_INET, socket.inet_aton(host) + bytes(8)
        raw = family.to_bytes(2, sys.byteorder) + port.to_bytes(2) + raw
        self._memory = ffi.new("char[]", raw)
        self.pointer: Any = ffi.cast("void *", self._memory)
        self.size = len(raw)


class Batch:
    """Datagrams on their way out of one socket.

    The next one is written into `buffers[count]`, encrypted there through `pointers[count]`, and put in line by `add`.
    """

    __slots__ = ("_descriptor", "_headers", "_messages", "_spans", "buffers", "count", "failed", "pointers")

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.count = 0
        self.failed = 0
        """Datagrams the kernel did not take: a full socket buffer, or nobody there."""
        self.buffers = [bytearray(SIZE) for _ in range(COUNT)]
        self.pointers: list[Any] = [ffi.from_buffer(buffer) for buffer in self.buffers]
        spans: Any = ffi.new(f"struct iovec[{COUNT}]")
        self._messages: Any = ffi.new(f"struct mmsghdr[{COUNT}]")
        self._spans = spans
        self._headers: list[Any] = []
        for index in range(COUNT):
            spans[index].iov_base = ffi.cast("void *", self.pointers[index])
            header: Any = ffi.addressof(self._messages[index], "msg_hdr")
            header.msg_iov = spans + index
            header.msg_iovlen = 1
            self._headers.append(header)

    def add(self, size: int, addressee: Addressee) -> None:
        """Put the first `size` bytes of the current buffer in line; a full line leaves at once."""
        index = self.count
        self._spans[index].iov_len = size
        header = self._headers[index]
        header.msg_name = addressee.pointer
        header.msg_namelen = addressee.size
        self.count = index + 1
        if self.count == COUNT:
            self.flush()

    def flush(self) -> None:
        """Send what is in line, now or never."""
        count, self.count = self.count, 0
        done = 0
        while done < count:
            sent = _libc.sendmmsg(self._descriptor, self._messages + done, count - done, 0)
            if sent <= 0:  # the first of them is what failed
                self.failed += 1
                sent = 1
            done += sent
