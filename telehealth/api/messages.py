"""What browsers and providers tell us about messages: a browser that takes pushes, and receipts of carrier and Zalo."""

import hmac
import json
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from telehealth.accounts.models import User
from telehealth.core import clock
from telehealth.core.errors import Invalid, NotFound
from telehealth.notifications.domain.sending import note_receipt
from telehealth.notifications.domain.wishes import subscribe_browser, unsubscribe_browser
from telehealth.notifications.enums import Channel
from telehealth.notifications.links import receipt_secret
from telehealth.web.http import signed_in

DONE = "5"
"""eSMS: the message has reached its final status."""


@require_http_methods(["POST", "DELETE"])
@signed_in
def push_browser(request: HttpRequest, user: User) -> HttpResponseBase:
    """Keep or forget this browser: JSON as `PushSubscription.toJSON()`, with a `label`."""
    told = _object(request.body)
    endpoint, keys = str(told.get("endpoint", "")), told.get("keys")
    if request.method == "DELETE":
        unsubscribe_browser(user=user, endpoint=endpoint, now=clock.now())
        return JsonResponse({})
    keys = keys if isinstance(keys, dict) else {}
    subscribe_browser(
        user=user,
        endpoint=endpoint,
        p256dh=str(keys.get("p256dh", "")),
        auth=str(keys.get("auth", "")),
        label=str(told.get("label", "")),
        now=clock.now(),
    )
    return JsonResponse({}, status=201)


@require_GET
def sms_receipt(request: HttpRequest, secret: str) -> HttpResponseBase:
    """Take the carrier's report of one message. It carries no signature, so the address itself is the secret."""
    if not hmac.compare_digest(secret.encode(), receipt_secret().encode()):
        raise _nothing_here()
    if request.GET.get("SendStatus") == DONE:
        note_receipt(
            channel=Channel.SMS,
            reference=request.GET.get("SMSID", ""),
            arrived=request.GET.get("SendSuccess", "0") != "0",
            code="sms_not_delivered",
            now=clock.now(),
        )
    return HttpResponse("OK", content_type="text/plain")


@csrf_exempt
@require_POST
def zalo_event(request: HttpRequest) -> HttpResponseBase:
    """Take Zalo's event that a message has reached the telephone (`user_received_message`), when its signature holds."""
    told = _object(request.body)
    if not settings.ZALO_WEBHOOK_SECRET or not _is_from_zalo(request, told):
        raise _nothing_here()
    message = told.get("message")
    if told.get("event_name") == "user_received_message" and isinstance(message, dict):
        note_receipt(
            channel=Channel.ZALO, reference=str(message.get("msg_id", "")), arrived=True, now=clock.now()
        )
    return HttpResponse("OK", content_type="text/plain")


def _is_from_zalo(request: HttpRequest, told: dict[str, Any]) -> bool:
    """`mac = sha256(appId + body + timestamp + secret)`, in the header X-ZEvent-Signature."""
    signed = b"".join(
        [
            settings.ZALO_APP_ID.encode(),
            request.body,
            str(told.get("timestamp", "")).encode(),
            settings.ZALO_WEBHOOK_SECRET.encode(),
        ]
    )
    given = request.headers.get("X-ZEvent-Signature", "").removeprefix("mac=")
    return hmac.compare_digest(given.encode(), sha256(signed).hexdigest().encode())


def _object(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise Invalid(
            "request.malformed",
            _("Máy chủ không hiểu yêu cầu này. Dữ liệu không thay đổi; hãy tải lại trang rồi thử lại."),
        )
    return told


def _nothing_here() -> NotFound:
    return NotFound("page.not_found", _("Không có trang này, hoặc anh/chị không có quyền xem."))
