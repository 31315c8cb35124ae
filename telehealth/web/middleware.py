"""What every request passes: security headers, language, hat, errors.

All four are synchronous: they read the session and the database. Django runs them in a thread under ASGI.
"""

from collections.abc import Callable
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from telehealth.accounts.hat import Hat, hats_of
from telehealth.accounts.models import User
from telehealth.core.errors import DomainError
from telehealth.web.errors import OUR_SIDE_IS_DOWN, explain, unavailable
from telehealth.web.http import origin_of

GetResponse = Callable[[HttpRequest], HttpResponseBase]

HAT_KEY = "membership"
"""Session key of the membership a person chose to act in (its id as text)."""


def content_security_policy(origins: list[str], *, wasm: bool = False) -> str:
    """Return the policy of our pages. `origins` are the addresses we are served under; their sockets may be opened.

    `wasm` lets a page compile WebAssembly, which decodes what a camera sees: for pages with the scanner, and no others.
    """
    sockets = ["'self'"] + [
        f"{'wss' if url.scheme == 'https' else 'ws'}://{url.netloc}" for url in map(urlsplit, origins)
    ]
    return "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'" + (" 'wasm-unsafe-eval'" if wasm else ""),
            "style-src 'self'",
            "img-src 'self' data: blob:",
            "media-src 'self' blob:",
            "font-src 'self'",
            "connect-src " + " ".join(sockets),
            "worker-src 'self' blob:",
            "manifest-src 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ]
    )


def scanner_policy() -> str:
    """Return the policy of a page with the scanner (`frontend/src/scan`)."""
    return content_security_policy(settings.ALLOWED_ORIGINS, wasm=True)


PERMISSIONS_POLICY = (
    "camera=(self), microphone=(self), display-capture=(self), fullscreen=(self), autoplay=(self), "
    "screen-wake-lock=(self), publickey-credentials-get=(self), publickey-credentials-create=(self), "
    "geolocation=(), payment=(), usb=(), serial=(), midi=(), browsing-topics=()"
)


def security_headers(get_response: GetResponse) -> GetResponse:
    """Send the headers that keep other sites and injected markup out. A view's own header stands."""
    headers = {
        "Content-Security-Policy": content_security_policy(settings.ALLOWED_ORIGINS),
        "Permissions-Policy": PERMISSIONS_POLICY,
        "Cross-Origin-Resource-Policy": "same-origin",
        # Whatever a page shows about a patient must not stay on a shared computer's disk.
        "Cache-Control": "no-store",
    }

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        return response

    return middleware


def vietnamese_first(get_response: GetResponse) -> GetResponse:
    """Speak Vietnamese until somebody chooses otherwise: what the browser was installed with says little here."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            request.META.pop("HTTP_ACCEPT_LANGUAGE", None)
        return get_response(request)

    return middleware


def hat(get_response: GetResponse) -> GetResponse:
    """Set `request.hats` (the memberships a person may act in) and `request.hat` (the one they act in, or None)."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        try:
            put_on_hat(request)
        except OUR_SIDE_IS_DOWN as error:
            return unavailable(request, error)
        return get_response(request)

    return middleware


def put_on_hat(request: HttpRequest) -> None:
    """Find out who asks, and as what. A request without a session cookie costs no query."""
    request.hats, request.hat = [], None  # type: ignore[attr-defined]
    user = request.user
    if not isinstance(user, User) or not user.is_active:
        return
    memberships = hats_of(user)
    wanted = _uuid(request.session.get(HAT_KEY))
    chosen = next((m for m in memberships if m.id == wanted), memberships[0] if memberships else None)
    request.hats = memberships  # type: ignore[attr-defined]
    request.hat = Hat(chosen, origin_of(request)) if chosen else None  # type: ignore[attr-defined]


def domain_errors(get_response: GetResponse) -> "DomainErrors":
    """Answer errors of the domain, and an unreachable database, in words."""
    return DomainErrors(get_response)


class DomainErrors:
    """The middleware of `domain_errors`; a class because Django looks for `process_exception` on it."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, DomainError):
            return explain(request, error)
        if isinstance(error, OUR_SIDE_IS_DOWN):
            return unavailable(request, error)
        return None


def _uuid(text: object) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None
