"""Errors as people and programs see them: what happened, what is safe, what to do; always with a stable code."""

import logging
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from telehealth.core.errors import DomainError, NotAllowed, NotFound, Unavailable

logger = logging.getLogger(__name__)

OUR_SIDE_IS_DOWN = (OperationalError, InterfaceError, RedisError)
RETRY_SECONDS = 5


def wants_json(request: HttpRequest) -> bool:
    """Say whether the caller is a program: the API, or whoever accepts JSON and no HTML."""
    accept = request.headers.get("Accept", "")
    return request.path.startswith("/api/") or ("application/json" in accept and "text/html" not in accept)


def is_fragment(request: HttpRequest) -> bool:
    """Say whether htmx asks for a part of a page."""
    return "HX-Request" in request.headers and "HX-Boosted" not in request.headers


def as_json(error: DomainError, *, status: int | None = None, **more: Any) -> JsonResponse:
    """Return the error for programs: its code, its sentence, its details."""
    body = {"code": error.code, "text": error.text, **error.detail, **more}
    return JsonResponse(body, status=status or error.status)


def explain(request: HttpRequest, error: DomainError) -> HttpResponse:
    """Answer an error of the domain in the form the caller reads."""
    if wants_json(request):
        return as_json(error)
    if is_fragment(request):
        return render(request, "errors/fragment.html", {"error": error}, status=error.status)
    return render(request, "errors/error.html", {"error": error}, status=error.status)


def unavailable(request: HttpRequest, error: Exception) -> HttpResponse:
    """Answer while the database or the cache is away. Uses neither: not the session, not who is signed in."""
    logger.error("database or cache unreachable: %s", type(error).__name__)
    away = Unavailable(
        "platform.unavailable",
        _("Hệ thống đang tạm mất kết nối với cơ sở dữ liệu. Cuộc gọi đang diễn ra vẫn tiếp tục."),
    )
    response: HttpResponse
    if wants_json(request):
        response = as_json(away)
    else:
        name = "errors/fragment.html" if is_fragment(request) else "errors/unavailable.html"
        response = HttpResponse(render_to_string(name, {"error": away}), status=away.status)
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Handler of status 400: a request no page of ours sends."""
    error = DomainError(
        "request.malformed",
        _("Máy chủ không hiểu yêu cầu này. Dữ liệu không thay đổi; hãy tải lại trang rồi thử lại."),
    )
    return explain(request, error)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Handler of status 403."""
    return explain(request, NotAllowed("page.not_allowed", _("Vai trò hiện tại không mở được trang này.")))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Handler of status 404."""
    return explain(
        request, NotFound("page.not_found", _("Không có trang này, hoặc anh/chị không có quyền xem."))
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """Handler of status 500. Rendered without the session or the database, which may be what failed."""
    error = DomainError(
        "platform.failed",
        _(
            "Máy chủ gặp lỗi khi xử lý trang này. Những gì đã báo “Đã lưu” vẫn an toàn. Hãy thử lại sau ít phút."
        ),
    )
    if wants_json(request):
        return as_json(error, status=500)
    name = "errors/fragment.html" if is_fragment(request) else "errors/unavailable.html"
    return HttpResponse(render_to_string(name, {"error": error}), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that did not come from a page of this session, or whose page is too old."""
    error = NotAllowed(
        "csrf.failed",
        _("Trang này đã cũ hoặc phiên làm việc đã đổi. Hãy tải lại trang rồi gửi lại; chưa có gì thay đổi."),
    )
    return explain(request, error)
