"""Every address of the platform."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

from telehealth.web import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("language/", set_language, name="set_language"),
    path("account/", include("telehealth.web.account_urls")),
    path("api/", include("telehealth.api.urls")),
    path("", include("telehealth.web.urls")),
]

if not settings.PRODUCTION:
    from django.views.generic import TemplateView

    urlpatterns.append(
        path("styleguide/", TemplateView.as_view(template_name="styleguide.html"), name="styleguide")
    )

handler400 = "telehealth.web.errors.bad_request"
handler403 = "telehealth.web.errors.forbidden"
handler404 = "telehealth.web.errors.not_found"
handler500 = "telehealth.web.errors.server_error"
