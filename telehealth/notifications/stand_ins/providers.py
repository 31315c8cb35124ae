"""What the providers answer. No sockets here: a request comes in, a reply goes out."""

import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from telehealth.notifications.catalogue import SPECS
from telehealth.notifications.channels import sms, zalo
from telehealth.notifications.kinds import Kind, Text
from telehealth.notifications.push import base64url
from telehealth.notifications.push.vapid import claims_of
from telehealth.notifications.values import BLANKS

PUSH_LIMIT = 4096
GSM = re.compile(r"[ -~\n]*")
"""The part of the GSM alphabet our texts use (it holds ASCII but for a few signs that count twice)."""


@dataclass(frozen=True)
class Reply:
    status: int
    body: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    lost: bool = False  # it is never given: the line hangs, then breaks
    receipt: str = ""  # an address the carrier calls afterwards


class Providers:
    """Carrier, Zalo and push service. `arrived` is what would lie on telephones, the newest last."""

    def __init__(self, *, origin: str) -> None:
        self._origin = origin
        self._lock = threading.Lock()
        self._seen: set[str] = set()
        self.arrived: list[dict[str, str]] = []

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Answer one request. `headers` have lower-case names."""
        with self._lock:
            if method == "GET" and path == "/arrived":
                return Reply(200, {"messages": self.arrived[-100:]})
            if method == "POST" and path == sms.PATH:
                return self._sms(_json(body))
            if method == "POST" and path == zalo.PATH:
                return self._zalo(headers, _json(body))
            if method == "POST" and path.startswith("/push/"):
                return self._push(path, headers, body)
            return Reply(404)

    def _sms(self, said: Mapping[str, Any]) -> Reply:
        phone, text, request = (str(said.get(name, "")) for name in ("Phone", "Content", "RequestId"))
        if trouble := self._trouble(phone, f"sms {request}"):
            return trouble
        if phone.endswith("0004"):
            return _carrier("103", "Not enough balance to send message")
        if not said.get("Brandname"):
            return _carrier("104", "Brandname does not exist")
        if not re.fullmatch(r"0\d{9}|\d{8,15}", phone):
            return _carrier("108", "Phone number is not in correct format")
        if not (GSM.fullmatch(text) and len(text) <= 160 and _approved(text)):
            return _carrier("146", "Wrong customer care template")
        if request in self._seen:
            return _carrier("124", "Duplicate RequestId")
        self._seen.add(request)
        self._arrive("sms", phone, text, request)
        failed = phone.endswith("0006")
        receipt = str(said.get("CallbackUrl") or "")
        if receipt:
            done = f"SendStatus=5&SendSuccess={int(not failed)}&SendFailed={int(failed)}&TypeId=2"
            receipt += f"?SMSID=sms-{request}&{done}"
        reply = {"CodeResult": "100", "CountRegenerate": 0, "SMSID": f"sms-{request}"}
        return Reply(200, reply, receipt=receipt, lost=phone.endswith("0003"))

    def _zalo(self, headers: Mapping[str, str], said: Mapping[str, Any]) -> Reply:
        phone, tracking = str(said.get("phone", "")), str(said.get("tracking_id", ""))
        kind, _, language = str(said.get("template_id", "")).partition(".")
        data = said.get("template_data") or {}
        if trouble := self._trouble(phone, f"zalo {tracking}"):
            return trouble
        if not headers.get("access_token"):
            return _zns(-124, "Access token invalid")
        if phone.endswith("0004"):
            return _zns(-115, "Out of quota")
        if not re.fullmatch(r"84\d{9}", phone):
            return _zns(-108, "Phone number invalid")
        if kind not in set(Kind):
            return _zns(-109, "Template ID invalid")
        text = _text(Kind(kind), language)
        if not text.blanks() <= data.keys():
            return _zns(-112, "Template data invalid")
        if phone.endswith("0001"):
            return _zns(-118, "Zalo account not existed")
        said_there = f"{text.body} {text.ask}: {data.get('link')}" if text.ask else text.body
        self._arrive("zalo", phone, said_there.format(**data), tracking)
        return Reply(
            200,
            {"error": 0, "message": "Success", "data": {"msg_id": f"zns-{tracking}", "sent_time": "0"}},
            lost=phone.endswith("0003"),
        )

    def _push(self, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """RFC 8030 §5 and RFC 8292 §4: what a push service checks, in the order it does."""
        if path.endswith("/gone"):
            return Reply(410)
        try:
            audience = claims_of(headers.get("authorization", ""))["aud"]
        except (ValueError, KeyError):
            return Reply(401)
        if audience != self._origin:
            return Reply(403)
        if "ttl" not in headers or headers.get("content-encoding") != "aes128gcm":
            return Reply(400)
        if len(body) > PUSH_LIMIT:
            return Reply(413)
        self._arrive("web_push", path, base64url.encode(body), headers.get("topic", ""))
        return Reply(201, headers={"Location": f"{self._origin}{path}/{len(self.arrived)}"})

    def _trouble(self, phone: str, request: str) -> Reply | None:
        if phone.endswith("0005"):
            return Reply(500)
        if phone.endswith("0002") and request not in self._seen:
            self._seen.add(request)
            return Reply(429, headers={"Retry-After": "7"})
        return None

    def _arrive(self, channel: str, to: str, text: str, reference: str) -> None:
        self.arrived.append({"channel": channel, "to": to, "text": text, "reference": reference})


def _carrier(code: str, error: str) -> Reply:
    return Reply(200, {"CodeResult": code, "CountRegenerate": 0, "ErrorMessage": error})


def _zns(error: int, message: str) -> Reply:
    return Reply(200, {"error": error, "message": message})


def _text(kind: Kind, language: str) -> Text:
    return SPECS[kind].en if language == "en" else SPECS[kind].vi


def _approved(text: str) -> bool:
    """Say whether a text is one of the registered templates, filled."""
    forms = {name: f"(?:{pattern.pattern})" for name, pattern in BLANKS.items()} | {"link": r"https?://\S+"}
    for spec in SPECS.values():
        for template in (spec.vi.sms, spec.en.sms):
            pieces = re.split(r"\{(\w+)\}", template)
            form = "".join(forms[p] if i % 2 else re.escape(p) for i, p in enumerate(pieces))
            if re.fullmatch(form, text):
                return True
    return False


def _json(body: bytes) -> dict[str, Any]:
    try:
        data = json.loads(body)
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}
