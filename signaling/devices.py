"""Pictures of machines in a room: they end with their participant's place. What brings them here is `signaling.whip`."""

import logging
import time
from uuid import UUID

from django.conf import settings

from media.client import MediaError
from media.grants import GRANT_SECONDS, Grant, sign_grant
from signaling import effects as fx
from signaling.effects import News
from signaling.process import Process
from telehealth.consultations import room_events as events
from telehealth.core.errors import DomainError
from telehealth.devices.passes import DeviceSeat, may_stay

logger = logging.getLogger(__name__)


def sign_device(seat: DeviceSeat) -> str:
    """Return the grant of a machine's connection. The relay lengthens it with those of its participant."""
    now = time.time()
    grant = Grant(
        room=str(seat.session_id),
        participant=str(seat.participant_id),
        epoch=seat.epoch,
        issued_at=now,
        expires_at=now + GRANT_SECONDS,
        admitted=True,
        device=True,
    )
    return sign_grant(grant, key=settings.MEDIA_SECRET.encode())


class DeviceWatch:
    """Closes a machine's connection when its participant leaves. One per connection, in the process that took its offer.

    When that process dies nobody watches: then the relay shows the picture no longer than the participant is connected, and
    closes it when their grants end. Removal and the end of the call reach the relay from any process.
    """

    def __init__(self, process: Process, seat: DeviceSeat, connection_id: UUID) -> None:
        self._process = process
        self._seat = seat
        self._connection_id = connection_id
        self._name = f"device:{connection_id}"
        self._feed = process.feed(seat.session_id)
        self._feed.add(self._name, self.post)
        self._feed.begin_at(seat.seq)
        process.media.own(connection_id, self.post)
        self._over = False

    def post(self, news: News) -> None:
        """Hear what happens in the room and to the connection."""
        match news:
            case fx.LogRead(events=logged):
                if any(self._ends(event.body) for event in logged):
                    self.close()
            case fx.MediaOver():
                self.stop()
            case _:
                pass

    async def check(self) -> None:
        """Look whether the participant is still there: they may have left before we began to listen."""
        try:
            stays = await self._process.database(may_stay, participant_id=self._seat.participant_id)
        except DomainError:
            return  # the room's log tells it
        if not stays:
            self.close()

    def close(self) -> None:
        """End the connection."""
        if not self._over:
            self.stop()
            self._process.spawn(self._leave())

    def stop(self) -> None:
        """Watch no longer."""
        if not self._over:
            self._over = True
            self._feed.discard(self._name)
            self._process.media.disown(self._connection_id)

    def _ends(self, body: events.RoomEventBody) -> bool:
        match body:
            case events.ParticipantLeft(participant_id=who):
                return who == self._seat.participant_id
            case events.SessionEnded():
                return True
            case events.MediaMoved(epoch=epoch):
                return epoch > self._seat.epoch
            case _:
                return False

    async def _leave(self) -> None:
        try:
            await self._process.media.nodes.leave(self._seat.node, str(self._connection_id))
        except MediaError as error:
            logger.info("a device's connection was not closed: %s", error.code)  # its grant ends by itself
