"""Our accounts with carrier, Zalo and push services, from the settings."""

from functools import cache

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from django.conf import settings

from telehealth.notifications.catalogue import SPECS
from telehealth.notifications.channels import sms, web_push, zalo
from telehealth.notifications.links import receipt_secret
from telehealth.notifications.push.vapid import application_server_key, development_key, private_key


def sms_account() -> sms.Account:
    callback = f"{settings.PUBLIC_ORIGIN}/api/notifications/sms/{receipt_secret()}/"
    return sms.Account(
        settings.SMS_URL, settings.SMS_KEY, settings.SMS_SECRET, settings.SMS_SENDER, callback=callback
    )


def zalo_account() -> zalo.Account:
    """Return the Zalo account; the stand-in has every text approved in both languages, under the kind's own name."""
    templates = settings.ZALO_TEMPLATES
    if settings.STAND_INS and not templates:
        templates = {key: key for kind in SPECS for key in (kind.value, f"{kind.value}.en")}
    return zalo.Account(settings.ZALO_URL, settings.ZALO_ACCESS_TOKEN, templates)


def push_sender() -> web_push.Sender:
    return web_push.Sender(vapid_key(), settings.VAPID_SUBJECT, settings.PUSH_SERVICES)


def vapid_key() -> EllipticCurvePrivateKey | None:
    """Return our key for push services; outside production one follows from the secret when none is set."""
    text = settings.VAPID_PRIVATE_KEY or ("" if settings.PRODUCTION else development_key(settings.SECRET_KEY))
    return _key(text) if text else None


def push_public_key() -> str:
    """Return what a browser needs to subscribe; empty when push is not set up."""
    key = vapid_key()
    return application_server_key(key) if key else ""


@cache
def _key(text: str) -> EllipticCurvePrivateKey:
    return private_key(text)
