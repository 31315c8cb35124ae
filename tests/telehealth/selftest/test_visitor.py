"""A visitor on a real HTTP server that says back what it was sent."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from telehealth.selftest.report import Trouble
from telehealth.selftest.visitor import Address, Visitor


class Echo(BaseHTTPRequestHandler):
    """`/status/403` answers so, `/move` redirects, `/loop` to itself, everything else tells what came."""

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        body = self.rfile.read(length).decode()
        where, _slash, number = self.path.removeprefix("/").partition("/")
        status = int(number) if where == "status" else 302 if where in {"move", "loop"} else 200
        self.send_response(status)
        if where == "move":
            self.send_header("Location", "/moved/?a=1")
        if where == "loop":
            self.send_header("Location", "/loop")
        self.send_header("Set-Cookie", "csrftoken=token-1; Path=/; Secure; SameSite=Lax")
        self.send_header("Set-Cookie", f"seen={where}; Path=/")
        told = {"method": self.command, "path": self.path, "body": body, "headers": dict(self.headers)}
        content = (
            b"<h1>Kh\xc3\xb4ng <b>\xc4\x91\xc6\xb0\xe1\xbb\xa3c</b></h1>"
            if status >= 400
            else json.dumps(told).encode()
        )
        self.send_header("Content-Type", "text/html" if status >= 400 else "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = _answer  # noqa: N815 -- the base class calls them so

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class's name
        """Say nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_keeps_cookies_and_sends_what_a_form_needs(url: str) -> None:
    visitor = Visitor(Address(url, url), language="en")
    visitor.get("/page/")
    told = visitor.send("/form/", [("name", "Lô Văn A"), ("name", "b")]).json
    headers = told["headers"]
    assert (told["method"], told["path"]) == ("POST", "/form/")
    assert told["body"] == "name=L%C3%B4+V%C4%83n+A&name=b"
    assert headers["Cookie"] == "language=en; csrftoken=token-1; seen=page"
    assert headers["X-CSRFToken"] == "token-1"
    assert headers["Origin"] == url
    assert headers["Referer"] == f"{url}/form/"
    assert "X-Forwarded-Proto" not in headers


def test_follows_a_redirect_with_get_and_knows_where_it_is(url: str) -> None:
    reply = Visitor(Address(url, url), language="vi").send("/move", [("a", "b")])
    assert reply.path == "/moved/?a=1"
    assert (reply.json["method"], reply.json["body"]) == ("GET", "")


def test_past_the_proxy_it_says_what_the_proxy_would(url: str) -> None:
    visitor = Visitor(Address(url, "https://hoichan.example.vn"), language="vi")
    visitor.get("/page/")
    headers = visitor.send("/form/", []).json["headers"]
    assert headers["Host"] == "hoichan.example.vn"
    assert headers["X-Forwarded-Proto"] == "https"
    assert headers["Origin"] == "https://hoichan.example.vn"
    assert "token-1" in headers["Cookie"]  # although it is Secure and this hop is not


@pytest.mark.parametrize(
    ("path", "code", "cure"),
    [
        ("/status/400", "http.400", "ALLOWED_HOSTS"),
        ("/status/403", "http.403", "ALLOWED_ORIGINS"),
        ("/status/429", "http.429", "đợi một phút"),
        ("/status/500", "http.500", "log của web"),
        ("/status/502", "http.502", "proxy"),
        ("/loop", "http.redirects", "ALLOWED_ORIGINS"),
    ],
)
def test_a_refusal_names_the_cure(url: str, path: str, code: str, cure: str) -> None:
    with pytest.raises(Trouble) as refused:
        Visitor(Address(url, url), language="vi").get(path)
    assert refused.value.code == code
    assert cure in refused.value.cure


def test_a_refusal_repeats_the_pages_heading_but_not_a_failures_page(url: str) -> None:
    visitor = Visitor(Address(url, url), language="vi")
    with pytest.raises(Trouble) as refused:
        visitor.get("/status/403")
    assert refused.value.text == "/status/403 trả lời 403. Không được"
    with pytest.raises(Trouble) as failed:
        visitor.get("/status/500")
    assert failed.value.text == "/status/500 trả lời 500."


def test_nobody_there_is_said_in_words() -> None:
    with pytest.raises(Trouble) as refused:
        Visitor(Address("http://127.0.0.1:1", "http://127.0.0.1:1"), language="vi").get("/")
    assert refused.value.code == "http.unreachable"
    assert "http://127.0.0.1:1" in refused.value.text
