"""Answers by the link in a message. A package that sends a kind registers who answers it, in its `AppConfig.ready`.

::

    register(Kind.DAY_BEFORE, Answers((CONFIRM, CANCEL), handle=answer_reminder))
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from telehealth.notifications.kinds import Kind
from telehealth.notifications.models import Notification


@dataclass(frozen=True)
class Choice:
    """One button. `key` is what is stored."""

    key: str
    label: str | Promise
    primary: bool = False
    danger: bool = False


CONFIRM = Choice("confirm", pgettext_lazy("answer", "Tôi sẽ đến"), primary=True)
CANCEL = Choice("cancel", pgettext_lazy("answer", "Hủy hẹn"), danger=True)
ACCEPT = Choice("accept", pgettext_lazy("answer", "Nhận chỗ này"), primary=True)
DECLINE = Choice("decline", pgettext_lazy("answer", "Bỏ qua"))

Handle = Callable[[Notification, str, datetime], str]
"""`(notification, choice, now) -> sentence`: does it in the running transaction and says what was done. May raise DomainError,
which is shown and leaves the message unanswered. `notification.key` says what it is about."""

Still = Callable[[Notification, datetime], bool]
"""Whether the question still stands (the appointment was not moved meanwhile)."""


@dataclass(frozen=True)
class Answers:
    choices: tuple[Choice, ...]
    handle: Handle
    still: Still = lambda _notification, _now: True


_registered: dict[Kind, Answers] = {}


def register(kind: Kind, answers: Answers) -> None:
    """Let `kind` be answered by its link."""
    _registered[kind] = answers


def answers_to(kind: str) -> Answers | None:
    """Return who answers a kind; None when it only tells."""
    return _registered.get(Kind(kind))
