"""A week of the demonstration sites' lines: thin in the mountains, worse in the evening and in the rain, and one that is thin right now."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from telehealth.demonstration.ids import demonstration_id
from telehealth.lines.domain.samples import hour_of
from telehealth.lines.enums import Source
from telehealth.lines.models import LinkHour, LinkSample

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
DAYS = 7
RECENT = timedelta(hours=6)
SAMPLE_EVERY = timedelta(minutes=15)
THIN_FOR = timedelta(minutes=55)


@dataclass(frozen=True)
class Profile:
    """A line in good weather. `rain` is the share of rainy hours in which it loses most of its rate."""

    up_kbps: float
    down_kbps: float
    rtt_ms: float
    loss: float
    rain: float
    station: bool  # a computer there measures every hour; else there are figures in working hours only


_FIBRE = Profile(28_000, 42_000, 14, 0.0004, 0.0, station=True)
_TOWN = Profile(9_000, 22_000, 24, 0.002, 0.01, station=True)
_VALLEY = Profile(3_200, 8_500, 42, 0.006, 0.06, station=True)
_MOUNTAIN = Profile(1_900, 5_200, 68, 0.012, 0.12, station=True)
_STATION = Profile(900, 2_600, 95, 0.02, 0.18, station=False)

PROFILES: dict[str, Profile] = {
    "hndk": _FIBRE,
    "sannhi": _FIBRE,
    "vinh": _TOWN,
    "yenthanh": _TOWN,
    "taybac": _TOWN,
    "taynam": _VALLEY,
    "nghiadan": _VALLEY,
    "quyhop": _VALLEY,
    "anhson": _VALLEY,
    "tanky": _VALLEY,
    "quychau": _MOUNTAIN,
    "quephong": _MOUNTAIN,
    "tuongduong": _MOUNTAIN,
    "kyson": _MOUNTAIN,
    "tyt-myly": _STATION,
    "tyt-nangoi": _STATION,
    "tyt-trile": _STATION,
    "tyt-tamquang": _STATION,
}
THIN_NOW = "kyson"


@dataclass(frozen=True)
class _Weather:
    """What an hour, or a moment in it, makes of a line."""

    rate: float
    delay: float
    loss: float
    gaps: int


def load_lines(*, now: datetime) -> None:
    """Add what is missing of the last week. Hours that were measured stay as they are; so does a site with fresh samples."""
    LinkHour.objects.bulk_create(
        [hour for key, profile in PROFILES.items() for hour in _hours(key, profile, now)],
        ignore_conflicts=True,
    )
    for key, profile in PROFILES.items():
        facility_id = demonstration_id("facility", key)
        if not LinkSample.objects.filter(facility_id=facility_id, at__gt=now - RECENT, at__lte=now).exists():
            LinkSample.objects.bulk_create(list(_samples(key, profile, now)))


def _hours(key: str, profile: Profile, now: datetime) -> Iterator[LinkHour]:
    this_hour = hour_of(now)
    for ago in range(DAYS * 24 - 1, -1, -1):
        hour = this_hour - timedelta(hours=ago)
        chance = _chance(key, hour)
        at_work = 7 <= hour.astimezone(LOCAL).hour < 17
        calls = chance.choice((0, 0, 1, 2)) if at_work else 0
        if not profile.station and not calls:
            continue
        weather = _weather(profile, hour, chance)
        rtt = profile.rtt_ms * weather.delay
        yield LinkHour(
            facility_id=demonstration_id("facility", key),
            hour=hour,
            samples=1 + calls * chance.randint(20, 60),
            rtt_ms=round(rtt, 1),
            rtt_p95_ms=round(rtt * chance.uniform(1.3, 3.2), 1),
            loss=round(min(0.4, profile.loss * weather.loss), 4),
            jitter_ms=round(rtt * chance.uniform(0.05, 0.25), 1),
            up_kbps=round(profile.up_kbps * weather.rate),
            down_kbps=round(profile.down_kbps * weather.rate),
            gaps=weather.gaps,
            gap_seconds=weather.gaps * chance.randint(4, 40),
        )


def _samples(key: str, profile: Profile, now: datetime) -> Iterator[LinkSample]:
    at = now - RECENT + SAMPLE_EVERY
    while at <= now:
        chance = _chance(key, at)
        thin = key == THIN_NOW and now - at < THIN_FOR
        up = 400 * chance.uniform(0.92, 1.08) if thin else profile.up_kbps * chance.uniform(0.8, 1.1)
        if profile.station or thin:
            yield LinkSample(
                facility_id=demonstration_id("facility", key),
                source=Source.UNATTENDED,
                at=at,
                rtt_ms=round(profile.rtt_ms * chance.uniform(0.9, 1.4) * (2 if thin else 1), 1),
                loss=round(profile.loss * chance.uniform(0.2, 2), 4),
                up_kbps=round(up),
                down_kbps=round(profile.down_kbps * chance.uniform(0.8, 1.1) * (0.5 if thin else 1)),
            )
        at += SAMPLE_EVERY


def _weather(profile: Profile, hour: datetime, chance: Random) -> _Weather:
    local_hour = hour.astimezone(LOCAL).hour
    evening = 0.55 if 19 <= local_hour < 23 else 1.0  # when the whole district is at home
    if chance.random() < profile.rain:
        return _Weather(
            rate=evening * chance.uniform(0.1, 0.35),
            delay=chance.uniform(2, 6),
            loss=chance.uniform(3, 9),
            gaps=chance.choice((0, 1, 1, 2, 4)),
        )
    return _Weather(
        rate=evening * chance.uniform(0.75, 1.1),
        delay=chance.uniform(0.9, 1.5) / evening**0.5,
        loss=chance.uniform(0.1, 1.5),
        gaps=int(chance.random() < profile.rain / 6),
    )


def _chance(key: str, at: datetime) -> Random:
    """The same hour of the same site looks the same however often it is loaded."""
    return Random(f"{key} {at.isoformat()}")  # noqa: S311 -- invented figures, not a secret
