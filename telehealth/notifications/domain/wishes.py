"""What somebody wants to be told, by which channel, and when not to be disturbed."""

from collections.abc import Iterable
from datetime import datetime, time
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from telehealth.accounts.models import User
from telehealth.audit.log import record
from telehealth.core.errors import Invalid
from telehealth.notifications.catalogue import SPECS
from telehealth.notifications.channels.web_push import is_known_service
from telehealth.notifications.enums import Channel
from telehealth.notifications.kinds import Kind
from telehealth.notifications.models import Preference, PushSubscription, QuietHours
from telehealth.notifications.push import base64url
from telehealth.notifications.push.encryption import AUTH_BYTES, public_key

SUBSCRIPTIONS = 10
"""Browsers of one person; with one more the oldest is forgotten."""


@transaction.atomic
def save_wishes(
    *,
    user: User,
    wanted: Iterable[tuple[Kind, Channel]],
    kinds: Iterable[Kind],
    facility_id: UUID | None,
    now: datetime,
) -> None:
    """Keep which of `kinds` somebody wants by which channels, everywhere or about one facility. The others stay as they are.

    What may not be turned off stays on whatever is asked.
    """
    on = set(wanted)
    rows = [
        Preference(
            user=user, kind=kind, channel=channel, facility_id=facility_id, wanted=(kind, channel) in on
        )
        for kind in kinds
        if SPECS[kind].may_be_off
        for channel in SPECS[kind].channels
    ]
    Preference.objects.filter(user=user, facility=facility_id, kind__in=[row.kind for row in rows]).delete()
    Preference.objects.bulk_create(rows)
    _note("preferences.changed", user, now=now, facility=str(facility_id or ""))


@transaction.atomic
def forget_wishes(*, user: User, facility_id: UUID, now: datetime) -> None:
    """Let one facility follow what is said in general again."""
    Preference.objects.filter(user=user, facility=facility_id).delete()
    _note("preferences.changed", user, now=now, facility=str(facility_id))


@transaction.atomic
def save_quiet_hours(*, user: User, begins: time | None, ends: time | None, now: datetime) -> None:
    """Keep when somebody is not to be disturbed; None and None: never quiet.

    Raises:
        Invalid: `quiet_hours.half`: one of the two is missing.
    """
    if (begins is None) != (ends is None):
        raise Invalid("quiet_hours.half", _("Hãy ghi cả giờ bắt đầu và giờ kết thúc, hoặc để trống cả hai."))
    QuietHours.objects.filter(user=user).delete()
    if begins is not None and ends is not None:
        QuietHours.objects.create(user=user, begins=begins, ends=ends)
    _note("preferences.changed", user, now=now, quiet=begins is not None)


@transaction.atomic
def subscribe_browser(
    *, user: User, endpoint: str, p256dh: str, auth: str, label: str, now: datetime
) -> PushSubscription:
    """Keep where a browser takes pushes. A browser that changes hands goes to whoever subscribes last.

    Raises:
        Invalid: `push.service`: not a push service we send to; `push.keys`: malformed keys.
    """
    if (
        len(endpoint) > 600
        or not is_known_service(endpoint, settings.PUSH_SERVICES)
        or not urlsplit(endpoint).path
    ):
        raise Invalid(
            "push.service",
            _("Trình duyệt này dùng một dịch vụ đẩy tin mà hệ thống không gửi tới. Chưa có gì thay đổi."),
        )
    try:
        public_key(base64url.decode(p256dh))
        sound = len(base64url.decode(auth)) == AUTH_BYTES
    except ValueError:
        sound = False
    if not sound:
        raise Invalid("push.keys", _("Trình duyệt gửi khóa không đúng dạng. Hãy thử bật lại."))
    row, _made = PushSubscription.objects.update_or_create(
        endpoint=endpoint,
        defaults={"user": user, "p256dh": p256dh, "auth": auth, "label": label[:80], "created_at": now},
    )
    old = (
        PushSubscription.objects.filter(user=user).order_by("-created_at", "-id").values_list("id", flat=True)
    )
    PushSubscription.objects.filter(id__in=list(old[SUBSCRIPTIONS:])).delete()
    _note("push.subscribed", user, now=now)
    return row


@transaction.atomic
def unsubscribe_browser(*, user: User, endpoint: str, now: datetime) -> None:
    """Forget one of one's own browsers; one that is not known is no error."""
    if PushSubscription.objects.filter(user=user, endpoint=endpoint).delete()[0]:
        _note("push.unsubscribed", user, now=now)


@transaction.atomic
def forget_browser(*, user: User, subscription_id: UUID, now: datetime) -> None:
    """As `unsubscribe_browser`, from another machine."""
    if PushSubscription.objects.filter(user=user, id=subscription_id).delete()[0]:
        _note("push.unsubscribed", user, now=now)


def _note(action: str, user: User, *, now: datetime, **detail: Any) -> None:
    record(action, now=now, hat=None, user=user, object_type="user", object_id=user.pk, **detail)
