"""Stations of a facility: registering this computer, taking one back, and the page such a computer leaves open."""

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from telehealth.accounts.hat import Hat
from telehealth.core import clock
from telehealth.core.errors import Invalid
from telehealth.lines.domain.stations import register_station, revoke_station, stations_of
from telehealth.web.http import with_hat
from telehealth.web.views.lines import figures_shown


@require_http_methods(["GET", "POST"])
@with_hat
def stations(request: HttpRequest, hat: Hat) -> HttpResponseBase:
    """Show a facility's stations and make this computer one: its token goes on in the fragment, which no server sees."""
    error, name = "", request.POST.get("name", "")
    if request.method == "POST":
        try:
            registered = register_station(hat=hat, name=name, now=clock.now())
        except Invalid as invalid:
            error = invalid.text
        else:
            # Not by `redirect`: a token is no address.
            address = f"{reverse('line_station')}#{registered.token}"
            return HttpResponse(status=303, headers={"Location": address})
    context = {"facility": hat.facility, "stations": stations_of(hat), "error": error, "name": name}
    return render(request, "lines/stations.html", context, status=422 if error else 200)


@require_POST
@with_hat
def revoke(request: HttpRequest, hat: Hat, station_id: UUID) -> HttpResponseBase:
    """Take a station's token back."""
    revoke_station(hat=hat, station_id=station_id, now=clock.now())
    return redirect("line_stations")


@require_GET
def station(request: HttpRequest) -> HttpResponseBase:
    """Show the page a station leaves open. Whoever opens it needs no sign-in: what it may do comes with its token."""
    words = {
        "connected": _(
            "Đã nối với máy chủ. Máy này tự đo đường truyền của {place}, mỗi giờ vào phút thứ {minute}."
        ),
        "broken": _("Mất kết nối với máy chủ: đang thử nối lại, lần đứt này sẽ được ghi."),
        "unknown": _("Máy này chưa được đăng ký tự đo, hoặc đã bị thu hồi. Hãy đăng nhập rồi đăng ký lại."),
        "last": _("Lần đo gần nhất lúc {time}: {what}"),
        "next": _("Lần đo tiếp theo lúc {time}"),
    }
    boot = {
        "pulse_url": reverse("api_line_station"),
        "down_url": reverse("api_line_station_down"),
        "up_url": reverse("api_line_station_up"),
        "sample_url": reverse("api_line_station_sample"),
        "language": get_language() or settings.LANGUAGE_CODE,
        "figures": figures_shown(),
        "words": words,
    }
    return render(request, "lines/station.html", {"boot": boot})
