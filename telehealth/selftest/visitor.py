"""A person's browser as far as pages go: cookies, CSRF, forms. Synchronous; every call has a time limit."""

import http.client
import json
import re
import ssl
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import SplitResult, urlencode, urljoin, urlsplit

from django.utils.translation import gettext as _

from telehealth.selftest.pages import Form, Page
from telehealth.selftest.report import Trouble

SECONDS = 10.0
MAX_REDIRECTS = 5
MAX_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True)
class Address:
    """Where the platform is: `url` is what is connected to, `origin` the public address it answers as.

    They differ when the web process is asked directly, past its proxy; then we say what the proxy would say.
    """

    url: str
    origin: str

    @property
    def at(self) -> SplitResult:
        return urlsplit(self.url)

    @property
    def public(self) -> SplitResult:
        return urlsplit(self.origin)

    def headers(self) -> dict[str, str]:
        """Return what tells the web process its public address."""
        headers = {"Host": self.public.netloc}
        if self.at.netloc != self.public.netloc:
            headers["X-Forwarded-Proto"] = self.public.scheme
        return headers


@dataclass(frozen=True)
class Reply:
    """An answer. `path` is where it came from after redirects."""

    status: int
    path: str
    content_type: str
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def page(self) -> Page:
        return Page(self.text)

    @property
    def json(self) -> dict[str, Any]:
        """The body as a JSON object; empty when it is none."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


class Visitor:
    """One person's cookies and their way through the pages.

    Raises (all methods): Trouble: `http.*`.
    """

    def __init__(self, address: Address, *, language: str) -> None:
        self.address = address
        self.cookies = {"language": language}

    def get(self, path: str) -> Reply:
        """Fetch a page; anything but 200 is trouble."""
        return self._expect(self._follow("GET", path, None, {}))

    def fetch(self, path: str) -> Reply:
        """Fetch whatever is there, with any status."""
        return self._follow("GET", path, None, {})

    def send(
        self, path: str, fields: list[tuple[str, str]], *, method: str = "POST", json: bool = False
    ) -> Reply:
        """Send a form's fields as its page would, with the CSRF token; anything but 200 is trouble."""
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": self.address.origin,
            "Referer": self.address.origin + path,
            "X-CSRFToken": self.cookies.get("csrftoken", ""),
            **({"Accept": "application/json"} if json else {}),
        }
        return self._expect(self._follow(method, path, urlencode(fields).encode(), headers))

    def submit(self, form: Form, ending: str = "", **values: str | list[str]) -> Reply:
        """Fill in a form and send it to its address with that ending."""
        url = next(url for url in form.urls if url.split("?")[0].endswith(ending))
        return self.send(url, form.filled(**values))

    @property
    def cookie_header(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def _follow(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Reply:
        for _step in range(MAX_REDIRECTS):
            status, found, location = self._once(method, path, body, headers)
            # htmx answers 200 or 204 with where to go next
            if not location:
                return Reply(status, path, found[0], found[1])
            target = urlsplit(urljoin(self.address.origin + path, location))
            path = target.path + (f"?{target.query}" if target.query else "")
            method, body = "GET", None
            headers = {}
        raise Trouble(
            "http.redirects",
            _("%(path)s dẫn vòng quanh, không tới trang nào.") % {"path": path},
            _("Xem ALLOWED_ORIGINS và cấu hình chuyển hướng của máy chủ trung gian (proxy)."),
        )

    def _once(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[int, tuple[str, bytes], str]:
        at = self.address.at
        host, port = at.hostname or "", at.port
        connection = (
            http.client.HTTPSConnection(host, port, timeout=SECONDS, context=ssl.create_default_context())
            if at.scheme == "https"
            else http.client.HTTPConnection(host, port, timeout=SECONDS)
        )
        sent = {"Accept": "text/html", **self.address.headers(), "Cookie": self.cookie_header, **headers}
        try:
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            content = answer.read(MAX_BYTES)
        except (OSError, http.client.HTTPException) as error:
            raise unreachable(self.address.url, error) from error
        finally:
            connection.close()
        for header in answer.headers.get_all("Set-Cookie", []):
            for name, morsel in SimpleCookie(header).items():
                if morsel.value:
                    self.cookies[name] = morsel.value
                else:
                    self.cookies.pop(name, None)
        location = answer.headers.get("Location") or answer.headers.get("HX-Redirect") or ""
        kind = answer.headers.get_content_type()
        return answer.status, (kind, content), location

    def _expect(self, reply: Reply) -> Reply:
        if reply.status in {200, 204}:
            return reply
        raise refusal(reply)


def unreachable(url: str, error: Exception) -> Trouble:
    """Return the trouble of a connection that did not come about."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return Trouble(
            "http.certificate",
            _("Chứng thư TLS của %(url)s không được máy này tin: %(reason)s.")
            % {"url": url, "reason": error.verify_message},
            _("Gia hạn chứng thư, hoặc đặt SSL_CERT_FILE trỏ tới chứng thư gốc nội bộ rồi chạy lại."),
        )
    return Trouble(
        "http.unreachable",
        _("Không kết nối được tới %(url)s: %(reason)s.") % {"url": url, "reason": error},
        _("Khởi động nền tảng, kiểm tra tên miền và tường lửa, hoặc chỉ đúng địa chỉ bằng --url."),
    )


def refusal(reply: Reply) -> Trouble:
    """Return the trouble of an answer that is not the wanted page."""
    told = reply.json.get("text") or _sentence(reply.text) if reply.status < 500 else ""
    text = _("%(path)s trả lời %(status)s. %(told)s") % {
        "path": reply.path, "status": reply.status, "told": told,
    }  # fmt: skip
    cures = {
        400: _("Thêm tên miền này vào ALLOWED_HOSTS."),
        403: _(
            "Thêm địa chỉ này (cả giao thức và cổng) vào ALLOWED_ORIGINS; proxy phải chuyển X-Forwarded-Proto."
        ),
        404: _("Bản cài đặt không trọn: chạy lại bước nâng cấp, rồi xem log của web."),
        429: _("Có quá nhiều lần đăng nhập từ địa chỉ này: đợi một phút rồi chạy lại."),
        502: _("Máy chủ trung gian (proxy) không tới được tiến trình web: xem nó có đang chạy không."),
        503: _("Cơ sở dữ liệu hoặc Valkey đang mất kết nối: xem log của web và trang /readyz."),
    }
    return Trouble(f"http.{reply.status}", text.strip(), cures.get(reply.status, _("Xem log của web.")))


def _sentence(html: str) -> str:
    """Return the heading of an error page, for somebody who sees only a terminal."""
    found = re.search(r"<h1[^>]*>(.*?)</h1>", html, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split())[:200] if found else ""
