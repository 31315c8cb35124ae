"""What a line check asks of the server besides its socket: something to fetch, somewhere to send, and keeping the result.

Transfers are bounded in bytes here and in time by the page; what is sent up is thrown away, what is sent down is chance, so that
nothing on the way can make it smaller.
"""

import os
import secrets
import time
from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from pydantic import ValidationError

from media.turn import ice_servers
from telehealth.accounts.models import User
from telehealth.core import clock
from telehealth.core.errors import DomainError, Invalid
from telehealth.lines.domain.checks import save_line_check
from telehealth.lines.enums import Verdict
from telehealth.lines.results import CheckTold
from telehealth.lines.words import VERDICT_ABOUT
from telehealth.web.http import hat_of, signed_in
from telehealth.web.views.lines import OWN_CHECKS_KEY

T = TypeVar("T")

MAX_TRANSFER_BYTES = 1024 * 1024
CHUNK_BYTES = 64 * 1024
TURN_SECONDS = 600
OWN_CHECKS_KEPT = 5

# One check makes about a dozen transfers; ten checks a minute are a fault or a toy.
TRANSFERS_A_MINUTE = 120
RESULTS_A_MINUTE = 10


class TooOften(DomainError):
    """This person asks for more than a check needs; a later request may be answered (HTTP 429)."""

    status = 429
    retry = True


@require_GET
@signed_in
def setup(request: HttpRequest, user: User) -> HttpResponseBase:
    """Return the TURN servers for the checks, with credentials of ten minutes. None set up: an empty list."""
    servers = ice_servers(
        urls=settings.TURN_URLS,
        secret=settings.TURN_SECRET,
        name=f"check-{secrets.token_hex(8)}",
        now=time.time(),
        ttl=TURN_SECONDS,
    )
    return JsonResponse({"ice_servers": servers})


@require_GET
@signed_in
def down(request: HttpRequest, user: User) -> HttpResponseBase:
    """Send `?bytes=` bytes of chance."""
    return send_chance(request, user.pk)


def send_chance(request: HttpRequest, who: UUID) -> HttpResponse:
    """Answer with as many bytes of chance as are asked for."""
    allow(who, "transfers", TRANSFERS_A_MINUTE)
    wanted = request.GET.get("bytes", "")
    if not (wanted.isascii() and wanted.isdigit()) or int(wanted) > MAX_TRANSFER_BYTES:
        raise Invalid("line_check.size", _("Kích thước đo không hợp lệ. Hãy tải lại trang."))
    return HttpResponse(os.urandom(int(wanted)), content_type="application/octet-stream")


@require_POST
@signed_in
def up(request: HttpRequest, user: User) -> HttpResponseBase:
    """Take bytes, throw them away, say how many came."""
    return take_bytes(request, user.pk)


def take_bytes(request: HttpRequest, who: UUID) -> HttpResponse:
    """Read the body and forget it."""
    allow(who, "transfers", TRANSFERS_A_MINUTE)
    received = 0
    while chunk := request.read(CHUNK_BYTES):
        received += len(chunk)
        if received > MAX_TRANSFER_BYTES:
            raise Invalid("line_check.size", _("Kích thước đo không hợp lệ. Hãy tải lại trang."))
    return JsonResponse({"bytes": received})


@require_POST
@signed_in
def save(request: HttpRequest, user: User) -> HttpResponseBase:
    """Keep a check: JSON as `lines.results.CheckTold`. Answers code, verdict in words, and where it can be read again."""
    allow(user.pk, "results", RESULTS_A_MINUTE)
    told = read(request, CheckTold.model_validate_json)
    check = save_line_check(hat=hat_of(request), outcomes=told.as_outcomes(), now=clock.now())
    own = [*request.session.get(OWN_CHECKS_KEY, []), str(check.id)]
    request.session[OWN_CHECKS_KEY] = own[-OWN_CHECKS_KEPT:]
    return JsonResponse(
        {
            "code": check.code,
            "verdict": check.verdict,
            "title": check.get_verdict_display(),
            "text": str(VERDICT_ABOUT[Verdict(check.verdict)]),
            "page_url": reverse("line_check_result", args=[check.id]),
            "report_url": reverse("line_check_report", args=[check.id]),
        },
        status=201,
    )


def read(request: HttpRequest, validate: Callable[[bytes], T]) -> T:
    """Return the body as it should be.

    Raises:
        Invalid: `line_check.malformed`.
    """
    try:
        return validate(request.body)
    except (ValidationError, RequestDataTooBig):
        raise Invalid(
            "line_check.malformed", _("Máy chủ không hiểu kết quả này. Hãy tải lại trang rồi kiểm tra lại.")
        ) from None


def allow(who: UUID, what: str, most: int) -> None:
    """Count one act of a person, or of a station, in this minute.

    Raises:
        TooOften: `line_check.too_often`.
    """
    key = f"line-check:{what}:{who}:{int(time.time() // 60)}"
    cache.add(key, 0, timeout=120)
    if cache.incr(key) > most:
        raise TooOften("line_check.too_often", _("Kiểm tra quá nhiều lần. Hãy chờ một phút rồi thử lại."))
