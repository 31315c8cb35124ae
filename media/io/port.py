"""The node's one UDP port: the place where strangers' datagrams die.

A datagram reaches a participant's endpoint only

- as a STUN request that names its username fragment (the endpoint then checks MESSAGE-INTEGRITY),
- as a STUN response to a request of ours, from exactly the address that was asked,
- as anything else from an address that has answered such a request ("validated").

Everything else is counted and dropped, and gets no reply at all.
"""

import asyncio
import math
import socket
from collections import Counter
from typing import Protocol

from aioice import stun
from aiortc import RTCCertificate

from media.core import stun as stun_peek
from media.io.batch import Batch

Address = tuple[str, int]

MAX_HANDSHAKES = 8
MAX_DATAGRAM = 1500
BUFFER = 2048  # a datagram and libsrtp's trailer
ANSWER_SECONDS = 40.0  # how long a STUN answer may take
SMALL = 300  # bytes; a datagram of sound or feedback
SPARSE_SECONDS = 0.002
DENSE = 16  # wake-ups close to the one before, less two for each that is not: looking now and then is cheaper
POLL_SECONDS = 0.002
BURST = 64  # datagrams read before the event loop gets its turn
SOCKET_BUFFER = 4 * 1024 * 1024
PULSE_SECONDS = 0.1  # as often as browsers send feedback


class Endpoint(Protocol):
    """One participant's end at the port."""

    @property
    def ufrag(self) -> str:
        """Our ICE username fragment towards this participant."""

    def srtp_received(self, size: int, now: float) -> None:
        """Take the first `size` bytes of the port's incoming buffer. Never raises."""

    def pulse(self) -> None:
        """Do what was put off with `at_pulse`. Never raises."""

    def dtls_received(self, data: bytes) -> None:
        """Take a datagram of the handshake."""

    def request_received(self, message: stun.Message, address: Address) -> None:
        """Take a STUN request that names our username fragment."""

    def response_received(self, message: stun.Message, address: Address, elapsed: float) -> bool:
        """Take the response to a request of ours, `elapsed` seconds old. True: it is genuine."""


class MediaPort:
    """The node's UDP port."""

    def __init__(
        self, sock: socket.socket, *, announce: tuple[str, ...], loop: asyncio.AbstractEventLoop
    ) -> None:
        self.loop = loop
        self.announce = announce
        self.counters: Counter[str] = Counter()
        self.incoming = bytearray(BUFFER)
        """The datagram being read; it is decrypted in place."""
        self.outgoing = bytearray(BUFFER)
        """The feedback being sent; it is encrypted in place."""
        self.batch = Batch(sock.fileno())
        """The packets being sent."""
        self.certificate = RTCCertificate.generateCertificate()
        self.handshakes = asyncio.Semaphore(MAX_HANDSHAKES)
        self._socket = sock
        self._endpoints: dict[str, Endpoint] = {}  # by our username fragment
        self._validated: dict[Address, Endpoint] = {}
        self._asked: dict[bytes, tuple[Endpoint, Address, float]] = {}  # our STUN requests by transaction
        self._read_at = 0.0
        self._density = 0
        self._polling: asyncio.TimerHandle | None = None
        self._waiting: list[Endpoint] = []
        loop.add_reader(sock.fileno(), self._readable)

    @classmethod
    def open(cls, host: str, port: int, *, announce: tuple[str, ...]) -> "MediaPort":
        """Bind the port and listen on the running loop.

        Raises:
            OSError: the address cannot be bound.
        """
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_DGRAM)
        try:
            sock.setblocking(False)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SOCKET_BUFFER)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SOCKET_BUFFER)
            if family == socket.AF_INET6:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            sock.bind((host, port))
        except OSError:
            sock.close()
            raise
        return cls(sock, announce=announce, loop=asyncio.get_running_loop())

    @property
    def number(self) -> int:
        """The port number."""
        return int(self._socket.getsockname()[1])

    @property
    def idle(self) -> bool:
        """Whether nothing is remembered of any connection."""
        return not (self._endpoints or self._validated or self._asked)

    @property
    def polling(self) -> bool:
        """Whether so much comes that the port looks now and then, instead of being woken."""
        return self._polling is not None

    def close(self) -> None:
        """Stop listening. Connections must be closed before."""
        self.loop.remove_reader(self._socket.fileno())
        if self._polling is not None:
            self._polling.cancel()
        self._socket.close()

    def send(self, data: bytes | memoryview, address: Address) -> None:
        """Send now or never."""
        try:
            self._socket.sendto(data, address)
        except OSError:
            self.counters["send_failed"] += 1

    @staticmethod
    def on_pulse(at: float) -> float:
        """Return the first pulse at or after a moment of the loop's clock.

        On a quiet node nearly all of a step's cost is that of waking up: code and data are long out of the caches. So what
        need not happen at once happens at common moments, one step right after the other.
        """
        return math.ceil(at / PULSE_SECONDS) * PULSE_SECONDS

    def at_pulse(self, endpoint: Endpoint) -> None:
        """Call the endpoint's `pulse` at the next one, once for every call of this."""
        if not self._waiting:
            self.loop.call_at(self.on_pulse(self.loop.time()), self._pulse)
        self._waiting.append(endpoint)

    def _pulse(self) -> None:
        waiting, self._waiting = self._waiting, []
        for endpoint in waiting:
            endpoint.pulse()

    # --- receiving --------------------------------------------------------------------------------------------

    def _readable(self) -> None:
        now = self.loop.time()
        before, self._read_at = self._read_at, now
        close = now - before < SPARSE_SECONDS
        # Where packets are few, nothing waits behind a picture's last one (marker bit) or one of sound, and asking costs a
        # system call. If something does wait, the event loop comes back at once.
        count = self._read(now, ask=close)
        self._density = self._density + 1 if close else max(self._density - 2, 0)
        if self._density >= DENSE:
            self.loop.remove_reader(self._socket.fileno())
            self._look_again(count)

    def _look_again(self, count: int) -> None:
        """Look for datagrams in a while, or at once when `count` says that not all were taken.

        Where packets come all the time, waking up for each costs more than the packet. So a busy port looks every
        `POLL_SECONDS`, and many packets share what one costs.
        """
        self._polling = self.loop.call_later(0.0 if count >= BURST else POLL_SECONDS, self._poll)

    def _poll(self) -> None:
        self._read_at = now = self.loop.time()
        count = self._read(now, ask=True)
        self._density = min(self._density + 1, DENSE) if count > 1 else self._density - 1
        if self._density > 0:
            self._look_again(count)
        else:
            self._polling = None
            self.loop.add_reader(self._socket.fileno(), self._readable)

    def _read(self, now: float, *, ask: bool) -> int:
        """Take datagrams, return how many; with `ask` until none is left. What they set off leaves at the end."""
        receive = self._socket.recvfrom_into
        view = self.incoming
        validated = self._validated
        count = 0
        while count < BURST:
            try:
                size, address = receive(view)
            except BlockingIOError:
                break
            except OSError:  # an ICMP error of an earlier send
                self.counters["receive_failed"] += 1
                count += 1
                continue
            count += 1
            if len(address) > 2:  # IPv6
                address = address[:2]
            # First byte 128–191: SRTP or SRTCP (RFC 7983).
            endpoint = validated.get(address)
            if endpoint is not None and 12 <= size <= MAX_DATAGRAM and 127 < view[0] < 192:
                last = not ask and (size < SMALL or view[1] > 127)
                endpoint.srtp_received(size, now)
                if last:
                    break
            else:
                self._other(bytes(view[:size]), address)
        if self.batch.count:
            self.batch.flush()
        return count

    def _other(self, data: bytes, address: Address) -> None:
        try:
            if not data:
                self.counters["empty"] += 1
            elif len(data) > MAX_DATAGRAM:
                self.counters["oversized"] += 1
            elif data[0] < 4:
                self._stun(data, address)
            else:
                endpoint = self._validated.get(address)
                if endpoint is None:
                    self.counters["stray"] += 1
                elif 127 < data[0] < 192:
                    self.counters["malformed"] += 1
                else:
                    endpoint.dtls_received(data)
        except Exception:  # whatever a stranger sends must not reach the event loop
            self.counters["malformed"] += 1

    def _stun(self, data: bytes, address: Address) -> None:
        kind, transaction, username = stun_peek.peek(data)
        if kind == stun_peek.BINDING_REQUEST:
            endpoint = self._endpoints.get(username.partition(":")[0]) if username else None
            if endpoint is None:
                self.counters["unknown_username"] += 1
                return
            endpoint.request_received(stun.parse_message(data), address)
            return
        asked = self._asked.get(transaction)
        if (
            asked is None
            or asked[1] != address
            or kind
            not in (
                stun_peek.BINDING_RESPONSE,
                stun_peek.BINDING_ERROR,
            )
        ):
            self.counters["unasked_answer"] += 1
            return
        endpoint = asked[0]
        if endpoint.response_received(stun.parse_message(data), address, self.loop.time() - asked[2]):
            del self._asked[transaction]
            self._validated[address] = endpoint

    # --- connections ------------------------------------------------------------------------------------------

    def register(self, endpoint: "Endpoint") -> None:
        """Let `endpoint` get what is meant for it from now on."""
        self._endpoints[endpoint.ufrag] = endpoint

    def forget(self, endpoint: "Endpoint") -> None:
        """Drop everything that leads to `endpoint`."""
        self._endpoints.pop(endpoint.ufrag, None)
        self._validated = {a: t for a, t in self._validated.items() if t is not endpoint}
        self._asked = {k: v for k, v in self._asked.items() if v[0] is not endpoint}

    def asked(self, transaction: bytes, endpoint: "Endpoint", address: Address) -> None:
        """Remember a STUN request of ours."""
        now = self.loop.time()
        if len(self._asked) > 64 * (len(self._endpoints) + 1):
            self._asked = {k: v for k, v in self._asked.items() if now - v[2] < ANSWER_SECONDS}
        self._asked[transaction] = (endpoint, address, now)
