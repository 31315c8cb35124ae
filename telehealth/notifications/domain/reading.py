"""What is under somebody's bell, and that they have seen it."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from telehealth.accounts.models import User
from telehealth.core.errors import NotFound
from telehealth.notifications.domain.telling import skip_waiting, tell_bells, write_log
from telehealth.notifications.enums import Channel, Event
from telehealth.notifications.models import Delivery, Notification


def shown_to(user: User) -> QuerySet[Notification]:
    """Return what is under a person's bell, the newest first."""
    return Notification.objects.filter(user=user, shown_at__isnull=False).order_by("-shown_at", "-id")


def unread_count(user: User) -> int:
    """Return how many messages nobody has opened and that still hold."""
    return shown_to(user).filter(read_at__isnull=True, settled_at__isnull=True).count()


def access_notification(user: User, notification_id: int) -> Notification:
    """Return one's own message.

    Raises:
        NotFound: `notification.not_found`: there is none, or it is somebody else's.
    """
    found = shown_to(user).filter(id=notification_id).first()
    if found is None:
        raise NotFound("notification.not_found", _("Không có thông báo này."))
    return found


@transaction.atomic
def mark_read(*, user: User, notification_ids: list[int] | None, now: datetime) -> None:
    """Note that the person has seen these messages (None: all of them). What still waits of them is not sent."""
    rows = shown_to(user).filter(read_at__isnull=True)
    if notification_ids is not None:
        rows = rows.filter(id__in=notification_ids)
    ids = list(rows.select_for_update().order_by("id").values_list("id", flat=True))
    if not ids:
        return
    note_read(ids, now=now)
    tell_bells([user.pk], None, now=now)


def note_read(notification_ids: list[int], *, now: datetime) -> None:
    """Write down that messages were read, in the running transaction."""
    Notification.objects.filter(id__in=notification_ids, read_at__isnull=True).update(read_at=now)
    skip_waiting(notification_ids, "read", now=now)
    in_app = Delivery.objects.filter(notification_id__in=notification_ids, channel=Channel.IN_APP)
    write_log(list(in_app.values_list("id", flat=True)), Event.READ, now=now)
