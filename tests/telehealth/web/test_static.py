"""Static files where nothing was collected, and while a build replaces them."""

from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from telehealth.web.static import StaticFilesMiddleware


def elsewhere(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=404)


def serving(settings: Settings, dist: Path) -> StaticFilesMiddleware:
    settings.STATICFILES_DIRS = [dist]
    settings.STATIC_ROOT = dist.parent / "never-collected"
    settings.WHITENOISE_USE_FINDERS = True
    settings.WHITENOISE_AUTOREFRESH = False
    return StaticFilesMiddleware(elsewhere)  # a warning about the missing folder would fail the test


def test_a_file_is_served_without_anything_collected(settings: Settings, tmp_path: Path) -> None:
    dist = tmp_path / "dist"
    dist.mkdir()
    (dist / "app-1.js").write_text("1")
    answer = serving(settings, dist)(RequestFactory().get("/static/app-1.js"))
    assert (answer.status_code, answer.getvalue()) == (200, b"1")


def test_a_file_that_a_build_took_away_is_not_found(settings: Settings, tmp_path: Path) -> None:
    dist = tmp_path / "dist"
    dist.mkdir()
    (dist / "app-1.js").write_text("1")
    middleware = serving(settings, dist)
    (dist / "app-1.js").unlink()
    assert middleware(RequestFactory().get("/static/app-1.js")).status_code == 404
