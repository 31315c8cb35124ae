"""What is sent when. Pure: times and wishes come in, a plan or a verdict comes out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from uuid import UUID

from telehealth.notifications.enums import Channel
from telehealth.notifications.kinds import Spec

ATTEMPTS = 6
LEASE = timedelta(minutes=2)
"""How long a delivery may be under way before it counts as lost. Longer than any time-out of an adapter."""


@dataclass(frozen=True)
class Planned:
    """One channel of a message: at once (step 0) or in its turn; `due_at` None waits for the one before to fail."""

    channel: Channel
    step: int
    due_at: datetime | None


@dataclass(frozen=True)
class Hours:
    """Quiet hours in local time; over midnight when `begins` is after `ends`."""

    begins: time
    ends: time

    def cover(self, local: time) -> bool:
        if self.begins <= self.ends:
            return self.begins <= local < self.ends
        return local >= self.begins or local < self.ends


NIGHT = Hours(time(21), time(6))
"""The quiet hours of a telephone whose owner never chose any."""


@dataclass(frozen=True)
class Wish:
    """One preference: `facility` None means everywhere."""

    kind: str
    channel: str
    facility: UUID | None
    wanted: bool


def plan(spec: Spec, reachable: frozenset[Channel], *, begin: datetime) -> list[Planned]:
    """Return the channels a message takes. When nothing is reachable at once, the first of the others comes forward."""
    at_once = [c for c in spec.at_once if c in reachable]
    then = [c for c in spec.then if c in reachable]
    if not at_once and then:
        at_once, then = then[:1], then[1:]
    planned = [Planned(channel, 0, begin) for channel in at_once]
    for step, channel in enumerate(then, start=1):
        due = begin + step * spec.escalate_after if spec.escalate_after else None
        planned.append(Planned(channel, step, due))
    return planned


def is_wanted(
    wishes: Iterable[Wish], *, spec: Spec, kind: str, channel: Channel, facility: UUID | None
) -> bool:
    """Say whether a person wants a kind by a channel: what is said about the facility goes before what is said in general."""
    if not spec.may_be_off:
        return True
    general = True
    for wish in wishes:
        if (wish.kind, wish.channel) != (kind, channel):
            continue
        if wish.facility is None:
            general = wish.wanted
        elif wish.facility == facility:
            return wish.wanted
    return general


def quiet_until(hours: Hours | None, *, now: datetime, zone: tzinfo) -> datetime | None:
    """Return when the quiet hours that cover `now` end; None when nothing is quiet."""
    if hours is None or hours.begins == hours.ends:
        return None
    local = now.astimezone(zone)
    if not hours.cover(local.timetz().replace(tzinfo=None)):
        return None
    end = local.replace(hour=hours.ends.hour, minute=hours.ends.minute, second=0, microsecond=0)
    return end if end > local else end + timedelta(days=1)


def retry_after(attempts: int) -> timedelta:
    """Return how long to wait after that many attempts: 5 s, 15 s, 45 s, 2¼ min, 6¾ min."""
    return timedelta(seconds=5 * 3 ** max(0, attempts - 1))
