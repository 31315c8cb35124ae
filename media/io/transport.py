"""ICE and DTLS-SRTP of one participant over the shared port. The one file that touches the private parts of aiortc,
aioice and pylibsrtp; `tests/media/io/test_transport_contract.py` fails loudly when an upgrade moves them.

aiortc's transports are used without its peer connection, receivers and senders. What it would do unsafely is done here:

- A STUN message counts only with a valid MESSAGE-INTEGRITY; a forged request gets no reply.
- Candidates the browser claims are never read, so nobody can point our checks at somebody else.
- SRTP never enters aiortc: it is decrypted here and handed on. aiortc's unbounded queue only ever sees DTLS, and few of it.
- Consent (RFC 7675) is lost by time, 30 s after the last valid answer, not by a count of late ones: a round trip of
  seconds keeps its call.
- A hanging close is cut off.

Private names used: `RTCIceGatherer._connection`, `aioice.Connection` (`_protocols`, `_local_candidates`,
`_local_candidates_start/_end`, `_queue`, `_nominated`, `build_request`, `request_received`, `data_received`,
`query_consent`, `gather_candidates`), `StunProtocol.transactions`, `RTCDtlsTransport._set_role`, `_rx_srtp`, `_tx_srtp`, `_ssl`,
`pylibsrtp.Session._srtp`, `pylibsrtp._binding`.
"""

import asyncio
import contextlib
import random
import sys
from collections.abc import Callable
from typing import Any

import aioice
import pylibsrtp
from aioice import stun
from aioice.candidate import candidate_foundation, candidate_priority
from aioice.ice import StunProtocol
from aiortc import (
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
    RTCIceGatherer,
    RTCIceParameters,
    RTCIceTransport,
)
from pylibsrtp._binding import ffi, lib

from media.core.sdp import Answer, Candidate, LocalParameters
from media.core.twcc import FORMAT, RTPFB
from media.io.batch import Addressee
from media.io.port import Address, MediaPort

_protect, _unprotect, _unprotect_rtcp = lib.srtp_protect, lib.srtp_unprotect, lib.srtp_unprotect_rtcp

CONNECT_SECONDS = 10.0
CLOSE_SECONDS = 3.0  # for DTLS and ICE together
CONSENT_SECONDS = 30.0
CONSENT_INTERVAL = 5.0
MAX_ADDRESSES = 16  # per connection; a browser has a handful
MAX_DTLS_QUEUE = 32  # datagrams; a flight has at most a dozen
MAX_IGNORED = 32  # SSRCs nobody follows whose state is kept
MAX_PUT_OFF = 8  # feedback that waits for the pulse; a browser sends one in that time, two at most
MAX_REPORTERS = 32  # SSRCs of reports; a browser uses one per m-line at most
TURN_SECONDS = 2.0  # how long a handshake may keep others waiting


OnPacket = Callable[[bytes, float], None]


class ConnectFailed(Exception):
    """ICE or DTLS did not come up in time, or the certificate is not the one of the answer."""


class PeerTransport:
    """One participant's ICE and DTLS-SRTP.

    `on_rtp` and `on_rtcp` get decrypted packets with the time they were read; `on_lost` is called once, with `consent`
    or `closed`, when an established transport is gone.
    """

    def __init__(
        self,
        port: MediaPort,
        *,
        on_rtp: OnPacket,
        on_rtcp: OnPacket,
        on_lost: Callable[[str], None],
        offers: bool = True,
    ) -> None:
        """`offers`: whether the offer is ours; who offers controls ICE (RFC 8445 §6.1.1)."""
        self.rtt = 0.0
        """Last STUN round trip in seconds."""
        self.last_heard = port.loop.time()
        """When something authenticated last came."""
        self._port = port
        self._on_rtp, self._on_rtcp, self._on_lost = on_rtp, on_rtcp, on_lost
        self._addresses: set[Address] = set()
        self._consent_at = 0.0
        self._closed = False
        self._up = False
        self._sessions: tuple[pylibsrtp.Session, pylibsrtp.Session] | None = None
        self._ignored: set[bytes] = set()
        self._reporters: set[bytes] = set()
        self._put_off: list[tuple[bytes, float]] = []
        self._inbound: Any = None  # libsrtp's own sessions, once the transport is up
        self._outbound: Any = None
        self._remote: Address = ("", 0)
        self._overhead = 0  # bytes SRTP adds; the same for every packet, so it is not read back each time
        # libsrtp works on the port's buffers in place: pylibsrtp's own methods check, copy and allocate around every call,
        # which costs half as much again as the cipher.
        self._in = memoryview(port.incoming), ffi.new("int *"), ffi.from_buffer(port.incoming)
        self._out = memoryview(port.outgoing), ffi.new("int *"), ffi.from_buffer(port.outgoing)
        self._batch = port.batch
        self._length: Any = self._out[1]
        self._addressee = Addressee(("0.0.0.0", 0))  # noqa: S104  nobody yet

        gatherer = RTCIceGatherer(iceServers=[])
        self._connection = _Connection(self, controlling=offers)
        gatherer._connection = self._connection
        self._protocol = StunProtocol(self._connection)
        self._mux = _MuxTransport(port, self)
        self._protocol.connection_made(self._mux)
        candidates = self._connection.use(self._protocol, port.announce, port.number)
        self._ice = RTCIceTransport(gatherer)
        self._dtls = RTCDtlsTransport(self._ice, [port.certificate])
        self._dtls._set_role("server")
        self._dtls.on("statechange", self._dtls_changed)
        fingerprint = next(f.value for f in port.certificate.getFingerprints() if f.algorithm == "sha-256")
        self.local = LocalParameters(
            ufrag=self._connection.local_username,
            password=self._connection.local_password,
            fingerprint=fingerprint,
            candidates=candidates,
        )
        port.register(self)

    @property
    def ufrag(self) -> str:
        """Our ICE username fragment."""
        return self.local.ufrag

    async def connect(self, answer: Answer) -> None:
        """Bring the transport up with the browser's parameters.

        Raises:
            ConnectFailed: not within the deadline.
        """
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await self._ice.start(
                    RTCIceParameters(usernameFragment=answer.ufrag, password=answer.password)
                )
                if self._ice.state != "completed":
                    raise ConnectFailed("ice")
                await self._shake_hands(answer.fingerprint)
        except TimeoutError as error:
            raise ConnectFailed("timeout") from error
        if self._dtls.state != "connected" or self._closed:
            raise ConnectFailed("dtls")
        self._remote = self._connection._nominated[1].remote_addr
        self._addressee = Addressee(self._remote)
        self._sessions = self._dtls._rx_srtp, self._dtls._tx_srtp
        self._inbound, self._outbound = (session._srtp[0] for session in self._sessions)
        ssl = self._dtls._ssl
        short = ssl is not None and ssl.get_selected_srtp_profile() == b"SRTP_AES128_CM_SHA1_80"
        self._overhead = 10 if short else 16
        self._up = True

    async def _shake_hands(self, fingerprint: str) -> None:
        """Bring DTLS up. Few handshakes run at a time, but one that takes long, over a bad line or on purpose, gives its
        turn up: it costs nothing while it waits.
        """
        async with self._port.handshakes:
            wanted = RTCDtlsFingerprint(algorithm="sha-256", value=fingerprint)
            handshake = asyncio.ensure_future(self._dtls.start(RTCDtlsParameters(fingerprints=[wanted])))
            try:
                await asyncio.wait((handshake,), timeout=TURN_SECONDS)
            except asyncio.CancelledError:
                handshake.cancel()
                raise
        await handshake

    def send_rtp(self, size: int) -> None:
        """Encrypt the first `size` bytes of the batch's current buffer and put them in line. A full socket buffer later
        means a packet that would come too late anyway. Nothing happens before the transport is up.
        """
        session = self._outbound
        if session is None:
            return
        batch, length = self._batch, self._length
        length[0] = size
        if _protect(session, batch.pointers[batch.count], length):
            self._port.counters["protect_failed"] += 1
            return
        batch.add(size + self._overhead, self._addressee)

    def send_rtcp(self, packet: bytes) -> None:
        """Encrypt and send; nothing happens before the transport is up."""
        if self._outbound is None:
            return
        view, length, cdata = self._out
        view[: len(packet)] = packet
        length[0] = len(packet)
        if not lib.srtp_protect_rtcp(self._outbound, cdata, length):
            self._port.send(view[: length[0]], self._remote)

    async def close(self) -> None:
        """Close for good. Nothing is sent or received from the first moment on, however long the rest takes."""
        if self._closed:
            return
        self._closed = True
        self._up = False
        self._inbound = self._outbound = None
        self._port.forget(self)
        for part in (self._dtls, self._ice):
            try:
                await asyncio.wait_for(part.stop(), CLOSE_SECONDS / 2)
            except Exception:  # a transport that cannot even close must not keep its room
                self._port.counters["close_failed"] += 1
        self._unlink()

    def _unlink(self) -> None:
        """Cut the circles in which all parts refer to each other: what is over is freed now, and not when the collector has
        walked over everything else a busy node remembers.
        """
        self._on_rtp = self._on_rtcp = self._on_lost = _nothing
        self._dtls.remove_all_listeners()
        self._ice.remove_all_listeners()
        for part in (self._connection, self._mux):
            part.forget_owner()

    # --- called by the port -----------------------------------------------------------------------------------

    def srtp_received(self, size: int, now: float) -> None:
        """Decrypt what the port's buffer holds and hand it on. Never raises."""
        if self._inbound is None:
            self._port.counters["early"] += 1
            return
        view, length, cdata = self._in
        try:
            if 192 <= view[1] <= 223:  # RTCP (RFC 5761 §4)
                if view[1] == RTPFB and view[0] & 0x1F == FORMAT and len(self._put_off) < MAX_PUT_OFF:
                    # Transport-wide feedback: ten times a second from every viewer, and in no hurry.
                    if not self._put_off:
                        self._port.at_pulse(self)
                    self._put_off.append((bytes(view[:size]), now))
                else:
                    self._rtcp_received(size, now)
            else:
                length[0] = size
                if _unprotect(self._inbound, cdata, length):  # forged, or a repetition
                    self._port.counters["srtp_failed"] += 1
                    return
                self.last_heard = now
                self._on_rtp(bytes(view[: length[0]]), now)
        except Exception:  # one participant's packet must never end another's call
            self._port.counters["malformed"] += 1

    def pulse(self) -> None:
        """Take the feedback that was put off, as it came."""
        put_off, self._put_off = self._put_off, []
        for data, at in put_off:
            if self._inbound is None:
                return
            self._in[0][: len(data)] = data
            try:
                self._rtcp_received(len(data), at)
            except Exception:
                self._port.counters["malformed"] += 1

    def _rtcp_received(self, size: int, now: float) -> None:
        view, length, cdata = self._in
        reporter = bytes(view[4:8])
        if reporter not in self._reporters and len(self._reporters) >= MAX_REPORTERS:
            self._port.counters["source_flood"] += 1
            return
        length[0] = size
        if _unprotect_rtcp(self._inbound, cdata, length):
            self._port.counters["srtp_failed"] += 1
            return
        self._reporters.add(reporter)
        self.last_heard = max(self.last_heard, now)
        self._on_rtcp(bytes(view[: length[0]]), now)

    def ignored(self, ssrc: bytes) -> None:
        """Note the SSRC (four bytes as they came) of a packet nobody took.

        libsrtp keeps a state for every SSRC it has ever decrypted, in a list it walks along for each packet: twenty thousand
        of them make each packet cost a quarter of a millisecond.
        """
        if ssrc in self._ignored:
            return
        if len(self._ignored) < MAX_IGNORED:
            self._ignored.add(ssrc)
        elif self._inbound is not None:
            lib.srtp_remove_stream(self._inbound, int.from_bytes(ssrc, sys.byteorder))

    def dtls_received(self, data: bytes) -> None:
        """Queue a datagram for the handshake."""
        if self._connection._queue.qsize() >= MAX_DTLS_QUEUE:
            self._port.counters["dtls_flood"] += 1
            return
        self._connection.data_received(data, 1)

    def request_received(self, message: stun.Message, address: Address) -> None:
        """Answer a connectivity check of the browser; a forged one gets nothing."""
        if (
            not message.check_message_integrity(self.local.password.encode())
            or "PRIORITY" not in message.attributes
        ):
            self._port.counters["unauthenticated"] += 1
            return
        if address not in self._addresses:
            if len(self._addresses) >= MAX_ADDRESSES:
                self._port.counters["address_flood"] += 1
                return
            self._addresses.add(address)
        self.last_heard = self._port.loop.time()
        self._connection.request_received(message, address, self._protocol)

    def response_received(self, message: stun.Message, address: Address, elapsed: float) -> bool:
        """Take the answer to a check of ours. True: it is genuine, so `address` is the participant's."""
        password = self._connection.remote_password
        if password is None or not message.check_message_integrity(password.encode()):
            self._port.counters["unauthenticated"] += 1
            return False
        transaction = self._protocol.transactions.get(message.transaction_id)
        if transaction is not None:
            transaction.response_received(message, address)
        if message.message_class != stun.Class.RESPONSE:
            return False
        self.rtt = elapsed
        self.last_heard = self._consent_at = self._port.loop.time()
        return True

    def stun_sent(self, data: bytes, address: Address) -> None:
        """Note a request going out, so that only its addressee may answer."""
        if data[0] == 0 and data[1] == 1:
            self._port.asked(data[8:20], self, address)

    # --- consent ----------------------------------------------------------------------------------------------

    async def keep_consent(self) -> None:
        """Ask for consent every 5 s and give the transport up 30 s after the last valid answer (RFC 7675 §5.1)."""
        loop = self._port.loop
        while not self._closed:
            await asyncio.sleep(CONSENT_INTERVAL * random.uniform(0.8, 1.2))  # noqa: S311  spreads load, hides nothing
            if loop.time() - self._consent_at > CONSENT_SECONDS:
                self._lost("consent")
                return
            self.probe()

    def probe(self) -> None:
        """Ask the participant for a sign of life; a valid answer counts as heard and renews consent."""
        password = self._connection.remote_password
        if self._closed or password is None:
            return
        for pair in list(self._connection._nominated.values()):
            request = self._connection.build_request(pair, nominate=False)
            request.add_message_integrity(password.encode())
            self._protocol.send_stun(request, pair.remote_addr)

    def _dtls_changed(self) -> None:
        if self._dtls.state == "closed":
            self._lost("closed")

    def _lost(self, reason: str) -> None:
        if self._up and not self._closed:
            self._up = False
            self._on_lost(reason)


class _Connection(aioice.Connection):
    """aioice's agent without sockets of its own, and with consent by time."""

    def __init__(self, owner: PeerTransport, *, controlling: bool) -> None:
        super().__init__(ice_controlling=controlling)
        self._owner = owner

    def use(self, protocol: StunProtocol, announce: tuple[str, ...], port: int) -> tuple[Candidate, ...]:
        """Take the shared port as the only local candidate and return its announced addresses."""
        candidates = tuple(
            aioice.Candidate(
                foundation=candidate_foundation("host", "udp", host),
                component=1,
                transport="udp",
                priority=candidate_priority(1, "host", 65535 - index),
                host=host,
                port=port,
                type="host",
            )
            for index, host in enumerate(announce)
        )
        protocol.local_candidate = candidates[0]
        self._protocols.append(protocol)
        self._local_candidates = list(candidates)
        self._local_candidates_start = self._local_candidates_end = True
        return tuple(Candidate(c.foundation, c.priority, c.host, c.port) for c in candidates)

    def forget_owner(self) -> None:
        """Let go of the transport this agent was part of."""
        del self._owner

    async def gather_candidates(self) -> None:
        """Nothing to gather: `use` was told everything."""

    async def query_consent(self) -> None:
        await self._owner.keep_consent()


class _MuxTransport(asyncio.DatagramTransport):
    """The shared port as one connection's datagram transport."""

    def __init__(self, port: MediaPort, owner: PeerTransport) -> None:
        super().__init__()
        self._port = port
        self._owner = owner
        self._closing = False

    def sendto(self, data: Any, addr: Any = None) -> None:
        if self._closing:
            return
        if data[0] < 4:
            self._owner.stun_sent(data, addr)
        self._port.send(data, addr)

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return default

    def is_closing(self) -> bool:
        return self._closing

    def forget_owner(self) -> None:
        """Let go of the transport this was part of."""
        self._closing = True
        del self._owner

    def close(self) -> None:
        if not self._closing:
            self._closing = True
            with contextlib.suppress(RuntimeError):  # the loop may be closing too
                self._port.loop.call_soon(self._owner._protocol.connection_lost, None)

    def abort(self) -> None:
        self.close()


def _nothing(*_: object) -> None:
    pass
