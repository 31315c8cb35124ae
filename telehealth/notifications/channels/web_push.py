"""Web push (RFC 8030) to the browsers of one person."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

import httpx
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)

from telehealth.notifications.channels.outcome import Message, Outcome, Result, post
from telehealth.notifications.push import base64url
from telehealth.notifications.push.encryption import encrypt
from telehealth.notifications.push.vapid import authorization

GONE = {404, 410}


@dataclass(frozen=True)
class Sender:
    """Who we are to a push service. `key` is None when push is not set up; `services` are the hosts we send to."""

    key: EllipticCurvePrivateKey | None
    subject: str
    services: Sequence[str]


@dataclass(frozen=True)
class Browser:
    """A subscription: where to send, and the keys of RFC 8291."""

    id: UUID
    endpoint: str
    p256dh: str
    auth: str


def is_known_service(endpoint: str, services: Sequence[str]) -> bool:
    """Say whether an endpoint belongs to one of the push services we send to ("*." stands for subdomains).

    A browser tells us where to send, so anything else would let it send us anywhere in our own network.
    """
    url = urlsplit(endpoint)
    host = url.netloc.rpartition("@")[2]
    for service in services:
        scheme, _, wanted = service.rpartition("://")
        if url.scheme != (scheme or "https") or "@" in url.netloc:
            continue
        if host == wanted or (wanted.startswith("*.") and host.endswith(wanted[1:])):
            return True
    return False


def send(
    client: httpx.Client,
    sender: Sender,
    browsers: Sequence[Browser],
    message: Message,
    *,
    path: str,
    good_for: timedelta,
    urgent: bool,
    now: datetime,
) -> Outcome:
    """Send to every browser; return the best outcome, and which subscriptions are over."""
    if sender.key is None:
        return Outcome(Result.REFUSED, "push_off")
    text = json.dumps(
        {"title": message.title, "body": message.body, "url": path, "tag": message.reference},
        ensure_ascii=False,
        separators=(",", ":"),
    ).encode()
    outcomes: list[Outcome] = []
    gone: list[UUID] = []
    for browser in browsers:
        if not is_known_service(browser.endpoint, sender.services):
            gone.append(browser.id)
            continue
        answer = post(
            client,
            browser.endpoint,
            content=_sealed(text, browser),
            headers={
                "Authorization": authorization(
                    browser.endpoint, key=sender.key, subject=sender.subject, now=now
                ),
                "Content-Encoding": "aes128gcm",
                "Content-Type": "application/octet-stream",
                "TTL": str(max(0, int(good_for.total_seconds()))),
                "Urgency": "high" if urgent else "normal",
                "Topic": base64url.encode(
                    UUID(message.reference).bytes
                ),  # one of several counts, RFC 8030 §5.4
            },
        )
        if isinstance(answer, Outcome):
            outcomes.append(answer)
        elif answer.status_code in GONE:
            gone.append(browser.id)
        elif answer.is_success:
            outcomes.append(Outcome(Result.SENT))
        else:
            outcomes.append(Outcome(Result.REFUSED, f"push_{answer.status_code}"))
    return replace(_best(outcomes), gone=tuple(gone))


def _sealed(text: bytes, browser: Browser) -> bytes:
    return encrypt(
        text,
        browser=base64url.decode(browser.p256dh),
        auth=base64url.decode(browser.auth),
        ephemeral=generate_private_key(SECP256R1()),
        salt=secrets.token_bytes(16),
    )


def _best(outcomes: Sequence[Outcome]) -> Outcome:
    """One browser reached is enough; what may have been sent is not repeated."""
    for result in (Result.SENT, Result.UNKNOWN, Result.LATER, Result.REFUSED):
        for outcome in outcomes:
            if outcome.result == result:
                return outcome
    return Outcome(Result.REFUSED, "push_no_browser")
