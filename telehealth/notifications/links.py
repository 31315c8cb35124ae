"""The short link in a message: `/n/<token>/`. A number and a signature over it, 18 characters, because an SMS has 160."""

import hmac
from hashlib import sha256

from django.conf import settings

from telehealth.notifications.push import base64url

_NUMBER_BYTES, _SIGNATURE_BYTES = 5, 8


def token_of(notification_id: int) -> str:
    """Return the token that opens a message's page. Whoever has it is who was told: it is as secret as the message."""
    number = notification_id.to_bytes(_NUMBER_BYTES)
    return base64url.encode(number + _signature(number))


def notification_id_of(token: str) -> int | None:
    """Return the number in a token whose signature holds; None for any other text."""
    try:
        data = base64url.decode(token)
    except ValueError:
        return None
    number, signature = data[:_NUMBER_BYTES], data[_NUMBER_BYTES:]
    # A token has one spelling: bits that base64 drops must not make another.
    if base64url.encode(data) != token or not hmac.compare_digest(signature, _signature(number)):
        return None
    return int.from_bytes(number)


def link_of(notification_id: int) -> str:
    """Return the whole address."""
    return f"{settings.PUBLIC_ORIGIN}/n/{token_of(notification_id)}"


def _signature(number: bytes) -> bytes:
    """64 bits: guessing one of a million open messages takes 10¹³ requests."""
    key = f"notification link\0{settings.SECRET_KEY}".encode()
    return hmac.new(key, number, sha256).digest()[:_SIGNATURE_BYTES]


def receipt_secret() -> str:
    """Return the part of our receipt address that only the carrier knows: its receipts carry no signature."""
    key = f"receipts\0{settings.SECRET_KEY}".encode()
    return base64url.encode(hmac.new(key, b"sms", sha256).digest()[:18])
