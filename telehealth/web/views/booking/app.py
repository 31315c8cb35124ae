"""What makes the patients' site an app on a phone's home screen: a manifest and a service worker."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET


@require_GET
def manifest(request: HttpRequest) -> HttpResponse:
    """Return the web app manifest."""
    start = reverse("booking_start")
    body = {
        "name": _("Đặt lịch khám bệnh Nghệ An"),
        "short_name": _("Đặt lịch khám"),
        "start_url": start,
        "scope": start,
        "display": "standalone",
        "background_color": "#f6f4f0",
        "theme_color": "#0c566b",
        "icons": [{"src": static("favicon.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"}],
    }
    return JsonResponse(body, content_type="application/manifest+json")


@require_GET
def service_worker(request: HttpRequest) -> HttpResponse:
    """Return the service worker, under the patients' site so that it can only ever see that."""
    response = render(request, "booking/sw.js", content_type="text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = "no-cache"
    return response
