"""Stations: computers that measure a facility's line with nobody signed in.

A station's token is signed with the platform's secret and names the station, nothing else. It lets its bearer write samples of that
one facility's line, and read nothing but chance and the facility's name. It ends when somebody of the facility takes it back.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from telehealth.accounts.hat import Hat
from telehealth.audit.log import record
from telehealth.core.errors import DomainError, Invalid, NotFound
from telehealth.core.text import clean
from telehealth.lines.domain.samples import record_link_sample
from telehealth.lines.enums import Source
from telehealth.lines.models import Station

_SALT = "line-station"
MAX_NAME = 80


class NotAStation(DomainError):
    """No token, a forged one, or one that was taken back (HTTP 401)."""

    status = 401


@dataclass(frozen=True)
class Registered:
    """A new station. `token` is shown once, to that computer's browser."""

    station: Station
    token: str


def stations_of(hat: Hat) -> "QuerySet[Station]":
    """Return the stations of the hat's facility that may measure, oldest first."""
    stations = Station.objects.filter(facility=hat.facility, revoked_at=None)
    return stations.select_related("registered_by__user")


@transaction.atomic
def register_station(*, hat: Hat, name: str, now: datetime) -> Registered:
    """Make a computer of the hat's facility a station.

    Raises:
        Invalid: `station.name_missing`, `station.name_long`.
    """
    name = " ".join(clean(name).split())
    if not name:
        raise Invalid(
            "station.name_missing", _("Hãy đặt tên cho máy này, như “Máy phòng khám 2”."), field="name"
        )
    if len(name) > MAX_NAME:
        raise Invalid("station.name_long", _("Tên máy dài quá 80 ký tự."), field="name")
    station = Station.objects.create(
        facility=hat.facility, name=name, registered_at=now, registered_by=hat.membership
    )
    _audit("station.registered", hat, station, now)
    return Registered(station, Signer(salt=_SALT).sign(str(station.id)))


@transaction.atomic
def revoke_station(*, hat: Hat, station_id: UUID, now: datetime) -> None:
    """Take a station's token back: what it sends from now on is refused.

    Raises:
        NotFound: `station.not_found`, also for one of another facility.
    """
    station = stations_of(hat).select_for_update(of=("self",)).filter(id=station_id).first()
    if station is None:
        raise NotFound("station.not_found", _("Không có máy tự đo này, hoặc máy đã bị thu hồi."))
    station.revoked_at = now
    station.save(update_fields=["revoked_at"])
    _audit("station.revoked", hat, station, now)


def station_of(token: str) -> Station:
    """Return the station whose token this is.

    Raises:
        NotAStation: `station.unknown`.
    """
    try:
        station_id = UUID(Signer(salt=_SALT).unsign(token))
    except (BadSignature, ValueError):
        raise _unknown() from None
    station = Station.objects.select_related("facility").filter(id=station_id, revoked_at=None).first()
    if station is None:
        raise _unknown()
    return station


def take_sample(*, station: Station, now: datetime, **figures: float) -> None:
    """Write down what a station measured (`record_link_sample`)."""
    record_link_sample(facility=station.facility, source=Source.UNATTENDED, at=now, **figures)  # type: ignore[arg-type]
    Station.objects.filter(id=station.id).update(seen_at=now)


def _unknown() -> NotAStation:
    return NotAStation(
        "station.unknown",
        _("Máy này chưa được đăng ký tự đo, hoặc đã bị thu hồi. Hãy đăng nhập rồi đăng ký lại."),
    )


def _audit(action: str, hat: Hat, station: Station, now: datetime) -> None:
    record(action, now=now, hat=hat, object_type="station", object_id=station.id, name=station.name)
