"""Sending what is due. Claim, send, note: three steps, and the network only in the middle one.

A message is sent at most once by a channel. The claim is committed before the first byte leaves; whoever dies between claim and
note leaves a delivery SENDING, of which nobody knows whether it went out. It is then not begun again (`reclaim_lost`), but the
next channel takes over; only where the provider itself refuses repeats (`REPEATABLE`) is it tried once more.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from telehealth.notifications.catalogue import SPECS, spec_of
from telehealth.notifications.channels.outcome import Outcome, Result
from telehealth.notifications.domain.telling import show, tell_bells, write_log
from telehealth.notifications.enums import Channel, Event, State
from telehealth.notifications.models import Delivery, Notification, Preference, PushSubscription, QuietHours
from telehealth.notifications.rules import (
    ATTEMPTS,
    LEASE,
    NIGHT,
    Hours,
    Wish,
    is_wanted,
    quiet_until,
    retry_after,
)

BATCH = 16
AT_ONCE = 8
REPEATABLE = frozenset({Channel.SMS})
"""The carrier refuses a second message with the same RequestId."""
NO_WAY = frozenset(
    {"push_no_browser", "push_off", "sms_off", "zalo_off", "zalo_no_template", "email_off", "no_address"}
)
"""Nothing went wrong: there is no browser, no contract or no address at the end of this way."""
REACHED = (State.SENT, State.DELIVERED)

Prepare = Callable[[Delivery], Callable[[], Outcome]]


@dataclass
class Sent:
    """What one sweep did, for the log and for tests."""

    outcomes: dict[str, int] = field(default_factory=dict)

    def count(self, name: str) -> None:
        self.outcomes[name] = self.outcomes.get(name, 0) + 1


def send_due(*, prepare: Prepare, now: datetime, limit: int = BATCH) -> Sent:
    """Send what is due at `now`. Safe to run in many workers at once.

    Args:
        prepare: gives the function that sends a delivery (`adapters.prepare`); that function runs in a thread of its own.
    """
    reclaim_lost(now=now)
    sent = Sent()
    jobs = [(delivery, _careful(prepare, delivery)) for delivery in claim_due(now=now, limit=limit)]
    with ThreadPoolExecutor(AT_ONCE) as threads:
        pending = {threads.submit(job): delivery for delivery, job in jobs}
        for done in as_completed(pending):
            outcome = done.result()
            note_outcome(pending[done], outcome, now=now)
            sent.count(outcome.result.name)
    forget_secrets(now=now)
    return sent


def _careful(prepare: Prepare, delivery: Delivery) -> Callable[[], Outcome]:
    """What breaks must not take the others' outcomes with it; whether it sent anything nobody knows."""

    def broke(error: Exception) -> Outcome:
        return Outcome(Result.UNKNOWN, f"broke_{type(error).__name__}"[:40])

    try:
        job = prepare(delivery)
    except Exception as error:  # whatever it raises is written down with the delivery
        outcome = broke(error)
        return lambda: outcome

    def run() -> Outcome:
        try:
            return job()
        except Exception as error:  # as above
            return broke(error)

    return run


def claim_due(*, now: datetime, limit: int = BATCH) -> list[Delivery]:
    """Take what is due and is still to be sent; let go what is not."""
    claimed, unwanted = _claim(now=now, limit=limit)
    for notification_id in unwanted:
        with transaction.atomic():
            _lock(notification_id)
            _bring_next(notification_id, now=now)
    return claimed


@transaction.atomic
def _claim(*, now: datetime, limit: int) -> tuple[list[Delivery], list[int]]:
    """Return what was claimed, and the messages of which a channel is not wanted."""
    due = list(
        Delivery.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(state=State.WAITING, due_at__lte=now)
        .select_related("notification__user")
        .order_by("due_at", "id")[:limit]
    )
    wishes, hours = _wishes_of(due), _hours_of(due)
    claimed: list[Delivery] = []
    unwanted: list[int] = []
    shown: list[Notification] = []
    for delivery in due:
        told = delivery.notification
        if code := _needless(delivery, now=now):
            _end(delivery, State.SKIPPED, code, now=now)
            continue
        spec, channel = spec_of(told.kind), Channel(delivery.channel)
        if not told.red and not is_wanted(
            wishes.get(told.user_id, ()),
            spec=spec,
            kind=told.kind,
            channel=channel,
            facility=told.facility_id,
        ):
            _end(delivery, State.SKIPPED, "unwanted", now=now)
            unwanted.append(told.id)
            continue
        if channel == Channel.IN_APP:
            _end(delivery, State.DELIVERED, "", now=now)
            shown.append(told)
            continue
        if not (told.red or spec.wakes):
            quiet = hours.get(told.user_id) if told.user_id else NIGHT
            if until := quiet_until(quiet, now=now, zone=timezone.get_default_timezone()):
                _hold(delivery, until, now=now)
                continue
        delivery.state, delivery.claimed_at = State.SENDING, now
        delivery.attempts += 1
        delivery.save(update_fields=["state", "claimed_at", "attempts"])
        write_log([delivery.id], Event.SENDING, now=now)
        claimed.append(delivery)
    if shown:
        show(shown, now=now)
        tell_bells([told.user_id for told in shown if told.user_id is not None], None, now=now)
    return claimed, unwanted


@transaction.atomic
def note_outcome(delivery: Delivery, outcome: Outcome, *, now: datetime) -> None:
    """Write down what came of a claimed delivery. Too late, after somebody else took it back, it says nothing."""
    PushSubscription.objects.filter(id__in=outcome.gone).delete()
    _lock(delivery.notification_id)
    current = Delivery.objects.select_for_update().get(id=delivery.id)
    if current.state != State.SENDING or current.attempts != delivery.attempts:
        return
    again = outcome.result == Result.LATER or (
        outcome.result == Result.UNKNOWN and current.channel in REPEATABLE
    )
    if outcome.result == Result.SENT:
        current.reference = outcome.reference
        _end(current, State.SENT, "", now=now)
    elif again and current.attempts < ATTEMPTS:
        current.state, current.code = State.WAITING, outcome.code
        current.due_at = now + max(outcome.after or timedelta(), retry_after(current.attempts))
        current.save(update_fields=["state", "code", "due_at"])
        write_log([current.id], Event.HELD, now=now, code=outcome.code)
    else:
        state = State.SKIPPED if outcome.code in NO_WAY else State.FAILED
        _end(current, state, outcome.code or outcome.result.name.lower(), now=now)
        _bring_next(current.notification_id, now=now)


def reclaim_lost(*, now: datetime) -> int:
    """Close what somebody began and never finished, and let the next channel take over; return how many."""
    lost = list(
        Delivery.objects.filter(state=State.SENDING, claimed_at__lt=now - LEASE).order_by("id")[:BATCH]
    )
    for delivery in lost:
        note_outcome(delivery, Outcome(Result.UNKNOWN, "lost"), now=now)
    return len(lost)


@transaction.atomic
def note_receipt(*, channel: Channel, reference: str, arrived: bool, code: str = "", now: datetime) -> bool:
    """Write down what a provider reports later; say whether we know the message. A repeat changes nothing."""
    if not reference:
        return False
    known = Delivery.objects.filter(channel=channel, reference=reference).first()
    if known is None:
        return False
    _lock(known.notification_id)
    delivery = Delivery.objects.select_for_update().get(id=known.id)
    if delivery.state != State.SENT:
        return True
    if arrived:
        _end(delivery, State.DELIVERED, "", now=now)
    else:
        _end(delivery, State.FAILED, code or "not_delivered", now=now)
        _bring_next(delivery.notification_id, now=now)
    return True


def _lock(notification_id: int) -> None:
    """Let the ends of one message's channels be written one after the other: else each of two that fail sees the other under way."""
    Notification.objects.select_for_update().only("id").get(id=notification_id)


def _bring_next(notification_id: int, *, now: datetime) -> None:
    """When nothing of a message has reached anybody or is about to, let its next channel go now. Under its lock."""
    ways = list(Delivery.objects.filter(notification_id=notification_id).order_by("step", "id"))
    if any(way.state in {*REACHED, State.SENDING} for way in ways):
        return
    waiting = [way for way in ways if way.state == State.WAITING]
    if waiting and (waiting[0].due_at is None or waiting[0].due_at > now) and not waiting[0].attempts:
        Delivery.objects.filter(id=waiting[0].id, state=State.WAITING).update(due_at=now)


@transaction.atomic
def forget_secrets(*, now: datetime) -> int:
    """Close what came too late, and wipe the values of codes nobody can use any more; return how many were wiped."""
    late = list(
        Delivery.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(state=State.WAITING, notification__expires_at__lte=now)
        .order_by("id")[:BATCH]
    )
    for delivery in late:
        _end(delivery, State.SKIPPED, "late", now=now)
    secret = [kind for kind, spec in SPECS.items() if spec.secret]
    return (
        Notification.objects.filter(kind__in=secret, expires_at__lte=now).exclude(values={}).update(values={})
    )


def _needless(delivery: Delivery, *, now: datetime) -> str:
    told = delivery.notification
    if told.settled_at:
        return "settled"
    if told.read_at or told.answered_at:
        return "read"
    if told.expires_at <= now:
        return "late"
    phone = Delivery.objects.filter(
        notification=told, channel__in=[Channel.ZALO, Channel.SMS], state=State.DELIVERED
    )
    return "reached" if delivery.step and phone.exists() else ""


def _end(delivery: Delivery, state: State, code: str, *, now: datetime) -> None:
    delivery.state, delivery.code = state, code
    delivery.save(update_fields=["state", "code", "reference"])
    write_log([delivery.id], Event(state), now=now, code=code)


def _hold(delivery: Delivery, until: datetime, *, now: datetime) -> None:
    delivery.due_at = until
    delivery.save(update_fields=["due_at"])
    write_log([delivery.id], Event.HELD, now=now, code="quiet")


def _users(due: Iterable[Delivery]) -> set[UUID]:
    return {d.notification.user_id for d in due if d.notification.user_id is not None}


def _wishes_of(due: Iterable[Delivery]) -> dict[UUID | None, list[Wish]]:
    found: dict[UUID | None, list[Wish]] = {}
    for row in Preference.objects.filter(user__in=_users(due)):
        wish = Wish(row.kind, row.channel, row.facility_id, wanted=row.wanted)
        found.setdefault(row.user_id, []).append(wish)
    return found


def _hours_of(due: Iterable[Delivery]) -> dict[UUID | None, Hours]:
    rows = QuietHours.objects.filter(user__in=_users(due))
    return {row.user_id: Hours(row.begins, row.ends) for row in rows}
