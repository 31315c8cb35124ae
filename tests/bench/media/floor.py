"""The floor: what a forwarded packet costs when nothing is done but SRTP protect and `sendto`.

Run as a process of its own on the server's core; prints microseconds of CPU per packet.
"""

import os
import socket
import time

from pylibsrtp import Policy, Session

from media.core.rtp import HEADER

SIZES = [80] + [1100] * 3  # sound to picture packets as in the load
COUNT = 20_000


def measure() -> float:
    """Return CPU microseconds per packet."""
    policy = Policy(
        key=os.urandom(44),
        ssrc_type=Policy.SSRC_ANY_OUTBOUND,
        srtp_profile=Policy.SRTP_PROFILE_AEAD_AES_256_GCM,
    )
    session = Session(policy)
    payloads = [os.urandom(size) for size in SIZES]
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver,
    ):
        receiver.bind(("127.0.0.1", 0))
        address = receiver.getsockname()
        packets = [
            HEADER.pack(0x80, 96, index & 0xFFFF, index, 1 + index % len(SIZES))
            + payloads[index % len(SIZES)]
            for index in range(COUNT)
        ]
        start = time.process_time()
        for packet in packets:
            sender.sendto(session.protect(packet), address)
        return (time.process_time() - start) / COUNT * 1e6


if __name__ == "__main__":
    print(min(measure() for _ in range(3)))
