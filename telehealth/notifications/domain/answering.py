"""Somebody opens the link of a message and answers."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from telehealth.audit.log import record
from telehealth.core.errors import Conflict, Invalid, NotFound
from telehealth.notifications.answers import answers_to
from telehealth.notifications.domain.reading import note_read
from telehealth.notifications.domain.telling import tell_bells
from telehealth.notifications.links import notification_id_of
from telehealth.notifications.models import Notification

LINK_DAYS = timedelta(days=60)


def access_by_token(token: str, *, now: datetime, lock: bool = False) -> Notification:
    """Return the message a link belongs to. A forged and an outlived link get the same answer.

    Raises:
        NotFound: `notification.link`.
    """
    found = None
    if (number := notification_id_of(token)) is not None:
        rows = Notification.objects.select_for_update() if lock else Notification.objects.all()
        found = rows.filter(id=number, not_before__gt=now - LINK_DAYS).first()
    if found is None:
        raise NotFound(
            "notification.link",
            _(
                "Liên kết này không đúng hoặc đã hết hạn. Hãy mở lại từ tin nhắn mới nhất, hoặc gọi cơ sở khám."
            ),
        )
    return found


@transaction.atomic
def answer(*, token: str, choice: str, now: datetime) -> str:
    """Do what the answer says, once; return the sentence to show. The same answer again says the same.

    Raises:
        NotFound: `notification.link`; Invalid: `notification.choice`; Conflict: `notification.answered`,
        `notification.no_longer`; and what the kind's own handler raises.
    """
    told = access_by_token(token, now=now, lock=True)
    answers = answers_to(told.kind)
    if answers is None or choice not in {c.key for c in answers.choices}:
        raise Invalid("notification.choice", _("Không có lựa chọn này. Hãy mở lại liên kết trong tin nhắn."))
    if told.answered_at is not None:
        if told.answer == choice:
            return _("Đã ghi câu trả lời này từ trước. Không cần làm gì thêm.")
        raise Conflict(
            "notification.answered",
            _("Tin này đã được trả lời khác trước đó. Muốn đổi ý, hãy mở lịch hẹn hoặc gọi cơ sở khám."),
        )
    if told.settled_at is not None or not answers.still(told, now):
        raise Conflict(
            "notification.no_longer",
            _("Tin này không còn hiệu lực: lịch đã đổi hoặc đã qua. Chưa có gì thay đổi."),
        )
    sentence = answers.handle(told, choice, now)
    told.answer, told.answered_at = choice, now
    told.save(update_fields=["answer", "answered_at"])
    note_read([told.id], now=now)
    record(
        "notification.answered",
        now=now,
        hat=None,
        object_type="notification",
        object_id=told.id,
        kind=told.kind,
        answer=choice,
    )
    if told.user_id is not None:
        tell_bells([told.user_id], None, now=now)
    return sentence
