"""Telling open sockets that an area's log has grown."""

from uuid import UUID

from django.db import transaction

from telehealth.core.announce import tell_now

QUEUE_CHANGED = "queue.changed"
DEVICE_REVOKED = "queue.device_revoked"


def hint_area(area_id: UUID, seq: int) -> None:
    """Say after the commit that the log has reached `seq`.

    Not through the outbox: a number called is worth telling now or not at all, the sockets look by themselves every few
    seconds, and the counter's row lock must not wait for more statements than it has to.
    """
    transaction.on_commit(lambda: tell_now(QUEUE_CHANGED, area=str(area_id), seq=seq), robust=True)
