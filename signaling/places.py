"""A participant's place in the room while their line is down, and the place of a room's media."""

import asyncio
import contextlib
import time
from datetime import UTC, datetime
from uuid import UUID

from django.conf import settings

from media.client import MediaError
from media.grants import GRANT_SECONDS, Grant, sign_grant
from media.turn import ice_servers
from signaling import truth
from signaling.effects import MediaFailed, MediaOffered, News, SocketOpened
from signaling.feeds import RoomFeed
from signaling.process import Process
from signaling.protocol.messages import IceServer
from telehealth.consultations.domain import upkeep
from telehealth.core import clock
from telehealth.core.errors import DomainError

TEMPORARY = frozenset({"busy", "draining", "unavailable", "internal", "bad_grant"})
"""Refusals of a media node after which trying again makes sense. An old grant is one: the next is newer."""


async def keep_place(
    process: Process, feed: RoomFeed, participant_id: UUID, *, socket_id: str, last_seen: datetime | None
) -> None:
    """Give a participant whose socket is gone a moment to come back before the others see them away."""
    returned = asyncio.Event()

    def hear(news: News) -> None:
        if isinstance(news, SocketOpened) and news.participant_id == participant_id:
            returned.set()

    feed.add(socket_id, hear)
    try:
        async with asyncio.timeout(process.timings.grace):
            await returned.wait()
    except TimeoutError:
        with contextlib.suppress(DomainError):  # then the sweep does it
            await process.database(
                truth.lose_line,
                session_id=feed.session_id,
                participant_id=participant_id,
                last_seen=last_seen or datetime.min.replace(tzinfo=UTC),
                now=clock.now(),
            )
    finally:
        feed.discard(socket_id)


def sign(session_id: UUID, seat: truth.Seat, epoch: int) -> str:
    """Return a fresh grant for a room of people. The only place that makes one: it says `admitted` only if the database did."""
    now = time.time()
    grant = Grant(
        room=str(session_id),
        participant=str(seat.participant_id),
        epoch=epoch,
        issued_at=now,
        expires_at=now + GRANT_SECONDS,
        admitted=seat.admitted,
    )
    return sign_grant(grant, key=settings.MEDIA_SECRET.encode())


async def join_media(
    process: Process, session_id: UUID, seat: truth.Seat, connection_id: UUID
) -> MediaOffered | MediaFailed:
    """Get an offer from the node the room lives on, placing the room first where that is needed.

    Raises:
        DomainError: `unavailable`, `room.over`.
    """
    media = process.media
    node, epoch = seat.node, seat.epoch
    avoid: list[str] = []
    code = "media_unavailable"
    for _attempt in range(3):
        if not node or node in avoid or media.nodes.instance(node) is None:
            if node and node not in avoid and media.may_return(node):
                break
            chosen = media.choose([*avoid, node])
            if chosen is None:
                break
            node, epoch = await process.database(
                upkeep.place_media, session_id=session_id, node=chosen, if_epoch=epoch, now=clock.now()
            )
        try:
            grant = sign(session_id, seat, epoch)
            sdp = await media.nodes.join(node, str(connection_id), grant)
        except MediaError as error:
            code = error.code
            if code != "draining":
                return MediaFailed(connection_id, code, code in TEMPORARY, process.chance_ms(1500, 500))
            avoid.append(node)
        else:
            return MediaOffered(connection_id, node, epoch, sdp, seat.admitted, _ice_servers(connection_id))
    return MediaFailed(connection_id, code, retry=True, retry_after_ms=process.chance_ms(1000, 300))


def _ice_servers(connection_id: UUID) -> tuple[IceServer, ...]:
    """Return the TURN servers of a connection, with credentials as old as its grant may get."""
    servers = ice_servers(
        urls=settings.TURN_URLS,
        secret=settings.TURN_SECRET,
        name=connection_id.hex,
        now=time.time(),
        ttl=GRANT_SECONDS,
    )
    return tuple(IceServer.model_validate(server) for server in servers)


async def move_media(process: Process, session_id: UUID, *, node: str, if_epoch: int) -> int | None:
    """Place a room's media anew after its node lost it or said that it drains; return a sequence to look for, None if no node can be asked.

    Whoever moves it first wins: of all sockets and processes that were told, one makes a new epoch.

    Raises:
        DomainError: `unavailable`, `room.over`.
    """
    media = process.media
    if media.is_draining(node):
        target = media.choose([node])
        if target is None:
            return 0  # it forwards for as long as it can, and there is nothing better
    else:
        target = node if media.nodes.instance(node) is not None else media.choose([node])
    if target is None:
        return None
    await process.database(
        upkeep.place_media, session_id=session_id, node=target, if_epoch=if_epoch, now=clock.now()
    )
    return 0
