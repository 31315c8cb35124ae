"""`python -m media`: one media node.

SIGTERM or SIGINT drains: no new connections, and the web processes hear at once that the rooms are to go elsewhere. Media
flows on meanwhile: everybody leaves when their connection to the other node is up. The node stops when the last has left, when
nobody begins to (there is no other node), or after the grace period. A second signal stops at once.
"""

import asyncio
import contextlib
import gc
import logging
import signal
import sys
import uuid

import uvloop

from media.config import BadConfig, Config, read_config
from media.core.rooms import MAX_PARTICIPANTS
from media.io.port import MediaPort
from media.server import ControlServer
from media.service import Service

GRACE_SECONDS = 15.0  # over a bad line a new connection takes many round trips
ALONE_SECONDS = 1.0  # without a web process nobody can send them anywhere
PATIENCE_SECONDS = 8.0  # by then somebody has left, unless there is nowhere to go
YOUNG_OBJECTS = 20_000  # walking over them takes about a millisecond

logger = logging.getLogger("media")


async def run(config: Config, *, room_size: int = MAX_PARTICIPANTS) -> None:
    """Run a node until it is told to stop.

    A room larger than its slots is for measuring: everybody sees the first five others.

    Raises:
        OSError: a port cannot be bound.
    """
    loop = asyncio.get_running_loop()
    port = MediaPort.open(config.udp.host, config.udp.port, announce=config.announce)
    server = ControlServer(secret=config.secret)
    service = Service(
        port=port,
        node=config.name,
        instance=uuid.uuid4().hex,
        secret=config.secret,
        emit=server.emit,
        room_size=room_size,
    )
    try:
        control_port = await server.start(service, config.control.host, config.control.port)
    except OSError:
        port.close()
        raise
    service.start()
    asked, urged = asyncio.Event(), asyncio.Event()

    def stop() -> None:
        (urged if asked.is_set() else asked).set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    logger.info(
        "media node %s: control on %s:%d, media on udp %s:%d",
        config.name,
        config.control.host,
        control_port,
        config.udp.host,
        port.number,
    )
    # Packets come and go by the thousand; without this the collector keeps walking over all loaded modules and all
    # histories for them, a fifth of the relay's time. What closed connections leave behind is collected by the service.
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 50, 1000)
    await asked.wait()
    logger.info("media node %s: draining", config.name)
    await drain(service, server, urged)
    await service.close()
    await server.close()
    port.close()
    logger.info("media node %s: stopped; datagrams dropped: %s", config.name, dict(port.counters) or "none")


async def drain(service: Service, server: ControlServer, urged: asyncio.Event) -> None:
    """Refuse newcomers and wait until the node is empty, waiting is of no more use, or `urged` is set."""
    loop = asyncio.get_running_loop()
    begun, departed = loop.time(), service.departed
    service.drain()
    while not service.empty and not urged.is_set():
        waited = loop.time() - begun
        stuck = service.departed == departed
        if waited >= (PATIENCE_SECONDS if stuck else GRACE_SECONDS) or (
            waited >= ALONE_SECONDS and not server.watched
        ):
            break
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(urged.wait(), 0.1)


def main() -> int:
    """Return the process's exit status."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    # aioice logs addresses of participants at INFO.
    logging.getLogger("aioice").setLevel(logging.WARNING)
    logging.getLogger("websockets").setLevel(logging.WARNING)
    try:
        config = read_config()
    except BadConfig as error:
        sys.stderr.write(f"media: {error}\n")
        return 2
    try:
        uvloop.run(run(config))
    except OSError as error:
        sys.stderr.write(
            f"media: cannot listen on control {config.control.host}:{config.control.port} or udp "
            f"{config.udp.host}:{config.udp.port}: {error.strerror}. Is another node running?\n"
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
