"""What a line station may do with its token: be felt, transfer chance, and leave a sample. No cookie is read, so none is needed."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from telehealth.api import line_check
from telehealth.core import clock
from telehealth.lines.domain.stations import station_of, take_sample
from telehealth.lines.models import Station
from telehealth.lines.results import SampleTold
from telehealth.lines.rules import unattended_minute

P = ParamSpec("P")

PULSES_A_MINUTE = 30


def with_station(
    view: Callable[Concatenate[HttpRequest, Station, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Give the view the station whose token comes as `Authorization: Station …`.

    Raises (from the view): NotAStation: `station.unknown`.
    """

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        return view(request, station_of(token if scheme == "Station" else ""), *args, **kwargs)

    return guarded


@with_station
@require_GET
def pulse(request: HttpRequest, station: Station) -> HttpResponseBase:
    """Answer at once: whose line it is, and in which minute of the hour it is measured."""
    line_check.allow(station.id, "pulses", PULSES_A_MINUTE)
    return JsonResponse(
        {"place": station.facility.short_name, "minute": unattended_minute(station.facility_id)}
    )


@with_station
@require_GET
def down(request: HttpRequest, station: Station) -> HttpResponseBase:
    """Send `?bytes=` bytes of chance."""
    return line_check.send_chance(request, station.id)


@with_station
@require_POST
def up(request: HttpRequest, station: Station) -> HttpResponseBase:
    """Take bytes, throw them away, say how many came."""
    return line_check.take_bytes(request, station.id)


@with_station
@require_POST
def sample(request: HttpRequest, station: Station) -> HttpResponseBase:
    """Keep what was measured: JSON as `lines.results.SampleTold`."""
    line_check.allow(station.id, "results", line_check.RESULTS_A_MINUTE)
    told = line_check.read(request, SampleTold.model_validate_json)
    take_sample(station=station, now=clock.now(), **told.model_dump(exclude_none=True))
    return HttpResponse(status=204)
