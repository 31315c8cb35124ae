"""Secrets of other systems that must be read again: sealed with this installation's key (Fernet: AES-128-CBC, HMAC-SHA256).

What is sealed for one purpose cannot be opened for another. After SECRET_KEY was changed, SECRET_KEY_FALLBACKS still open.
"""

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.crypto import salted_hmac

_SALT = "telehealth.core.sealed"


class NotOurs(Exception):
    """What was sealed with a key this installation no longer has, or for another purpose."""


def seal(text: str, *, purpose: str) -> str:
    """Return the text so that only this installation can read it."""
    return _box(purpose).encrypt(text.encode()).decode()


def unseal(sealed: str, *, purpose: str) -> str:
    """Return what was sealed.

    Raises:
        NotOurs: it was sealed by another key or for another purpose, or was changed.
    """
    try:
        return _box(purpose).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise NotOurs from None


def _box(purpose: str) -> MultiFernet:
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    keys = [salted_hmac(_SALT, purpose, secret=secret, algorithm="sha256").digest() for secret in secrets]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])
