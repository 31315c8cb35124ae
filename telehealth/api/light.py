"""JSON endpoints without the pages' machinery, for the minute in which a whole province books.

Django's request cycle alone (a dozen middlewares, a thread of its own for each request) answers about 400 requests a second on one
core, before a view has done anything; Daphne itself carries ten times that. What these endpoints need of it is here and no more: whose
page asks (Origin), which host, cookies, language, a body of few bytes, a fixed set of threads with their database connections, and the
same errors in the same words. There is no session and no signed-in user.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import parse_qs

from django.conf import settings
from django.db import connection
from django.http import parse_cookie
from django.http.request import validate_host
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, ConfigDict, ValidationError

from telehealth.core import clock
from telehealth.core.errors import DomainError, Invalid, NotAllowed, NotFound, Unavailable
from telehealth.web.errors import OUR_SIDE_IS_DOWN, RETRY_SECONDS

logger = logging.getLogger(__name__)

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

THREADS = 6
"""Each keeps its database connection: together less than a third of the pool (`DATABASE_POOL`)."""
MAX_BODY_BYTES = 16 * 1024
ALWAYS = {
    b"content-type": b"application/json",
    b"cache-control": b"no-store",
    b"x-content-type-options": b"nosniff",
    b"cross-origin-resource-policy": b"same-origin",
    b"referrer-policy": b"same-origin",
}


class Body(BaseModel):
    """What a request's JSON must be. Anything not declared is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_max_length=4000)


B = TypeVar("B", bound=Body)


@dataclass(frozen=True)
class Ask:
    """One request."""

    query: Mapping[str, list[str]]
    cookies: Mapping[str, str]
    body: bytes
    address: str
    language: str
    now: datetime

    def read(self, model: type[B]) -> B:
        """Return the body.

        Raises:
            Invalid: `request.malformed`, with the fields that are wrong.
        """
        try:
            return model.model_validate_json(self.body or b"{}")
        except ValidationError as error:
            fields = sorted({".".join(map(str, one["loc"])) for one in error.errors()})
            raise Invalid("request.malformed", MALFORMED, fields=fields) from None

    def one(self, name: str, default: str = "") -> str:
        """Return a parameter of the address."""
        return self.query.get(name, [default])[0]


@dataclass(frozen=True)
class Reply:
    """One answer: JSON, and headers in lower case."""

    body: Mapping[str, Any]
    status: int = HTTPStatus.OK
    headers: Mapping[bytes, bytes] = field(default_factory=dict)


Handler = Callable[[Ask], Reply]

MALFORMED: Promise = _(
    "Máy chủ không hiểu yêu cầu này. Dữ liệu không thay đổi; hãy tải lại trang rồi thử lại."
)


class Light:
    """An ASGI application of `routes`: method and path to handler, which runs in one of our threads."""

    def __init__(self, routes: Mapping[tuple[str, str], Handler]) -> None:
        self.routes = routes
        self.threads = ThreadPoolExecutor(THREADS, thread_name_prefix="light")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _body(receive)
        if body is None:
            return
        loop = asyncio.get_running_loop()
        status, headers, content = await loop.run_in_executor(self.threads, self._answer, scope, body)
        headers = {**ALWAYS, **headers, b"content-length": str(len(content)).encode()}
        await send({"type": "http.response.start", "status": status, "headers": list(headers.items())})
        await send({"type": "http.response.body", "body": content})

    def _answer(self, scope: Scope, body: bytes) -> tuple[int, Mapping[bytes, bytes], bytes]:
        headers = dict(scope["headers"])
        cookies = parse_cookie(headers.get(b"cookie", b"").decode("latin1"))
        language = _language(cookies.get(settings.LANGUAGE_COOKIE_NAME, ""))
        translation.activate(language)
        try:
            handler = self.routes.get((scope["method"], scope["path"]))
            if handler is None:
                raise NotFound("page.not_found", _("Không có địa chỉ này."))
            _check_sender(scope["method"], headers)
            if len(body) > MAX_BODY_BYTES:
                raise Invalid("request.malformed", MALFORMED)
            query = _query(scope["query_string"])
            client = scope.get("client") or ("", 0)
            reply = handler(Ask(query, cookies, body, str(client[0]), language, clock.now()))
            return reply.status, reply.headers, _json(reply.body)
        except DomainError as error:
            more = {b"retry-after": str(error.detail.get("retry_after", RETRY_SECONDS)).encode()}
            body = _json({"code": error.code, "text": error.text, **error.detail})
            return error.status, more if error.retry else {}, body
        except OUR_SIDE_IS_DOWN as error:
            return self._unavailable(error)
        except Exception:
            logger.exception("a light endpoint failed")
            text = _("Máy chủ gặp lỗi. Những gì đã báo “Đã lưu” vẫn an toàn. Hãy thử lại sau ít phút.")
            return HTTPStatus.INTERNAL_SERVER_ERROR, {}, _json({"code": "platform.failed", "text": str(text)})
        finally:
            translation.deactivate()

    @staticmethod
    def _unavailable(error: Exception) -> tuple[int, Mapping[bytes, bytes], bytes]:
        logger.error("database or cache unreachable: %s", type(error).__name__)
        # The thread keeps its connection from one request to the next: a broken one must not be kept.
        connection.close()
        away = Unavailable(
            "platform.unavailable",
            _("Hệ thống đang tạm mất kết nối với cơ sở dữ liệu. Hãy thử lại sau giây lát."),
        )
        body = _json({"code": away.code, "text": away.text})
        return away.status, {b"retry-after": str(RETRY_SECONDS).encode()}, body


def at_prefix(prefix: str, light: Light, pages: Callable[..., Awaitable[None]]) -> Application:
    """Return the application that serves `light` below a prefix and the pages everywhere else."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        await (light if scope["path"].startswith(prefix) else pages)(scope, receive, send)

    return application


def _check_sender(method: str, headers: Mapping[bytes, bytes]) -> None:
    """Let in only our own hosts, and writes only from our own pages.

    A browser always sends the origin with a POST (Fetch §3.1), and never another site's JSON without asking first, which nobody
    answers here; so no token is needed against forged requests. Who sends no origin is no browser and has nobody's cookie.

    Raises:
        NotAllowed: `csrf.failed`; Invalid: `request.malformed`.
    """
    host = headers.get(b"host", b"").decode("latin1").rpartition(":")
    name = host[0] if host[1] and not host[2].endswith("]") else host[2]
    if not validate_host(name.lower(), settings.ALLOWED_HOSTS):
        raise Invalid("request.malformed", MALFORMED)
    if method == "GET":
        return
    origin = headers.get(b"origin")
    if origin is not None and origin.decode("latin1") not in settings.ALLOWED_ORIGINS:
        raise NotAllowed(
            "csrf.failed",
            _("Yêu cầu này không đến từ trang của hệ thống. Chưa có gì thay đổi; hãy tải lại trang."),
        )
    if headers.get(b"content-type", b"").partition(b";")[0].strip() != b"application/json":
        raise Invalid("request.malformed", MALFORMED)


async def _body(receive: Receive) -> bytes | None:
    """Return the body, cut off beyond what is read anyway; None when the client has gone."""
    body = b""
    while True:
        event = await receive()
        if event["type"] == "http.disconnect":
            return None
        if len(body) <= MAX_BODY_BYTES:
            body += event.get("body", b"")
        if not event.get("more_body"):
            return body


def _query(text: bytes) -> Mapping[str, list[str]]:
    try:
        return parse_qs(text.decode("latin1"), max_num_fields=20)
    except ValueError:
        raise Invalid("request.malformed", MALFORMED) from None


def _language(wanted: str) -> str:
    return wanted if wanted in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def _json(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, default=str).encode()
