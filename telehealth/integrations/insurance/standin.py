"""A stand-in for the portal that behaves like it, its bad days included: for development, demonstration and tests.

The last four digits of the asked number say how it answers: `9` and a code answers with that code ("9060": wrong name);
`9998` never answers, `9997` is overloaded (503), `9996` sends a page instead of JSON, `9995` hangs up, `9993` answers "correct" about
somebody else. `9003` names a new card. Every other number is that of whoever is asked about, and good.

    python -m telehealth.integrations.insurance.standin --port 7950
"""

import argparse
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from telehealth.integrations.insurance.codes import CODES
from telehealth.integrations.insurance.messages import LOGIN_PATH, LOOK_UP_PATH

STAND_IN = "stand-in:"
"""`INSURANCE_PORTAL_URL` that means this, inside the worker and without a port."""
REFUSED = "sai-tai-khoan"
"""User name the stand-in does not let in."""
SILENT_SECONDS = 30.0
_CODES = frozenset(code for code in CODES if code.isdigit())
_CARD = re.compile(r"([A-Z]{2})(\d)(\d{2})\d{10}")


@dataclass(frozen=True)
class Reply:
    """What goes back. `silent`: nothing, for a long time; `broken`: the connection ends without a word."""

    status: int = 200
    body: str = ""
    silent: bool = False
    broken: bool = False


@dataclass
class StandIn:
    """The portal: gives out tokens, takes each for `token_uses` look-ups, and answers."""

    token_uses: int = 1000
    log: list[str] = field(default_factory=list)
    """Paths asked, in order; nothing of what was asked."""
    _tokens: dict[str, int] = field(default_factory=dict)

    def answer(self, path: str, query: Mapping[str, str], body: Mapping[str, Any]) -> Reply:
        self.log.append(path)
        if path == LOGIN_PATH:
            return self._login(body)
        if path == LOOK_UP_PATH:
            return self._look_up(query, body)
        return Reply(404, "not found")

    def _login(self, body: Mapping[str, Any]) -> Reply:
        username, password = str(body.get("username", "")), str(body.get("password", ""))
        if not username or username == REFUSED or not re.fullmatch(r"[0-9a-f]{32}", password):
            return _json({"maKetQua": "401", "APIKey": None})
        token = f"token-{len(self._tokens) + 1}"
        self._tokens[token] = self.token_uses
        key = {"access_token": token, "id_token": f"id-{token}", "token_type": "Bearer", "username": username}
        return _json({"maKetQua": "200", "APIKey": {**key, "expires_in": "2099-01-01T00:00:00Z"}})

    def _look_up(self, query: Mapping[str, str], body: Mapping[str, Any]) -> Reply:
        token = query.get("token", "")
        if self._tokens.get(token, 0) <= 0 or query.get("id_token") != f"id-{token}":
            return _json({"maKetQua": "401", "ghiChu": "Lỗi xác thực tài khoản"})
        self._tokens[token] -= 1
        asked = {
            name: str(body.get(name) or "") for name in ("maThe", "hoTen", "ngaySinh", "hoTenCb", "cccdCb")
        }
        number = asked["maThe"]
        match number[-4:]:
            case "9998":
                return Reply(silent=True)
            case "9997":
                return Reply(503, "Service Unavailable")
            case "9996":
                return Reply(200, "<html>Bảo trì</html>")
            case "9995":
                return Reply(broken=True)
            case "9993":
                return _json({**_card(number, "Lầu Y Khác", "01/01/1970", "Nữ"), "maKetQua": "000"})
        return _json(_result(_code_for(asked), asked))


def _code_for(asked: Mapping[str, str]) -> str:
    number = asked["maThe"]
    if not (asked["hoTen"] and asked["ngaySinh"]):
        return "205"
    if not re.fullmatch(r"\d{12}", asked["cccdCb"]):
        return "054"
    if not asked["hoTenCb"]:
        return "055"
    card = _CARD.fullmatch(number)
    if not card and not re.fullmatch(r"\d{10}|\d{12}", number):
        return "051"
    if card and not 1 <= int(card[3]) <= 99:
        return "052"
    if card and card[2] not in "12345":
        return "053"
    wanted = number[-3:]
    return wanted if number[-4] == "9" and wanted in _CODES else "000"


def _result(code: str, asked: Mapping[str, str]) -> dict[str, Any]:
    number = asked["maThe"]
    known = _card(number, asked["hoTen"], asked["ngaySinh"], "")
    if code == "003":
        fresh = number[:-4] + "0" + number[-3:]
        return {
            **known,
            "maKetQua": code,
            "maTheMoi": fresh,
            "gtTheTuMoi": "01/01/2026",
            "gtTheDenMoi": "31/12/2026",
        }
    if code in {"060", "061", "070"}:
        # The portal says what does not fit, and not what would.
        return {"maKetQua": code, "ghiChu": "Thông tin không khớp", "maThe": number}
    if code in {"000", "001", "002", "004", "010", "110", "120", "121", "122", "123", "124", "130"}:
        return {**known, "maKetQua": code}
    return {"maKetQua": code, "ghiChu": "Không có dữ liệu"}


def _card(number: str, name: str, born: str, sex: str) -> dict[str, Any]:
    card = number if len(number) == 15 else f"GD440{number[-10:]}"
    return {
        "ghiChu": "",
        "maThe": card,
        "hoTen": name.upper(),
        "ngaySinh": born,
        "gioiTinh": sex,
        "diaChi": "Nghệ An",
        "maDKBD": "40099",
        "cqBHXH": "BHXH Nghệ An",
        "gtTheTu": "01/01/2026",
        "gtTheDen": "31/12/2026",
        "maKV": "K1",
        "ngayDu5Nam": "01/01/2030",
        "maSoBHXH": card[-10:],
        "maTheCu": None,
        "maTheMoi": None,
        "dsLichSuKCB2018": [],
        "dsLichSuKT2018": [],
    }


def _json(body: Mapping[str, Any]) -> Reply:
    return Reply(200, json.dumps(body, ensure_ascii=False))


def transport(portal: StandIn | None = None) -> httpx.MockTransport:
    """Return the stand-in as an HTTP transport: the same answers, without a port."""
    portal = portal or StandIn()

    def handle(request: httpx.Request) -> httpx.Response:
        reply = portal.answer(
            request.url.path, dict(request.url.params), json.loads(request.content or b"{}")
        )
        if reply.silent:
            raise httpx.ReadTimeout("silent", request=request)
        if reply.broken:
            raise httpx.ReadError("hung up", request=request)
        return httpx.Response(reply.status, text=reply.body)

    return httpx.MockTransport(handle)


def serve(portal: StandIn, *, host: str = "127.0.0.1", port: int = 0) -> ThreadingHTTPServer:
    """Return a server that is bound and not yet serving: `serve_forever()` does that."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            address = urlsplit(self.path)
            query = {name: values[-1] for name, values in parse_qs(address.query).items()}
            try:
                body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
            except ValueError:
                body = {}
            reply = portal.answer(address.path, query, body)
            if reply.silent:
                time.sleep(SILENT_SECONDS)
            if reply.silent or reply.broken:
                self.close_connection = True
                return
            content = reply.body.encode()
            self.send_response(reply.status)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the base class's name
            """Nothing: the address holds the account's secrets."""

    server = ThreadingHTTPServer((host, port), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    return server


def main() -> None:
    parser = argparse.ArgumentParser(prog="standin", description="Plays the social insurance portal.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=7950)
    options = parser.parse_args()
    serve(StandIn(), host=options.host, port=options.port).serve_forever()


if __name__ == "__main__":
    main()
