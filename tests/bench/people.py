"""Signing people in without their pages: a session row and its cookie."""

from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from telehealth.accounts.hat import Hat


def cookie_of(hat: Hat) -> str:
    """Return the value of the session cookie of a fresh sign-in in this hat."""
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY] = str(hat.user.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = hat.user.get_session_auth_hash()
    store["membership"] = str(hat.membership.id)
    store.create()
    return str(store.session_key)
