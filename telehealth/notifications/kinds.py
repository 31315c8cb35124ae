"""Kinds of messages, and how a kind is told. The texts are in `catalogue`."""

import string
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from telehealth.notifications.enums import Channel


class Kind(StrEnum):
    """What is told. The value is stored and appears in keys: never rename one."""

    # To whoever booked
    ONE_TIME_CODE = "one_time_code"
    BOOKED = "booked"
    MOVED = "moved"
    CANCELLED = "cancelled"
    DAY_BEFORE = "day_before"
    HOUR_BEFORE = "hour_before"
    RUNNING_LATE = "running_late"
    REMOTE_READY = "remote_ready"
    WAITING_LIST_OFFER = "waiting_list_offer"
    REGISTERED = "registered"
    REGISTRATION_CANCELLED = "registration_cancelled"
    TURN_NEAR = "turn_near"
    TURN_NOW = "turn_now"
    # To staff
    REQUEST_RINGING = "request_ringing"
    REQUEST_CLAIMED = "request_claimed"
    REQUEST_ANSWERED = "request_answered"
    REQUEST_DECIDED = "request_decided"
    CONSULTATION_PROPOSED = "consultation_proposed"
    CONSULTATION_SET = "consultation_set"
    CONSULTATION_CANCELLED = "consultation_cancelled"
    CONSULTATION_SOON = "consultation_soon"
    ON_CALL_SOON = "on_call_soon"
    ROSTER_CHANGED = "roster_changed"
    ROSTER_SWAP_ASKED = "roster_swap_asked"
    ROSTER_SWAP_AGREED = "roster_swap_agreed"
    ROSTER_SWAP_REFUSED = "roster_swap_refused"
    LEAVE_ANSWERED = "leave_answered"


@dataclass(frozen=True)
class Text:
    """A message in one language: heading and sentence where there is room, one short text for a telephone.

    `ask` says what the link is for; "" when there is none. Under the bell and in a push the whole message is the link.
    """

    title: str
    body: str
    ask: str
    sms: str

    def blanks(self) -> frozenset[str]:
        """Return the names of the blanks, `link` among them."""
        return frozenset(
            name
            for part in (self.title, self.body, self.sms)
            for _literal, name, _spec, _conversion in string.Formatter().parse(part)
            if name
        )


@dataclass(frozen=True)
class Spec:
    """How a kind is told.

    `at_once` are the channels taken immediately; `then` are taken one after the other, each `escalate_after` the one before
    as long as nobody has read it (None: only when the one before failed).
    """

    vi: Text
    en: Text
    at_once: tuple[Channel, ...]
    then: tuple[Channel, ...] = ()
    escalate_after: timedelta | None = None
    good_for: timedelta = timedelta(days=1)  # later than this it helps nobody
    wakes: bool = False  # also in quiet hours: it was asked for this minute, or it is about the next minutes
    may_be_off: bool = True
    secret: bool = False  # the values are forgotten once they are sent

    @property
    def channels(self) -> tuple[Channel, ...]:
        return self.at_once + self.then

    @property
    def blanks(self) -> frozenset[str]:
        """The blanks the caller fills."""
        return (self.vi.blanks() | self.en.blanks()) - {"link"}
